/* copy_target.h: under which name a file arrives. */
#ifndef LSMB_TOOLS_COPY_TARGET_H
#define LSMB_TOOLS_COPY_TARGET_H

#include "tools/copy.h"

enum copy_target {
    COPY_TARGET_AS_NAMED,
    COPY_TARGET_CHANGED, /* copy->to, or what is around it */
    COPY_TARGET_FAILED,  /* which has been reported */
};

/* In a directory a file keeps its name; with -m missing directories are made.  Change copy->to into where the
 * file goes. */
enum copy_target copy_target_settle(struct copy *copy);

/* See to it that the target of a tree is there, with -m also what is above it.  `*made` (not with -m): it was not there
 * before.  False on failure: reported. */
bool copy_target_make(struct copy *copy, bool *made);

/* Take away a target that was made, and is empty; run->err stays what it is. */
void copy_target_unmake(struct copy *copy);

/* Whether the target is a directory that is there; `stat_out` (may be NULL) gets what a share says of it, a
 * file_id of 0 if nothing is known.  False also if it cannot be told: run->err says why then, and is LSMB_OK
 * or LSMB_E_NOT_FOUND otherwise. */
bool copy_target_is_folder(struct copy *copy, struct lsmb_stat *stat_out);

/* Report run->err; with what would help if directories above the target are missing. */
void copy_target_fail(struct copy *copy);

#endif
