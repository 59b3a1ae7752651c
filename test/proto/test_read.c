/* test_read.c: READ (MS-SMB2 2.2.19, 2.2.20). */
#include "proto/read.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_read_request q;

    return smb2_read_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_read_reply a;

    return smb2_read_reply_get(&a, msg, 0x10000);
}

START_TEST(a_request_asks_for_a_range)
{
    static const struct breach breaches[] = {{"StructureSize is not 49", 64, "30"}};
    struct message m = message_of(pkt_read_request);
    struct smb2_read_request q;

    ck_assert(smb2_read_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.length, 23);
    ck_assert_uint_eq(q.offset, 0);
    ck_assert_uint_eq(q.file.persistent, 0x0000000400000006);
    ck_assert_uint_eq(q.file.vol, 0x0000000400000001);
    ck_assert_uint_eq(q.minimum_count, 0);
    ck_assert_uint_eq(q.flags, 0);
    check_prefixes_refused(decode_request, message_span(&m));
    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(a_request_goes_both_ways)
{
    const struct smb2_read_request q = {.flags = SMB2_READFLAG_READ_UNBUFFERED,
                                        .file = {1, 2},
                                        .offset = 0x123456789a,
                                        .length = 0x800000,
                                        .minimum_count = 1};
    struct smb2_read_request got;
    struct message m;
    struct wr w = body_begin(&m);

    smb2_read_request_put(&w, &q);
    ck_assert_uint_eq(w.pos, SMB2_READ_REQUEST_LEN);
    ck_assert(smb2_read_request_get(&got, body_end(&m, &w)));
    ck_assert_uint_eq(got.flags, q.flags);
    ck_assert_uint_eq(got.file.vol, 2);
    ck_assert_uint_eq(got.offset, q.offset);
    ck_assert_uint_eq(got.length, q.length);
    ck_assert_uint_eq(got.minimum_count, 1);
    ck_assert_uint_eq(m.bytes[66], 0x50); /* where servers put the data */
}
END_TEST

START_TEST(a_reply_carries_data)
{
    struct message m = message_of(pkt_read_reply);
    struct message again;
    struct smb2_read_reply a;

    ck_assert(smb2_read_reply_get(&a, message_span(&m), 3));
    check_span(a.data, "766d0a");
    struct wr w = body_begin(&again);
    smb2_read_reply_put(&w, &a);
    check_body(&w, pkt_read_reply);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

START_TEST(a_reply_may_be_empty_or_padded)
{
    struct message m = message_of(pkt_read_reply_empty);
    struct message again;
    struct smb2_read_reply a;

    ck_assert(smb2_read_reply_get(&a, message_span(&m), 0));
    ck_assert_uint_eq(a.data.len, 0);
    struct wr w = body_begin(&again);
    smb2_read_reply_put(&w, &a);
    check_body(&w, pkt_read_reply_empty);
    m = message_of(pkt_read_reply_padded);
    ck_assert(smb2_read_reply_get(&a, message_span(&m), 16));
    ck_assert_uint_eq(a.data.len, 1);
}
END_TEST

START_TEST(a_reply_longer_than_asked_is_refused) /* MS-SMB2 3.2.5.11 */
{
    struct message m = message_of(pkt_read_reply);
    struct smb2_read_reply a;

    ck_assert(!smb2_read_reply_get(&a, message_span(&m), 2));
}
END_TEST

START_TEST(data_that_is_not_there_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 17", 64, "10"},
        {"data begins past the end", 66, "ff"},
        {"data begins at the end", 66, "53"},
        {"data begins in the header", 66, "10"},
        {"data begins in the fixed part", 66, "4f"},
        {"one byte more than is there", 68, "04000000"},
        {"as much as there can be", 68, "ffffffff"},
    };
    struct message m = message_of(pkt_read_reply);

    check_breaches_refused(decode_reply, message_span(&m), breaches);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/read", a_request_asks_for_a_range, a_request_goes_both_ways,
                     a_reply_carries_data, a_reply_may_be_empty_or_padded,
                     a_reply_longer_than_asked_is_refused, data_that_is_not_there_is_refused);
}
