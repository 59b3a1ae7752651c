"""Copies that are checked, held back, watched, or ended early."""
import contextlib
import os
import signal

from cases_stop import through
from trees import TREE, grown, plant, same, summary
from trial import case, noise


@case('guest', hostile=True)
def verified(t):
    """--verify finds what was changed on the way, and the target stays as it was"""
    data = noise(2 << 20)
    path = t.samba.local(os.path.basename(t.folder), 'open')
    with open(path, 'wb') as out:
        out.write(b'old')
    os.chmod(path, 0o666)
    t.make('x', data)

    def put():
        return t.run('put', '--anonymous', '--verify', 'x',
                     t.url(os.path.basename(path), user=None, share='open', folder=''))

    with through(t, 'flip-data') as proxy:
        t.failed(put(), 8, says='differ')
        t.check(proxy.hits > 0, 'nothing was changed')
    with open(path, 'rb') as file:
        t.equal(file.read(), b'old')
    t.equal(put().status, 0)
    with open(path, 'rb') as file:
        t.equal(file.read(), data)
    os.remove(path)


@case('plain', 'seal')
def verify_all(t):
    """--verify of what is well, files and trees, both ways; --crc32 prints what passed"""
    plant(t.file('from'))
    t.ok('put', '-R', '--verify', 'from', t.url('tree'))
    t.ok('get', '-R', '--verify', t.url('tree'), 'to')
    same(t, t.file('to'))
    t.make('x', b'123456789')
    t.check(b'crc32 cbf43926 9 ' in t.ok('put', '--crc32', 'x', t.url('x')).err, 'no CRC-32')
    t.equal(summary(t.ok('get', '--crc32', '--json', t.url('x'), 'y'))['crc32'], 'cbf43926')


@case()
def limited(t):
    """--limit-rate holds back, files and trees"""
    plant(t.path('tree'), {f'{at}': noise(120_000, at) for at in range(10)}, ())

    def get(seconds, *options):
        result = t.ok('get', '--limit-rate', f'{1_200_000 // seconds}', '--stats', '--json', *options)
        t.check(summary(result)['elapsed_ms'] >= 700 * seconds, f'1.2 MB in {seconds} s: {result}')
        t.equal(summary(result, 'stats')['bound_by'], 'limit', 'what bound the speed')

    for options in ((t.url('tree') + '/*', '.'), ('-R', t.url('tree'), 'to')):
        t.in_time(lambda seconds, options=options: get(seconds, *options), 1, 4, 12)


@case()
def told(t):
    """progress, the summary and the statistics of a tree"""
    plant(t.path('tree'))
    result = t.ok('get', '-R', '--progress', 'json', '--stats', t.url('tree'), 'to')
    done = summary(result, 'done')
    t.equal((done['files'], done['files_found'], done['listed']), (len(TREE), len(TREE), True))
    t.check(f'{len(TREE)} files and'.encode() in result.err, f'no summary: {result}')
    t.check(b'What bound the speed' in result.err and b'\nREAD ' in result.err, f'no statistics: {result}')
    t.check(b'files' not in t.ok('get', '-R', '-l', 'warning', t.url('tree'), 'to').err, 'a summary')


@contextlib.contextmanager
def _slow_tree(t, *words):
    """A copy that takes its time, once it has written something."""
    process = t.start(*words, '--limit-rate', '300k')
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()


def _finished(root):
    """How many files have their names; temporary ones begin with a dot."""
    return sum(not name.startswith('.') for name in os.listdir(root)) if os.path.isdir(root) else 0


def _names(root):
    return [name for _, folders, files in os.walk(root) for name in folders + files]


@case()
def interrupted(t):
    """SIGTERM in the middle of a tree: 143, and no temporary file is left"""
    files = {f'{at:03}': noise(20_000, at) for at in range(200)}
    plant(t.path('tree'), files, ())
    plant(t.file('from'), files, ())
    for words, root in ((('get', '-R', t.url('tree'), 'to'), t.file('to')),
                        (('put', '-R', 'from', t.url('new')), t.path('new'))):
        with _slow_tree(t, *words) as process:
            t.until(lambda root=root: _finished(root) > 3, 'nothing is copied')
            process.send_signal(signal.SIGTERM)
            t.failed(t.finish(process, signalled=True), (143, -signal.SIGTERM), says='SIGTERM')
        t.until(lambda root=root: not any('.lava-' in name for name in _names(root)), 'a temporary is left')
        found = grown(root)
        t.check(0 < len(found) < 200, f'{len(found)} files')
        for name, data in found.items():
            t.equal(data, files.get(name), name)
