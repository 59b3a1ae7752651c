/* peer_stream.h: a peer at the other end of streams, on a loop.
 *
 *     peer_door_open(&door, &peer, &loop);
 *     stream = peer_dial(&door, 1 << 16);      // the client's end, connected
 *     ... loop_turn() ...
 *     peer_door_close(&door);
 *
 * Bytes may come and go in any portions (pair_chop() of either end). */
#ifndef LSMB_TEST_PEER_PEER_STREAM_H
#define LSMB_TEST_PEER_PEER_STREAM_H

#include "test/peer/peer.h"
#include "transport/pair.h"

/* Where clients come in. */
struct peer_door {
    struct peer *peer; /* borrowed */
    struct loop *loop; /* borrowed */
    struct list streams;
    unsigned dialled;
    bool silent; /* takes connections and never reads from them */
};

/* One connection. */
struct peer_stream {
    struct list node;
    struct peer_door *door;
    struct stream *stream; /* owned; NULL once it is closed */
    struct peer_link *link;
    struct hook receive, flush;
    uint8_t *in; /* owned: what came in and is not a whole frame yet */
    size_t in_len, in_cap;
    struct peer_frame *out; /* being sent, NULL: none */
    size_t out_sent;        /* of its prefix and bytes */
};

void peer_door_open(struct peer_door *door, struct peer *peer, struct loop *loop);

/* Close all connections. */
void peer_door_close(struct peer_door *door);

/* A connection over a pair of streams that hold `queue_bytes` each way: the client's end, his to close. */
struct stream *peer_dial(struct peer_door *door, size_t queue_bytes);

/* A connection over a stream that somebody else made; it is consumed. */
struct peer_stream *peer_answer(struct peer_door *door, struct stream *stream);

/* The connection that was made last and is still open; NULL: none. */
struct peer_stream *peer_door_latest(struct peer_door *door);

/* Break all connections: both sides get -os_errno from their streams, which must be pairs. */
void peer_door_cut(struct peer_door *door, int os_errno);

#endif
