/* test_units.c: durations and sizes as people write them. */
#include "test/run.h"
#include "tools/units.h"

static void check_duration(const char *text, uint32_t want_ms)
{
    struct refusal why = {""};
    uint32_t ms = 0;

    ck_assert_msg(units_duration(text, &ms, &why), "%s: %s", text, why.text);
    ck_assert_msg(ms == want_ms, "%s: %u", text, ms);
}

static void check_bytes(const char *text, uint64_t want)
{
    struct refusal why = {""};
    uint64_t bytes = 0;

    ck_assert_msg(units_bytes(text, &bytes, &why), "%s: %s", text, why.text);
    ck_assert_msg(bytes == want, "%s: %llu", text, (unsigned long long)bytes);
}

START_TEST(what_is_no_duration_is_refused)
{
    static const char *const bad[] = {"",    "s",    "5x",  "-5s",  " 5s", "5 s",
                                      "5s ", "1.5s", "5mm", "1h30", "5sm", "0x5"};
    struct refusal why;
    uint32_t ms = 0;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!units_duration(bad[i], &ms, &why), "'%s' became %u", bad[i], ms);
    }
}
END_TEST

START_TEST(a_duration_of_nothing_or_beyond_32_bits_is_refused)
{
    struct refusal why;
    uint32_t ms = 0;

    ck_assert(!units_duration("0", &ms, &why));
    ck_assert(!units_duration("0h0m", &ms, &why));
    ck_assert(!units_duration("50d", &ms, &why));
    ck_assert(!units_duration("49d23h", &ms, &why));
    ck_assert(!units_duration("4294967296ms", &ms, &why));
    ck_assert(!units_duration("99999999999999999999s", &ms, &why));
}
END_TEST

START_TEST(durations_have_units_and_a_bare_number_is_seconds)
{
    check_duration("500ms", 500);
    check_duration("10", 10000);
    check_duration("10s", 10000);
    check_duration("5m", 300000);
    check_duration("2h", 7200000);
    check_duration("1d", 86400000);
    check_duration("1h30m", 5400000);
    check_duration("0h1m", 60000);
    check_duration("4294967295ms", UINT32_MAX);
}
END_TEST

START_TEST(what_is_no_size_is_refused)
{
    static const char *const bad[] = {"",         "k",    "0",    "-1",     "1.5M",
                                      "16X",      "16 M", "16Mi", "16MiBB", "18446744073709551616",
                                      "16777216T"};
    struct refusal why;
    uint64_t bytes = 0;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!units_bytes(bad[i], &bytes, &why), "'%s'", bad[i]);
    }
}
END_TEST

START_TEST(sizes_count_in_1024_unless_they_say_otherwise)
{
    check_bytes("65536", 65536);
    check_bytes("1b", 1);
    check_bytes("64k", 65536);
    check_bytes("16M", 16777216);
    check_bytes("16MiB", 16777216);
    check_bytes("16MB", 16000000);
    check_bytes("1g", 1073741824);
    check_bytes("2T", UINT64_C(2199023255552));
    check_bytes("18446744073709551615", UINT64_MAX);
}
END_TEST

START_TEST(a_rate_is_a_size_per_second)
{
    struct refusal why;
    uint64_t bytes = 0;

    ck_assert(!units_rate("", &bytes, &why));
    ck_assert(!units_rate("/s", &bytes, &why));
    ck_assert(!units_rate("1M/m", &bytes, &why));
    ck_assert(!units_rate("0/s", &bytes, &why));
    ck_assert(!units_rate("1/s/s", &bytes, &why));
    ck_assert(!units_rate("1000000000000000000000000000000000000000000000000000000000000000000",
                          &bytes, &why));
    ck_assert(units_rate("500k", &bytes, &why));
    ck_assert_uint_eq(bytes, 512000);
    ck_assert(units_rate("10MB/s", &bytes, &why));
    ck_assert_uint_eq(bytes, 10000000);
}
END_TEST

START_TEST(a_count_has_bounds)
{
    struct refusal why;
    uint32_t n = 0;

    ck_assert(!units_count("", 32, &n, &why));
    ck_assert(!units_count("0", 32, &n, &why));
    ck_assert(!units_count("33", 32, &n, &why));
    ck_assert(!units_count("-1", 32, &n, &why));
    ck_assert(!units_count("1x", 32, &n, &why));
    ck_assert(!units_count("18446744073709551617", 32, &n, &why));
    ck_assert(units_count("32", 32, &n, &why));
    ck_assert_uint_eq(n, 32);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/units", what_is_no_duration_is_refused,
                     a_duration_of_nothing_or_beyond_32_bits_is_refused,
                     durations_have_units_and_a_bare_number_is_seconds, what_is_no_size_is_refused,
                     sizes_count_in_1024_unless_they_say_otherwise, a_rate_is_a_size_per_second,
                     a_count_has_bounds);
}
