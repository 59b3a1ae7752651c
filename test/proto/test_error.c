/* test_error.c: the ERROR response (MS-SMB2 2.2.2), and which replies are one. */
#include "proto/create.h"
#include "proto/error.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode(struct span msg)
{
    struct smb2_error_reply a;

    return smb2_error_reply_get(&a, msg);
}

START_TEST(an_error_without_data_has_72_bytes_or_73)
{
    struct message m = message_of(pkt_error_reply);
    struct message again;
    struct smb2_error_reply a;

    ck_assert_uint_eq(m.len, 73);
    ck_assert(smb2_error_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.context_count, 0);
    ck_assert_uint_eq(a.data.len, 0);
    struct wr w = body_begin(&again);
    smb2_error_reply_put(&w, &a);
    check_body(&w, pkt_error_reply);
    check_prefixes_refused(decode, (struct span){m.bytes, 72});
    m = message_of(pkt_interim_reply);
    ck_assert(decode(message_span(&m)));
    m = message_of(pkt_error_reply_padded);
    ck_assert_uint_eq(m.len, 80);
    ck_assert(decode(message_span(&m)));
}
END_TEST

START_TEST(an_error_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 9", 64, "08"},
        {"ByteCount past the end", 68, "ffffff7f"},
        {"ByteCount one too many", 68, "02"},
        {"a context that is not there", 66, "01"},
    };
    struct message m = message_of(pkt_error_reply);

    check_breaches_refused(decode, message_span(&m), breaches);
}
END_TEST

START_TEST(success_with_an_error_body_is_not_a_reply)
{
    struct message m = message_of(pkt_error_reply);
    struct smb2_create_reply a;

    ck_assert(smb2_reply_has_body(SMB2_CREATE, 0, message_span(&m)));
    ck_assert(!smb2_create_reply_get(&a, message_span(&m)));
}
END_TEST

START_TEST(some_statuses_come_with_the_reply_itself) /* MS-SMB2 3.3.4.4 */
{
    static const struct {
        uint32_t status;
        uint16_t command;
        bool has_body;
    } cases[] = {
        {0x00000000, SMB2_NEGOTIATE, true},
        {0xC0000016, SMB2_SESSION_SETUP, true},
        {0xC000006D, SMB2_SESSION_SETUP, false},
        {0xC0000016, SMB2_TREE_CONNECT, false},
        {0x80000005, SMB2_READ, true},
        {0xC0000011, SMB2_READ, false},
        {0x80000005, SMB2_QUERY_INFO, true},
        {0xC0000023, SMB2_QUERY_INFO, false},
        {0x80000005, SMB2_IOCTL, true},
        {0xC00000BB, SMB2_IOCTL, false},
        {0x0000010C, SMB2_CHANGE_NOTIFY, true},
        {0xC0000120, SMB2_CHANGE_NOTIFY, false},
        {0x80000006, SMB2_QUERY_DIRECTORY, false},
        {0x8000002D, SMB2_CREATE, false},
        {0x00000103, SMB2_READ, false},
        {0x00000103, SMB2_IOCTL, false},
    };
    struct message m = message_of(pkt_error_reply);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(smb2_reply_has_body(cases[i].command, cases[i].status, message_span(&m)) ==
                          cases[i].has_body,
                      "%s, 0x%08x", smb2_command_name(cases[i].command), cases[i].status);
    }
}
END_TEST

START_TEST(a_failed_copychunk_may_have_a_body) /* MS-SMB2 3.3.5.15.6 */
{
    struct message m = message_of(pkt_ioctl_reply_copychunk_failed);

    ck_assert(smb2_reply_has_body(SMB2_IOCTL, 0xC0000022, message_span(&m)));
    ck_assert(!smb2_reply_has_body(SMB2_QUERY_INFO, 0xC0000022, message_span(&m)));
    ck_assert(!smb2_reply_has_body(SMB2_IOCTL, 0xC0000022, (struct span){m.bytes, 65}));
}
END_TEST

/* An ERROR response with two contexts, of 3 and 4 bytes: they begin at 72 and 88. */
static struct span two_contexts(struct message *m)
{
    static uint8_t bytes[64];
    struct wr list = wr_from(bytes, sizeof bytes);
    struct wr w = body_begin(m);

    smb2_error_context_put(
        &list, &(struct smb2_error_context){SMB2_ERROR_ID_SHARE_REDIRECT, span_of("abc")});
    smb2_error_context_put(&list, &(struct smb2_error_context){7, span_of("defg")});
    smb2_error_reply_put(&w, &(struct smb2_error_reply){2, wr_written(&list)});
    return body_end(m, &w);
}

START_TEST(contexts_are_found_by_number) /* MS-SMB2 2.2.2.1 */
{
    static const struct breach breaches[] = {
        {"the first context is past the end", 72, "80000000"},
        {"the last context is past the end", 88, "05000000"},
        {"a context is as long as can be", 72, "ffffffff"},
        {"more contexts than are there", 66, "03"},
    };
    struct message m;
    struct span msg = two_contexts(&m);
    struct smb2_error_reply a;
    struct smb2_error_context context;

    ck_assert(smb2_error_reply_get(&a, msg));
    ck_assert_uint_eq(a.context_count, 2);
    ck_assert(smb2_error_context_at(&a, 0, &context));
    ck_assert_uint_eq(context.error_id, SMB2_ERROR_ID_SHARE_REDIRECT);
    ck_assert(span_equal(context.data, span_of("abc")));
    ck_assert(smb2_error_context_at(&a, 1, &context));
    ck_assert_uint_eq(context.error_id, 7);
    ck_assert(span_equal(context.data, span_of("defg")));
    ck_assert(!smb2_error_context_at(&a, 2, &context));
    check_prefixes_refused(decode, msg);
    check_breaches_refused(decode, msg, breaches);
}
END_TEST

/* ---------------------------------------------------------------- symbolic links */

enum { NAME_BYTES = 40 };

static bool decode_symlink(struct span msg)
{
    struct smb2_error_reply a;
    struct smb2_symlink_error link;

    return smb2_error_reply_get(&a, msg) && smb2_symlink_error_get(&link, &a, NAME_BYTES);
}

static const struct smb2_symlink_error a_link = {
    .unparsed_bytes = 8,
    .flags = SYMLINK_FLAG_RELATIVE,
    .substitute_name = {(const uint8_t *)"\\\0?\0?\0", 6},
    .print_name = {(const uint8_t *)"x\0y\0", 4},
};

/* An ERROR response about a_link, whose data begin at 72, or at 80 inside a context. */
static struct span symlink_message(struct message *m, bool wrapped)
{
    static uint8_t bytes[64], list_bytes[64];
    struct wr data = wr_from(bytes, sizeof bytes);
    struct wr list = wr_from(list_bytes, sizeof list_bytes);
    struct wr w = body_begin(m);

    smb2_symlink_error_put(&data, &a_link);
    struct smb2_error_context context = {SMB2_ERROR_ID_DEFAULT, wr_written(&data)};
    smb2_error_context_put(&list, &context);
    smb2_error_reply_put(&w, wrapped ? &(struct smb2_error_reply){1, wr_written(&list)}
                                     : &(struct smb2_error_reply){0, wr_written(&data)});
    return body_end(m, &w);
}

START_TEST(a_symbolic_link_is_read_bare_and_wrapped) /* MS-SMB2 2.2.2.2.1 */
{
    for (int wrapped = 0; wrapped < 2; wrapped++) {
        struct message m;
        struct span msg = symlink_message(&m, wrapped == 1);
        struct smb2_error_reply a;
        struct smb2_symlink_error link;
        ck_assert(smb2_error_reply_get(&a, msg));
        ck_assert(smb2_symlink_error_get(&link, &a, 8));
        ck_assert_uint_eq(link.unparsed_bytes, 8);
        ck_assert_uint_eq(link.flags, SYMLINK_FLAG_RELATIVE);
        check_utf16(link.substitute_name, "\\??");
        check_utf16(link.print_name, "xy");
        check_prefixes_refused(decode_symlink, msg);
    }
}
END_TEST

START_TEST(a_symbolic_link_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"SymLinkLength past the end", 72, "ffffff7f"},
        {"SymLinkLength too small", 72, "10000000"},
        {"SymLinkErrorTag is another", 76, "11111111"},
        {"ReparseTag is not a symbolic link's", 80, "030000a0"},
        {"ReparseDataLength past the end", 84, "1700"},
        {"ReparseDataLength smaller than its fixed part", 84, "0b00"},
        {"UnparsedPathLength above the name's", 86, "2a00"},
        {"UnparsedPathLength odd", 86, "0700"},
        {"SubstituteNameOffset past the end", 88, "0a00"},
        {"SubstituteNameLength past the end", 90, "0c00"},
        {"SubstituteNameLength odd", 90, "0500"},
        {"PrintNameLength past the end", 94, "0600"},
        {"PrintNameLength odd", 94, "0300"},
        {"PrintNameOffset wraps", 92, "ffff"},
    };
    struct message m;

    check_breaches_refused(decode_symlink, symlink_message(&m, false), breaches);
}
END_TEST

START_TEST(contexts_without_a_link_have_none)
{
    struct message m;
    struct span msg = two_contexts(&m);
    struct smb2_error_reply a;
    struct smb2_symlink_error link;

    ck_assert(smb2_error_reply_get(&a, msg));
    ck_assert(!smb2_symlink_error_get(&link, &a, NAME_BYTES));
}
END_TEST

/* ---------------------------------------------------------------- shares on other nodes */

static bool decode_redirect(struct span msg)
{
    struct smb2_error_reply a;
    struct smb2_share_redirect redirect;

    return smb2_error_reply_get(&a, msg) && smb2_share_redirect_get(&redirect, &a);
}

/* Source of the two addresses: jborean93/smbprotocol, tests/test_exceptions.py,
 * SMB2MoveDstIpAddrStructure. */
static const char two_addresses[] = "0100000000000000c0a80164000000000000000000000000"
                                    "0200000000000000fe8012ab000000000000000100020000";

/* An ERROR response that leads to node "n1": its context's data begin at 80. */
static struct span redirect_message(struct message *m)
{
    static uint8_t data_bytes[128], list_bytes[128];
    struct message addresses = message_of(two_addresses);
    struct wr data = wr_from(data_bytes, sizeof data_bytes);
    struct wr list = wr_from(list_bytes, sizeof list_bytes);
    struct wr w = body_begin(m);

    smb2_share_redirect_put(
        &data, &(struct smb2_share_redirect){.resource_name = {(const uint8_t *)"n\0001\0", 4},
                                             .addresses = message_span(&addresses)});
    smb2_error_context_put(
        &list, &(struct smb2_error_context){SMB2_ERROR_ID_SHARE_REDIRECT, wr_written(&data)});
    smb2_error_reply_put(&w, &(struct smb2_error_reply){1, wr_written(&list)});
    return body_end(m, &w);
}

START_TEST(a_redirect_names_a_node_and_its_addresses) /* MS-SMB2 2.2.2.2.2 */
{
    struct message m, list = {.len = 0};
    struct wr again = wr_from(list.bytes, sizeof list.bytes);
    struct smb2_error_reply a;
    struct smb2_share_redirect redirect;
    struct smb2_move_address address;

    ck_assert(smb2_error_reply_get(&a, redirect_message(&m)));
    ck_assert(smb2_share_redirect_get(&redirect, &a));
    check_utf16(redirect.resource_name, "n1");
    ck_assert(smb2_share_redirect_address(&redirect, 0, &address));
    ck_assert_uint_eq(address.type, MOVE_DST_IPADDR_V4);
    ck_assert_hex(address.bytes, "c0a80164");
    smb2_move_address_put(&again, &address);
    ck_assert(smb2_share_redirect_address(&redirect, 1, &address));
    ck_assert_uint_eq(address.type, MOVE_DST_IPADDR_V6);
    ck_assert_hex(address.bytes, "fe8012ab000000000000000100020000");
    smb2_move_address_put(&again, &address);
    check_span(wr_written(&again), two_addresses);
    ck_assert(!smb2_share_redirect_address(&redirect, 2, &address));
    check_prefixes_refused(decode_redirect, message_span(&m));
}
END_TEST

START_TEST(a_redirect_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"another context", 76, "00000000"},
        {"StructureSize past the end", 80, "ffffff7f"},
        {"NotificationType is another", 84, "02000000"},
        {"ResourceNameOffset past the end", 88, "4d000000"},
        {"ResourceNameOffset inside the list", 88, "18000000"},
        {"ResourceNameLength past the end", 92, "06000000"},
        {"ResourceNameLength odd", 92, "03000000"},
        {"more addresses than there are", 100, "03000000"},
        {"IPAddrCount as large as can be", 100, "ffffffff"},
        {"IPAddrCount times 24 is 8 in 32 bits", 100, "abaaaa0a"},
        {"an address of no kind", 104, "03000000"},
    };
    struct message m;

    check_breaches_refused(decode_redirect, redirect_message(&m), breaches);
}
END_TEST

START_TEST(other_errors_lead_nowhere)
{
    struct message m;
    struct smb2_error_reply a;
    struct smb2_share_redirect redirect;

    ck_assert(smb2_error_reply_get(&a, symlink_message(&m, true)));
    ck_assert(!smb2_share_redirect_get(&redirect, &a));
    m = message_of(pkt_error_reply);
    ck_assert(smb2_error_reply_get(&a, message_span(&m)));
    ck_assert(!smb2_share_redirect_get(&redirect, &a));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/error", an_error_without_data_has_72_bytes_or_73,
                     an_error_that_breaks_a_rule_is_refused,
                     success_with_an_error_body_is_not_a_reply,
                     some_statuses_come_with_the_reply_itself, a_failed_copychunk_may_have_a_body,
                     contexts_are_found_by_number, a_symbolic_link_is_read_bare_and_wrapped,
                     a_symbolic_link_that_breaks_a_rule_is_refused,
                     contexts_without_a_link_have_none, a_redirect_names_a_node_and_its_addresses,
                     a_redirect_that_breaks_a_rule_is_refused, other_errors_lead_nowhere);
}
