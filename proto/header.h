/* header.h: the header of every SMB2 message (MS-SMB2 2.2.1), and how messages stand in a compound.
 *
 * Conventions of all message codecs:
 *   ..._put()          write a body without its header into a writer whose position 0 is the first
 *                      byte of the body, so that an offset on the wire is 64 + position;
 *   ..._get(out, msg)  read one whole message with its 64-byte header, from which offsets count;
 *                      false when it is malformed, and `out` is worthless then.
 * Spans in what was read are borrowed from the message.  Strings are UTF-16LE as on the wire
 * (proto/utf16 converts), times are FILETIME (proto/filetime converts). */
#ifndef LSMB_PROTO_HEADER_H
#define LSMB_PROTO_HEADER_H

#include "proto/bytes.h"

enum { SMB2_HEADER_LEN = 64 };

/* ProtocolId: the first four bytes of a message, as a little-endian number. */
#define SMB1_PROTOCOL_ID             0x424D53FFu /* MS-CIFS 2.2.3.1: only around NEGOTIATE */
#define SMB2_PROTOCOL_ID             0x424D53FEu /* MS-SMB2 2.2.1 */
#define SMB2_TRANSFORM_PROTOCOL_ID   0x424D53FDu /* MS-SMB2 2.2.41: sealed */
#define SMB2_COMPRESSION_PROTOCOL_ID 0x424D53FCu /* MS-SMB2 2.2.42: compressed */

/* MS-SMB2 2.2.1.2. */
enum smb2_command {
    SMB2_NEGOTIATE = 0x00,
    SMB2_SESSION_SETUP = 0x01,
    SMB2_LOGOFF = 0x02,
    SMB2_TREE_CONNECT = 0x03,
    SMB2_TREE_DISCONNECT = 0x04,
    SMB2_CREATE = 0x05,
    SMB2_CLOSE = 0x06,
    SMB2_FLUSH = 0x07,
    SMB2_READ = 0x08,
    SMB2_WRITE = 0x09,
    SMB2_LOCK = 0x0A,
    SMB2_IOCTL = 0x0B,
    SMB2_CANCEL = 0x0C,
    SMB2_ECHO = 0x0D,
    SMB2_QUERY_DIRECTORY = 0x0E,
    SMB2_CHANGE_NOTIFY = 0x0F,
    SMB2_QUERY_INFO = 0x10,
    SMB2_SET_INFO = 0x11,
    SMB2_OPLOCK_BREAK = 0x12,
    SMB2_SERVER_TO_CLIENT_NOTIFICATION = 0x13,
};

/* MS-SMB2 2.2.1.2; bits 0x70 are a priority that servers echo: never compare for equality. */
enum smb2_flags {
    SMB2_FLAGS_SERVER_TO_REDIR = 0x00000001,
    SMB2_FLAGS_ASYNC_COMMAND = 0x00000002,
    SMB2_FLAGS_RELATED_OPERATIONS = 0x00000004,
    SMB2_FLAGS_SIGNED = 0x00000008,
    SMB2_FLAGS_DFS_OPERATIONS = 0x10000000,
    SMB2_FLAGS_REPLAY_OPERATION = 0x20000000,
};

/* MessageId of messages that answer no request (MS-SMB2 3.2.5.1.2). */
#define SMB2_MESSAGE_ID_UNSOLICITED UINT64_MAX

/* An open file to the server (MS-SMB2 2.2.14.1). */
struct smb2_file_id {
    uint64_t persistent;
    uint64_t vol;
};

/* "No file", and in a related compound "the file of the request before" (MS-SMB2 3.2.4.1.4). */
#define SMB2_FILE_ID_NONE ((struct smb2_file_id){UINT64_MAX, UINT64_MAX})

struct smb2_header {
    uint16_t credit_charge;
    uint32_t status;       /* reply: NTSTATUS; 3.x request: ChannelSequence in the low 16 bits */
    uint16_t command;      /* enum smb2_command */
    uint16_t credits;      /* request: asked for; reply: granted */
    uint32_t flags;        /* enum smb2_flags */
    uint32_t next_command; /* bytes from this header to the next of a compound; 0 = last */
    uint64_t message_id;
    uint64_t async_id; /* only with SMB2_FLAGS_ASYNC_COMMAND, otherwise 0 */
    uint32_t tree_id;  /* only without it, otherwise 0 */
    uint64_t session_id;
    uint8_t signature[16];
};

/* Write the 64 bytes.  MS-SMB2 2.2.1.1, 2.2.1.2. */
void smb2_header_put(struct wr *w, const struct smb2_header *h);

/* Read the header at the start of `msg`; false unless ProtocolId and StructureSize are right. */
bool smb2_header_get(struct smb2_header *out, struct span msg);

/* The ProtocolId a frame begins with; 0 when it is too short to have one. */
uint32_t smb2_protocol_id(struct span frame);

/* Take the first message off a compound: `msg` is its header, body and padding, `*chain` what
 * follows, empty after the last.  False when the header is malformed or NextCommand is not a
 * multiple of 8 that leads, past a header and a StructureSize, to another message inside.
 * MS-SMB2 3.2.5.1.9. */
bool smb2_chain_take(struct span *chain, struct smb2_header *header, struct span *msg);

void smb2_file_id_put(struct wr *w, struct smb2_file_id id);
struct smb2_file_id smb2_file_id_get(struct rd *r);

/* Write the variable part that ends a body whose StructureSize is odd: such a body counts one byte
 * of it, so an empty one becomes one zero byte.  Servers refuse requests without it; their own
 * replies to READ, WRITE and IOCTL do without. */
void smb2_buffer_put(struct wr *w, struct span buffer);

/* "READ"; "?" for a command that does not exist. */
const char *smb2_command_name(uint16_t command);

#endif
