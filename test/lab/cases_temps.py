"""The folder for the temporaries of many files that are put into one folder."""
import os
import shutil
import signal
import struct

from cases_metadata import DACL, api, entries
from cases_stop import through
from trees import plant
from trial import Skip, case, noise

MANY = {f'{at:03}': noise(at % 300, at) for at in range(600)}
TEMPORARY = '.lava-'
LAST = '400'  # far behind the first that are put so
HELD = 'hold:850'  # replies: the first 256 files, which have no such folder, are there by then


def names(t):
    """All below the target, with their paths."""
    return [os.path.join(folder, name) for folder, folders, files in os.walk(t.path('tree')) for name in folders + files]


def temporaries(t):
    return [name for name in names(t) if TEMPORARY in name]


def _kill(t, connections, delay):
    """Kill a put of many files in the midst, and look what is left.  Each reply is `delay` ms late."""
    before = set(t.samba.clients())
    shutil.rmtree(t.path('tree'), ignore_errors=True)
    with through(t, f'delay:{delay}'):
        run = t.start('put', '-R', '--connections', connections, 'from', t.url('tree'))
        t.until(lambda: any(os.path.basename(os.path.dirname(name)).startswith(TEMPORARY)
                            for name in temporaries(t)) or run.poll() is not None, 'there are no temporaries')
        t.check(run.poll() is None, 'it ended before it could be killed')
        run.send_signal(signal.SIGKILL)
        run.communicate()
    t.until(lambda: before.issuperset(t.samba.clients()), 'the server goes on serving')
    t.until(lambda: not temporaries(t), 'something is left')


@case('plain', 'seal', 'smb21')
def temps_killed(t):
    """SIGKILL in the midst of many small files leaves no temporary and no folder for them"""
    plant(t.file('from'), MANY, ())
    for connections in ('1', '3'):
        t.in_time(lambda delay, connections=connections: _kill(t, connections, delay), 4, 12)
        for name in names(t):
            with open(name, 'rb') as file:
                t.equal(file.read(), MANY[os.path.basename(name)], name)
        t.ok('put', '-R', 'from', t.url('tree'))
        t.equal(sorted(map(os.path.basename, names(t))), sorted(MANY), 'names')


@case('plain', 'seal')
def temps_interrupted(t):
    """SIGINT in the midst of many small files leaves nothing but whole files"""
    plant(t.file('from'), MANY, ())
    with through(t, HELD) as proxy:
        run = t.start('put', '-R', 'from', t.url('tree'))
        t.until(lambda: temporaries(t) or run.poll() is not None, 'there are no temporaries')
        run.send_signal(signal.SIGINT)
        proxy.release()
        t.finish(run, signalled=True)
    t.until(lambda: not temporaries(t), 'something is left')


def put_below(t, flags, folder):
    """Put many files into a folder with an entry of these flags; what the first and the last inherit."""
    everyone = bytes.fromhex('010100000000000100000000')
    aces = b''.join(struct.pack('<BBHI', 0, kind, 8 + len(everyone), mask) + everyone
                    for kind, mask in ((3, 0x1F01FF), (flags, 0x120089)))
    acl = struct.pack('<BBHHH', 2, 0, 8 + len(aces), 2, 0) + aces
    t.ok('mkdir', t.url(folder, share='open', folder=''))
    api(t, 'security-set', folder, f'{DACL:x}',
        (struct.pack('<BBHIIII', 1, 0, 0x8504, 0, 0, 0, 20) + acl).hex(), share='open')
    t.make('one', b'1')
    t.ok('put', 'one', t.url(f'{folder}/one', share='open', folder=''))
    t.ok('put', '-R', 'from', t.url(folder, share='open', folder=''))
    return [entries(bytes.fromhex(api(t, 'security-get', f'{folder}/{name}', f'{DACL:x}', share='open')[0]))
            for name in ('one', '000', LAST)]


@case('metadata')
def temps_inherit(t):
    """what is put among many files inherits what a single one does"""
    if not t.samba.has_streams:
        raise Skip('this server keeps no access lists')
    plant(t.file('from'), {name: data for name, data in MANY.items() if name < LAST}, ())
    t.make(f'from/{LAST}', b'last')
    for flags in (1, 3, 5, 7, 9, 11):
        one, first, last = put_below(t, flags, f'below{flags}')
        t.check(one, 'no entries')
        t.equal(first, one, f'the first, flags {flags}')
        t.equal(last, one, f'the last, flags {flags}')
