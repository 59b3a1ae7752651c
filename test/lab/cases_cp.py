"""cp between any two places, and patterns."""
import os

import lab
from trees import TREE, grown, plant, same, summary
from trial import case


@case('plain', 'smb202')
def patterns(t):
    """a pattern in the last name: what matches goes into a folder"""
    files = {'a1.txt': b'1', 'a2.txt': b'2', 'b1.txt': b'3', 'c': b'4', 'a1.d/x': b'5'}
    plant(t.path('tree'), files, ())
    os.mkdir(t.file('to'))

    def get(pattern, *options):
        t.ok('get', *options, t.url('tree') + '/' + pattern, 'to')
        found = sorted(grown(t.file('to')))
        for folder, folders, names in os.walk(t.file('to'), topdown=False):
            for name in names:
                os.remove(os.path.join(folder, name))
            for name in folders:
                os.rmdir(os.path.join(folder, name))
        return found

    t.equal(get('*.txt'), ['a1.txt', 'a2.txt', 'b1.txt'])
    t.equal(get('a%3F.txt'), ['a1.txt', 'a2.txt'])
    t.equal(get('[bc]*'), ['b1.txt', 'c'])
    t.equal(get('a1*'), ['a1.txt'])
    t.equal(get('a1*', '-R'), ['a1.d', 'a1.d/x', 'a1.txt'])
    t.equal(get('*', '--exclude', 'a*'), ['b1.txt', 'c'])
    t.ok('get', t.url('tree') + '/b*', 'one')
    t.equal(t.local('one'), b'3')


@case()
def patterns_that_do_not_fit(t):
    """a pattern that matches nothing is not found; several need a folder"""
    plant(t.path('tree'), {'a1': b'1', 'a2': b'2', 'd/x': b'3'}, ())
    t.fails(4, 'get', t.url('tree') + '/z*', '.', says='nothing matches')
    t.fails(4, 'get', t.url('tree') + '/d*', '.', says='nothing matches')
    t.fails(4, 'get', t.url('nothing') + '/z*', '.')
    t.fails(4, 'get', t.url('tree') + '/a*', 'file', says='is not there.*directory')
    t.fails(2, 'get', t.url('tree') + '/a*', '-', says='directory')
    t.only(here=[])


@case()
def names_like_patterns(t):
    """a name that is there as it is spelt is no pattern, nor is what is percent-encoded"""
    plant(t.path('tree'), {'a[1]': b'brackets', 'a1': b'one'}, ())
    t.ok('get', t.url('tree') + '/a[1]', 'x')
    t.equal(t.local('x'), b'brackets')
    t.ok('get', t.url('tree') + '/a%5B1]', 'y')
    t.equal(t.local('y'), b'brackets')
    os.remove(t.path('tree/a[1]'))
    t.ok('get', t.url('tree') + '/a[1]', 'z')
    t.equal(t.local('z'), b'one')
    t.fails(4, 'get', t.url('tree') + '/a%5B1]', 'y', says='NOT_FOUND')


@case('plain', 'seal', 'sign', 'smb202')
def on_one_server(t):
    """cp of a file and of a tree on one server: the server copies"""
    plant(t.path('tree'))
    result = t.ok('cp', '--json', t.url('tree/big.bin'), t.url('copy.bin'))
    t.equal(t.remote('copy.bin'), TREE['big.bin'])
    t.check(summary(result)['on_server'], f'the bytes came here: {result}')
    name = os.path.basename(t.folder)
    result = t.ok('cp', '--json', t.url('tree/big.bin'), t.url(name, share='open', folder=''))
    t.check(summary(result)['on_server'], f'the bytes came here on their way to another share: {result}')
    with open(t.samba.local(name, 'open'), 'rb') as file:
        t.equal(file.read(), TREE['big.bin'])
    t.ok('cp', '-R', t.url('tree'), t.url('copied'))
    same(t, t.path('copied'))
    os.mkdir(t.path('into'))
    os.chmod(t.path('into'), 0o777)
    t.ok('cp', t.url('tree/a.txt'), t.url('into'))
    t.equal(t.remote('into/a.txt'), b'a')
    t.ok('cp', '-m', t.url('tree/a.txt'), t.url('new/path/b.txt'))
    t.equal(t.remote('new/path/b.txt'), b'a')


@case()
def onto_the_same(t):
    """cp of a file onto itself changes nothing; a tree does not go into itself for ever"""
    plant(t.path('tree'))
    for option in ('--atomic', '--in-place'):
        t.run('cp', option, t.url('tree/big.bin'), t.url('tree/big.bin'))
        t.equal(t.remote('tree/big.bin'), TREE['big.bin'])
    t.fails(1, 'cp', '-R', t.url('tree'), t.url('tree'), says='is the directory')
    t.ok('cp', '-R', t.url('tree'), t.url('tree/inside'))
    same(t, t.path('tree/inside'), times=False)
    elsewhere = t.url('tree').replace('127.0.0.1', 'localhost')
    t.check('localhost' in elsewhere, elsewhere)
    t.fails(1, 'cp', '-R', elsewhere, t.url('tree'), says='is the directory')
    result = t.ok('cp', '-R', t.url('tree'), elsewhere + '/deep')
    t.check(b'not copied into itself' in result.err, f'no warning: {result}')
    t.check(not os.path.exists(t.path('tree/deep/deep')), 'copied into itself')


@case()
def sources_that_are_not_there(t):
    """cp -m of nothing makes nothing"""
    t.fails(4, 'cp', '-m', t.url('nothing'), 'a/b/c')
    t.fails(4, 'cp', '-m', '-R', t.url('nothing'), 'a/b/c')
    t.fails(4, 'cp', '-m', t.url('nothing'), t.url('a/b/c'))
    t.only(here=[], there=[])


@case()
def between_servers(t):
    """cp and cp -R from one server to another"""
    plant(t.path('tree'))
    with lab.Samba('seal') as other:
        root = other.local('here')
        os.mkdir(root)
        os.chmod(root, 0o777)
        there = f'smb://alice@{other.host}:{other.port}/data/here'
        result = t.ok('cp', '--json', t.url('tree/big.bin'), f'{there}/big.bin')
        t.check(not summary(result)['on_server'], f'on which server? {result}')
        t.ok('cp', '-R', t.url('tree'), f'{there}/tree')
        same(t, os.path.join(root, 'tree'))
        t.ok('cp', '-R', f'{there}/tree', t.url('back'))
        same(t, t.path('back'))
        plant(t.path('many'), {f'{at:03}': b'x' for at in range(600)}, ())
        result = t.ok('cp', '-R', '--connections', '3', '--stats', '--json', t.url('many'), f'{there}/many')
        t.check(2 < summary(result, 'stats')['connections'] <= 6, f'connections: {result}')
        t.equal(len(grown(os.path.join(root, 'many'))), 600)


@case()
def cp_with_this_machine(t):
    """cp takes local paths and -, too"""
    plant(t.file('from'))
    t.ok('cp', '-R', 'from', t.url('tree'))
    same(t, t.path('tree'))
    t.ok('cp', '-R', t.url('tree'), 'to')
    same(t, t.file('to'))
    t.equal(t.ok('cp', t.url('tree/a.txt'), '-').out, b'a')
    t.ok('cp', '-', t.url('in'), data=b'from a pipe')
    t.equal(t.remote('in'), b'from a pipe')
