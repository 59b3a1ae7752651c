"""A server that is not Samba: impacket's, which speaks 2.0.2 only and takes liberties."""
import os

from foreign import Foreign, Missing
from trial import Skip, case, noise


def _visit(t, work):
    """Run `work` with the URL of the server's share and with its folder, which is ours."""
    try:
        server = Foreign('alice', t.samba.password, t.samba.root)
    except Missing as missing:
        raise Skip(str(missing)) from None
    with server:
        work(f'smb://alice@127.0.0.1:{server.port}/data', server.data)


def _place(folder, name, data):
    with open(os.path.join(folder, name), 'wb') as out:
        out.write(data)


@case()
def foreign_names_and_data(t):
    """a foreign server: get, mkdir, rename, list, delete"""
    def work(url, folder):
        data = noise(3_000_001)
        _place(folder, 'a', data)
        t.ok('get', url + '/a', t.file('back'))
        t.equal(t.local('back'), data)
        t.ok('mkdir', url + '/d')
        t.ok('mv', url + '/a', url + '/d/c')
        t.check('c' in t.ok('ls', url + '/d').lines(), 'ls does not show what was moved')
        t.equal(t.ok('cat', url + '/d/c').out, data)
        t.ok('rm', '-R', url + '/d')
        t.equal(t.ok('ls', url).lines(), [], 'what is left')
    _visit(t, work)


@case()
def foreign_refusals(t):
    """a foreign server: errors, a wrong password, demands it cannot meet"""
    def work(url, folder):
        t.fails(4, 'get', url + '/nothing', t.file('x'))
        t.fails((1, 3), 'ls', url, env={'LAVA_SMB_PASSWORD': 'wrong'})
        t.fails(7, '--min-dialect', '2.1', 'ls', url, says='dialect')
        t.fails(7, '--encrypt', 'required', 'ls', url)
        t.only(here=[])
    _visit(t, work)


@case()
def foreign_unsigned(t):
    """a foreign server that signs nothing is refused where signing is required"""
    def work(url, folder):
        result = t.run('--sign', 'required', 'ls', url)
        t.check(result.status in (0, 7), f'neither signed nor refused: {result}')
    _visit(t, work)


@case()
def foreign_put(t):
    """a foreign server: put and replace, small and large"""
    def work(url, folder):
        for size in (5, 70_000, 3_000_001):
            for seed in (1, 2):
                data = noise(size, seed)
                t.ok('put', t.make('a', data), url + f'/f{size}')
                t.ok('get', url + f'/f{size}', t.file('back'))
                t.equal(t.local('back'), data)
        t.served(folder, ['f3000001', 'f5', 'f70000'], 'names on the server')
    _visit(t, work)
