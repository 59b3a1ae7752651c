/* test_transform.c: the header of a sealed frame (MS-SMB2 2.2.41). */
#include "proto/transform.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode(struct span frame)
{
    struct smb2_transform t;

    return smb2_transform_get(&t, frame);
}

START_TEST(a_sealed_frame_is_read_and_written)
{
    struct message m = message_of(pkt_sealed_read_request);
    struct smb2_transform t;
    uint8_t out[SMB2_TRANSFORM_LEN];
    struct wr w = wr_from(out, sizeof out);

    ck_assert(smb2_transform_get(&t, message_span(&m)));
    ck_assert_hex(t.signature, "6dac0b6fd85a3ed42bb917da38fe0386");
    ck_assert_hex(t.nonce, "d7aa8c6d36859243b715e0a600000000");
    ck_assert_uint_eq(t.original_message_size, 113);
    ck_assert_uint_eq(t.session_id, 0x100000000025);
    smb2_transform_put(&w, &t);
    ck_assert(wr_ok(&w));
    ck_assert_mem_eq(out, m.bytes, sizeof out);
    /* What is authenticated is the end of the header. */
    ck_assert_hex(m.bytes + SMB2_TRANSFORM_AAD_OFFSET,
                  "d7aa8c6d36859243b715e0a60000000071000000000001002500000000100000");
    ck_assert_int_eq(SMB2_TRANSFORM_AAD_OFFSET + SMB2_TRANSFORM_AAD_LEN, SMB2_TRANSFORM_LEN);
    check_prefixes_refused(decode, message_span(&m));
}
END_TEST

START_TEST(a_frame_that_breaks_a_rule_is_refused) /* MS-SMB2 3.2.5.1.1.1 */
{
    static const struct breach breaches[] = {
        {"ProtocolId is not the transform's", 0, "fe"},
        {"OriginalMessageSize is too large", 36, "72000000"},
        {"OriginalMessageSize is too small", 36, "70000000"},
        {"OriginalMessageSize is 0", 36, "00000000"},
        {"Flags is 0", 42, "0000"},
        {"Flags has another bit", 42, "0300"},
    };
    struct message m = message_of(pkt_sealed_read_request);

    check_breaches_refused(decode, message_span(&m), breaches);
}
END_TEST

START_TEST(a_frame_around_nothing_is_refused)
{
    struct message m = message_of(pkt_sealed_read_request);

    memset(m.bytes + 36, 0, 4);
    ck_assert(!decodes(decode, (struct span){m.bytes, SMB2_TRANSFORM_LEN}));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/transform", a_sealed_frame_is_read_and_written,
                     a_frame_that_breaks_a_rule_is_refused, a_frame_around_nothing_is_refused);
}
