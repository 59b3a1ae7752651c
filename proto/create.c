/* create.c: CREATE and the list of its contexts (MS-SMB2 2.2.13, 2.2.14). */
#include "proto/create.h"

enum {
    REQUEST_LEN = 56, /* before the name */
    CONTEXT_LEN = 16, /* before a context's name */
};

static bool contexts_well_formed(struct span contexts)
{
    struct walk list = walk_from(contexts);
    struct smb2_create_context context;

    while (smb2_create_context_next(&list, &context)) {
    }
    return walk_ok(&list);
}

void smb2_create_request_put(struct wr *w, const struct smb2_create_request *q)
{
    wr_u16(w, 57); /* StructureSize */
    wr_u8(w, 0);   /* SecurityFlags */
    wr_u8(w, q->oplock);
    wr_u32(w, q->impersonation);
    wr_u64(w, 0); /* SmbCreateFlags */
    wr_u64(w, 0); /* Reserved */
    wr_u32(w, q->desired_access);
    wr_u32(w, q->file_attributes);
    wr_u32(w, q->share_access);
    wr_u32(w, q->disposition);
    wr_u32(w, q->options);
    wr_u16(w, SMB2_HEADER_LEN + REQUEST_LEN); /* NameOffset */
    wr_size16(w, q->name.len);
    size_t offset = w->pos;
    wr_u32(w, 0); /* CreateContextsOffset */
    wr_size32(w, q->contexts.len);
    smb2_buffer_put(w, q->name);
    if (q->contexts.len > 0) {
        wr_align(w, 0);
        wr_patch(w, offset, SMB2_HEADER_LEN + w->pos, 4);
        wr_span(w, q->contexts);
    }
}

bool smb2_create_request_get(struct smb2_create_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 57);
    rd_skip(&r, 1); /* SecurityFlags */
    out->oplock = rd_u8(&r);
    out->impersonation = rd_u32(&r);
    rd_skip(&r, 16); /* SmbCreateFlags, Reserved */
    out->desired_access = rd_u32(&r);
    out->file_attributes = rd_u32(&r);
    out->share_access = rd_u32(&r);
    out->disposition = rd_u32(&r);
    out->options = rd_u32(&r);
    uint16_t name = rd_u16(&r);
    uint16_t name_len = rd_u16(&r);
    uint32_t contexts = rd_u32(&r);
    uint32_t contexts_len = rd_u32(&r);
    rd_require(&r, name_len % 2 == 0);
    out->name = rd_view(&r, name, name_len);
    out->contexts = rd_view(&r, contexts, contexts_len);
    return rd_ok(&r) && contexts_well_formed(out->contexts);
}

void smb2_create_reply_put(struct wr *w, const struct smb2_create_reply *a)
{
    wr_u16(w, 89); /* StructureSize */
    wr_u8(w, a->oplock);
    wr_u8(w, a->flags);
    wr_u32(w, a->action);
    wr_u64(w, a->created);
    wr_u64(w, a->accessed);
    wr_u64(w, a->written);
    wr_u64(w, a->changed);
    wr_u64(w, a->allocation_size);
    wr_u64(w, a->end_of_file);
    wr_u32(w, a->file_attributes);
    wr_u32(w, 0); /* Reserved2 */
    smb2_file_id_put(w, a->file);
    size_t offset = w->pos;
    wr_u32(w, 0); /* CreateContextsOffset */
    wr_size32(w, a->contexts.len);
    if (a->contexts.len > 0) {
        wr_patch(w, offset, SMB2_HEADER_LEN + w->pos, 4);
        wr_span(w, a->contexts);
    }
}

/* A level that we do not know must not be taken for a lease. */
static uint8_t known_oplock(uint8_t level)
{
    switch ((enum smb2_oplock_level)level) {
    case SMB2_OPLOCK_LEVEL_II:
    case SMB2_OPLOCK_LEVEL_EXCLUSIVE:
    case SMB2_OPLOCK_LEVEL_BATCH:
    case SMB2_OPLOCK_LEVEL_LEASE: return level;
    case SMB2_OPLOCK_LEVEL_NONE: break;
    }
    return SMB2_OPLOCK_LEVEL_NONE;
}

bool smb2_create_reply_get(struct smb2_create_reply *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 89);
    out->oplock = known_oplock(rd_u8(&r));
    out->flags = rd_u8(&r);
    out->action = rd_u32(&r);
    out->created = rd_u64(&r);
    out->accessed = rd_u64(&r);
    out->written = rd_u64(&r);
    out->changed = rd_u64(&r);
    out->allocation_size = rd_u64(&r);
    out->end_of_file = rd_u64(&r);
    out->file_attributes = rd_u32(&r);
    rd_skip(&r, 4); /* Reserved2 */
    out->file = smb2_file_id_get(&r);
    uint32_t offset = rd_u32(&r);
    uint32_t length = rd_u32(&r);
    out->contexts = rd_view(&r, offset, length);
    return rd_ok(&r) && contexts_well_formed(out->contexts);
}

/* ---------------------------------------------------------------- contexts */

bool smb2_create_context_next(struct walk *list, struct smb2_create_context *out)
{
    struct span entry;

    if (!walk_next(list, CONTEXT_LEN, &entry)) {
        return false;
    }
    struct rd r = rd_from(entry, 4);
    uint16_t name = rd_u16(&r);
    uint16_t name_len = rd_u16(&r);
    rd_skip(&r, 2); /* Reserved */
    uint16_t data = rd_u16(&r);
    uint32_t data_len = rd_u32(&r);
    out->name = rd_view(&r, name, name_len);
    out->data = rd_view(&r, data, data_len);
    return rd_ok(&r) || walk_refuse(list);
}

bool smb2_create_context_find(struct span list, const char *name, struct span *data)
{
    struct walk walk = walk_from(list);
    struct smb2_create_context context;

    while (smb2_create_context_next(&walk, &context)) {
        if (span_equal(context.name, span_of(name))) {
            *data = context.data;
            return true;
        }
    }
    return false;
}

void smb2_create_context_put(struct wr *w, const char *name, struct span data)
{
    struct span tag = span_of(name);
    size_t start = walk_put(w);

    wr_u16(w, CONTEXT_LEN); /* NameOffset */
    wr_size16(w, tag.len);
    wr_u16(w, 0); /* Reserved */
    size_t offset = w->pos;
    wr_u16(w, 0); /* DataOffset */
    wr_size32(w, data.len);
    wr_span(w, tag);
    if (data.len > 0) {
        wr_align(w, start);
        wr_patch(w, offset, w->pos - start, 2);
        wr_span(w, data);
    }
}

void smb2_maximal_access_put(struct wr *w, const struct smb2_maximal_access *a)
{
    wr_u32(w, a->query_status);
    wr_u32(w, a->maximal_access);
}

bool smb2_maximal_access_get(struct smb2_maximal_access *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->query_status = rd_u32(&r);
    out->maximal_access = rd_u32(&r);
    return rd_ok(&r);
}

void smb2_disk_id_put(struct wr *w, const struct smb2_disk_id *a)
{
    wr_u64(w, a->disk_file_id);
    wr_u64(w, a->volume_id);
    wr_zero(w, 16); /* Reserved */
}

bool smb2_disk_id_get(struct smb2_disk_id *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->disk_file_id = rd_u64(&r);
    out->volume_id = rd_u64(&r);
    rd_skip(&r, 16); /* Reserved */
    return rd_ok(&r);
}
