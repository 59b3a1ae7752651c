/* test_write.c: WRITE (MS-SMB2 2.2.21, 2.2.22). */
#include "proto/write.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_write_request q;

    return smb2_write_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_write_reply a;

    return smb2_write_reply_get(&a, msg, 3);
}

START_TEST(a_request_is_48_bytes_before_its_payload)
{
    struct message m = message_of(pkt_write_request);
    struct message again;
    struct smb2_write_request q;

    ck_assert(smb2_write_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.length, 23);
    ck_assert_uint_eq(q.offset, 0);
    ck_assert_uint_eq(q.file.persistent, 0x0000000400000006);
    ck_assert_uint_eq(q.flags, 0);
    ck_assert(span_equal(q.data, span_of("Smb3 encryption testing")));
    struct wr w = body_begin(&again);
    smb2_write_request_put(&w, &q);
    ck_assert_uint_eq(w.pos, SMB2_WRITE_REQUEST_LEN);
    wr_span(&w, q.data);
    ck_assert_uint_eq(body_end(&again, &w).len, m.len);
    m.bytes[104] = 0; /* WriteChannelInfoOffset, which means nothing when its length is 0 */
    ck_assert_mem_eq(w.ptr, m.bytes + SMB2_HEADER_LEN, w.pos);
    check_prefixes_refused(decode_request, message_span(&m));
}
END_TEST

START_TEST(a_payload_that_is_not_there_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 49", 64, "30"},
        {"the payload begins past the end", 66, "ffff"},
        {"the payload lies in the fixed part", 66, "6f00"},
        {"the payload is longer than the message", 68, "18000000"},
        {"the payload is as long as can be", 68, "ffffffff"},
    };
    struct message m = message_of(pkt_write_request);

    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(a_reply_counts_what_was_written)
{
    struct message m = message_of(pkt_write_reply);
    struct message again;
    struct smb2_write_reply a;

    ck_assert(smb2_write_reply_get(&a, message_span(&m), 3));
    ck_assert_uint_eq(a.count, 3);
    ck_assert(smb2_write_reply_get(&a, message_span(&m), 0x10000)); /* fewer than sent */
    struct wr w = body_begin(&again);
    smb2_write_reply_put(&w, &a);
    check_body(&w, pkt_write_reply);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

START_TEST(a_count_that_cannot_be_is_refused) /* MS-SMB2 3.2.5.12 */
{
    static const struct breach breaches[] = {
        {"StructureSize is not 17", 64, "10"},
        {"more than was sent", 68, "04000000"},
        {"far more than was sent", 68, "ffffffff"},
        {"nothing of something", 68, "00000000"},
    };
    struct message m = message_of(pkt_write_reply);
    struct smb2_write_reply a;

    check_breaches_refused(decode_reply, message_span(&m), breaches);
    m.bytes[68] = 0;
    ck_assert(smb2_write_reply_get(&a, message_span(&m), 0)); /* nothing of nothing is well */
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/write", a_request_is_48_bytes_before_its_payload,
                     a_payload_that_is_not_there_is_refused, a_reply_counts_what_was_written,
                     a_count_that_cannot_be_is_refused);
}
