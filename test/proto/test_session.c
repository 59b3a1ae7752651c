/* test_session.c: SESSION_SETUP (MS-SMB2 2.2.5, 2.2.6). */
#include "proto/session.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_session_setup_request q;

    return smb2_session_setup_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_session_setup_reply a;

    return smb2_session_setup_reply_get(&a, msg);
}

START_TEST(a_first_request_carries_a_token)
{
    struct message m = message_of(pkt_session_setup_request);
    struct message again;
    struct smb2_session_setup_request q;

    ck_assert(smb2_session_setup_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.flags, 0);
    ck_assert_uint_eq(q.security_mode, 1);
    ck_assert_uint_eq(q.capabilities, 1);
    ck_assert_uint_eq(q.previous_session_id, 0);
    ck_assert_uint_eq(q.token.len, 74);
    ck_assert_uint_eq(q.token.ptr[0], 0x60);
    struct wr w = body_begin(&again);
    smb2_session_setup_request_put(&w, &q);
    check_body(&w, pkt_session_setup_request);
    check_prefixes_refused(decode_request, message_span(&m));
}
END_TEST

START_TEST(a_binding_request_says_so)
{
    struct message m = message_of(pkt_session_setup_binding);
    struct smb2_session_setup_request q;

    ck_assert(smb2_session_setup_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.flags, SMB2_SESSION_FLAG_BINDING);
    ck_assert_uint_eq(q.security_mode, 3);
}
END_TEST

START_TEST(the_previous_session_and_an_empty_token_go_both_ways)
{
    struct smb2_session_setup_request q = {.previous_session_id = 0x1122334455667788};
    struct smb2_session_setup_request got;
    struct message m;
    struct wr w = body_begin(&m);

    smb2_session_setup_request_put(&w, &q);
    struct span msg = body_end(&m, &w);
    ck_assert_uint_eq(msg.len, SMB2_HEADER_LEN + 25); /* a byte of buffer, even if unused */
    ck_assert(smb2_session_setup_request_get(&got, msg));
    ck_assert_uint_eq(got.previous_session_id, q.previous_session_id);
    ck_assert_uint_eq(got.token.len, 0);
}
END_TEST

START_TEST(a_reply_goes_on_or_ends)
{
    struct message m = message_of(pkt_session_setup_reply_more);
    struct message again;
    struct smb2_session_setup_reply a;

    ck_assert(smb2_session_setup_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.session_flags, 0);
    ck_assert_uint_eq(a.token.len, 159);
    struct wr w = body_begin(&again);
    smb2_session_setup_reply_put(&w, &a);
    check_body(&w, pkt_session_setup_reply_more);
    check_prefixes_refused(decode_reply, message_span(&m));
    m = message_of(pkt_session_setup_reply_guest);
    ck_assert(smb2_session_setup_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.session_flags, SMB2_SESSION_FLAG_IS_GUEST);
    check_span(a.token, "a1073005a0030a0100");
}
END_TEST

START_TEST(a_token_that_is_not_there_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 9", 64, "08"},
        {"the token is past the end", 70, "0a00"},
        {"the token lies in the fixed part", 68, "4000"},
        {"the token begins past the end", 68, "ffff"},
    };
    struct message m = message_of(pkt_session_setup_reply_guest);

    check_breaches_refused(decode_reply, message_span(&m), breaches);
    /* A reply that announces 0xb3 bytes and ends there: the blog's packet, cut off. */
    m = message_of(pkt_session_setup_reply_more);
    m.bytes[70] = 0xb3;
    ck_assert(!decode_reply((struct span){m.bytes, 72}));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/session", a_first_request_carries_a_token, a_binding_request_says_so,
                     the_previous_session_and_an_empty_token_go_both_ways, a_reply_goes_on_or_ends,
                     a_token_that_is_not_there_is_refused);
}
