/* flush.c: FLUSH (MS-SMB2 2.2.17). */
#include "proto/flush.h"

void smb2_flush_request_put(struct wr *w, const struct smb2_flush_request *q)
{
    wr_u16(w, 24); /* StructureSize */
    wr_zero(w, 6); /* Reserved1, Reserved2 */
    smb2_file_id_put(w, q->file);
}

bool smb2_flush_request_get(struct smb2_flush_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 24);
    rd_skip(&r, 6); /* Reserved1, Reserved2 */
    out->file = smb2_file_id_get(&r);
    return rd_ok(&r);
}
