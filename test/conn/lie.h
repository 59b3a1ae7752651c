/* lie.h: what a server may say that is not so, as bytes changed in what it would have said. */
#ifndef LSMB_TEST_CONN_LIE_H
#define LSMB_TEST_CONN_LIE_H

#include <check.h>
#include <string.h>

#include "proto/bytes.h"

enum { LIE_PATCHES = 3 };

/* `width` bytes at `at` become `value`, in little-endian order; width 0: nothing does. */
struct lie_patch {
    size_t at;
    unsigned width;
    uint32_t value;
};

static inline void lie_patch(uint8_t *bytes, size_t len, const struct lie_patch *patch)
{
    struct wr w = wr_from(bytes, len);

    w.pos = patch->at;
    for (unsigned i = 0; i < patch->width; i++) {
        wr_u8(&w, (uint8_t)(patch->value >> 8 * i));
    }
    ck_assert(wr_ok(&w));
}

static inline void lie_patch_all(uint8_t *bytes, size_t len, const struct lie_patch *patches)
{
    for (unsigned i = 0; i < LIE_PATCHES; i++) {
        lie_patch(bytes, len, &patches[i]);
    }
}

#endif
