/* refused.h: ends of a copy that cannot be: opening one fails with what was known before. */
#ifndef LSMB_XFER_REFUSED_H
#define LSMB_XFER_REFUSED_H

#include "lsmb.h"

/* `why` is copied.  NULL when there is no memory. */
struct lsmb_source *source_refused(const struct lsmb_error *why);
struct lsmb_sink *sink_refused(const struct lsmb_error *why);

#endif
