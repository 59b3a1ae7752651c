/* session.c: SESSION_SETUP (MS-SMB2 2.2.5, 2.2.6). */
#include "proto/session.h"

void smb2_session_setup_request_put(struct wr *w, const struct smb2_session_setup_request *q)
{
    wr_u16(w, 25); /* StructureSize */
    wr_u8(w, q->flags);
    wr_u8(w, q->security_mode);
    wr_u32(w, q->capabilities);
    wr_u32(w, 0);                                                /* Channel */
    wr_u16(w, SMB2_HEADER_LEN + SMB2_SESSION_SETUP_REQUEST_LEN); /* SecurityBufferOffset */
    wr_size16(w, q->token.len);
    wr_u64(w, q->previous_session_id);
    smb2_buffer_put(w, q->token);
}

bool smb2_session_setup_request_get(struct smb2_session_setup_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 25);
    out->flags = rd_u8(&r);
    out->security_mode = rd_u8(&r);
    out->capabilities = rd_u32(&r);
    rd_skip(&r, 4); /* Channel */
    uint16_t offset = rd_u16(&r);
    uint16_t length = rd_u16(&r);
    out->previous_session_id = rd_u64(&r);
    out->token = rd_view(&r, offset, length);
    return rd_ok(&r);
}

void smb2_session_setup_reply_put(struct wr *w, const struct smb2_session_setup_reply *a)
{
    wr_u16(w, 9); /* StructureSize */
    wr_u16(w, a->session_flags);
    wr_u16(w, SMB2_HEADER_LEN + SMB2_SESSION_SETUP_REPLY_LEN); /* SecurityBufferOffset */
    wr_size16(w, a->token.len);
    smb2_buffer_put(w, a->token);
}

bool smb2_session_setup_reply_get(struct smb2_session_setup_reply *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 9);
    out->session_flags = rd_u16(&r);
    uint16_t offset = rd_u16(&r);
    uint16_t length = rd_u16(&r);
    out->token = rd_view(&r, offset, length);
    return rd_ok(&r);
}
