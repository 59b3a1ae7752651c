/* test_stats.c: counting answers, and whom waiting is charged to. */
#include "base/ntstatus.h"
#include "base/stats.h"
#include "test/run.h"

START_TEST(answers_are_counted_by_command)
{
    struct stats stats = {.copies_count = 0};
    const struct lsmb_command_stats *read = &stats.sum.commands[8];

    stats_answered(&stats, 8, 0, false, 2000);
    stats_answered(&stats, 8, (uint32_t)STATUS_ACCESS_DENIED, true, 5000);
    stats_answered(&stats, 14, (uint32_t)STATUS_NO_MORE_FILES, false, 1);
    ck_assert_uint_eq(read->count, 2);
    ck_assert_uint_eq(read->errors, 1);
    ck_assert_uint_eq(read->pending, 1);
    ck_assert_uint_eq(read->total_ns, 7000);
    ck_assert_uint_eq(read->max_ns, 5000);
    ck_assert_uint_eq(stats.sum.commands[14].errors, 0); /* a warning */
}
END_TEST

START_TEST(a_logon_that_goes_on_is_no_error)
{
    struct stats stats = {.copies_count = 0};

    stats_answered(&stats, 1, (uint32_t)STATUS_MORE_PROCESSING_REQUIRED, false, 1);
    stats_answered(&stats, 1, (uint32_t)STATUS_LOGON_FAILURE, false, 1);
    ck_assert_uint_eq(stats.sum.commands[1].count, 2);
    ck_assert_uint_eq(stats.sum.commands[1].errors, 1);
}
END_TEST

START_TEST(latencies_are_counted_by_powers_of_two)
{
    static const struct {
        uint64_t ns;
        unsigned at;
    } cases[] = {
        {0, 0},    {1023, 0},           {1024, 1},           {2047, 1},
        {2048, 2}, {1024ull << 30, 31}, {1024ull << 31, 31}, {UINT64_MAX, 31},
        {4095, 2}, {4096, 3},           {1000000, 10},       {(1024ull << 30) - 1, 30},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stats stats = {.copies_count = 0};
        stats_answered(&stats, 0, 0, false, cases[i].ns);
        ck_assert_msg(stats.sum.commands[0].latency[cases[i].at] == 1, "case %zu", i);
    }
}
END_TEST

START_TEST(waiting_is_shared_among_the_copies)
{
    struct stats stats = {.copies_count = 0};
    struct stats_copy copies[4] = {{.runs = false}};

    stats_copy_waits(&stats, &copies[0], LSMB_BOUND_SERVER);
    stats_waited(&stats, 100);
    for (unsigned i = 1; i < 4; i++) {
        stats_copy_waits(&stats, &copies[i], LSMB_BOUND_SINK);
    }
    stats_waited(&stats, 100);
    stats_copy_waits(&stats, &copies[0], LSMB_BOUND_SINK); /* it is still one */
    stats_waited(&stats, 100);
    ck_assert_uint_eq(stats.sum.bound_ns[LSMB_BOUND_SERVER], 125);
    ck_assert_uint_eq(stats.sum.bound_ns[LSMB_BOUND_SINK], 175);
    for (unsigned i = 0; i < 4; i++) {
        stats_copy_ended(&stats, &copies[i]);
        stats_copy_ended(&stats, &copies[i]);
    }
    ck_assert_uint_eq(stats.copies_count, 0);
}
END_TEST

START_TEST(without_a_copy_nobody_waits)
{
    struct stats stats = {.copies_count = 0};

    stats_waited(&stats, 100);
    for (unsigned i = 0; i < LSMB_BOUNDS; i++) {
        ck_assert_uint_eq(stats.sum.bound_ns[i], 0);
    }
}
END_TEST

START_TEST(peaks_only_rise)
{
    uint64_t peak = 5;
    uint32_t peak32 = 5;

    stats_peak(&peak, 3);
    stats_peak32(&peak32, 3);
    ck_assert(peak == 5 && peak32 == 5);
    stats_peak(&peak, 7);
    stats_peak32(&peak32, 7);
    ck_assert(peak == 7 && peak32 == 7);
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/stats", answers_are_counted_by_command, a_logon_that_goes_on_is_no_error,
                     latencies_are_counted_by_powers_of_two, waiting_is_shared_among_the_copies,
                     without_a_copy_nobody_waits, peaks_only_rise);
}
