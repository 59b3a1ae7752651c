/* clock.h: where time comes from.  Tests bring their own. */
#ifndef LSMB_BASE_CLOCK_H
#define LSMB_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

struct clock {
    uint64_t (*monotonic_ns)(struct clock *); /* never goes back */
    uint64_t (*unix_ns)(struct clock *);      /* wall time since 1970 */
    /* A script's clock: instead of waiting, the loop moves it to the next deadline.  NULL: time
     * passes by itself. */
    void (*advance)(struct clock *, uint64_t to_ns);
};

/* The system's clock; shared and without state. */
extern struct clock clock_system;

#endif
