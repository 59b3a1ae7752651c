/* peer_info.c: QUERY_INFO and SET_INFO (MS-SMB2 3.3.5.20, 3.3.5.21). */
#include "proto/info.h"

#include <stdlib.h>

#include "proto/ea.h"
#include "proto/utf16.h"
#include "test/peer/peer_core.h"

enum { SERIAL = 77, DISK = 7 }; /* MS-FSCC 2.5.10 */
enum { INFO_ROOM = 1 << 20, UNIT_BYTES = 4096, SECTOR_BYTES = 512, TOTAL_UNITS = 1 << 20 };

/* ---------------------------------------------------------------- QUERY_INFO */

static uint32_t attributes(const struct peer_node *file)
{
    uint32_t all = file->attributes | (file->directory ? (uint32_t)FILE_ATTRIBUTE_DIRECTORY : 0u);

    return all ? all : (uint32_t)FILE_ATTRIBUTE_NORMAL;
}

static uint64_t allocated(const struct peer_node *file)
{
    return (file->size + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
}

static struct file_all_information describe(const struct peer_open *open)
{
    const struct peer_node *file = open->file;

    return (struct file_all_information){
        .basic = {.created = file->created,
                  .accessed = file->accessed,
                  .written = file->written,
                  .changed = file->changed,
                  .file_attributes = attributes(file)},
        .standard = {.allocation_size = allocated(file),
                     .end_of_file = file->size,
                     .links = 1,
                     .delete_pending = file->delete_pending,
                     .directory = file->directory},
        .internal = {.file_id = file->id},
        .access_flags = open->access,
        .name = {file->name, file->name_len},
    };
}

static void put_network_open(struct wr *w, const struct peer_node *file)
{
    file_network_open_information_put(
        w, &(struct file_network_open_information){.created = file->created,
                                                   .accessed = file->accessed,
                                                   .written = file->written,
                                                   .changed = file->changed,
                                                   .allocation_size = allocated(file),
                                                   .end_of_file = file->size,
                                                   .file_attributes = attributes(file)});
}

static void put_stream(struct wr *w, const struct peer_node *stream, struct span colon_name)
{
    uint8_t name[512];
    struct wr n = wr_from(name, sizeof name);

    wr_span(&n, colon_name);
    wr_utf16(&n, ":$DATA");
    file_stream_information_put(
        w, &(struct file_stream_information){
               .size = stream->size, .allocation_size = allocated(stream), .name = wr_written(&n)});
}

static void put_streams(struct wr *w, struct peer_store *store, const struct peer_node *file)
{
    static const uint8_t unnamed[] = {':', 0};

    if (!file->directory) {
        put_stream(w, file, (struct span){unnamed, sizeof unnamed});
    }
    LIST_EACH(at, &store->nodes)
    {
        const struct peer_node *node = CONTAINER_OF(at, struct peer_node, node);
        if (peer_is_stream_of(node, file)) {
            put_stream(w, node,
                       (struct span){node->name + file->name_len, node->name_len - file->name_len});
        }
    }
}

static uint32_t put_eas(struct wr *w, const struct peer_open *open)
{
    if (!(open->access & FILE_READ_EA)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    LIST_EACH(at, &open->file->eas)
    {
        const struct peer_ea *ea = CONTAINER_OF(at, struct peer_ea, node);
        file_full_ea_information_put(
            w, &(struct file_full_ea_information){.name = span_of(ea->name),
                                                  .value = {ea->value, ea->len}});
    }
    return w->pos > 0 ? STATUS_SUCCESS : (uint32_t)STATUS_NO_EAS_ON_FILE;
}

/* The classes that a client asks for one thing alone. */
static uint32_t put_part(struct wr *w, const struct file_all_information *all, uint8_t info_class)
{
    struct file_id_information id = {.volume_serial_number = SERIAL};
    struct wr id_w = wr_from(id.file_id, sizeof id.file_id);

    switch (info_class) {
    case FILE_EA_INFORMATION:
        file_ea_information_put(w, &(struct file_ea_information){all->ea_size});
        break;
    case FILE_ACCESS_INFORMATION:
        file_access_information_put(w, &(struct file_access_information){all->access_flags});
        break;
    case FILE_POSITION_INFORMATION:
        file_position_information_put(w, &(struct file_position_information){all->position});
        break;
    case FILE_MODE_INFORMATION:
        file_mode_information_put(w, &(struct file_mode_information){all->mode});
        break;
    case FILE_ALIGNMENT_INFORMATION:
        file_alignment_information_put(w, &(struct file_alignment_information){all->alignment});
        break;
    case FILE_NORMALIZED_NAME_INFORMATION:
        file_name_information_put(w, &(struct file_name_information){all->name});
        break;
    case FILE_ATTRIBUTE_TAG_INFORMATION:
        file_attribute_tag_information_put(
            w, &(struct file_attribute_tag_information){all->basic.file_attributes, 0});
        break;
    case FILE_COMPRESSION_INFORMATION:
        file_compression_information_put(w, &(struct file_compression_information){
                                                .compressed_size = all->standard.end_of_file});
        break;
    case FILE_ID_INFORMATION:
        wr_u64(&id_w, all->internal.file_id);
        file_id_information_put(w, &id);
        break;
    default: return (uint32_t)STATUS_INVALID_INFO_CLASS;
    }
    return STATUS_SUCCESS;
}

static uint32_t put_file_info(struct wr *w, struct peer_store *store, const struct peer_open *open,
                              uint8_t info_class)
{
    struct file_all_information all = describe(open);

    if (info_class == FILE_FULL_EA_INFORMATION) {
        return put_eas(w, open);
    }
    if (!(open->access & FILE_READ_ATTRIBUTES)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    switch (info_class) {
    case FILE_BASIC_INFORMATION: file_basic_information_put(w, &all.basic); break;
    case FILE_STANDARD_INFORMATION: file_standard_information_put(w, &all.standard); break;
    case FILE_INTERNAL_INFORMATION: file_internal_information_put(w, &all.internal); break;
    case FILE_ALL_INFORMATION: file_all_information_put(w, &all); break;
    case FILE_NETWORK_OPEN_INFORMATION: put_network_open(w, open->file); break;
    case FILE_STREAM_INFORMATION: put_streams(w, store, open->file); break;
    default: return put_part(w, &all, info_class);
    }
    return STATUS_SUCCESS;
}

/* The parts that are asked for, and access to them (MS-SMB2 3.3.5.20.3). */
static uint32_t put_security(struct wr *w, const struct peer_open *open, uint32_t which)
{
    struct span whole = {open->file->security, open->file->security_len};
    struct security_descriptor sd;

    if (!security_descriptor_get(&sd, whole)) {
        wr_span(w, whole); /* a test made it up */
        return STATUS_SUCCESS;
    }
    if (((which & ~(uint32_t)SACL_SECURITY_INFORMATION) && !(open->access & ACCESS_READ_CONTROL)) ||
        ((which & SACL_SECURITY_INFORMATION) && !(open->access & ACCESS_SYSTEM_SECURITY))) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    sd.owner.len = which & OWNER_SECURITY_INFORMATION ? sd.owner.len : 0;
    sd.group.len = which & GROUP_SECURITY_INFORMATION ? sd.group.len : 0;
    sd.dacl.len = which & DACL_SECURITY_INFORMATION ? sd.dacl.len : 0;
    sd.sacl.len = which & SACL_SECURITY_INFORMATION ? sd.sacl.len : 0;
    security_descriptor_put(w, &sd);
    return STATUS_SUCCESS;
}

static uint32_t put_fs_info(struct wr *w, const struct peer_store *store, uint8_t info_class)
{
    uint8_t name[16];
    struct wr n = wr_from(name, sizeof name);
    uint64_t total = store->capacity == UINT64_MAX ? TOTAL_UNITS : store->capacity / UNIT_BYTES;
    uint64_t used = store->used / UNIT_BYTES, left = total > used ? total - used : 0;

    switch (info_class) {
    case FILE_FS_VOLUME_INFORMATION:
        wr_utf16(&n, "peer");
        fs_volume_information_put(
            w, &(struct fs_volume_information){.serial_number = SERIAL, .label = wr_written(&n)});
        break;
    case FILE_FS_SIZE_INFORMATION:
        fs_size_information_put(
            w, &(struct fs_size_information){.total_units = total,
                                             .available_units = left,
                                             .sectors_per_unit = UNIT_BYTES / SECTOR_BYTES,
                                             .bytes_per_sector = SECTOR_BYTES});
        break;
    case FILE_FS_DEVICE_INFORMATION:
        fs_device_information_put(w, &(struct fs_device_information){.device_type = DISK});
        break;
    case FILE_FS_OBJECT_ID_INFORMATION:
        fs_object_id_information_put(w, &(struct fs_object_id_information){.object_id = {SERIAL}});
        break;
    case FILE_FS_SECTOR_SIZE_INFORMATION:
        fs_sector_size_information_put(w, &(struct fs_sector_size_information){
                                              .logical = SECTOR_BYTES,
                                              .physical_for_atomicity = SECTOR_BYTES,
                                              .physical_for_performance = UNIT_BYTES,
                                              .effective_physical_for_atomicity = SECTOR_BYTES});
        break;
    case FILE_FS_FULL_SIZE_INFORMATION:
        fs_full_size_information_put(
            w, &(struct fs_full_size_information){.total_units = total,
                                                  .caller_available_units = left,
                                                  .actual_available_units = left,
                                                  .sectors_per_unit = UNIT_BYTES / SECTOR_BYTES,
                                                  .bytes_per_sector = SECTOR_BYTES});
        break;
    case FILE_FS_ATTRIBUTE_INFORMATION:
        wr_utf16(&n, "NTFS");
        fs_attribute_information_put(
            w, &(struct fs_attribute_information){.attributes = 3,
                                                  .maximum_component_name_length = 255,
                                                  .file_system_name = wr_written(&n)});
        break;
    default: return (uint32_t)STATUS_INVALID_INFO_CLASS;
    }
    return STATUS_SUCCESS;
}

/* What is asked for, in full; a status. */
static uint32_t put_info(struct peer_request *q, const struct peer_open *open,
                         const struct smb2_query_info_request *asked, struct wr *w)
{
    struct peer_store *store = &q->link->peer->store;

    switch (asked->info_type) {
    case SMB2_0_INFO_FILE: return put_file_info(w, store, open, asked->info_class);
    case SMB2_0_INFO_FILESYSTEM: return put_fs_info(w, store, asked->info_class);
    case SMB2_0_INFO_SECURITY: return put_security(w, open, asked->additional_information);
    default: return (uint32_t)STATUS_NOT_SUPPORTED;
    }
}

/* The answer, as much of it as there is room for (MS-SMB2 3.3.5.20.1, 3.3.5.20.3). */
static uint32_t give(struct peer_request *q, const struct smb2_query_info_request *asked,
                     struct span data)
{
    struct smb2_query_info_reply reply = {.data = data};

    if (data.len > asked->output_length && asked->info_type == SMB2_0_INFO_SECURITY) {
        q->needed = (uint32_t)data.len;
        return (uint32_t)STATUS_BUFFER_TOO_SMALL;
    }
    if (data.len > asked->output_length) {
        reply.data.len = asked->output_length;
    }
    smb2_query_info_reply_put(peer_body(q, 16 + reply.data.len), &reply);
    return reply.data.len < data.len ? (uint32_t)STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

uint32_t peer_query_info(struct peer_request *q)
{
    struct smb2_query_info_request asked;

    if (!smb2_query_info_request_get(&asked, q->message) || !peer_paid(q, asked.output_length) ||
        asked.output_length > q->link->peer->config.max_transact) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    const struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    uint8_t *room = peer_alloc(INFO_ROOM);
    struct wr w = wr_from(room, INFO_ROOM);
    uint32_t status = put_info(q, open, &asked, &w);
    if (status == STATUS_SUCCESS) {
        status = give(q, &asked, wr_written(&w));
    }
    free(room);
    return status;
}

/* ---------------------------------------------------------------- SET_INFO */

static void set_time(uint64_t *time, uint64_t value)
{
    if (value != 0 && value < UINT64_MAX - 1) { /* MS-FSCC 2.4.7: 0, -1 and -2 leave it */
        *time = value;
    }
}

static uint32_t set_basic(struct peer_open *open, struct span data)
{
    struct file_basic_information info;
    struct peer_node *file = open->file;

    if (!file_basic_information_get(&info, data)) {
        return (uint32_t)STATUS_INFO_LENGTH_MISMATCH;
    }
    if (!(open->access & FILE_WRITE_ATTRIBUTES)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    set_time(&file->created, info.created);
    set_time(&file->accessed, info.accessed);
    set_time(&file->written, info.written);
    set_time(&file->changed, info.changed);
    if (info.file_attributes) {
        file->attributes =
            info.file_attributes & ~(uint32_t)(FILE_ATTRIBUTE_NORMAL | FILE_ATTRIBUTE_DIRECTORY);
    }
    return STATUS_SUCCESS;
}

/* What stands where a rename leads to has to go (MS-FSA 2.1.5.14.11). */
static uint32_t make_way(struct peer_store *store, const struct peer_open *open,
                         const struct file_rename_information *info)
{
    struct peer_node *there = peer_store_find(store, info->name);

    if (!there || there == open->file) {
        return STATUS_SUCCESS;
    }
    if (!info->replace_if_exists) {
        return (uint32_t)STATUS_OBJECT_NAME_COLLISION;
    }
    if (there->directory || !list_empty(&there->opens) ||
        (there->attributes & FILE_ATTRIBUTE_READONLY)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    peer_store_remove(store, there);
    return STATUS_SUCCESS;
}

static uint32_t set_name(struct peer_request *q, const struct peer_open *open, struct span data)
{
    struct peer_store *store = &q->link->peer->store;
    struct file_rename_information info;

    if (!file_rename_information_get(&info, data)) {
        return (uint32_t)STATUS_INFO_LENGTH_MISMATCH;
    }
    if (!(open->access & ACCESS_DELETE)) { /* Windows insists, Samba does not */
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    uint32_t status = peer_check_symlinks(q, info.name, FILE_OPEN_REPARSE_POINT);
    if (status != STATUS_SUCCESS) {
        return status;
    }
    const struct peer_node *parent = peer_store_find(store, peer_parent(info.name));
    if (info.name.len == 0 || info.name.ptr[0] == '\\' || open->file->name_len == 0 ||
        !list_linked(&open->file->node) ||
        peer_inside(info.name, (struct span){open->file->name, open->file->name_len})) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (!parent || !parent->directory) {
        return (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND;
    }
    status = make_way(store, open, &info);
    if (status == STATUS_SUCCESS) {
        peer_store_rename(store, open->file, info.name);
    }
    return status;
}

static uint32_t set_disposition(struct peer_store *store, const struct peer_open *open,
                                struct span data)
{
    struct file_disposition_information info;

    if (!file_disposition_information_get(&info, data)) {
        return (uint32_t)STATUS_INFO_LENGTH_MISMATCH;
    }
    if (!(open->access & ACCESS_DELETE)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    if (info.delete_pending && (open->file->attributes & FILE_ATTRIBUTE_READONLY)) {
        return (uint32_t)STATUS_CANNOT_DELETE;
    }
    if (info.delete_pending && open->file->directory &&
        peer_store_has_children(store, open->file)) {
        return (uint32_t)STATUS_DIRECTORY_NOT_EMPTY;
    }
    open->file->delete_pending = info.delete_pending || store->keeps_marks;
    return STATUS_SUCCESS;
}

static uint32_t set_disposition_ex(struct peer_store *store, const struct peer_open *open,
                                   struct span data)
{
    struct file_disposition_information_ex info;

    if (!file_disposition_information_ex_get(&info, data)) {
        return (uint32_t)STATUS_INFO_LENGTH_MISMATCH;
    }
    uint8_t plain = info.flags & FILE_DISPOSITION_DELETE;
    return set_disposition(store, open, (struct span){&plain, 1});
}

static uint32_t set_size(struct peer *peer, const struct peer_open *open, uint64_t size)
{
    if (!(open->access & FILE_WRITE_DATA)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    if (!peer_store_resize(&peer->store, open->file, size)) {
        return (uint32_t)STATUS_DISK_FULL;
    }
    open->file->written = open->file->changed = peer_now(peer);
    return STATUS_SUCCESS;
}

static uint32_t set_end(struct peer *peer, const struct peer_open *open, struct span data)
{
    struct file_end_of_file_information info;

    return file_end_of_file_information_get(&info, data) ? set_size(peer, open, info.end_of_file)
                                                         : (uint32_t)STATUS_INFO_LENGTH_MISMATCH;
}

/* Less than there is cuts the file off; more only has to be possible (MS-FSA 2.1.5.14.1). */
static uint32_t set_allocation(struct peer *peer, const struct peer_open *open, struct span data)
{
    struct file_allocation_information info;

    if (!file_allocation_information_get(&info, data)) {
        return (uint32_t)STATUS_INFO_LENGTH_MISMATCH;
    }
    if (info.allocation_size < open->file->size) {
        return set_size(peer, open, info.allocation_size);
    }
    return info.allocation_size - open->file->size <= peer->store.capacity - peer->store.used
               ? STATUS_SUCCESS
               : (uint32_t)STATUS_DISK_FULL;
}

/* MS-FSA 2.1.5.15.5: each is set, or taken away when it has no value. */
static uint32_t set_eas(const struct peer_open *open, struct span data)
{
    struct file_full_ea_information ea;
    struct walk list = walk_from(data);

    if (!(open->access & FILE_WRITE_EA)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    while (file_full_ea_information_next(&list, &ea)) {
        peer_store_ea(open->file, ea.name, ea.value);
    }
    return walk_ok(&list) ? STATUS_SUCCESS : (uint32_t)STATUS_INVALID_PARAMETER;
}

/* Put the parts that are meant in the place of the old ones (MS-SMB2 3.3.5.21.3). */
static uint32_t set_security(const struct peer_open *open, uint32_t which, struct span data)
{
    struct security_descriptor sd, new;
    uint8_t room[4096];
    struct wr w = wr_from(room, sizeof room);
    uint32_t owners = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION;

    if (!security_descriptor_get(&new, data) ||
        !security_descriptor_get(&sd,
                                 (struct span){open->file->security, open->file->security_len})) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (((which & owners) && !(open->access & ACCESS_WRITE_OWNER)) ||
        ((which & DACL_SECURITY_INFORMATION) && !(open->access & ACCESS_WRITE_DAC)) ||
        ((which & SACL_SECURITY_INFORMATION) && !(open->access & ACCESS_SYSTEM_SECURITY))) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    sd.owner = which & OWNER_SECURITY_INFORMATION ? new.owner : sd.owner;
    sd.group = which & GROUP_SECURITY_INFORMATION ? new.group : sd.group;
    sd.dacl = which & DACL_SECURITY_INFORMATION ? new.dacl : sd.dacl;
    sd.sacl = which & SACL_SECURITY_INFORMATION ? new.sacl : sd.sacl;
    sd.control |= new.control;
    security_descriptor_put(&w, &sd);
    peer_store_secure(open->file, wr_written(&w));
    return STATUS_SUCCESS;
}

static uint32_t set_file_info(struct peer_request *q, struct peer_open *open,
                              const struct smb2_set_info_request *asked)
{
    struct peer *peer = q->link->peer;

    switch (asked->info_class) {
    case FILE_BASIC_INFORMATION: return set_basic(open, asked->data);
    case FILE_RENAME_INFORMATION: return set_name(q, open, asked->data);
    case FILE_DISPOSITION_INFORMATION: return set_disposition(&peer->store, open, asked->data);
    case FILE_DISPOSITION_INFORMATION_EX:
        return set_disposition_ex(&peer->store, open, asked->data);
    case FILE_END_OF_FILE_INFORMATION: return set_end(peer, open, asked->data);
    case FILE_ALLOCATION_INFORMATION: return set_allocation(peer, open, asked->data);
    case FILE_FULL_EA_INFORMATION: return set_eas(open, asked->data);
    default: return (uint32_t)STATUS_INVALID_INFO_CLASS;
    }
}

uint32_t peer_set_info(struct peer_request *q)
{
    struct smb2_set_info_request asked;

    if (!smb2_set_info_request_get(&asked, q->message) || !peer_paid(q, asked.data.len)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    uint32_t status = (uint32_t)STATUS_NOT_SUPPORTED;
    if (asked.info_type == SMB2_0_INFO_FILE) {
        status = set_file_info(q, open, &asked);
    } else if (asked.info_type == SMB2_0_INFO_SECURITY) {
        status = set_security(open, asked.additional_information, asked.data);
    }
    if (status == STATUS_SUCCESS) {
        smb2_set_info_reply_put(peer_body(q, 8));
    }
    return status;
}
