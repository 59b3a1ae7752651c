"""get -R and put -R: what comes back, names, times, links, filters, and what fails."""
import os
import shutil
import signal
import socket
import time

from cases_stop import through
from trees import LONG_AGO, TREE, EMPTY, grown, plant, same, summary
from trial import case, noise


@case('plain', 'sign', 'seal', 'smb202', 'smb30', 'smallio', 'tinycredits')
def there_and_back(t):
    """put -R and get -R: a tree comes back with its empty folders and its times"""
    plant(t.file('from'))
    t.ok('put', '-R', 'from', t.url('tree'))
    same(t, t.path('tree'))
    t.ok('get', '-R', t.url('tree'), 'to')
    same(t, t.file('to'))


@case('plain', 'seal')
def onto_itself(t):
    """a tree that is there already is replaced file by file, and what it has besides stays"""
    plant(t.file('from'))
    plant(t.path('tree'), {'a.txt': b'old and longer', 'kept': b'k'}, ())
    for _ in range(2):
        t.ok('put', '-R', 'from', t.url('tree'))
        same(t, t.path('tree'), {**TREE, 'kept': b'k'}, EMPTY, times=False)
    plant(t.file('to'), {'a.txt': b'old', 'mine': b'm'}, ())
    for _ in range(2):
        t.ok('get', '-R', t.url('tree'), 'to/')
        same(t, t.file('to'), {**TREE, 'kept': b'k', 'mine': b'm'}, EMPTY, times=False)


@case()
def many_small(t):
    """2000 small files both ways, over several connections"""
    files = {f'{at % 20:02}/{at:04}': noise(at % 300, at) for at in range(2000)}
    plant(t.file('from'), files, ())
    t.ok('put', '-R', '--connections', '3', 'from', t.url('tree'))
    same(t, t.path('tree'), files)
    t.ok('get', '-R', '--connections', '3', t.url('tree'), 'to')
    same(t, t.file('to'), files)


@case()
def told_connections(t):
    """--connections 1 is one connection, and --stats counts"""
    plant(t.path('tree'), {f'{at:03}': b'x' for at in range(400)}, ())
    one = t.ok('get', '-R', '--connections', '1', '--stats', '--json', t.url('tree'), 'one')
    t.equal(summary(one, 'stats')['connections'], 1, 'connections')
    t.equal(summary(one)['files'], 400, 'files')
    four = t.ok('get', '-R', '--connections', '4', '--stats', '--json', t.url('tree'), 'four')
    t.check(1 <= summary(four, 'stats')['connections'] <= 4, f'connections: {four}')
    t.equal(grown(t.file('one')), grown(t.file('four')))


def _at_work(t, before):
    """The processes of the server that are new and have come to the share, oldest first."""
    def place(pid):
        try:
            return os.readlink(f'/proc/{pid}/cwd')
        except OSError:
            return ''

    return [pid for pid in t.samba.clients() if pid not in before and place(pid) == os.path.dirname(t.samba.local())]


@case()
def first_connection_dies(t):
    """a tree goes on when the server ends its first connection, both ways"""
    files = {f'{at % 20:02}/{at:04}': noise(2000, at) for at in range(1500)}
    plant(t.file('from'), files, ())
    for words in (('put', '-R', 'from', t.url('tree')), ('get', '-R', t.url('tree'), 'to')):
        before = set(t.samba.clients())
        process = t.start(*words, '--connections', '4', '--limit-rate', '500K', '--stats', '--json')
        t.until(lambda: len(_at_work(t, before)) > 1 or process.poll() is not None, 'no second connection')
        t.check(process.poll() is None, 'it ended before a connection could')
        os.kill(_at_work(t, before)[0], signal.SIGTERM)
        result = t.finish(process)
        t.equal(result.status, 0, str(result))
        t.equal(summary(result, 'stats')['lost'], 1, 'lost connections')
        if words[0] == 'put':  # what else it has left in the midst of a rename is the server's own affair
            for name, data in files.items():
                t.equal(t.remote(f'tree/{name}'), data, name)
            shutil.rmtree(t.path('tree'))
            plant(t.path('tree'), files, ())
    same(t, t.file('to'), files)


@case()
def without_times(t):
    """--no-times leaves the time of arrival; --times keeps that of a single file"""
    began = time.time_ns() - 2_000_000_000
    plant(t.path('tree'), {'x': b'1'}, ())
    t.ok('get', '-R', '--no-times', t.url('tree'), 'to')
    t.check(os.stat(t.file('to/x')).st_mtime_ns > began, 'keeps the time')
    t.ok('get', t.url('tree/x'), 'plain')
    t.check(os.stat(t.file('plain')).st_mtime_ns > began, 'get of one file keeps the time')
    t.ok('get', '--times', t.url('tree/x'), 'kept')
    t.equal(os.stat(t.file('kept')).st_mtime_ns, LONG_AGO)
    t.ok('put', '--times', 'kept', t.url('back'))
    t.equal(os.stat(t.path('back')).st_mtime_ns, LONG_AGO)


ODD = ('a:b', 'what?', 'st*r', '"quoted"', '<less>', 'p|pe', 'back\\slash', 'dot.', 'blank ', 'bell\x07')


@case()
def reserved_characters(t):
    """names that a share cannot have go there mapped and come back as they were"""
    files = {f'{name}/{name}': name.encode() for name in ODD}
    plant(t.file('from'), files, ())
    for names, sample in (('sfm', 'a\uf022b'), ('sfu', 'a\uf03ab')):
        t.ok('put', '-R', '--names', names, 'from', t.url(names))
        t.check(sample in os.listdir(t.path(names)), f'{names}: {os.listdir(t.path(names))}')
        t.ok('get', '-R', '--names', names, t.url(names), f'to-{names}')
        same(t, t.file(f'to-{names}'), files)


@case()
def names_unmapped(t):
    """--names none: what the server refuses fails, the rest is copied"""
    plant(t.file('from'), {'fine': b'1', 'no|ne': b'2'}, ())
    t.fails(9, 'put', '-R', '--names', 'none', 'from', t.url('tree'), says=r'no\|ne')
    same(t, t.path('tree'), {'fine': b'1'}, times=False)


@case()
def two_cases_one_name(t):
    """two names that are one to the share: the second fails, and the first is whole"""
    plant(t.file('from'), {'öl': b'1', 'ÖL': b'2', 'other': b'3'}, ())
    t.fails(9, 'put', '-R', 'from', t.url('tree'), says='(öl|ÖL)')
    found = grown(t.path('tree'))
    t.equal(len(found), 2, f'files: {found}')
    t.check((b'1' if 'öl' in found else b'2') in found.values(), f'neither: {found}')


@case('plain', 'seal')
def some_fail(t):
    """what cannot be read is told by name, the rest is copied, and the exit status is 9"""
    plant(t.path('tree'))
    os.chmod(t.path('tree/sub/b.txt'), 0)
    os.chmod(t.path('tree/sub/deeper'), 0)
    result = t.run('get', '-R', t.url('tree'), 'to')
    t.failed(result, 9, says=r'sub\\b\.txt.*STATUS_ACCESS_DENIED')
    t.failed(result, 9, says=r'sub\\deeper.*STATUS_ACCESS_DENIED')
    found = grown(t.file('to'))
    t.equal(found.get('big.bin'), TREE['big.bin'])
    t.check('sub/b.txt' not in found and 'sub/deeper/c.bin' not in found, 'more than could be read')


@case()
def not_files(t):
    """put -R: links are left alone, and so are pipes and sockets, by name"""
    plant(t.file('from'), {'x': b'1'}, ())
    os.symlink('/etc/passwd', t.file('from/link'))
    os.symlink('..', t.file('from/up'))
    t.ok('put', '-R', 'from', t.url('links'))
    same(t, t.path('links'), {'x': b'1'}, times=False)
    os.mkfifo(t.file('from/pipe'))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(t.file('from/socket'))
        result = t.ok('put', '-R', 'from', t.url('tree'))
    for name in (b'pipe', b'socket'):
        t.check(name + b' is no regular file' in result.err, f'{name} is not told of: {result}')
    same(t, t.path('tree'), {'x': b'1'}, times=False)


@case()
def links_on_the_share(t):
    """get -R does not go where links lead, round in circles neither"""
    plant(t.path('kept'), {'secret': b's'}, ())
    plant(t.path('tree'), {'x': b'1', 'd/y': b'2'}, ())
    os.symlink('../kept', t.path('tree/out'))
    os.symlink('..', t.path('tree/d/up'))
    os.symlink('.', t.path('tree/self'))
    t.ok('get', '-R', t.url('tree'), 'to')
    same(t, t.file('to'), {'x': b'1', 'd/y': b'2'}, times=False)


@case()
def links_on_the_way(t):
    """get -R never writes through a link out of its target"""
    plant(t.path('tree'), {'d/x': b'new', 'f': b'new', 'g': b'new'}, ())
    plant(t.file('outside'), {'x': b'old', 'f': b'old'}, ())
    os.mkdir(t.file('to'))
    os.symlink('../outside', t.file('to/d'))
    os.symlink('../outside/f', t.file('to/f'))
    t.run('get', '-R', t.url('tree'), 'to')
    t.equal(grown(t.file('outside')), {'x': b'old', 'f': b'old'}, 'outside')
    t.equal(grown(t.file('to')).get('g'), b'new', 'what is no link')


@case()
def target_is_a_link(t):
    """the target itself may be a link to a folder"""
    plant(t.path('tree'), {'x': b'1'}, ())
    os.mkdir(t.file('real'))
    os.symlink('real', t.file('to'))
    t.ok('get', '-R', t.url('tree'), 'to')
    t.equal(t.local('real/x'), b'1')


@case()
def filters(t):
    """--include and --exclude, by name and by path"""
    files = {name: b'1' for name in ('a.c', 'a.h', 'x/b.c', 'x/tmp/c.c', 'y/tmp', 'doc/read', 'doc/b.c')}
    plant(t.path('tree'), files, ())

    def get(*options):
        t.ok('get', '-R', *options, t.url('tree'), 'to')
        found = sorted(name for name, data in grown(t.file('to')).items() if data is not None)
        os.rename(t.file('to'), t.file(f'done {len(os.listdir(t.home))}'))
        return found

    t.equal(get('--include', '*.c'), ['a.c', 'doc/b.c', 'x/b.c', 'x/tmp/c.c'])
    t.equal(get('--include', '*.c', '--exclude', 'tmp'), ['a.c', 'doc/b.c', 'x/b.c'])
    t.equal(get('--exclude', 'tmp', '--exclude', '/doc'), ['a.c', 'a.h', 'x/b.c'])
    t.equal(get('--include', 'doc', '--include', 'x/*.c'), ['doc/b.c', 'doc/read', 'x/b.c'])
    t.equal(get('--exclude', '*'), [])
    plant(t.file('from'), files, ())
    t.ok('put', '-R', '--exclude', '*.c', 'from', t.url('new'))
    t.check('a.c' not in grown(t.path('new')) and 'a.h' in grown(t.path('new')), 'put does not filter')


@case()
def filters_need_a_tree(t):
    """filters without a tree, -R of a pipe, and so on: usage errors"""
    t.place('x', b'1')
    t.fails(2, 'get', '--include', 'x', t.url('x'), 'y', says='-R')
    t.fails(2, 'get', '-R', t.url('x'), '-', says='-R')
    t.fails(2, 'put', '-R', '-', t.url('y'), says='-R')
    t.fails(2, 'cp', 'a', 'b', says='share')
    t.fails(2, 'get', '--verify', t.url('x'), '-', says='read back')
    t.only(here=[], there=['x'])


@case()
def parents(t):
    """put -R -m makes what is missing above the target, put -R does not"""
    plant(t.file('from'), {'x': b'1'}, ())
    t.fails(4, 'put', '-R', 'from', t.url('a/b/tree'))
    t.only(there=[])
    t.ok('put', '-R', '-m', 'from', t.url('a/b/tree'))
    same(t, t.path('a/b/tree'), {'x': b'1'})


@case()
def file_with_r(t):
    """-R of a file copies the file"""
    t.place('x', b'1')
    t.ok('get', '-R', t.url('x'), 'y')
    t.equal(t.local('y'), b'1')
    t.ok('put', '-R', 'y', t.url('z'))
    t.equal(t.remote('z'), b'1')


@case()
def targets_that_cannot_be(t):
    """a file in the place of a folder, and a folder in that of a file"""
    plant(t.path('tree'), {'x': b'1', 'd/y': b'2'}, ())
    t.make('file', b'f')
    t.fails((1, 9), 'get', '-R', t.url('tree'), 'file')
    t.equal(t.local('file'), b'f')
    plant(t.file('to'), {'d': b'a file', 'x/in': b'in a folder'}, ())
    t.fails(9, 'get', '-R', t.url('tree'), 'to')
    same(t, t.file('to'), {'d': b'a file', 'x/in': b'in a folder'}, times=False)
    t.fails(4, 'get', '-R', t.url('nothing'), 'new', says=r'\[NtStatus STATUS_OBJECT_NAME_NOT_FOUND\]')
    t.fails(4, 'put', '-R', 'nothing', t.url('new'))
    t.fails(1, 'put', 'to', t.url('new'), says='is a directory')


@case('guest', hostile=True)
def evil_names(t):
    """hostile get -R: names that lead out of the target are refused, the rest is copied"""
    top = os.path.basename(t.folder)
    plant(t.samba.local(top, 'open'), {'harmless': b'evil', 'fine': b'1'}, ())
    url = t.url(user=None, share='open', folder=top)
    os.makedirs(t.file('a/b'))
    for fault in range(5):
        with through(t, f'evil-names:{fault}') as proxy:
            result = t.run('get', '-R', '--anonymous', url.replace(str(t.samba.port), str(t.port)), 'a/b/to')
            t.failed(result, (6, 9))
            t.check(proxy.hits > 0, f'no name was changed: {result}')
        t.check(set(grown(t.home)) <= {'a', 'a/b', 'a/b/to', 'a/b/to/fine'}, f'{fault}: {sorted(grown(t.home))}')
