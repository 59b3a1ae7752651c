/* test_close.c: CLOSE (MS-SMB2 2.2.15, 2.2.16). */
#include "proto/close.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_close_request q;

    return smb2_close_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_close_reply a;

    return smb2_close_reply_get(&a, msg);
}

START_TEST(a_request_names_a_file)
{
    static const struct breach breaches[] = {{"StructureSize is not 24", 64, "19"}};
    struct message m = message_of(pkt_close_request);
    struct message again;
    struct smb2_close_request q;

    ck_assert(smb2_close_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.flags, SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB);
    ck_assert_uint_eq(q.file.persistent, 0xeaf64459);
    ck_assert_uint_eq(q.file.vol, 0x22b74db6);
    struct wr w = body_begin(&again);
    smb2_close_request_put(&w, &q);
    check_body(&w, pkt_close_request);
    check_prefixes_refused(decode_request, message_span(&m));
    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(a_reply_tells_what_the_file_was_at_the_end)
{
    static const struct breach breaches[] = {{"StructureSize is not 60", 64, "3d"}};
    struct message m = message_of(pkt_close_reply);
    struct message again;
    struct smb2_close_reply a;

    ck_assert(smb2_close_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.flags, SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB);
    ck_assert_uint_eq(a.created, 134396796509995769);
    ck_assert_uint_eq(a.accessed, 134396796510044395);
    ck_assert_uint_eq(a.written, 134396796510044230);
    ck_assert_uint_eq(a.changed, 134396796510044230);
    ck_assert_uint_eq(a.allocation_size, 65536);
    ck_assert_uint_eq(a.end_of_file, 65536);
    ck_assert_uint_eq(a.file_attributes, 0x20);
    struct wr w = body_begin(&again);
    smb2_close_reply_put(&w, &a);
    check_body(&w, pkt_close_reply);
    check_prefixes_refused(decode_reply, message_span(&m));
    check_breaches_refused(decode_reply, message_span(&m), breaches);
}
END_TEST

START_TEST(a_reply_without_attributes_has_zeros)
{
    struct message m = message_of(pkt_close_reply_plain);
    struct smb2_close_reply a;

    ck_assert(smb2_close_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.flags, 0);
    ck_assert_uint_eq(a.end_of_file, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/close", a_request_names_a_file,
                     a_reply_tells_what_the_file_was_at_the_end,
                     a_reply_without_attributes_has_zeros);
}
