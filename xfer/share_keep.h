/* share_keep.h: taking a temporary's deletion mark back, and seeing that it is gone.
 *
 * There are servers that know only how to set the mark and answer "success" to whoever takes it back: with
 * them a finished file would be deleted when it is closed, after it has replaced the old one. */
#ifndef LSMB_XFER_SHARE_KEEP_H
#define LSMB_XFER_SHARE_KEEP_H

#include "fs/info.h"

struct share_keep {
    struct op op; /* first */
    struct open *temp;
    bool asked_again;
    struct set_info_op setting;
    struct query_info_op query;
};

/* Start as a child of `parent`: `temp` is open and marked for deletion (MS-FSCC 2.4.11, 2.4.47).  Fails
 * when the server refuses, or says that the file is still to be deleted. */
void share_keep_start(struct share_keep *keep, struct op *parent, struct open *temp);

/* Fail a step because of a mark that the server does not take back. */
enum op_next share_keep_refused(struct op *op);

/* Whether a share's server is known to take no mark back: it was seen not to (struct share_seen), or it speaks
 * 2.0.2 and nothing newer, as small servers do that have the mark for deleting files only (impacket's). */
bool share_cannot_unmark(struct lsmb_share *share);

#endif
