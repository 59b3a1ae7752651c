/* flush.h: FLUSH (MS-SMB2 2.2.17).  Its reply has an empty body: see misc.h. */
#ifndef LSMB_PROTO_FLUSH_H
#define LSMB_PROTO_FLUSH_H

#include "proto/header.h"

struct smb2_flush_request {
    struct smb2_file_id file;
};

void smb2_flush_request_put(struct wr *w, const struct smb2_flush_request *q);
bool smb2_flush_request_get(struct smb2_flush_request *out, struct span msg);

#endif
