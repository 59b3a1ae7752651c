/* The checksum of a whole from those of its pieces. */
#include "aws/sum.h"
#include "test/run.h"

#include <string.h>

static const uint8_t text[] = "123456789";

static struct sum_span *span(enum crc_kind kind, uint64_t begin, uint64_t end)
{
    struct sum_span *s = calloc(1, sizeof *s);

    ck_assert_ptr_nonnull(s);
    s->begin = begin;
    s->end = end;
    s->crc = crc_add(kind, 0, text + begin, (size_t)(end - begin));
    return s;
}

/* All orders of four pieces.  Check values: "A Painless Guide to CRC Error Detection Algorithms" and its catalogue. */
START_TEST(pieces_come_in_any_order)
{
    static const enum crc_kind kinds[] = {CRC_32, CRC_32C, CRC_64NVME};
    static const uint64_t check[] = {0xCBF43926, 0xE3069283, 0xAE8B14860A799888};
    static const uint64_t bounds[] = {0, 1, 4, 6, 9};

    for (unsigned i = 0; i < 3 * 256; i++) {
        unsigned order[] = {i % 4, i / 4 % 4, i / 16 % 4, i / 64 % 4}, seen = 0;
        enum crc_kind kind = kinds[i / 256];
        struct sum sum;
        uint64_t crc;
        for (unsigned n = 0; n < 4; n++) {
            seen |= 1u << order[n];
        }
        if (seen != 15) {
            continue;
        }
        sum_init(&sum, kind);
        for (unsigned n = 0; n < 4; n++) {
            ck_assert(!sum_get(&sum, 9, &crc));
            sum_add(&sum, span(kind, bounds[order[n]], bounds[order[n] + 1]));
        }
        ck_assert(sum_get(&sum, 9, &crc));
        ck_assert_uint_eq(crc, check[i / 256]);
        sum_free(&sum);
    }
}
END_TEST

START_TEST(an_empty_piece_is_one)
{
    struct sum sum;
    uint64_t crc;

    sum_init(&sum, CRC_32);
    sum_add(&sum, span(CRC_32, 0, 0));
    ck_assert(sum_get(&sum, 0, &crc));
    ck_assert_uint_eq(crc, 0);
    sum_free(&sum);
}
END_TEST

START_TEST(with_a_gap_there_is_none)
{
    struct sum sum;
    uint64_t crc;

    sum_init(&sum, CRC_32);
    sum_add(&sum, span(CRC_32, 0, 2));
    sum_add(&sum, span(CRC_32, 3, 9));
    ck_assert(!sum_get(&sum, 9, &crc));
    ck_assert(!sum_get(&sum, 2, &crc)); /* there is more than that */
    sum_free(&sum);
}
END_TEST

START_TEST(where_none_is_wanted_none_is_computed)
{
    struct sum sum;
    uint64_t crc;

    sum_init(&sum, CRC_NONE);
    sum_add(&sum, span(CRC_32, 0, 9));
    ck_assert(sum_get(&sum, 9, &crc));
    ck_assert_uint_eq(crc, 0);
    sum_free(&sum);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/sum", pieces_come_in_any_order, an_empty_piece_is_one,
                     with_a_gap_there_is_none, where_none_is_wanted_none_is_computed);
}
