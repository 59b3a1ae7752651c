/* share_source.h: what the parts of a source on a share have in common.
 *
 *   source_share.c  the calls of the engine; reading, and checking at the end
 *   share_fetch.c   fetch: a small file in one round trip */
#ifndef LSMB_XFER_SHARE_SOURCE_H
#define LSMB_XFER_SHARE_SOURCE_H

#include "fs/open.h"
#include "xfer/share_end.h"

/* Of fetch(). */
struct share_fetch {
    struct open_tail tail; /* of the CREATE: */
    struct request read, close;
    size_t limit;             /* bytes that are wanted at most */
    uint32_t asked;           /* that READ asked for */
    struct span data;         /* that it brought; borrowed from it */
    struct lsmb_range *range; /* where it is wanted */
    bool *whole;
};

struct share_source {
    struct lsmb_source source; /* first */
    struct share_end end;
    bool allow_growth;
    struct open own;   /* what open() opened */
    struct open *open; /* it, or another's */
    struct lsmb_stat before, at_close;
    struct open_op opening;
    struct close_op closing;
    struct lsmb_stat *out;
    struct share_fetch fetch;
};

static inline struct share_source *share_source_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_source, end.op);
}

/* Open it with s->opening; `tail` may be NULL. */
void share_source_open(struct share_source *s, struct open_tail *tail);

/* A step that waits for that, and ends the operation. */
enum op_next share_source_opened(struct op *op);

/* See what has its name now, where the server did not say with CLOSE; and wait for that: then s->at_close says
 * it. */
void share_source_look(struct share_source *s);
enum op_next share_source_await_look(struct share_source *s);

/* What has become different since it was opened; NULL = nothing that matters. */
const char *share_source_difference(const struct share_source *s);

/* Hand the payload of an answer to READ on where it landed. */
void share_source_hand_on(struct slot *slot, struct request *request, struct span data);

/* lsmb_source_ops.fetch: CREATE, READ and CLOSE in one frame (MS-SMB2 3.2.4.1.4). */
void share_source_fetch(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_range *range,
                        bool *whole, struct lsmb_wait *wait);

#endif
