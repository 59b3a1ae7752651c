/* test_ioctl.c: IOCTL (MS-SMB2 2.2.31, 2.2.32) and VALIDATE_NEGOTIATE_INFO. */
#include "proto/ioctl.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

enum { MAX_OUTPUT = 0x10000 };

static bool decode_request(struct span msg)
{
    struct smb2_ioctl_request q;

    return smb2_ioctl_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_ioctl_reply a;

    return smb2_ioctl_reply_get(&a, msg, MAX_OUTPUT);
}

START_TEST(a_request_carries_input)
{
    struct message m = message_of(pkt_ioctl_request_dfs);
    struct smb2_ioctl_request q;

    ck_assert(smb2_ioctl_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.ctl_code, FSCTL_DFS_GET_REFERRALS);
    ck_assert_uint_eq(q.file.persistent, UINT64_MAX);
    ck_assert_uint_eq(q.file.vol, UINT64_MAX);
    ck_assert_uint_eq(q.max_input_response, 0);
    ck_assert_uint_eq(q.max_output_response, 65535);
    ck_assert_uint_eq(q.flags, SMB2_0_IOCTL_IS_FSCTL);
    ck_assert_uint_eq(q.input.len, 46);
    ck_assert_uint_eq(q.input.ptr[0], 3);
    check_prefixes_refused(decode_request, message_span(&m));
}
END_TEST

START_TEST(a_request_without_input_has_a_byte_of_buffer)
{
    struct message m = message_of(pkt_ioctl_request_empty);
    struct message again;
    struct smb2_ioctl_request q;

    ck_assert(smb2_ioctl_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.ctl_code, FSCTL_SRV_REQUEST_RESUME_KEY);
    ck_assert_uint_eq(q.max_output_response, 32);
    ck_assert_uint_eq(q.input.len, 0);
    struct wr w = body_begin(&again);
    smb2_ioctl_request_put(&w, &q);
    check_body(&w, pkt_ioctl_request_empty);
}
END_TEST

START_TEST(a_request_with_input_goes_both_ways)
{
    const struct smb2_ioctl_request q = {.ctl_code = FSCTL_PIPE_TRANSCEIVE,
                                         .file = {1, 2},
                                         .input = span_of("question"),
                                         .max_input_response = 7,
                                         .max_output_response = 1024,
                                         .flags = SMB2_0_IOCTL_IS_FSCTL};
    struct smb2_ioctl_request got;
    struct message m;
    struct wr w = body_begin(&m);

    smb2_ioctl_request_put(&w, &q);
    ck_assert(smb2_ioctl_request_get(&got, body_end(&m, &w)));
    ck_assert_uint_eq(got.ctl_code, q.ctl_code);
    ck_assert_uint_eq(got.file.vol, 2);
    ck_assert_uint_eq(got.max_input_response, 7);
    ck_assert_uint_eq(got.max_output_response, 1024);
    ck_assert_uint_eq(got.flags, q.flags);
    ck_assert(span_equal(got.input, q.input));
}
END_TEST

START_TEST(replies_are_read_and_written)
{
    static const struct {
        const char *packet;
        uint32_t ctl_code;
        size_t output_len;
    } cases[] = {
        {pkt_ioctl_reply_validate, FSCTL_VALIDATE_NEGOTIATE_INFO, 24},
        {pkt_ioctl_reply_copychunk_failed, FSCTL_SRV_COPYCHUNK, 12},
        {pkt_ioctl_reply_empty, 0x0009c040, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message m = message_of(cases[i].packet);
        struct message again;
        struct smb2_ioctl_reply a;
        ck_assert(smb2_ioctl_reply_get(&a, message_span(&m), (uint32_t)cases[i].output_len));
        ck_assert_uint_eq(a.ctl_code, cases[i].ctl_code);
        ck_assert_uint_eq(a.output.len, cases[i].output_len);
        ck_assert_uint_eq(a.input.len, 0);
        struct wr w = body_begin(&again);
        smb2_ioctl_reply_put(&w, &a);
        check_body(&w, cases[i].packet);
        check_prefixes_refused(decode_reply, message_span(&m));
    }
}
END_TEST

START_TEST(a_reply_may_echo_its_input)
{
    const struct smb2_ioctl_reply a = {.input = span_of("echo!"), .output = span_of("answer")};
    struct smb2_ioctl_reply got;
    struct message m;
    struct wr w = body_begin(&m);

    smb2_ioctl_reply_put(&w, &a);
    ck_assert(smb2_ioctl_reply_get(&got, body_end(&m, &w), 6));
    ck_assert(span_equal(got.input, a.input));
    ck_assert(span_equal(got.output, a.output));
}
END_TEST

START_TEST(a_reply_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 49", 64, "30"},
        {"the output is past the end", 100, "19000000"},
        {"the output is as long as can be", 100, "ffffffff"},
        {"the output begins past the end", 96, "00100000"},
        {"offset and length of the output wrap", 96, "f0fffffff0ffffff"},
        {"the output lies in the fixed part", 96, "60000000"},
        {"the input is past the end", 92, "20000000"},
        {"the input begins past the end", 88, "ffffffff01000000"},
    };
    struct message m = message_of(pkt_ioctl_reply_validate);
    struct smb2_ioctl_reply a;

    check_breaches_refused(decode_reply, message_span(&m), breaches);
    ck_assert(!smb2_ioctl_reply_get(&a, message_span(&m), 23)); /* more than asked */
}
END_TEST

static bool decode_validate_request(struct span input)
{
    struct smb2_validate_negotiate_request q;

    return smb2_validate_negotiate_request_get(&q, input);
}

static bool decode_validate_reply(struct span output)
{
    struct smb2_validate_negotiate_reply a;

    return smb2_validate_negotiate_reply_get(&a, output);
}

START_TEST(the_server_repeats_what_it_negotiated) /* MS-SMB2 2.2.32.6 */
{
    struct message m = message_of(pkt_ioctl_reply_validate);
    struct smb2_ioctl_reply a;
    struct smb2_validate_negotiate_reply info;
    uint8_t bytes[SMB2_VALIDATE_NEGOTIATE_REPLY_LEN];
    struct wr w = wr_from(bytes, sizeof bytes);

    ck_assert(smb2_ioctl_reply_get(&a, message_span(&m), MAX_OUTPUT));
    ck_assert(smb2_validate_negotiate_reply_get(&info, a.output));
    ck_assert_uint_eq(info.capabilities, 0x4f);
    ck_assert_hex(info.server_guid, "76656373727600000000000000000000");
    ck_assert_uint_eq(info.security_mode, 3);
    ck_assert_uint_eq(info.dialect, SMB2_DIALECT_300);
    smb2_validate_negotiate_reply_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), a.output));
    check_prefixes_refused(decode_validate_reply, a.output);
}
END_TEST

START_TEST(the_client_repeats_what_it_offered) /* MS-SMB2 2.2.31.4 */
{
    static const struct breach breaches[] = {{"more dialects than there can be", 22, "ffff"}};
    const struct smb2_validate_negotiate_request q = {
        .capabilities = 0x7f,
        .client_guid = "0123456789abcde",
        .security_mode = 1,
        .dialect_count = 2,
        .dialects = {SMB2_DIALECT_300, SMB2_DIALECT_302}};
    struct smb2_validate_negotiate_request got;
    uint8_t bytes[28] = {0};
    struct wr w = wr_from(bytes, sizeof bytes);

    smb2_validate_negotiate_request_put(&w, &q);
    ck_assert_hex(bytes, "7f000000"
                         "30313233343536373839616263646500"
                         "0100020000030203");
    ck_assert(smb2_validate_negotiate_request_get(&got, wr_written(&w)));
    ck_assert_mem_eq(&got, &q, sizeof q);
    check_prefixes_refused(decode_validate_request, wr_written(&w));
    check_breaches_refused(decode_validate_request, wr_written(&w), breaches);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/ioctl", a_request_carries_input,
                     a_request_without_input_has_a_byte_of_buffer,
                     a_request_with_input_goes_both_ways, replies_are_read_and_written,
                     a_reply_may_echo_its_input, a_reply_that_breaks_a_rule_is_refused,
                     the_server_repeats_what_it_negotiated, the_client_repeats_what_it_offered);
}
