/* peer_files.c: CLOSE, FLUSH, READ, WRITE, IOCTL, and the files as a test sees them. */
#include "proto/close.h"
#include "proto/flush.h"
#include "proto/ioctl.h"
#include "proto/misc.h"
#include "proto/read.h"
#include "proto/utf16.h"
#include "proto/write.h"
#include "test/peer/peer_core.h"

#define STATUS_NOT_FOUND 0xC0000225u

enum { NAME_BYTES_MAX = 2048, WRITING = FILE_WRITE_DATA | FILE_APPEND_DATA };

struct peer_open *peer_open_find(struct peer_request *q, struct smb2_file_id id)
{
    if (q->related && q->chain && id.persistent == UINT64_MAX && id.vol == UINT64_MAX) {
        id = q->chain->file;
    }
    LIST_EACH(node, &q->session->opens)
    {
        struct peer_open *open = CONTAINER_OF(node, struct peer_open, in_session);
        if (open->id.persistent == id.persistent && open->id.vol == id.vol &&
            open->tree_id == q->tree->id) {
            if (q->chain) {
                q->chain->file = id;
            }
            return open;
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- CLOSE, FLUSH */

uint32_t peer_close_file(struct peer_request *q)
{
    struct smb2_close_request asked;
    struct smb2_close_reply reply = {0};

    if (!smb2_close_request_get(&asked, q->message)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    if (asked.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB) {
        const struct peer_node *file = open->file;
        reply = (struct smb2_close_reply){
            .flags = SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB,
            .created = file->created,
            .accessed = file->accessed,
            .written = file->written,
            .changed = file->changed,
            .allocation_size = file->size,
            .end_of_file = file->size,
            .file_attributes =
                file->attributes | (file->directory ? (uint32_t)FILE_ATTRIBUTE_DIRECTORY : 0u),
        };
    }
    peer_open_free(&q->link->peer->store, open);
    smb2_close_reply_put(peer_body(q, 64), &reply);
    return STATUS_SUCCESS;
}

uint32_t peer_flush(struct peer_request *q)
{
    struct smb2_flush_request asked;

    if (!smb2_flush_request_get(&asked, q->message)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    const struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    /* MS-SMB2 3.3.5.11 */
    return open->access & WRITING ? STATUS_SUCCESS : (uint32_t)STATUS_ACCESS_DENIED;
}

/* ---------------------------------------------------------------- READ, WRITE */

/* MS-SMB2 3.3.5.12. */
uint32_t peer_read(struct peer_request *q)
{
    struct smb2_read_request asked;

    if (!smb2_read_request_get(&asked, q->message) ||
        asked.length > q->link->peer->config.max_read || !peer_paid(q, asked.length)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    if (open->pipe) {
        return peer_pipe_read(q, open, asked.length);
    }
    if (!(open->access & (FILE_READ_DATA | FILE_EXECUTE))) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    const struct peer_node *file = open->file;
    if (file->directory) {
        return (uint32_t)STATUS_INVALID_DEVICE_REQUEST;
    }
    uint64_t left = asked.offset < file->size ? file->size - asked.offset : 0;
    size_t len = (size_t)(left < asked.length ? left : asked.length);
    if ((len == 0 && asked.length > 0) || len < asked.minimum_count) {
        return (uint32_t)STATUS_END_OF_FILE;
    }
    if (!peer_may_access(open, asked.offset, len, false)) {
        return (uint32_t)STATUS_FILE_LOCK_CONFLICT;
    }
    struct smb2_read_reply reply = {0};
    if (len > 0) {
        reply.data = (struct span){file->bytes + asked.offset, len};
    }
    smb2_read_reply_put(peer_body(q, SMB2_READ_REPLY_LEN + len + 1), &reply);
    return STATUS_SUCCESS;
}

/* MS-SMB2 3.3.5.13. */
uint32_t peer_write(struct peer_request *q)
{
    struct peer *peer = q->link->peer;
    struct smb2_write_request asked;

    if (!smb2_write_request_get(&asked, q->message) || asked.length > peer->config.max_write ||
        !peer_paid(q, asked.length) || asked.offset > UINT64_MAX - asked.length) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    const struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    if (!(open->access & WRITING)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    if (!peer_may_access(open, asked.offset, asked.length, true)) {
        return (uint32_t)STATUS_FILE_LOCK_CONFLICT;
    }
    struct peer_node *file = open->file;
    uint64_t end = asked.offset + asked.length;
    if (end > file->size && !peer_store_resize(&peer->store, file, end)) {
        return (uint32_t)STATUS_DISK_FULL;
    }
    if (asked.length > 0) {
        memcpy(file->bytes + asked.offset, asked.data.ptr, asked.length);
    }
    file->written = file->changed = peer_now(peer);
    peer_changed(&peer->store, FILE_ACTION_MODIFIED,
                 FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE,
                 (struct span){file->name, file->name_len});
    smb2_write_reply_put(peer_body(q, SMB2_WRITE_REPLY_LEN),
                         &(struct smb2_write_reply){.count = asked.length});
    return STATUS_SUCCESS;
}

/* ---------------------------------------------------------------- IOCTL */

uint32_t peer_ioctl(struct peer_request *q)
{
    struct smb2_ioctl_request asked;

    if (!smb2_ioctl_request_get(&asked, q->message) || !(asked.flags & SMB2_0_IOCTL_IS_FSCTL)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    uint64_t expected = (uint64_t)asked.max_input_response + asked.max_output_response;
    if (!peer_paid(q, asked.input.len > expected ? asked.input.len : expected)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (asked.ctl_code == FSCTL_VALIDATE_NEGOTIATE_INFO) {
        return peer_validate(q, asked.input, asked.max_output_response);
    }
    if (asked.ctl_code == FSCTL_DFS_GET_REFERRALS || asked.ctl_code == FSCTL_DFS_GET_REFERRALS_EX) {
        return STATUS_NOT_FOUND; /* there is no namespace here */
    }
    if (asked.ctl_code == FSCTL_SRV_ENUMERATE_SNAPSHOTS) {
        return peer_snapshots(q, &asked);
    }
    if (asked.ctl_code == FSCTL_PIPE_TRANSCEIVE) {
        return peer_pipe_transceive(q, &asked);
    }
    if (asked.ctl_code == FSCTL_SRV_REQUEST_RESUME_KEY) {
        return peer_resume_key(q, &asked);
    }
    if (asked.ctl_code == FSCTL_SRV_COPYCHUNK_WRITE) {
        return peer_copychunk(q, &asked);
    }
    return (uint32_t)STATUS_INVALID_DEVICE_REQUEST; /* MS-SMB2 3.3.5.15 */
}

/* ---------------------------------------------------------------- the test's view */

/* The wire's form of a path, in `room`. */
static struct span wire_name(const char *path, uint8_t room[static NAME_BYTES_MAX])
{
    struct wr w = wr_from(room, NAME_BYTES_MAX);

    wr_utf16(&w, path);
    for (size_t i = 0; i + 1 < w.pos; i += 2) {
        if (room[i] == '/' && room[i + 1] == 0) {
            room[i] = '\\';
        }
    }
    return wr_written(&w);
}

struct peer_node *peer_find(struct peer *peer, const char *path)
{
    uint8_t room[NAME_BYTES_MAX];

    return peer_store_find(&peer->store, wire_name(path, room));
}

static struct peer_node *make(struct peer *peer, struct span name, bool directory)
{
    struct peer_node *node = peer_store_find(&peer->store, name);

    if (node) {
        return node;
    }
    for (size_t i = 2; i + 1 < name.len; i += 2) {
        if (name.ptr[i] == '\\' && name.ptr[i + 1] == 0) {
            struct span parent = {name.ptr, i};
            if (!peer_store_find(&peer->store, parent)) {
                (void)peer_store_add(&peer->store, parent, true, peer_now(peer));
            }
        }
    }
    return peer_store_add(&peer->store, name, directory, peer_now(peer));
}

struct peer_node *peer_add_dir(struct peer *peer, const char *path)
{
    uint8_t room[NAME_BYTES_MAX];

    struct peer_node *dir = make(peer, wire_name(path, room), true);
    peer_retry(peer);
    return dir;
}

struct peer_node *peer_add_file(struct peer *peer, const char *path, const void *bytes, size_t len)
{
    uint8_t room[NAME_BYTES_MAX];
    struct peer_node *file = make(peer, wire_name(path, room), false);

    (void)peer_store_resize(&peer->store, file, len);
    if (len > 0 && bytes) {
        memcpy(file->bytes, bytes, len);
    }
    peer_retry(peer);
    return file;
}

bool peer_has(struct peer *peer, const char *path, const void *bytes, size_t len)
{
    const struct peer_node *file = peer_find(peer, path);

    return file && !file->directory && file->size == len &&
           (len == 0 || memcmp(file->bytes, bytes, len) == 0);
}
