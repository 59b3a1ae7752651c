/* test_pattern.c: names with wildcards. */
#include "test/run.h"
#include "tools/pattern.h"

#include <string.h>

static bool matches(const char *pattern, const char *text)
{
    return pattern_matches(pattern, text, strlen(text));
}

/* Pairs of a pattern and a text. */
static void check_all(const char *const (*pairs)[2], size_t n, bool want)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(matches(pairs[i][0], pairs[i][1]) == want, "'%s' and '%s'", pairs[i][0],
                      pairs[i][1]);
    }
}

START_TEST(what_differs_does_not_match)
{
    static const char *const pairs[][2] = {
        {"", "a"},
        {"a", ""},
        {"a", "A"},
        {"?", ""},
        {"?", "ab"},
        {"a*", "ba"},
        {"*a", "ab"},
        {"*.txt", "a.txt2"},
        {"a*b*c", "aXbX"},
        {"[abc]", "d"},
        {"[!abc]", "b"},
        {"[a-c]", "d"},
        {"[", "a"},
        {"\\*", "a"},
        {"a?c", "a/c"},
        {"a*c", "a/c"},
        {"[!x]", "/"},
        {"a[.-0]c", "a/c"},
        {"*/b", "a/x/b"},
        {"**/b", "b"},
        {"a**b*c", "a/b/c"},
        {"\xc3\xa4", "\xc3"},
        {"?", "\xc3\xa4\xc3\xa4"},
    };

    check_all(pairs, sizeof pairs / sizeof pairs[0], false);
}
END_TEST

START_TEST(stars_and_marks_match_what_shells_match)
{
    static const char *const pairs[][2] = {
        {"", ""},       {"*", ""},           {"*", "abc"},         {"*", ".hidden"},
        {"?", "a"},     {"a?c", "abc"},      {"*.txt", "a.b.txt"}, {"a*b*c", "aXbYbZc"},
        {"***", "x"},   {"*a*a*", "banana"}, {"\\*", "*"},         {"\\[a]", "[a]"},
        {"a/*", "a/b"}, {"**", "a/b/c"},     {"**/c", "a/b/c"},    {"a/**/c", "a/b/x/c"},
        {"a**", "a/b"}, {"**b*c", "a/b/bc"}, {"\\", "\\"},
    };

    check_all(pairs, sizeof pairs / sizeof pairs[0], true);
}
END_TEST

START_TEST(sets_have_members_ranges_and_opposites)
{
    static const char *const pairs[][2] = {
        {"[abc]", "b"}, {"[a-c]x", "bx"}, {"[!a-c]", "d"}, {"[^a-c]", "d"}, {"[]a]", "]"},
        {"[!]a]", "b"}, {"[a-]", "-"},    {"[-a]", "-"},   {"[\\]]", "]"},  {"[", "["},
        {"[a", "[a"},   {"[a/]", "[a/]"}, {"[*]", "*"},    {"[?]", "?"},    {"a]", "a]"},
    };

    check_all(pairs, sizeof pairs / sizeof pairs[0], true);
}
END_TEST

START_TEST(a_character_is_one_of_utf_8)
{
    ck_assert(matches("?", "\xc3\xa4"));
    ck_assert(matches("?", "\xf0\x9f\x98\x80"));
    ck_assert(matches("[\xc3\xa4-\xc3\xbc]", "\xc3\xb6"));
    ck_assert(!matches("[\xc3\xa4-\xc3\xbc]", "\xc4\x80"));
    ck_assert(matches("*\xa4", "\xff\xa4"));
    ck_assert(matches("??", "\xc3\xff"));
    ck_assert(!matches("[\xc3\xa4]", "\xe4")); /* U+00E4, and a byte that is none */
}
END_TEST

START_TEST(the_text_ends_where_its_length_says)
{
    ck_assert(pattern_matches("a", "abc", 1));
    ck_assert(pattern_matches("*", "abc", 0));
    ck_assert(!pattern_matches("\xc3\xa4", "\xc3\xa4", 1));
}
END_TEST

/* One that tried every way to share the text among its stars would not come back. */
START_TEST(many_stars_take_no_time)
{
    char text[4096];

    memset(text, 'a', sizeof text);
    ck_assert(!pattern_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text, sizeof text));
    ck_assert(!pattern_matches("**a**a**a**a**a**a**a**a**a**a**b", text, sizeof text));
}
END_TEST

START_TEST(a_name_without_wildcards_is_not_wild)
{
    static const char *const tame[] = {"", "a", "a]", "[a", "\\*", "\\[a]", "\\?", "a\\"};
    static const char *const wild[] = {"*", "a?", "[a]", "\\**", "\\\\*"};

    for (size_t i = 0; i < sizeof tame / sizeof tame[0]; i++) {
        ck_assert_msg(!pattern_is_wild(tame[i]), "%s", tame[i]);
    }
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        ck_assert_msg(pattern_is_wild(wild[i]), "%s", wild[i]);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/pattern", what_differs_does_not_match,
                     stars_and_marks_match_what_shells_match,
                     sets_have_members_ranges_and_opposites, a_character_is_one_of_utf_8,
                     the_text_ends_where_its_length_says, many_stars_take_no_time,
                     a_name_without_wildcards_is_not_wild);
}
