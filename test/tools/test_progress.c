/* test_progress.c: how a bar looks. */
#include "test/run.h"
#include "tools/progress.h"
#include "tools/show.h"

#include <string.h>

#define MIB (UINT64_C(1024) * 1024)

START_TEST(a_bar_shows_name_share_rate_and_time_left)
{
    struct progress p = {.name = "file", .bytes = 25 * MIB, .total = 100 * MIB, .running = true};
    char out[256];

    p.rate = 25.0 * MIB;
    progress_bar(&p, 79, out, sizeof out);
    ck_assert_str_eq(
        out, "file [=======>                          ]  25%   25.0 MiB   25.0 MiB/s ETA 0:03");
    ck_assert_uint_eq(show_width(out), 79);
}
END_TEST

START_TEST(a_bar_never_outgrows_its_line)
{
    struct progress p = {.bytes = 1, .total = 3, .running = true};
    char out[1024];

    memset(p.name, 'n', sizeof p.name - 1);
    for (size_t columns = 1; columns < 300; columns++) {
        progress_bar(&p, columns, out, sizeof out);
        ck_assert_msg(show_width(out) <= columns, "%zu: '%s'", columns, out);
    }
}
END_TEST

START_TEST(a_name_is_cut_between_characters)
{
    struct progress p = {.name = "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
                         .total = LSMB_SIZE_UNKNOWN,
                         .running = true};
    char out[256], safe[256];

    for (size_t columns = 20; columns < 60; columns++) {
        progress_bar(&p, columns, out, sizeof out);
        show_safe(safe, sizeof safe, out);
        ck_assert_str_eq(out, safe);
    }
}
END_TEST

START_TEST(an_unknown_size_has_no_bar)
{
    struct progress p = {
        .name = "f", .bytes = 2048, .total = LSMB_SIZE_UNKNOWN, .rate = 1024, .running = true};
    char out[256];

    progress_bar(&p, 79, out, sizeof out);
    ck_assert_str_eq(out, "f    2.0 KiB    1.0 KiB/s");
}
END_TEST

START_TEST(a_finished_bar_is_full)
{
    struct progress p = {.name = "f", .started_ms = 1000, .shown_ms = 62000};
    char out[256];

    progress_bar(&p, 60, out, sizeof out);
    ck_assert_ptr_nonnull(strstr(out, "==] 100%"));
    ck_assert_ptr_nonnull(strstr(out, "in 1:01"));
}
END_TEST

START_TEST(a_tree_counts_its_files)
{
    struct progress p = {.mode = PROGRESS_NONE, .name = "t", .running = true, .rate = 1024};
    struct lsmb_tree_result so_far = {.files = 3, .found = 5, .bytes = 1024, .found_bytes = 2048};
    char out[256];

    progress_tree(&p, &so_far);
    progress_bar(&p, 79, out, sizeof out);
    ck_assert_str_eq(out, "t 3/5+ files    1.0 KiB    1.0 KiB/s");
    so_far.listed = true;
    progress_tree(&p, &so_far);
    progress_bar(&p, 79, out, sizeof out);
    ck_assert_ptr_nonnull(strstr(out, "3/5 files  50%    1.0 KiB    1.0 KiB/s ETA -:--"));
}
END_TEST

START_TEST(the_files_of_a_tree_take_time_too)
{
    struct progress p = {.mode = PROGRESS_NONE, .running = true, .rate = 1024, .shown_ms = 10000};
    struct lsmb_tree_result so_far = {
        .files = 250, .found = 1000, .bytes = 9000, .found_bytes = 10000, .listed = true};
    char out[256];

    progress_tree(&p, &so_far);
    progress_bar(&p, 79, out, sizeof out);
    ck_assert_ptr_nonnull(strstr(out, " 25% "));
    ck_assert_ptr_nonnull(strstr(out, "ETA 0:30"));
    so_far.bytes = 1000;
    progress_tree(&p, &so_far);
    progress_bar(&p, 79, out, sizeof out);
    ck_assert_ptr_nonnull(strstr(out, "ETA 1:30"));
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/progress", a_bar_shows_name_share_rate_and_time_left,
                     a_bar_never_outgrows_its_line, a_name_is_cut_between_characters,
                     an_unknown_size_has_no_bar, a_finished_bar_is_full, a_tree_counts_its_files,
                     the_files_of_a_tree_take_time_too);
}
