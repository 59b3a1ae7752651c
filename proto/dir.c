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

/* Which fields the classes have beside FileName (MS-FSCC 2.4), in the order in which they stand. */
struct layout {
    uint8_t info_class; /* enum file_information_class */
    uint8_t len;        /* bytes before FileName */
    bool details;       /* times, sizes and attributes */
    bool ea_size;
    bool reparse_tag;
    bool short_name; /* with its length */
    uint8_t padding; /* bytes before FileId */
    uint8_t id_len;  /* bytes of FileId */
};

static const struct layout *layout_of(uint8_t info_class)
{
    static const struct layout layouts[] = {
        {FILE_DIRECTORY_INFORMATION, 64, true, false, false, false, 0, 0},
        {FILE_FULL_DIRECTORY_INFORMATION, 68, true, true, false, false, 0, 0},
        {FILE_BOTH_DIRECTORY_INFORMATION, 94, true, true, false, true, 0, 0},
        {FILE_NAMES_INFORMATION, 12, false, false, false, false, 0, 0},
        {FILE_ID_BOTH_DIRECTORY_INFORMATION, 104, true, true, false, true, 2, 8},
        {FILE_ID_FULL_DIRECTORY_INFORMATION, 80, true, true, false, false, 4, 8},
        {FILE_ID_EXTD_DIRECTORY_INFORMATION, 88, true, true, true, false, 0, 16},
    };

    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].info_class == info_class) {
            return &layouts[i];
        }
    }
    return NULL;
}

static void details_get(struct rd *r, struct file_directory_entry *out)
{
    out->created = rd_u64(r);
    out->accessed = rd_u64(r);
    out->written = rd_u64(r);
    out->changed = rd_u64(r);
    out->end_of_file = rd_u64(r);
    out->allocation_size = rd_u64(r);
    out->file_attributes = rd_u32(r);
}

static struct span short_name_get(struct rd *r)
{
    uint8_t len = rd_u8(r);

    rd_skip(r, 1); /* Reserved1 */
    struct span room = rd_take(r, SHORT_NAME_MAX);
    rd_require(r, len <= SHORT_NAME_MAX && len % 2 == 0);
    return (struct span){room.ptr, rd_ok(r) ? len : 0};
}

bool file_directory_entry_next(struct walk *list, uint8_t info_class,
                               struct file_directory_entry *out)
{
    const struct layout *layout = layout_of(info_class);
    struct span entry;

    if (!layout) {
        return walk_refuse(list);
    }
    if (!walk_next(list, layout->len, &entry)) {
        return false;
    }
    struct rd r = rd_from(entry, 4);
    *out = (struct file_directory_entry){0};
    out->file_index = rd_u32(&r);
    if (layout->details) {
        details_get(&r, out);
    }
    uint32_t name_len = rd_u32(&r);
    out->ea_size = layout->ea_size ? rd_u32(&r) : 0;
    out->reparse_tag = layout->reparse_tag ? rd_u32(&r) : 0;
    out->short_name = layout->short_name ? short_name_get(&r) : (struct span){0};
    rd_skip(&r, layout->padding);
    out->file_id = layout->id_len > 0 ? rd_u64(&r) : 0;
    out->file_id_high = layout->id_len > 8 ? rd_u64(&r) : 0;
    rd_require(&r, name_len % 2 == 0);
    out->name = rd_take(&r, name_len);
    return rd_ok(&r) || walk_refuse(list);
}

static void details_put(struct wr *w, const struct file_directory_entry *entry)
{
    wr_u64(w, entry->created);
    wr_u64(w, entry->accessed);
    wr_u64(w, entry->written);
    wr_u64(w, entry->changed);
    wr_u64(w, entry->end_of_file);
    wr_u64(w, entry->allocation_size);
    wr_u32(w, entry->file_attributes);
}

static void short_name_put(struct wr *w, struct span name)
{
    if (name.len > SHORT_NAME_MAX) {
        w->bad = true;
        return;
    }
    wr_size8(w, name.len);
    wr_u8(w, 0); /* Reserved1 */
    wr_span(w, name);
    wr_zero(w, SHORT_NAME_MAX - name.len);
}

/* The fields between FileNameLength and FileName. */
static void extra_put(struct wr *w, const struct layout *layout,
                      const struct file_directory_entry *entry)
{
    if (layout->ea_size) {
        wr_u32(w, entry->ea_size);
    }
    if (layout->reparse_tag) {
        wr_u32(w, entry->reparse_tag);
    }
    if (layout->short_name) {
        short_name_put(w, entry->short_name);
    }
    wr_zero(w, layout->padding);
    if (layout->id_len > 0) {
        wr_u64(w, entry->file_id);
    }
    if (layout->id_len > 8) {
        wr_u64(w, entry->file_id_high);
    }
}

void file_directory_entry_put(struct wr *w, uint8_t info_class,
                              const struct file_directory_entry *entry)
{
    const struct layout *layout = layout_of(info_class);

    if (!layout) {
        w->bad = true;
        return;
    }
    (void)walk_put(w);
    wr_u32(w, entry->file_index);
    if (layout->details) {
        details_put(w, entry);
    }
    wr_size32(w, entry->name.len);
    extra_put(w, layout, entry);
    wr_span(w, entry->name);
}
