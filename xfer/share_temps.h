/* share_temps.h: a folder for the temporaries of many files that are put into one folder of a share.
 *
 * Samba compares names without case, and so reads a whole folder to learn that a name in it is free: once for a
 * temporary, and once more for the name that this gets.  In a small folder of its own a temporary costs nothing of
 * that.  Other servers look names up in an index: there is none for them.
 *
 * The folder is opened with FILE_DELETE_ON_CLOSE, and stays open on the connection on which the temporaries are made.
 * When that ends, Samba closes what was opened last first: the temporaries go, and then the folder.
 *
 * What a file inherits there is what it would inherit in the folder above, but for entries that are passed on only
 * once (NO_PROPAGATE_INHERIT_ACE, MS-DTYP 2.4.4.1): where there are any, or it cannot be seen, there is none. */
#ifndef LSMB_XFER_SHARE_TEMPS_H
#define LSMB_XFER_SHARE_TEMPS_H

#include "fs/info.h"
#include "fs/open.h"

struct share_temps {
    struct op op;     /* first: makes it, or takes it away */
    struct list node; /* its maker's */
    struct lsmb_share *share;
    char *above, *path;         /* owned: the folder that it is in, and its own */
    unsigned linkless;          /* components of `above` that must be no links */
    unsigned holders;           /* its maker, and sinks */
    bool ready;                 /* it can be used */
    void (*ended)(struct op *); /* who is told that it has gone; NULL: it is not to go yet */
    bool unsettled;             /* something in it may still be under way */
    struct open folder;         /* it is, until it is to go */
    struct path led_to;         /* where links have led it */
    struct open look;           /* the one above */
    struct open_op opening;
    struct query_info_op security, volume;
    struct close_op closing;
};

/* Begin to make one in the folder `above` (copied), the last `linkless` components of whose path must be no links.  It
 * is of no use before it is ready, which it never is where the server refuses it.  NULL when there is no memory. */
struct share_temps *share_temps_new(struct lsmb_share *share, const char *above, unsigned linkless);

/* For whoever puts temporaries into it.  Its path on the share, with '\' between components; NULL: it is not ready. */
const char *share_temps_path(const struct share_temps *temps);
struct share_temps *share_temps_hold(struct share_temps *temps);

/* The server refuses what is done there: it is not ready any more. */
void share_temps_refused(struct share_temps *temps);

/* A file in it was given up while something was under way: it stays open, and goes with the connection.  Closed now, it
 * would not be deleted, because it is not empty. */
void share_temps_unsettle(struct share_temps *temps);

/* Take it away, in the server's time: for its maker, when all that was in it is done.  `done` is told, whatever the
 * outcome; a folder that is left is a warning. */
void share_temps_end(struct share_temps *temps, void (*done)(struct op *), void *arg);

/* One holder less; the last one closes it, without waiting.  Harmless for NULL. */
void share_temps_drop(struct share_temps *temps);

#endif
