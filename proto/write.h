/* write.h: WRITE (MS-SMB2 2.2.21, 2.2.22). */
#ifndef LSMB_PROTO_WRITE_H
#define LSMB_PROTO_WRITE_H

#include "proto/header.h"

/* The request's body before the payload, which follows it at once. */
enum { SMB2_WRITE_REQUEST_LEN = 48, SMB2_WRITE_REPLY_LEN = 16 };

/* MS-SMB2 2.2.21. */
enum smb2_write_flags {
    SMB2_WRITEFLAG_WRITE_THROUGH = 0x00000001,
    SMB2_WRITEFLAG_WRITE_UNBUFFERED = 0x00000002,
};

struct smb2_write_request {
    uint32_t length; /* bytes of payload */
    uint64_t offset; /* bytes from the start of the file */
    struct smb2_file_id file;
    uint32_t flags; /* enum smb2_write_flags */
    struct span
        data; /* get: the payload.  put: not looked at, the caller lays it behind the body */
};

struct smb2_write_reply {
    uint32_t count; /* bytes written; may be fewer than sent */
};

/* Write exactly SMB2_WRITE_REQUEST_LEN bytes. */
void smb2_write_request_put(struct wr *w, const struct smb2_write_request *q);
bool smb2_write_request_get(struct smb2_write_request *out, struct span msg);
void smb2_write_reply_put(struct wr *w, const struct smb2_write_reply *a);

/* `sent` is the Length of the request.  A Count above it, or of nothing out of something, is
 * refused: to ask again for the rest would never end. */
bool smb2_write_reply_get(struct smb2_write_reply *out, struct span msg, uint32_t sent);

#endif
