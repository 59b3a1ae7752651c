/* rate.h: so many bytes in a second, and not many more at once. */
#ifndef LSMB_BASE_RATE_H
#define LSMB_BASE_RATE_H

#include <stddef.h>
#include <stdint.h>

enum { RATE_BURST_MS = 100 }; /* what may be made up for, after a pause */

struct rate {
    uint64_t limit;   /* bytes per second; 0: none */
    uint64_t free_ns; /* when all that was spent is paid for, on the monotonic clock */
};

/* When the next bytes may be spent; `now_ns` at the earliest. */
uint64_t rate_next(const struct rate *rate, uint64_t now_ns);

/* Spend `bytes`, however many: they are paid for by not spending any for a while. */
void rate_spend(struct rate *rate, uint64_t now_ns, size_t bytes);

/* Not so many were needed in the end. */
void rate_refund(struct rate *rate, size_t bytes);

/* How many at most should be spent at once, so that they keep coming. */
size_t rate_portion(const struct rate *rate);

#endif
