/* test_words.c: command lines without a shell. */
#include "aws/words.h"
#include "test/run.h"

#include <string.h>

static void ck_words(const char *line, const char *const *expected)
{
    struct lsmb_error err;
    char **words = words_split(line, &err);

    ck_assert_msg(words != NULL, "%s: %s", line, err.reason);
    size_t i = 0;
    for (; words[i] && expected[i]; i++) {
        ck_assert_str_eq(words[i], expected[i]);
    }
    ck_assert_msg(!words[i] && !expected[i], "%s: %zu words", line, i);
    free(words);
}

/* source: what Python 3.11's shlex.split() makes of the same lines */
START_TEST(words_are_those_of_a_shell)
{
    static const struct {
        const char *line;
        const char *words[5];
    } cases[] = {
        {"a", {"a"}},
        {"  a\tb \r\n c ", {"a", "b", "c"}},
        {"'a b' c", {"a b", "c"}},
        {"a' 'b", {"a b"}},
        {"\"a 'b'\" 'c \"d\"'", {"a 'b'", "c \"d\""}},
        {"''", {""}},
        {"'' \"\"", {"", ""}},
        {"a\\ b \\'c", {"a b", "'c"}},
        {"\"a\\\"b\\\\c\\d\"", {"a\"b\\c\\d"}},
        {"'a\\b'", {"a\\b"}},
        {"a#b #c $d `e`", {"a#b", "#c", "$d", "`e`"}},
        {"a;b|c>d", {"a;b|c>d"}},
        {"a b c d", {"a", "b", "c", "d"}},
        {"C:\\\\dir", {"C:\\dir"}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_words(cases[i].line, cases[i].words);
    }
}
END_TEST

START_TEST(what_has_no_end_or_no_word_is_refused)
{
    static const char *const cases[] = {"", "  ", "'a", "\"a", "a\\", "\"a\\\"", "a 'b' \"c"};
    struct lsmb_error err;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(words_split(cases[i], &err) == NULL, "%s", cases[i]);
        ck_assert_int_eq(err.code, LSMB_E_USAGE);
    }
}
END_TEST

START_TEST(the_longest_command_is_64_kib)
{
    char *line = malloc(65538);
    struct lsmb_error err;

    ck_assert_ptr_nonnull(line);
    for (size_t i = 0; i < 65537; i++) {
        line[i] = i % 2 ? ' ' : 'a';
    }
    line[65537] = '\0';
    ck_assert_ptr_null(words_split(line, &err));
    line[65536] = '\0';
    char **words = words_split(line, &err);
    ck_assert_ptr_nonnull(words);
    ck_assert_str_eq(words[32767], "a");
    ck_assert_ptr_null(words[32768]);
    free(words);
    free(line);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/words", words_are_those_of_a_shell, what_has_no_end_or_no_word_is_refused,
                     the_longest_command_is_64_kib);
}
