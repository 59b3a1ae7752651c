/* peer_copy.c: copying within the server (MS-SMB2 3.3.5.15.5, 3.3.5.15.6). */
#include "proto/copychunk.h"
#include "proto/ioctl.h"
#include "test/peer/peer_core.h"

#define STATUS_INVALID_VIEW_SIZE 0xC000001Fu

enum { WRITING = FILE_WRITE_DATA | FILE_APPEND_DATA };

static uint32_t answer(struct peer_request *q, const struct smb2_ioctl_request *asked,
                       const struct wr *output, uint32_t status)
{
    smb2_ioctl_reply_put(peer_body(q, 128),
                         &(struct smb2_ioctl_reply){.ctl_code = asked->ctl_code,
                                                    .file = asked->file,
                                                    .output = wr_written(output)});
    return status;
}

/* A key is the FileId of its open. */
uint32_t peer_resume_key(struct peer_request *q, const struct smb2_ioctl_request *asked)
{
    const struct peer_open *open = peer_open_find(q, asked->file);
    struct srv_resume_key key = {{0}};
    uint8_t room[SRV_RESUME_KEY_REPLY_MAX];
    struct wr id = wr_from(key.key, sizeof key.key), w = wr_from(room, sizeof room);

    if (!open) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    if (asked->max_output_response < SRV_RESUME_KEY_REPLY_MAX) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    smb2_file_id_put(&id, open->id);
    srv_resume_key_put(&w, &key);
    return answer(q, asked, &w, STATUS_SUCCESS);
}

/* Any open of the session, also of another tree. */
static struct peer_open *open_of_key(struct peer_request *q, const struct srv_resume_key *key)
{
    struct rd r = rd_from((struct span){key->key, sizeof key->key}, 0);
    struct smb2_file_id id = smb2_file_id_get(&r);

    LIST_EACH(node, &q->session->opens)
    {
        struct peer_open *open = CONTAINER_OF(node, struct peer_open, in_session);
        if (open->id.persistent == id.persistent && open->id.vol == id.vol) {
            return open;
        }
    }
    return NULL;
}

/* MS-SMB2 3.3.5.15.6.2: within the limits? */
static bool within_limits(const struct peer_copy *limits, const struct srv_copychunk *copy)
{
    uint64_t total = 0;

    if (copy->count == 0 || copy->count > limits->chunks) {
        return false;
    }
    for (uint32_t i = 0; i < copy->count; i++) {
        if (copy->chunks[i].length == 0 || copy->chunks[i].length > limits->chunk_bytes) {
            return false;
        }
        total += copy->chunks[i].length;
    }
    return total <= limits->total_bytes;
}

static uint32_t copy_chunk(struct peer *peer, const struct peer_node *from, struct peer_node *to,
                           const struct srv_chunk *chunk)
{
    if (chunk->source_offset > from->size || chunk->length > from->size - chunk->source_offset) {
        return STATUS_INVALID_VIEW_SIZE;
    }
    uint64_t end = chunk->target_offset + chunk->length;
    if (peer->copy.sizes_only) {
        to->size = end > to->size ? (size_t)end : to->size;
        return STATUS_SUCCESS;
    }
    if (end > to->size && !peer_store_resize(&peer->store, to, end)) {
        return (uint32_t)STATUS_DISK_FULL;
    }
    memmove(to->bytes + chunk->target_offset, from->bytes + chunk->source_offset, chunk->length);
    to->written = to->changed = peer_now(peer);
    return STATUS_SUCCESS;
}

/* Copy until something fails, or no more is to be done at once. */
static uint32_t copy_chunks(struct peer *peer, const struct peer_node *from, struct peer_node *to,
                            const struct srv_copychunk *copy, struct srv_copychunk_reply *done)
{
    uint32_t most = peer->copy.at_once ? peer->copy.at_once : copy->count;
    uint32_t status = STATUS_SUCCESS;

    for (uint32_t i = 0; i < copy->count && i < most && status == STATUS_SUCCESS; i++) {
        status = copy_chunk(peer, from, to, &copy->chunks[i]);
        if (status == STATUS_SUCCESS) {
            done->chunks_written++;
            done->total_bytes_written += copy->chunks[i].length;
        }
    }
    if (peer->copy.edit) {
        peer->copy.edit(done);
    }
    return status;
}

uint32_t peer_copychunk(struct peer_request *q, const struct smb2_ioctl_request *asked)
{
    struct peer *peer = q->link->peer;
    struct peer_open *to = peer_open_find(q, asked->file);
    struct srv_copychunk_reply done = {0};
    struct srv_copychunk copy;
    uint8_t room[SRV_COPYCHUNK_REPLY_LEN];
    struct wr w = wr_from(room, sizeof room);

    if (!to) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    if (!srv_copychunk_get(&copy, asked->input) ||
        asked->max_output_response < SRV_COPYCHUNK_REPLY_LEN) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    const struct peer_open *from = open_of_key(q, &copy.source);
    if (!from) {
        return (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (!(from->access & FILE_READ_DATA) || !(to->access & WRITING)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    uint32_t status = (uint32_t)STATUS_INVALID_PARAMETER;
    if (within_limits(&peer->copy, &copy)) {
        status = copy_chunks(peer, from->file, to->file, &copy, &done);
    } else {
        done = (struct srv_copychunk_reply){peer->copy.chunks, peer->copy.chunk_bytes,
                                            peer->copy.total_bytes};
    }
    srv_copychunk_reply_put(&w, &done);
    return answer(q, asked, &w, status);
}
