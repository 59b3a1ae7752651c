/* copy.h: the operation that a copy is, and its parts.
 *
 *   xfer.c     the table of steps; open both ends, pump, check the source, commit the sink
 *   whole.c    fetch and store: a small file in one go
 *   verify.c   read back what was written, before the target gets its name
 *
 * Whatever goes wrong, also from outside, is kept in x->err and leads to one way out: wait for what is
 * lent out, abort the sink, close both ends, and only then say so. */
#ifndef LSMB_XFER_COPY_H
#define LSMB_XFER_COPY_H

#include "fs/job.h"
#include "xfer/pump.h"

struct xfer {
    struct lsmb_job job;        /* first */
    struct lsmb_source *source; /* owned, like all ends */
    struct lsmb_source *held;   /* what was fetched, as a source; NULL: it is read from `source` */
    struct lsmb_source *back;   /* what was written; NULL until it is read back */
    struct lsmb_sink *sink;
    struct lsmb_copy_options opt;
    struct lsmb_copy_result *result; /* borrowed; may be NULL */
    uint64_t listed_bytes;           /* LSMB_SIZE_UNKNOWN = not known */
    struct lsmb_stat stat;           /* what the source is */
    uint64_t moved;                  /* bytes that the sink has */
    struct checksum sum, back_sum;   /* of them, where it is wanted, and of what was read back */
    struct lsmb_stat back_stat;
    struct lsmb_sink nowhere; /* where that goes */
    struct lsmb_wait wait;    /* the call that is with source or sink */
    struct stats_copy waits;  /* for it; while there is a pump, that waits */
    struct lsmb_error err;    /* what went wrong first */
    struct pump *pump;        /* owned; NULL while none is needed */

    struct mover mover;  /* waits for memory */
    struct hook turn;    /* tells how far take_over() is */
    struct slot whole;   /* what is fetched, and the ticket for it */
    size_t store_ticket; /* for what the sink's store() takes beside it; 0: nothing */
    bool fetched;        /* all of it is in `whole`, and the source was found unchanged */
    bool taken;          /* by the sink's store() or take_over() */
};

enum {
    COPY_BEGIN,
    COPY_MEMORY,
    COPY_FETCHED,
    COPY_STORED,
    COPY_OPEN_SINK,
    COPY_OPENED,
    COPY_TAKEN,
    COPY_PUMP,
    COPY_FINISH,
    COPY_CHECKED,
    COPY_BACK_OPENED,
    COPY_BACK_READ,
    COPY_BACK_CHECKED,
    COPY_COMMIT,
    COPY_COMMITTED,
    COPY_ABORT,
    COPY_GIVE_UP,
};

static inline struct xfer *xfer_of(struct op *op)
{
    return CONTAINER_OF(op, struct xfer, job.op);
}

static inline bool copy_failed(const struct xfer *x)
{
    return x->err.code != LSMB_OK;
}

/* For a call to an end: the step that comes next looks at x->wait. */
struct lsmb_wait *copy_call(struct xfer *x);

/* What a step returns while the call is open: one that is not wanted any more is hurried. */
enum op_next copy_await(struct xfer *x);

/* Say where it went wrong, once, and take the way out: COPY_ABORT if the sink is open, or else
 * COPY_GIVE_UP. */
enum op_next copy_go_wrong(struct xfer *x, unsigned step);

/* Make a pump, ready to start, with a checksum of what it moves (NULL: none).  From then on it is the pump that
 * waits for something, not the copy (struct stats_copy).  False: x->err says that there is no memory. */
bool copy_make_pump(struct xfer *x, struct checksum *sum);

/* Let go of the pump; both ends that it moved between are idle or closed. */
void copy_pump_free(struct xfer *x);

/* It has ended well. */
enum op_next copy_done(struct xfer *x);

/* ---------------------------------------------------------------- whole.c */

/* Whether the source is to be asked for all at once. */
bool whole_wanted(const struct xfer *x);

enum op_next whole_begin(struct op *op);        /* from COPY_BEGIN */
enum op_next whole_await_memory(struct op *op); /* COPY_MEMORY */
enum op_next whole_await_fetch(struct op *op);  /* COPY_FETCHED */
enum op_next whole_await_store(struct op *op);  /* COPY_STORED */

/* Give back what was fetched, if anything was, and its ticket. */
void whole_drop(struct xfer *x);

/* The same when the source is closed already, or has kept it for itself. */
void whole_forget(struct xfer *x);

/* ---------------------------------------------------------------- verify.c */

/* Whether the sink can be read back if that is wanted; if not, x->err says so. */
bool verify_possible(struct xfer *x);

enum op_next verify_begin(struct op *op);
enum op_next verify_await_open(struct op *op);   /* COPY_BACK_OPENED */
enum op_next verify_await_pump(struct op *op);   /* COPY_BACK_READ */
enum op_next verify_await_finish(struct op *op); /* COPY_BACK_CHECKED, then COPY_COMMIT */

#endif
