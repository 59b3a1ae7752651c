/* xfer.h: what the engine and the ends of a copy share.
 *
 * A copy (xfer/xfer.c) is an operation: open both ends, pump, check the source, commit the sink.  The
 * ranges themselves are moved by a pump (xfer/pump.h), which lends slots to source and sink. */
#ifndef LSMB_XFER_XFER_H
#define LSMB_XFER_XFER_H

#include "base/op.h"
#include "fs/lsmb.h"

enum { XFER_SLOTS = 256 };

struct lsmb_wait {
    struct env *env;        /* borrowed */
    struct ready ready;     /* run when the call has ended */
    bool open;              /* the call is with the source or sink */
    bool failed;            /* how it ended */
    struct lsmb_error *err; /* gets what went wrong, unless something else did before */
};

/* A call begins: `ready->run` is called from the "complete" phase after it has been answered. */
void wait_begin(struct lsmb_wait *wait, struct env *env, void (*run)(struct ready *),
                struct lsmb_error *err);

enum slot_state {
    SLOT_FREE,
    SLOT_FILLING,  /* lent to the source */
    SLOT_FILLED,   /* waits for its turn at the sink */
    SLOT_DRAINING, /* lent to the sink */
    SLOT_RETRY,    /* a part is done, the rest is to be read again */
};

/* One range on its way, and what it takes. */
struct slot {
    struct lsmb_range range; /* first: what source and sink see */
    struct lsmb_wait wait;
    struct buf *buf;    /* owned; holds range.data, unless the source brings its own memory */
    size_t ticket;      /* bytes of the pool's budget, 0 = none */
    size_t asked;       /* bytes the source was asked for */
    size_t undone;      /* set by the sink: so many bytes at the range's end were not taken */
    uint64_t todo, end; /* the part of the copy this slot stands for and that is not done */
    unsigned index;     /* its place among XFER_SLOTS */
    enum slot_state state;
    struct pump *pump; /* borrowed */
    struct list node;
};

#endif
