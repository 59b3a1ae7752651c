/* test_der.c: reading and writing DER. */
#include "auth/der.h"
#include "test/auth/octets.h"
#include "test/run.h"

static bool one_octet_string(struct span bytes)
{
    struct der_rd r = der_from(bytes);

    (void)der_take(&r, DER_OCTET_STRING);
    return der_ok(&r) && !der_more(&r);
}

static bool accepts(const char *text)
{
    struct octets room;

    return one_octet_string(octets(&room, text));
}

START_TEST(lengths_in_every_form)
{
    ck_assert(accepts("0400"));
    ck_assert(accepts("0403aabbcc"));
    ck_assert(accepts("048103aabbcc"));   /* not minimal: some servers send this */
    ck_assert(accepts("04820003aabbcc")); /* X.690 8.1.3.5 allows it in BER */
    ck_assert(accepts("048400000003aabbcc"));
}
END_TEST

START_TEST(malformed_elements_are_refused)
{
    ck_assert(!accepts(""));
    ck_assert(!accepts("04"));
    ck_assert(!accepts("0403aabb"));             /* runs past the end */
    ck_assert(!accepts("0480aabb0000"));         /* indefinite */
    ck_assert(!accepts("04850000000003aabbcc")); /* more bytes than a length needs */
    ck_assert(!accepts("0484ffffffffaabbcc"));
    ck_assert(!accepts("04ff"));
    ck_assert(!accepts("0503aabbcc"));   /* another tag */
    ck_assert(!accepts("1f0403aabbcc")); /* a tag of several bytes */
    ck_assert(!accepts("0400ff"));
}
END_TEST

START_TEST(each_proper_prefix_is_refused)
{
    struct octets room;

    refuse_each_prefix(octets(&room, "0403aabbcc"), one_octet_string);
    refuse_each_prefix(octets(&room, "04820003aabbcc"), one_octet_string);
}
END_TEST

START_TEST(a_bad_reader_gives_nothing_more)
{
    struct octets room;
    struct der_rd r = der_from(octets(&room, "0a010504020102"));

    ck_assert_uint_eq(der_take(&r, DER_OCTET_STRING).len, 0); /* an ENUMERATED comes first */
    ck_assert(!der_ok(&r));
    ck_assert(!der_more(&r));
    ck_assert(!der_at(&r, DER_ENUMERATED));
    ck_assert_uint_eq(der_take(&r, DER_ENUMERATED).len, 0);
    struct der_rd inner = der_enter(&r, DER_ENUMERATED);
    ck_assert(!der_ok(&inner));
    ck_assert_uint_eq(der_take_whole(&r, DER_ENUMERATED).len, 0);
    der_skip_rest(&r);
    ck_assert(!der_ok(&r));
}
END_TEST

START_TEST(an_inner_element_cannot_leave_its_outer_one)
{
    struct octets room;
    struct der_rd r = der_from(octets(&room, "30040404aabbccdd"));
    struct der_rd inner = der_enter(&r, DER_SEQUENCE);

    (void)der_take(&inner, DER_OCTET_STRING);
    ck_assert(!der_ok(&inner));
}
END_TEST

START_TEST(an_empty_element_is_taken_whole)
{
    struct octets room;
    struct der_rd r = der_from(octets(&room, "30000400"));

    ck_assert_ptr_eq(der_take_whole(&r, DER_SEQUENCE).ptr, room.bytes);
    ck_assert_ptr_eq(der_take_whole(&r, DER_OCTET_STRING).ptr, room.bytes + 2);
    ck_assert(der_ok(&r) && !der_more(&r));
}
END_TEST

START_TEST(written_lengths_are_minimal_and_read_back)
{
    static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 100000};
    static const size_t headers[] = {2, 2, 2, 3, 3, 4, 4, 5, 5};
    static uint8_t contents[100000], mem[100000 + DER_HEADER_MAX];

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct der_wr w = der_to(mem, lengths[i] + headers[i]);
        der_put_element(&w, DER_OCTET_STRING, (struct span){contents, lengths[i]});
        struct span written = der_written(&w);
        ck_assert_uint_eq(written.len, lengths[i] + headers[i]);
        struct der_rd r = der_from(written);
        ck_assert_uint_eq(der_take(&r, DER_OCTET_STRING).len, lengths[i]);
        ck_assert(der_ok(&r) && !der_more(&r));

        w = der_to(mem, lengths[i] + headers[i] - 1); /* one byte too few */
        der_put_element(&w, DER_OCTET_STRING, (struct span){contents, lengths[i]});
        ck_assert_uint_eq(der_written(&w).len, 0);
    }
}
END_TEST

START_TEST(elements_nest_backwards)
{
    uint8_t mem[32];
    struct der_wr w = der_to(mem, sizeof mem);

    der_put_element(&w, DER_OCTET_STRING, (struct span){(const uint8_t *)"\x01\x02", 2});
    size_t mark = der_mark(&w);
    der_put_element(&w, DER_ENUMERATED, (struct span){(const uint8_t *)"\x03", 1});
    der_put_header(&w, DER_CONTEXT_0 + 1, mark);
    der_put_header(&w, DER_SEQUENCE, 0);
    ck_assert_uint_eq(der_written(&w).len, 11);
    ck_assert_hex(der_written(&w).ptr, "3009a1030a010304020102");
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/der", lengths_in_every_form, malformed_elements_are_refused,
                     each_proper_prefix_is_refused, a_bad_reader_gives_nothing_more,
                     an_inner_element_cannot_leave_its_outer_one, an_empty_element_is_taken_whole,
                     written_lengths_are_minimal_and_read_back, elements_nest_backwards);
}
