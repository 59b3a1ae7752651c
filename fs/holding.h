/* holding.h: a share as the user holds it: apart from the tree, which may be replaced underneath.
 *
 * For fs/ alone; others use fs/share.h. */
#ifndef LSMB_FS_HOLDING_H
#define LSMB_FS_HOLDING_H

#include "conn/tree.h"
#include "fs/server.h"
#include "fs/share.h"

struct lsmb_share {
    struct list node; /* in lsmb.shares */
    struct lsmb *smb;
    struct server *server;
    struct lane *lane;
    bool anew;         /* the lane has never been up: whoever attaches brings it up (attach_anew) */
    struct lane *lost; /* the one before it, with what still points to it; NULL: none */
    struct tree tree;  /* not connected to before it is needed, where that is wanted (fs/attach) */
    struct op *attaching; /* borrowed: connects to it now; NULL: nobody does */
    struct list waiting;  /* attach_op, for that; means something while somebody does */
    struct share_seen seen;
    char name[256]; /* the share's, UTF-8 */
    char unc[600];  /* "\\server\share" */
};

#endif
