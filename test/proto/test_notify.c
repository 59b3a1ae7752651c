/* test_notify.c: CHANGE_NOTIFY (MS-SMB2 2.2.35, 2.2.36) and what it lists (MS-FSCC 2.7.1).
 *
 * The packets are our own captures of smbtorture talking to Samba 4.17.12, each compared field by field
 * with Wireshark 4.0.17's reading of it. */
#include "proto/notify.h"
#include "test/proto/message.h"
#include "test/run.h"

/* Samba: CHANGE_NOTIFY, a whole tree */
static const char pkt_notify_request[] =
    "fe534d4240000100000000000f000100080000000000000008000000000000000000000042c5dbc9550c6d570000"
    "0000e6a8cff50e629faf6dee9bf921a90d0120000100e803000013bb487b00000000cf2f7fee0000000003000000"
    "00000000";

/* Samba: CHANGE_NOTIFY, a file removed, made again and written */
static const char pkt_notify_reply[] =
    "fe534d4240008000000000000f0080001900000000000000910000000000000000000000ffac50d1550fe0f60000"
    "0000b1b4ece27521dab54f67714a5cc2bdcc090048009000000030000000020000002200000073006d0062003200"
    "2d006e006f007400690066007900300031002e00640061007400000030000000010000002200000073006d006200"
    "32002d006e006f007400690066007900300031002e00640061007400000000000000030000002200000073006d00"
    "620032002d006e006f007400690066007900300031002e006400610074000000";

/* Samba: CHANGE_NOTIFY with STATUS_NOTIFY_ENUM_DIR */
static const char pkt_notify_reply_enum[] =
    "fe534d42400001000c0100000f00010019000000000000008b0000000000000000000000ffac50d1550fe0f60000"
    "000028d29356c10c7f83acbeecac5194edc5090000000000000000";

enum { ASKED = 1000 };

static bool decode_request(struct span msg)
{
    struct smb2_notify_request q;

    return smb2_notify_request_get(&q, msg);
}

/* The reply and all that it lists. */
static bool decode_reply(struct span msg)
{
    struct smb2_notify_reply a;
    struct file_notify_information change;

    if (!smb2_notify_reply_get(&a, msg, ASKED)) {
        return false;
    }
    struct walk list = walk_from(a.changes);
    while (file_notify_information_next(&list, &change)) {
        ck_assert_uint_eq(change.name.len % 2, 0);
    }
    return walk_ok(&list);
}

START_TEST(a_request_says_what_to_watch)
{
    static const struct breach breaches[] = {{"StructureSize is not 32", 64, "21"}};
    struct message m = message_of(pkt_notify_request);
    struct message again;
    struct smb2_notify_request q;

    ck_assert(smb2_notify_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.flags, SMB2_WATCH_TREE);
    ck_assert_uint_eq(q.output_length, 1000);
    ck_assert_uint_eq(q.file.persistent, 0x7b48bb13);
    ck_assert_uint_eq(q.file.vol, 0xee7f2fcf);
    ck_assert_uint_eq(q.filter, FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME);
    struct wr w = body_begin(&again);
    smb2_notify_request_put(&w, &q);
    ck_assert_uint_eq(w.pos, SMB2_NOTIFY_REQUEST_LEN);
    check_body(&w, pkt_notify_request);
    check_prefixes_refused(decode_request, message_span(&m));
    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(a_reply_lists_changes)
{
    static const uint32_t actions[] = {FILE_ACTION_REMOVED, FILE_ACTION_ADDED,
                                       FILE_ACTION_MODIFIED};
    struct message m = message_of(pkt_notify_reply);
    struct smb2_notify_reply a;
    struct file_notify_information change;
    size_t count = 0;

    ck_assert(smb2_notify_reply_get(&a, message_span(&m), ASKED));
    struct walk list = walk_from(a.changes);
    for (; file_notify_information_next(&list, &change); count++) {
        ck_assert_uint_lt(count, 3);
        ck_assert_uint_eq(change.action, actions[count]);
        check_utf16(change.name, "smb2-notify01.dat");
    }
    ck_assert(walk_ok(&list));
    ck_assert_uint_eq(count, 3);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

START_TEST(a_list_is_written_as_samba_writes_it)
{
    struct message m = message_of(pkt_notify_reply);
    struct message again;
    struct smb2_notify_reply a;
    struct file_notify_information change;
    uint8_t bytes[256] = {0};
    struct wr changes = wr_from(bytes, sizeof bytes);

    ck_assert(smb2_notify_reply_get(&a, message_span(&m), ASKED));
    struct walk list = walk_from(a.changes);
    while (file_notify_information_next(&list, &change)) {
        file_notify_information_put(&changes, &change);
    }
    wr_zero(&changes, (4 - changes.pos % 4) % 4); /* it pads the last one, too */
    struct wr w = body_begin(&again);
    smb2_notify_reply_put(&w, &(struct smb2_notify_reply){wr_written(&changes)});
    check_body(&w, pkt_notify_reply);
}
END_TEST

START_TEST(too_many_changes_are_no_list)
{
    struct message m = message_of(pkt_notify_reply_enum);
    struct smb2_notify_reply a;

    ck_assert(smb2_notify_reply_get(&a, message_span(&m), ASKED));
    ck_assert_uint_eq(a.changes.len, 0);
}
END_TEST

/* Where the entries of pkt_notify_reply begin: each is 48 bytes. */
enum { FIRST_AT = 72, LAST_AT = 72 + 96 };

START_TEST(a_reply_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 9", 64, "0800"},
        {"the list is longer than the message", 68, "91000000"},
        {"the list begins past the end", 66, "ffff"},
        {"the list begins in the fixed part", 66, "4000"},
        {"the list is longer than was asked for", 68, "e9030000"},
        {"the next change is inside this one's head", FIRST_AT, "08000000"},
        {"the next change is not aligned", FIRST_AT, "32000000"},
        {"the next change is behind", FIRST_AT, "d0ffffff"},
        {"the next change is past the end", FIRST_AT, "90000000"},
        {"a name reaches into the next change", FIRST_AT + 8, "26000000"},
        {"half a character", FIRST_AT + 8, "21000000"},
        {"the last name is past the end", LAST_AT + 8, "26000000"},
        {"the last change announces another", LAST_AT, "30000000"},
    };
    struct message m = message_of(pkt_notify_reply);

    check_breaches_refused(decode_reply, message_span(&m), breaches);
}
END_TEST

START_TEST(more_than_was_asked_for_is_refused)
{
    struct message m = message_of(pkt_notify_reply);
    struct smb2_notify_reply a;

    ck_assert(smb2_notify_reply_get(&a, message_span(&m), 144));
    ck_assert(!smb2_notify_reply_get(&a, message_span(&m), 143));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/notify", a_request_says_what_to_watch, a_reply_lists_changes,
                     a_list_is_written_as_samba_writes_it, too_many_changes_are_no_list,
                     a_reply_that_breaks_a_rule_is_refused, more_than_was_asked_for_is_refused);
}
