"""Exit statuses and messages: usage, authentication, not found, denied, network, policy."""
import os
import pty
import select
import socket
import time

from trial import PATIENCE_SECONDS, Failure, Result, Skip, case, noise

LOGON_FAILURE = r'\[NtStatus STATUS_LOGON_FAILURE\]'
DENIED = r'\[NtStatus STATUS_ACCESS_DENIED\]'


# ---------------------------------------------------------------- usage


@case()
def usage(t):
    """what is wrong on the command line ends with 2, before anything is connected"""
    url = t.url('x')
    for argv in ((), ('frobnicate', url), ('get', url), ('get', url, 'x', 'y'),
                 ('get', '--frobnicate', url, 'x'),
                 ('get', url, 'x', '--frobnicate'), ('get', 'x', 'y'), ('put', 'x'),
                 ('get', url, 'x', '--max-dialect', '4.0'), ('get', url, 'x', '--timeout', 'soon'),
                 ('get', url, 'x', '--ciphers', 'rot13'), ('get', url, 'x', '--encrypt', 'perhaps'),
                 ('get', 'smb://alice@127.0.0.1:0x/data/x', 'x'), ('get', 'smb://', 'x'),
                 ('get', f'smb://alice@127.0.0.1:{t.port}'),
                 ('get', url, 'x', '--timeout')):
        t.fails(2, *argv)
    t.only(here=[], there=[])


@case()
def help_and_version(t):
    """--help and --version go to standard output and succeed"""
    t.check(b'get' in t.ok('--help').out and b'put' in t.ok('-h').out, 'the help names no commands')
    t.check(t.ok('--version').out.strip() and t.ok('-v').out.strip(), 'no version')


@case()
def options_anywhere(t):
    """options may stand before the command, after it, and after the arguments"""
    t.place('x', b'1')
    t.ok('--timeout', '10s', 'get', t.url('x'), 'a')
    t.ok('get', '--timeout', '10s', t.url('x'), 'b')
    t.ok('get', t.url('x'), 'c', '--timeout', '10s')
    t.ok('get', t.url('x'), 'd', '--timeout=10s')
    t.ok('get', '--', t.url('x'), '--odd')
    t.only(here=['a', 'b', 'c', 'd', '--odd'])


@case()
def nobody(t):
    """a URL without a user is a usage error"""
    t.fails(2, 'ls', t.url(user=None))


# ---------------------------------------------------------------- passwords


@case('plain', 'sign', 'smb21', 'seal')
def wrong_password(t):
    """a wrong password or user ends with 3"""
    t.fails(3, 'ls', t.url(), env={'LAVA_SMB_PASSWORD': 'wrong'}, says=LOGON_FAILURE)
    t.fails(3, 'ls', t.url(user='mallory'), says=LOGON_FAILURE)
    t.make('x', b'1')
    t.fails(3, 'put', 'x', t.url('x'), env={'LAVA_SMB_PASSWORD': ''})
    t.fails(3, 'get', t.url('x'), 'y', env={'LAVA_SMB_PASSWORD': 'wrong'})
    t.only(here=['x'], there=[])


@case()
def password_file(t):
    """--password-file gives the first line"""
    t.make('pw', t.samba.password.encode() + b'\nmore\n')
    t.make('crlf', t.samba.password.encode() + b'\r\n')
    t.make('wrong', b'wrong\n')
    t.ok('ls', t.url(), '--password-file', 'pw', env={'LAVA_SMB_PASSWORD': None})
    t.ok('ls', t.url(), '--password-file', 'crlf', env={'LAVA_SMB_PASSWORD': None})
    t.fails(3, 'ls', t.url(), '--password-file', 'wrong')  # goes before the environment
    t.fails((1, 2), 'ls', t.url(), '--password-file', 'missing')


@case()
def credentials_file(t):
    """--credentials in the form of mount.cifs"""
    t.make('all', f'username=alice\npassword={t.samba.password}\ndomain=LAVALAB\n'.encode())
    t.make('wrong', b'# a comment\n\nusername=alice\npassword=wrong\n')
    t.ok('ls', t.url(user=None), '--credentials', 'all', env={'LAVA_SMB_PASSWORD': None})
    t.fails(3, 'ls', t.url(user=None), '--credentials', 'wrong')
    t.fails(2, 'ls', t.url(user=None), '--credentials', 'all', '--password-file', 'all')


@case()
def no_password(t):
    """without a password and without a terminal there is a clear error"""
    t.fails((2, 3), 'ls', t.url(), env={'LAVA_SMB_PASSWORD': None}, start_new_session=True, says='password')


@case()
def password_in_url(t):
    """a password in a URL is refused, and not repeated"""
    result = t.run('ls', t.url(user='alice:' + t.samba.password))
    t.failed(result, 2)


@case()
def terminal(t):
    """a terminal is asked for the password, which it does not show"""
    argv, env = [t.tool, 'ls', t.url()], t.environment(LAVA_SMB_PASSWORD=None)
    try:
        pid, terminal = pty.fork()
    except OSError as error:  # a bare chroot has no /dev/pts
        raise Skip(f'no terminal can be had here: {error}') from None
    if pid == 0:
        try:
            os.chdir(t.home)
            os.execve(t.tool, argv, env)
        finally:
            os._exit(127)
    shown = _talk(terminal, t.samba.password.encode() + b'\n')
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    result = Result(['ls', 'on a terminal'], status, shown, b'')
    t.check(b'assword' in shown, f'nobody asked: {result}')
    t.check(status == 0, f'should succeed: {result}')
    t.check(t.samba.password.encode() not in shown, f'the password was shown: {result}')


def _talk(terminal, answer):
    """Answer the first prompt; everything that was shown."""
    shown, deadline = b'', time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if select.select([terminal], [], [], 1)[0]:
                piece = os.read(terminal, 4096)
                if not piece:
                    return shown
                shown += piece
        except OSError:  # the other side has left
            return shown
        if answer and b'assword' in shown:
            os.write(terminal, answer)
            answer = b''
    raise Failure(f'nothing more came: {shown!r}')


@case('guest')
def unasked_guest(t):
    """being mapped to guest unasked ends with 3; --allow-guest takes it"""
    t.fails(3, 'ls', t.url(user='mallory', share='open', folder=''), says='guest')
    t.ok('ls', '--allow-guest', t.url(user='mallory', share='open', folder=''))
    t.ok('ls', '--anonymous', t.url(user=None, share='open', folder=''))
    t.fails((3, 7), 'ls', '--allow-guest', '--sign', 'required', t.url(user='mallory', share='open', folder=''))
    t.fails((3, 7), 'ls', '--allow-guest', '--encrypt', 'required',
            t.url(user='mallory', share='open', folder=''))


@case('nontlm')
def no_ntlm(t):
    """a server that takes no NTLM ends with 3"""
    t.fails(3, 'ls', t.url(), says=r'\[NtStatus STATUS_\w+\]')


# ---------------------------------------------------------------- not found, denied


@case('plain', 'seal', 'smb21')
def not_found(t):
    """what is not there ends with 4"""
    t.make('x', b'1')
    t.fails(4, 'get', t.url('nothing'), 'y', says=r'\[NtStatus STATUS_OBJECT_NAME_NOT_FOUND\]')
    t.fails(4, 'get', t.url('no/thing'), 'y', says=r'\[NtStatus STATUS_OBJECT_PATH_NOT_FOUND\]')
    t.fails(4, 'get', t.url('x', share='noshare'), 'y', says=r'\[NtStatus STATUS_BAD_NETWORK_NAME\]')
    t.fails(4, 'put', 'x', t.url('no/x'), says=r'\[NtStatus STATUS_OBJECT_PATH_NOT_FOUND\]')
    t.only(here=['x'], there=[])


@case()
def local_missing(t):
    """a local file that is not there, a local folder that is not there"""
    t.place('x', b'1')
    t.fails((1, 4), 'put', 'missing', t.url('y'), says='missing')
    t.fails((1, 4), 'get', t.url('x'), 'no/x')
    t.only(here=[], there=['x'])


@case('plain', 'seal', 'smb21')
def denied(t):
    """what may not be read or written ends with 5"""
    t.make('x', b'1')
    t.fails(5, 'get', t.url('old', folder='denied'), 'y', says=DENIED)
    t.fails(5, 'put', 'x', t.url('new', folder='denied'), says=DENIED)
    t.fails(5, 'put', 'x', t.url('new', folder='nonew'), says=DENIED)
    t.fails(5, 'put', 'x', t.url('file', share='ro', folder=''))
    t.fails(5, 'ls', t.url('', folder='denied'), says=DENIED)
    t.fails(5, 'mkdir', t.url('d', share='ro', folder=''))
    t.fails(5, 'rm', t.url('file', share='ro', folder=''))
    t.ok('get', t.url('file', share='ro', folder=''), 'y')
    t.equal(t.local('y'), b'read only\n')
    t.only(here=['x', 'y'])


@case()
def denied_keeps(t):
    """a get that is denied, or finds nothing, leaves the old file"""
    t.make('y', b'old')
    t.fails(5, 'get', t.url('old', folder='denied'), 'y')
    t.fails(4, 'get', t.url('nothing'), 'y')
    t.equal(t.local('y'), b'old')
    t.only(here=['y'])


@case()
def full_device(t):
    """get to a full device ends with 1"""
    t.place('x', noise(100000))
    t.fails(1, 'get', t.url('x'), '/dev/full')


# ---------------------------------------------------------------- network


@case()
def nobody_listens(t):
    """a refused connection and a name that does not exist end with 6"""
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        t.fails(6, 'ls', f'smb://alice@127.0.0.1:{sock.getsockname()[1]}/data')
    t.fails(6, 'ls', 'smb://alice@no-such-host.invalid/data', '--timeout', '10s')


@case()
def no_smb_server(t):
    """somebody who does not speak SMB ends with 6"""
    with socket.create_server(('127.0.0.1', 0)) as server:
        run = t.start('ls', f'smb://alice@127.0.0.1:{server.getsockname()[1]}/data', '--timeout', '5s')
        server.settimeout(PATIENCE_SECONDS)
        peer = server.accept()[0]
        peer.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
        t.failed(t.finish(run), 6)
        peer.close()


# ---------------------------------------------------------------- policy


@case('smb21')
def policy_dialect(t):
    """a dialect, signing or sealing that cannot be had ends with 7"""
    for option in (('--min-dialect', '3.0'), ('--min-dialect', '3.1.1'), ('--encrypt', 'required')):
        t.fails(7, 'ls', t.url(), *option)
    t.ok('ls', t.url(), '--min-dialect', '2.1')
    t.ok('ls', t.url(), '--sign', 'required')


@case()
def policy_range(t):
    """--max-dialect is kept; a minimum above the maximum is a usage error"""
    for dialect in ('2.1', '3.1.1'):
        t.check(dialect in t.ok('info', '--max-dialect', dialect, t.url()).text, f'not {dialect}')
    t.fails(2, 'ls', t.url(), '--min-dialect', '3.0', '--max-dialect', '2.1')


@case()
def other_dialects(t):
    """2.0.2, 3.0 and 3.0.2, sealed where they can be"""
    for dialect in ('2.0.2', '3.0', '3.0.2'):
        only = ('--min-dialect', dialect, '--max-dialect', dialect)
        t.check(dialect in t.ok('info', *only, t.url()).text, f'not {dialect}')
        if dialect >= '3':
            t.ok('ls', *only, '--encrypt', 'required', t.url())


@case('gcm128')
def policy_cipher(t):
    """a cipher that the server does not have ends with 7"""
    t.fails((5, 7), 'ls', t.url(), '--encrypt', 'required', '--ciphers', 'aes-256-ccm')
    t.ok('ls', t.url(), '--ciphers', 'aes-128-gcm')


@case('cmac')
def policy_signing(t):
    """a signing algorithm that the server does not have ends with 7"""
    t.fails(7, 'ls', t.url(), '--sign', 'required', '--signing-algs', 'gmac')
    t.ok('ls', t.url(), '--signing-algs', 'cmac')


@case('seal')
def policy_plain(t):
    """--encrypt off cannot be had where the server seals"""
    t.fails((3, 5, 7), 'ls', t.url(), '--encrypt', 'off', says='encrypt')  # all the server says is ACCESS_DENIED


@case()
def asked_for(t):
    """signing and sealing that only the client wants"""
    t.place('x', noise(1 << 20))
    for option in (('--sign', 'required'), ('--encrypt', 'required'),
                   ('--encrypt', 'required', '--ciphers', 'aes-256-gcm')):
        t.ok('get', t.url('x'), 'y', *option)
        t.equal(t.local('y'), t.remote('x'), ' '.join(option))


@case()
def kerberos_demanded(t):
    """Kerberos demanded of a server that has none is refused, and NTLM is not tried instead"""
    t.fails((3, 7), 'ls', t.url(), '--auth', 'kerberos')


# ---------------------------------------------------------------- DFS


@case()
def dfs_nowhere(t):
    """a DFS link that leads nowhere is an error, and --dfs off says what is in the way"""
    status = (1, 4, 6)
    t.fails(status, 'get', t.url('gone/x', share='dfs', folder=''), 'x', '--timeout', '5s')
    t.fails(status, 'get', t.url('data/x', share='dfs', folder=''), 'x', '--dfs', 'off',
            says=r'\[NtStatus STATUS_PATH_NOT_COVERED\]')
    t.only(here=[])
