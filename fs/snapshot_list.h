/* snapshot_list.h: which snapshots there are of what an open file lies on, as a child operation
 * (FSCTL_SRV_ENUMERATE_SNAPSHOTS, MS-SMB2 3.2.4.20.1). */
#ifndef LSMB_FS_SNAPSHOT_LIST_H
#define LSMB_FS_SNAPSHOT_LIST_H

#include "fs/ioctl.h"

struct snapshot_list_op {
    struct op op; /* first */
    struct open *open;
    struct ioctl_op ioctl;
    unsigned tries;
    /* On success, until snapshot_list_drop(): `count` names, for srv_snapshot_next(), which does not fail. */
    struct span names;
    uint32_t count;
};

/* What is asked of the file that is opened for it: the control's own number says that it takes the right to
 * read (MS-FSCC 2.3). */
enum { SNAPSHOT_LIST_ACCESS = FILE_READ_DATA };

/* Start as a child of `parent`.  Any file or directory will do, and one that lies in a snapshot, too. */
void snapshot_list_start(struct snapshot_list_op *op, struct op *parent, struct open *open);

/* Whether there is a snapshot of the time `when` (FILETIME) in a list that has come. */
bool snapshot_list_has(const struct snapshot_list_op *op, uint64_t when);

/* Let go of the answer: to be called whatever the outcome was.  Harmless when there is none. */
void snapshot_list_drop(struct snapshot_list_op *op);

#endif
