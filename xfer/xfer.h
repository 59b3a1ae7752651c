/* xfer.h: what the engine and the ends of a copy share.
 *
 * A copy (xfer/copy.h) is an operation: open both ends, pump, check the source, commit the sink; or, where
 * the ends can, fetch and store the whole.  The ranges themselves are moved by a pump (xfer/pump.h), which
 * lends slots to source and sink. */
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

/* Whether an end has the call `member`: it is not NULL, nor beyond what the host who made it knew of. */
#define END_HAS(ops, member)                                                                       \
    ((ops)->size >= (size_t)((const char *)(&(ops)->member + 1) - (const char *)(ops)) &&          \
     (ops)->member)

/* Tell an end, if it listens, that nobody wants what it has been asked for. */
void source_cancel(struct lsmb_source *source);
void sink_cancel(struct lsmb_sink *sink);

/* What the store() of `len` bytes takes of the context's memory beside them, in bytes: a sink on a share lays
 * them into a frame.  0 for any other. */
size_t sink_store_bytes(const struct lsmb_sink *sink, size_t len);

/* Most bytes that are fetched and stored as a whole. */
enum { COPY_WHOLE_MAX = 256 << 10 };

/* What lsmb_copy_start() takes, and what only the library's own trees know. */
struct copy_want {
    struct lsmb_source *source; /* consumed, like the sink */
    struct lsmb_sink *sink;
    const struct lsmb_copy_options *opt; /* copied; may be NULL */
    struct lsmb_copy_result *result;     /* borrowed until the end; may be NULL */
    uint64_t listed_bytes; /* how long the source was when it was listed, or LSMB_SIZE_UNKNOWN */
};

/* As lsmb_copy_start(): NULL when there is no memory, and the ends are closed. */
struct lsmb_job *copy_start(struct lsmb *smb, const struct copy_want *want, lsmb_done_fn *done,
                            void *arg);

#endif
