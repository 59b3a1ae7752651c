/* octets.h: bytes from hex text, and messages cut short. */
#ifndef LSMB_TEST_AUTH_OCTETS_H
#define LSMB_TEST_AUTH_OCTETS_H

#include "proto/bytes.h"
#include "test/hex.h"

#include <stdlib.h>

struct octets {
    uint8_t bytes[4096];
};

/* The bytes that `text` spells, kept in `room`. */
static inline struct span octets(struct octets *room, const char *text)
{
    size_t len = strlen(text) / 2;

    ck_assert_uint_le(len, sizeof room->bytes);
    for (size_t i = 0; i < len; i++) {
        room->bytes[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    }
    return (struct span){room->bytes, len};
}

static inline void ck_assert_span(struct span got, struct span want)
{
    ck_assert_uint_eq(got.len, want.len);
    ck_assert(span_equal(got, want));
}

/* Each proper prefix of `whole` is refused; every one is a block of its own, so that a sanitizer
 * sees each byte too many that is looked at. */
static inline void refuse_each_prefix(struct span whole, bool (*accepts)(struct span))
{
    ck_assert(accepts(whole));
    for (size_t cut = 0; cut < whole.len; cut++) {
        uint8_t *copy = malloc(cut + 1);
        ck_assert_ptr_nonnull(copy);
        uint8_t *at = copy + 1; /* the block ends where the prefix does */
        memcpy(at, whole.ptr, cut);
        ck_assert_msg(!accepts((struct span){at, cut}), "a prefix of %zu bytes is accepted", cut);
        free(copy);
    }
}

#endif
