/* bound.h: what a copy waits for, for who wants to know what bounds its speed (base/stats.h). */
#ifndef LSMB_XFER_BOUND_H
#define LSMB_XFER_BOUND_H

#include "lsmb.h"

/* While an end has been asked for something, or has been given something to take. */
enum lsmb_bound bound_of_source(struct lsmb_source *source);
enum lsmb_bound bound_of_sink(struct lsmb_sink *sink);

#endif
