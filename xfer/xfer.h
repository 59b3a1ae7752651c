/* xfer.h: the engine: ranges of bytes from any source to any sink, many at a time.
 *
 * A transfer has slots.  A slot is free, filling (lent to the source), filled (waits for its turn at an
 * ordered sink), draining (lent to the sink), or to be retried.  xfer_pump() runs once a turn: while there
 * is work, a free slot, budget and a willing source, it starts the next range; what has been filled goes
 * to the sink.  A slow sink keeps its slots, so reading stops by itself. */
#ifndef LSMB_XFER_XFER_H
#define LSMB_XFER_XFER_H

#include "base/op.h"
#include "fs/lsmb.h"

enum { XFER_SLOTS = 256 };

struct lsmb_wait {
    struct env *env;
    struct ready ready; /* run when the call has ended */
    bool open;          /* the call is with the source or sink */
    struct lsmb_error *err; /* where to put what went wrong; code LSMB_OK otherwise */
};

enum slot_state { SLOT_FREE, SLOT_FILLING, SLOT_FILLED, SLOT_DRAINING };

struct slot {
    struct lsmb_range range; /* first: what source and sink see */
    struct lsmb_wait wait;
    struct buf *buf;   /* owned; holds range.data, unless the source brings its own memory */
    size_t ticket;     /* bytes of the pool's budget */
    size_t asked;      /* bytes the source was asked for */
    struct xfer *xfer;
    enum slot_state state;
    struct list node;
};

/* The slot, and so the buffer, behind a range: for the SMB ends, which lay requests before a payload and
 * hand on received buffers without moving a byte. */
static inline struct slot *slot_of(const struct lsmb_range *range)
{
    return CONTAINER_OF(range, struct slot, range);
}

struct xfer;

#endif
