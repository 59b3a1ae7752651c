/* peer_stream.c: a peer at the other end of streams. */
#include "test/peer/peer_stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "proto/nbss.h"
#include "test/peer/peer_core.h"

enum { CHUNK = 65536 };

static void end_stream(struct peer_stream *s)
{
    if (s->stream) {
        stream_close(s->stream);
        s->stream = NULL;
        loop_leave(s->door->loop, &s->receive);
        loop_leave(s->door->loop, &s->flush);
    }
}

static void stream_free(struct peer_stream *s)
{
    end_stream(s);
    list_remove(&s->node);
    s->link->on_output = NULL;
    peer_hang_up(s->link);
    free(s->in);
    free(s->out);
    free(s);
}

/* ---------------------------------------------------------------- coming in */

/* The whole length of the first frame, prefix included; 0: not known yet, SIZE_MAX: nonsense. */
static size_t frame_length(const struct peer_stream *s, bool *is_message)
{
    struct span prefix = {s->in, NBSS_PREFIX_LEN};
    enum nbss_type type = NBSS_MESSAGE;
    size_t len = 0;
    bool ok;

    *is_message = true;
    if (s->in_len < NBSS_PREFIX_LEN) {
        return 0;
    }
    if (s->stream->framing == FRAMING_NETBIOS) {
        ok = nbss_session_get(&type, &len, prefix);
        *is_message = type == NBSS_MESSAGE;
    } else {
        ok = nbss_direct_get(&len, prefix);
    }
    return ok ? NBSS_PREFIX_LEN + len : SIZE_MAX;
}

static void take_frames(struct peer_stream *s)
{
    bool is_message;
    size_t len;

    while ((len = frame_length(s, &is_message)) != 0 && !s->link->closed) {
        if (len == SIZE_MAX) {
            peer_refuse(s->link, "a length prefix makes no sense");
            return;
        }
        if (len > s->in_len) {
            return;
        }
        if (is_message) {
            peer_receive(s->link, (struct span){s->in + NBSS_PREFIX_LEN, len - NBSS_PREFIX_LEN});
        }
        s->in_len -= len;
        memmove(s->in, s->in + len, s->in_len);
    }
}

static void make_room(struct peer_stream *s)
{
    if (s->in_cap - s->in_len >= CHUNK) {
        return;
    }
    size_t cap = 2 * s->in_cap + CHUNK;
    uint8_t *in = peer_alloc(cap);
    if (s->in_len > 0) {
        memcpy(in, s->in, s->in_len);
    }
    free(s->in);
    s->in = in;
    s->in_cap = cap;
}

static void receive(struct hook *hook)
{
    struct peer_stream *s = CONTAINER_OF(hook, struct peer_stream, receive);
    ssize_t got;

    if (s->door->silent) {
        loop_leave(s->door->loop, hook);
        return;
    }
    do {
        make_room(s);
        struct iovec iov = {s->in + s->in_len, CHUNK};
        got = s->stream->ops->receive(s->stream, &iov, 1);
        if (got > 0) {
            s->in_len += (size_t)got;
            take_frames(s);
        }
    } while (got > 0 && !s->link->closed);
    if (got == -EAGAIN || s->link->closed) {
        loop_leave(s->door->loop, hook);
    } else {
        end_stream(s); /* the client has gone */
        peer_forget_sessions(s->link);
    }
}

/* ---------------------------------------------------------------- going out */

/* Send from the frame under way; false when the stream takes nothing more. */
static bool send_some(struct peer_stream *s)
{
    uint8_t prefix[NBSS_PREFIX_LEN];
    struct wr w = wr_from(prefix, sizeof prefix);

    if (s->stream->framing == FRAMING_NETBIOS) {
        nbss_session_put(&w, NBSS_MESSAGE, s->out->len);
    } else {
        nbss_direct_put(&w, s->out->len);
    }
    assert(wr_ok(&w));
    size_t head = s->out_sent < sizeof prefix ? sizeof prefix - s->out_sent : 0;
    size_t body = s->out_sent < sizeof prefix ? 0 : s->out_sent - sizeof prefix;
    struct iovec iov[] = {{prefix + sizeof prefix - head, head},
                          {s->out->bytes + body, s->out->len - body}};
    ssize_t sent = s->stream->ops->send(s->stream, iov, 2);
    if (sent > 0) {
        s->out_sent += (size_t)sent;
    } else if (sent != -EAGAIN) {
        end_stream(s);
    }
    return sent > 0;
}

static void flush(struct hook *hook)
{
    struct peer_stream *s = CONTAINER_OF(hook, struct peer_stream, flush);

    loop_leave(s->door->loop, hook);
    while (s->stream) {
        if (!s->out && !(s->out = peer_next_frame(s->link))) {
            break;
        }
        if (!send_some(s)) {
            return;
        }
        if (s->out_sent == NBSS_PREFIX_LEN + s->out->len) {
            free(s->out);
            s->out = NULL;
            s->out_sent = 0;
        }
    }
    if (s->link->closed) {
        end_stream(s);
    }
}

static void something_to_send(void *arg)
{
    struct peer_stream *s = arg;

    if (s->stream) {
        loop_join(s->door->loop, LOOP_FLUSH, &s->flush);
    }
}

/* ---------------------------------------------------------------- the door */

void peer_door_open(struct peer_door *door, struct peer *peer, struct loop *loop)
{
    *door = (struct peer_door){.peer = peer, .loop = loop};
    list_init(&door->streams);
}

void peer_door_close(struct peer_door *door)
{
    struct list *node;

    while ((node = list_pop_front(&door->streams))) {
        stream_free(CONTAINER_OF(node, struct peer_stream, node));
    }
}

struct peer_stream *peer_answer(struct peer_door *door, struct stream *stream)
{
    struct peer_stream *s = peer_alloc(sizeof *s);

    s->door = door;
    s->stream = stream;
    s->link = peer_accept(door->peer);
    s->link->on_output = something_to_send;
    s->link->owner = s;
    s->receive.run = receive;
    s->flush.run = flush;
    list_push_back(&door->streams, &s->node);
    stream_attach(stream, door->loop, &s->receive, &s->flush);
    return s;
}

struct stream *peer_dial(struct peer_door *door, size_t queue_bytes)
{
    struct stream *ends[2];
    bool made = pair_new(ends, queue_bytes);

    assert(made);
    (void)made;
    door->dialled++;
    (void)peer_answer(door, ends[1]);
    return ends[0];
}

struct peer_stream *peer_door_latest(struct peer_door *door)
{
    for (struct list *node = door->streams.prev; node != &door->streams; node = node->prev) {
        struct peer_stream *s = CONTAINER_OF(node, struct peer_stream, node);
        if (s->stream) {
            return s;
        }
    }
    return NULL;
}

void peer_door_cut(struct peer_door *door, int os_errno)
{
    LIST_EACH(node, &door->streams)
    {
        struct peer_stream *s = CONTAINER_OF(node, struct peer_stream, node);
        if (s->stream) {
            pair_cut(s->stream, os_errno);
        }
    }
}
