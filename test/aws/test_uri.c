/* test_uri.c: percent-encoding as signatures want it. */
#include "aws/uri.h"

#include "test/failmalloc.h"
#include "test/run.h"

static void check(const char *text, bool slashes, const char *want)
{
    char *got = uri_encode(text, slashes);

    ck_assert_str_eq(got, want);
    free(got);
}

START_TEST(all_but_the_unreserved_is_encoded)
{
    check("", false, "");
    check("AZaz09-_.~", false, "AZaz09-_.~");
    check(" +%\"*'()!", false, "%20%2B%25%22%2A%27%28%29%21");
    check("a/b", false, "a%2Fb");
    check("a/b//c/", true, "a/b//c/");
    check("\x01\x7F\xC3\xBC\xFF", false, "%01%7F%C3%BC%FF");
}
END_TEST

START_TEST(a_query_is_sorted_by_names_and_then_by_values)
{
    const struct pair pairs[] = {{"b", "2"},  {"Param-3", "x"}, {"Param", "y"}, {"b", "1"},
                                 {"a/b", ""}, {"\xE1", "="},    {"a", "1 2"}};
    char *got = uri_query(pairs, sizeof pairs / sizeof pairs[0]);

    ck_assert_str_eq(got, "%E1=%3D&Param=y&Param-3=x&a=1%202&a%2Fb=&b=1&b=2");
    free(got);
    got = uri_query(NULL, 0);
    ck_assert_str_eq(got, "");
    free(got);
}
END_TEST

/* Long enough to grow more than once. */
START_TEST(without_memory_there_is_no_query)
{
    char value[1000];
    const struct pair pairs[] = {{"uploads", ""}, {"prefix", value}};
    bool failed = true;

    memset(value, '/', sizeof value);
    value[sizeof value - 1] = '\0';
    for (unsigned skip = 0; failed; skip++) {
        fail_malloc(skip, false);
        char *got = uri_query(pairs, 2);
        failed = fail_malloc_off();
        ck_assert_int_eq(got != NULL, !failed);
        free(got);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/uri", all_but_the_unreserved_is_encoded,
                     a_query_is_sorted_by_names_and_then_by_values,
                     without_memory_there_is_no_query);
}
