/* test_filter.c: which files of a tree are wanted. */
#include "test/run.h"
#include "tools/filter.h"

#include <string.h>

static struct filter filter;
static struct refusal why;

/* Words "+PATTERN" and "-PATTERN". */
static void set_filter(const char *const *words)
{
    filter = (struct filter){.n = 0};
    for (; *words; words++) {
        ck_assert(filter_add(&filter, *words + 1, **words == '-', &why));
    }
}

#define FILTER(...) set_filter((const char *const[]){__VA_ARGS__, NULL})

static bool file(const char *path)
{
    return filter_wants(&filter, path, false);
}

static bool folder(const char *path)
{
    return filter_wants(&filter, path, true);
}

START_TEST(patterns_that_name_nothing_are_refused)
{
    filter = (struct filter){.n = 0};
    ck_assert(!filter_add(&filter, "", false, &why));
    ck_assert(!filter_add(&filter, "/", false, &why));
    ck_assert(!filter_add(&filter, "dir/", true, &why));
    for (size_t i = 0; i < FILTER_PATTERNS_MAX; i++) {
        ck_assert(filter_add(&filter, "a", false, &why));
    }
    ck_assert(!filter_add(&filter, "a", false, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "64"));
}
END_TEST

START_TEST(without_patterns_everything_is_wanted)
{
    filter = (struct filter){.n = 0};
    ck_assert(file("a") && file("a/b") && folder("a"));
}
END_TEST

START_TEST(a_pattern_without_a_slash_is_for_names)
{
    FILTER("-*.tmp", "-cache");
    ck_assert(!file("a.tmp") && !file("a/b/c.tmp") && !folder("a.tmp"));
    ck_assert(!folder("cache") && !folder("a/cache") && !file("a/cache/x"));
    ck_assert(file("a") && file("a.tmp2") && folder("a/caches"));
}
END_TEST

START_TEST(a_pattern_with_a_slash_is_for_paths_from_the_top)
{
    FILTER("-a/*.tmp", "-/top", "-x/**/z");
    ck_assert(!file("a/b.tmp") && file("b/a/b.tmp") && file("a/b/c.tmp") && file("b.tmp"));
    ck_assert(!file("top") && !file("top/a") && file("a/top"));
    ck_assert(!file("x/y/z") && !file("x/y/y/z/deep") && file("x/z"));
}
END_TEST

START_TEST(what_is_included_stands_for_files)
{
    FILTER("+*.c", "+doc", "+a/b");
    ck_assert(file("x.c") && file("a/x.c") && !file("x.h"));
    ck_assert(file("doc/x") && file("a/doc/y/x") && file("a/b/x") && !file("b/a/b/x"));
    ck_assert_msg(folder("any") && folder("any/other"), "a folder may have wanted ones in it");
}
END_TEST

START_TEST(what_is_excluded_stays_so_when_it_is_included)
{
    FILTER("+*.c", "-old*", "-gone");
    ck_assert(file("new.c") && !file("old.c") && !file("gone/new.c") && !folder("gone"));
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/filter", patterns_that_name_nothing_are_refused,
                     without_patterns_everything_is_wanted, a_pattern_without_a_slash_is_for_names,
                     a_pattern_with_a_slash_is_for_paths_from_the_top,
                     what_is_included_stands_for_files,
                     what_is_excluded_stays_so_when_it_is_included);
}
