/* link.c: a conn on a stream. */
#include "fs/link.h"

#include <assert.h>
#include <errno.h>

#include "base/error.h"
#include "proto/nbss.h"

enum { TURN_BYTES = 4 << 20 }; /* received in one turn: others want theirs too */

/* ---------------------------------------------------------------- in */

static void lose(struct link *link, int os_errno)
{
    struct lsmb_error err;

    if (os_errno == 0) {
        error_set(&err, LSMB_E_NETWORK, "the server closed the connection");
    } else {
        error_errno(&err, os_errno, "the connection was lost");
        err.code = LSMB_E_NETWORK;
    }
    conn_fail(&link->conn, &err);
}

/* The prefix at the start of the stage: 0 = more bytes are needed, or nothing is left to do. */
static bool take_prefix(struct link *link, size_t *len, bool *is_message)
{
    struct span prefix = {link->stage + link->stage_start, NBSS_PREFIX_LEN};
    enum nbss_type type = NBSS_MESSAGE;
    bool ok = link->stream->framing == FRAMING_NETBIOS ? nbss_session_get(&type, len, prefix)
                                                       : nbss_direct_get(len, prefix);

    if (!ok || (type != NBSS_MESSAGE && type != NBSS_KEEPALIVE)) {
        conn_fail_with(&link->conn, LSMB_E_PROTOCOL, "the server sent something that is not SMB");
        return false;
    }
    if (*len > conn_frame_limit(&link->conn)) {
        conn_fail_with(&link->conn, LSMB_E_PROTOCOL,
                       "the server announces a message of %zu bytes, more than was asked for",
                       *len);
        return false;
    }
    link->stage_start += NBSS_PREFIX_LEN;
    link->stage_len -= NBSS_PREFIX_LEN;
    *is_message = type == NBSS_MESSAGE;
    return true;
}

/* Take a buffer for the frame that the stage's prefix announces, and what has come of it already. */
static bool begin_frame(struct link *link)
{
    size_t len = 0;
    bool is_message = true;

    if (!take_prefix(link, &len, &is_message)) {
        return false;
    }
    if (!is_message) {
        /* A keepalive has no body (RFC 1002 4.3.6).  It is no progress either: the machine lives, but the
         * server that owes us an answer may hang. */
        return true;
    }
    link->frame = pool_take_frame(&link->conn.env->pool, len);
    if (!link->frame) {
        conn_fail_with(&link->conn, LSMB_E_NOMEM, "no memory for a message of %zu bytes", len);
        return false;
    }
    conn_progress(&link->conn);
    link->frame_bytes = len;
    size_t have = link->stage_len < len ? link->stage_len : len;
    memcpy(buf_data(link->frame), link->stage + link->stage_start, have);
    link->frame->len = have;
    link->stage_start += have;
    link->stage_len -= have;
    return true;
}

/* Hand over every frame that is complete. */
static void take_frames(struct link *link)
{
    while (!conn_dead(&link->conn)) {
        if (!link->frame && (link->stage_len < NBSS_PREFIX_LEN || !begin_frame(link))) {
            return;
        }
        if (!link->frame) {
            continue; /* a keepalive */
        }
        if (link->frame->len < link->frame_bytes) {
            return;
        }
        struct buf *frame = link->frame;
        link->frame = NULL;
        conn_receive(&link->conn, frame);
    }
}

/* Where the stage ends for now. */
static size_t stage_limit(const struct link *link)
{
    bool large = link->frame && link->frame_bytes > LINK_STAGE_BYTES;

    return large ? LINK_STAGE_BEHIND : LINK_STAGE_BYTES;
}

/* The rest of the frame goes straight into its buffer, what follows it into the stage. */
static ssize_t receive_some(struct link *link)
{
    struct iovec iov[2];
    int count = 0;

    memmove(link->stage, link->stage + link->stage_start, link->stage_len);
    link->stage_start = 0;
    size_t missing = link->frame ? link->frame_bytes - link->frame->len : 0;
    if (missing > 0) {
        iov[count++] = (struct iovec){buf_data(link->frame) + link->frame->len, missing};
    }
    assert(link->stage_len < stage_limit(link)); /* a part of a prefix, if that */
    iov[count++] =
        (struct iovec){link->stage + link->stage_len, stage_limit(link) - link->stage_len};
    ssize_t got = link->stream->ops->receive(link->stream, iov, count);
    link->loop->env->stats.sum.receive_calls++;
    if (got > 0) {
        size_t in_frame = (size_t)got < missing ? (size_t)got : missing;
        if (in_frame > 0) {
            link->frame->len += in_frame;
            conn_progress(&link->conn);
        }
        link->stage_len += (size_t)got - in_frame;
        link->loop->env->stats.sum.bytes_in += (uint64_t)got;
    }
    return got;
}

static void close_stream(struct link *link)
{
    stream_close(link->stream);
    link->stream = NULL;
}

static void receive(struct hook *hook)
{
    struct link *link = CONTAINER_OF(hook, struct link, receive);
    size_t taken = 0;

    while (!conn_dead(&link->conn) && taken < TURN_BYTES) {
        ssize_t got = receive_some(link);
        if (got == -EAGAIN) {
            loop_leave(link->loop, hook);
            return;
        }
        if (got <= 0) {
            lose(link, (int)-got);
            break;
        }
        taken += (size_t)got;
        take_frames(link);
    }
    if (conn_dead(&link->conn) && link->stream) {
        close_stream(link);
    }
}

/* ---------------------------------------------------------------- out */

static int gather(const struct link *link, struct iovec *iov)
{
    size_t skip = link->conn.output_sent;
    int count = 0;

    for (struct list *node = link->conn.output.next;
         node != &link->conn.output && count < LINK_IOV_MAX; node = node->next) {
        const struct buf *frame = CONTAINER_OF(node, struct buf, node);
        iov[count++] = (struct iovec){buf_data(frame) + skip, frame->len - skip};
        skip = 0;
    }
    return count;
}

/* Send all that is queued, in as few calls as possible. */
static void send_output(struct link *link)
{
    struct iovec iov[LINK_IOV_MAX];

    while (!conn_dead(&link->conn) && !list_empty(&link->conn.output)) {
        ssize_t sent = link->stream->ops->send(link->stream, iov, gather(link, iov));
        link->loop->env->stats.sum.send_calls++;
        link->stuck = sent == -EAGAIN;
        if (link->stuck) {
            return;
        }
        if (sent <= 0) {
            lose(link, (int)-sent);
            return;
        }
        link->loop->env->stats.sum.bytes_out += (uint64_t)sent;
        conn_sent(&link->conn, (size_t)sent);
    }
}

static void flush(struct hook *hook)
{
    struct link *link = CONTAINER_OF(hook, struct link, flush);

    loop_leave(link->loop, hook);
    send_output(link);
    if (conn_dead(&link->conn) && link->stream) {
        close_stream(link);
    }
}

static void on_output(void *arg)
{
    struct link *link = arg;

    if (link->stream) {
        loop_join(link->loop, LOOP_FLUSH, &link->flush);
    }
}

/* ---------------------------------------------------------------- life */

void link_open(struct link *link, struct loop *loop, struct stream *stream,
               const struct policy *policy, const uint8_t *client_guid)
{
    *link = (struct link){
        .loop = loop,
        .stream = stream,
        .receive = {.run = receive},
        .flush = {.run = flush},
    };
    conn_init(&link->conn, loop->env, policy, client_guid);
    link->conn.netbios = stream->framing == FRAMING_NETBIOS;
    link->conn.on_output = on_output;
    link->conn.owner = link;
    stream_attach(stream, loop, &link->receive, &link->flush);
    loop->env->stats.sum.connections++;
}

void link_close(struct link *link)
{
    if (link->stream) {
        send_output(link); /* goodbyes, as far as they go without waiting */
        close_stream(link);
    }
    if (!conn_dead(&link->conn)) {
        conn_fail_with(&link->conn, LSMB_E_CANCELLED, "the connection was closed");
    }
}

void link_free(struct link *link)
{
    assert(!link->stream);
    buf_free(link->frame);
    link->frame = NULL;
    conn_free(&link->conn);
}
