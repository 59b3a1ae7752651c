"""-R with S3 on one side."""
import os

from cases_s3 import PART, is_proven
from trees import LONG_AGO, grown, plant, summary
from trial import case, noise

FILES = {'a.txt': b'a', 'empty': b'', 'big.bin': noise(PART + 99), 'sub/b.txt': noise(70_000), 'a b/c+d/%20': b'odd',
         'sub/deeper/c.bin': noise(4096), 'grüße-日本.txt': b'u', '.hidden': b'h', 'sub/sub/sub/x': b'x'}


def _objects(t, prefix=''):
    return {key[len(prefix):]: t.s3.get(key) for key in t.s3.keys(prefix)}


def _files(root):
    return {name: data for name, data in grown(root).items() if data is not None}


def _same(t, found, wanted):
    t.equal(sorted(found), sorted(wanted), 'names')
    for name, data in wanted.items():
        t.equal(found[name], data, name)


@case('plain', 'seal', aws=True)
def share_tree_there_and_back(t):
    """a tree on a share to S3 and back: files, times, nothing for folders"""
    plant(t.path('tree'), FILES, ('no files',))
    t.ok('get', '-R', t.url('tree'), t.s3.url('to/here'))
    _same(t, _objects(t, 'to/here/'), FILES)
    t.equal(len(t.s3.keys()), len(FILES))
    is_proven(t, 'to/here/big.bin', FILES['big.bin'])
    mtime = float(t.s3.head('to/here/a.txt')['x-amz-meta-mtime'])
    t.check(abs(mtime - LONG_AGO / 1e9) < 0.001, f'mtime {mtime}')
    t.ok('put', '-R', t.s3.url('to/here'), t.url('back'))
    _same(t, _files(t.path('back')), FILES)
    t.equal(os.stat(t.path('back/sub/b.txt')).st_mtime_ns // 1000, LONG_AGO // 1000, 'time of a file')


@case(aws=True)
def local_tree_there_and_back(t):
    """a local tree to S3 and back by cp"""
    plant(t.file('from'), FILES, ())
    t.ok('cp', '-R', 'from', t.s3.url('to'))
    _same(t, _objects(t, 'to/'), FILES)
    t.ok('cp', '-R', t.s3.url('to'), 'back')
    _same(t, _files(t.file('back')), FILES)


@case(aws=True)
def whole_bucket(t):
    """a bucket without a prefix is a tree, too"""
    for key in ('a', 'b/c', 'b/d/e'):
        t.s3.put(key, key.encode())
    t.ok('put', '-R', t.s3.url(), t.url('tree'))
    t.equal(set(_files(t.path('tree'))), {'a', 'b/c', 'b/d/e'})


@case(aws=True)
def prefix_is_a_folder(t):
    """the prefix is a folder's name, not the beginning of one"""
    for key in ('ab', 'a/b', 'a/c', 'abc/d'):
        t.s3.put(key, b'x')
    t.ok('put', '-R', t.s3.url('a'), t.url('tree'))
    t.equal(sorted(grown(t.path('tree'))), ['b', 'c'])


@case(aws=True)
def keys_that_are_no_paths(t):
    """keys that are no paths are said to have failed, and none of them leaves the folder"""
    for key in ('p/good', 'p//double', 'p/../out', 'p/./dot', 'p/sub/../../up', 'p/' + 'x' * 300, 'p/folder/',
                'p/folder/in'):
        t.s3.put(key, key.encode())
    result = t.fails(9, 'cp', '-R', t.s3.url('p'), 'to')
    t.equal(set(_files(t.file('to'))), {'good', 'folder/in'})
    t.only(here=['to'])
    t.check(b'double' in result.err or b'//' in result.err, str(result))


@case(aws=True)
def object_and_folder_of_one_name(t):
    """an object and a folder of one name cannot both be; what can be copied is"""
    for key in ('p/a', 'p/a/b', 'p/c'):
        t.s3.put(key, key.encode())
    t.fails(9, 'cp', '-R', t.s3.url('p'), 'to')
    t.equal(t.local('to/c'), b'p/c')


@case(aws=True)
def many_pages(t):
    """folders of more objects than one listing has, both ways"""
    t.gate.policy(page=3)
    files = {f'{at % 2}/{at:02}': f'{at}'.encode() for at in range(20)}
    plant(t.file('from'), files, ())
    t.ok('cp', '-R', 'from', t.s3.url('p'))
    _same(t, _objects(t, 'p/'), files)
    t.ok('put', '-R', t.s3.url('p'), t.url('tree'))
    _same(t, _files(t.path('tree')), files)


@case(aws=True)
def connections_are_kept(t):
    """many small objects go over few connections"""
    plant(t.path('tree'), {f'{at:02}': b'x' for at in range(60)}, ())
    t.ok('get', '-R', t.url('tree'), t.s3.url('p'))
    used = {entry['connection'] for entry in t.s3.journal('PUT')}
    t.check(len(used) <= 16, f'{len(used)} connections for 60 objects')


@case(aws=True)
def nothing_there(t):
    """a prefix with nothing below it is not found"""
    t.fails(4, 'put', '-R', t.s3.url('nothing'), t.url('tree'))
    t.only(there=[])


@case(aws=True)
def some_fail(t):
    """what fails is counted and the rest is copied"""
    plant(t.path('tree'), {'a': b'a', 'b': b'b', 'c': b'c'}, ())
    t.gate.policy(denied=['^PUT .*/b'])
    result = t.fails(9, 'get', '-R', '--json', t.url('tree'), t.s3.url('p'))
    t.equal((summary(result)['files'], t.s3.keys()), (2, ['p/a', 'p/c']))


@case(aws=True)
def into_itself(t):
    """cp -R of a prefix into itself, and cp of an object onto itself, are refused"""
    t.s3.put('t/a', b'a')
    t.s3.put('tt/b', b'b')
    t.fails(1, 'cp', '-R', t.s3.url('t'), t.s3.url('t/inside'), says='lies in what is to be copied')
    t.fails(1, 'cp', '-R', t.s3.url(), t.s3.url('copy'), says='lies in what is to be copied')
    t.fails(1, 'cp', '-R', t.s3.url('t'), t.s3.url('t/'), says='is the directory that is to be copied')
    t.fails(1, 'cp', t.s3.url('t/a'), t.s3.url('t/a'), says='is the object that is to be copied')
    t.equal(t.s3.keys(), ['t/a', 'tt/b'])
    t.ok('cp', '-R', t.s3.url('tt'), t.s3.url('t'))
    t.ok('cp', t.s3.url('t/a'), t.s3.url('t/a/a'))
    t.equal(t.s3.keys(), ['t/a', 't/a/a', 't/b', 'tt/b'])


@case(aws=True)
def filters(t):
    """--include and --exclude choose among keys"""
    for key in ('p/a.txt', 'p/b.tmp', 'p/sub/c.txt', 'p/sub/d.tmp'):
        t.s3.put(key, b'x')
    t.ok('put', '-R', '--exclude', '*.tmp', t.s3.url('p'), t.url('tree'))
    t.equal(set(_files(t.path('tree'))), {'a.txt', 'sub/c.txt'})


@case(aws=True)
def trees_again(t):
    """errors in the middle of a tree are made up for"""
    files = {f'{at:02}': noise(1000, at) for at in range(40)}
    plant(t.path('tree'), files, ())
    for method, argv in (('PUT', ('get', '-R', t.url('tree'), t.s3.url('p'))),
                         ('GET', ('put', '-R', t.s3.url('p'), t.url('back')))):
        t.s3.fault(method, 'status', status=503, code='SlowDown', times=8, after=3)
        t.s3.fault(method, 'reset', times=3, after=5)
        t.ok(*argv)
    _same(t, _files(t.path('back')), files)
