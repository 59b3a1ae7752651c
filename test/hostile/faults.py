"""The faults: each one small lie of a server, or of somebody between client and server.

A fault sees every request and every reply of one connection as frames, and says what is passed on.
`hit()` counts that it really did something; a test in which the fault never acted proves nothing.
"""
import struct
import threading
import time

from wire import (ACCESS_DENIED, ASYNC, CIPHER_CONTEXT, COMPRESSED, HEADER, INVALID_PARAMETER, IOCTL, NEGOTIATE,
                  NOT_SUPPORTED, PENDING, PREAUTH_CONTEXT, READ, SEALED, SESSION_DELETED, SESSION_SETUP, SET_INFO,
                  SIGNED, SIGNING_CONTEXT, SMB1, SUCCESS, TREE_CONNECT, VALIDATE_NEGOTIATE_INFO, error_body,
                  offering, pending_before, reply_to, tree_connect_body)

FAULTS = {}


def fault(name):
    def register(cls):
        FAULTS[name] = cls
        return cls

    return register


class Cut(Exception):
    """Close the connection now; with `reset`, so that the client sees RST."""

    def __init__(self, reset=False):
        super().__init__()
        self.reset = reset


@fault('none')
class Fault:
    """Passes everything on."""

    def __init__(self, hit, number):
        self.hit = hit            # call it when the fault acts
        self.number = number      # the N of NAME:N, or None
        self.logged_on = False    # the final SESSION_SETUP reply has passed
        self.next_message_id = 0  # that of the next request, as far as requests were plain
        self.control_codes = {}   # MessageId -> FSCTL of plain IOCTL requests
        self.released = None      # the proxy's: what is held may go on

    def watch_request(self, frame):
        if frame.is_smb2():
            self.next_message_id = frame.message_id + max(1, frame.credit_charge)
            if frame.command == IOCTL and len(frame) > 72:
                self.control_codes[frame.message_id] = frame.control_code

    def watch_reply(self, frame):
        if frame.is_command(SESSION_SETUP) and frame.status == SUCCESS:
            self.logged_on = True

    def request(self, frame):
        """The frames to send to the server instead of this one."""
        return [frame]

    def reply(self, frame):
        """The frames to send to the client instead of this one.  `logged_on` is still as before it."""
        return [frame]

    def to_server(self, frame):
        """Frames for the client, made up in answer to this request; the server does not see it.
        None: pass the request on."""
        return None

    def write(self, sock, data):
        """Send one reply's bytes, its length prefix included."""
        sock.sendall(data)


class Change(Fault):
    """Changes replies that `wants()` picks, in place."""

    once = False

    def wants(self, frame):
        return self.logged_on and frame.is_smb2()

    def change(self, frame):
        raise NotImplementedError

    def reply(self, frame):
        if self.wants(frame) and not (self.once and self.done()):
            self.hit()
            self.acted = True
            self.change(frame)
        return [frame]

    acted = False

    def done(self):
        return self.acted


# ---------------------------------------------------------------- signatures and seals


@fault('strip-signed')
class StripSigned(Change):
    """Replies after the logon lose the SIGNED flag and their signature."""

    def wants(self, frame):
        return super().wants(frame) and frame.flags & SIGNED

    def change(self, frame):
        frame.flags &= ~SIGNED
        frame[48:64] = bytes(16)


@fault('forge-error')
class ForgeError(Change):
    """The N-th SET_INFO after the logon is done, but answered with an error in which real servers leave the
    signature out."""

    seen = 0

    def wants(self, frame):
        if not super().wants(frame) or frame.command != SET_INFO or frame.status != SUCCESS:
            return False
        self.seen += 1
        return self.seen == self.number

    def change(self, frame):
        frame.status = INVALID_PARAMETER
        frame[64:] = error_body()
        frame.flags |= SIGNED
        frame[48:64] = bytes(16)


@fault('flip-signature')
class FlipSignature(StripSigned):
    """One bit of every signature after the logon is wrong."""

    def change(self, frame):
        frame[48] ^= 1


@fault('zero-signature')
class ZeroSignature(StripSigned):
    """Every signature after the logon is zeros, and the flag stands."""

    def change(self, frame):
        frame.signature = bytes(16)


@fault('echo-signature')
class EchoSignature(StripSigned):
    """Every reply after the logon has the signature of its request."""

    def __init__(self, hit, number):
        super().__init__(hit, number)
        self.asked = {}  # MessageId -> signature

    def watch_request(self, frame):
        super().watch_request(frame)
        if frame.is_smb2():
            self.asked[frame.message_id] = frame.signature

    def change(self, frame):
        frame.signature = self.asked.get(frame.message_id, bytes(16))


@fault('reflect')
class Reflect(Fault):
    """After the logon the client gets back what it says."""

    def to_server(self, frame):
        if not self.logged_on:
            return None
        self.hit()
        return [frame]


@fault('twice')
class Twice(Change):
    """Every reply after the logon comes twice, but for interim ones, of which there is one at most."""

    def reply(self, frame):
        if not self.wants(frame) or frame.status == PENDING:
            return [frame]
        self.hit()
        return [frame, frame]


@fault('session-gone')
class SessionGone(EchoSignature):
    """The first READ or SET_INFO is done, and answered as by a Samba that has lost the session: with the
    request's own signature."""

    once = True

    def wants(self, frame):
        return super().wants(frame) and frame.command in (READ, SET_INFO)

    def change(self, frame):
        super().change(frame)
        frame.status = SESSION_DELETED
        frame[64:] = error_body()


@fault('flip-status')
class FlipStatus(StripSigned):
    """Signed replies say SUCCESS or ACCESS_DENIED, whichever they did not."""

    def change(self, frame):
        frame.status = ACCESS_DENIED if frame.status == SUCCESS else SUCCESS


@fault('flip-data')
class FlipData(Change):
    """One bit of what a READ brings is wrong."""

    def wants(self, frame):
        return frame.is_command(READ) and frame.status == SUCCESS and len(frame) > 80

    def change(self, frame):
        frame[80] ^= 1


@fault('evil-names')
class EvilNames(Change):
    """In listings, the name `harmless` is one that leads elsewhere: the N-th of these."""

    harmless = 'harmless'.encode('utf-16le')
    names = ('../../up', '..\\..\\up', '/up/etc/', 'a/../../', 'up\0up/..')

    def wants(self, frame):
        return super().wants(frame) and self.harmless in frame

    def change(self, frame):
        frame[:] = frame.replace(self.harmless, self.names[self.number].encode('utf-16le'))


@fault('unsigned-logon')
class UnsignedLogon(Change):
    """The reply that ends the logon is not signed."""

    def wants(self, frame):
        return frame.is_command(SESSION_SETUP) and frame.status == SUCCESS

    def change(self, frame):
        frame.flags &= ~SIGNED
        frame[48:64] = bytes(16)


@fault('guest-logon')
class GuestLogon(UnsignedLogon):
    """The logon ends as a guest's, which nobody asked for."""

    def change(self, frame):
        super().change(frame)
        frame.session_flags = 1


@fault('flip-tag')
class FlipTag(Change):
    """One bit of the tag of every sealed reply is wrong."""

    def wants(self, frame):
        return frame.is_sealed()

    def change(self, frame):
        frame[4] ^= 1


@fault('flip-sealed')
class FlipSealed(FlipTag):
    """One bit of what is sealed is wrong."""

    def change(self, frame):
        frame[-1] ^= 1


@fault('foreign-seal')
class ForeignSeal(FlipTag):
    """Sealed replies belong to a session that does not exist."""

    def change(self, frame):
        frame.sealed_session_id ^= 0x10


@fault('plain-in-sealed')
class PlainInSealed(Fault):
    """The first sealed request is answered with a plain TREE_CONNECT success by somebody else."""

    def to_server(self, frame):
        if not frame.is_sealed():
            return None
        self.hit()
        return [reply_to(TREE_CONNECT, self.next_message_id, frame.sealed_session_id, tree_connect_body())]


# ---------------------------------------------------------------- NEGOTIATE


class ChangeNegotiate(Change):
    def wants(self, frame):
        return frame.is_command(NEGOTIATE) and frame.status == SUCCESS


@fault('dialect-not-offered')
class DialectNotOffered(ChangeNegotiate):
    """The server takes dialect 2.2.2, which was never offered."""

    def change(self, frame):
        frame.dialect = 0x0222


class ChangeContext(ChangeNegotiate):
    """Changes the first value of one negotiate context."""

    kind = offset = value = 0

    def wants(self, frame):
        return super().wants(frame) and frame.dialect == 0x0311 and frame.context(self.kind) is not None

    def change(self, frame):
        struct.pack_into('<H', frame, frame.context(self.kind) + self.offset, self.value)


@fault('cipher-not-offered')
class CipherNotOffered(ChangeContext):
    """The server takes a cipher that was never offered."""

    kind, offset, value = CIPHER_CONTEXT, 2, 0x0009


@fault('signing-not-offered')
class SigningNotOffered(ChangeContext):
    """The server takes a signing algorithm that was never offered."""

    kind, offset, value = SIGNING_CONTEXT, 2, 0x0009


@fault('hash-not-offered')
class HashNotOffered(ChangeContext):
    """The server takes a preauthentication hash that was never offered."""

    kind, offset, value = PREAUTH_CONTEXT, 4, 0x0009


@fault('context-twice')
class ContextTwice(ChangeNegotiate):
    """The preauthentication context stands in the reply twice."""

    def wants(self, frame):
        return super().wants(frame) and frame.dialect == 0x0311

    def change(self, frame):
        at, _, length = next(context for context in frame.contexts() if context[1] == PREAUTH_CONTEXT)
        copy = bytes(frame[at:at + 8 + length])
        frame.extend(bytes(-len(frame) % 8) + copy)
        frame.context_count += 1


@fault('negotiate-reply-changed')
class NegotiateReplyChanged(ChangeNegotiate):
    """A capability is missing from the reply on its way: the preauthentication hashes must differ."""

    def change(self, frame):
        frame.capabilities ^= 2  # LEASING


@fault('no-encryption')
class NoEncryption(ChangeNegotiate):
    """The server's word that it can encrypt, as 3.0 and 3.0.2 say it, is missing from the reply."""

    def change(self, frame):
        frame.capabilities &= ~0x40


@fault('no-signing')
class NoSigning(ChangeNegotiate):
    """The server's demand for signatures is missing from the reply."""

    def change(self, frame):
        frame.security_mode &= ~2


@fault('negotiate-request-changed')
class NegotiateRequestChanged(Fault):
    """A capability is missing from the request on its way."""

    def request(self, frame):
        if frame.is_command(NEGOTIATE) and len(frame) >= 100:
            self.hit()
            frame[72] ^= 2
        return [frame]


@fault('downgrade')
class Downgrade(Fault):
    """The server sees an offer of dialect N only, by default of 2.0.2 and 2.1; VALIDATE_NEGOTIATE_INFO has to
    notice."""

    def request(self, frame):
        if frame.is_command(NEGOTIATE) and len(frame) >= 100:
            self.hit()
            return [offering(frame, [self.number] if self.number else [0x0202, 0x0210])]
        return [frame]

    def is_validate(self, frame):
        return frame.is_command(IOCTL) and \
            self.control_codes.get(frame.message_id) == VALIDATE_NEGOTIATE_INFO


@fault('downgrade-silent')
class DowngradeSilent(Downgrade):
    """As downgrade, and VALIDATE_NEGOTIATE_INFO is never answered."""

    def to_server(self, frame):
        return [] if self.is_validate(frame) else None


@fault('downgrade-forged')
class DowngradeForged(Downgrade):
    """As downgrade, and VALIDATE_NEGOTIATE_INFO is answered by an unsigned NOT_SUPPORTED."""

    def to_server(self, frame):
        if not self.is_validate(frame):
            return None
        return [reply_to(IOCTL, frame.message_id, frame.session_id, error_body(), NOT_SUPPORTED)]


# ---------------------------------------------------------------- the connection


@fault('close-at')
class CloseAt(Fault):
    """Every connection ends after N bytes of replies (default 20000)."""

    reset = False
    sent = 0

    def write(self, sock, data):
        limit = 20000 if self.number is None else self.number
        sock.sendall(data[:limit - self.sent])
        self.sent += len(data)
        if self.sent >= limit:
            self.hit()
            raise Cut(self.reset)


@fault('reset-at')
class ResetAt(CloseAt):
    """As close-at, by RST."""

    reset = True


@fault('silence')
class Silence(Fault):
    """After N replies (default 0) nothing is answered, and the connection stays."""

    passed = 0

    def reply(self, frame):
        if self.passed >= (self.number or 0):
            self.hit()
            return []
        self.passed += 1
        return [frame]


@fault('one-byte')
class OneByte(Fault):
    """Replies come one byte per segment; of large ones, the first 200."""

    def write(self, sock, data):
        self.hit()
        for at in range(min(len(data), 200)):
            sock.sendall(data[at:at + 1])
        sock.sendall(data[200:])


@fault('coalesce')
class Coalesce(Fault):
    """Replies are held back and come in one piece, as many as arrive within 20 ms."""

    def __init__(self, hit, number):
        super().__init__(hit, number)
        self.lock = threading.Lock()
        self.held = b''

    def write(self, sock, data):
        self.hit()
        with self.lock:
            if not self.held:
                threading.Timer(0.02, self.flush, [sock]).start()
            self.held += data

    def flush(self, sock):
        with self.lock:
            data, self.held = self.held, b''
            try:
                sock.sendall(data)
            except OSError:
                pass  # the connection is gone


@fault('hold')
class Hold(Fault):
    """Replies behind the first N (default 0) wait until the proxy is told to release them."""

    passed = 0

    def write(self, sock, data):
        if self.passed >= (self.number or 0) and not self.released.is_set():
            self.hit()
            self.released.wait()
        self.passed += 1
        sock.sendall(data)


@fault('delay')
class Delay(Fault):
    """Every reply comes N milliseconds late (default 50)."""

    def write(self, sock, data):
        self.hit()
        time.sleep((self.number or 50) / 1000)
        sock.sendall(data)


# ---------------------------------------------------------------- frames


class BadFrame(Fault):
    """Replies after the logon are replaced by bytes that are no message."""

    def junk(self, data):
        raise NotImplementedError

    def write(self, sock, data):
        if self.logged_on:
            self.hit()
            data = self.junk(data)
        sock.sendall(data)


@fault('huge-frame')
class HugeFrame(BadFrame):
    """A frame is announced to be 16 MiB long."""

    def junk(self, data):
        return b'\0\xff\xff\xff' + data[4:]


@fault('tiny-frame')
class TinyFrame(BadFrame):
    """A frame is three bytes long."""

    def junk(self, data):
        return b'\0\0\0\3' + data[4:7]


@fault('empty-frame')
class EmptyFrame(BadFrame):
    """A frame is empty."""

    def junk(self, data):
        return bytes(4)


@fault('half-header')
class HalfHeader(BadFrame):
    """A frame ends within the header."""

    def junk(self, data):
        return b'\0\0\0\x28' + data[4:44]


@fault('smb1')
class Smb1(BadFrame):
    """A reply says it is SMB 1."""

    def junk(self, data):
        return data[:4] + SMB1 + data[8:]


@fault('compressed')
class Compressed(BadFrame):
    """A reply says it is compressed, which was not negotiated."""

    def junk(self, data):
        return data[:4] + COMPRESSED + data[8:]


@fault('sealed-junk')
class SealedJunk(BadFrame):
    """A reply says it is sealed, and is not."""

    def junk(self, data):
        return data[:4] + SEALED + data[8:]


# ---------------------------------------------------------------- headers and bodies, for unsigned sessions


@fault('other-message-id')
class OtherMessageId(Change):
    """Replies after the logon answer requests that were never sent."""

    def change(self, frame):
        frame.message_id += 1000


@fault('other-command')
class OtherCommand(Change):
    """Replies after the logon are for another command."""

    def change(self, frame):
        frame.command = (frame.command + 1) % 19


@fault('swapped')
class Swapped(Change):
    """READ replies come in pairs with each other's MessageId."""

    held = None

    def reply(self, frame):
        if not frame.is_command(READ) or frame.status != SUCCESS:
            return [frame]
        if self.held is None:
            self.held = frame
            return []
        self.hit()
        first, self.held = self.held, None
        first.message_id, frame.message_id = frame.message_id, first.message_id
        return [first, frame]


@fault('next-command')
class NextCommand(Change):
    """The next element of a compound is said to be N bytes on (default 8: inside this one's header)."""

    def change(self, frame):
        frame.next_command = 8 if self.number is None else self.number


@fault('cut-body')
class CutBody(Change):
    """Replies after the logon lack their last bytes."""

    def change(self, frame):
        del frame[HEADER + 3:]


@fault('no-credits')
class NoCredits(Change):
    """No reply ever grants anything."""

    def wants(self, frame):
        return frame.is_smb2()

    def change(self, frame):
        frame.credits = 0


@fault('all-credits')
class AllCredits(Change):
    """Every reply after the logon grants 65535 credits."""

    def change(self, frame):
        frame.credits = 65535


class ChangeRead(Change):
    def wants(self, frame):
        return frame.is_command(READ) and frame.status == SUCCESS


@fault('read-too-long')
class ReadTooLong(ChangeRead):
    """A READ says it brings more than the frame has."""

    def change(self, frame):
        frame.data_length += 1


@fault('read-empty')
class ReadEmpty(ChangeRead):
    """A READ succeeds and brings nothing, for ever."""

    def change(self, frame):
        frame.data_length = 0
        del frame[80:]


@fault('read-elsewhere')
class ReadElsewhere(ChangeRead):
    """What a READ brings is said to begin where the frame has ended, or in the header."""

    def change(self, frame):
        frame.data_offset = 255 if self.number is None else self.number
        del frame[200:]


@fault('pending')
class Pending(Change):
    """An interim reply comes before every reply after the logon, and the reply is then async."""

    interims = 1

    def reply(self, frame):
        # A compound's elements and what is async already stay as they are, and so does TREE_CONNECT,
        # whose TreeId an async header has no room for.
        if not self.wants(frame) or frame.next_command or frame.status == PENDING or frame.flags & ASYNC \
                or frame.command == TREE_CONNECT:
            return [frame]
        self.hit()
        interim = pending_before(frame, 0x77)
        frame.flags |= ASYNC
        frame.async_id = 0x77
        interim.credits, frame.credits = frame.credits, 0  # as Samba does
        return [interim] * self.interims + [frame]


@fault('pending-twice')
class PendingTwice(Pending):
    """Two interim replies come before the reply."""

    interims = 2


@fault('other-async-id')
class OtherAsyncId(Pending):
    """The AsyncId of the reply is not that of the interim one."""

    def reply(self, frame):
        frames = super().reply(frame)
        if len(frames) > 1:
            frames[-1].async_id += 1
        return frames


@fault('pending-for-ever')
class PendingForEver(Pending):
    """Only the interim reply ever comes."""

    def reply(self, frame):
        return super().reply(frame)[:1]


def make(name, hit):
    """A fault from NAME or NAME:NUMBER."""
    name, _, number = name.partition(':')
    return FAULTS[name](hit, int(number, 0) if number else None)
