/* tree.h: visiting all that is below a directory on a share, depth first, each directory by name. */
#ifndef LSMB_TOOLS_TREE_H
#define LSMB_TOOLS_TREE_H

#include "tools/listing.h"
#include "tools/run.h"

enum tree_next {
    TREE_GO_ON,
    TREE_FAILED, /* this one, which has been reported; the walk goes on */
    TREE_END,    /* end the walk */
};

/* What happens on the way; any may be NULL.  Paths are within the share. */
struct tree_visitor {
    /* A directory has been listed; nothing of it was visited yet. */
    enum tree_next (*enter)(void *arg, const char *path, const struct listing *entries);
    /* A file, or a link: what a link leads to is not visited.  Links that the server follows by itself
     * (Samba's) look like directories; LSMB_ATTR_REPARSE is set in `stat` for them, too. */
    enum tree_next (*file)(void *arg, const char *path, const struct lsmb_stat *stat);
    /* All below a directory that was entered has been visited.  `whole`: and nothing of that failed. */
    enum tree_next (*leave)(void *arg, const char *path, bool whole);
    /* File id of the directory that the first one lies in.  If that turns out to lie elsewhere, it is a
     * link, and `file` is called for it.  0: it is walked through in any case. */
    uint64_t parent_id;
    /* Entries to keep at once, of all directories on the way down; 0: 4,000,000.  Of a directory
     * for which there is no room the first ones are visited, and it is reported. */
    size_t most;
};

/* Walk through the directory `path`, itself included.  A directory that cannot be listed is reported and
 * passed over (run_fail_partly; the first one as itself: run_fail).  False if the walk ended early. */
bool tree_walk(struct run *run, struct lsmb_share *share, const char *path,
               const struct tree_visitor *visitor, void *arg);

/* A directory, and no link to one. */
bool tree_descends(const struct lsmb_stat *stat);

#endif
