/* tree.c: TREE_CONNECT (MS-SMB2 2.2.9, 2.2.10). */
#include "proto/tree.h"

enum { REQUEST_LEN = 8 }; /* before the path */

void smb2_tree_connect_request_put(struct wr *w, const struct smb2_tree_connect_request *q)
{
    wr_u16(w, 9); /* StructureSize */
    wr_u16(w, q->flags);
    wr_u16(w, SMB2_HEADER_LEN + REQUEST_LEN); /* PathOffset */
    wr_size16(w, q->path.len);
    smb2_buffer_put(w, q->path);
}

bool smb2_tree_connect_request_get(struct smb2_tree_connect_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 9);
    out->flags = rd_u16(&r);
    uint16_t offset = rd_u16(&r);
    uint16_t length = rd_u16(&r);
    rd_require(&r, length % 2 == 0);
    out->path = rd_view(&r, offset, length);
    return rd_ok(&r);
}

void smb2_tree_connect_reply_put(struct wr *w, const struct smb2_tree_connect_reply *a)
{
    wr_u16(w, 16); /* StructureSize */
    wr_u8(w, a->share_type);
    wr_u8(w, 0); /* Reserved */
    wr_u32(w, a->share_flags);
    wr_u32(w, a->capabilities);
    wr_u32(w, a->maximal_access);
}

bool smb2_tree_connect_reply_get(struct smb2_tree_connect_reply *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 16);
    out->share_type = rd_u8(&r);
    rd_skip(&r, 1); /* Reserved */
    out->share_flags = rd_u32(&r);
    out->capabilities = rd_u32(&r);
    out->maximal_access = rd_u32(&r);
    return rd_ok(&r);
}
