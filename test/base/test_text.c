/* test_text.c: text fit to be shown, and the log lines made of it. */
#include "base/log.h"
#include "base/text.h"
#include "test/run.h"
#include "test/script.h"

#include <string.h>

static void check_clean(const char *dirty, const char *want)
{
    char text[64];

    ck_assert_uint_lt(strlen(dirty), sizeof text);
    memcpy(text, dirty, strlen(dirty) + 1);
    text_clean(text);
    ck_assert_str_eq(text, want);
}

START_TEST(control_characters_become_question_marks)
{
    check_clean("a\nb\r\tc\x7f", "a?b??c?");
    check_clean("\x1b[31mred", "?[31mred");
    check_clean("\xc2\x9b"
                "31m", /* CSI as one character */
                "??31m");
    check_clean("", "");
}
END_TEST

START_TEST(letters_of_any_script_stay)
{
    check_clean("\xc3\xa4\xc2\xa0\xe2\x82\xac\xf0\x9f\x98\x80",
                "\xc3\xa4\xc2\xa0\xe2\x82\xac\xf0\x9f\x98\x80");
}
END_TEST

START_TEST(a_sequence_cut_off_at_the_end_is_dropped)
{
    check_clean("a\xc3", "a");
    check_clean("a\xe2\x82", "a");
    check_clean("a\xf0\x9f\x98", "a");
    check_clean("a\xe2\x82\xac", "a\xe2\x82\xac");
    char out[4];
    text_format(out, sizeof out, "%s", "ab\xc3\xa4");
    ck_assert_str_eq(out, "ab");
}
END_TEST

START_TEST(a_log_line_is_formatted_only_when_it_is_wanted)
{
    struct script_env s;

    script_env_init(&s, 0, 0);
    s.env.log.level = LSMB_LOG_WARNING;
    log_line(&s.env.log, LSMB_LOG_WARNING, "share %s", "a\nb");
    log_line(&s.env.log, LSMB_LOG_INFO, "not wanted");
    ck_assert_str_eq(s.log, "share a?b\n");
    s.env.log.fn = NULL;
    log_line(&s.env.log, LSMB_LOG_ERROR, "nobody listens");
    ck_assert_str_eq(s.log, "share a?b\n");
    script_env_free(&s);
}
END_TEST

START_TEST(a_log_line_has_an_end)
{
    static char name[5000];
    struct script_env s;

    memset(name, 'x', sizeof name - 1);
    script_env_init(&s, 0, 0);
    log_line(&s.env.log, LSMB_LOG_INFO, "%s", name);
    ck_assert_uint_eq(s.log_len, 1536);
    script_env_free(&s);
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/text", control_characters_become_question_marks,
                     letters_of_any_script_stay, a_sequence_cut_off_at_the_end_is_dropped,
                     a_log_line_is_formatted_only_when_it_is_wanted, a_log_line_has_an_end);
}
