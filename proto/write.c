/* write.c: WRITE (MS-SMB2 2.2.21, 2.2.22). */
#include "proto/write.h"

void smb2_write_request_put(struct wr *w, const struct smb2_write_request *q)
{
    wr_u16(w, 49);                                       /* StructureSize */
    wr_u16(w, SMB2_HEADER_LEN + SMB2_WRITE_REQUEST_LEN); /* DataOffset */
    wr_u32(w, q->length);
    wr_u64(w, q->offset);
    smb2_file_id_put(w, q->file);
    wr_u32(w, 0); /* Channel */
    wr_u32(w, 0); /* RemainingBytes */
    wr_u32(w, 0); /* WriteChannelInfo offset, length */
    wr_u32(w, q->flags);
}

bool smb2_write_request_get(struct smb2_write_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 49);
    uint16_t data = rd_u16(&r);
    out->length = rd_u32(&r);
    out->offset = rd_u64(&r);
    out->file = smb2_file_id_get(&r);
    rd_skip(&r, 12); /* Channel, RemainingBytes, WriteChannelInfo */
    out->flags = rd_u32(&r);
    out->data = rd_view(&r, data, out->length);
    return rd_ok(&r);
}

void smb2_write_reply_put(struct wr *w, const struct smb2_write_reply *a)
{
    wr_u16(w, 17); /* StructureSize */
    wr_u16(w, 0);  /* Reserved */
    wr_u32(w, a->count);
    wr_u32(w, 0); /* Remaining */
    wr_u32(w, 0); /* WriteChannelInfo offset, length */
}

bool smb2_write_reply_get(struct smb2_write_reply *out, struct span msg, uint32_t sent)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 17);
    rd_skip(&r, 2); /* Reserved */
    out->count = rd_u32(&r);
    rd_skip(&r, 8); /* Remaining, WriteChannelInfo */
    return rd_ok(&r) && out->count <= sent && (out->count > 0 || sent == 0);
}
