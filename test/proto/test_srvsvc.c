/* test_srvsvc.c: the arguments of NetrShareEnum at level 1 (MS-SRVS 3.1.4.8) in NDR (C706 14). */
#include "proto/srvsvc.h"
#include "test/proto/message.h"
#include "test/proto/rpc_samples.h"
#include "test/run.h"

enum { HEADER = 24 }; /* of a request or response before its stub */

static struct span stub_of(const struct message *m)
{
    return (struct span){m->bytes + HEADER, m->len - HEADER};
}

static bool decode_call(struct span stub)
{
    struct srvsvc_share_enum q;

    return srvsvc_share_enum_get(&q, stub);
}

static bool decode_answer(struct span stub)
{
    struct srvsvc_share_enum_reply a;

    return srvsvc_share_enum_reply_get(&a, stub);
}

START_TEST(the_call_of_another_client_is_read)
{
    static const struct breach breaches[] = {
        {"a name longer than its room", 4, "09000000"},
        {"a name that begins in the middle", 8, "01000000"},
        {"a name without its NUL", 34, "3100"},
        {"two levels", 40, "02000000"},
        {"no container", 44, "00000000"},
        {"shares in a question", 52, "00000200"},
    };
    struct message m = message_of(rpc_sample_request);
    struct srvsvc_share_enum q;

    ck_assert(srvsvc_share_enum_get(&q, stub_of(&m)));
    ck_assert_uint_eq(q.level, 1);
    ck_assert_uint_eq(q.preferred_bytes, SRVSVC_PREFERRED_MAX);
    ck_assert_uint_eq(q.resume, 0);
    check_prefixes_refused(decode_call, stub_of(&m));
    struct message stub = {.len = m.len - HEADER};
    memcpy(stub.bytes, m.bytes + HEADER, stub.len);
    check_breaches_refused(decode_call, message_span(&stub), breaches);
}
END_TEST

/* Ours differs from it in the name of the server and in the numbers of the referents alone. */
START_TEST(our_call_is_the_same)
{
    static const char want[] = "000002000a000000000000000a0000003100320037002e0030002e0030002e00"
                               "310000000100000001000000000002000000000000000000ffffffff00000200"
                               "2a000000";
    uint8_t room[256];
    struct wr w = wr_from(room, sizeof room);
    struct srvsvc_share_enum got;

    srvsvc_share_enum_put(&w, &(struct srvsvc_share_enum){.server = "127.0.0.1",
                                                          .level = 1,
                                                          .preferred_bytes = SRVSVC_PREFERRED_MAX,
                                                          .resume = 42});
    check_span(wr_written(&w), want);
    ck_assert(srvsvc_share_enum_get(&got, wr_written(&w)));
    ck_assert_uint_eq(got.resume, 42);
}
END_TEST

START_TEST(a_server_name_has_an_end)
{
    char name[400];
    uint8_t room[1024];
    struct wr w = wr_from(room, sizeof room);

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    srvsvc_share_enum_put(&w, &(struct srvsvc_share_enum){.server = name, .level = 1});
    ck_assert(!wr_ok(&w));
}
END_TEST

START_TEST(the_answer_of_a_server_is_read)
{
    static const char *const names[] = {"data", "ro", "vault", "dfs", "open", "IPC$"};
    struct message m = message_of(rpc_sample_response);
    struct srvsvc_share_enum_reply a;
    struct srvsvc_share share;

    ck_assert(srvsvc_share_enum_reply_get(&a, stub_of(&m)));
    ck_assert_uint_eq(a.count, 6);
    ck_assert_uint_eq(a.total, 6);
    ck_assert_uint_eq(a.resume, 0);
    ck_assert_uint_eq(a.status, SRVSVC_SUCCESS);
    for (size_t i = 0; i < 6; i++) {
        ck_assert(srvsvc_share_next(&a, &share));
        check_utf16(share.name, names[i]);
        ck_assert_uint_eq(share.type, i == 5 ? 0x80000003 : 0);
        check_utf16(share.comment, i == 5 ? "IPC Service (Samba 4.17.12-Debian)" : "");
    }
    ck_assert(!srvsvc_share_next(&a, &share));
    check_prefixes_refused(decode_answer, stub_of(&m));
}
END_TEST

START_TEST(an_answer_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"another level", 0, "02000000"},
        {"another member of the union", 4, "02000000"},
        {"fewer entries than the array has", 12, "05000000"},
        {"more entries than the array has", 12, "07000000"},
        {"entries without an array", 16, "00000000"},
        {"an array of another size", 20, "05000000"},
        {"a share without a name", 24, "00000000"},
        {"a string of no characters", 104, "00000000"},
        {"a string longer than its room", 104, "06000000"},
        {"a string that begins in the middle", 100, "01000000"},
        {"a string without its NUL", 116, "6100"},
        {"a string that ends before its end", 110, "0000"},
    };
    struct message m = message_of(rpc_sample_response);
    struct message stub = {.len = m.len - HEADER};

    memcpy(stub.bytes, m.bytes + HEADER, stub.len);
    check_breaches_refused(decode_answer, message_span(&stub), breaches);
}
END_TEST

START_TEST(counts_that_overflow_are_refused)
{
    struct message m = message_of(rpc_sample_response);
    struct message stub = {.len = m.len - HEADER};

    memcpy(stub.bytes, m.bytes + HEADER, stub.len);
    hex(stub.bytes + 12, "56555515"); /* times 12 is 8 in 32 bits */
    hex(stub.bytes + 20, "56555515");
    ck_assert(!decodes(decode_answer, message_span(&stub)));
    memcpy(stub.bytes, m.bytes + HEADER, stub.len);
    hex(stub.bytes + 96, "ffffffff");  /* max_count */
    hex(stub.bytes + 104, "00000080"); /* times 2 is 0 in 32 bits */
    ck_assert(!decodes(decode_answer, message_span(&stub)));
}
END_TEST

START_TEST(answers_go_both_ways)
{
    static const struct srvsvc_share shares[] = {
        {.name = {(const uint8_t *)"a\0", 2}, .type = 1},
        {.name = {(const uint8_t *)"b\0c\0", 4}, .type = 2, .comment = {(const uint8_t *)"x\0", 2}},
    };
    uint8_t room[512];

    for (uint32_t count = 0; count <= 2; count++) {
        struct wr w = wr_from(room, sizeof room);
        struct srvsvc_share_enum_reply a = {
            .count = count, .total = 9, .resume = count, .status = SRVSVC_MORE_DATA};
        struct srvsvc_share_enum_reply got;
        struct srvsvc_share share;
        srvsvc_share_enum_reply_put(&w, &a, shares);
        ck_assert(srvsvc_share_enum_reply_get(&got, wr_written(&w)));
        ck_assert_uint_eq(got.total, 9);
        ck_assert_uint_eq(got.resume, count);
        ck_assert_uint_eq(got.status, SRVSVC_MORE_DATA);
        for (uint32_t i = 0; i < count; i++) {
            ck_assert(srvsvc_share_next(&got, &share));
            ck_assert(span_equal(share.name, shares[i].name));
            ck_assert(span_equal(share.comment, shares[i].comment));
            ck_assert_uint_eq(share.type, shares[i].type);
        }
        ck_assert(!srvsvc_share_next(&got, &share));
        check_prefixes_refused(decode_answer, wr_written(&w));
    }
}
END_TEST

/* A server that refuses has nothing to point to. */
START_TEST(an_answer_may_be_an_error_alone)
{
    static const char text[] = "010000000100000000000000000000000000000005000000";
    struct message m = message_of(text);
    struct srvsvc_share_enum_reply a;

    ck_assert(srvsvc_share_enum_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.count, 0);
    ck_assert_uint_eq(a.status, SRVSVC_ACCESS_DENIED);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/srvsvc", the_call_of_another_client_is_read, our_call_is_the_same,
                     a_server_name_has_an_end, the_answer_of_a_server_is_read,
                     an_answer_that_breaks_a_rule_is_refused, counts_that_overflow_are_refused,
                     answers_go_both_ways, an_answer_may_be_an_error_alone);
}
