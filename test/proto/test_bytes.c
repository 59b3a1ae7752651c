/* test_bytes.c: cursors stay inside, and stay bad. */
#include "proto/bytes.h"
#include "test/hex.h"
#include "test/run.h"

static const uint8_t eight[] = {1, 2, 3, 4, 5, 6, 7, 8};
static const struct span eight_span = {eight, sizeof eight};

START_TEST(fields_are_read_in_either_order_of_bytes)
{
    struct rd r = rd_from(eight_span, 0);

    ck_assert_uint_eq(rd_u8(&r), 0x01);
    ck_assert_uint_eq(rd_u16(&r), 0x0302);
    ck_assert_uint_eq(rd_u16be(&r), 0x0405);
    ck_assert_uint_eq(rd_u24be(&r), 0x060708);
    ck_assert(rd_ok(&r));
    r = rd_from(eight_span, 0);
    ck_assert_uint_eq(rd_u64(&r), 0x0807060504030201);
    r = rd_from(eight_span, 0);
    ck_assert_uint_eq(rd_u32(&r), 0x04030201);
    ck_assert_uint_eq(rd_u32be(&r), 0x05060708);
    ck_assert(rd_ok(&r));
}
END_TEST

START_TEST(a_read_past_the_end_gives_zero_for_ever)
{
    struct rd r = rd_from(eight_span, 6);
    uint8_t out[4] = {9, 9, 9, 9};

    rd_bytes(&r, out, sizeof out);
    ck_assert_hex(out, "00000000");
    ck_assert(!rd_ok(&r));
    ck_assert_uint_eq(rd_left(&r), 0);
    ck_assert_uint_eq(rd_u8(&r), 0);
    ck_assert_uint_eq(rd_take(&r, 0).len, 0);
    ck_assert(!rd_ok(&r));
    r = rd_from(eight_span, 9);
    ck_assert(!rd_ok(&r));
}
END_TEST

START_TEST(a_view_lies_behind_what_was_read_and_inside)
{
    static const struct {
        size_t offset, length;
        bool ok;
    } cases[] = {
        {4, 4, true},         {7, 1, true},         {4, 0, true},
        {0, 0, true},         {SIZE_MAX, 0, true},  {3, 1, false},
        {4, 5, false},        {8, 1, false},        {9, 1, false},
        {4, SIZE_MAX, false}, {SIZE_MAX, 1, false}, {SIZE_MAX, SIZE_MAX, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rd r = rd_from(eight_span, 4);
        struct span view = rd_view(&r, cases[i].offset, cases[i].length);
        ck_assert_msg(rd_ok(&r) == cases[i].ok, "case %zu", i);
        ck_assert_uint_eq(view.len, cases[i].ok ? cases[i].length : 0);
    }
}
END_TEST

START_TEST(a_window_counts_from_its_own_start)
{
    struct rd r = rd_from(eight_span, 2);
    struct rd window = rd_sub(&r, 4, 3);

    ck_assert_uint_eq(rd_u8(&window), 5);
    ck_assert_uint_eq(rd_view(&window, 1, 2).ptr[0], 6);
    rd_view(&window, 1, 3);
    ck_assert(!rd_ok(&window) && rd_ok(&r));
    window = rd_sub(&r, 4, 5);
    ck_assert(!rd_ok(&window) && !rd_ok(&r));
}
END_TEST

START_TEST(a_rule_that_is_broken_stays_broken)
{
    struct rd r = rd_from(eight_span, 0);

    rd_require(&r, true);
    ck_assert(rd_ok(&r));
    rd_require(&r, false);
    rd_require(&r, true);
    ck_assert(!rd_ok(&r));
    r = rd_from(eight_span, 0);
    rd_structure_size(&r, 0x0201);
    ck_assert(rd_ok(&r));
    rd_structure_size(&r, 0x0201);
    ck_assert(!rd_ok(&r));
}
END_TEST

START_TEST(fields_are_written_in_either_order_of_bytes)
{
    uint8_t out[26] = {0};
    struct wr w = wr_from(out, sizeof out);

    wr_u8(&w, 0x01);
    wr_u16(&w, 0x0203);
    wr_u32(&w, 0x04050607);
    wr_u64(&w, 0x08090a0b0c0d0e0f);
    wr_u16be(&w, 0x1011);
    wr_u32be(&w, 0x12131415);
    wr_span(&w, (struct span){eight, 2});
    wr_bytes(&w, eight + 2, 1);
    wr_zero(&w, 2);
    ck_assert(wr_ok(&w));
    ck_assert_uint_eq(wr_written(&w).len, sizeof out);
    ck_assert_hex(out, "010302070605040f0e0d0c0b0a09081011121314150102030000");
}
END_TEST

START_TEST(a_write_past_the_end_is_dropped_and_so_is_all_after_it)
{
    uint8_t out[4] = {0};
    struct wr w = wr_from(out, 3);

    wr_u16(&w, 0x0101);
    wr_u16(&w, 0x0202);
    wr_u8(&w, 0x03);
    wr_patch(&w, 0, 9, 1);
    ck_assert(!wr_ok(&w));
    ck_assert_uint_eq(wr_written(&w).len, 0);
    ck_assert_hex(out, "01010000");
}
END_TEST

START_TEST(a_size_that_does_not_fit_its_field_spoils_the_message)
{
    uint8_t out[16] = {0};
    struct wr w = wr_from(out, sizeof out);

    wr_size8(&w, 0xff);
    wr_size16(&w, 0xffff);
    wr_size32(&w, 0xffffffff);
    ck_assert(wr_ok(&w));
    wr_size16(&w, 0x10000);
    ck_assert(!wr_ok(&w));
    w = wr_from(out, sizeof out);
    wr_size8(&w, 0x100);
    ck_assert(!wr_ok(&w));
    w = wr_from(out, sizeof out);
    wr_size32(&w, (size_t)1 << 32);
    ck_assert(!wr_ok(&w));
}
END_TEST

START_TEST(a_length_is_filled_in_later_and_only_where_something_is)
{
    uint8_t out[16] = {0};
    struct wr w = wr_from(out, sizeof out);

    wr_u32(&w, 0);
    wr_u8(&w, 7);
    wr_align(&w, 1);
    ck_assert_uint_eq(w.pos, 9);
    wr_align(&w, 1);
    ck_assert_uint_eq(w.pos, 9);
    wr_patch(&w, 2, 0x0102, 2);
    ck_assert_hex(out, "000002010700000000");
    wr_patch(&w, 8, 0, 2);
    ck_assert(!wr_ok(&w));
}
END_TEST

START_TEST(nothing_can_be_read_from_and_written_to_nothing)
{
    struct rd r = rd_from((struct span){0}, 0);
    struct wr w = wr_from(NULL, 0);

    ck_assert_uint_eq(rd_take(&r, 0).len, 0);
    rd_bytes(&r, (uint8_t[1]){0}, 0);
    wr_span(&w, (struct span){0});
    wr_zero(&w, 0);
    ck_assert(rd_ok(&r) && wr_ok(&w));
    ck_assert(span_equal((struct span){0}, span_of("")));
    ck_assert(!span_equal(span_of("a"), span_of("b")));
    ck_assert(!span_equal(span_of("a"), span_of("ab")));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/bytes", fields_are_read_in_either_order_of_bytes,
                     a_read_past_the_end_gives_zero_for_ever,
                     a_view_lies_behind_what_was_read_and_inside,
                     a_window_counts_from_its_own_start, a_rule_that_is_broken_stays_broken,
                     fields_are_written_in_either_order_of_bytes,
                     a_write_past_the_end_is_dropped_and_so_is_all_after_it,
                     a_size_that_does_not_fit_its_field_spoils_the_message,
                     a_length_is_filled_in_later_and_only_where_something_is,
                     nothing_can_be_read_from_and_written_to_nothing);
}
