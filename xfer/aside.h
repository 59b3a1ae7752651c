/* aside.h: memory that is set aside for a copy whose sink keeps what it gets until it has a whole part (struct
 * lsmb_hold).
 *
 * Who has some of a part and waits for the rest of its memory, as others do, would wait for ever.  So all that a part
 * needs is had before its first byte is read, or nothing; those who want some stand in line, and while somebody
 * does nobody gets more than he needs. */
#ifndef LSMB_XFER_ASIDE_H
#define LSMB_XFER_ASIDE_H

#include "fs/lsmb.h"

struct aside {
    size_t bytes, used; /* set aside; of them, in flight */
    size_t reserved;    /* charged for all of them, as if they came in the largest ranges, */
    size_t charged,
        above; /* and for those in flight; what of that is above `reserved`, and charged, too */
};

/* Set `bytes` aside in the place of what is, none of which is used.  False: not now; the one who asked stands in
 * line. */
bool aside_set(struct lsmb *smb, struct aside *aside, size_t bytes);

/* The same for who holds all that memory already: others may wait for that. */
void aside_set_first(struct lsmb *smb, struct aside *aside, size_t bytes);

/* Want no more than there is: leave the line.  Harmless when not in it. */
void aside_leave(struct lsmb *smb, const struct aside *aside);

/* Give it back, and leave the line.  Harmless when there is none. */
void aside_drop(struct lsmb *smb, struct aside *aside);

/* Use `bytes` of it for a range; false when less is left. */
bool aside_use(struct lsmb *smb, struct aside *aside, size_t bytes);

/* That range is no more. */
void aside_unuse(struct lsmb *smb, struct aside *aside, size_t bytes);

/* It has become two ranges, of `bytes` and `more`. */
void aside_split(struct lsmb *smb, struct aside *aside, size_t bytes, size_t more);

/* Whether somebody else stands in line. */
static inline bool aside_awaited(const struct lsmb *smb, const struct aside *aside)
{
    return smb->in_line && smb->in_line != aside;
}

#endif
