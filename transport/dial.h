/* dial.h: from a name to a connected stream.
 *
 * Addresses are looked up on the helper pool and tried as RFC 8305 asks: both families, alternating,
 * each attempt with a head start of 250 ms; the first to connect wins. */
#ifndef LSMB_TRANSPORT_DIAL_H
#define LSMB_TRANSPORT_DIAL_H

#include "base/op.h"
#include "transport/stream.h"

#include <sys/socket.h>

enum { DIAL_ADDRESSES_MAX = 16 };

/* Embedded in the operation that dials; its fields are transport/dial.c's own. */
struct dial_op {
    struct op op; /* first */
    struct loop *loop;
    char host[256];
    uint16_t port;
    struct lookup_job *lookup; /* owned */
    struct sockaddr_storage addresses[DIAL_ADDRESSES_MAX];
    unsigned address_count, next; /* next: the first address not yet tried */
    struct attempt {
        struct watch watch;
        struct dial_op *dial;
        int fd; /* -1: not under way */
        int failed_errno;
    } attempts[DIAL_ADDRESSES_MAX];
    struct timer head_start;
    struct stream *stream; /* owned until taken */
};

/* Start as a child of `parent`.  host: name or numeric address, copied.  On success dial_take() gives the
 * stream.  Fails with LSMB_E_NETWORK (each reason names the address) or LSMB_E_TIMEOUT. */
void dial_start(struct dial_op *dial, struct op *parent, struct loop *loop, const char *host,
                uint16_t port);

/* The connected stream; the caller's from now on. */
struct stream *dial_take(struct dial_op *dial);

#endif
