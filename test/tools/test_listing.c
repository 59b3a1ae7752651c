/* test_listing.c: what ls prints. */
#include "test/run.h"
#include "tools/listing.h"

#include <string.h>

static void fill(struct listing *list)
{
    struct lsmb_stat small = {.bytes = 7, .attributes = LSMB_ATTR_ARCHIVE};
    struct lsmb_stat large = {
        .bytes = 123456, .written = INT64_C(1700000000000000000), .attributes = LSMB_ATTR_READONLY};
    struct lsmb_stat dir = {.attributes = LSMB_ATTR_DIRECTORY};

    *list = (struct listing){.entries = NULL};
    ck_assert(listing_add(list, "b", &small));
    ck_assert(listing_add(list, "a\x1b", &large));
    ck_assert(listing_add(list, "B", &dir));
    listing_sort(list);
}

static void check_printed(bool lengthy, bool safe, const char *want)
{
    struct listing list;
    char *out = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&out, &len);

    ck_assert_ptr_nonnull(to);
    fill(&list);
    listing_print(&list, to, lengthy, safe);
    ck_assert_int_eq(fclose(to), 0);
    ck_assert_str_eq(out, want);
    free(out);
    listing_free(&list);
}

START_TEST(names_are_sorted_by_their_bytes_and_raw_in_a_pipe)
{
    check_printed(false, false, "B\na\x1b\nb\n");
}
END_TEST

START_TEST(long_lines_have_aligned_columns)
{
    check_printed(true, true,
                  "d-----      0 -                    B\n"
                  "-r---- 123456 2023-11-14T22:13:20Z a\\x1b\n"
                  "----a-      7 -                    b\n");
}
END_TEST

START_TEST(a_listing_grows_with_its_directory)
{
    struct listing list = {.entries = NULL};
    struct lsmb_stat st = {.bytes = 1};

    for (unsigned i = 0; i < 1000; i++) {
        ck_assert(listing_add(&list, "x", &st));
    }
    ck_assert_uint_eq(list.n, 1000);
    ck_assert(!list.no_memory);
    listing_free(&list);
    ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(a_listing_has_an_end)
{
    struct listing list = {.most = 2};
    struct lsmb_stat st = {.bytes = 1};

    ck_assert(listing_add(&list, "x", &st));
    ck_assert(listing_add(&list, "y", &st));
    ck_assert(!list.too_long);
    ck_assert(!listing_add(&list, "z", &st));
    ck_assert(list.too_long && !list.no_memory && list.n == 2);
    listing_free(&list);
}
END_TEST

START_TEST(listings_can_have_an_end_together)
{
    size_t held = 0;
    struct listing above = {.most = 2, .held = &held}, below = above;
    struct lsmb_stat st = {.bytes = 1};

    ck_assert(listing_add(&above, "x", &st));
    ck_assert(listing_add(&below, "y", &st));
    ck_assert(!listing_add(&below, "z", &st));
    ck_assert(below.too_long && !above.too_long);
    listing_free(&below);
    ck_assert(listing_add(&above, "z", &st));
    listing_free(&above);
    ck_assert_uint_eq(held, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/listing", names_are_sorted_by_their_bytes_and_raw_in_a_pipe,
                     long_lines_have_aligned_columns, a_listing_grows_with_its_directory,
                     a_listing_has_an_end, listings_can_have_an_end_together);
}
