/* share_end.h: what a source and a sink on a share have in common: a path that errors name, one operation
 * at a time, and a READ or WRITE for each range that the engine has lent. */
#ifndef LSMB_XFER_SHARE_END_H
#define LSMB_XFER_SHARE_END_H

#include "fs/share.h"
#include "xfer/slot.h"

struct share_end {
    struct lsmb_share *share; /* borrowed */
    char *path;               /* owned: as the user gave it */
    struct op op;             /* open(), finish(), commit(), abort() */
    bool op_running;
    struct lsmb_wait *wait; /* who waits for `op`; NULL: nobody */
    bool writes;            /* a sink's */
    struct list ios;        /* struct share_io: the ranges that are under way */
};

static inline struct share_end *share_end_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_end, op);
}

/* `path` is copied.  False when there is no memory. */
bool share_end_init(struct share_end *end, struct lsmb_share *share, const char *path);

/* Abort what runs, forget what is under way, and free what it owns.  Nobody is told. */
void share_end_free(struct share_end *end);

/* A call of the engine has ended; an error (NULL: none) gets the path. */
void share_end_answer(const struct share_end *end, struct lsmb_wait *wait, struct lsmb_error *err);

/* Begin end->op on behalf of `wait` (NULL: nobody); `ended` is told when it is over. */
void share_end_begin(struct share_end *end, const struct op_kind *kind, struct lsmb_wait *wait,
                     void (*ended)(struct op *));

/* The usual `ended`: whoever waits gets what the operation ended with. */
void share_end_ended(struct op *op);

/* Begin to move a range: `answered` is called when the request that the caller sends has been answered. */
struct share_io *share_io_begin(struct share_end *end, const struct lsmb_range *range,
                                struct lsmb_wait *wait, void (*answered)(struct ready *));

/* Whether a request can be sent now.  If not, the engine is told why. */
bool share_io_up(struct share_io *io);

/* It is over, and its request holds nothing any more; whoever waits for the range gets `err`, or NULL: it
 * has been moved. */
void share_io_end(struct share_io *io, struct lsmb_error *err);

/* Likewise, for want of memory for `what`. */
void share_io_no_memory(struct share_io *io, const char *what);

/* Forget all ranges; nobody is told. */
void share_ios_drop(struct share_end *end);

/* Forget all ranges; who waits for them gets `err`. */
void share_ios_cancel(struct share_end *end, const struct lsmb_error *err);

#endif
