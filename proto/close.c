/* close.c: CLOSE (MS-SMB2 2.2.15, 2.2.16). */
#include "proto/close.h"

void smb2_close_request_put(struct wr *w, const struct smb2_close_request *q)
{
    wr_u16(w, 24); /* StructureSize */
    wr_u16(w, q->flags);
    wr_u32(w, 0); /* Reserved */
    smb2_file_id_put(w, q->file);
}

bool smb2_close_request_get(struct smb2_close_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 24);
    out->flags = rd_u16(&r);
    rd_skip(&r, 4); /* Reserved */
    out->file = smb2_file_id_get(&r);
    return rd_ok(&r);
}

void smb2_close_reply_put(struct wr *w, const struct smb2_close_reply *a)
{
    wr_u16(w, 60); /* StructureSize */
    wr_u16(w, a->flags);
    wr_u32(w, 0); /* Reserved */
    wr_u64(w, a->created);
    wr_u64(w, a->accessed);
    wr_u64(w, a->written);
    wr_u64(w, a->changed);
    wr_u64(w, a->allocation_size);
    wr_u64(w, a->end_of_file);
    wr_u32(w, a->file_attributes);
}

bool smb2_close_reply_get(struct smb2_close_reply *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 60);
    out->flags = rd_u16(&r);
    rd_skip(&r, 4); /* Reserved */
    out->created = rd_u64(&r);
    out->accessed = rd_u64(&r);
    out->written = rd_u64(&r);
    out->changed = rd_u64(&r);
    out->allocation_size = rd_u64(&r);
    out->end_of_file = rd_u64(&r);
    out->file_attributes = rd_u32(&r);
    return rd_ok(&r);
}
