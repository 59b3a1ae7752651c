#include "base/upcase.h"

#include <stddef.h>

/* Every `stride`-th unit from `first` to `last` is moved by `delta`, modulo 2^16. */
struct upcase_range {
    uint16_t first, last;
    uint16_t stride, delta;
};

/* In ascending order, not overlapping. */
static const struct upcase_range ranges[] = {
#define X(first, last, stride, delta) {first, last, stride, delta},
#include "base/upcase_table.h"
#undef X
};

uint16_t upcase_utf16(uint16_t unit)
{
    size_t low = 0, high = sizeof ranges / sizeof ranges[0];

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < unit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == sizeof ranges / sizeof ranges[0]) {
        return unit;
    }
    const struct upcase_range *r = &ranges[low];
    if (unit < r->first || (unit - r->first) % r->stride != 0) {
        return unit;
    }
    return (uint16_t)(unit + r->delta);
}
