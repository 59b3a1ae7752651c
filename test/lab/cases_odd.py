"""Servers that are old, or odd within what the protocol allows (torture.c)."""
import os
import subprocess
import time

from trial import LIMIT_SECONDS, Failure, Result, Skip, case

# ---------------------------------------------------------------- SMB1 alone


@case('smb1')
def smb1_only(t):
    """a server that speaks SMB1 alone is told apart, at once and by every command"""
    t.make('x', b'1')
    for command in (('ls', t.url()), ('info', t.url()), ('put', 'x', t.url('x')), ('get', t.url('x'), 'y'),
                    ('shares', t.url('', share='', folder='').rstrip('/')), ('ls', '--anonymous', t.url(user=None)),
                    ('ls', '--min-dialect', '3.1.1', t.url()), ('ls', '--sign', 'required', t.url())):
        began = time.monotonic()
        t.fails(7, *command, says='answered in SMB1; .*enable SMB 2 or 3')
        t.check(time.monotonic() - began < 20, 'it takes long to find out')
    t.only(here=['x'], there=[])


# ---------------------------------------------------------------- legal oddities


def torture(t, what, copies=('copy',)):
    """One oddity, by a program of ours; its files must be on the server as they were there."""
    path = os.path.join(os.path.dirname(t.tool), 'test', 'lab', 'torture')
    if not os.path.exists(path):
        raise Skip('test/lab/torture is not built beside the tool')
    argv = [path, '127.0.0.1', str(t.port), 'data', 'alice', os.path.basename(t.folder), what]
    done = subprocess.run(argv, cwd=t.home, env=t.environment(), capture_output=True, timeout=LIMIT_SECONDS)
    if done.returncode != 0:
        raise Failure(str(Result(argv, done.returncode, done.stdout, done.stderr)))
    t.only(there=[*copies, 'held'])
    wanted = bytes((i * 31 + i // 509) & 0xff for i in range((3 << 20) + 5))
    for copy in copies:
        t.equal(t.remote(copy), wanted)


@case('torture')
def unconfirmed(t):
    """a server that believes its segments are never confirmed"""
    torture(t, 'acks')


@case('torture')
def padded_control(t):
    """the output of a control behind padding"""
    torture(t, 'ioctl')


@case('torture')
def padded_read(t):
    """the data of READ behind padding"""
    torture(t, 'read')


@case('torture')
def late_control(t):
    """the answer to a control a little late"""
    torture(t, 'sleep')


@case('plain', 'seal')
def late_answer(t):
    """an answer later than the longest silence, while others come"""
    torture(t, 'late')


@case('plain', 'sign', 'seal', 'noseal', 'smb302')
def held_by_oplock(t):
    """a cold get of a file that somebody else holds with an oplock waits for him"""
    torture(t, 'oplock', copies=())


@case()
def no_torture(t):
    """a server without them refuses the controls by name"""
    try:
        torture(t, 'read')
    except Failure as failure:
        t.check('STATUS_' in str(failure), f'no status: {failure}')
    else:
        raise Failure('an ordinary server takes a control for tests')
