/* misc.c: messages that say nothing beyond their header. */
#include "proto/misc.h"

void smb2_empty_put(struct wr *w)
{
    wr_u16(w, SMB2_EMPTY_LEN); /* StructureSize */
    wr_u16(w, 0);              /* Reserved */
}

bool smb2_empty_get(struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, SMB2_EMPTY_LEN);
    rd_skip(&r, 2); /* Reserved */
    return rd_ok(&r);
}
