/* peer_create.c: CREATE (MS-SMB2 3.3.5.9). */
#include "proto/create.h"

#include "test/peer/peer_core.h"

enum {
    ALLOCATION_UNIT = 4096,
    REPLY_ROOM = 256,
    KNOWN_DISPOSITIONS = FILE_OVERWRITE_IF,
    WRITING = FILE_WRITE_DATA | FILE_APPEND_DATA,
    READING = FILE_READ_DATA | FILE_EXECUTE,
    /* What MAXIMUM_ALLOWED and the GENERIC bits come down to (MS-DTYP 2.4.3). */
    ALL_ACCESS = 0x001F01FF,
};

#define GENERIC_BITS 0xF0000000u

/* Characters that no component may have (MS-FSCC 2.1.5). */
static bool valid_name(struct span name)
{
    for (size_t i = 0; i + 1 < name.len; i += 2) {
        uint16_t unit = (uint16_t)(name.ptr[i] | name.ptr[i + 1] << 8);
        if (unit < 0x20 || (unit < 0x80 && strchr("\"*/:<>?|", unit))) {
            return false;
        }
    }
    return true;
}

/* "file" or "file:stream" (MS-FSCC 2.1.5). */
static bool valid_path(struct span name)
{
    struct span base = peer_base(name);

    if (base.len == name.len) {
        return valid_name(name);
    }
    struct span stream = {name.ptr + base.len + 2, name.len - base.len - 2};
    return stream.len > 0 && valid_name(base) && valid_name(stream);
}

static uint32_t check_name(const struct peer *peer, const struct smb2_create_request *asked)
{
    if (asked->name.len >= 2 && asked->name.ptr[0] == '\\' && asked->name.ptr[1] == 0) {
        return (uint32_t)STATUS_INVALID_PARAMETER; /* MS-SMB2 3.3.5.9 */
    }
    return peer->config.any_name || valid_path(asked->name) ? STATUS_SUCCESS
                                                            : (uint32_t)STATUS_OBJECT_NAME_INVALID;
}

/* Do others allow what is asked, and is what they do allowed (MS-FSA 2.1.5.1.2)? */
static bool shares(const struct peer_node *file, uint32_t access, uint32_t share_access)
{
    static const struct {
        uint32_t access, share;
    } pairs[] = {{READING, FILE_SHARE_READ},
                 {WRITING, FILE_SHARE_WRITE},
                 {ACCESS_DELETE, FILE_SHARE_DELETE}};

    LIST_EACH(node, &file->opens)
    {
        const struct peer_open *other = CONTAINER_OF(node, struct peer_open, in_node);
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
            if (((access & pairs[i].access) && !(other->share_access & pairs[i].share)) ||
                ((other->access & pairs[i].access) && !(share_access & pairs[i].share))) {
                return false;
            }
        }
    }
    return true;
}

/* May what exists be opened like this? */
static uint32_t check_existing(const struct peer_node *file,
                               const struct smb2_create_request *asked, uint32_t access)
{
    bool replaces = asked->disposition == FILE_SUPERSEDE || asked->disposition >= FILE_OVERWRITE;

    if (asked->disposition == FILE_CREATE) {
        return (uint32_t)STATUS_OBJECT_NAME_COLLISION;
    }
    if (file->delete_pending) {
        return (uint32_t)STATUS_DELETE_PENDING;
    }
    if (file->directory && (asked->options & FILE_NON_DIRECTORY_FILE)) {
        return (uint32_t)STATUS_FILE_IS_A_DIRECTORY;
    }
    if (!file->directory && (asked->options & FILE_DIRECTORY_FILE)) {
        return (uint32_t)STATUS_NOT_A_DIRECTORY;
    }
    if (file->directory && replaces) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if ((file->attributes & FILE_ATTRIBUTE_READONLY) && !file->directory) {
        if ((access & WRITING) || replaces) {
            return (uint32_t)STATUS_ACCESS_DENIED;
        }
        if (asked->options & FILE_DELETE_ON_CLOSE) {
            return (uint32_t)STATUS_CANNOT_DELETE;
        }
    }
    return shares(file, access | (replaces ? (uint32_t)FILE_WRITE_DATA : 0u), asked->share_access)
               ? STATUS_SUCCESS
               : (uint32_t)STATUS_SHARING_VIOLATION;
}

/* May what does not exist be made? */
static uint32_t check_missing(struct peer_store *store, const struct smb2_create_request *asked)
{
    const struct peer_node *parent = peer_store_find(store, peer_parent(asked->name));

    if (!parent || !parent->directory) {
        return (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND;
    }
    if (parent->delete_pending) {
        return (uint32_t)STATUS_DELETE_PENDING;
    }
    if (!peer_store_find(store, peer_base(asked->name)) &&
        peer_base(asked->name).len < asked->name.len) {
        return (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND;
    }
    return asked->disposition == FILE_OPEN || asked->disposition == FILE_OVERWRITE
               ? (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND
               : STATUS_SUCCESS;
}

/* Answer MxAc and QFid (MS-SMB2 3.3.5.9.5, 3.3.5.9.9). */
static void answer_contexts(struct wr *list, struct span asked, const struct peer_node *file)
{
    uint8_t data[32];
    struct wr w = wr_from(data, sizeof data);
    struct span ignored;

    if (smb2_create_context_find(asked, SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST, &ignored)) {
        smb2_maximal_access_put(&w, &(struct smb2_maximal_access){.maximal_access = ALL_ACCESS});
        smb2_create_context_put(list, SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST, wr_written(&w));
    }
    if (smb2_create_context_find(asked, SMB2_CREATE_QUERY_ON_DISK_ID, &ignored)) {
        w = wr_from(data, sizeof data);
        smb2_disk_id_put(&w, &(struct smb2_disk_id){.disk_file_id = file->id, .volume_id = 1});
        smb2_create_context_put(list, SMB2_CREATE_QUERY_ON_DISK_ID, wr_written(&w));
    }
}

static void put_reply(struct peer_request *q, const struct peer_open *open, uint32_t action,
                      struct span contexts)
{
    const struct peer_node *file = open->file;
    uint64_t allocated = (file->size + ALLOCATION_UNIT - 1) / ALLOCATION_UNIT * ALLOCATION_UNIT;

    smb2_create_reply_put(
        peer_body(q, REPLY_ROOM),
        &(struct smb2_create_reply){
            .action = action,
            .created = file->created,
            .accessed = file->accessed,
            .written = file->written,
            .changed = file->changed,
            .allocation_size = allocated,
            .end_of_file = file->size,
            .file_attributes =
                file->attributes | (file->directory ? (uint32_t)FILE_ATTRIBUTE_DIRECTORY : 0u),
            .file = open->id,
            .contexts = contexts,
        });
}

static struct peer_open *open_it(struct peer_request *q, struct peer_node *file,
                                 const struct smb2_create_request *asked, uint32_t access)
{
    struct peer_open *open = peer_open_new(file, &q->session->opens);

    open->id.persistent = ++q->link->peer->last_id;
    open->id.vol = open->id.persistent << 32 | file->id;
    open->tree_id = q->tree->id;
    open->access = access;
    open->share_access = asked->share_access;
    open->delete_on_close = asked->options & FILE_DELETE_ON_CLOSE;
    if (q->chain) {
        q->chain->file = open->id;
    }
    return open;
}

/* Empty a file that is overwritten. */
static void overwrite(struct peer *peer, struct peer_node *file,
                      const struct smb2_create_request *asked)
{
    (void)peer_store_resize(&peer->store, file, 0);
    file->attributes =
        (asked->file_attributes & ~(uint32_t)FILE_ATTRIBUTE_NORMAL) | FILE_ATTRIBUTE_ARCHIVE;
    file->written = file->changed = peer_now(peer);
}

uint32_t peer_create(struct peer_request *q)
{
    struct peer *peer = q->link->peer;
    struct smb2_create_request asked;
    uint8_t room[128];
    struct wr contexts = wr_from(room, sizeof room);
    uint32_t action = FILE_OPENED;

    if (!smb2_create_request_get(&asked, q->message) || asked.disposition > KNOWN_DISPOSITIONS) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    uint32_t access = asked.desired_access & (GENERIC_BITS | ACCESS_MAXIMUM_ALLOWED)
                          ? (uint32_t)ALL_ACCESS
                          : asked.desired_access;
    if (q->tree->pipe) {
        return peer_pipe_create(q, &asked);
    }
    struct peer_node *file = peer_store_find(&peer->store, asked.name);
    uint32_t status = check_name(peer, &asked);
    if (status == STATUS_SUCCESS) {
        status = peer_check_symlinks(q, asked.name, asked.options);
    }
    if (status == STATUS_SUCCESS && (asked.options & FILE_DELETE_ON_CLOSE) &&
        !(access & ACCESS_DELETE)) {
        status = (uint32_t)STATUS_INVALID_PARAMETER; /* MS-FSA 2.1.5.1 */
    }
    if (status == STATUS_SUCCESS) {
        status = file ? check_existing(file, &asked, access) : check_missing(&peer->store, &asked);
    }
    if (status != STATUS_SUCCESS) {
        return status;
    }
    if (!file) {
        file = peer_store_add(&peer->store, asked.name, asked.options & FILE_DIRECTORY_FILE,
                              peer_now(peer));
        action = FILE_CREATED;
    } else if (asked.disposition == FILE_SUPERSEDE || asked.disposition >= FILE_OVERWRITE) {
        overwrite(peer, file, &asked);
        action = asked.disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
    }
    answer_contexts(&contexts, asked.contexts, file);
    put_reply(q, open_it(q, file, &asked, access), action, wr_written(&contexts));
    return STATUS_SUCCESS;
}
