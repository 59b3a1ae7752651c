"""One run of a program: what it took, and what it made the server work."""
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
import time
from typing import NamedTuple

TOOL = os.path.abspath(os.environ.get('LAVA_SMB', 'build/lava-smb'))
BUILD = os.path.dirname(TOOL)
RUN = os.path.join(BUILD, 'bench', 'run')
TICK = os.sysconf('SC_CLK_TCK')
LIMIT_SECONDS = 600
SETTLE_SECONDS = 1
REASON_CHARS = 100  # of what a program says when it fails


class Failed(Exception):
    """A program did not do what was to be measured; the argument says why."""


class Sample(NamedTuple):
    """What one run took.  Seconds of wall clock and CPU, MiB; all of the program alone but `server` and `store`."""
    wall: float
    cpu: float
    server: float
    peak: float
    store: float = 0.0


def _stat(pid):
    """(parent, seconds of its own, seconds of its children that have ended), or None."""
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as stat:
            fields = stat.read().rpartition(')')[2].split()
    except OSError:
        return None
    times = [int(field) / TICK for field in fields[11:15]]
    return int(fields[1]), times[0] + times[1], times[2] + times[3]


def _family(pid):
    """The stat of a daemon and of the children it has now."""
    found = ((int(name), _stat(name)) for name in os.listdir('/proc') if name.isdigit())
    return {child: stat for child, stat in found if stat and (child == pid or stat[0] == pid)}


class Server:
    """The CPU that a daemon uses, with all that it starts for its clients."""

    def __init__(self, pid):
        self.pid = pid
        self.idle = len(_family(pid)) if pid else 0

    def seconds(self):
        """So far.  Waits for the one who served the last client to end."""
        if self.pid is None:
            return 0.0
        deadline = time.monotonic() + SETTLE_SECONDS
        while len(family := _family(self.pid)) > self.idle and time.monotonic() < deadline:
            time.sleep(0.01)
        return sum(stat[1] for stat in family.values()) + family[self.pid][2]


class Meter:
    """Runs programs, in a folder of its own for what they print."""

    def __init__(self, folder, server_pid=None):
        self.report = os.path.join(folder, 'report')
        self.output = os.path.join(folder, 'output')
        self.errors = os.path.join(folder, 'errors')
        self.server = Server(server_pid)
        self.store = Server(None)

    def watch_store(self, pid):
        """Where the other end is a store (objects.py): what that does, too."""
        self.store = Server(pid)

    def _start(self, argv, environment):
        with open(self.output, 'wb') as out, open(self.errors, 'wb') as err:
            try:
                status = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                        timeout=LIMIT_SECONDS).returncode
            except subprocess.TimeoutExpired:
                raise Failed(f'more than {LIMIT_SECONDS} s') from None
        if status:
            with open(self.errors, errors='replace') as err:
                last = (err.read().strip() or 'it says nothing').splitlines()[-1]
            raise Failed(f'exit status {status}: {textwrap.shorten(last, REASON_CHARS)}')

    def run(self, argv, environment):
        """One run as a Sample; `output` then names what it printed."""
        before = self.server.seconds(), self.store.seconds()
        self._start([RUN, self.report, *argv], environment)
        after = self.server.seconds(), self.store.seconds()
        with open(self.report) as report:
            wall, user, system, peak = map(float, report.read().split())
        return Sample(wall, user + system, after[0] - before[0], peak / 1024, after[1] - before[1])

    def system_calls(self, argv, environment):
        """How many system calls the program makes, or None where that cannot be told."""
        if shutil.which('strace') is None:
            return None
        with tempfile.NamedTemporaryFile('r', suffix='.strace') as table:
            self._start(['strace', '-f', '-c', '-U', 'calls,name', '-o', table.name, *argv], environment)
            total = re.search(r'^\s*(\d+)\s+total$', table.read(), re.M)
        return int(total[1]) if total else None


def warm(folder, mib):
    """Touch so much memory, since the first touch of a virtual machine's page is many times slower."""
    path = os.path.join(folder, 'warm')
    block = bytes(1 << 20)
    with open(path, 'wb') as out:
        for _ in range(mib):
            out.write(block)
    os.unlink(path)
