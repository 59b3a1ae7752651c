/* dir.h: listing a directory page by page (MS-SMB2 3.2.4.17).
 *
 * A page is handed out entry by entry while the next one is on its way, so a listing holds two of them at
 * most, however long it is; who takes no entries is sent no more pages.  The first page is small and travels
 * with the CREATE, where that is possible; those after it grow.
 *
 *     dir_start(&j->dir, op, share, path, "*");
 *     ...
 *     while (dir_next(&j->dir, &entry)) { ... }   // each time that `op` is woken
 *     if (op_finished(&j->dir.op)) { all has been handed out, or it has failed } */
#ifndef LSMB_FS_DIR_H
#define LSMB_FS_DIR_H

#include "fs/open.h"
#include "proto/walk.h"

enum { DIR_NAME_BYTES = 1024 }; /* of a name as UTF-8: 255 UTF-16 units need 766 */

struct dir_entry {
    struct lsmb_stat stat;
    uint32_t reparse_tag; /* MS-FSCC 2.1.2.1, where LSMB_ATTR_REPARSE is set */
    char name
        [DIR_NAME_BYTES]; /* fit to be a component: not empty, without separators; "." and ".." come */
};

struct dir_op {
    struct op op; /* first */
    struct lsmb_share *share;
    char *path;         /* owned: as given */
    char *pattern_text; /* owned */
    struct path pattern;
    struct open_want want;
    struct open_tail tail;
    struct open open;
    struct open_op opening;
    struct close_op closing;
    /* One that is on its way or has come, and the one behind it. */
    struct request requests[2];
    uint32_t asked[2];     /* bytes that they ask for */
    unsigned current;      /* which comes first */
    unsigned pages;        /* that have come */
    uint32_t page_bytes;   /* to ask for */
    uint32_t page_max;     /* what the server may be asked for */
    uint32_t page_allowed; /* what the owner allows */
    struct buf *page;      /* owned: what is being handed out */
    struct walk entries;   /* of it */
    const char *malformed; /* what is wrong with it; NULL: nothing */
    bool restart;          /* the next page is the first one (MS-SMB2 2.2.33) */
    bool stopped;
    bool at_end;
};

/* Start as a child of `parent`, which is woken whenever there is something to take.  Strings are copied;
 * `pattern` is for names, without separators: "*" for all.  Errors carry the UNC path. */
void dir_start(struct dir_op *dir, struct op *parent, struct lsmb_share *share, const char *path,
               const char *pattern);

/* Ask for no more than `bytes` at a time from now on; 64 KiB are always asked for.  For who has many listings
 * open: each holds two pages. */
void dir_limit_pages(struct dir_op *dir, uint32_t bytes);

/* Take the next entry.  False when there is none now: it is at its end only when the operation has
 * finished. */
bool dir_next(struct dir_op *dir, struct dir_entry *out);

/* Whether all has been handed out; the directory may be about to be closed. */
bool dir_at_end(const struct dir_op *dir);

/* Enough has been taken: the directory is closed, and the operation ends well. */
void dir_stop(struct dir_op *dir);

#endif
