/* share_reread.h: what was written to a target on a share, read back from where it lies. */
#ifndef LSMB_XFER_SHARE_REREAD_H
#define LSMB_XFER_SHARE_REREAD_H

#include "lsmb.h"

/* lsmb_sink_ops.reread of a sink on a share, which must outlive the source.  The temporary is read by the open that
 * wrote it; a target that is written itself is opened once more. */
struct lsmb_source *share_reread(struct lsmb_sink *sink);

#endif
