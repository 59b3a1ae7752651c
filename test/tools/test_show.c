/* test_show.c: values as text for people. */
#include "lsmb.h"
#include "test/run.h"
#include "tools/show.h"

#include <string.h>

static void check_safe(const char *text, const char *want)
{
    char out[64];

    show_safe(out, sizeof out, text);
    ck_assert_str_eq(out, want);
}

START_TEST(nothing_that_steers_a_terminal_gets_through)
{
    check_safe("a\nb\x1b[31m\x7f", "a\\x0ab\\x1b[31m\\x7f");
    check_safe("\xc2\x9b"
               "31m",
               "\\xc2\\x9b31m");
    check_safe("\xff\xfe", "\\xff\\xfe");
    check_safe("\xc0\xaf", "\\xc0\\xaf");
    check_safe("\xed", "\\xed");
    check_safe("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
}
END_TEST

START_TEST(letters_of_any_script_stay)
{
    check_safe("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
    check_safe("\xc2\xa0", "\xc2\xa0");
}
END_TEST

START_TEST(text_is_cut_off_at_a_whole_character)
{
    char out[5];

    show_safe(out, sizeof out, "abc\xe2\x82\xac");
    ck_assert_str_eq(out, "abc");
    show_safe(out, sizeof out, "abc\n");
    ck_assert_str_eq(out, "abc");
    show_safe(out, sizeof out, "abcdef");
    ck_assert_str_eq(out, "abcd");
}
END_TEST

START_TEST(json_strings_are_valid_whatever_they_hold)
{
    char *out = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&out, &len);

    ck_assert_ptr_nonnull(to);
    show_json(to, "a\"b\\c\n\xff\xc3\xa4\xc2\x9b\x7f\xc2\xa0");
    ck_assert_int_eq(fclose(to), 0);
    ck_assert_str_eq(out, "\"a\\\"b\\\\c\\u000a\\ufffd\xc3\xa4\\u009b\\u007f\xc2\xa0\"");
    free(out);
}
END_TEST

START_TEST(times_are_iso_8601_in_utc)
{
    char out[SHOW_TIME];

    show_time(out, 0, true);
    ck_assert_str_eq(out, "-");
    show_time(out, INT64_C(1700000000123456700), true);
    ck_assert_str_eq(out, "2023-11-14T22:13:20.123456700Z");
    show_time(out, INT64_C(1700000000123456700), false);
    ck_assert_str_eq(out, "2023-11-14T22:13:20Z");
    show_time(out, -1, true);
    ck_assert_str_eq(out, "1969-12-31T23:59:59.999999999Z");
    show_time(out, INT64_MIN, false);
    ck_assert_str_eq(out, "1677-09-21T00:12:43Z");
}
END_TEST

START_TEST(sizes_and_clocks_are_short)
{
    char out[SHOW_BYTES], clock[SHOW_CLOCK];

    show_bytes(out, 1023);
    ck_assert_str_eq(out, "1023 B");
    show_bytes(out, 1536);
    ck_assert_str_eq(out, "1.5 KiB");
    show_bytes(out, 12897485);
    ck_assert_str_eq(out, "12.3 MiB");
    show_bytes(out, UINT64_MAX);
    ck_assert_str_eq(out, "16.0 EiB");
    show_clock(clock, 3);
    ck_assert_str_eq(clock, "0:03");
    show_clock(clock, 3723);
    ck_assert_str_eq(clock, "1:02:03");
    show_clock(clock, UINT64_MAX);
    ck_assert_uint_lt(strlen(clock), SHOW_CLOCK);
}
END_TEST

START_TEST(attributes_are_six_columns)
{
    char out[SHOW_ATTRIBUTES];

    show_attributes(out, 0);
    ck_assert_str_eq(out, "------");
    show_attributes(out, LSMB_ATTR_DIRECTORY | LSMB_ATTR_HIDDEN);
    ck_assert_str_eq(out, "d-h---");
    show_attributes(out, UINT32_MAX);
    ck_assert_str_eq(out, "drhsal");
}
END_TEST

START_TEST(what_is_too_long_loses_its_middle)
{
    char out[12];

    show_short(out, sizeof out, "12345678901");
    ck_assert_str_eq(out, "12345678901");
    show_short(out, sizeof out, "123456789012");
    ck_assert_str_eq(out, "1234...9012");
    show_short(out, sizeof out,
               "123\xc3\xbc"
               "6789\xc3\xbc"
               "234");
    ck_assert_str_eq(out, "123...234");
    show_short(out, sizeof out, "");
    ck_assert_str_eq(out, "");
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/show", nothing_that_steers_a_terminal_gets_through,
                     letters_of_any_script_stay, text_is_cut_off_at_a_whole_character,
                     json_strings_are_valid_whatever_they_hold, times_are_iso_8601_in_utc,
                     sizes_and_clocks_are_short, attributes_are_six_columns,
                     what_is_too_long_loses_its_middle);
}
