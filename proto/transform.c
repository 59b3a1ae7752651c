/* transform.c: the header of a sealed frame (MS-SMB2 2.2.41). */
#include "proto/transform.h"

void smb2_transform_put(struct wr *w, const struct smb2_transform *t)
{
    wr_u32(w, SMB2_TRANSFORM_PROTOCOL_ID);
    wr_bytes(w, t->signature, sizeof t->signature);
    wr_bytes(w, t->nonce, sizeof t->nonce);
    wr_u32(w, t->original_message_size);
    wr_u16(w, 0); /* Reserved */
    wr_u16(w, SMB2_TRANSFORM_ENCRYPTED);
    wr_u64(w, t->session_id);
}

bool smb2_transform_get(struct smb2_transform *out, struct span frame)
{
    struct rd r = rd_from(frame, 0);

    rd_require(&r, rd_u32(&r) == SMB2_TRANSFORM_PROTOCOL_ID);
    rd_bytes(&r, out->signature, sizeof out->signature);
    rd_bytes(&r, out->nonce, sizeof out->nonce);
    out->original_message_size = rd_u32(&r);
    rd_skip(&r, 2); /* Reserved */
    rd_require(&r, rd_u16(&r) == SMB2_TRANSFORM_ENCRYPTED);
    out->session_id = rd_u64(&r);
    return rd_ok(&r) && out->original_message_size > 0 && out->original_message_size == rd_left(&r);
}
