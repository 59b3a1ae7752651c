#include "xfer/window.h"

enum {
    PAGE_BYTES = 4096,
    CREDIT_BYTES =
        65536, /* MS-SMB2 3.1.5.2: what one credit pays for; a part of it costs as much */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The share of the window that one range may have, in whole units of what is cheap to move. */
static size_t fair_share(size_t window_bytes)
{
    size_t share = window_bytes / WINDOW_RANGES;

    if (share >= CREDIT_BYTES) {
        return share - share % CREDIT_BYTES;
    }
    return share >= PAGE_BYTES ? share - share % PAGE_BYTES : PAGE_BYTES;
}

size_t window_chunk(size_t source_bytes, size_t sink_bytes, size_t window_bytes)
{
    size_t most = least(fair_share(window_bytes), WINDOW_CHUNK_MAX);

    return least(most, least(source_bytes, sink_bytes));
}
