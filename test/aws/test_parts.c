/* Into which parts an object is cut. */
#include "aws/parts.h"
#include "lsmb.h"
#include "test/run.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

START_TEST(what_fits_into_eight_mib_is_one_part)
{
    struct parts parts;
    struct part_place place;

    ck_assert(parts_plan(&parts, 8 * MIB));
    ck_assert_uint_eq(parts.first, 8 * MIB);
    ck_assert(parts_at(&parts, 8 * MIB - 1, &place));
    ck_assert_uint_eq(place.number, 1);
    ck_assert_uint_eq(place.begin, 0);
    ck_assert_uint_eq(place.end, 8 * MIB);
    ck_assert(!parts_at(&parts, 8 * MIB, &place));
}
END_TEST

START_TEST(the_last_part_is_what_is_left)
{
    struct parts parts;
    struct part_place place;

    ck_assert(parts_plan(&parts, 20 * MIB + 5));
    ck_assert(parts_at(&parts, 16 * MIB, &place));
    ck_assert_uint_eq(place.number, 3);
    ck_assert_uint_eq(place.begin, 16 * MIB);
    ck_assert_uint_eq(place.end, 20 * MIB + 5);
}
END_TEST

/* Every length that S3 takes becomes no more than 10,000 parts of 5 MiB to 5 GiB. */
START_TEST(parts_grow_with_the_length)
{
    static const uint64_t lengths[] = {75 * GIB, 300 * GIB, 5 * TIB, 40 * TIB, 50000 * GIB};
    static const uint64_t sizes[] = {9 * MIB, 33 * MIB, 552 * MIB, 4416 * MIB, 5 * GIB};

    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct parts parts;
        struct part_place place;
        ck_assert(parts_plan(&parts, lengths[i]));
        ck_assert_uint_eq(parts.first, sizes[i]);
        ck_assert(parts_at(&parts, lengths[i] - 1, &place));
        ck_assert_uint_le(place.number, PARTS_MAX);
        ck_assert_uint_eq(place.end, lengths[i]);
    }
}
END_TEST

START_TEST(what_is_longer_than_any_object_is_refused)
{
    struct parts parts;

    ck_assert_uint_eq(parts_limit(0), 50000 * GIB);
    ck_assert(!parts_plan(&parts, 50000 * GIB + 1));
    ck_assert(!parts_plan(&parts, LSMB_SIZE_UNKNOWN - 1));
}
END_TEST

START_TEST(parts_of_a_length_that_is_not_known_double_and_end)
{
    struct parts parts;
    struct part_place place;
    uint64_t begin = 0, size = 8 * MIB;

    ck_assert(parts_plan(&parts, LSMB_SIZE_UNKNOWN));
    for (unsigned number = 1; number <= 10000; number++) {
        ck_assert(parts_at(&parts, begin, &place));
        ck_assert_uint_eq(place.number, number);
        ck_assert_uint_eq(place.begin, begin);
        ck_assert_uint_eq(place.end, begin + size);
        ck_assert(parts_at(&parts, begin + size - 1, &place));
        ck_assert_uint_eq(place.number, number);
        begin += size;
        size = number % 2500 == 0 ? 2 * size : size;
    }
    ck_assert_uint_eq(begin, parts_limit(LSMB_SIZE_UNKNOWN));
    ck_assert(!parts_at(&parts, begin, &place));
    ck_assert(!parts_at(&parts, UINT64_MAX, &place));
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/parts", what_fits_into_eight_mib_is_one_part,
                     the_last_part_is_what_is_left, parts_grow_with_the_length,
                     what_is_longer_than_any_object_is_refused,
                     parts_of_a_length_that_is_not_known_double_and_end);
}
