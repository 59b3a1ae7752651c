/* snapshot_find.h: whether there is a snapshot that something was opened in.
 *
 * A server that knows no snapshots leaves the time in a CREATE out of account (MS-SMB2 3.3.5.9: a context that
 * is not known), and opens the file of today.  So it has to list the snapshot. */
#ifndef LSMB_FS_SNAPSHOT_FIND_H
#define LSMB_FS_SNAPSHOT_FIND_H

#include "fs/snapshot_list.h"

struct snapshot_find_op {
    struct op op;      /* first */
    struct open *open; /* borrowed */
    uint64_t when;
    bool listed; /* some list has come */
    struct snapshot_list_op listing;
    struct open root;
    struct open_op opening;
};

/* Start as a child of `parent`: look for the snapshot of the time `when` (FILETIME) that `*open` is to lie in,
 * which has been opened with SNAPSHOT_LIST_ACCESS.  LSMB_E_NOT_FOUND when it is not listed. */
void snapshot_find_start(struct snapshot_find_op *op, struct op *parent, struct open *open,
                         uint64_t when);

#endif
