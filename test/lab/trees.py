"""Trees of files for the cases: planted, grown, compared."""
import json
import os
import stat

from trial import Failure, noise

# Years ago, to a tenth of a microsecond: what both a disk and the protocol can hold.
LONG_AGO = 1_234_567_890_123_456_700

TREE = {'a.txt': b'a', 'empty': b'', 'big.bin': noise(3 << 20), 'sub/b.txt': noise(70_000),
        'sub/deeper/c.bin': noise(4096), 'grüße-日本.txt': b'u', 'with blank': b'b', '.hidden': b'h'}
EMPTY = ('no files', 'sub/nothing/at all')


def plant(root, files=None, folders=EMPTY):
    """A tree of these files below the folder `root`, where everybody may write; all of it long ago."""
    files = TREE if files is None else files
    for folder in ['', *folders, *filter(None, map(os.path.dirname, files))]:
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(root, name), 'wb') as out:
            out.write(data)
    for folder, _, names in os.walk(root, topdown=False):
        for name in [*names, '']:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            os.chmod(path, 0o777 if os.path.isdir(path) else 0o666)
            os.utime(path, ns=(LONG_AGO, LONG_AGO))
    return root


def grown(root):
    """What is below `root`: path -> content, None for a folder, 'link' for a link."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(folder, name)
            kind = os.lstat(path).st_mode
            below = os.path.relpath(path, root)
            if stat.S_ISREG(kind):
                with open(path, 'rb') as file:
                    found[below] = file.read()
            else:
                found[below] = None if stat.S_ISDIR(kind) else 'link'
    return found


def same(t, root, files=None, folders=None, times=True):
    """Below `root` is this tree and nothing else."""
    wanted = dict(TREE if files is None else files)
    folders = (EMPTY if files is None else ()) if folders is None else folders
    for path in [*folders, *filter(None, map(os.path.dirname, wanted))]:
        while path:
            wanted[path] = None
            path = os.path.dirname(path)
    found = grown(root)
    t.equal(sorted(found), sorted(wanted), f'names below {root}')
    for name, data in wanted.items():
        t.equal(found[name], data, name)
        path = os.path.join(root, name)
        t.check(not times or os.stat(path).st_mtime_ns == LONG_AGO,
                f'{name} was last written {os.stat(path).st_mtime_ns}')


def summary(result, event='summary'):
    """The object with which a run with --json says what it has done."""
    for line in result.err.decode().splitlines():
        if line.startswith('{') and json.loads(line)['event'] == event:
            return json.loads(line)
    raise Failure(f'no {event}: {result}')
