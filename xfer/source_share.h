/* source_share.h: a file that is open already, as a source. */
#ifndef LSMB_XFER_SOURCE_SHARE_H
#define LSMB_XFER_SOURCE_SHARE_H

#include "fs/open.h"

/* A source that reads from `open` (borrowed) and neither opens nor checks nor closes it: for a pump of
 * one's own.  open->stat.bytes is its size.  `path` (copied) is for errors.  NULL: no memory. */
struct lsmb_source *source_share_of(struct open *open, const char *path);

/* What a source reads from, if it is a file on a share and open; else NULL. */
struct open *source_share_open(struct lsmb_source *source);

/* The share that a source is on; NULL: on none. */
const struct lsmb_share *source_share_where(struct lsmb_source *source);

#endif
