"""What ends a transfer to S3 before its time: signals, and how much memory it may have."""
import os
import signal
import time

from cases_s3 import PART, is_proven
from cases_stop import SOON
from trial import case, noise

BIG = 4 * PART
SANITIZED = 'asan'


def _stop(t, argv, number, begun, delay=0.3):
    """Start the tool with slow requests, send it a signal once `begun()`."""
    t.s3.fault('(PUT|GET)', 'delay', seconds=delay, times=1000)
    run = t.start(*argv)
    t.until(lambda: begun() or run.poll() is not None, 'it does not begin')
    t.check(run.poll() is None, 'it ended before it could be stopped')
    began = time.monotonic()
    run.send_signal(number)
    result = t.finish(run, signalled=True)
    t.check(time.monotonic() - began < SOON, 'it takes long to end')
    return result


def _parts(t, count):
    return lambda: len(t.s3.journal('PUT partNumber')) >= count


@case(aws=True)
def terminate_upload(t):
    """SIGTERM during an upload ends with 143 and leaves neither object nor upload, at any step"""
    t.place('x', noise(BIG))
    begun = (lambda: t.s3.journal(r'POST \?uploads'), _parts(t, 1), _parts(t, 3),
             lambda: t.s3.journal('POST uploadId'))
    for step, when in enumerate(begun):
        t.gate.reset()
        if step == 3:
            t.s3.fault('POST uploadId', 'delay', seconds=1)
        result = _stop(t, ('get', t.url('x'), t.s3.url('x')), signal.SIGTERM, when)
        done = step == 3 and result.status == 0  # a complete that was under way is waited for, for a while
        t.check(done or result.status in (143, -signal.SIGTERM), f'step {step}: {result}')
        t.until(lambda: t.s3.uploads() == [], f'step {step} leaves an upload: {t.s3.uploads()}')
        # It may have been done, too, when nobody waited so long: then the object is whole.
        t.check(t.s3.keys() == ['x'] if done else step == 3 or t.s3.keys() == [], f'step {step}: {t.s3.keys()}')
    t.only(here=[], there=['x'])


@case(aws=True)
def interrupt_upload(t):
    """SIGINT during an upload ends with 2, leaves no upload, and the old object"""
    t.s3.put('x', b'old')
    t.place('x', noise(BIG))
    result = _stop(t, ('get', t.url('x'), t.s3.url('x')), signal.SIGINT, _parts(t, 2))
    t.equal(result.status, 2)
    t.until(lambda: t.s3.uploads() == [], 'it leaves an upload')
    t.equal(t.s3.get('x'), b'old')


@case(aws=True)
def kill_upload(t):
    """SIGKILL during an upload leaves no object"""
    t.place('x', noise(BIG))
    _stop(t, ('get', t.url('x'), t.s3.url('x')), signal.SIGKILL, _parts(t, 2))
    t.equal(t.s3.keys(), [])


@case(aws=True)
def terminate_download(t):
    """SIGTERM during a download ends with 143 and leaves nothing on the share"""
    t.s3.put('x', noise(BIG))
    for count in (1, 3):
        before = len(t.s3.journal('GET'))
        result = _stop(t, ('put', t.s3.url('x'), t.url('y')), signal.SIGTERM,
                       lambda: len(t.s3.journal('GET')) >= before + count)
        t.check(result.status in (143, -signal.SIGTERM), str(result))
        t.only(here=[], there=[])


@case(aws=True)
def deadline(t):
    """--deadline ends an upload with 6, and nothing is left"""
    t.place('x', noise(BIG))
    t.s3.fault('PUT', 'delay', seconds=3, times=1000)
    t.fails(6, 'get', '--deadline', '2s', t.url('x'), t.s3.url('x'))
    t.until(lambda: t.s3.uploads() == [], 'it leaves an upload')
    t.equal(t.s3.keys(), [])


def _peak(process):
    try:
        with open(f'/proc/{process.pid}/status', encoding='ascii') as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))
    except (OSError, StopIteration, ValueError):
        return 0


@case(aws=True)
def memory(t):
    """200 MiB each way take less than 128 MiB of memory"""
    sanitized = SANITIZED in t.tool  # its memory is not ours
    size = (24 if sanitized else 200) << 20
    block = noise(1 << 20)
    with open(t.path('x'), 'wb') as out:
        for _ in range(size >> 20):
            out.write(block)
    os.chmod(t.path('x'), 0o644)
    for argv in (('get', t.url('x'), t.s3.url('x')), ('put', t.s3.url('x'), t.url('y'))):
        run, peak = t.start(*argv), 0
        while run.poll() is None:
            peak = max(peak, _peak(run))
            time.sleep(0.02)
        t.equal(t.finish(run).status, 0)
        t.check(sanitized or peak < 128 << 10, f'{argv[0]} took {peak >> 10} MiB')
    t.equal(os.path.getsize(t.path('y')), size)
    with open(t.path('y'), 'rb') as file:
        t.check(all(file.read(1 << 20) == block for _ in range(size >> 20)), 'other content')
    t.gate.delete(t.s3.place('x'))
