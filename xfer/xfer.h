/* xfer.h: what the engine and the ends of a copy share.
 *
 * A copy (xfer/xfer.c) is an operation: open both ends, pump, check the source, commit the sink.  The
 * ranges themselves are moved by a pump (xfer/pump.h), which lends slots to source and sink. */
#ifndef LSMB_XFER_XFER_H
#define LSMB_XFER_XFER_H

#include "base/op.h"
#include "fs/lsmb.h"

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

#endif
