/* follow.h: where a symbolic link leads (MS-SMB2 2.2.2.2.1.1).
 *
 * Pure: what a server says of a link on a path becomes the path to ask for next, or the reason why not.  A
 * server's word is believed no further than that: a link may lead elsewhere in its share, and nowhere
 * else. */
#ifndef LSMB_FS_FOLLOW_H
#define LSMB_FS_FOLLOW_H

#include "fs/path.h"
#include "proto/error.h"

/* Whether the link is the last component of `path`: nothing lies behind it. */
bool follow_is_last(const struct smb2_symlink_error *link);

/* How many components of `path` lie behind the link; 0 also when it makes no sense. */
unsigned follow_count_behind(struct span path, const struct smb2_symlink_error *link);

/* The path that `path` means once `link`, which lies on it, is followed.
 *   to    filled in on success; the caller's to path_free().
 *   path  as it was sent, without what a DFS share has in front of it.
 *   unc   "\\server\share", as the share was opened.
 * LSMB_E_STATUS with STATUS_STOPPED_ON_SYMLINK when it leads out of the share, naming the place;
 * LSMB_E_PROTOCOL when it makes no sense. */
bool follow_link(struct path *to, struct span path, const struct smb2_symlink_error *link,
                 const char *unc, struct lsmb_error *err);

#endif
