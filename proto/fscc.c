/* fscc.c: what QUERY_INFO and SET_INFO say about files (MS-FSCC 2.4). */
#include "proto/fscc.h"

enum {
    STREAM_LEN = 24,     /* before a stream's name */
    RENAME_LEN_MIN = 24, /* the C structure's size, which Windows insists on */
};

/* ---------------------------------------------------------------- parts, also of others */

static void basic_get(struct rd *r, struct file_basic_information *out)
{
    out->created = rd_u64(r);
    out->accessed = rd_u64(r);
    out->written = rd_u64(r);
    out->changed = rd_u64(r);
    out->file_attributes = rd_u32(r);
    rd_skip(r, 4); /* Reserved */
}

static void standard_get(struct rd *r, struct file_standard_information *out)
{
    out->allocation_size = rd_u64(r);
    out->end_of_file = rd_u64(r);
    out->links = rd_u32(r);
    out->delete_pending = rd_u8(r) != 0;
    out->directory = rd_u8(r) != 0;
    rd_skip(r, 2); /* Reserved */
}

struct span fscc_name_get(struct rd *r, uint32_t length, bool cut)
{
    size_t left = rd_left(r);

    rd_require(r, length % 2 == 0);
    return rd_take(r, cut && length > left ? left - left % 2 : length);
}

/* ---------------------------------------------------------------- files */

void file_basic_information_put(struct wr *w, const struct file_basic_information *info)
{
    wr_u64(w, info->created);
    wr_u64(w, info->accessed);
    wr_u64(w, info->written);
    wr_u64(w, info->changed);
    wr_u32(w, info->file_attributes);
    wr_u32(w, 0); /* Reserved */
}

bool file_basic_information_get(struct file_basic_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    basic_get(&r, out);
    return rd_ok(&r);
}

void file_standard_information_put(struct wr *w, const struct file_standard_information *info)
{
    wr_u64(w, info->allocation_size);
    wr_u64(w, info->end_of_file);
    wr_u32(w, info->links);
    wr_u8(w, info->delete_pending);
    wr_u8(w, info->directory);
    wr_u16(w, 0); /* Reserved */
}

bool file_standard_information_get(struct file_standard_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    standard_get(&r, out);
    return rd_ok(&r);
}

void file_internal_information_put(struct wr *w, const struct file_internal_information *info)
{
    wr_u64(w, info->file_id);
}

bool file_internal_information_get(struct file_internal_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->file_id = rd_u64(&r);
    return rd_ok(&r);
}

void file_ea_information_put(struct wr *w, const struct file_ea_information *info)
{
    wr_u32(w, info->ea_size);
}

bool file_ea_information_get(struct file_ea_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->ea_size = rd_u32(&r);
    return rd_ok(&r);
}

void file_access_information_put(struct wr *w, const struct file_access_information *info)
{
    wr_u32(w, info->access_flags);
}

bool file_access_information_get(struct file_access_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->access_flags = rd_u32(&r);
    return rd_ok(&r);
}

void file_position_information_put(struct wr *w, const struct file_position_information *info)
{
    wr_u64(w, info->position);
}

bool file_position_information_get(struct file_position_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->position = rd_u64(&r);
    return rd_ok(&r);
}

void file_mode_information_put(struct wr *w, const struct file_mode_information *info)
{
    wr_u32(w, info->mode);
}

bool file_mode_information_get(struct file_mode_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->mode = rd_u32(&r);
    return rd_ok(&r);
}

void file_alignment_information_put(struct wr *w, const struct file_alignment_information *info)
{
    wr_u32(w, info->alignment);
}

bool file_alignment_information_get(struct file_alignment_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->alignment = rd_u32(&r);
    return rd_ok(&r);
}

void file_name_information_put(struct wr *w, const struct file_name_information *info)
{
    wr_size32(w, info->name.len);
    wr_span(w, info->name);
}

bool file_name_information_get(struct file_name_information *out, struct span data, bool cut)
{
    struct rd r = rd_from(data, 0);

    uint32_t name_len = rd_u32(&r);
    out->name = fscc_name_get(&r, name_len, cut);
    return rd_ok(&r);
}

void file_attribute_tag_information_put(struct wr *w,
                                        const struct file_attribute_tag_information *info)
{
    wr_u32(w, info->file_attributes);
    wr_u32(w, info->reparse_tag);
}

bool file_attribute_tag_information_get(struct file_attribute_tag_information *out,
                                        struct span data)
{
    struct rd r = rd_from(data, 0);

    out->file_attributes = rd_u32(&r);
    out->reparse_tag = rd_u32(&r);
    return rd_ok(&r);
}

void file_compression_information_put(struct wr *w, const struct file_compression_information *info)
{
    wr_u64(w, info->compressed_size);
    wr_u16(w, info->compression_format);
    wr_u8(w, info->unit_shift);
    wr_u8(w, info->chunk_shift);
    wr_u8(w, info->cluster_shift);
    wr_zero(w, 3); /* Reserved */
}

bool file_compression_information_get(struct file_compression_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->compressed_size = rd_u64(&r);
    out->compression_format = rd_u16(&r);
    out->unit_shift = rd_u8(&r);
    out->chunk_shift = rd_u8(&r);
    out->cluster_shift = rd_u8(&r);
    rd_skip(&r, 3); /* Reserved */
    return rd_ok(&r);
}

void file_id_information_put(struct wr *w, const struct file_id_information *info)
{
    wr_u64(w, info->volume_serial_number);
    wr_bytes(w, info->file_id, sizeof info->file_id);
}

bool file_id_information_get(struct file_id_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->volume_serial_number = rd_u64(&r);
    rd_bytes(&r, out->file_id, sizeof out->file_id);
    return rd_ok(&r);
}

void file_all_information_put(struct wr *w, const struct file_all_information *info)
{
    file_basic_information_put(w, &info->basic);
    file_standard_information_put(w, &info->standard);
    file_internal_information_put(w, &info->internal);
    wr_u32(w, info->ea_size);
    wr_u32(w, info->access_flags);
    wr_u64(w, info->position);
    wr_u32(w, info->mode);
    wr_u32(w, info->alignment);
    wr_size32(w, info->name.len);
    wr_span(w, info->name);
}

bool file_all_information_get(struct file_all_information *out, struct span data, bool cut)
{
    struct rd r = rd_from(data, 0);

    basic_get(&r, &out->basic);
    standard_get(&r, &out->standard);
    out->internal.file_id = rd_u64(&r);
    out->ea_size = rd_u32(&r);
    out->access_flags = rd_u32(&r);
    out->position = rd_u64(&r);
    out->mode = rd_u32(&r);
    out->alignment = rd_u32(&r);
    uint32_t name_len = rd_u32(&r);
    out->name = fscc_name_get(&r, name_len, cut);
    return rd_ok(&r);
}

void file_network_open_information_put(struct wr *w,
                                       const struct file_network_open_information *info)
{
    wr_u64(w, info->created);
    wr_u64(w, info->accessed);
    wr_u64(w, info->written);
    wr_u64(w, info->changed);
    wr_u64(w, info->allocation_size);
    wr_u64(w, info->end_of_file);
    wr_u32(w, info->file_attributes);
    wr_u32(w, 0); /* Reserved */
}

bool file_network_open_information_get(struct file_network_open_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->created = rd_u64(&r);
    out->accessed = rd_u64(&r);
    out->written = rd_u64(&r);
    out->changed = rd_u64(&r);
    out->allocation_size = rd_u64(&r);
    out->end_of_file = rd_u64(&r);
    out->file_attributes = rd_u32(&r);
    rd_skip(&r, 4); /* Reserved */
    return rd_ok(&r);
}

bool file_stream_information_next(struct walk *list, struct file_stream_information *out)
{
    struct span entry;

    if (!walk_next(list, STREAM_LEN, &entry)) {
        return false;
    }
    struct rd r = rd_from(entry, 4);
    uint32_t name_len = rd_u32(&r);
    out->size = rd_u64(&r);
    out->allocation_size = rd_u64(&r);
    rd_require(&r, name_len % 2 == 0);
    out->name = rd_take(&r, name_len);
    return rd_ok(&r) || walk_refuse(list);
}

void file_stream_information_put(struct wr *w, const struct file_stream_information *info)
{
    (void)walk_put(w);
    wr_size32(w, info->name.len);
    wr_u64(w, info->size);
    wr_u64(w, info->allocation_size);
    wr_span(w, info->name);
}

void file_rename_information_put(struct wr *w, const struct file_rename_information *info)
{
    size_t start = w->pos;

    wr_u8(w, info->replace_if_exists);
    wr_zero(w, 7); /* Reserved */
    wr_u64(w, 0);  /* RootDirectory */
    wr_size32(w, info->name.len);
    wr_span(w, info->name);
    if (w->pos - start < RENAME_LEN_MIN) {
        wr_zero(w, RENAME_LEN_MIN - (w->pos - start));
    }
}

bool file_rename_information_get(struct file_rename_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->replace_if_exists = rd_u8(&r) != 0;
    rd_skip(&r, 7); /* Reserved */
    /* MS-FSCC 2.4: over the network there is no root to be relative to. */
    rd_require(&r, rd_u64(&r) == 0);
    uint32_t name_len = rd_u32(&r);
    out->name = fscc_name_get(&r, name_len, false);
    return rd_ok(&r);
}

void file_disposition_information_put(struct wr *w, const struct file_disposition_information *info)
{
    wr_u8(w, info->delete_pending);
}

bool file_disposition_information_get(struct file_disposition_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->delete_pending = rd_u8(&r) != 0;
    return rd_ok(&r);
}

void file_disposition_information_ex_put(struct wr *w,
                                         const struct file_disposition_information_ex *info)
{
    wr_u32(w, info->flags);
}

bool file_disposition_information_ex_get(struct file_disposition_information_ex *out,
                                         struct span data)
{
    struct rd r = rd_from(data, 0);

    out->flags = rd_u32(&r);
    return rd_ok(&r);
}

void file_end_of_file_information_put(struct wr *w, const struct file_end_of_file_information *info)
{
    wr_u64(w, info->end_of_file);
}

bool file_end_of_file_information_get(struct file_end_of_file_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->end_of_file = rd_u64(&r);
    return rd_ok(&r);
}

void file_allocation_information_put(struct wr *w, const struct file_allocation_information *info)
{
    wr_u64(w, info->allocation_size);
}

bool file_allocation_information_get(struct file_allocation_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->allocation_size = rd_u64(&r);
    return rd_ok(&r);
}
