/* test_misc.c: messages that say nothing beyond their header. */
#include "proto/misc.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

START_TEST(
    one_body_serves_many_messages) /* MS-SMB2 2.2.7, 2.2.11, 2.2.12, 2.2.28, 2.2.29, 2.2.30 */
{
    static const char *const packets[] = {
        pkt_logoff_request,
        pkt_tree_disconnect_request,
        pkt_tree_disconnect_reply,
        pkt_echo_request,
        pkt_echo_reply,
        pkt_cancel_async,
    };

    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        struct message m = message_of(packets[i]);
        struct message again;
        struct wr w = body_begin(&again);
        smb2_empty_put(&w);
        check_body(&w, packets[i]);
        check_prefixes_refused(smb2_empty_get, message_span(&m));
    }
}
END_TEST

START_TEST(padding_after_the_body_is_tolerated) /* MS-SMB2 2.2.18, captured with four bytes of it */
{
    struct message m = message_of(pkt_flush_reply);

    ck_assert_uint_eq(m.len, 72);
    ck_assert(smb2_empty_get(message_span(&m)));
}
END_TEST

START_TEST(another_structure_size_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is ERROR's", 64, "0900"},
        {"StructureSize has a high byte", 64, "0401"},
    };
    struct message m = message_of(pkt_echo_reply);

    check_breaches_refused(smb2_empty_get, message_span(&m), breaches);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/misc", one_body_serves_many_messages,
                     padding_after_the_body_is_tolerated, another_structure_size_is_refused);
}
