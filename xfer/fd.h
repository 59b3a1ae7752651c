/* fd.h: descriptors that may block, as ends; the local files that are none turn into them, too. */
#ifndef LSMB_XFER_FD_H
#define LSMB_XFER_FD_H

#include "xfer/xfer.h"

/* lsmb_source_fd(), lsmb_sink_fd(), or, with fd -1, what `path` (copied) leads to: a FIFO, a device. */
struct lsmb_source *source_fd_new(struct lsmb *smb, int fd, const char *path);
struct lsmb_sink *sink_fd_new(struct lsmb *smb, int fd, const char *path);

/* What a local file is.  Its inode is its id; it has no attributes. */
struct stat;
struct lsmb_stat stat_of_file(const struct stat *st);

/* Whether a regular file is not what it was. */
bool file_changed(const struct stat *before, const struct stat *now);

#endif
