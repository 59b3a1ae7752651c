/* test_oplock_break.c: OPLOCK_BREAK (MS-SMB2 2.2.23 to 2.2.25). */
#include "proto/oplock_break.h"
#include "test/proto/message.h"
#include "test/run.h"

/* Samba 4.17.12: what smbd says to smbtorture that holds a batch oplock, in a session that signs. */
static const char pkt_oplock_notice[] =
    "fe534d424000000000000000120000000100000000000000ffffffffffffffff0000000000000000d15ffcde0000"
    "0000000000000000000000000000000000001800000000000000b17a8c770000000077f3efc100000000";

/* Samba 4.17.12: smbtorture gives all but level II back. */
static const char pkt_oplock_ack[] =
    "fe534d424000010000000000120001001800000000000000070000000000000000000000db5509b8d15ffcde0000"
    "000002fcc2cf4f896cd3c6074239f05a17051800010000000000b17a8c770000000077f3efc100000000";

/* Samba 4.17.12: smbd's response to the acknowledgment of a lease, of which READ and WRITE are left. */
static const char pkt_lease_response[] =
    "fe534d424000010000000000120002001100000000000000070000000000000000000000f634e2541c53d7f90000"
    "00000000000000000000000000000000000024000000000000000df0dde0fe0fdcbaf20f221f01f0234505000000"
    "0000000000000000";

/* Laid out by hand from MS-SMB2 2.2.23.2: all three states, of which READ is left. */
static const char pkt_lease_notice[] =
    "fe534d424000000000000000120000000100000000000000ffffffffffffffff0000000000000000000000000000"
    "0000000000000000000000000000000000002c000500010000000df0dde0fe0fdcbaf20f221f01f0234507000000"
    "01000000000000000000000000000000";

static bool decode_notice(struct span msg)
{
    struct smb2_break_notice notice;

    return smb2_break_notice_get(&notice, msg);
}

static bool decode_ack(struct span msg)
{
    struct smb2_break_ack ack;

    return smb2_break_ack_get(&ack, msg);
}

START_TEST(an_oplock_is_broken)
{
    struct message m = message_of(pkt_oplock_notice), again;
    struct smb2_break_notice notice;

    ck_assert(smb2_break_notice_get(&notice, message_span(&m)));
    ck_assert(!notice.lease);
    ck_assert_uint_eq(notice.level, SMB2_OPLOCK_LEVEL_NONE);
    ck_assert_uint_eq(notice.file.persistent, 0x778c7ab1);
    ck_assert_uint_eq(notice.file.vol, 0xc1eff377);
    struct wr w = body_begin(&again);
    smb2_break_notice_put(&w, &notice);
    check_body(&w, pkt_oplock_notice);
    check_prefixes_refused(decode_notice, message_span(&m));
}
END_TEST

START_TEST(a_lease_is_broken)
{
    struct message m = message_of(pkt_lease_notice), again;
    struct smb2_break_notice notice;

    ck_assert(smb2_break_notice_get(&notice, message_span(&m)));
    ck_assert(notice.lease);
    ck_assert_hex(notice.key, "0df0dde0fe0fdcbaf20f221f01f02345");
    ck_assert_uint_eq(notice.epoch, 5);
    ck_assert_uint_eq(notice.flags, SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED);
    ck_assert_uint_eq(notice.current_state, 7);
    ck_assert_uint_eq(notice.new_state, SMB2_LEASE_READ_CACHING);
    struct wr w = body_begin(&again);
    smb2_break_notice_put(&w, &notice);
    check_body(&w, pkt_lease_notice);
    check_prefixes_refused(decode_notice, message_span(&m));
}
END_TEST

START_TEST(a_break_takes_and_does_not_give)
{
    struct message oplock = message_of(pkt_oplock_notice), lease = message_of(pkt_lease_notice);

    oplock.bytes[SMB2_HEADER_LEN + 2] = SMB2_OPLOCK_LEVEL_EXCLUSIVE;
    ck_assert(!decode_notice(message_span(&oplock)));
    lease.bytes[SMB2_HEADER_LEN + 24] = 6; /* READ was not there */
    ck_assert(!decode_notice(message_span(&lease)));
    lease.bytes[SMB2_HEADER_LEN + 24] = 0x0F; /* there is no such state */
    ck_assert(!decode_notice(message_span(&lease)));
}
END_TEST

START_TEST(an_oplock_is_given_back)
{
    struct message m = message_of(pkt_oplock_ack), again;
    struct smb2_break_ack ack;

    ck_assert(smb2_break_ack_get(&ack, message_span(&m)));
    ck_assert(!ack.lease);
    ck_assert_uint_eq(ack.level, SMB2_OPLOCK_LEVEL_II);
    ck_assert_uint_eq(ack.file.persistent, 0x778c7ab1);
    struct wr w = body_begin(&again);
    smb2_break_ack_put(&w, &ack);
    check_body(&w, pkt_oplock_ack);
    check_prefixes_refused(decode_ack, message_span(&m));
}
END_TEST

START_TEST(a_lease_is_given_back)
{
    struct message m = message_of(pkt_lease_response), again;
    struct smb2_break_ack ack;

    ck_assert(smb2_break_ack_get(&ack, message_span(&m)));
    ck_assert(ack.lease);
    ck_assert_hex(ack.key, "0df0dde0fe0fdcbaf20f221f01f02345");
    ck_assert_uint_eq(ack.state, SMB2_LEASE_READ_CACHING | SMB2_LEASE_WRITE_CACHING);
    struct wr w = body_begin(&again);
    smb2_break_ack_put(&w, &ack);
    check_body(&w, pkt_lease_response);
    check_prefixes_refused(decode_ack, message_span(&m));
}
END_TEST

START_TEST(any_other_size_is_refused)
{
    struct message notice = message_of(pkt_lease_notice), ack = message_of(pkt_oplock_ack);

    notice.bytes[SMB2_HEADER_LEN] = SMB2_LEASE_ACK_LEN;
    ck_assert(!decode_notice(message_span(&notice)));
    ack.bytes[SMB2_HEADER_LEN] = SMB2_LEASE_BREAK_LEN;
    ck_assert(!decode_ack(message_span(&ack)));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/oplock_break", an_oplock_is_broken, a_lease_is_broken,
                     a_break_takes_and_does_not_give, an_oplock_is_given_back,
                     a_lease_is_given_back, any_other_size_is_refused);
}
