/* notify.c: CHANGE_NOTIFY (MS-SMB2 2.2.35, 2.2.36) and what it lists (MS-FSCC 2.7.1). */
#include "proto/notify.h"

enum {
    CHANGE_LEN = 12,  /* before the name */
    CHANGE_ALIGN = 4, /* of NextEntryOffset */
};

void smb2_notify_request_put(struct wr *w, const struct smb2_notify_request *q)
{
    wr_u16(w, 32); /* StructureSize */
    wr_u16(w, q->flags);
    wr_u32(w, q->output_length);
    smb2_file_id_put(w, q->file);
    wr_u32(w, q->filter);
    wr_u32(w, 0); /* Reserved */
}

bool smb2_notify_request_get(struct smb2_notify_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 32);
    out->flags = rd_u16(&r);
    out->output_length = rd_u32(&r);
    out->file = smb2_file_id_get(&r);
    out->filter = rd_u32(&r);
    rd_skip(&r, 4); /* Reserved */
    return rd_ok(&r);
}

void smb2_notify_reply_put(struct wr *w, const struct smb2_notify_reply *a)
{
    wr_u16(w, 9);                                       /* StructureSize */
    wr_u16(w, SMB2_HEADER_LEN + SMB2_NOTIFY_REPLY_LEN); /* OutputBufferOffset */
    wr_size32(w, a->changes.len);
    smb2_buffer_put(w, a->changes);
}

bool smb2_notify_reply_get(struct smb2_notify_reply *out, struct span msg, uint32_t asked)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 9);
    uint16_t offset = rd_u16(&r);
    uint32_t length = rd_u32(&r);
    out->changes = rd_view(&r, offset, length);
    return rd_ok(&r) && length <= asked;
}

bool file_notify_information_next(struct walk *list, struct file_notify_information *out)
{
    struct span entry;

    if (!walk_next_by(list, CHANGE_LEN, CHANGE_ALIGN, &entry)) {
        return false;
    }
    struct rd r = rd_from(entry, 4);
    out->action = rd_u32(&r);
    uint32_t name_len = rd_u32(&r);
    rd_require(&r, name_len % 2 == 0);
    out->name = rd_take(&r, name_len);
    return rd_ok(&r) || walk_refuse(list);
}

void file_notify_information_put(struct wr *w, const struct file_notify_information *change)
{
    (void)walk_put_by(w, CHANGE_ALIGN);
    wr_u32(w, change->action);
    wr_size32(w, change->name.len);
    wr_span(w, change->name);
}
