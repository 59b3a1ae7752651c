/* advice.h: what bound the speed of a run, and what would help. */
#ifndef LSMB_TOOLS_ADVICE_H
#define LSMB_TOOLS_ADVICE_H

#include "lsmb.h"

#include <stdbool.h>
#include <stdint.h>

/* What a run was allowed to use, and what its connections ask of the processor. */
struct advice_about {
    uint64_t window_bytes; /* the most that may be in flight */
    unsigned connections;  /* the most that a tree may use; 0: there was no tree */
    bool signing, sealing;
    uint8_t signing_alg, cipher; /* enum lsmb_signing_alg, enum lsmb_cipher */
};

/* What the data waited for longest; LSMB_BOUNDS: nothing was copied, or so little that it tells nothing. */
enum lsmb_bound advice_bound(const struct lsmb_stats *stats);

/* How long copies were running, in ns. */
uint64_t advice_copied_ns(const struct lsmb_stats *stats);

/* What would help against `bound`, by what the numbers show; NULL: nothing that is known. */
const char *advice_of(enum lsmb_bound bound, const struct lsmb_stats *stats,
                      const struct advice_about *about);

#endif
