"""ls, stat, mkdir, rm, mv: as coreutils would."""
import json
import os

from trial import case, noise


@case('plain', 'smb202', 'smallio', 'seal')
def many_names(t):
    """a folder of 3000 files is listed whole"""
    names = [f'file-{number:04}-{"x" * (number % 90)}' for number in range(3000)]
    for name in names:
        open(t.path(name), 'wb').close()
    t.equal(sorted(t.ok('ls', t.url()).lines()), names, 'ls')


@case()
def list_forms(t):
    """ls -l, ls of one file"""
    os.mkdir(t.path('d'))
    t.place('x', b'12345')
    t.check('x' in t.ok('ls', '-l', t.url()).text, 'ls -l does not show x')
    t.check('5' in t.ok('ls', '-l', t.url('x')).text, 'ls -l does not show the size')
    t.check('x' in t.ok('ls', t.url('x')).text, 'ls of a file does not show it')


@case()
def list_tree(t):
    """ls -R descends"""
    os.mkdir(t.path('d'))
    t.place('d/in', b'12')
    t.check('in' in t.ok('ls', '-R', t.url()).text, 'ls -R does not descend')


@case()
def list_json(t):
    """ls --json is JSON"""
    t.place('x', b'1')
    t.place('y', b'1')
    text = t.ok('ls', '--json', t.url()).text
    try:
        found = json.loads(text)
    except ValueError:
        found = [json.loads(line) for line in text.splitlines()]
    t.equal(len(found), 2, 'entries in ls --json')


@case()
def stat_json(t):
    """stat --json is JSON and has the size"""
    t.place('x', noise(4711))
    t.check(4711 in json.loads(t.ok('stat', '--json', t.url('x')).text).values(), 'no size')


@case()
def list_missing(t):
    """ls and stat of what is not there"""
    t.fails(4, 'ls', t.url('nothing'), says=r'\[NtStatus STATUS_')
    t.fails(4, 'stat', t.url('nothing'), says=r'\[NtStatus STATUS_OBJECT_NAME_NOT_FOUND\]')
    t.fails(4, 'stat', t.url('no/thing'), says=r'\[NtStatus STATUS_OBJECT_PATH_NOT_FOUND\]')


@case()
def mkdir_again(t):
    """mkdir of what exists, and without its parent"""
    t.ok('mkdir', t.url('d'))
    t.fails(1, 'mkdir', t.url('d'))
    t.fails(4, 'mkdir', t.url('no/d'))
    t.place('file', b'')
    t.fails(1, 'mkdir', '-p', t.url('file'))


@case()
def remove(t):
    """rm of a file, a folder, of nothing"""
    os.mkdir(t.path('d'))
    t.place('x', b'')
    t.ok('rm', t.url('x'))
    t.fails(4, 'rm', t.url('nothing'))
    t.fails(1, 'rm', t.url('d'))
    t.only(there=['d'])


@case()
def remove_tree(t):
    """rm -R of a tree of many files"""
    os.mkdir(t.path('d'))
    os.chmod(t.path('d'), 0o777)
    for number in range(300):
        t.place(f'd/{number}', b'')
    t.ok('rm', '-R', t.url('d'))
    t.only(there=[])


def _tree_with_link(t):
    """A folder d with a link that Samba follows by itself: it looks like a folder."""
    for name in ('kept', 'kept/sub', 'd'):
        os.mkdir(t.path(name))
        os.chmod(t.path(name), 0o777)
    t.place('kept/x', b'12345')
    t.place('kept/sub/y', b'')
    os.symlink('../kept', t.path('d/link'))


@case('plain', 'smb202')
def tree_with_link(t):
    """rm -R removes a link, not what it leads to"""
    _tree_with_link(t)
    t.run('rm', '-R', t.url('d'))
    t.check(os.path.exists(t.path('kept/x')), 'rm -R followed a link')
    t.check(os.path.exists(t.path('kept/sub/y')), 'rm -R followed a link')


@case()
def tree_that_is_a_link(t):
    """rm -R of a link does not touch what it leads to"""
    _tree_with_link(t)
    os.symlink('kept', t.path('link'))
    t.run('rm', '-R', t.url('link'))
    t.run('rm', '-R', t.url('d/link'))
    t.check(os.path.exists(t.path('kept/x')), 'rm -R followed a link')
    t.check(os.path.exists(t.path('kept/sub/y')), 'rm -R followed a link')


@case()
def links_that_go_round(t):
    """ls -R and du do not follow a link, nor go round in circles"""
    _tree_with_link(t)
    os.symlink('..', t.path('d/up'))
    os.symlink('.', t.path('d/self'))
    t.check('x' not in t.ok('ls', '-R', t.url('d')).lines(), 'ls -R follows a link')
    t.equal(t.ok('du', '-b', t.url('d')).lines(), [f'0\t{t.url("d")}'], 'du')
    t.check('x' in t.ok('ls', '-R', t.url('d/link')).lines(), 'ls -R of a link does not list it')


@case()
def sums(t):
    """du sums up what directories hold"""
    for name in ('a', 'a/b'):
        os.mkdir(t.path(name))
    t.place('a/x', noise(3000))
    t.place('a/b/y', noise(4000))
    t.equal(t.ok('du', '-b', t.url('a')).lines(), [f'4000\t{t.url("a")}/b', f'7000\t{t.url("a")}'])
    t.equal(t.ok('du', '-b', '-s', t.url('a'), t.url('a/x')).lines(),
            [f'7000\t{t.url("a")}', f'3000\t{t.url("a/x")}'])
    t.equal(json.loads(t.ok('du', '-b', '-s', '--json', t.url('a')).text),
            [{'argument': t.url('a'), 'path': '', 'bytes': 7000, 'files': 2, 'directories': 1}])


@case()
def tree_in_part(t):
    """rm -R goes on behind what it may not delete, and ends with 9"""
    os.mkdir(t.path('d'))
    os.chmod(t.path('d'), 0o777)
    for name in ('a', 'b', 'c'):
        os.mkdir(t.path(f'd/{name}'))
        os.chmod(t.path(f'd/{name}'), 0o777)
        t.place(f'd/{name}/x', b'')
    os.chmod(t.path('d/b'), 0o555)
    t.fails(9, 'rm', '-R', t.url('d'), says='ACCESS_DENIED')
    t.equal(sorted(os.listdir(t.path('d'))), ['b'], 'what is left')


@case('plain', 'sign', 'smb202')
def move(t):
    """mv renames, replaces, and moves into a folder"""
    os.mkdir(t.path('d'))
    os.chmod(t.path('d'), 0o777)
    t.place('x', b'x')
    t.ok('mv', t.url('x'), t.url('y'))
    t.place('z', b'old')
    t.ok('mv', t.url('y'), t.url('z'))
    t.equal(t.remote('z'), b'x')
    t.ok('mv', t.url('z'), t.url('d'))
    t.equal(t.remote('d/z'), b'x')
    t.only(there=['d'])
    t.fails(4, 'mv', t.url('nothing'), t.url('x'))


@case()
def move_folder(t):
    """mv of a folder"""
    os.mkdir(t.path('d'))
    os.chmod(t.path('d'), 0o777)
    t.place('d/x', b'x')
    t.ok('mv', t.url('d'), t.url('e'))
    t.equal(t.remote('e/x'), b'x')
    t.only(there=['e'])
