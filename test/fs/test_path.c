/* test_path.c: from what a user writes to what a server takes. */
#include "fs/path.h"

#include "proto/utf16.h"
#include "test/run.h"

/* What the wire gets for `text`, as UTF-8 again. */
static const char *on_the_wire(const char *text, char *room, size_t room_len)
{
    struct path path;
    struct lsmb_error err = {0};
    size_t need;

    ck_assert_msg(path_set(&path, text, &err), "%s: %s", text, err.reason);
    ck_assert(utf8_from_utf16(room, room_len, &need, path_span(&path)));
    path_free(&path);
    return room;
}

static void ck_path(const char *text, const char *want)
{
    char room[256];

    ck_assert_str_eq(on_the_wire(text, room, sizeof room), want);
}

static void ck_refused(const char *text)
{
    struct path path;
    struct lsmb_error err = {0};

    ck_assert_msg(!path_set(&path, text, &err), "%s is accepted", text);
    ck_assert_int_eq(err.code, LSMB_E_USAGE);
    ck_assert_str_ne(err.reason, "");
    ck_assert_ptr_null(path.utf16);
    ck_assert_uint_eq(path.len, 0);
}

START_TEST(both_slashes_separate)
{
    ck_path("dir/a.txt", "dir\\a.txt");
    ck_path("dir\\a.txt", "dir\\a.txt");
    ck_path("a/b\\c/d", "a\\b\\c\\d");
}
END_TEST

/* MS-SMB2 2.2.13: no separator in front. */
START_TEST(separators_around_and_twice_vanish)
{
    ck_path("/dir/a.txt", "dir\\a.txt");
    ck_path("//dir///a.txt//", "dir\\a.txt");
    ck_path("\\/dir/\\a.txt/", "dir\\a.txt");
}
END_TEST

START_TEST(nothing_is_the_root)
{
    ck_path("", "");
    ck_path("/", "");
    ck_path("\\\\//", "");
    ck_path(".", "");
    ck_path("./.", "");
    ck_path("a/..", "");
}
END_TEST

START_TEST(dots_are_resolved_here)
{
    ck_path("./a/./b/.", "a\\b");
    ck_path("a/../b", "b");
    ck_path("a/b/c/../../d", "a\\d");
    ck_path("a\\..\\b", "b");
    ck_path("aa/bb/../c", "aa\\c");
}
END_TEST

START_TEST(names_with_dots_in_them_are_names)
{
    ck_path("...", "...");
    ck_path("..a/b..", "..a\\b..");
    ck_path(".hidden/.x", ".hidden\\.x");
}
END_TEST

START_TEST(the_share_cannot_be_left)
{
    ck_refused("..");
    ck_refused("/..");
    ck_refused("a/../..");
    ck_refused("a/../../a");
    ck_refused("./..");
    ck_refused("..\\a");
    ck_refused("a/b/../../../c/d/e");
}
END_TEST

/* RFC 3629 3: a pair of surrogates is one character of four bytes. */
START_TEST(characters_beyond_16_bits_are_pairs)
{
    struct path path;

    ck_assert(path_set(&path, "\xF0\x9F\x98\x80", NULL)); /* U+1F600 */
    ck_assert_uint_eq(path.len, 4);
    ck_assert_mem_eq(path.utf16, "\x3D\xD8\x00\xDE", 4);
    path_free(&path);
}
END_TEST

START_TEST(lone_surrogates_pass)
{
    struct path path;

    ck_assert(path_set(&path, "a/\xED\xA0\x80", NULL)); /* U+D800 */
    ck_assert_uint_eq(path.len, 6);
    ck_assert_mem_eq(path.utf16, "a\0\\\0\x00\xD8", 6);
    path_free(&path);
}
END_TEST

START_TEST(what_is_not_utf8_is_refused)
{
    ck_refused("\xFF");
    ck_refused("dir/\xC3");
    ck_refused("\xC3/a");                   /* cut off by a separator */
    ck_refused("\xC0\xAF");                 /* an overlong '/' */
    ck_refused("a\xC0\xAE\xC0\xAE/b");      /* overlong dots */
    ck_refused("\xF4\x90\x80\x80");         /* above U+10FFFF */
    ck_refused("\xED\xA0\xBD\xED\xB8\x80"); /* a pair in two pieces */
    ck_refused("\xC0\x80");                 /* a NUL in disguise */
}
END_TEST

/* MS-SMB2 2.2.13: NameLength has 16 bits; Windows takes 32767 characters. */
START_TEST(the_longest_path_has_32767_characters)
{
    static char text[32768 + 1];
    struct path path;

    memset(text, 'a', 32767);
    ck_assert(path_set(&path, text, NULL));
    ck_assert_uint_eq(path.len, PATH_BYTES_MAX);
    path_free(&path);
    text[32767] = 'a';
    ck_refused(text);
}
END_TEST

START_TEST(what_vanishes_does_not_count)
{
    static char text[100000];
    struct path path;

    memset(text, '/', sizeof text - 2);
    text[sizeof text - 2] = 'a';
    ck_assert(path_set(&path, text, NULL));
    ck_assert_uint_eq(path.len, 2);
    path_free(&path);
}
END_TEST

START_TEST(the_error_says_what_is_wrong)
{
    struct path path;
    struct lsmb_error err;

    ck_assert(!path_set(&path, "a/../..", &err));
    ck_assert_str_eq(err.reason, "the path leads out of the share");
    ck_assert(!path_set(&path, "\xFF", &err));
    ck_assert_str_eq(err.reason, "the path is not valid UTF-8");
}
END_TEST

/* ---------------------------------------------------------------- snapshots */

static void ck_snapshot(const char *text, uint64_t when, const char *want)
{
    struct path path;
    struct lsmb_error err = {0};
    uint64_t got = 1;
    char room[256];
    size_t need;

    ck_assert_msg(path_set_at(&path, &got, text, &err), "%s: %s", text, err.reason);
    ck_assert_msg(got == when, "%s: %llu", text, (unsigned long long)got);
    ck_assert(utf8_from_utf16(room, sizeof room, &need, path_span(&path)));
    ck_assert_str_eq(room, want);
    path_free(&path);
}

/* MS-SMB 2.2.1.1.1, MS-SMB2 2.2.13.2.7; the times are those of an independent calendar. */
START_TEST(a_snapshot_is_a_time_and_no_component)
{
    static const uint64_t when = 134143344000000000;

    ck_snapshot("@GMT-2026.01.31-12.00.00/dir/a", when, "dir\\a");
    ck_snapshot("dir/@GMT-2026.01.31-12.00.00/a", when, "dir\\a");
    ck_snapshot("dir/a/@GMT-2026.01.31-12.00.00", when, "dir\\a");
    ck_snapshot("@GMT-2026.01.31-12.00.00", when, "");
    ck_snapshot("/@GMT-2026.01.31-12.00.00/", when, "");
    ck_snapshot("@GMT-1970.01.01-00.00.00/a", 116444736000000000, "a");
    ck_snapshot("@GMT-2024.02.29-23.59.59/a", 133537247990000000, "a");
    ck_snapshot("@GMT-2000.03.01-00.00.01/a", 125963424010000000, "a");
    ck_snapshot("@GMT-2100.03.01-00.00.00/a", 157520160000000000, "a");
    ck_snapshot("@GMT-9999.12.31-23.59.59/a", 2650467743990000000, "a");
}
END_TEST

START_TEST(other_names_are_names)
{
    static const char *const names[] = {
        "a",
        "@GMT-2026.01.31-12.00.0",
        "@GMT-2026.01.31-12.00.000",
        "x@GMT-2026.01.31-12.00.00",
        "@gmt-2026.01.31-12.00.00",
        "@GMT-2026-01.31-12.00.00",
        "@GMT-2026.01.31 12.00.00",
        "@GMT-2026.13.31-12.00.00",
        "@GMT-2026.00.31-12.00.00",
        "@GMT-2026.01.32-12.00.00",
        "@GMT-2026.01.00-12.00.00",
        "@GMT-2023.02.29-12.00.00",
        "@GMT-2100.02.29-12.00.00",
        "@GMT-2026.01.31-24.00.00",
        "@GMT-2026.01.31-12.60.00",
        "@GMT-2026.01.31-12.00.60",
        "@GMT-1969.12.31-12.00.00",
        "@GMT-2O26.01.31-12.00.00",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_snapshot(names[i], 0, names[i]);
    }
    ck_snapshot("@GMT-2026.01.31-12.00.00/../a", 0, "a");
    ck_path("@GMT-2026.01.31-12.00.00/a", "@GMT-2026.01.31-12.00.00\\a"); /* path_set */
}
END_TEST

START_TEST(nothing_is_in_two_snapshots)
{
    struct lsmb_error err;
    struct path path;
    uint64_t when;

    ck_assert(
        !path_set_at(&path, &when, "@GMT-2026.01.31-12.00.00/a/@GMT-2026.01.31-12.00.00", &err));
    ck_assert_int_eq(err.code, LSMB_E_USAGE);
    ck_assert_ptr_null(path.utf16);
}
END_TEST

START_TEST(nothing_is_made_in_a_snapshot)
{
    struct lsmb_error err;
    struct path path;

    ck_assert(!path_set_to_make(&path, "dir/@GMT-2026.01.31-12.00.00/a", &err));
    ck_assert_int_eq(err.code, LSMB_E_USAGE);
    ck_assert_ptr_null(path.utf16);
    ck_assert(path_set_to_make(&path, "dir/@GMT-2026.01.31/a", &err));
    path_free(&path);
}
END_TEST

START_TEST(case_does_not_make_another_name)
{
    static const uint8_t name[] = {'a', 0, 0xE4, 0}, upper[] = {'A', 0, 0xC4, 0},
                         other[] = {'a', 0, 'a', 0};
    const struct span lower = {name, sizeof name}, odd = {name, 3};

    ck_assert(path_same(lower, (struct span){upper, sizeof upper}));
    ck_assert(!path_same(lower, (struct span){other, sizeof other}));
    ck_assert(!path_same(lower, (struct span){upper, 2}));
    ck_assert(!path_same(odd, odd));
    ck_assert(path_same((struct span){0}, (struct span){0}));
    ck_assert_uint_eq(path_unit_at(lower, 2), 0xE4);
    ck_assert_uint_eq(path_unit_at(odd, 2), 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/path", both_slashes_separate, separators_around_and_twice_vanish,
                     nothing_is_the_root, dots_are_resolved_here, names_with_dots_in_them_are_names,
                     the_share_cannot_be_left, characters_beyond_16_bits_are_pairs,
                     lone_surrogates_pass, what_is_not_utf8_is_refused,
                     the_longest_path_has_32767_characters, what_vanishes_does_not_count,
                     the_error_says_what_is_wrong, a_snapshot_is_a_time_and_no_component,
                     other_names_are_names, nothing_is_in_two_snapshots,
                     nothing_is_made_in_a_snapshot, case_does_not_make_another_name);
}
