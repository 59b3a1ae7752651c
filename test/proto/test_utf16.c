/* test_utf16.c: UTF-8 (RFC 3629) and UTF-16LE. */
#include "proto/utf16.h"
#include "test/proto/message.h"
#include "test/run.h"

static const struct {
    const char *utf8;
    const char *utf16; /* hexadecimal */
} pairs[] = {
    {"", ""},
    {"a\x7f", "61007f00"},
    {"\xc2\x80\xdf\xbf", "8000ff07"},
    {"\xe0\xa0\x80\xef\xbf\xbf", "0008ffff"},
    {"\xed\x9f\xbf\xee\x80\x80", "ffd700e0"},
    {"\xf0\x90\x80\x80", "00d800dc"},
    {"\xf4\x8f\xbf\xbf", "ffdbffdf"},
    {"\xf0\x9f\x98\x80!", "3dd800de2100"},
    /* Surrogates without their other half survive. */
    {"\xed\xa0\x80", "00d8"},
    {"\xed\xbf\xbf", "ffdf"},
    {"\xed\xa0\xbd"
     "x\xed\xb8\x80",
     "3dd8780000de"},
    {"\xed\xb8\x80\xed\xa0\xbd", "00de3dd8"}, /* in the wrong order they are no pair */
    {"\xed\xa0\xbd\xf0\x9f\x98\x80", "3dd83dd800de"},
};

START_TEST(names_go_both_ways)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct message want = message_of(pairs[i].utf16);
        uint8_t wide[64];
        char narrow[64];
        size_t need;
        ck_assert(utf16_from_utf8(wide, sizeof wide, &need, span_of(pairs[i].utf8)));
        ck_assert(span_equal((struct span){wide, need}, message_span(&want)));
        ck_assert(utf8_from_utf16(narrow, sizeof narrow, &need, message_span(&want)));
        ck_assert_str_eq(narrow, pairs[i].utf8);
        ck_assert_uint_eq(need, strlen(pairs[i].utf8) + 1);
    }
}
END_TEST

START_TEST(the_size_that_is_needed_is_told)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct message wide = message_of(pairs[i].utf16);
        struct span utf8 = span_of(pairs[i].utf8);
        uint8_t out[64];
        size_t need;
        for (size_t room = 0; room < wide.len; room++) {
            ck_assert(!utf16_from_utf8(out, room, &need, utf8));
            ck_assert_uint_eq(need, wide.len);
        }
        for (size_t room = 0; room <= utf8.len; room++) {
            char text[64] = "?";
            ck_assert(!utf8_from_utf16(text, room, &need, message_span(&wide)));
            ck_assert_uint_eq(need, utf8.len + 1);
            ck_assert_int_eq(text[0], room > 0 ? '\0' : '?');
        }
    }
    size_t need;
    ck_assert(!utf16_from_utf8(NULL, 0, &need, span_of("ab")));
    ck_assert_uint_eq(need, 4);
    ck_assert(!utf8_from_utf16(NULL, 0, &need, span_of("a\1b\1")));
    ck_assert_uint_eq(need, 5);
}
END_TEST

START_TEST(utf8_that_is_malformed_is_refused) /* RFC 3629 3, 10 */
{
    static const char *const texts[] = {
        "\x80",
        "\xbf",
        "a\xc3",
        "\xc3(",
        "\xe2\x82",
        "\xe2(\xac",
        "\xf0\x9f\x98",
        "\xf0\x9f(\x80",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xf4\x90\x80\x80",
        "\xf7\xbf\xbf\xbf", /* above U+10FFFF */
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xed\xa0\xbd\xed\xb8\x80", /* a pair, written as its halves */
    };
    uint8_t out[64];
    size_t need;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_msg(!utf16_from_utf8(out, sizeof out, &need, span_of(texts[i])), "text %zu", i);
        ck_assert_uint_eq(need, 0);
    }
    ck_assert(!utf16_from_utf8(out, sizeof out, &need, SPAN_STRZ("a"))); /* U+0000 */
}
END_TEST

START_TEST(utf16_that_no_string_can_hold_is_refused)
{
    static const char *const texts[] = {"61",       "610062",   "6100000062",
                                        "00000000", "61000000", "00d8ff"};
    char out[64];
    size_t need;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct message m = message_of(texts[i]);
        ck_assert_msg(!utf8_from_utf16(out, sizeof out, &need, message_span(&m)), "%s", texts[i]);
        ck_assert_uint_eq(need, 0);
        ck_assert_str_eq(out, "");
    }
}
END_TEST

static bool survives(unsigned unit)
{
    const uint8_t wide[] = {(uint8_t)unit, (uint8_t)(unit >> 8)};
    uint8_t again[2];
    char text[8];
    size_t need;

    return utf8_from_utf16(text, sizeof text, &need, (struct span){wide, 2}) &&
           utf16_from_utf8(again, sizeof again, &need, span_of(text)) &&
           memcmp(again, wide, sizeof wide) == 0;
}

START_TEST(every_code_unit_survives)
{
    for (unsigned unit = 1; unit < 0x10000; unit++) {
        if (!survives(unit)) { /* an assertion for each would take most of the time */
            ck_abort_msg("U+%04X is lost", unit);
        }
    }
}
END_TEST

START_TEST(a_writer_takes_strings)
{
    uint8_t out[8] = {0};
    struct wr w = wr_from(out, sizeof out);

    wr_utf16(&w, "");
    wr_utf16(&w, "a\xc3\xa4");
    check_span(wr_written(&w), "6100e400");
    wr_utf16(&w, "abc");
    ck_assert(!wr_ok(&w));
    w = wr_from(out, sizeof out);
    wr_utf16(&w, "\xff");
    ck_assert(!wr_ok(&w));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/utf16", names_go_both_ways, the_size_that_is_needed_is_told,
                     utf8_that_is_malformed_is_refused, utf16_that_no_string_can_hold_is_refused,
                     every_code_unit_survives, a_writer_takes_strings);
}
