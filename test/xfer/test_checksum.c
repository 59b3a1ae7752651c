#include "xfer/checksum.h"

#include <string.h>
#include <zlib.h>

#include "test/failmalloc.h"
#include "test/run.h"

/* The check value of CRC-32/ISO-HDLC (Greg Cook's catalogue of parametrised CRC algorithms). */
START_TEST(known_bytes_have_the_known_checksum)
{
    struct checksum sum = {0};

    ck_assert(checksum_add(&sum, 0, "123456789", 9));
    ck_assert_uint_eq(checksum_crc32(&sum), 0xcbf43926);
    checksum_free(&sum);
}
END_TEST

START_TEST(of_nothing_it_is_zero)
{
    struct checksum sum = {0};

    ck_assert_uint_eq(checksum_crc32(&sum), 0);
    checksum_free(&sum);
}
END_TEST

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

enum { PIECES = 100, PIECE = 50 };

static const uint8_t *some_bytes(void)
{
    static uint8_t bytes[PIECES * PIECE];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    }
    return bytes;
}

static void shuffle(unsigned order[PIECES], uint32_t seed)
{
    for (unsigned i = 0; i < PIECES; i++) {
        unsigned other = next_random(&seed) % (i + 1);
        order[i] = order[other];
        order[other] = i;
    }
}

START_TEST(pieces_may_come_in_any_order)
{
    const uint8_t *bytes = some_bytes();
    uLong right = crc32_z(0, bytes, PIECES * PIECE);

    for (uint32_t seed = 1; seed < 50; seed++) {
        struct checksum sum = {0};
        unsigned order[PIECES];
        shuffle(order, seed);
        for (unsigned i = 0; i < PIECES; i++) {
            ck_assert(checksum_add(&sum, order[i] * PIECE, bytes + order[i] * PIECE, PIECE));
        }
        ck_assert_uint_eq(checksum_crc32(&sum), right);
        checksum_free(&sum);
    }
}
END_TEST

START_TEST(what_comes_again_counts_once)
{
    const uint8_t *bytes = some_bytes();
    struct checksum sum = {0};

    ck_assert(checksum_add(&sum, 200, bytes + 200, 100));
    ck_assert(checksum_add(&sum, 0, bytes, 100));
    ck_assert(checksum_add(&sum, 40, bytes + 40, 160)); /* from within, and to the next */
    ck_assert(checksum_add(&sum, 250, bytes + 250, 30));
    ck_assert(checksum_add(&sum, 250, bytes + 250, 80));
    ck_assert_uint_eq(checksum_crc32(&sum), crc32_z(0, bytes, 330));
    checksum_free(&sum);
}
END_TEST

START_TEST(no_more_is_kept_than_there_are_gaps)
{
    static const uint8_t byte = 1;
    struct checksum sum = {0};

    for (unsigned i = 0; i < 1000; i++) { /* as two ranges that overtake one another */
        ck_assert(checksum_add(&sum, i ^ 1, &byte, 1));
        ck_assert_uint_le(sum.count, 2);
    }
    ck_assert_uint_eq(sum.count, 1);
    checksum_free(&sum);
}
END_TEST

START_TEST(without_memory_it_says_so)
{
    static const uint8_t byte = 1;
    struct checksum sum = {0};

    for (unsigned i = 0; i < 1000; i++) {
        fail_malloc(0, false);
        bool ok = checksum_add(&sum, i * 2, &byte, 1);
        bool failed = fail_malloc_off();
        ck_assert(ok != failed);
        ck_assert(ok || checksum_add(&sum, i * 2, &byte, 1));
    }
    ck_assert_uint_eq(sum.count, 1000);
    checksum_free(&sum);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/checksum", known_bytes_have_the_known_checksum, of_nothing_it_is_zero,
                     pieces_may_come_in_any_order, what_comes_again_counts_once,
                     no_more_is_kept_than_there_are_gaps, without_memory_it_says_so);
}
