/* share_folder.h: a folder on a share that is made, or gets its times, in one round trip. */
#ifndef LSMB_XFER_SHARE_FOLDER_H
#define LSMB_XFER_SHARE_FOLDER_H

#include "fs/info.h"
#include "fs/open.h"

struct share_folder_op {
    struct op op; /* first */
    struct lsmb_share *share;
    char *path;               /* owned */
    int64_t created, written; /* to be set; 0: not */
    struct open_want want;
    struct open_tail tail;
    struct open open;
    struct open_op opening;
    struct set_info_op setting;    /* where it does not go with the CREATE */
    struct request times, closing; /* where they do */
};

/* Start, not as a child: `done` is called when it has ended (op_start()).  See to it that there is a folder
 * `path` (copied), in one that is there.  The last `linkless` components of the path must be no links, nor may what
 * stands there be one: it is the folder of a tree, which nothing leads out of. */
void share_folder_make(struct share_folder_op *op, struct lsmb_share *share, const char *path,
                       unsigned linkless, void (*done)(struct op *));

/* Set when it was made and written, ns since 1970; what is 0 stays. */
void share_folder_set_times(struct share_folder_op *op, struct lsmb_share *share, const char *path,
                            unsigned linkless, const struct lsmb_stat *times,
                            void (*done)(struct op *));

#endif
