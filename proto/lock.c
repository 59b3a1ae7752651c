/* lock.c: LOCK (MS-SMB2 2.2.26). */
#include "proto/lock.h"

enum { SEQUENCE_NUMBER_BITS = 4, SEQUENCE_NUMBER_MAX = 0xF };

#define SEQUENCE_INDEX_MAX 0x0FFFFFFFu

void smb2_lock_element_put(struct wr *w, const struct smb2_lock_element *element)
{
    wr_u64(w, element->offset);
    wr_u64(w, element->length);
    wr_u32(w, element->flags);
    wr_u32(w, 0); /* Reserved */
}

bool smb2_lock_element_at(const struct smb2_lock_request *q, size_t index,
                          struct smb2_lock_element *out)
{
    if (index >= q->elements.len / SMB2_LOCK_ELEMENT_LEN) {
        return false;
    }
    struct rd r = rd_from(q->elements, index * SMB2_LOCK_ELEMENT_LEN);
    out->offset = rd_u64(&r);
    out->length = rd_u64(&r);
    out->flags = rd_u32(&r);
    rd_skip(&r, 4); /* Reserved */
    return rd_ok(&r);
}

void smb2_lock_request_put(struct wr *w, const struct smb2_lock_request *q)
{
    if (q->sequence_number > SEQUENCE_NUMBER_MAX || q->sequence_index > SEQUENCE_INDEX_MAX ||
        q->elements.len == 0 || q->elements.len % SMB2_LOCK_ELEMENT_LEN != 0) {
        w->bad = true;
    }
    wr_u16(w, 48); /* StructureSize */
    wr_size16(w, q->elements.len / SMB2_LOCK_ELEMENT_LEN);
    wr_u32(w, q->sequence_index << SEQUENCE_NUMBER_BITS | q->sequence_number);
    smb2_file_id_put(w, q->file);
    wr_span(w, q->elements);
}

bool smb2_lock_request_get(struct smb2_lock_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 48);
    uint16_t count = rd_u16(&r);
    uint32_t sequence = rd_u32(&r);
    out->sequence_number = sequence & SEQUENCE_NUMBER_MAX;
    out->sequence_index = sequence >> SEQUENCE_NUMBER_BITS;
    out->file = smb2_file_id_get(&r);
    rd_require(&r, count > 0);
    out->elements = rd_take(&r, (size_t)count * SMB2_LOCK_ELEMENT_LEN);
    return rd_ok(&r);
}
