/* test_lock.c: LOCK (MS-SMB2 2.2.26, 2.2.26.1).
 *
 * The packets are our own captures of smbtorture talking to Samba 4.17.12, each compared field by field
 * with Wireshark 4.0.17's reading of it. */
#include "proto/lock.h"
#include "test/proto/message.h"
#include "test/run.h"

/* Samba: LOCK, one exclusive lock that may wait */
static const char pkt_lock_request[] =
    "fe534d4240000100000000000a0001001800000000000000090000000000000000000000f65b1c79d65596e70000"
    "0000b58e0346fb6d248ca969a3157435868930000100000000001fbd170800000000d170e5670000000064000000"
    "0000000032000000000000000200000000000000";

/* Samba: LOCK, two exclusive locks that fail at once */
static const char pkt_lock_request_two[] =
    "fe534d4240000100000000000a0001001000000000000000110000000000000000000000cb1f4fd6c2de26880000"
    "0000000000000000000000000000000000003000020000000000aa9d2f3900000000dc7f05c40000000000000000"
    "000000000a0000000000000012000000000000000a000000000000000a000000000000001200000000000000";

/* Samba: LOCK, with a LockSequence, at the end of what can be counted */
static const char pkt_lock_request_sequence[] =
    "fe534d4240000100000000000a00010010000000000000000a0000000000000000000000881879294cb6332b0000"
    "00000000000000000000000000000000000030000100b13a120056e0ac8700000000667a949200000000ffffffff"
    "ffffffffffffffffffffffff1200000000000000";

static bool decode_request(struct span msg)
{
    struct smb2_lock_request q;

    return smb2_lock_request_get(&q, msg);
}

/* Read a packet, write it again, and find the same bytes. */
static struct smb2_lock_request round_trip(struct message *m, const char *packet)
{
    struct message again;
    struct smb2_lock_request q;

    *m = message_of(packet);
    ck_assert(smb2_lock_request_get(&q, message_span(m)));
    struct wr w = body_begin(&again);
    smb2_lock_request_put(&w, &q);
    check_body(&w, packet);
    check_prefixes_refused(decode_request, message_span(m));
    return q;
}

START_TEST(a_request_names_a_file_and_a_range)
{
    struct message m;
    struct smb2_lock_element element;
    struct smb2_lock_request q = round_trip(&m, pkt_lock_request);

    ck_assert_uint_eq(q.file.persistent, 0x0817bd1f);
    ck_assert_uint_eq(q.file.vol, 0x67e570d1);
    ck_assert_uint_eq(q.sequence_number, 0);
    ck_assert_uint_eq(q.sequence_index, 0);
    ck_assert(smb2_lock_element_at(&q, 0, &element));
    ck_assert_uint_eq(element.offset, 100);
    ck_assert_uint_eq(element.length, 50);
    ck_assert_uint_eq(element.flags, SMB2_LOCKFLAG_EXCLUSIVE_LOCK);
    ck_assert(!smb2_lock_element_at(&q, 1, &element));
}
END_TEST

START_TEST(a_request_may_have_many_ranges)
{
    struct message m;
    struct smb2_lock_element element;
    struct smb2_lock_request q = round_trip(&m, pkt_lock_request_two);

    ck_assert(smb2_lock_element_at(&q, 1, &element));
    ck_assert_uint_eq(element.offset, 10);
    ck_assert_uint_eq(element.length, 10);
    ck_assert_uint_eq(element.flags, SMB2_LOCKFLAG_EXCLUSIVE_LOCK | SMB2_LOCKFLAG_FAIL_IMMEDIATELY);
    ck_assert(!smb2_lock_element_at(&q, 2, &element));
}
END_TEST

START_TEST(the_sequence_is_taken_apart) /* MS-SMB2 2.2.26: 4 bits and 28 */
{
    struct message m;
    struct smb2_lock_element element;
    struct smb2_lock_request q = round_trip(&m, pkt_lock_request_sequence);

    ck_assert_uint_eq(q.sequence_number, 1);
    ck_assert_uint_eq(q.sequence_index, 0x123ab);
    ck_assert(smb2_lock_element_at(&q, 0, &element));
    ck_assert_uint_eq(element.offset, UINT64_MAX);
    ck_assert_uint_eq(element.length, UINT64_MAX);
}
END_TEST

START_TEST(elements_are_written_one_after_the_other)
{
    struct message m = message_of(pkt_lock_request_two);
    struct smb2_lock_request q;
    uint8_t bytes[2 * SMB2_LOCK_ELEMENT_LEN];
    struct wr w = wr_from(bytes, sizeof bytes);

    ck_assert(smb2_lock_request_get(&q, message_span(&m)));
    for (size_t i = 0; i < 2; i++) {
        struct smb2_lock_element element;
        ck_assert(smb2_lock_element_at(&q, i, &element));
        smb2_lock_element_put(&w, &element);
    }
    ck_assert(span_equal(wr_written(&w), q.elements));
}
END_TEST

START_TEST(a_request_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 48", 64, "3100"},
        {"there is no element", 66, "0000"},
        {"there are more elements than bytes", 66, "0300"},
        {"as many elements as can be counted", 66, "ffff"},
    };
    struct message m = message_of(pkt_lock_request_two);

    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(what_has_no_form_on_the_wire_is_not_written)
{
    static const uint8_t zeros[SMB2_LOCK_ELEMENT_LEN];
    static const struct smb2_lock_request bad[] = {
        {.elements = {zeros, 0}},
        {.elements = {zeros, sizeof zeros - 1}},
        {.elements = {zeros, sizeof zeros}, .sequence_number = 16},
        {.elements = {zeros, sizeof zeros}, .sequence_index = 1u << 28},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct message m;
        struct wr w = body_begin(&m);
        smb2_lock_request_put(&w, &bad[i]);
        ck_assert(!wr_ok(&w));
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "proto/lock", a_request_names_a_file_and_a_range, a_request_may_have_many_ranges,
        the_sequence_is_taken_apart, elements_are_written_one_after_the_other,
        a_request_that_breaks_a_rule_is_refused, what_has_no_form_on_the_wire_is_not_written);
}
