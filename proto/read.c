/* read.c: READ (MS-SMB2 2.2.19, 2.2.20). */
#include "proto/read.h"

void smb2_read_request_put(struct wr *w, const struct smb2_read_request *q)
{
    wr_u16(w, 49);                                   /* StructureSize */
    wr_u8(w, SMB2_HEADER_LEN + SMB2_READ_REPLY_LEN); /* Padding: where the data should start */
    wr_u8(w, q->flags);
    wr_u32(w, q->length);
    wr_u64(w, q->offset);
    smb2_file_id_put(w, q->file);
    wr_u32(w, q->minimum_count);
    wr_u32(w, 0); /* Channel */
    wr_u32(w, 0); /* RemainingBytes */
    wr_u32(w, 0); /* ReadChannelInfo offset, length */
    wr_u8(w, 0);  /* Buffer: one byte, even if unused */
}

bool smb2_read_request_get(struct smb2_read_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 49);
    rd_skip(&r, 1); /* Padding */
    out->flags = rd_u8(&r);
    out->length = rd_u32(&r);
    out->offset = rd_u64(&r);
    out->file = smb2_file_id_get(&r);
    out->minimum_count = rd_u32(&r);
    rd_skip(&r, 12); /* Channel, RemainingBytes, ReadChannelInfo */
    rd_skip(&r, 1);  /* Buffer */
    return rd_ok(&r);
}

void smb2_read_reply_put(struct wr *w, const struct smb2_read_reply *a)
{
    wr_u16(w, 17);                                   /* StructureSize */
    wr_u8(w, SMB2_HEADER_LEN + SMB2_READ_REPLY_LEN); /* DataOffset */
    wr_u8(w, 0);                                     /* Reserved */
    wr_size32(w, a->data.len);
    wr_u32(w, 0); /* DataRemaining */
    wr_u32(w, 0); /* Reserved2 */
    wr_span(w, a->data);
}

bool smb2_read_reply_get(struct smb2_read_reply *out, struct span msg, uint32_t asked)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 17);
    uint8_t offset = rd_u8(&r);
    rd_skip(&r, 1); /* Reserved */
    uint32_t length = rd_u32(&r);
    rd_skip(&r, 8);                          /* DataRemaining (may be junk), Reserved2 */
    out->data = rd_view(&r, offset, length); /* MS-SMB2 3.2.5.11: from the start of the header */
    return rd_ok(&r) && length <= asked;
}
