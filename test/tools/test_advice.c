/* test_advice.c: what would help, by what the numbers show. */
#include "test/run.h"
#include "tools/advice.h"

#include <string.h>

#define MIB UINT64_C(1048576)

enum { FLUSH = 7, READ = 8 }; /* MS-SMB2 2.2.1.2 */

static const struct advice_about plain = {.window_bytes = 40 * MIB};

static void check(enum lsmb_bound bound, const struct lsmb_stats *stats,
                  const struct advice_about *about, const char *wanted)
{
    const char *advice = advice_of(bound, stats, about);

    if (wanted) {
        ck_assert_msg(advice && strstr(advice, wanted), "%s, not %s", advice ? advice : "nothing",
                      wanted);
    } else {
        ck_assert_msg(!advice, "%s", advice);
    }
}

START_TEST(the_longest_wait_bound_the_speed)
{
    struct lsmb_stats stats = {.size = sizeof stats, .bytes_in = 2 * MIB};

    ck_assert_int_eq(advice_bound(&stats), LSMB_BOUNDS);
    stats.bound_ns[LSMB_BOUND_LIMIT] = 2;
    stats.bound_ns[LSMB_BOUND_SINK] = 1;
    ck_assert_int_eq(advice_bound(&stats), LSMB_BOUND_LIMIT);
    ck_assert_uint_eq(advice_copied_ns(&stats), 3);
}
END_TEST

START_TEST(what_is_little_tells_nothing)
{
    struct lsmb_stats stats = {.size = sizeof stats, .bytes_in = 1000};

    stats.bound_ns[LSMB_BOUND_SERVER] = 5;
    stats.commands[READ].count = 5;
    ck_assert_int_eq(advice_bound(&stats), LSMB_BOUNDS);
    stats.commands[READ].count = 500; /* small files are many */
    ck_assert_int_eq(advice_bound(&stats), LSMB_BOUND_SERVER);
}
END_TEST

START_TEST(a_full_window_could_be_larger)
{
    struct lsmb_stats stats = {.size = sizeof stats, .window_peak = 4 * MIB};

    stats.commands[READ].total_ns = 100;
    check(LSMB_BOUND_SERVER, &stats, &plain, NULL);
    stats.window_peak = 39 * MIB;
    check(LSMB_BOUND_SERVER, &stats, &plain, "--window");
}
END_TEST

START_TEST(a_tree_that_has_all_its_connections_could_have_more)
{
    struct lsmb_stats stats = {.size = sizeof stats, .connections = 4};
    struct advice_about about = {.window_bytes = 40 * MIB, .connections = 4};

    stats.commands[READ].total_ns = 100;
    check(LSMB_BOUND_SERVER, &stats, &about, "--connections");
    check(LSMB_BOUND_CREDITS, &stats, &about, "--connections");
    stats.connections = 2; /* it did not even use those */
    check(LSMB_BOUND_SERVER, &stats, &about, NULL);
    stats.connections = about.connections = LSMB_CONNECTIONS_MAX;
    check(LSMB_BOUND_SERVER, &stats, &about, NULL);
    stats.connections = 4;
    check(LSMB_BOUND_CREDITS, &stats, &plain, "server's settings");
}
END_TEST

START_TEST(a_long_flush_is_the_servers_disk)
{
    struct lsmb_stats stats = {.size = sizeof stats, .window_peak = 40 * MIB};

    stats.bound_ns[LSMB_BOUND_SERVER] = 100;
    stats.commands[READ] = (struct lsmb_command_stats){.count = 1000, .total_ns = 10000};
    stats.commands[FLUSH] = (struct lsmb_command_stats){.count = 1, .total_ns = 40};
    check(LSMB_BOUND_SERVER, &stats, &plain, "--window");
    stats.commands[FLUSH].total_ns = 60;
    check(LSMB_BOUND_SERVER, &stats, &plain, "disk in the server");
    stats.commands[FLUSH] = (struct lsmb_command_stats){.count = 1000, .total_ns = 20000};
    check(LSMB_BOUND_SERVER, &stats, &plain, "disk in the server");
}
END_TEST

START_TEST(cryptography_is_to_blame_only_where_there_is_some)
{
    const struct lsmb_stats stats = {.size = sizeof stats};
    struct advice_about about = plain;

    check(LSMB_BOUND_CPU, &stats, &about, "several runs");
    about.signing = true;
    about.signing_alg = LSMB_AES_CMAC;
    check(LSMB_BOUND_CPU, &stats, &about, "gmac");
    about.sealing = true;
    about.cipher = LSMB_AES_256_GCM;
    check(LSMB_BOUND_CPU, &stats, &about, "aes-128-gcm");
    about.cipher = LSMB_AES_128_GCM;
    check(LSMB_BOUND_CPU, &stats, &about, "several runs");
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "tools/advice", the_longest_wait_bound_the_speed, what_is_little_tells_nothing,
        a_full_window_could_be_larger, a_tree_that_has_all_its_connections_could_have_more,
        a_long_flush_is_the_servers_disk, cryptography_is_to_blame_only_where_there_is_some);
}
