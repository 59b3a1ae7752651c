/* peer_notify.c: CHANGE_NOTIFY (MS-SMB2 3.3.5.19). */
#include "proto/notify.h"

#include <stdlib.h>

#include "test/peer/peer_core.h"

/* What is remembered for an open directory that was asked for once. */
struct peer_watch {
    uint32_t filter;
    bool tree;
    bool too_much;  /* has happened: it is not told any more what */
    uint8_t *bytes; /* owned: `changes` writes there */
    struct wr changes;
};

void peer_watch_free(struct peer_open *open)
{
    if (open->watch) {
        free(open->watch->bytes);
        free(open->watch);
        open->watch = NULL;
    }
}

static struct span name_of(const struct peer_node *node)
{
    return (struct span){node->name, node->name_len};
}

/* The name as it is told: from the directory on. */
static struct span inside(struct span name, struct span dir)
{
    size_t skip = dir.len > 0 ? dir.len + 2 : 0;

    return (struct span){name.ptr + skip, name.len - skip};
}

static void remember(struct peer_watch *watch, uint32_t action, struct span name)
{
    if (watch->too_much) {
        return;
    }
    file_notify_information_put(&watch->changes,
                                &(struct file_notify_information){.action = action, .name = name});
    if (!wr_ok(&watch->changes)) {
        watch->too_much = true;
    }
}

static void tell(struct peer_open *open, uint32_t action, uint32_t filter, struct span name)
{
    struct span dir = name_of(open->file);
    struct peer_watch *watch = open->watch;

    if (watch && (watch->filter & filter) && peer_inside(name, dir) &&
        (watch->tree || peer_same_name(peer_parent(name), dir))) {
        remember(watch, action, inside(name, dir));
    }
}

static void tell_each(struct list *opens, uint32_t action, uint32_t filter, struct span name)
{
    LIST_EACH(node, opens)
    {
        tell(CONTAINER_OF(node, struct peer_open, in_node), action, filter, name);
    }
}

void peer_changed(struct peer_store *store, uint32_t action, uint32_t filter, struct span name)
{
    LIST_EACH(node, &store->nodes)
    {
        tell_each(&CONTAINER_OF(node, struct peer_node, node)->opens, action, filter, name);
    }
}

/* The first request decides what is remembered (MS-SMB2 3.3.5.19), and how much. */
static void begin_watch(struct peer_open *open, const struct smb2_notify_request *asked)
{
    struct peer_watch *watch = peer_alloc(sizeof *watch);

    watch->filter = asked->filter;
    watch->tree = asked->flags & SMB2_WATCH_TREE;
    watch->bytes = peer_alloc(asked->output_length);
    watch->changes = wr_from(watch->bytes, asked->output_length);
    open->watch = watch;
}

/* What was remembered goes out, and is forgotten. */
static uint32_t put_changes(struct peer_request *q, struct peer_watch *watch, uint32_t room)
{
    bool fits = !watch->too_much && watch->changes.pos <= room;
    struct smb2_notify_reply reply = {0};

    if (fits) {
        reply.changes = wr_written(&watch->changes);
    }
    smb2_notify_reply_put(peer_body(q, SMB2_NOTIFY_REPLY_LEN + reply.changes.len + 1), &reply);
    watch->changes = wr_from(watch->bytes, watch->changes.cap);
    watch->too_much = false;
    return fits ? STATUS_SUCCESS : STATUS_NOTIFY_ENUM_DIR;
}

uint32_t peer_change_notify(struct peer_request *q)
{
    struct smb2_notify_request asked;

    if (!smb2_notify_request_get(&asked, q->message) ||
        asked.output_length > q->link->peer->config.max_transact ||
        !peer_paid(q, asked.output_length)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        return q->async_id ? (uint32_t)STATUS_NOTIFY_CLEANUP : (uint32_t)STATUS_FILE_CLOSED;
    }
    if (!open->file->directory) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (!(open->access & FILE_READ_DATA)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    if (open->file->delete_pending) {
        return (uint32_t)STATUS_DELETE_PENDING;
    }
    if (!open->watch) {
        begin_watch(open, &asked);
    }
    bool news = open->watch->too_much || open->watch->changes.pos > 0;
    return news ? put_changes(q, open->watch, asked.output_length) : (uint32_t)STATUS_PENDING;
}
