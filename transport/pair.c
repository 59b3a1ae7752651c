#include "transport/pair.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

struct end {
    struct stream stream; /* first */
    struct end *peer;     /* NULL once that is closed */
    uint8_t *queue;       /* owned; a ring of `cap` bytes on their way to this end */
    size_t cap, head, len;
    size_t receive_max, send_max; /* per call */
    bool empty, full;             /* the last receive or send met -EAGAIN */
    int cut_errno;                /* 0: not cut */
};

static struct end *end_of(struct stream *stream)
{
    return CONTAINER_OF(stream, struct end, stream);
}

static void tell_receiver(struct end *end)
{
    if (end->empty) {
        end->empty = false;
        stream_may_receive(&end->stream);
    }
}

static void tell_sender(struct end *end)
{
    if (end->full) {
        end->full = false;
        stream_may_send(&end->stream);
    }
}

/* Move up to `n` bytes from the queue to `out`, or from `in` behind what the queue holds.  Both return
 * how many. */
static size_t ring_get(struct end *end, uint8_t *out, size_t n)
{
    n = least_size(n, end->len);
    if (n > 0) {
        size_t first =
            least_size(n, end->cap - end->head); /* the rest stands at the ring's beginning */
        memcpy(out, end->queue + end->head, first);
        memcpy(out + first, end->queue, n - first);
        end->head = (end->head + n) % end->cap;
        end->len -= n;
    }
    return n;
}

static size_t ring_put(struct end *end, const uint8_t *in, size_t n)
{
    n = least_size(n, end->cap - end->len);
    if (n > 0) {
        size_t tail = (end->head + end->len) % end->cap;
        size_t first = least_size(n, end->cap - tail);
        memcpy(end->queue + tail, in, first);
        memcpy(end->queue, in + first, n - first);
        end->len += n;
    }
    return n;
}

static ssize_t pair_receive(struct stream *stream, const struct iovec *iov, int count)
{
    struct end *end = end_of(stream);
    size_t got = 0;

    if (end->cut_errno) {
        return -end->cut_errno;
    }
    if (end->len == 0) {
        end->empty = end->peer != NULL;
        return end->peer ? -EAGAIN : 0;
    }
    for (int i = 0; i < count; i++) {
        got += ring_get(end, iov[i].iov_base, least_size(iov[i].iov_len, end->receive_max - got));
    }
    if (end->peer) {
        tell_sender(end->peer);
    }
    return (ssize_t)got;
}

static ssize_t pair_send(struct stream *stream, const struct iovec *iov, int count)
{
    struct end *end = end_of(stream);
    size_t sent = 0;

    if (end->cut_errno) {
        return -end->cut_errno;
    }
    if (!end->peer) {
        return -EPIPE;
    }
    for (int i = 0; i < count; i++) {
        sent +=
            ring_put(end->peer, iov[i].iov_base, least_size(iov[i].iov_len, end->send_max - sent));
    }
    if (sent == 0) {
        end->full = true;
        return -EAGAIN;
    }
    tell_receiver(end->peer);
    return (ssize_t)sent;
}

static void pair_close(struct stream *stream)
{
    struct end *end = end_of(stream);

    if (end->peer) {
        end->peer->peer = NULL;
        tell_receiver(end->peer);
        tell_sender(end->peer);
    }
    free(end->queue);
    free(end);
}

static const struct stream_ops pair_ops = {pair_receive, pair_send, pair_close};

static struct end *end_new(size_t queue_bytes, const char *name)
{
    struct end *end = calloc(1, sizeof *end);

    if (!end) {
        return NULL;
    }
    end->queue = malloc(queue_bytes);
    if (!end->queue) {
        free(end);
        return NULL;
    }
    end->stream.ops = &pair_ops;
    end->stream.framing = FRAMING_DIRECT;
    text_format(end->stream.peer, sizeof end->stream.peer, "%s", name);
    end->cap = queue_bytes;
    end->receive_max = end->send_max = SIZE_MAX;
    return end;
}

bool pair_new(struct stream *ends[2], size_t queue_bytes)
{
    assert(queue_bytes > 0);
    struct end *a = end_new(queue_bytes, "pair:1");
    struct end *b = end_new(queue_bytes, "pair:0");

    ends[0] = ends[1] = NULL;
    if (!a || !b) {
        stream_close(a ? &a->stream : NULL);
        stream_close(b ? &b->stream : NULL);
        return false;
    }
    a->peer = b;
    b->peer = a;
    ends[0] = &a->stream;
    ends[1] = &b->stream;
    return true;
}

void pair_chop(struct stream *stream, size_t receive_max, size_t send_max)
{
    assert(receive_max > 0 && send_max > 0);
    end_of(stream)->receive_max = receive_max;
    end_of(stream)->send_max = send_max;
}

static void cut(struct end *end, int os_errno)
{
    end->cut_errno = os_errno;
    end->len = 0;
    tell_receiver(end);
    tell_sender(end);
}

void pair_cut(struct stream *stream, int os_errno)
{
    struct end *end = end_of(stream);

    assert(os_errno > 0);
    cut(end, os_errno);
    if (end->peer) {
        cut(end->peer, os_errno);
    }
}
