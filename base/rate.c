#include "base/rate.h"

#include <assert.h>

#include "base/clock.h"

enum { PORTION_LEAST = 64 << 10 }; /* smaller ones cost as much to move */

/* How long it takes to pay for so many: a range, far fewer than could overflow. */
static uint64_t cost_ns(const struct rate *rate, uint64_t bytes)
{
    assert(bytes <= UINT32_MAX);
    return bytes * NS_PER_S / rate->limit;
}

uint64_t rate_next(const struct rate *rate, uint64_t now_ns)
{
    return rate->limit > 0 && rate->free_ns > now_ns ? rate->free_ns : now_ns;
}

void rate_spend(struct rate *rate, uint64_t now_ns, size_t bytes)
{
    uint64_t burst_ns = RATE_BURST_MS * NS_PER_MS;
    uint64_t earliest = now_ns > burst_ns ? now_ns - burst_ns : 0;

    if (rate->limit > 0) {
        rate->free_ns = rate->free_ns > earliest ? rate->free_ns : earliest;
        rate->free_ns += cost_ns(rate, bytes);
    }
}

void rate_refund(struct rate *rate, size_t bytes)
{
    uint64_t back = rate->limit > 0 ? cost_ns(rate, bytes) : 0;

    rate->free_ns -= back < rate->free_ns ? back : rate->free_ns;
}

size_t rate_portion(const struct rate *rate)
{
    uint64_t portion = rate->limit / (1000 / RATE_BURST_MS);

    if (rate->limit == 0 || portion > SIZE_MAX) {
        return SIZE_MAX;
    }
    return portion > PORTION_LEAST ? (size_t)portion : PORTION_LEAST;
}
