/* tree_local.h: a folder of this machine as a tree, and how it is listed. */
#ifndef LSMB_XFER_TREE_LOCAL_H
#define LSMB_XFER_TREE_LOCAL_H

#include "base/env.h"
#include "lsmb.h"

/* A listing, a page of entries at a time, made by a helper.  What is no file, folder or link has
 * LSMB_ATTR_SYSTEM; links have LSMB_ATTR_REPARSE.  The folder itself comes first, as ".". */
struct local_lister;

/* `fd` (consumed) is the folder, -1: it could not be opened, because of `os_errno`.  `path` (copied) is for
 * errors.  NULL when there is no memory. */
struct local_lister *local_lister_new(struct env *env, int fd, int os_errno, const char *path);

/* As struct lsmb_tree_ops. */
void local_lister_more(struct local_lister *lister, lsmb_entry_fn *each, void *each_arg, bool *end,
                       struct lsmb_wait *wait);
void local_lister_free(struct local_lister *lister);

/* What a folder could not be opened or made for. */
void local_folder_error(struct lsmb_error *err, int os_errno, const char *step, const char *path);

#endif
