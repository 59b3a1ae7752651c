/* test_walk.c: lists with NextEntryOffset (MS-FSCC 2.4). */
#include "proto/walk.h"
#include "test/hex.h"
#include "test/run.h"

/* Walk a list whose entries have 4 fixed bytes; the number of entries, or -1 when it is
 * malformed. */
static int entries(const char *text)
{
    uint8_t bytes[64];
    struct span entry;
    int count = 0;

    ck_assert_uint_le(strlen(text) / 2, sizeof bytes);
    hex(bytes, text);
    struct walk walk = walk_from((struct span){bytes, strlen(text) / 2});
    while (walk_next(&walk, 4, &entry)) {
        ck_assert_uint_ge(entry.len, 4);
        count++;
    }
    ck_assert(!walk_next(&walk, 4, &entry));
    return walk_ok(&walk) ? count : -1;
}

START_TEST(a_list_ends_with_offset_zero)
{
    ck_assert_int_eq(entries(""), 0);
    ck_assert_int_eq(entries("00000000"), 1);
    ck_assert_int_eq(entries("00000000aabbcc"), 1);
    ck_assert_int_eq(entries("08000000aaaaaaaa00000000"), 2);
    ck_assert_int_eq(entries("08000000aaaaaaaa10000000bbbbbbbbbbbbbbbbbbbbbbbb00000000cc"), 3);
}
END_TEST

START_TEST(an_offset_that_leads_astray_ends_the_walk)
{
    static const char *const lists[] = {
        "000000",                   /* shorter than an entry */
        "04000000aaaaaaaa00000000", /* not a multiple of 8 */
        "01000000aaaaaaaa00000000", /* inside its own entry */
        "f8ffffffaaaaaaaa00000000", /* backwards, if it were signed */
        "08000000aaaaaaaa",         /* announces an entry that is not there */
        "10000000aaaaaaaa00000000", /* past the end */
        "08000000aaaaaaaa000000",   /* the next is cut off */
        "08000000aaaaaaaa08000000", /* only the second is wrong */
    };

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        ck_assert_msg(entries(lists[i]) == -1, "%s", lists[i]);
    }
}
END_TEST

START_TEST(what_is_written_is_linked_and_aligned)
{
    uint8_t out[64] = {0};
    struct wr w = wr_from(out, sizeof out);

    ck_assert_uint_eq(walk_put(&w), 0);
    wr_u8(&w, 0xaa);
    ck_assert_uint_eq(walk_put(&w), 8);
    wr_u64(&w, 0xbb);
    ck_assert_uint_eq(walk_put(&w), 24);
    wr_u8(&w, 0xcc);
    ck_assert_uint_eq(w.pos, 29);
    ck_assert_hex(out, "08000000aa000000"
                       "10000000bb0000000000000000000000"
                       "00000000cc");
}
END_TEST

START_TEST(some_lists_are_aligned_to_4) /* MS-FSCC 2.7.1 */
{
    uint8_t out[64] = {0};
    struct wr w = wr_from(out, sizeof out);
    struct span entry;

    ck_assert_uint_eq(walk_put_by(&w, 4), 0);
    wr_u8(&w, 0xaa);
    ck_assert_uint_eq(walk_put_by(&w, 4), 8);
    wr_u32(&w, 0xbb);
    ck_assert_uint_eq(walk_put_by(&w, 4), 16);
    ck_assert_uint_eq(walk_put_by(&w, 4), 20);
    ck_assert_hex(out, "08000000aa000000"
                       "08000000bb000000"
                       "0400000000000000");
    struct walk walk = walk_from(wr_written(&w));
    for (unsigned i = 0; i < 4; i++) {
        ck_assert(walk_next_by(&walk, 4, 4, &entry));
    }
    ck_assert(!walk_next_by(&walk, 4, 4, &entry));
    ck_assert(walk_ok(&walk));
    walk = walk_from(wr_written(&w));
    ck_assert(walk_next(&walk, 4, &entry) && walk_next(&walk, 4, &entry));
    ck_assert(!walk_next(&walk, 4, &entry) && !walk_ok(&walk));
}
END_TEST

START_TEST(a_list_that_does_not_fit_is_bad)
{
    uint8_t out[11];
    struct wr w = wr_from(out, sizeof out);

    walk_put(&w);
    wr_u8(&w, 0xaa);
    walk_put(&w);
    ck_assert(!wr_ok(&w));
    walk_put(&w);
    ck_assert(!wr_ok(&w));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/walk", a_list_ends_with_offset_zero,
                     an_offset_that_leads_astray_ends_the_walk,
                     what_is_written_is_linked_and_aligned, some_lists_are_aligned_to_4,
                     a_list_that_does_not_fit_is_bad);
}
