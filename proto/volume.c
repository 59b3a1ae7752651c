/* volume.c: what QUERY_INFO says about a file system (MS-FSCC 2.5). */
#include "proto/volume.h"

#include "proto/fscc.h"

void fs_volume_information_put(struct wr *w, const struct fs_volume_information *info)
{
    wr_u64(w, info->created);
    wr_u32(w, info->serial_number);
    wr_size32(w, info->label.len);
    wr_u8(w, info->supports_objects);
    wr_u8(w, 0); /* Reserved */
    wr_span(w, info->label);
}

bool fs_volume_information_get(struct fs_volume_information *out, struct span data, bool cut)
{
    struct rd r = rd_from(data, 0);

    out->created = rd_u64(&r);
    out->serial_number = rd_u32(&r);
    uint32_t label_len = rd_u32(&r);
    out->supports_objects = rd_u8(&r) != 0;
    rd_skip(&r, 1); /* Reserved */
    out->label = fscc_name_get(&r, label_len, cut);
    return rd_ok(&r);
}

void fs_size_information_put(struct wr *w, const struct fs_size_information *info)
{
    wr_u64(w, info->total_units);
    wr_u64(w, info->available_units);
    wr_u32(w, info->sectors_per_unit);
    wr_u32(w, info->bytes_per_sector);
}

bool fs_size_information_get(struct fs_size_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->total_units = rd_u64(&r);
    out->available_units = rd_u64(&r);
    out->sectors_per_unit = rd_u32(&r);
    out->bytes_per_sector = rd_u32(&r);
    return rd_ok(&r);
}

void fs_full_size_information_put(struct wr *w, const struct fs_full_size_information *info)
{
    wr_u64(w, info->total_units);
    wr_u64(w, info->caller_available_units);
    wr_u64(w, info->actual_available_units);
    wr_u32(w, info->sectors_per_unit);
    wr_u32(w, info->bytes_per_sector);
}

bool fs_full_size_information_get(struct fs_full_size_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->total_units = rd_u64(&r);
    out->caller_available_units = rd_u64(&r);
    out->actual_available_units = rd_u64(&r);
    out->sectors_per_unit = rd_u32(&r);
    out->bytes_per_sector = rd_u32(&r);
    return rd_ok(&r);
}

void fs_device_information_put(struct wr *w, const struct fs_device_information *info)
{
    wr_u32(w, info->device_type);
    wr_u32(w, info->characteristics);
}

bool fs_device_information_get(struct fs_device_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->device_type = rd_u32(&r);
    out->characteristics = rd_u32(&r);
    return rd_ok(&r);
}

void fs_attribute_information_put(struct wr *w, const struct fs_attribute_information *info)
{
    wr_u32(w, info->attributes);
    wr_u32(w, info->maximum_component_name_length);
    wr_size32(w, info->file_system_name.len);
    wr_span(w, info->file_system_name);
}

bool fs_attribute_information_get(struct fs_attribute_information *out, struct span data, bool cut)
{
    struct rd r = rd_from(data, 0);

    out->attributes = rd_u32(&r);
    out->maximum_component_name_length = rd_u32(&r);
    uint32_t name_len = rd_u32(&r);
    out->file_system_name = fscc_name_get(&r, name_len, cut);
    return rd_ok(&r);
}

void fs_object_id_information_put(struct wr *w, const struct fs_object_id_information *info)
{
    wr_bytes(w, info->object_id, sizeof info->object_id);
    wr_bytes(w, info->extended_info, sizeof info->extended_info);
}

bool fs_object_id_information_get(struct fs_object_id_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    rd_bytes(&r, out->object_id, sizeof out->object_id);
    rd_bytes(&r, out->extended_info, sizeof out->extended_info);
    return rd_ok(&r);
}

void fs_sector_size_information_put(struct wr *w, const struct fs_sector_size_information *info)
{
    wr_u32(w, info->logical);
    wr_u32(w, info->physical_for_atomicity);
    wr_u32(w, info->physical_for_performance);
    wr_u32(w, info->effective_physical_for_atomicity);
    wr_u32(w, info->flags);
    wr_u32(w, info->sector_alignment);
    wr_u32(w, info->partition_alignment);
}

bool fs_sector_size_information_get(struct fs_sector_size_information *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->logical = rd_u32(&r);
    out->physical_for_atomicity = rd_u32(&r);
    out->physical_for_performance = rd_u32(&r);
    out->effective_physical_for_atomicity = rd_u32(&r);
    out->flags = rd_u32(&r);
    out->sector_alignment = rd_u32(&r);
    out->partition_alignment = rd_u32(&r);
    return rd_ok(&r);
}
