/* pair.h: two connected streams in memory, for tests and simulations.
 *
 * No descriptors and no threads: what one end sends makes the other end's hooks join their phases, so
 * with a script's clock a run is repeatable.  An end may be on its own loop as long as all is one
 * thread. */
#ifndef LSMB_TRANSPORT_PAIR_H
#define LSMB_TRANSPORT_PAIR_H

#include "transport/stream.h"

/* Two ends, each the caller's to close; either direction holds up to `queue_bytes` (> 0).  False when
 * there is no memory. */
bool pair_new(struct stream *ends[2], size_t queue_bytes);

/* Let one receive or send call of the end `stream` move at most so many bytes (> 0; SIZE_MAX: all). */
void pair_chop(struct stream *stream, size_t receive_max, size_t send_max);

/* Break the connection: what is on its way is lost, and both ends get -os_errno from now on. */
void pair_cut(struct stream *stream, int os_errno);

#endif
