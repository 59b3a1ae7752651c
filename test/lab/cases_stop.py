"""What ends a transfer before its time: signals, deadlines, silence, a source that changes."""
import contextlib
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'hostile'))
from proxy import Proxy  # noqa: E402
from trial import case, noise  # noqa: E402

BIG = 1 << 30
SOON = 30  # seconds, on a busy machine
STEPS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14)
MIDDLE = 12  # replies after which a transfer is certainly under way


@contextlib.contextmanager
def through(t, fault):
    """Let the case's URLs lead through a proxy with this fault."""
    with Proxy(('127.0.0.1', t.samba.port), fault) as proxy:
        t.port = proxy.port
        try:
            yield proxy
        finally:
            t.port = t.samba.port


def sparse(path, size=BIG):
    with open(path, 'wb') as out:
        out.truncate(size)
    os.chmod(path, 0o666)


# A shell shows 128 + N for a process that died of signal N; Python shows -N.
INTERRUPTED, TERMINATED = (2,), (143, -signal.SIGTERM)


@case()
def interrupt_get(t):
    """SIGINT during a get ends with 2 and leaves the old file alone"""
    sparse(t.path('x'))
    t.make('y', b'old')
    with through(t, f'hold:{MIDDLE}') as proxy:
        _interrupt(t, signal.SIGINT, INTERRUPTED, ('get', t.url('x'), 'y'), proxy)
    t.equal(t.local('y'), b'old')
    t.only(here=['y'], there=['x'])


@case()
def terminate_get(t):
    """SIGTERM during a get ends with 143 and leaves nothing"""
    sparse(t.path('x'))
    with through(t, f'hold:{MIDDLE}') as proxy:
        _interrupt(t, signal.SIGTERM, TERMINATED, ('get', t.url('x'), 'y'), proxy)
    t.only(here=[], there=['x'])


@case()
def interrupt_put(t):
    """SIGINT during a put ends with 2 and leaves the old file alone"""
    sparse(t.file('x'))
    t.place('y', b'old')
    with through(t, f'hold:{MIDDLE}') as proxy:
        _interrupt(t, signal.SIGINT, INTERRUPTED, ('put', 'x', t.url('y')), proxy)
    t.equal(t.remote('y'), b'old')
    t.only(here=['x'], there=['y'])


@case()
def terminate_put(t):
    """SIGTERM during a put ends with 143 and leaves nothing"""
    sparse(t.file('x'))
    with through(t, f'hold:{MIDDLE}') as proxy:
        _interrupt(t, signal.SIGTERM, TERMINATED, ('put', 'x', t.url('y')), proxy)
    t.only(here=['x'], there=[])


@case('plain', 'seal')
def terminate_anywhere(t):
    """SIGTERM at any step of a put leaves nothing on the share"""
    sparse(t.file('x'))
    for step in STEPS:
        with through(t, f'hold:{step}') as proxy:
            _interrupt(t, signal.SIGTERM, TERMINATED, ('put', 'x', t.url('y')), proxy)
        t.served(t.folder, [], f'names on the share after SIGTERM at reply {step}')


@case('plain', 'seal')
def interrupt_anywhere(t):
    """SIGINT at any step of a get leaves nothing here"""
    sparse(t.path('x'))
    for step in STEPS:
        with through(t, f'hold:{step}') as proxy:
            _interrupt(t, signal.SIGINT, INTERRUPTED, ('get', t.url('x'), 'y'), proxy)
        t.equal(os.listdir(t.home), [], f'local names after SIGINT at reply {step}')


def _interrupt(t, number, status, argv, proxy):
    """Start the tool, send it the signal when the wire holds its replies, look how it ends."""
    run = t.start(*argv)
    t.until(lambda: proxy.hits or run.poll() is not None, 'it does not begin')
    t.check(run.poll() is None, 'it ended before it could be interrupted')
    began = time.monotonic()
    run.send_signal(number)
    proxy.release()
    result = t.finish(run, signalled=True)
    t.check(time.monotonic() - began < SOON, 'it takes long to end')
    t.check(result.status in status, f'should end with {status}: {result}')


@case()
def deadline(t):
    """--deadline ends a transfer that is too slow, with 6, and leaves nothing"""
    sparse(t.path('x'))
    with through(t, 'delay:300'):
        began = time.monotonic()
        t.fails(6, 'get', '--deadline', '2s', t.url('x'), 'y')
        t.check(1.5 < time.monotonic() - began < SOON, 'not after about 2 s')
    t.only(here=[])


@case()
def no_deadline(t):
    """a slow transfer that makes progress is not ended by --timeout"""
    data = noise(1 << 20)
    t.place('x', data)

    def get(seconds):
        with through(t, f'delay:{400 * seconds}'):
            t.ok('get', '--timeout', f'{seconds}s', t.url('x'), 'y')

    t.in_time(get, 1, 3, 9)
    t.equal(t.local('y'), data)


def _silent(t, replies):
    with through(t, f'silence:{replies}') as proxy:
        began = time.monotonic()
        t.fails(6, 'get', '--timeout', '2s', t.url('x'), 'y')
        t.check(1.5 < time.monotonic() - began < SOON, 'not after about 2 s')
        t.check(proxy.hits > 0, 'the fault never acted')
    t.only(here=[], there=['x'])


@case()
def silence_at_once(t):
    """a server that never answers ends with 6 after --timeout"""
    t.place('x', noise(100000))
    _silent(t, 0)


@case()
def silence_later(t):
    """a server that falls silent in the middle ends with 6 after --timeout"""
    sparse(t.path('x'))
    _silent(t, 6)


@case('plain', 'seal')
def changed_get(t):
    """a source on the share that changes while it is read ends with 8"""
    sparse(t.path('x'), CHANGING)
    with through(t, f'hold:{MIDDLE}') as proxy:
        run = t.start('get', t.url('x'), 'y')
        _change(t, run, proxy, t.path('x'))
        t.failed(t.finish(run), 8)
    t.only(here=[], there=['x'])


@case('plain', 'seal')
def changed_put(t):
    """a local source that changes while it is read ends with 8"""
    sparse(t.file('x'), CHANGING)
    with through(t, f'hold:{MIDDLE}') as proxy:
        run = t.start('put', 'x', t.url('y'))
        _change(t, run, proxy, t.file('x'))
        t.failed(t.finish(run), 8)
    t.only(here=['x'], there=[])


@case()
def grown_get(t):
    """--allow-growth takes a file that grows, up to the length it had"""
    sparse(t.path('x'), CHANGING)
    with through(t, f'hold:{MIDDLE}') as proxy:
        run = t.start('get', '--allow-growth', t.url('x'), 'y')
        _change(t, run, proxy, t.path('x'))
        result = t.finish(run)
    t.check(result.status == 0, f'should succeed: {result}')
    t.equal(os.path.getsize(t.file('y')), CHANGING, 'size')


CHANGING = 96 << 20


def _change(t, run, proxy, path):
    """Append to the source in the middle of its transfer."""
    t.until(lambda: proxy.hits or run.poll() is not None, 'it does not begin')
    t.check(run.poll() is None, 'it ended before the source could change')
    with open(path, 'ab') as out:
        out.write(b'more')
    proxy.release()
