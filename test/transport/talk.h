/* talk.h: the two ends of a stream in a test: each sends a pattern and checks what it receives. */
#ifndef LSMB_TEST_TRANSPORT_TALK_H
#define LSMB_TEST_TRANSPORT_TALK_H

#include "transport/stream.h"

#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { TALK_PIECE = 1000, TALK_PIECES = 17 }; /* an iovec of so many pieces of such bytes */

struct talker {
    struct hook receive, flush;
    struct stream *stream;
    size_t to_send, sent, received; /* bytes */
    size_t refused;                 /* how often a send met -EAGAIN */
    int pieces;                     /* of an iovec; 0 = TALK_PIECES */
    bool deaf;                      /* does not read: leaves the phase at once */
    ssize_t ended;                  /* 1: not; else 0 or -errno as receive or send had it */
};

/* What stands at `at` of the run of bytes that either end sends. */
static inline void talk_fill(uint8_t *out, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)((at + i) * 7 + (at + i) / 251);
    }
}

static inline int talk_pieces(const struct talker *t)
{
    return t->pieces ? t->pieces : TALK_PIECES;
}

static inline void talk_iov(struct iovec *iov, uint8_t *bytes, int pieces, size_t total)
{
    for (int i = 0; i < pieces; i++) {
        size_t len = total < TALK_PIECE ? total : TALK_PIECE;
        iov[i].iov_base = bytes + (size_t)i * TALK_PIECE;
        iov[i].iov_len = len;
        total -= len;
    }
}

/* Receive until -EAGAIN or the end. */
static inline void talk_receive(struct hook *hook)
{
    struct talker *t = CONTAINER_OF(hook, struct talker, receive);
    static uint8_t bytes[TALK_PIECE * TALK_PIECES], expected[sizeof bytes];
    struct iovec iov[TALK_PIECES];
    ssize_t n = -EAGAIN;

    loop_leave(t->stream->loop, hook);
    talk_iov(iov, bytes, TALK_PIECES, sizeof bytes);
    while (!t->deaf && (n = t->stream->ops->receive(t->stream, iov, TALK_PIECES)) > 0) {
        talk_fill(expected, t->received, (size_t)n);
        ck_assert_int_eq(memcmp(bytes, expected, (size_t)n), 0);
        t->received += (size_t)n;
    }
    if (n != -EAGAIN) {
        t->ended = n;
    }
}

/* Send until all is sent, -EAGAIN or the end. */
static inline void talk_flush(struct hook *hook)
{
    struct talker *t = CONTAINER_OF(hook, struct talker, flush);
    static uint8_t bytes[TALK_PIECE * 1100];
    static struct iovec iov[1100];
    ssize_t n = 0;

    loop_leave(t->stream->loop, hook);
    while (t->sent < t->to_send) {
        size_t total = (size_t)talk_pieces(t) * TALK_PIECE;
        total = total < t->to_send - t->sent ? total : t->to_send - t->sent;
        talk_fill(bytes, t->sent, total);
        talk_iov(iov, bytes, talk_pieces(t), total);
        n = t->stream->ops->send(t->stream, iov, talk_pieces(t));
        if (n < 0) {
            break;
        }
        t->sent += (size_t)n;
    }
    if (n == -EAGAIN) {
        t->refused++;
    } else if (n < 0) {
        t->ended = n;
    }
}

static inline void talk_begin(struct talker *t, struct loop *loop, struct stream *stream,
                              size_t to_send)
{
    *t = (struct talker){.receive = {.run = talk_receive},
                         .flush = {.run = talk_flush},
                         .stream = stream,
                         .to_send = to_send,
                         .ended = 1};
    stream_attach(stream, loop, &t->receive, &t->flush);
}

/* Turn until both have received all that the other has to send. */
static inline void talk_through(struct loop *loop, struct talker t[2], unsigned turns)
{
    while (t[0].received < t[1].to_send || t[1].received < t[0].to_send) {
        ck_assert_msg(turns-- > 0, "it does not come to an end");
        ck_assert(loop_turn(loop, 5000));
    }
}

#endif
