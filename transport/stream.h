/* stream.h: a two-way run of bytes to a server, as small an interface as fs/link needs.
 *
 * Implementations: transport/tcp (a socket), transport/pair (two ends in memory, for tests).
 *
 * The user reads until he is told -EAGAIN, or leaves LOOP_RECEIVE earlier and joins it again himself when
 * he wants to go on; likewise he sends until -EAGAIN.  After it, and only then, the stream makes his
 * hook join again.  So a user who does not read costs nothing. */
#ifndef LSMB_TRANSPORT_STREAM_H
#define LSMB_TRANSPORT_STREAM_H

#include "transport/loop.h"

#include <sys/types.h>
#include <sys/uio.h>

/* How messages are framed on it (MS-SMB2 2.1). */
enum framing {
    FRAMING_DIRECT,  /* a zero byte and a 24-bit length */
    FRAMING_NETBIOS, /* RFC 1002 4.3.1: type, flags, 17-bit length; keepalives in between */
};

struct stream {
    const struct stream_ops *ops; /* first */
    struct loop *loop;            /* borrowed; NULL until stream_attach() */
    enum framing framing;
    struct hook
        *receive;       /* the user's: joins LOOP_RECEIVE when there may be something to receive */
    struct hook *flush; /* the user's: joins LOOP_FLUSH when sending may go on */
    char peer[64];      /* for people: "192.0.2.1:445" */
};

struct stream_ops {
    /* Receive into `iov`, which has room for at least a byte: > 0 bytes; 0 the peer has closed; -EAGAIN
     * nothing now (the receive hook will be joined when there is); another -errno: it is dead. */
    ssize_t (*receive)(struct stream *, const struct iovec *iov, int count);
    /* Send from `iov`, which holds at least a byte: bytes taken, maybe not all; -EAGAIN when full (the
     * flush hook will be joined when it is not); another -errno: the stream is dead. */
    ssize_t (*send)(struct stream *, const struct iovec *iov, int count);
    /* Close and free; hooks are not touched. */
    void (*close)(struct stream *);
};

/* Begin to use a stream: its hooks are borrowed until it is detached or closed.  Both join their phases
 * once, so that nothing that came before is missed.  Whoever used it before is detached. */
void stream_attach(struct stream *stream, struct loop *loop, struct hook *receive,
                   struct hook *flush);

/* Stop using a stream: its hooks leave their phases and are not touched any more. */
void stream_detach(struct stream *stream);

/* Detach, close and free.  NULL is fine. */
void stream_close(struct stream *stream);

/* For implementations: the user's hook joins its phase, if there is a user. */
void stream_may_receive(struct stream *stream);
void stream_may_send(struct stream *stream);

#endif
