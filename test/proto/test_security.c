/* test_security.c: security descriptors and what is in them (MS-DTYP 2.4). */
#include "proto/security.h"

#include "test/proto/message.h"
#include "test/run.h"

/* Samba: QUERY_INFO, security; owner S-1-5-21-..-1000, three entries */
static const char queried[] =
    "0100049014000000000000000000000030000000010500000000000515000000b31212f9808f23eb290491e2e80300"
    "00"
    "020058000300000000002400ff011e00010500000000000515000000b31212f9808f23eb290491e2e8030000000018"
    "00"
    "89001200010200000000001602000000e90300000000140089001200010100000000000100000000";

/* Samba: SET_INFO, security; one entry for S-1-3-0 */
static const char told[] = "010004800000000000000000000000001400000002001c0001000000000014008900"
                           "1f00010100000000000300000000";

static bool decode_descriptor(struct span bytes)
{
    struct security_descriptor sd;

    return security_descriptor_get(&sd, bytes);
}

static bool decode_sid(struct span bytes)
{
    struct sid sid;

    return sid_get(&sid, bytes);
}

START_TEST(a_descriptor_that_was_asked_for)
{
    struct message m = message_of(queried);
    struct security_descriptor sd;
    struct sid owner;
    struct ace ace;

    ck_assert(security_descriptor_get(&sd, message_span(&m)));
    ck_assert_uint_eq(sd.control, SE_SELF_RELATIVE | SE_DACL_PROTECTED | SE_DACL_PRESENT);
    ck_assert_uint_eq(sd.group.len + sd.sacl.len, 0);
    ck_assert(sid_get(&owner, sd.owner) && owner.authority == 5 && owner.count == 5);
    ck_assert_uint_eq(owner.sub[0], 21);
    ck_assert_uint_eq(owner.sub[4], 1000);
    struct acl_walk list = acl_from(sd.dacl);
    ck_assert(acl_next(&list, &ace) && ace.type == ACCESS_ALLOWED_ACE_TYPE);
    ck_assert_uint_eq(ace.mask, 0x001e01ff);
    ck_assert(!ace_inherited(&ace) && span_equal(ace.sid, sd.owner));
    ck_assert(acl_next(&list, &ace));
    ck_assert(sid_get(&owner, ace.sid) && owner.authority == 22 && owner.sub[1] == 1001);
    ck_assert(acl_next(&list, &ace) && ace.sid.len == 12);
    ck_assert(!acl_next(&list, &ace) && acl_ok(&list));
}
END_TEST

START_TEST(what_is_written_is_what_samba_writes)
{
    static const struct sid creator = {.authority = 3, .count = 1};
    uint8_t sid[SID_LEN_MAX], dacl[64], whole[128];
    struct wr s = wr_from(sid, sizeof sid), list = wr_from(dacl, sizeof dacl);
    struct wr w = wr_from(whole, sizeof whole);

    sid_put(&s, &creator);
    ace_put(&list, acl_put(&list), &(struct ace){.mask = 0x001f0089, .sid = wr_written(&s)});
    security_descriptor_put(
        &w, &(struct security_descriptor){.control = SE_DACL_PRESENT, .dacl = wr_written(&list)});
    ck_assert(wr_ok(&w) && w.pos == strlen(told) / 2);
    ck_assert_hex(whole, told);
}
END_TEST

START_TEST(a_descriptor_comes_back_the_same)
{
    struct message m = message_of(queried);
    struct security_descriptor sd;
    uint8_t again[256];
    struct wr w = wr_from(again, sizeof again);

    ck_assert(security_descriptor_get(&sd, message_span(&m)));
    security_descriptor_put(&w, &sd);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
}
END_TEST

START_TEST(a_part_of_a_descriptor_is_refused)
{
    struct message m = message_of(queried);

    check_prefixes_refused(decode_descriptor, message_span(&m));
    m = message_of(told);
    check_prefixes_refused(decode_descriptor, message_span(&m));
    m = message_of("010500000000000515000000b31212f9808f23eb290491e2e8030000");
    check_prefixes_refused(decode_sid, message_span(&m));
}
END_TEST

START_TEST(a_descriptor_that_lies_is_refused)
{
    static const struct breach breaches[] = {
        {"its revision is 1", 0, "02"},
        {"it is self-relative", 2, "0410"},
        {"its owner lies behind the header", 4, "04000000"},
        {"its owner lies inside", 4, "88000000"},
        {"its owner's offset does not wrap", 4, "fcffffff"},
        {"its owner's revision is 1", 20, "02"},
        {"a SID has at most 15 parts", 21, "10"},
        {"its list lies inside", 16, "85000000"},
        {"a list holds its own header", 50, "0700"},
        {"a list lies inside", 50, "5900"},
        {"a list has as many entries as it says", 52, "0400"},
        {"an entry holds its own header", 58, "0300"},
        {"an entry lies inside its list", 58, "5400"},
        {"an entry holds its SID", 58, "2300"},
        {"whom an entry is about lies inside it", 65, "06"},
    };
    struct message m = message_of(queried);

    check_breaches_refused(decode_descriptor, message_span(&m), breaches);
}
END_TEST

/* MS-DTYP 2.4.6: what Control does not announce is not there, whatever its offset. */
START_TEST(a_list_that_is_not_announced_is_not_looked_at)
{
    struct message m = message_of(told);
    struct security_descriptor sd;

    m.bytes[2] = 0;
    m.bytes[16] = 0xFF;
    ck_assert(security_descriptor_get(&sd, message_span(&m)));
    ck_assert_uint_eq(sd.dacl.len, 0);
}
END_TEST

/* MS-DTYP 2.4.4.3 */
START_TEST(an_entry_about_an_object_has_its_sid_behind_the_guids)
{
    struct message m = message_of("0400400001000000"
                                  "05103800340000000300000000112233445566778899aabbccddeeff"
                                  "00112233445566778899aabbccddeeff010100000000000100000000");
    struct acl_walk list = acl_from(message_span(&m));
    struct ace ace;

    ck_assert(acl_next(&list, &ace) && ace_inherited(&ace) && ace.mask == 0x34);
    check_span(ace.sid, "010100000000000100000000");
    ck_assert(!acl_next(&list, &ace) && acl_ok(&list));
}
END_TEST

START_TEST(an_entry_of_an_unknown_type_is_passed_over)
{
    struct message m = message_of("0200240002000000"
                                  "77000800deadbeef"
                                  "00001400890012000101000000000001000000"
                                  "00");
    struct acl_walk list = acl_from(message_span(&m));
    struct ace ace;

    ck_assert(acl_next(&list, &ace) && ace.type == 0x77 && ace.sid.len == 0 && ace.mask == 0);
    ck_assert(acl_next(&list, &ace) && ace.mask == 0x00120089 && ace.sid.len == 12);
    ck_assert(!acl_next(&list, &ace) && acl_ok(&list));
}
END_TEST

START_TEST(a_sid_that_cannot_be_is_not_written)
{
    uint8_t room[SID_LEN_MAX + 4];
    struct wr w = wr_from(room, sizeof room);

    sid_put(&w, &(struct sid){.count = 16});
    ck_assert(!wr_ok(&w));
    w = wr_from(room, sizeof room);
    sid_put(&w, &(struct sid){.authority = (uint64_t)1 << 48});
    ck_assert(!wr_ok(&w));
    w = wr_from(room, sizeof room);
    sid_put(&w, &(struct sid){.count = 15, .authority = 0xFFFFFFFFFFFF});
    ck_assert_uint_eq(wr_written(&w).len, SID_LEN_MAX);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "proto/security", a_descriptor_that_was_asked_for, what_is_written_is_what_samba_writes,
        a_descriptor_comes_back_the_same, a_part_of_a_descriptor_is_refused,
        a_descriptor_that_lies_is_refused, a_list_that_is_not_announced_is_not_looked_at,
        an_entry_about_an_object_has_its_sid_behind_the_guids,
        an_entry_of_an_unknown_type_is_passed_over, a_sid_that_cannot_be_is_not_written);
}
