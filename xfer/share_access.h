/* share_access.h: whether replacing a file on a share loses who may do what with it.
 *
 * A new file gets its entries from its folder, so inherited ones are not lost when it takes an old one's
 * place; explicit ones are.  But a server that maps the modes of POSIX calls all of them explicit (Samba
 * without acl_xattr does), those of a new file as well.  So what counts is the comparison with a new file in
 * the same folder, made by the same user: where both lists are alike nothing is lost, and where they differ
 * it matters only if there is something explicit.  The owner alone does not count: where he is among the
 * entries, as he is with POSIX modes, the lists differ. */
#ifndef LSMB_XFER_SHARE_ACCESS_H
#define LSMB_XFER_SHARE_ACCESS_H

#include "proto/bytes.h"

/* Whether a security descriptor (self-relative, with its DACL) has anything explicit: an entry that was not
 * inherited, a list that takes none from the folder, or no list, which lets everybody do everything.
 * One that is malformed has. */
bool share_access_explicit(struct span descriptor);

/* Whether anything explicit in `target` would be lost if `fresh` took its place. */
bool share_access_lost(struct span target, struct span fresh);

#endif
