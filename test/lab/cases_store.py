"""Small files that are put: in two round trips where their names are free, and never seen but whole."""
import os
import signal
import threading

from cases_stop import through
from trial import case, noise

STORED = {'CREATE': (1, 0), 'SET_INFO': (3, 0), 'WRITE': (1, 0), 'FLUSH': (1, 0), 'QUERY_INFO': (1, 0),
          'CLOSE': (1, 0)}
SMALL = (0, 1, 4096, 65537, 262144)
COLD = 12  # replies that a cold put of a small file gets at most


def put_stats(t, *argv):
    """Put; what --stats says of the commands of STORED: {command: (answers, errors)}, and compounds."""
    result = t.ok('put', '--stats', *argv)
    rows = [line.split() for line in result.err.decode().splitlines()]
    commands = {row[0]: (int(row[1]), int(row[2])) for row in rows if len(row) > 2 and row[0] in STORED}
    compounds = [int(row[1]) for row in rows if row[:1] == ['compounds:']]
    return commands, compounds


@case('plain', 'sign', 'seal', 'smb21', 'smb30', 'gmac')
def stored(t):
    """a small file takes two frames, whatever protects them"""
    for length in SMALL:
        data = noise(length)
        t.make('x', data)
        wanted = {name: count for name, count in STORED.items() if length or name != 'WRITE'}
        t.equal(put_stats(t, 'x', t.url(f'y{length}')), (wanted, [2]), str(length))
        t.equal(t.remote(f'y{length}'), data)
    t.only(there=[f'y{length}' for length in SMALL])


@case('plain', 'seal')
def stored_over(t):
    """a name that is taken is replaced: file, case and link as they were"""
    t.place('Name', b'old and longer')
    t.place('behind', b'old')
    os.symlink('behind', t.path('link'))
    for name in ('name', 'link'):
        t.make('x', name.encode())
        t.ok('put', 'x', t.url(name))
    t.equal(t.remote('Name'), b'name')
    t.equal(t.remote('behind'), b'link')
    t.check(os.path.islink(t.path('link')), 'the link was replaced')
    t.only(there=['Name', 'behind', 'link'])


@case('plain', 'smb21')
def stored_times(t):
    """--times keeps the time of writing of small files and of large ones"""
    for length in (0, 100, 300000):
        t.make('x', noise(length))
        os.utime(t.file('x'), ns=(10**18, 1234567890123456700))
        t.ok('put', '--times', 'x', t.url('y'))
        t.ok('put', '--times', 'x', t.url('y'))
        t.equal(os.stat(t.path('y')).st_mtime_ns, 1234567890123456700, f'mtime of {length} bytes')


@case('plain', 'seal')
def stored_verified(t):
    """--verify reads a small file back"""
    t.make('x', noise(4096))
    t.ok('put', '--verify', 'x', t.url('y'))
    t.ok('put', '--verify', '--in-place', 'x', t.url('y'))
    t.equal(t.remote('y'), noise(4096))


def kill_at(t, step, name, old):
    """Put over `old` (None: nothing), and kill it when it waits for that reply; what is there then.  Every time
    another name: what the server does late must not meet the next one."""
    if old:
        t.place(name, old)
    with through(t, f'hold:{step - 1}') as proxy:
        run = t.start('put', 'x', t.url(name))
        t.until(lambda: proxy.hits or run.poll() is not None, 'it does not begin')
        run.send_signal(signal.SIGKILL)
        run.communicate()
        if not old:  # else it is not marked for a moment, while it is tried whether the name is free
            t.until(lambda: [other for other in os.listdir(t.folder) if name in other] in ([], [name]),
                    f'something stays after SIGKILL at reply {step}')
    return t.remote(name) if os.path.exists(t.path(name)) else None


@case('plain', 'seal')
def stored_killed(t):
    """SIGKILL at any step of a small put leaves the old file or the new one"""
    new = noise(4096)
    t.make('x', new)
    for old in (None, b'old'):
        for step in range(1, COLD):
            got = kill_at(t, step, f'{"over" if old else "new"}{step:02}', old)
            t.check(got in (old, new), f'neither old nor new after SIGKILL at reply {step}')


@case('plain')
def stored_watched(t):
    """who looks all the time never sees a small file but whole"""
    contents = [noise(60000, seed) for seed in range(4)]
    seen, wrong, stop = set(), [], threading.Event()

    def watch():
        while not stop.is_set():
            try:
                with open(t.path('y'), 'rb') as file:
                    data = file.read()
            except FileNotFoundError:
                continue
            if data not in contents:
                wrong.append(len(data))
            seen.add(data)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for turn in range(12):
            t.make('x', contents[turn % 4])
            t.ok('put', 'x', t.url('y'))
            if turn % 3 == 2:
                os.unlink(t.path('y'))
    finally:
        stop.set()
        watcher.join()
    t.equal(wrong, [], 'lengths of what was seen and is none of the files')
    t.check(len(seen) > 1, 'nobody looked')


@case('plain')
def stored_at_once(t):
    """many puts to one name leave all of one of them"""
    contents = [noise(50000, seed) for seed in range(6)]
    for turn, data in enumerate(contents):
        t.make(f'x{turn}', data)
    for _ in range(3):
        runs = [t.start('put', f'x{turn}', t.url('y')) for turn in range(len(contents))]
        results = [t.finish(run) for run in runs]  # one may find that another has it open all the time
        t.check(any(result.status == 0 for result in results), f'all failed: {results[0]}')
        t.check(t.remote('y') in contents, 'what is there is none of the files')
        t.only(there=['y'])
        os.unlink(t.path('y'))


LARGE = 3 << 20  # bytes: more than is put in two frames
FREE = {'CREATE': (2, 1), 'SET_INFO': (4, 0), 'FLUSH': (1, 0), 'CLOSE': (1, 0)}


@case('plain', 'sign', 'seal', 'smb21', 'smb30')
def large_to_a_free_name(t):
    """a large file takes two frames besides its WRITEs, and a look at its name"""
    t.make('x', noise(LARGE))
    commands, compounds = put_stats(t, 'x', t.url('y'))
    t.equal({name: commands[name] for name in FREE}, FREE)
    t.equal(compounds, [3])
    t.equal(t.remote('y'), noise(LARGE))
    t.only(there=['y'])


@case('plain', 'seal')
def large_at_once(t):
    """large files that are put to one free name at the same time: one of them is there, and no temporary"""
    for name in 'abcd':
        t.make(name, name.encode() * LARGE)
    with through(t, 'delay:20'):
        runs = [t.start('put', name, t.url('y')) for name in 'abcd']
        statuses = [t.finish(run).status for run in runs]
    t.check(0 in statuses, f'none was put: {statuses}')
    t.only(there=['y'])
    data = t.remote('y')
    t.check(len(data) == LARGE and data == data[:1] * LARGE, 'y is none of them')
