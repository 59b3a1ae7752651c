/* fd.h: descriptors that may block, as ends; the local files that are none turn into them, too. */
#ifndef LSMB_XFER_FD_H
#define LSMB_XFER_FD_H

#include "xfer/xfer.h"

/* lsmb_source_fd(), lsmb_sink_fd(), or, with fd -1, what `path` (copied) leads to: a FIFO, a device. */
struct lsmb_source *source_fd_new(struct lsmb *smb, int fd, const char *path);
struct lsmb_sink *sink_fd_new(struct lsmb *smb, int fd, const char *path);

#endif
