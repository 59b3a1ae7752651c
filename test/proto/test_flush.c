/* test_flush.c: FLUSH (MS-SMB2 2.2.17). */
#include "proto/flush.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_flush_request q;

    return smb2_flush_request_get(&q, msg);
}

START_TEST(a_request_names_a_file)
{
    static const struct breach breaches[] = {{"StructureSize is not 24", 64, "19"}};
    struct message m = message_of(pkt_flush_request);
    struct message again;
    struct smb2_flush_request q;

    ck_assert(smb2_flush_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.file.persistent, 0x0d53e1f8);
    ck_assert_uint_eq(q.file.vol, 0x4f60dcd9);
    struct wr w = body_begin(&again);
    smb2_flush_request_put(&w, &q);
    check_body(&w, pkt_flush_request);
    check_prefixes_refused(decode_request, message_span(&m));
    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/flush", a_request_names_a_file);
}
