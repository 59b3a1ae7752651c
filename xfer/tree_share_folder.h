/* tree_share_folder.h: the folders of a share that files of a tree are put into, while they are. */
#ifndef LSMB_XFER_TREE_SHARE_FOLDER_H
#define LSMB_XFER_TREE_SHARE_FOLDER_H

#include "base/list.h"
#include "fs/dir.h"
#include "xfer/name_set.h"
#include "xfer/share_temps.h"

#include "lsmb.h"

struct target_folders;

struct target_folder {
    struct span name;           /* first: `path`, or one that is looked for */
    struct target_folders *all; /* borrowed */
    size_t files;               /* that were begun */
    struct list temps;          /* struct share_temps: one for each connection */

    struct op listing;       /* what was there before */
    struct dir_op *dir;      /* owned, while it runs */
    struct dir_entry *entry; /* likewise */
    struct name_key key;
    struct name_set names; /* folded, and as they are */
    bool listed;           /* all of them are there */

    void (*done)(void *arg);
    void *arg;
    char path[]; /* on the share, as the tree joins it */
};

/* Those that something is known of, by path. */
struct target_folders {
    void *by_path; /* tsearch(3): struct target_folder, owned */
    size_t hashes; /* of names, in all of them */
};

/* The folder `path` was there before: list it, so that it is known which names are taken.  Then `done` is called, also
 * where it is not known, perhaps at once. */
void target_folders_list(struct target_folders *folders, const char *path, struct lsmb_share *share,
                         void (*done)(void *arg), void *arg);

/* A file `path`, of which the last `parts` components lie in the tree, is to be put there by `sink`, which is told what is
 * known; where very many are put into a folder, their temporaries get one of their own. */
void target_folders_put(struct target_folders *folders, const char *path, unsigned parts,
                        struct lsmb_share *share, struct lsmb_sink *sink);

/* All in it is done: take what is known of the folder `path` out, the caller's to target_folder_free(); NULL: nothing
 * is. */
struct target_folder *target_folders_take(struct target_folders *folders, const char *path);

/* Take away what was made for it; then `done` is called once, perhaps at once. */
void target_folder_end(struct target_folder *folder, void (*done)(void *arg), void *arg);

/* What was made for it goes without waiting.  Harmless for NULL. */
void target_folder_free(struct target_folder *folder);
void target_folders_free(struct target_folders *folders);

#endif
