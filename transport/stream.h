/* stream.h: a two-way run of bytes to a server, as small an interface as fs/link needs.
 *
 * Implementations: transport/tcp (a socket), transport/pair (two ends in memory, for tests). */
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
    enum framing framing;
    struct hook *receive; /* the user's: joins LOOP_RECEIVE when there may be something to receive */
    struct hook *flush;   /* the user's: joins LOOP_FLUSH when sending may go on */
    char peer[64];        /* for people: "192.0.2.1:445" */
};

struct stream_ops {
    /* Receive into `iov`: > 0 bytes; 0 the peer has closed; -EAGAIN nothing now (the receive hook will
     * be joined when there is); another -errno: the stream is dead. */
    ssize_t (*receive)(struct stream *, const struct iovec *iov, int count);
    /* Send from `iov`: bytes taken; -EAGAIN when full (the flush hook will be joined when it is not);
     * another -errno: the stream is dead. */
    ssize_t (*send)(struct stream *, const struct iovec *iov, int count);
    /* Close and free; hooks are not touched any more. */
    void (*close)(struct stream *);
};

/* Begin to use a stream: its hooks are borrowed until it is closed.  Both join their phases once, so
 * that nothing that came before is missed. */
void stream_attach(struct stream *stream, struct loop *loop, struct hook *receive,
                   struct hook *flush);

#endif
