"""Copies that are checked, held back, watched, or ended early."""
import contextlib
import os
import signal

from trees import TREE, grown, plant, same, summary
from trial import case, noise


@case()
def limited(t):
    """--limit-rate holds back, files and trees"""
    plant(t.path('tree'), {f'{at}': noise(100_000, at) for at in range(10)}, ())
    for options in ((t.url('tree') + '/*', '.'), ('-R', t.url('tree'), 'to')):
        result = t.ok('get', '--limit-rate', '1MB/s', '--stats', '--json', *options)
        t.check(summary(result)['elapsed_ms'] >= 700, f'1 MB at 1 MB/s: {result}')


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


@case()
def interrupted(t):
    """SIGTERM in the middle of a tree: 143, and no temporary file is left"""
    files = {f'{at:03}': noise(20_000, at) for at in range(200)}
    plant(t.path('tree'), files, ())
    plant(t.file('from'), files, ())
    for words, root in ((('get', '-R', t.url('tree'), 'to'), t.file('to')),
                        (('put', '-R', 'from', t.url('new')), t.path('new'))):
        with _slow_tree(t, *words) as process:
            t.until(lambda root=root: os.path.isdir(root) and len(grown(root)) > 3, 'nothing is copied')
            process.send_signal(signal.SIGTERM)
            t.failed(t.finish(process, signalled=True), (143, -signal.SIGTERM), says='SIGTERM')
        found = grown(root)
        t.check(0 < len(found) < 200, f'{len(found)} files')
        for name, data in found.items():
            t.equal(data, files.get(name), name)
