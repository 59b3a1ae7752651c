"""Files held open, byte-range locks and watched directories, by a program of ours: openfiles.c."""
import os
import subprocess
import threading

from trial import LIMIT_SECONDS, PATIENCE_SECONDS, Failure, Result, Skip, case


def program(t):
    path = os.path.join(os.path.dirname(t.tool), 'test', 'lab', 'openfiles')
    if not os.path.exists(path):
        raise Skip('test/lab/openfiles is not built beside the tool')
    return path


def arguments(t, *what):
    return [program(t), '127.0.0.1', str(t.port), 'data', 'alice', os.path.basename(t.folder), *what]


def run(t, *what):
    argv = arguments(t, *what)
    done = subprocess.run(argv, cwd=t.home, env=t.environment(), capture_output=True, timeout=LIMIT_SECONDS)
    if done.returncode != 0:
        raise Failure(str(Result(argv, done.returncode, done.stdout, done.stderr)))


@case('plain', 'seal', 'gmac', 'smb202', 'smb21', 'smallio', 'tinycredits')
def open_file_io(t):
    """ranges of an open file are written and read"""
    run(t, 'io')
    wanted = bytearray((i * 31 + i // 509) & 0xff for i in range((5 << 20) + 7))
    wanted[1000000:1000007] = b'changed'
    t.equal(t.remote('file'), bytes(wanted))


@case('plain', 'seal', 'gmac', 'smb202', 'smb21', 'tinycredits')
def locks(t):
    """locks keep others out, and are waited for"""
    run(t, 'lock')


@case('plain', 'seal', 'gmac', 'smb202', 'smb21', 'tinycredits')
def locks_given_up(t):
    """who gives up waiting for a lock has none"""
    run(t, 'give-up')


class Watch:
    """The program, watching; says what it heard."""

    def __init__(self, t, changes):
        self.process = subprocess.Popen(arguments(t, 'watch', str(changes)), cwd=t.home, env=t.environment(),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        t.running.append(self.process)
        self.line()

    def line(self):
        patience = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        patience.start()
        try:
            return self.process.stdout.readline().decode().rstrip('\n')
        finally:
            patience.cancel()

    def end(self):
        out, err = self.process.communicate(timeout=LIMIT_SECONDS)
        if self.process.returncode != 0:
            raise Failure(str(Result(self.process.args, self.process.returncode, out, err)))
        return out.decode().splitlines()


@case('plain', 'seal', 'gmac', 'smb202', 'smb21', 'tinycredits')
def watching(t):
    """a watch tells of what others make, rename and delete, and is given up"""
    watch = Watch(t, 6)
    t.ok('mkdir', t.url('new'))
    t.equal(watch.line(), '1 new', 'change')
    t.ok('mv', t.url('new'), t.url('newer'))
    told = [watch.line(), watch.line()]  # now and then Samba misses that both belong together
    t.check(told in (['4 new', '5 newer'], ['2 new', '1 newer']), f'changes: {told}')
    t.ok('mkdir', t.url('newer/inside'))
    t.equal(watch.line(), '1 newer/inside', 'change')
    t.ok('rm', '-R', t.url('newer/inside'))
    t.equal(watch.line(), '2 newer/inside', 'change')
    t.place('local', b'made behind the back of the server')
    t.equal(watch.end(), ['1 local', 'ended: cancelled'], 'the end')


@case()
def watching_ends(t):
    """a watch ends with its directory"""
    watch = Watch(t, 5)
    t.ok('rm', '-R', t.url())
    end = watch.end()
    t.check(end and end[-1].startswith('ended: [NtStatus STATUS_DELETE_PENDING]'), f'should say why: {end}')
