#include "base/rate.h"

#include "base/clock.h"
#include "test/run.h"

enum { RANGE = 1000 };

/* Spend ranges whenever that is allowed, until `end_ns`; how many bytes that were. */
static uint64_t spend_until(struct rate *rate, uint64_t *now_ns, uint64_t end_ns)
{
    uint64_t bytes = 0;

    while (*now_ns < end_ns) {
        *now_ns = rate_next(rate, *now_ns);
        rate_spend(rate, *now_ns, RANGE);
        bytes += RANGE;
    }
    return bytes;
}

START_TEST(without_a_limit_it_is_always_time)
{
    struct rate rate = {0};

    rate_spend(&rate, 5, 1 << 30);
    rate_refund(&rate, 1 << 30);
    ck_assert_uint_eq(rate_next(&rate, 7), 7);
    ck_assert_uint_eq(rate_portion(&rate), SIZE_MAX);
}
END_TEST

START_TEST(in_the_long_run_the_limit_is_kept)
{
    static const uint64_t limits[] = {1500, 1000000, 123456789, 40000000000};

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rate rate = {.limit = limits[i]};
        uint64_t now_ns = 0, seconds = limits[i] > 1000000000 ? 1 : 10;
        uint64_t bytes = spend_until(&rate, &now_ns, seconds * NS_PER_S);
        uint64_t right = limits[i] * seconds;
        ck_assert_uint_ge(bytes, right - right / 50); /* a cost of 25 ns is counted in whole ones */
        ck_assert_uint_le(bytes, right + right / 50 + limits[i] / 10 + 2ull * RANGE);
    }
}
END_TEST

START_TEST(a_pause_is_made_up_for_by_a_tenth_of_a_second)
{
    struct rate rate = {.limit = 1000000};
    uint64_t now_ns = 100 * NS_PER_S, burst = 0;

    while (rate_next(&rate, now_ns) == now_ns) {
        rate_spend(&rate, now_ns, RANGE);
        burst += RANGE;
    }
    ck_assert_uint_eq(burst, 100000 + RANGE);
    ck_assert_uint_eq(rate_next(&rate, now_ns), now_ns + NS_PER_MS);
}
END_TEST

START_TEST(a_range_that_is_long_is_paid_for_afterwards)
{
    struct rate rate = {.limit = 1000};

    rate_spend(&rate, 0, 64000);
    ck_assert_uint_eq(rate_next(&rate, 0), 64 * NS_PER_S);
    rate_refund(&rate, 63000);
    ck_assert_uint_eq(rate_next(&rate, 0), NS_PER_S);
    rate_refund(&rate, 64000);
    ck_assert_uint_eq(rate_next(&rate, 0), 0);
}
END_TEST

START_TEST(a_portion_is_worth_a_tenth_of_a_second_and_not_too_small)
{
    ck_assert_uint_eq(rate_portion(&(struct rate){.limit = 10000000}), 1000000);
    ck_assert_uint_eq(rate_portion(&(struct rate){.limit = 1}), 65536);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "base/rate", without_a_limit_it_is_always_time, in_the_long_run_the_limit_is_kept,
        a_pause_is_made_up_for_by_a_tenth_of_a_second, a_range_that_is_long_is_paid_for_afterwards,
        a_portion_is_worth_a_tenth_of_a_second_and_not_too_small);
}
