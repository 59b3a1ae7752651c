"""What a case of the lab suite works with: the tool, a server, a folder of its own on each side.

    @case('sign', 'seal')
    def put_then_get(t):
        \"\"\"what was put comes back\"\"\"
        t.make('a', b'hello')
        t.ok('put', t.file('a'), t.url('b'))
        t.equal(t.remote('b'), b'hello')

Whatever a case does, it fails when the tool is killed by a signal nobody sent, hangs, prints the
password, or reports a sanitizer's finding.
"""
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse

LIMIT_SECONDS = 120
PATIENCE_SECONDS = 60  # for what comes by itself, on a machine that has much else to do
CASES = []


class Failure(Exception):
    """The tool did something else than it promises."""


class Skip(Exception):
    """This cannot be tried here; the argument says why."""


def case(*profiles, hostile=False, aws=False):
    """Register a case for these profiles (default: plain).  Its docstring is its name.

    With `aws` it is given an AwsTrial (test/aws/aws_trial.py), which has AWS beside the server.
    """
    def register(function):
        CASES.append((function, profiles or ('plain',), 'aws' if aws else 'hostile' if hostile else ''))
        return function

    return register


def noise(length, seed=1):
    """Bytes that are the same in every run and repeat nowhere."""
    return random.Random(seed).randbytes(length)


class Result:
    """How one run of the tool ended."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    @property
    def text(self):
        return self.out.decode('utf-8', 'replace')

    def lines(self):
        return self.text.splitlines()

    def __str__(self):
        return (f'{" ".join(map(str, self.argv))}\n      exit status {self.status}\n'
                f'      stderr: {self.err[-1500:]!r}\n      stdout: {self.out[:300]!r}')


class Trial:
    """One case on one server.  See the module's head."""

    def __init__(self, tool, samba, name):
        self.tool, self.samba, self.name = tool, samba, name
        self.home = tempfile.mkdtemp(prefix='case-', dir=samba.root)  # goes when the server goes
        self.folder = tempfile.mkdtemp(prefix=name[:20] + '-', dir=samba.local())
        os.chmod(self.folder, 0o777)
        self.host = samba.host
        self.port = samba.port      # a hostile case sets its proxy's
        self.always = ['--nbt'] if samba.netbios else []  # options of every run
        self.running = []

    def close(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Names.

    def file(self, name=''):
        """A path of ours on the local side."""
        return os.path.join(self.home, name)

    def path(self, name=''):
        """The same file as `url(name)`, as the server's file system has it."""
        return os.path.join(self.folder, name)

    def url(self, name='', user='alice', share='data', folder=None):
        """The location of a file in this case's own folder (or in `folder`)."""
        parts = [os.path.basename(self.folder) if folder is None else folder, name]
        path = '/'.join(urllib.parse.quote(part, safe="/:") for part in parts if part)
        login = f'{user}@' if user else ''
        return f'smb://{login}{self.host}:{self.port}/{share}' + (f'/{path}' if path else '')

    # Content.

    def make(self, name, data):
        """A local file with this content.  Returns its path."""
        with open(self.file(name), 'wb') as out:
            out.write(data)
        return self.file(name)

    def place(self, name, data):
        """The same on the server's side, as if the user had put it there.  Everybody may read it."""
        with open(self.path(name), 'wb') as out:
            out.write(data)
        os.chmod(self.path(name), 0o744)  # what Samba's default `create mask` leaves
        self.samba.give(self.path(name))
        return self.path(name)

    def local(self, name):
        with open(self.file(name), 'rb') as file:
            return file.read()

    def remote(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    # Running.

    def environment(self, **changes):
        env = {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'HOME': self.home, 'TMPDIR': self.home,
               'LANG': 'C.UTF-8', 'LAVA_SMB_PASSWORD': self.samba.password,
               'ASAN_OPTIONS': 'exitcode=99:abort_on_error=0', 'UBSAN_OPTIONS': 'exitcode=99'}
        env.update(changes)
        return {name: value for name, value in env.items() if value is not None}

    def start(self, *argv, env=None, **how):
        """Start the tool and leave it running.  finish() ends the wait for it."""
        how.setdefault('stdin', subprocess.DEVNULL)
        words = [self.tool, *map(str, argv[:1]), *self.always, *map(str, argv[1:])]
        process = subprocess.Popen(words, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.home,
                                   env=self.environment(**(env or {})), **how)
        self.running.append(process)
        return process

    def finish(self, process, data=None, signalled=False):
        try:
            out, err = process.communicate(data, timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise Failure(f'hangs: {Result(process.args, "none", out, err)}') from None
        result = Result(process.args, process.returncode, out or b'', err)
        if b'Sanitizer' in err or b'runtime error:' in err or process.returncode == 99:
            raise Failure(f'a sanitizer has found something:\n{err.decode("utf-8", "replace")[:6000]}')
        if process.returncode < 0 and not signalled:
            raise Failure(f'died of a signal: {result}')
        if self.samba.password.encode() in err + result.out:
            raise Failure(f'shows the password: {result}')
        return result

    def skip_unbuilt(self, result):
        """Skip the case if the tool says that it cannot do this yet."""
        if result.status == 2 and b'not built yet' in result.err:
            raise Skip(result.err.decode('utf-8', 'replace').strip().splitlines()[0])

    def run(self, *argv, data=None, **how):
        """Run the tool with `data` at its standard input.  Returns its Result, whatever it is."""
        stdin = subprocess.DEVNULL if data is None else subprocess.PIPE
        return self.finish(self.start(*argv, stdin=stdin, **how), data)

    def ok(self, *argv, **how):
        """Run the tool; it must succeed."""
        result = self.run(*argv, **how)
        self.skip_unbuilt(result)
        if result.status != 0:
            raise Failure(f'should succeed: {result}')
        return result

    def fails(self, status, *argv, says=None, **how):
        """Run the tool; it must end with this exit status (or one of these), and say why."""
        result = self.run(*argv, **how)
        self.failed(result, status, says)
        return result

    def failed(self, result, status, says=None):
        wanted = status if isinstance(status, tuple) else (status,)
        if result.status not in wanted:
            self.skip_unbuilt(result)
            raise Failure(f'should end with {wanted}: {result}')
        if not re.search(rb'^lava-smb: .', result.err, re.M):
            raise Failure(f'does not say why in a line `lava-smb: ...`: {result}')
        if says is not None and not re.search(says, result.err.decode('utf-8', 'replace'), re.I):
            raise Failure(f'should say /{says}/: {result}')

    def until(self, truth, why, seconds=PATIENCE_SECONDS):
        """Wait until `truth()`."""
        deadline = time.monotonic() + seconds
        while not truth():
            if time.monotonic() > deadline:
                raise Failure(why)
            time.sleep(0.02)

    def in_time(self, attempt, *times):
        """attempt(TIME), in which times decide, must go well with one of these: a busy machine needs longer ones."""
        for time_ in times[:-1]:
            try:
                return attempt(time_)
            except Failure:
                pass
        return attempt(times[-1])

    # Judging.

    def check(self, truth, why):
        if not truth:
            raise Failure(why)

    def equal(self, got, wanted, what='content'):
        if got == wanted:
            return
        if isinstance(got, bytes) and len(got) + len(wanted) > 200:
            at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
            raise Failure(f'{what}: {len(got)} bytes instead of {len(wanted)}, different from byte {at} on')
        raise Failure(f'{what}: {got!r} instead of {wanted!r}')

    def only(self, here=None, there=None):
        """The folder of that side holds these names and no others, no temporary file above all."""
        if here is not None:
            self.equal(sorted(os.listdir(self.home)), sorted(here), 'local names')
        if there is not None:
            self.served(self.folder, there, 'names on the share')

    def served(self, folder, names, what):
        """A folder that a server serves comes to hold these names and no others: a server takes its
        time to notice that a client is gone and to delete what that had marked for it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sorted(os.listdir(folder)) != sorted(names) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.equal(sorted(os.listdir(folder)), sorted(names), what)
