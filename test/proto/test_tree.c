/* test_tree.c: TREE_CONNECT (MS-SMB2 2.2.9, 2.2.10). */
#include "proto/tree.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_tree_connect_request q;

    return smb2_tree_connect_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_tree_connect_reply a;

    return smb2_tree_connect_reply_get(&a, msg);
}

START_TEST(a_request_names_a_share)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 9", 64, "0a"},
        {"the path is past the end", 70, "2200"},
        {"the path has half a character", 70, "1f00"},
        {"the path lies in the fixed part", 68, "4600"},
    };
    struct message m = message_of(pkt_tree_connect_request);
    struct message again;
    struct smb2_tree_connect_request q;

    ck_assert(smb2_tree_connect_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.flags, 0);
    check_utf16(q.path, "\\\\127.0.0.1\\IPC$");
    struct wr w = body_begin(&again);
    smb2_tree_connect_request_put(&w, &q);
    check_body(&w, pkt_tree_connect_request);
    check_prefixes_refused(decode_request, message_span(&m));
    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(a_path_that_does_not_fit_its_field_is_not_sent)
{
    static const uint8_t path[0x10000];
    static uint8_t out[sizeof path + 16];
    struct smb2_tree_connect_request q = {.path = {path, sizeof path}};
    struct wr w = wr_from(out, sizeof out);

    smb2_tree_connect_request_put(&w, &q);
    ck_assert(!wr_ok(&w));
}
END_TEST

START_TEST(a_reply_describes_the_share)
{
    static const struct breach breaches[] = {{"StructureSize is not 16", 64, "11"}};
    struct message m = message_of(pkt_tree_connect_reply);
    struct message again;
    struct smb2_tree_connect_reply a;

    ck_assert(smb2_tree_connect_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.share_type, SMB2_SHARE_TYPE_DISK);
    ck_assert_uint_eq(a.share_flags, SMB2_SHAREFLAG_DFS | SMB2_SHAREFLAG_DFS_ROOT);
    ck_assert_uint_eq(a.capabilities, SMB2_SHARE_CAP_DFS);
    ck_assert_uint_eq(a.maximal_access, 0x001f01ff);
    struct wr w = body_begin(&again);
    smb2_tree_connect_reply_put(&w, &a);
    check_body(&w, pkt_tree_connect_reply);
    check_prefixes_refused(decode_reply, message_span(&m));
    check_breaches_refused(decode_reply, message_span(&m), breaches);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/tree", a_request_names_a_share,
                     a_path_that_does_not_fit_its_field_is_not_sent, a_reply_describes_the_share);
}
