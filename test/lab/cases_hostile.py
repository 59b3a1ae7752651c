"""The hostile wire: what the tool makes of a peer, or of somebody in between, who does one thing wrong.

Each row is a fault of test/hostile, the server it is tried on, and how `get` may end.  Whatever
happens, nothing but the true content may stand under the target's name, and nothing else is left.
"""
import os
import socket
import threading

from cases_stop import through
from trial import case, noise

NETWORK, POLICY = 6, 7
EITHER = (NETWORK, POLICY)  # where a breach of the protocol and of the session are the same thing
UNSIGNED = ('--anonymous',)
SIGN = ('--sign', 'required')

# fault, profile, exit status (or several), further arguments
GET = (
    # Signatures: a session that must be signed.
    ('strip-signed', 'sign', POLICY),
    ('flip-signature', 'sign', POLICY),
    ('flip-status', 'sign', POLICY),
    ('flip-data', 'sign', POLICY),
    ('strip-signed', 'gmac', POLICY),
    ('flip-signature', 'gmac', POLICY),
    ('flip-signature', 'hmac', POLICY),
    ('strip-signed', 'smb21', POLICY, '--sign', 'required'),
    ('flip-signature', 'smb21', POLICY, '--sign', 'required'),
    ('strip-signed', 'smb202', POLICY, *SIGN),
    ('flip-signature', 'smb202', POLICY, *SIGN),
    ('flip-data', 'smb30', POLICY, *SIGN),
    ('strip-signed', 'smb302', POLICY, *SIGN),
    ('zero-signature', 'gmac', POLICY),
    ('zero-signature', 'smb302', POLICY, *SIGN),
    ('echo-signature', 'sign', POLICY),
    ('echo-signature', 'smb202', POLICY, *SIGN),
    ('session-gone', 'sign', POLICY),
    ('session-gone', 'smb30', POLICY, *SIGN),
    ('reflect', 'sign', EITHER),
    ('twice', 'sign', 0),
    ('unsigned-logon', 'smb30', POLICY),
    ('unsigned-logon', 'smb202', POLICY, *SIGN),
    ('guest-logon', 'smb202', (3, POLICY)),
    ('guest-logon', 'smb302', (3, POLICY)),
    ('unsigned-logon', 'plain', POLICY),
    ('unsigned-logon', 'sign', POLICY),
    ('unsigned-logon', 'seal', POLICY),
    ('guest-logon', 'plain', (3, POLICY)),
    ('guest-logon', 'sign', (3, POLICY)),
    ('guest-logon', 'seal', (3, POLICY)),
    # Seals.
    ('flip-tag', 'seal', POLICY),
    ('flip-sealed', 'seal', POLICY),
    ('flip-sealed', 'seal30', POLICY),
    ('flip-tag', 'seal30', POLICY),
    ('foreign-seal', 'seal30', EITHER),
    ('reflect', 'seal', POLICY),
    ('reflect', 'seal30', POLICY),
    ('flip-tag', 'ccm256', POLICY),
    ('foreign-seal', 'seal', EITHER),
    ('plain-in-sealed', 'seal', POLICY),
    ('plain-in-sealed', 'seal30', POLICY),
    ('plain-in-sealed', 'plain', POLICY, '--encrypt', 'required'),
    # Negotiation.
    ('dialect-not-offered', 'plain', POLICY),
    ('cipher-not-offered', 'seal', POLICY),
    ('signing-not-offered', 'plain', POLICY),
    ('hash-not-offered', 'plain', POLICY),
    ('context-twice', 'plain', EITHER),
    ('negotiate-reply-changed', 'plain', POLICY),
    ('negotiate-request-changed', 'plain', POLICY),
    ('negotiate-reply-changed', 'seal', POLICY),
    ('downgrade', 'plain', POLICY),  # the server hangs up when it is asked to validate
    ('downgrade', 'sign', POLICY),
    ('downgrade', 'plain', POLICY, '--min-dialect', '3.0'),
    ('downgrade', 'plain', POLICY, '--encrypt', 'required'),
    ('downgrade:0x0202', 'plain', POLICY),
    ('downgrade:0x0300', 'plain', POLICY),
    ('downgrade:0x0302', 'plain', POLICY),
    ('downgrade:0x0300', 'seal', POLICY),
    ('downgrade:0x0300', 'plain', POLICY, '--encrypt', 'required'),
    ('downgrade:0x0202', 'sign', POLICY),
    ('downgrade:0x0202', 'smb302', POLICY),
    ('downgrade:0x0300', 'smb302', POLICY),
    ('downgrade-forged', 'plain', POLICY),
    ('downgrade-forged:0x0202', 'plain', POLICY),
    ('downgrade-forged:0x0300', 'plain', POLICY),
    ('downgrade-silent', 'plain', EITHER, '--timeout', '3s'),
    ('downgrade-silent:0x0302', 'plain', EITHER, '--timeout', '3s'),
    ('dialect-not-offered', 'smb202', POLICY),
    ('negotiate-reply-changed', 'smb21', POLICY),
    ('negotiate-reply-changed', 'smb30', POLICY),
    ('negotiate-reply-changed', 'seal30', POLICY),
    ('negotiate-request-changed', 'smb302', POLICY),
    ('no-encryption', 'smb30', POLICY),
    ('no-encryption', 'smb302', POLICY, '--encrypt', 'required'),
    ('no-encryption', 'seal30', POLICY),
    ('no-signing', 'sign', POLICY),
    ('no-signing', 'sign', POLICY, '--max-dialect', '3.0.2'),
    # The connection.
    ('close-at:0', 'plain', NETWORK),
    ('close-at:100', 'plain', NETWORK),
    ('close-at:600', 'seal', NETWORK),
    ('close-at', 'sign', NETWORK),
    ('close-at:3000000', 'seal', NETWORK),
    ('reset-at:100', 'plain', NETWORK),
    ('reset-at', 'plain', NETWORK),
    ('silence:2', 'plain', NETWORK, '--timeout', '2s'),
    ('silence:5', 'seal', NETWORK, '--timeout', '2s'),
    # Legal, if rude: the content must arrive.
    ('none', 'plain', 0),
    ('one-byte', 'plain', 0),
    ('one-byte', 'seal', 0),
    ('coalesce', 'plain', 0),
    ('coalesce', 'sign', 0),
    ('delay:20', 'seal', 0),
    # Frames.
    ('huge-frame', 'plain', EITHER),
    ('tiny-frame', 'plain', EITHER),
    ('empty-frame', 'plain', EITHER, '--timeout', '3s'),
    ('half-header', 'plain', EITHER),
    ('smb1', 'plain', EITHER),
    ('compressed', 'plain', EITHER),
    ('sealed-junk', 'plain', EITHER),
    ('smb1', 'seal', EITHER),
    ('compressed', 'seal', EITHER),
    # Headers and bodies, on a session where no signature is in the way ...
    ('other-message-id', 'guest', EITHER, *UNSIGNED, '--timeout', '2s'),
    ('other-command', 'guest', EITHER, *UNSIGNED, '--timeout', '2s'),
    ('next-command', 'guest', EITHER, *UNSIGNED),
    ('next-command:68', 'guest', EITHER, *UNSIGNED),
    ('next-command:72', 'guest', EITHER, *UNSIGNED),
    ('next-command:4294967288', 'guest', EITHER, *UNSIGNED),
    ('cut-body', 'guest', EITHER, *UNSIGNED),
    ('no-credits', 'guest', EITHER, *UNSIGNED, '--timeout', '2s'),
    ('all-credits', 'guest', 0, *UNSIGNED),
    ('read-too-long', 'guest', EITHER, *UNSIGNED),
    ('read-empty', 'guest', (1, 6, 7, 8), *UNSIGNED),
    ('read-elsewhere', 'guest', EITHER, *UNSIGNED),
    ('read-elsewhere:3', 'guest', EITHER, *UNSIGNED),
    ('pending', 'guest', 0, *UNSIGNED),
    ('pending-twice', 'guest', EITHER, *UNSIGNED),
    ('other-async-id', 'guest', EITHER, *UNSIGNED),
    ('pending-for-ever', 'guest', NETWORK, *UNSIGNED, '--deadline', '4s'),
    # ... and on one where there is: nothing of it may be believed.
    ('other-message-id', 'sign', EITHER, '--timeout', '2s'),
    ('other-command', 'sign', EITHER, '--timeout', '2s'),
    ('next-command', 'sign', EITHER),
    ('cut-body', 'sign', EITHER),
    ('no-credits', 'sign', EITHER, '--timeout', '2s'),
    ('all-credits', 'sign', EITHER),
    ('swapped', 'sign', EITHER, '--timeout', '4s'),
    ('read-empty', 'sign', EITHER),
)

# The same for `put`: the old content stays.
PUT = (
    ('strip-signed', 'sign', POLICY),
    ('flip-signature', 'sign', POLICY),
    ('flip-tag', 'seal', POLICY),
    ('plain-in-sealed', 'seal', POLICY),
    ('echo-signature', 'smb30', POLICY, *SIGN),
    ('flip-tag', 'seal30', POLICY),
    ('downgrade:0x0302', 'plain', POLICY),
    ('twice', 'sign', 0),
    ('close-at:1500', 'plain', NETWORK),
    ('reset-at:1500', 'sign', NETWORK),
    ('silence:6', 'plain', NETWORK, '--timeout', '2s'),
    ('one-byte', 'plain', 0),
    ('coalesce', 'seal', 0),
    ('no-credits', 'guest', EITHER, *UNSIGNED, '--timeout', '2s'),
    ('all-credits', 'guest', 0, *UNSIGNED),
    ('pending', 'guest', 0, *UNSIGNED),
)

DATA = noise(20 << 20)


def _place(t, name, data, options):
    """Put a file where the user of these options may get at it; returns its URL and its path."""
    if '--anonymous' not in options:
        return t.url(name), t.place(name, data)
    path = t.samba.local(os.path.basename(t.folder) + name, 'open')
    with open(path, 'wb') as out:
        out.write(data)
    os.chmod(path, 0o666)
    return t.url(os.path.basename(path), user=None, share='open', folder=''), path


def _content(path):
    with open(path, 'rb') as file:
        return file.read()


def _hostile_get(t, fault, status, options):
    t.make('target', b'old')
    with through(t, fault) as proxy:
        url, path = _place(t, 'x', DATA, options)
        result = t.run('get', *options, url, 'target')
        _judge(t, result, status, proxy)
    t.equal(t.local('target'), DATA if result.status == 0 else b'old')
    t.only(here=['target'])
    os.remove(path)


def _hostile_put(t, fault, status, options):
    t.make('source', DATA)
    with through(t, fault) as proxy:
        url, path = _place(t, 'y', b'old', options)
        result = t.run('put', *options, 'source', url)
        _judge(t, result, status, proxy)
    t.equal(_content(path), DATA if result.status == 0 else b'old')
    if '--anonymous' not in options:
        t.only(there=['y'])
    os.remove(path)


@case('sign', hostile=True)
def forged_errors(t):
    """a put that was done and answered with a forged error never costs the target"""
    t.make('source', DATA)
    for number in range(1, 5):  # marked, room made, unmarked, renamed
        with through(t, f'forge-error:{number}') as proxy:
            url, path = _place(t, 'y', b'old', ())
            result = t.run('put', 'source', url)
            t.check(result.status in (0, POLICY), f'ends with {result.status}: {result}')
            t.check(proxy.hits > 0, f'nothing was forged: {result}')
        t.check(_content(path) in (b'old', DATA), f'the target is neither old nor new after {number}')
        if result.status == 0:
            t.equal(_content(path), DATA)
        t.only(there=['y'])


def _judge(t, result, status, proxy):
    if status == 0:
        t.check(result.status == 0, f'should succeed: {result}')
    else:
        t.failed(result, status)
    t.check(proxy.connections > 0, 'nobody came to the proxy')
    t.check(proxy.hits > 0 or proxy.fault == 'none', f'the fault never acted: {result}')


def _register(what, row, attempt):
    fault, profile, status, *options = row

    def trial(t):
        attempt(t, fault, status, options)

    trial.__name__ = f'{what}-{fault}'.replace(':', '-')
    trial.__doc__ = f'hostile {what}: {fault} {" ".join(options)}'
    case(profile, hostile=True)(trial)


for _row in GET:
    _register('get', _row, _hostile_get)
for _row in PUT:
    _register('put', _row, _hostile_put)


@case('plain', hostile=True)
def loopback_of_our_own(t):
    """hostile: a peer that sends back what it was sent"""
    def echo(server):
        peer = server.accept()[0]
        while piece := peer.recv(65536):
            peer.sendall(piece)

    with socket.create_server(('127.0.0.1', 0)) as server:
        threading.Thread(target=echo, args=(server,), daemon=True).start()
        t.fails(EITHER, 'ls', f'smb://alice@127.0.0.1:{server.getsockname()[1]}/data', '--timeout', '3s')
