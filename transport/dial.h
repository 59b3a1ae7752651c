/* dial.h: from a name to a connected stream.
 *
 * Addresses are looked up on the helper pool and tried as RFC 8305 asks: both families, alternating,
 * each attempt with a head start of 250 ms; the first to connect wins. */
#ifndef LSMB_TRANSPORT_DIAL_H
#define LSMB_TRANSPORT_DIAL_H

#include "base/op.h"
#include "transport/lookup.h"
#include "transport/stream.h"

enum { DIAL_ADDRESSES_MAX = LOOKUP_ADDRESSES_MAX };

/* Embedded in the operation that dials, zeroed before; its fields are transport/dial.c's own. */
struct dial_op {
    struct op op; /* first */
    struct loop *loop;
    char host[LOOKUP_HOST_LEN];
    uint16_t port;
    struct lookup_job *lookup; /* owned */
    struct sockaddr_storage addresses[DIAL_ADDRESSES_MAX];
    unsigned address_count, next; /* next: the first address not yet tried */
    struct attempt {
        struct watch watch;
        struct dial_op *dial;
        int fd;           /* owned; -1: not under way */
        bool ended;       /* the kernel knows the result */
        int failed_errno; /* 0: has not failed */
    } attempts[DIAL_ADDRESSES_MAX];
    struct timer head_start; /* armed: the youngest attempt is still ahead of the next one */
    struct timer deadline;   /* for all attempts together: the silence limit */
    struct stream *stream;   /* owned by whoever takes it */

    /* For whoever dials. */
    bool unknown;                 /* it failed because the name has no address */
    struct sockaddr_storage peer; /* the address that is connected */
};

/* Start as a child of `parent`.  host: name or numeric address (IPv6 with or without brackets), copied.
 * On success dial_take() gives the stream.
 *
 * Fails with LSMB_E_USAGE (no such host can be), LSMB_E_NETWORK (not found, or nobody connected: the
 * reason says why for each address; os_errno is that of the first), LSMB_E_TIMEOUT (as long as the
 * silence limit of the context), LSMB_E_LOCAL or LSMB_E_NOMEM (the system gives no socket, no helper). */
void dial_start(struct dial_op *dial, struct op *parent, struct loop *loop, const char *host,
                uint16_t port);

/* Likewise, with addresses (1 to DIAL_ADDRESSES_MAX, copied) that are known already; they have ports. */
void dial_start_at(struct dial_op *dial, struct op *parent, struct loop *loop,
                   const struct sockaddr_storage *addresses, unsigned count);

/* The connected stream; the caller's from now on.  NULL when there is none (any more).  The parent takes
 * it however it ends: when it is aborted after the success it has it to close. */
struct stream *dial_take(struct dial_op *dial);

#endif
