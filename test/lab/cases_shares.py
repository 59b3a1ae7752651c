"""What a server shares, and files that are copied on it without coming here."""
import os

from cases_metadata import api, there
from trial import case, noise

SHARES = ['IPC$', 'data', 'dfs', 'open', 'ro', 'vault']
MIB = 1 << 20


def server(t):
    return f'smb://alice@{t.host}:{t.port}'


def listed(t):
    """name -> (kind, comment)"""
    rows = [line.split('\t') for line in t.ok('shares', server(t)).lines()]
    return {row[0]: tuple(row[1:]) for row in rows}


@case('plain', 'smb202', 'smb21', 'smb30', 'smb302', 'sign', 'seal', 'hmac', 'tinycredits', 'smallio', 'netbios')
def all_shares(t):
    """every share is listed, IPC$ too"""
    found = listed(t)
    t.equal(sorted(found), SHARES)
    t.equal(found['data'], ('disk', ''))
    t.equal(found['IPC$'][0], 'ipc')


@case('comments')
def comments(t):
    """what is said about a share is shown"""
    found = listed(t)
    t.equal(found['open'], ('disk', 'für alle, 5 €'))
    t.check('the lab' in found['IPC$'][1], f'the comment on IPC$ is {found["IPC$"]}')


@case('plain', 'smb202', 'seal')
def copy_on_the_server(t):
    """a file is copied on the server, whole, over a longer and a shorter one and beside them"""
    content = noise(20 * MIB + 4711)
    t.place('from', content)
    t.place('longer', bytes(len(content) + 1))
    t.place('shorter', b'x')
    for name in ('new', 'longer', 'shorter'):
        api(t, 'server-copy', there(t, 'from'), 'data', there(t, name))
        t.equal(t.remote(name), content, name)
    t.only(there=['from', 'longer', 'new', 'shorter'])


@case()
def copy_sparse(t):
    """a sparse file of a gigabyte and a bit is copied on the server"""
    with open(t.place('from', b'head'), 'ab') as file:
        file.truncate(1024 * MIB)
        file.write(b'tail')
    api(t, 'server-copy', there(t, 'from'), 'data', there(t, 'to'))
    with open(t.path('to'), 'rb') as file:
        t.equal(file.read(8), b'head\0\0\0\0')
        t.equal(file.seek(-8, os.SEEK_END), 1024 * MIB - 4, 'size')
        t.equal(file.read(), b'\0\0\0\0tail')


@case('plain', 'seal')
def copy_across(t):
    """a file is copied from share to share on the server, also to one that is encrypted"""
    content = noise(3 * MIB)
    t.place('from', content)
    api(t, 'server-copy', there(t, 'from'), 'vault', 'across')
    with open(t.samba.local('across', share='vault'), 'rb') as file:
        t.equal(file.read(), content)


def asked(result):
    """what a run with --stats asked for: command -> answers"""
    rows = [line.split() for line in result.err.decode().splitlines()]
    return {row[0]: int(row[1]) for row in rows if row and row[0].isupper() and len(row) > 2}


@case('plain', 'sign', 'seal', 'tinycredits')
def copy_taken_over(t):
    """cp within a session is made by the server: new, over another file, in place, on another share"""
    content = noise(20 * MIB + 4711)
    t.place('from', content)
    t.place('old', b'x')
    t.place('longer', bytes(len(content) + 1))
    inode = os.stat(t.path('longer')).st_ino
    for target, *options in ((t.url('new'),), (t.url('old'),), (t.url('longer'), '--in-place'),
                             (t.url('taken', share='vault', folder=''),)):
        commands = asked(t.ok('cp', '--stats', *options, t.url('from'), target))
        t.check('IOCTL' in commands and 'WRITE' not in commands, f'it asked for {commands}')
    for name in ('new', 'old', 'longer'):
        t.equal(t.remote(name), content, name)
    t.equal(os.stat(t.path('longer')).st_ino, inode, 'file number')
    with open(t.samba.local('taken', share='vault'), 'rb') as file:
        t.equal(file.read(), content)
    t.only(there=['from', 'longer', 'new', 'old'])


@case()
def copy_onto_itself(t):
    """a file is not copied onto itself, however it is called"""
    content = noise(MIB)
    t.place('a', content)
    os.symlink('a', t.path('link'))
    os.link(t.path('a'), t.path('hard'))
    for name in ('a', 'A', 'link', 'hard'):
        t.fails(2, 'cp', '--in-place', t.url('a'), t.url(name), says='the very file')
    t.fails(2, 'cp', t.url('a'), t.url('a'), says='the very file')
    t.equal(t.remote('a'), content)


@case('smb202')
def copy_to_a_share_that_refuses(t):
    """a share that may not be used is asked for once"""
    t.place('from', noise(MIB))
    target = t.url('to', share='vault', folder='')
    result = t.fails(5, 'cp', '--stats', t.url('from'), target, says='demands encryption')
    t.check(asked(result)['TREE_CONNECT'] <= 2, f'it asked for {asked(result)}')


@case()
def copy_refused(t):
    """a copy on the server that cannot be made says why and leaves nothing"""
    t.place('from', b'hello')
    api(t, 'server-copy', there(t, 'nothing'), 'data', there(t, 'to'), fails='STATUS_OBJECT_NAME_NOT_FOUND')
    api(t, 'server-copy', there(t, 'from'), 'data', 'denied/to', fails='STATUS_ACCESS_DENIED')
    api(t, 'server-copy', there(t, 'from'), 'data', 'readonly', fails='STATUS_ACCESS_DENIED')
    api(t, 'server-copy', there(t, 'from'), 'ro', 'to', fails='STATUS_')
    api(t, 'server-copy', there(t, 'from'), 'data', there(t, 'from'), fails='the very file')
    api(t, 'server-copy', there(t, 'from'), 'data', there(t), fails='STATUS_FILE_IS_A_DIRECTORY')
    t.equal(t.remote('from'), b'hello')
    t.only(there=['from'])
