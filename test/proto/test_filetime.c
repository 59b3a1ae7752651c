/* test_filetime.c: FILETIME (MS-DTYP 2.3.3) and nanoseconds since 1970. */
#include "proto/filetime.h"
#include "test/run.h"

/* 1970-01-01 00:00:00 UTC. */
#define EPOCH UINT64_C(116444736000000000)

START_TEST(times_go_both_ways)
{
    static const struct {
        uint64_t filetime;
        int64_t ns;
    } cases[] = {
        {0, 0}, /* not known */
        {EPOCH + 1, 100},
        {EPOCH - 1, -100},
        {EPOCH + 10000000, 1000000000},
        {125911584000000000, 946684800000000000},  /* 2000-01-01 */
        {134396797760202284, 1795206176020228400}, /* captured in 2026 */
        {EPOCH + 92233720368547758, 9223372036854775800},
        {EPOCH - 92233720368547758, -9223372036854775800},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(filetime_to_ns(cases[i].filetime), cases[i].ns);
        ck_assert_uint_eq(filetime_from_ns(cases[i].ns), cases[i].filetime);
    }
}
END_TEST

START_TEST(what_is_out_of_range_becomes_the_nearest_value)
{
    ck_assert_int_eq(filetime_to_ns(UINT64_MAX), INT64_MAX);
    ck_assert_int_eq(filetime_to_ns(INT64_MAX), INT64_MAX);
    ck_assert_int_eq(filetime_to_ns(EPOCH + 92233720368547759), INT64_MAX);
    ck_assert_int_eq(filetime_to_ns(EPOCH - 92233720368547759), INT64_MIN);
    ck_assert_int_eq(filetime_to_ns(1), INT64_MIN);
}
END_TEST

START_TEST(nanoseconds_are_rounded_down)
{
    ck_assert_uint_eq(filetime_from_ns(199), EPOCH + 1);
    ck_assert_uint_eq(filetime_from_ns(99), EPOCH);
    ck_assert_uint_eq(filetime_from_ns(-1), EPOCH - 1);
    ck_assert_uint_eq(filetime_from_ns(-101), EPOCH - 2);
    ck_assert_uint_eq(filetime_from_ns(INT64_MAX), EPOCH + 92233720368547758);
    ck_assert_uint_eq(filetime_from_ns(INT64_MIN), EPOCH - 92233720368547759);
}
END_TEST

START_TEST(the_epoch_itself_is_zero)
{
    ck_assert_int_eq(filetime_to_ns(EPOCH), 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/filetime", times_go_both_ways,
                     what_is_out_of_range_becomes_the_nearest_value, nanoseconds_are_rounded_down,
                     the_epoch_itself_is_zero);
}
