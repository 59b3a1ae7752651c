/* window.h: how large a range should be. */
#ifndef LSMB_XFER_WINDOW_H
#define LSMB_XFER_WINDOW_H

#include <stddef.h>

enum {
    WINDOW_CHUNK_MAX = 1 << 20, /* larger ranges are no faster, and cost memory and balance */
    WINDOW_RANGES = 8, /* in flight at least, so that a round trip does not idle the line */
};

/* Bytes to ask for at a time: what source and sink like at most (0: nothing now, and so is the answer),
 * but so that WINDOW_RANGES of them fit into `window_bytes`. */
size_t window_chunk(size_t source_bytes, size_t sink_bytes, size_t window_bytes);

#endif
