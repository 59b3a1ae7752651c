/* random.h: where randomness comes from.  Tests bring their own. */
#ifndef LSMB_BASE_RANDOM_H
#define LSMB_BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    /* Fill `out` with `len` unpredictable bytes; false when the system has none to give. */
    bool (*fill)(struct random *, void *out, size_t len);
};

/* The kernel's generator; shared and without state, safe after fork(). */
extern struct random random_system;

#endif
