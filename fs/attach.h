/* attach.h: connecting to the share itself when it is needed first (struct lsmb_target.lazy; MS-SMB2 3.2.4.2.4).
 *
 * Of those that need it together one connects, and the others share his success or failure; when he is
 * aborted, another one takes over. */
#ifndef LSMB_FS_ATTACH_H
#define LSMB_FS_ATTACH_H

#include "fs/holding.h"

struct connect_op;

struct attach_op {
    struct op op;     /* first */
    struct list node; /* in share->waiting, while another one connects */
    struct lsmb_share *share;
    struct connect_op *lane; /* owned, while it runs: brings a new lane up first (attach_anew) */
    struct tree tree;        /* the share's, when all is well */
    struct tree_op connect;
};

/* Whether the share is connected to; it may have been lost since (share_up). */
static inline bool share_attached(const struct lsmb_share *share)
{
    return share->tree.session != NULL;
}

/* Whether it may be worth while to wait for the share: it is up, or somebody sees to that, or the next one will. */
static inline bool attach_possible(const struct lsmb_share *share)
{
    return share_up(share) || share->attaching || share->anew;
}

/* Leave the lane, which has been lost, for a new one, which the next attach_start() brings up.  The old one is
 * kept until the share is closed: others may have asked for something there, and have yet to see why they got no
 * answer.  Happens once in the life of a share, before it is connected to.  False with `err` filled in. */
bool attach_anew(struct lsmb_share *share, struct lsmb_error *err);

/* Start as a child of `parent`; done at once where the share is connected to already. */
void attach_start(struct attach_op *attach, struct op *parent, struct lsmb_share *share);

/* For who does it in his own way: `op` connects from now on, and attach_settle() must follow.  The share is not
 * connected to, and nobody is at it. */
void attach_claim(struct lsmb_share *share, struct op *op);

/* `op` does not connect any more, if he did: share->tree is filled in, or `err` says why that cannot be, or he
 * has given up (NULL). */
void attach_settle(struct lsmb_share *share, const struct op *op, const struct lsmb_error *err);

#endif
