/* close.h: CLOSE (MS-SMB2 2.2.15, 2.2.16). */
#ifndef LSMB_PROTO_CLOSE_H
#define LSMB_PROTO_CLOSE_H

#include "proto/header.h"

/* Ask for, and in the reply announce, the attributes at the end (MS-SMB2 2.2.15). */
enum smb2_close_flags { SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB = 0x0001 };

struct smb2_close_request {
    uint16_t flags; /* enum smb2_close_flags */
    struct smb2_file_id file;
};

struct smb2_close_reply {
    uint16_t flags; /* without POSTQUERY_ATTRIB what follows is zero and means nothing */
    uint64_t created, accessed, written, changed; /* FILETIME */
    uint64_t allocation_size, end_of_file;        /* bytes */
    uint32_t file_attributes;
};

void smb2_close_request_put(struct wr *w, const struct smb2_close_request *q);
bool smb2_close_request_get(struct smb2_close_request *out, struct span msg);
void smb2_close_reply_put(struct wr *w, const struct smb2_close_reply *a);
bool smb2_close_reply_get(struct smb2_close_reply *out, struct span msg);

#endif
