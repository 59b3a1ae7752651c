/* decompress_case.h: what tests of decompressors share. */
#ifndef LSMB_TEST_PROTO_DECOMPRESS_CASE_H
#define LSMB_TEST_PROTO_DECOMPRESS_CASE_H

#include "proto/decompress.h"
#include "test/hex.h"

#include <check.h>
#include <stdlib.h>

typedef bool decompress_fn(uint8_t *out, size_t size, struct span in);

/* Decompress from and to memory that ends where it should, so that a sanitizer sees every byte too
 * far.  `want` may be NULL. */
static inline bool expands(decompress_fn *decompress, struct span in, const uint8_t *want,
                           size_t size)
{
    uint8_t *copy = malloc(in.len > 0 ? in.len : 1);
    uint8_t *out = malloc(size > 0 ? size : 1);

    if (!copy || !out) {
        ck_abort_msg("no memory");
    }
    if (in.len > 0) {
        memcpy(copy, in.ptr, in.len);
    }
    bool ok = decompress(out, size, (struct span){copy, in.len});
    if (ok && want && size > 0) {
        ck_assert_mem_eq(out, want, size);
    }
    free(copy);
    free(out);
    return ok;
}

/* The length of the next prefix of `len` bytes to try: each of the first and the last ones, where the forms of a
 * format are, and some fifty of a long one between. */
static inline size_t next_prefix(size_t n, size_t len)
{
    enum { HEAD = 300, TAIL = 16 };
    size_t next = n + 1 + len / 50, tail = len > TAIL ? len - TAIL : 0;

    if (n < HEAD || n >= tail) {
        return n + 1;
    }
    return next < tail ? next : tail;
}

/* `in` expands to `want`, to no more and no less, and its prefixes to nothing. */
static inline void check_expands(decompress_fn *decompress, struct span in, struct span want)
{
    ck_assert(expands(decompress, in, want.ptr, want.len));
    ck_assert(!expands(decompress, in, NULL, want.len + 1));
    ck_assert(want.len == 0 || !expands(decompress, in, NULL, want.len - 1));
    for (size_t n = 0; n < in.len; n = next_prefix(n, in.len)) {
        if (expands(decompress, (struct span){in.ptr, n}, NULL, want.len)) {
            ck_abort_msg("the first %zu bytes of %zu", n, in.len);
        }
    }
}

/* The bytes `text` spells in hexadecimal expand to `times` times `unit`. */
static inline void check_repeats(decompress_fn *decompress, const char *text, struct span unit,
                                 size_t times)
{
    struct span in = {NULL, strlen(text) / 2};
    uint8_t *bytes = malloc(in.len);
    uint8_t *want = malloc(unit.len * times);

    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_nonnull(want);
    hex(bytes, text);
    in.ptr = bytes;
    for (size_t i = 0; i < times; i++) {
        memcpy(want + i * unit.len, unit.ptr, unit.len);
    }
    check_expands(decompress, in, (struct span){want, unit.len * times});
    free(bytes);
    free(want);
}

/* What is wrong with some input, the input in hexadecimal, and how much it should expand to. */
struct malformed {
    const char *why;
    const char *text;
    size_t size;
};

static inline void check_malformed(decompress_fn *decompress, const struct malformed *cases,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[512];
        struct span in = {bytes, strlen(cases[i].text) / 2};
        ck_assert_uint_le(in.len, sizeof bytes);
        hex(bytes, cases[i].text);
        ck_assert_msg(!expands(decompress, in, NULL, cases[i].size), "accepted: %s", cases[i].why);
    }
}

#endif
