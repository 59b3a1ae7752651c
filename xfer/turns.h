/* turns.h: copies take turns.
 *
 * Credits, memory and the line are shared.  So whoever has ranges to move starts one of them, then the next
 * has his turn, and so on until nobody can start any more.  Who got least is the first in the next turn of
 * the loop. */
#ifndef LSMB_XFER_TURNS_H
#define LSMB_XFER_TURNS_H

#include "fs/lsmb.h"

struct mover {
    struct list node; /* in lsmb.movers */
    /* Start one range at most.  False: there is none that could be started before the loop's next turn.  May
     * free the mover, and others. */
    bool (*start)(struct mover *);
    /* All that could be started was.  May be NULL; may free the mover. */
    void (*end)(struct mover *);
};

/* Take part from now on; harmless when already so. */
void mover_join(struct lsmb *smb, struct mover *mover);

/* Not any more; harmless when not so. */
void mover_leave(struct lsmb *smb, struct mover *mover);

static inline bool mover_joined(const struct mover *mover)
{
    return list_linked(&mover->node);
}

/* Whether the rate limit lets a range be started now.  If not, the movers have a turn when it does. */
bool mover_may_spend(struct lsmb *smb);

/* A range of so many bytes is started. */
void mover_spend(struct lsmb *smb, size_t bytes);

#endif
