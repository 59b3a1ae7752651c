#!/usr/bin/env python3
"""Private Samba servers for tests: everything in one temporary directory, on loopback, for a while.

    with lab.Samba('seal') as samba:
        run([tool, 'ls', samba.url('folder')], env=samba.environment())

    test/lab/lab.py run --profile seal -- smbclient ...      # see `environment` for the variables
    test/lab/lab.py run --island -- CMD      # in a network of its own, with a NetBIOS name service
    test/lab/lab.py profiles

Nothing of the machine changes.  The users exist only for this smbd (libnss-wrapper), its
configuration, databases, sockets, logs and shares are in its directory, it listens on 127.0.0.1
alone (or, for NetBIOS sessions, on port 139 of another loopback address), and it ends with its owner:
by stop(), at exit, or when the pipe at its standard input closes because the owner was killed.

The shares:
    data    for alice and bob to write; holds denied/ (nobody may enter), nonew/ (takes no new names;
            nonew/old may be written) and readonly (a file that may not be written)
    ro      the same files, read only
    vault   encrypted whatever the client wants
    dfs     a namespace root: the link `data` leads to \\\\127.0.0.1\\data, `gone` leads nowhere
    open    for guests, too
and with some profiles:
    small   1 MiB and few files (`full`); only the server sees it mounted, and it goes when the server does
    Ünïcödé €   where names that differ in case are two (`unicode`)
"""
import argparse
import atexit
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from profiles import MORE_SHARES, MORE_USERS, NETBIOS, PROFILES, USERS

HOST = '127.0.0.1'
NETBIOS_PORT = 139  # smbd behaves differently there: a NetBIOS session on another port has large MTU
ISLAND = '10.99.99.1'  # in a network namespace of its own
SERVER_NAME = 'LAVALAB'
START_SECONDS = 60
STOP_SECONDS = 5
LIVE = set()  # servers that run
FIRST_UID = 70001  # of the users when we may become them; else they are all us
SMALL_MOUNT = 'mount -t tmpfs -o size=1m,nr_inodes=64,mode=777 lava "$0" && exec "$@"'

GLOBAL = """[global]
server role = standalone server
workgroup = LAVALAB
netbios name = {name}
disable netbios = {disable_netbios}
interfaces = {interfaces}
bind interfaces only = yes
smb ports = {port}
passdb backend = tdbsam:{root}/private/passdb.tdb
private dir = {root}/private
lock directory = {root}/lock
state directory = {root}/state
cache directory = {root}/cache
pid directory = {root}/pid
ncalrpc dir = {root}/ncalrpc
nmbd:socket dir = {root}/nmbd
log file = {root}/log
log level = 1
usershare max shares = 0
load printers = no
printcap name = /dev/null
disable spoolss = yes
server min protocol = SMB2_02
store dos attributes = yes
{settings}
"""

SHARE = """[{name}]
path = {path}
read only = {read_only}
{settings}
"""

# NEGOTIATE for 2.0.2 alone (MS-SMB2 2.2.3): the question that tells whether a server answers.
PROBE = (b'\xfeSMB' + struct.pack('<HHIHHIIQQQ16s', 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, b'')
         + struct.pack('<HHHHI16sQH', 36, 1, 1, 0, 0, b'', 0, 0x0202))
# The same for a server of SMB1 alone (MS-CIFS 2.2.4.52.1).
PROBE_SMB1 = b'\xffSMB\x72' + bytes(27) + b'\0\x0c\0\x02NT LM 0.12\0'


class LabError(Exception):
    """The lab itself failed, not what is tested."""


class Unavailable(LabError):
    """This machine, or this user, cannot have such a server; the argument says why."""


def hold_address():
    """A loopback address whose port 139 is free, and what keeps it ours.

    Other labs hold theirs by the name of an abstract socket, which goes with its process.
    """
    for last in range(2, 255):
        host = f'127.0.0.{last}'
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f'\0lava-lab-{host}')
            with socket.socket() as port:  # without SO_REUSEADDR: fails beside anybody who listens
                port.bind((host, NETBIOS_PORT))
            return held, host
        except PermissionError:
            held.close()
            raise Unavailable(f'only root may listen on port {NETBIOS_PORT}') from None
        except OSError:
            held.close()
    raise LabError(f'port {NETBIOS_PORT} is in use on every loopback address')


def hold_port():
    """A free port, and the socket that keeps it ours.

    smbd sets SO_REUSEPORT, so two of them on one port would share it in silence.  The socket stays
    bound (with SO_REUSEADDR, so smbd may bind too) but never listens: nobody else is given the port.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((HOST, 0))
    port = held.getsockname()[1]
    with socket.socket() as other:
        if other.connect_ex((HOST, port)) == 0:
            raise LabError(f'port {port} was free and yet somebody listens there')
    return held, port


def _answers(host, port, probe=PROBE):
    """Whether an SMB server answers this NEGOTIATE there (smbd does on port 139, too, without a session)."""
    try:
        with socket.create_connection((host, port), timeout=2) as sock:
            sock.sendall(struct.pack('>I', len(probe)) + probe)
            return sock.recv(8)[4:] == probe[:4]
    except OSError:
        return False


def _is_named(host, name):
    """Whether a broadcast finds the host's file service by its NetBIOS name (RFC 1002 4.2.12)."""
    letters = b''.join(bytes((65 + (byte >> 4), 65 + (byte & 15))) for byte in name.ljust(15).encode() + b' ')
    question = (struct.pack('>6H', 0x1ab, 0x0110, 1, 0, 0, 0) + b'\x20' + letters + b'\0'
                + struct.pack('>HH', 0x20, 1))
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.settimeout(0.2)
        try:
            sock.sendto(question, (host.rpartition('.')[0] + '.255', 137))
            return sock.recv(600)[-4:] == socket.inet_aton(host)
        except OSError:
            return False


def _takes_xattrs(folder):
    """Whether files there can have extended attributes, which hold alternate data streams."""
    try:
        os.setxattr(folder, 'user.lava', b'1')
        os.removexattr(folder, 'user.lava')
        return True
    except OSError:
        return False


def _has_module(name):
    """Whether smbd finds this VFS module (Debian has them in samba-vfs-modules)."""
    built = subprocess.run([_find('smbd'), '-b'], stdout=subprocess.PIPE, text=True).stdout
    folders = [line.split(':', 1)[1].strip() for line in built.splitlines() if ' MODULESDIR:' in line]
    return any(os.path.exists(os.path.join(folder, 'vfs', name + '.so')) for folder in folders)


def _find(program):
    """An absolute path, also where /usr/sbin is not searched."""
    path = shutil.which(program, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
    if path is None:
        raise LabError(f'{program} is not installed: run test/packages.sh check')
    return path


class Samba:
    """One private smbd.  Use it as a context manager, or call start() and stop()."""

    def __init__(self, profile='plain', settings=None, base=None, island=False):
        self.profile = profile
        self.island = island  # we are in a network namespace of our own: with a name service
        self.netbios = profile in NETBIOS or island
        self.host = ISLAND if island else HOST
        self.settings = dict(PROFILES[profile], **(settings or {}))
        self.users = dict(USERS, **MORE_USERS.get(profile, {}))
        self.more_shares = MORE_SHARES.get(profile, ())
        self.base = base
        self.root = None
        self.port = None
        self.process = None
        self.name_service = None
        self.has_streams = False  # whether `data` keeps alternate data streams
        self._held = None
        self.user = 'alice'
        self.password = USERS['alice']

    # What a test needs to know.

    def url(self, path='', share='data', user=None):
        """smb://alice@HOST:PORT/SHARE/PATH; `path` is percent-encoded by the caller if need be."""
        return f'smb://{user or self.user}@{self.host}:{self.port}/{share}' + (f'/{path}' if path else '')

    def local(self, path='', share='data'):
        """Where the server keeps it on this machine."""
        folder = os.path.join(self.root, share)
        if share == 'small' and self.process is not None:  # as the server sees it
            folder = f'/proc/{self.process.pid}/root{folder}'
        return os.path.join(folder, path)

    def give(self, path, user=None):
        """Make a file, or a link itself, the user's.  Without root there is nobody else to give it to."""
        uid = self._uids()[user or self.user]
        os.chown(path, uid, uid, follow_symlinks=False)

    def clients(self):
        """The processes of the server that serve connections, or did, oldest first; and a few that always run."""
        with open(f'/proc/{self.process.pid}/task/{self.process.pid}/children') as children:
            return [int(pid) for pid in children.read().split()]

    def open_files(self):
        """Paths of what these have open."""
        return {path for pid in self.clients() for path in links_in(f'/proc/{pid}/fd')}

    def environment(self):
        """This process's environment, plus where the server is."""
        return dict(os.environ, LAVA_SMB_PASSWORD=self.password, LAVA_LAB_PROFILE=self.profile,
                    LAVA_LAB_HOST=self.host, LAVA_LAB_PORT=str(self.port), LAVA_LAB_USER=self.user,
                    LAVA_LAB_URL=self.url(), LAVA_LAB_DATA=self.local(), LAVA_LAB_ROOT=self.root)

    def log(self, lines=20):
        """The end of the server's log."""
        try:
            with open(os.path.join(self.root, 'log'), errors='replace') as log:
                return ''.join(log.readlines()[-lines:])
        except OSError:
            return ''

    # Life.

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        LIVE.add(self)
        try:
            self._make_tree()
            self._hold_place()
            self._make_config()
            for user in self.users:
                self._add_user(user)
            self.process = self._spawn('smbd', self._mounted() if self.profile == 'full' else ())
            probe = PROBE_SMB1 if self.profile == 'smb1' else PROBE
            self._wait(lambda: _answers(self.host, self.port, probe))
            if self.island:
                self.name_service = self._spawn('nmbd')
                self._wait(lambda: _is_named(self.host, SERVER_NAME))  # takes it some seconds
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        """End the server and remove its directory.  May be called twice, and after a failed start."""
        LIVE.discard(self)
        processes = [process for process in (self.process, self.name_service) if process is not None]
        for process in processes:
            process.stdin.close()  # smbd leaves when its standard input does
            self._signal_all(process, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            self._signal_all(process, signal.SIGKILL)
            process.wait()
        self.process = self.name_service = None
        if self._held is not None:
            self._held.close()
            self._held = None
        if self.root is not None:
            for folder in ('denied', 'nonew'):  # not ours to enter when we are not root
                if os.path.isdir(self.local(folder)):
                    os.chmod(self.local(folder), 0o700)
            shutil.rmtree(self.root, ignore_errors=True)
            self.root = None

    def _hold_place(self):
        if self.island:
            self.port = NETBIOS_PORT
        elif self.netbios:
            self._held, self.host = hold_address()
            self.port = NETBIOS_PORT
        else:
            self._held, self.port = hold_port()

    def _make_tree(self):
        self.root = tempfile.mkdtemp(prefix='lava-lab-', dir=self.base)
        os.chmod(self.root, 0o755)  # the users must get through to the shares
        for name in ('private', 'lock', 'state', 'cache', 'pid', 'ncalrpc'):
            os.mkdir(os.path.join(self.root, name), 0o700 if name == 'private' else 0o755)
        for share in ('data', 'ro', 'vault', 'dfs', 'open', *(folder for _, folder, _ in self.more_shares)):
            os.mkdir(self.local(share=share))
            os.chmod(self.local(share=share), 0o777)
        self._make_data()
        self._write('ro/file', 'read only\n')
        os.symlink('msdfs:127.0.0.1\\data', self.local('data', 'dfs'))
        os.symlink('msdfs:127.0.0.1\\nowhere', self.local('gone', 'dfs'))

    def _make_data(self):
        root = os.geteuid() == 0  # the users are not us, then
        for folder, mode in (('denied', 0o700 if root else 0), ('nonew', 0o755 if root else 0o555)):
            os.mkdir(self.local(folder))
            self._write(f'data/{folder}/old', f'in {folder}\n')
            os.chmod(self.local(f'{folder}/old'), 0o666)
            os.chmod(self.local(folder), mode)
        self._write('data/readonly', 'may not be written\n')
        os.chmod(self.local('readonly'), 0o444)

    def _make_config(self):
        self.has_streams = _takes_xattrs(self.local()) and _has_module('streams_xattr')
        streams = 'vfs objects = streams_xattr' if self.has_streams else ''
        settings = '\n'.join(f'{key} = {value}' for key, value in self.settings.items())
        shares = (('data', 'data', 'no', streams), ('ro', 'ro', 'yes', ''),
                  ('vault', 'vault', 'no', 'server smb encrypt = required'),
                  ('dfs', 'dfs', 'no', 'msdfs root = yes'), ('open', 'open', 'no', 'guest ok = yes'),
                  *((name, folder, 'no', extra) for name, folder, extra in self.more_shares))
        interfaces = f'{self.host}/24' if self.island else f'{self.host}/8' if self.netbios else self.host
        text = GLOBAL.format(name=SERVER_NAME, disable_netbios='no' if self.netbios else 'yes',
                             interfaces=interfaces, port=self.port, root=self.root, settings=settings)
        for name, folder, read_only, extra in shares:
            text += SHARE.format(name=name, path=os.path.join(self.root, folder), read_only=read_only,
                                 settings=extra)
        self._write('smb.conf', text)
        self._write('passwd', ''.join(
            f'{name}:x:{uid}:{uid}:{name}:/:/bin/false\n' for name, uid in self._uids().items()))
        self._write('group', ''.join(
            f'{name}:x:{uid}:\n' for name, uid in self._uids().items()))

    def _uids(self):
        if os.geteuid() == 0:
            return {'root': 0, 'nobody': 65534,
                    **{user: FIRST_UID + at for at, user in enumerate(self.users)}}
        return {'root': 0, 'nobody': os.geteuid(), **{user: os.geteuid() for user in self.users}}

    def _write(self, name, text):
        with open(os.path.join(self.root, name), 'w', encoding='utf-8') as out:
            out.write(text)

    def _wrapped(self):
        """The environment in which the lab's users exist."""
        return dict(os.environ, LD_PRELOAD='libnss_wrapper.so',
                    NSS_WRAPPER_PASSWD=os.path.join(self.root, 'passwd'),
                    NSS_WRAPPER_GROUP=os.path.join(self.root, 'group'),
                    LC_ALL='C.UTF-8')

    def _config(self):
        return os.path.join(self.root, 'smb.conf')

    def _add_user(self, user):
        done = subprocess.run([_find('pdbedit'), '-s', self._config(), '-a', '-t', '-u', user],
                              input=f'{self.users[user]}\n' * 2, text=True, encoding='utf-8',
                              env=self._wrapped(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise LabError(f'pdbedit cannot add {user}: {done.stdout}')

    def _mounted(self):
        """What starts a program, in the same process, where the share `small` is mounted and nowhere else."""
        path = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
        unshare = shutil.which('unshare', path=path)
        if unshare is None:
            raise Unavailable('unshare is not installed')
        start = [unshare, '--mount', 'sh', '-c', SMALL_MOUNT, self.local(share='small')]
        done = subprocess.run([*start, 'true'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Unavailable(f'this user may not mount: {done.stdout.decode(errors="replace").strip()}')
        return start

    def _spawn(self, daemon, start=()):
        with open(os.path.join(self.root, 'out'), 'ab') as out:
            return subprocess.Popen(
                [*start, _find(daemon), '--foreground', '--no-process-group', '-s', self._config()],
                stdin=subprocess.PIPE, stdout=out, stderr=out, env=self._wrapped(),
                start_new_session=True, cwd='/')

    def _wait(self, answers):
        deadline = time.monotonic() + START_SECONDS
        process = self.name_service or self.process
        while not answers():
            if process.poll() is not None:
                raise LabError(f'{process.args[0]} ended with {process.returncode}: {self.log()}')
            if time.monotonic() > deadline:
                raise LabError(f'{process.args[0]} does not answer on {self.host}: {self.log()}')
            time.sleep(0.02)

    def _signal_all(self, process, number):
        """Signal a daemon's own process group, then what left it but still carries our environment."""
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass
        mark = b'NSS_WRAPPER_PASSWD=' + os.fsencode(os.path.join(self.root, 'passwd')) + b'\0'
        for pid in (int(name) for name in _processes()):
            try:
                with open(f'/proc/{pid}/environ', 'rb') as environ:
                    if mark in environ.read() + b'\0' and pid != os.getpid():
                        os.kill(pid, number)
            except OSError:
                pass


def links_in(folder):
    """Where the links in this folder lead, those that are there at the moment."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        try:
            yield os.readlink(os.path.join(folder, name))
        except OSError:
            pass


def _processes():
    try:
        return [name for name in os.listdir('/proc') if name.isdigit()]
    except OSError:
        return []


@atexit.register
def stop_all():
    """End every server that this process has started."""
    for samba in list(LIVE):
        samba.stop()


def end_on_sigterm():
    """Let SIGTERM and SIGHUP unwind the stack like an exit, so servers and directories go away."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _: sys.exit(128 + n))


def _island():
    """Go on in a network namespace of our own, with one interface that takes broadcasts."""
    path = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
    unshare, ip = (shutil.which(program, path=path) for program in ('unshare', 'ip'))
    if unshare is None or ip is None:
        raise Unavailable('unshare or ip is not installed')
    if os.environ.pop('LAVA_LAB_ISLAND', None) is None:
        if subprocess.run([unshare, '--net', 'true'], stderr=subprocess.DEVNULL).returncode != 0:
            raise Unavailable('this user may not make a network of his own')
        os.execve(unshare, [unshare, '--net', sys.executable, *sys.argv],
                  dict(os.environ, LAVA_LAB_ISLAND='1'))
    for words in ('link set lo up', 'link add lava0 type veth peer name lava1', 'link set lava1 up',
                  f'addr add {ISLAND}/24 broadcast + dev lava0', 'link set lava0 up'):
        done = subprocess.run([ip, *words.split()], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Unavailable(f'ip {words}: {done.stdout.decode().strip()}')


def _run(profile, settings, command, island=False):
    with Samba(profile, settings, island=island) as samba:
        try:
            return subprocess.run(command, env=samba.environment()).returncode
        except KeyboardInterrupt:
            return 130
        except OSError as error:
            print(f'lab: {error}', file=sys.stderr)
            return 127


def main():
    parser = argparse.ArgumentParser(description='private Samba servers for tests')
    commands = parser.add_subparsers(dest='command', required=True)
    run = commands.add_parser('run', help='run a command beside a server')
    run.add_argument('--profile', default='plain', choices=PROFILES)
    run.add_argument('--set', action='append', default=[], metavar='NAME=VALUE', help='a global setting')
    run.add_argument('--island', action='store_true', help='in a network of its own, with nmbd')
    run.add_argument('argv', nargs='+', metavar='-- CMD')
    commands.add_parser('profiles', help='list the profiles')
    arguments = parser.parse_args()
    if arguments.command == 'profiles':
        for name, settings in PROFILES.items():
            print(f'{name:12}', ', '.join(f'{key} = {value}' for key, value in settings.items()))
        return 0
    end_on_sigterm()
    settings = dict(pair.split('=', 1) for pair in arguments.set)
    try:
        if arguments.island:
            _island()
        return _run(arguments.profile, settings, arguments.argv, arguments.island)
    except Unavailable as why:
        print(f'lab: unavailable: {why}', file=sys.stderr)
        return 77
    except LabError as error:
        print(f'lab: {error}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
