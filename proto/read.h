/* read.h: READ (MS-SMB2 2.2.19, 2.2.20). */
#ifndef LSMB_PROTO_READ_H
#define LSMB_PROTO_READ_H

#include "proto/header.h"

enum { SMB2_READ_REQUEST_LEN = 49, SMB2_READ_REPLY_LEN = 16 };

/* MS-SMB2 2.2.19. */
enum smb2_read_flags {
    SMB2_READFLAG_READ_UNBUFFERED = 0x01,
    SMB2_READFLAG_REQUEST_COMPRESSED = 0x02,
};

struct smb2_read_request {
    uint8_t flags; /* enum smb2_read_flags */
    struct smb2_file_id file;
    uint64_t offset;        /* bytes from the start of the file */
    uint32_t length;        /* bytes wanted */
    uint32_t minimum_count; /* fewer than this is an error to the server */
};

struct smb2_read_reply {
    struct span data;
};

void smb2_read_request_put(struct wr *w, const struct smb2_read_request *q);
bool smb2_read_request_get(struct smb2_read_request *out, struct span msg);
void smb2_read_reply_put(struct wr *w, const struct smb2_read_reply *a);

/* `asked` is the Length of the request; a server that returns more is refused here, so no caller
 * can be made to write past its buffer. */
bool smb2_read_reply_get(struct smb2_read_reply *out, struct span msg, uint32_t asked);

#endif
