/* test_names_map.c: xfer/names_map: names that a share cannot have. */
#include "xfer/names_map.h"

#include "test/run.h"

#include <string.h>

static const char *to(const char *path, enum lsmb_names names)
{
    static char out[1024];

    ck_assert_uint_le(3 * strlen(path), sizeof out - 1);
    ck_assert_uint_eq(names_to_share(out, path, names), strlen(out));
    return out;
}

static const char *from(const char *name, enum lsmb_names names)
{
    static char out[1024];

    name_from_share(out, name, names);
    ck_assert_uint_le(strlen(out), strlen(name));
    return out;
}

static void there_and_back(const char *name, const char *on_share, enum lsmb_names names)
{
    ck_assert_str_eq(to(name, names), on_share);
    ck_assert_str_eq(from(on_share, names), name);
}

/* source: the table of SFM as macOS and Linux's cifs (fs/smb/client/cifs_unicode.h) have it */
START_TEST(sfm_numbers_what_windows_reserves)
{
    there_and_back("a\"b", "a\uF020b", LSMB_NAMES_SFM);
    there_and_back("*", "\uF021", LSMB_NAMES_SFM);
    there_and_back("a:b", "a\uF022b", LSMB_NAMES_SFM);
    there_and_back("<>", "\uF023\uF024", LSMB_NAMES_SFM);
    there_and_back("?", "\uF025", LSMB_NAMES_SFM);
    there_and_back("a\\b", "a\uF026b", LSMB_NAMES_SFM);
    there_and_back("|", "\uF027", LSMB_NAMES_SFM);
    there_and_back("\x01\x1F", "\uF001\uF01F", LSMB_NAMES_SFM);
    there_and_back("a ", "a\uF028", LSMB_NAMES_SFM);
    there_and_back("a.", "a\uF029", LSMB_NAMES_SFM);
}
END_TEST

START_TEST(sfu_adds_the_character_to_its_area)
{
    there_and_back("a:b", "a\uF03Ab", LSMB_NAMES_SFU);
    there_and_back("|", "\uF07C", LSMB_NAMES_SFU);
    there_and_back("\\", "\uF05C", LSMB_NAMES_SFU);
    there_and_back("\x01", "\uF001", LSMB_NAMES_SFU);
    there_and_back("a ", "a\uF020", LSMB_NAMES_SFU);
    there_and_back("a.", "a\uF02E", LSMB_NAMES_SFU);
}
END_TEST

START_TEST(without_a_mapping_names_are_what_they_are)
{
    there_and_back("a:b*?\x01.", "a:b*?\x01.", LSMB_NAMES_NONE);
    ck_assert_str_eq(from("a\uF022b", LSMB_NAMES_NONE), "a\uF022b");
}
END_TEST

START_TEST(spaces_and_dots_are_mapped_at_the_end_of_a_name_alone)
{
    there_and_back("a b.c", "a b.c", LSMB_NAMES_SFM);
    there_and_back(" .a", " .a", LSMB_NAMES_SFM);
    ck_assert_str_eq(to("a./b /c", LSMB_NAMES_SFM), "a\uF029/b\uF028/c");
    ck_assert_str_eq(from("a\uF028b", LSMB_NAMES_SFM), "a\uF028b");
    ck_assert_str_eq(from("a\uF029b", LSMB_NAMES_SFM), "a\uF029b");
}
END_TEST

START_TEST(other_characters_are_left_alone)
{
    there_and_back("äöü€\U0001F600", "äöü€\U0001F600", LSMB_NAMES_SFM);
    there_and_back("\uF02A\uF000\uF0FF\uE000", "\uF02A\uF000\uF0FF\uE000", LSMB_NAMES_SFM);
    there_and_back("\x7F'#&%", "\x7F'#&%", LSMB_NAMES_SFM);
}
END_TEST

/* A server may list anything: what would lead elsewhere, or be no name, stays as it is. */
START_TEST(nothing_becomes_a_path)
{
    static const char *const bad[] = {"\uF029", ".\uF029"};
    static const char *const sfu[] = {"\uF02E", ".\uF02E", "\uF02F", "a\uF02Fb", "\uF000"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_str_eq(from(bad[i], LSMB_NAMES_SFM), bad[i]);
    }
    for (size_t i = 0; i < sizeof sfu / sizeof *sfu; i++) {
        ck_assert_str_eq(from(sfu[i], LSMB_NAMES_SFU), sfu[i]);
    }
}
END_TEST

START_TEST(cut_off_characters_are_not_read_beyond)
{
    static const char *const cut[] = {"\xEF", "\xEF\x80", "a\xEF\x81", "\xEF\x80\xC0"};

    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        ck_assert_str_eq(from(cut[i], LSMB_NAMES_SFM), cut[i]);
    }
}
END_TEST

START_TEST(what_a_share_takes_for_a_path_or_a_stream_is_told)
{
    ck_assert(names_mislead("a/b\\c", LSMB_NAMES_NONE));
    ck_assert(names_mislead("a:b", LSMB_NAMES_NONE));
    ck_assert(!names_mislead("a*b", LSMB_NAMES_NONE));
    ck_assert(!names_mislead("a:b\\c", LSMB_NAMES_SFM));
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/names_map", sfm_numbers_what_windows_reserves,
                     sfu_adds_the_character_to_its_area, without_a_mapping_names_are_what_they_are,
                     spaces_and_dots_are_mapped_at_the_end_of_a_name_alone,
                     other_characters_are_left_alone, nothing_becomes_a_path,
                     cut_off_characters_are_not_read_beyond,
                     what_a_share_takes_for_a_path_or_a_stream_is_told);
}
