/* share_store.h: a small file comes to its name on a share in two round trips, where that name is free.
 *
 *   CREATE a temporary, mark it for deletion, WRITE all, set its times, FLUSH
 *   take the mark back, [ask whether it is gone], rename unless the name is taken, CLOSE
 *
 * The second frame goes only when all of the first was done.  The rename replaces nothing: so nothing is lost that
 * a look at the target would have found, and whatever goes wrong, to delete the file that is open brings back what
 * was there before.  What does not fit, or is refused, goes on in the general way (share_place); a temporary that
 * the server did not mark is left to that. */
#ifndef LSMB_XFER_SHARE_STORE_H
#define LSMB_XFER_SHARE_STORE_H

#include "xfer/share_finish.h"
#include "xfer/share_sink.h"

enum { SHARE_STORE_MAX = 256 << 10 }; /* bytes: more is better sent in several WRITEs */

struct share_store {
    const struct lsmb_range *range; /* borrowed, like `taken` */
    bool *taken;
    bool unwanted; /* it was cancelled */
    struct open_tail tail;
    struct request mark, write, times, flush; /* in the first frame, behind the CREATE */
    struct share_finish finish;               /* the second */
    struct request close;                     /* of a temporary that is removed */
};

/* The frame that carries `len` bytes, with its headers and a long name. */
static inline size_t share_store_bytes(size_t len)
{
    return len + 2048;
}

/* Whether it is to be tried: `len` bytes for this target. */
bool share_store_fits(struct share_sink *s, size_t len);

/* For share_store_kind: a new s->store.  The operation ends well when the file is in its place (`*taken` is true), or
 * nothing has happened but that there may be a temporary: s->temp.  False when there is no memory. */
bool share_store_new(struct share_sink *s, const struct lsmb_range *range, bool *taken);

/* Nobody wants it any more.  Only the second frame is awaited, which may have put the file in its place; a second
 * call does not wait for the removal of a temporary either. */
void share_store_cancel(struct share_sink *s, const struct lsmb_error *why);

#endif
