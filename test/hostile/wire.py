"""SMB2 messages as bytes with names: just enough to find and change what a fault is about."""
import struct

SMB1, SMB2, SEALED, COMPRESSED = b'\xffSMB', b'\xfeSMB', b'\xfdSMB', b'\xfcSMB'
NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, READ, IOCTL, SET_INFO = 0, 1, 3, 5, 8, 11, 17
TO_REDIR, ASYNC, SIGNED = 1, 2, 8
SUCCESS, PENDING, ACCESS_DENIED, NOT_SUPPORTED = 0, 0x103, 0xC0000022, 0xC00000BB
INVALID_PARAMETER, SESSION_DELETED = 0xC000000D, 0xC0000203
HEADER = 64
VALIDATE_NEGOTIATE_INFO = 0x00140204
PREAUTH_CONTEXT, CIPHER_CONTEXT, SIGNING_CONTEXT = 1, 2, 8


def _field(layout, offset):
    def get(self):
        return struct.unpack_from(layout, self, offset)[0]

    def put(self, value):
        struct.pack_into(layout, self, offset, value)

    return property(get, put)


class Frame(bytearray):
    """One message without its length prefix.  The fields are the header's (MS-SMB2 2.2.1)."""

    credit_charge = _field('<H', 6)
    status = _field('<I', 8)
    command = _field('<H', 12)
    credits = _field('<H', 14)
    flags = _field('<I', 16)
    next_command = _field('<I', 20)
    message_id = _field('<Q', 24)
    async_id = _field('<Q', 32)
    tree_id = _field('<I', 36)
    session_id = _field('<Q', 40)

    @property
    def signature(self):
        return bytes(self[48:64])

    @signature.setter
    def signature(self, value):
        self[48:64] = value

    # NEGOTIATE response (2.2.4)
    dialect = _field('<H', 68)
    context_count = _field('<H', 70)
    capabilities = _field('<I', 88)
    context_offset = _field('<I', 124)

    # SESSION_SETUP response (2.2.6), READ response (2.2.20), IOCTL request (2.2.31)
    security_mode = _field('<H', 66)
    session_flags = _field('<H', 66)
    data_offset = _field('<B', 66)
    data_length = _field('<I', 68)
    control_code = _field('<I', 68)

    # TRANSFORM_HEADER (2.2.41)
    sealed_session_id = _field('<Q', 44)

    def is_smb2(self):
        return len(self) >= HEADER and self[:4] == SMB2

    def is_sealed(self):
        return len(self) >= 52 and self[:4] == SEALED

    def is_command(self, command):
        return self.is_smb2() and self.command == command

    def contexts(self):
        """(offset, type, length) of each negotiate context of a NEGOTIATE response (2.2.4.1)."""
        offset = self.context_offset
        for _ in range(self.context_count):
            kind, length = struct.unpack_from('<HH', self, offset)
            yield offset, kind, length
            offset += (8 + length + 7) & ~7

    def context(self, wanted):
        """The offset of a context's data, or None."""
        return next((at + 8 for at, kind, _ in self.contexts() if kind == wanted), None)


def reply_to(command, message_id, session_id, body, status=SUCCESS):
    """A plain, unsigned reply (2.2.1.2) made from nothing."""
    return Frame(struct.pack('<4sHHIHHIIQIIQ16s', SMB2, HEADER, 1, status, command, 1, TO_REDIR, 0,
                             message_id, 0, 1, session_id, b'') + body)


def error_body():
    return struct.pack('<HBBIB', 9, 0, 0, 0, 0)  # 2.2.2


def tree_connect_body():
    return struct.pack('<HBBIII', 16, 1, 0, 0, 0, 0x001F01FF)  # 2.2.10: a disk, full access


def pending_before(final, async_id):
    """The interim reply that could have come before `final` (3.3.4.2)."""
    interim = Frame(bytes(final[:HEADER]) + error_body())
    interim.status, interim.next_command, interim.async_id = PENDING, 0, async_id
    interim.flags = TO_REDIR | ASYNC
    interim[48:64] = bytes(16)
    return interim


def offering(request, dialects):
    """A NEGOTIATE request (2.2.3) that offers only these dialects below 3.1.1."""
    plain = request[:100] + struct.pack(f'<{len(dialects)}H', *dialects)
    struct.pack_into('<H', plain, 66, len(dialects))
    struct.pack_into('<Q', plain, 92, 0)  # ClientStartTime, where the contexts were described
    return Frame(plain)
