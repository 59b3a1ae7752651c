/* dir.c: QUERY_DIRECTORY (MS-SMB2 2.2.33, 2.2.34) and directory entries (MS-FSCC 2.4). */
#include "proto/dir.h"

enum {
    REQUEST_LEN = 32, /* before the pattern */
    REPLY_LEN = 8,    /* before the entries */
    SHORT_NAME_MAX = 24,
};

void smb2_query_directory_request_put(struct wr *w, const struct smb2_query_directory_request *q)
{
    wr_u16(w, 33); /* StructureSize */
    wr_u8(w, q->info_class);
    wr_u8(w, q->flags);
    wr_u32(w, q->file_index);
    smb2_file_id_put(w, q->file);
    wr_u16(w, SMB2_HEADER_LEN + REQUEST_LEN); /* FileNameOffset */
    wr_size16(w, q->pattern.len);
    wr_u32(w, q->output_length);
    smb2_buffer_put(w, q->pattern);
}

bool smb2_query_directory_request_get(struct smb2_query_directory_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 33);
    out->info_class = rd_u8(&r);
    out->flags = rd_u8(&r);
    out->file_index = rd_u32(&r);
    out->file = smb2_file_id_get(&r);
    uint16_t pattern = rd_u16(&r);
    uint16_t pattern_len = rd_u16(&r);
    out->output_length = rd_u32(&r);
    rd_require(&r, pattern_len % 2 == 0);
    out->pattern = rd_view(&r, pattern, pattern_len);
    return rd_ok(&r);
}

void smb2_query_directory_reply_put(struct wr *w, const struct smb2_query_directory_reply *a)
{
    wr_u16(w, 9);                           /* StructureSize */
    wr_u16(w, SMB2_HEADER_LEN + REPLY_LEN); /* OutputBufferOffset */
    wr_size32(w, a->entries.len);
    smb2_buffer_put(w, a->entries);
}

bool smb2_query_directory_reply_get(struct smb2_query_directory_reply *out, struct span msg,
                                    uint32_t asked)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 9);
    uint16_t offset = rd_u16(&r);
    uint32_t length = rd_u32(&r);
    out->entries = rd_view(&r, offset, length);
    return rd_ok(&r) && length <= asked;
}

/* ---------------------------------------------------------------- entries */

/* Bytes of an entry before its name; 0 for a class that is not one of ours.  MS-FSCC 2.4. */
static size_t entry_len(uint8_t info_class)
{
    switch (info_class) {
    case FILE_DIRECTORY_INFORMATION: return 64;
    case FILE_ID_FULL_DIRECTORY_INFORMATION: return 80;
    case FILE_ID_BOTH_DIRECTORY_INFORMATION: return 104;
    }
    return 0;
}

/* The fields between FileNameLength and FileName, which not every class has. */
static void entry_extra_get(struct rd *r, uint8_t info_class, struct file_directory_entry *out)
{
    if (info_class == FILE_DIRECTORY_INFORMATION) {
        return;
    }
    out->ea_size = rd_u32(r);
    if (info_class == FILE_ID_BOTH_DIRECTORY_INFORMATION) {
        uint8_t short_name_len = rd_u8(r);
        rd_skip(r, 1); /* Reserved1 */
        struct span room = rd_take(r, SHORT_NAME_MAX);
        rd_skip(r, 2); /* Reserved2 */
        rd_require(r, short_name_len <= SHORT_NAME_MAX && short_name_len % 2 == 0);
        out->short_name = (struct span){room.ptr, rd_ok(r) ? short_name_len : 0};
    } else {
        rd_skip(r, 4); /* Reserved */
    }
    out->file_id = rd_u64(r);
}

bool file_directory_entry_next(struct walk *list, uint8_t info_class,
                               struct file_directory_entry *out)
{
    size_t fixed = entry_len(info_class);
    struct span entry;

    if (fixed == 0) {
        return walk_refuse(list);
    }
    if (!walk_next(list, fixed, &entry)) {
        return false;
    }
    struct rd r = rd_from(entry, 4);
    *out = (struct file_directory_entry){0};
    out->file_index = rd_u32(&r);
    out->created = rd_u64(&r);
    out->accessed = rd_u64(&r);
    out->written = rd_u64(&r);
    out->changed = rd_u64(&r);
    out->end_of_file = rd_u64(&r);
    out->allocation_size = rd_u64(&r);
    out->file_attributes = rd_u32(&r);
    uint32_t name_len = rd_u32(&r);
    entry_extra_get(&r, info_class, out);
    rd_require(&r, name_len % 2 == 0);
    out->name = rd_take(&r, name_len);
    return rd_ok(&r) || walk_refuse(list);
}

static void entry_extra_put(struct wr *w, uint8_t info_class,
                            const struct file_directory_entry *entry)
{
    if (info_class == FILE_DIRECTORY_INFORMATION) {
        return;
    }
    wr_u32(w, entry->ea_size);
    if (info_class == FILE_ID_BOTH_DIRECTORY_INFORMATION) {
        if (entry->short_name.len > SHORT_NAME_MAX) {
            w->bad = true;
            return;
        }
        wr_size8(w, entry->short_name.len);
        wr_u8(w, 0); /* Reserved1 */
        wr_span(w, entry->short_name);
        wr_zero(w, SHORT_NAME_MAX - entry->short_name.len);
        wr_u16(w, 0); /* Reserved2 */
    } else {
        wr_u32(w, 0); /* Reserved */
    }
    wr_u64(w, entry->file_id);
}

void file_directory_entry_put(struct wr *w, uint8_t info_class,
                              const struct file_directory_entry *entry)
{
    if (entry_len(info_class) == 0) {
        w->bad = true;
    }
    (void)walk_put(w);
    wr_u32(w, entry->file_index);
    wr_u64(w, entry->created);
    wr_u64(w, entry->accessed);
    wr_u64(w, entry->written);
    wr_u64(w, entry->changed);
    wr_u64(w, entry->end_of_file);
    wr_u64(w, entry->allocation_size);
    wr_u32(w, entry->file_attributes);
    wr_size32(w, entry->name.len);
    entry_extra_put(w, info_class, entry);
    wr_span(w, entry->name);
}
