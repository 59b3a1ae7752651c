/* tree.h: what the parts of the copy of a tree have in common.
 *
 *   tree.c         the job: what it waits for, what went wrong, how far it is
 *   tree_walk.c    lists the folders of the source, several at a time, and stops while much waits
 *   tree_folder.c  folders: made when they have been seen, ended when all in them has been done
 *   tree_file.c    files: copied many at a time
 *
 * What is held at a time does not depend on the size of the tree: files wait in a line of limited length, and
 * folders are listed depth first, so those that wait are the siblings of those on one path.  A folder is freed
 * when nothing holds it any more: neither its listing, nor a file or folder in it, nor a call. */
#ifndef LSMB_XFER_TREE_H
#define LSMB_XFER_TREE_H

#include <string.h>

#include "fs/job.h"
#include "xfer/name_set.h"
#include "xfer/xfer.h"

enum {
    TREE_DEPTH_MAX = 1024,             /* folders on one path: a circle ends here */
    TREE_LISTED_MAX = 16,              /* folders listed at the same time */
    TREE_LISTERS_MAX = 32,             /* begun, and not at their end */
    TREE_FILES_WAIT = 2048,            /* then nothing is listed until some are copied */
    TREE_FOLDERS_BYTES = 8 << 20,      /* of folders to be listed: then only one at a time */
    TREE_FOLDERS_BYTES_MAX = 32 << 20, /* a server that lists more is not believed */
    TREE_CALLS_WAIT = 4096,            /* folders to be made or ended: then nothing is listed */
    TREE_CALLS_MAX = 64,               /* folders made or ended at the same time */
};

enum tree_made {
    TREE_UNSEEN, /* may be a link */
    TREE_WAITS,  /* for the one above, or for its turn */
    TREE_MADE,
    TREE_LOST, /* cannot be made, or is none: nothing in it is done */
};

struct tree_folder {
    struct list node;          /* where it waits: to be listed, made or ended */
    struct list every;         /* in tree_copy.every */
    struct tree_folder *above; /* which it holds; NULL: the root */
    struct list waiting;       /* folders in it, until it is made */
    struct list files;         /* struct tree_file, likewise */
    size_t held;
    unsigned depth;
    enum tree_made made;
    bool again;  /* a connection was lost over what is being done with it: it goes over another */
    uint64_t id; /* in the source; 0: not known */
    struct lsmb_stat stat;
    struct name_set names; /* in it, as the target has them */
    char name[];
};

struct tree_copy {
    struct lsmb_job job;          /* first */
    struct lsmb_tree *from, *to;  /* owned */
    struct lsmb_tree_options opt; /* opt.copy: what `copy` holds */
    struct lsmb_copy_options copy;
    struct lsmb_tree_result got;
    struct lsmb_tree_result *result; /* borrowed; may be NULL */
    struct lsmb_error err;           /* what ends it all; LSMB_OK: nothing */
    bool changed;                    /* `got`, since progress() was told */

    struct name_key key;
    char *path; /* owned: tree_path()'s */
    size_t path_room;
    struct list every; /* folders: all that there are */

    struct list stack;       /* folders to be listed, the next one first */
    size_t folder_bytes;     /* that those take */
    struct list idle, busy;  /* struct tree_lister: between two calls; in one */
    unsigned listers, asked; /* all; busy ones */

    struct list to_make, to_end; /* folders */
    size_t calls_waiting;        /* for those, and for those above them */
    struct list calls;           /* struct tree_call */
    unsigned call_count;

    struct list files;    /* struct tree_file, whose folders are there */
    size_t files_waiting; /* with those whose folders are not */
    struct list running;
    unsigned running_count;
    uint64_t flying; /* bytes that those may have in flight */
};

/* tree.c */

/* All ends with this, unless something else has ended it. */
void tree_end_all(struct tree_copy *t, const struct lsmb_error *err);
void tree_no_memory(struct tree_copy *t);

/* `name` in `folder` (NULL: the folder itself) has failed: told, counted, and the end of all where that cannot but
 * happen to the rest, too, or where it is the root. */
void tree_failed(struct tree_copy *t, const struct tree_folder *folder, const char *name,
                 const struct lsmb_error *err);

/* Whether something failed only because one connection of several was lost, and is to be begun once more, over
 * another.  `*again`: it has been already; becomes true. */
bool tree_goes_elsewhere(struct tree_copy *t, const struct lsmb_error *err, bool *again);

/* The path of `name` in `folder` ("": of the folder); valid until the next call.  NULL when there is no memory: the end of all. */
const char *tree_path(struct tree_copy *t, const struct tree_folder *folder, const char *name);

/* Go on in the next "complete" phase. */
static inline void tree_wake(struct tree_copy *t)
{
    op_wake(&t->job.op);
}

static inline bool tree_ending(const struct tree_copy *t)
{
    return t->err.code != LSMB_OK;
}

/* What a folder takes while it waits. */
static inline size_t tree_folder_bytes(const char *name)
{
    return sizeof(struct tree_folder) + strlen(name) + 1;
}

/* tree_walk.c */
void tree_walk_run(struct tree_copy *t);
void tree_walk_stop(struct tree_copy *t); /* all listings end, now */

/* tree_folder.c */

/* A folder that was listed in `above` (NULL: the root): it will be listed. */
void tree_folder_add(struct tree_copy *t, struct tree_folder *above, const char *name,
                     const struct lsmb_stat *stat);
/* It is no link: make it. */
void tree_folder_seen(struct tree_copy *t, struct tree_folder *folder);
/* Nothing in it is to be done. */
void tree_folder_lose(struct tree_copy *t, struct tree_folder *folder);
bool tree_folder_lost(const struct tree_folder *folder);
/* One holder less. */
void tree_folder_drop(struct tree_copy *t, struct tree_folder *folder);
void tree_folders_run(struct tree_copy *t);
/* Forget calls and folders; nobody is told. */
void tree_folders_free(struct tree_copy *t);

/* tree_file.c */
void tree_file_add(struct tree_copy *t, struct tree_folder *folder, const char *name,
                   const struct lsmb_stat *stat);
/* Files whose folder is there; and whose folder will not be. */
void tree_files_ready(struct tree_copy *t, struct tree_folder *folder);
void tree_files_lose(struct tree_copy *t, struct tree_folder *folder);
void tree_files_run(struct tree_copy *t);
/* What runs is to end soon with t->err. */
void tree_files_cancel(struct tree_copy *t);
/* Abort and forget all; nobody is told. */
void tree_files_free(struct tree_copy *t);

#endif
