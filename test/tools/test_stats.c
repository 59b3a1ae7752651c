/* test_stats.c: what is told of a run. */
#include "test/run.h"
#include "tools/stats.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define MS UINT64_C(1000000)

static struct lsmb_stats some_stats(void)
{
    struct lsmb_stats stats = {.size = sizeof stats,
                               .bytes_in = 90 << 20,
                               .bytes_out = 10 << 20,
                               .receive_calls = 200,
                               .send_calls = 50,
                               .round_trip_ns = 123456,
                               .credits_peak = 512};

    stats.commands[8] = (struct lsmb_command_stats){
        .count = 100, .errors = 1, .pending = 2, .total_ns = 300 * MS, .max_ns = 50 * MS};
    stats.commands[8].latency[10] = 90;
    stats.commands[8].latency[20] = 10;
    stats.bound_ns[LSMB_BOUND_SERVER] = 900 * MS;
    stats.bound_ns[LSMB_BOUND_CPU] = 300 * MS;
    return stats;
}

static char *text_of(void (*print)(FILE *, const struct lsmb_stats *, const struct stats_run *),
                     const struct lsmb_stats *stats)
{
    const struct stats_run run = {.elapsed_ms = 2500, .about = {.window_bytes = 1 << 20}};
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(to);
    print(to, stats, &run);
    ck_assert_int_eq(fclose(to), 0);
    return text;
}

START_TEST(without_answers_there_is_no_latency)
{
    const struct lsmb_command_stats none = {.count = 0};

    ck_assert_uint_eq(stats_latency_ns(&none, 50), 0);
    ck_assert_uint_eq(stats_latency_ns(&none, 100), 0);
}
END_TEST

START_TEST(a_latency_is_the_bound_of_its_class)
{
    struct lsmb_command_stats c = {.max_ns = 3000};

    c.latency[0] = 50;
    c.latency[2] = 50;
    ck_assert_uint_eq(stats_latency_ns(&c, 50), 1024);
    ck_assert_uint_eq(stats_latency_ns(&c, 51), 3000); /* none took longer */
    c.max_ns = 5000;
    ck_assert_uint_eq(stats_latency_ns(&c, 95), 4096);
    c.latency[31] = 1000;
    c.max_ns = UINT64_MAX;
    ck_assert_uint_eq(stats_latency_ns(&c, 95), UINT64_C(1024) << 31);
}
END_TEST

START_TEST(the_table_says_what_would_help)
{
    struct lsmb_stats stats = some_stats();

    stats.window_peak = 1 << 20;
    char *text = text_of(stats_table, &stats);

    ck_assert_ptr_nonnull(strstr(text, "\nREAD                   100       1       2"));
    ck_assert_ptr_null(strstr(text, "WRITE"));
    ck_assert_ptr_nonnull(strstr(text, "1.048 ms       50 ms       50 ms\n"));
    ck_assert_ptr_nonnull(strstr(text, "time: 2.500 s\n"));
    ck_assert_ptr_nonnull(strstr(text, "round trip: 0.123 ms\n"));
    ck_assert_ptr_nonnull(strstr(text, "200 to receive, 50 to send, 2.50 for a MiB\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nlargest window:"));
    ck_assert_ptr_nonnull(strstr(text, "bound the speed: waiting for the server's answers, in 75% "
                                       "of the 1.200 s of copying.  What would help: a larger"));
    free(text);
}
END_TEST

START_TEST(nothing_copied_was_bound_by_nothing)
{
    struct lsmb_stats stats = {.size = sizeof stats};
    char *text = text_of(stats_table, &stats);

    ck_assert_ptr_null(strstr(text, "bound"));
    ck_assert_ptr_null(strstr(text, "window"));
    ck_assert_ptr_null(strstr(text, "MiB\n"));
    free(text);
}
END_TEST

START_TEST(the_object_is_json)
{
    struct lsmb_stats stats = some_stats();
    char *text = text_of(stats_json, &stats);
    json_t *root = json_loads(text, 0, NULL);

    ck_assert_msg(root != NULL, "%s", text);
    json_t *read = json_object_get(json_object_get(root, "commands"), "READ");
    ck_assert_int_eq(json_integer_value(json_object_get(read, "answers")), 100);
    ck_assert_int_eq(json_integer_value(json_object_get(read, "p95_ns")), 50000000);
    ck_assert_int_eq(json_integer_value(json_object_get(root, "elapsed_ms")), 2500);
    ck_assert_str_eq(json_string_value(json_object_get(root, "bound_by")), "server");
    ck_assert_uint_eq(json_object_size(json_object_get(root, "bound_ns")), LSMB_BOUNDS);
    ck_assert_ptr_null(json_object_get(root, "advice")); /* there is none to give */
    json_decref(root);
    free(text);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/stats", without_answers_there_is_no_latency,
                     a_latency_is_the_bound_of_its_class, the_table_says_what_would_help,
                     nothing_copied_was_bound_by_nothing, the_object_is_json);
}
