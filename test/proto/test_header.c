/* test_header.c: the header and the chain of a compound (MS-SMB2 2.2.1). */
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode(struct span msg)
{
    struct smb2_header h;

    return smb2_header_get(&h, msg);
}

START_TEST(a_sync_header_is_read_and_written)
{
    struct message m = message_of(pkt_tree_connect_reply);
    struct smb2_header h;
    uint8_t out[SMB2_HEADER_LEN];
    struct wr w = wr_from(out, sizeof out);

    ck_assert(smb2_header_get(&h, message_span(&m)));
    ck_assert_uint_eq(h.credit_charge, 1);
    ck_assert_uint_eq(h.status, 0);
    ck_assert_uint_eq(h.command, SMB2_TREE_CONNECT);
    ck_assert_uint_eq(h.credits, 1);
    ck_assert_uint_eq(h.flags, 0x19);
    ck_assert_uint_eq(h.next_command, 0);
    ck_assert_uint_eq(h.message_id, 6);
    ck_assert_uint_eq(h.tree_id, 1869425118);
    ck_assert_uint_eq(h.async_id, 0);
    ck_assert_uint_eq(h.session_id, 0x41f7abfd);
    smb2_header_put(&w, &h);
    ck_assert(wr_ok(&w));
    ck_assert_mem_eq(out, m.bytes, sizeof out);
}
END_TEST

START_TEST(an_async_header_has_an_async_id_and_no_tree) /* MS-SMB2 2.2.1.1 */
{
    struct message m = message_of(pkt_interim_reply);
    struct smb2_header h;
    uint8_t out[SMB2_HEADER_LEN];
    struct wr w = wr_from(out, sizeof out);

    ck_assert(smb2_header_get(&h, message_span(&m)));
    ck_assert_uint_eq(h.status, 0x103);
    ck_assert_uint_eq(h.flags, 0x13);
    ck_assert_uint_eq(h.async_id, 6);
    ck_assert_uint_eq(h.tree_id, 0);
    smb2_header_put(&w, &h);
    ck_assert(wr_ok(&w));
    ck_assert_mem_eq(out, m.bytes, sizeof out);
}
END_TEST

START_TEST(a_header_that_is_none_is_refused)
{
    static const struct breach breaches[] = {
        {"ProtocolId is SMB1's", 0, "ff"},
        {"ProtocolId is the transform's", 0, "fd"},
        {"ProtocolId is something else", 3, "43"},
        {"StructureSize is not 64", 4, "41"},
    };
    struct message m = message_of(pkt_echo_reply);

    check_breaches_refused(decode, message_span(&m), breaches);
    check_prefixes_refused(decode, (struct span){m.bytes, SMB2_HEADER_LEN});
}
END_TEST

START_TEST(a_protocol_id_is_told_from_the_first_bytes)
{
    ck_assert_uint_eq(smb2_protocol_id(span_of("\xfeSMB")), SMB2_PROTOCOL_ID);
    ck_assert_uint_eq(smb2_protocol_id(span_of("\xffSMB...")), SMB1_PROTOCOL_ID);
    ck_assert_uint_eq(smb2_protocol_id(span_of("\xfdSMB")), SMB2_TRANSFORM_PROTOCOL_ID);
    ck_assert_uint_eq(smb2_protocol_id(span_of("\xfcSMB")), SMB2_COMPRESSION_PROTOCOL_ID);
    ck_assert_uint_eq(smb2_protocol_id(span_of("\xfeSM")), 0);
}
END_TEST

/* Two ECHO replies, 72 and 68 bytes long. */
static struct message two_messages(void)
{
    struct message m = message_of(pkt_echo_reply);
    struct message second = m;

    memcpy(m.bytes + 72, second.bytes, second.len);
    m.bytes[20] = 72; /* NextCommand */
    m.len = 72 + second.len;
    return m;
}

static bool decode_chain(struct span chain)
{
    struct smb2_header h;
    struct span msg;

    do {
        if (!smb2_chain_take(&chain, &h, &msg)) {
            return false;
        }
    } while (chain.len > 0);
    return true;
}

START_TEST(a_compound_is_taken_apart)
{
    struct message m = two_messages();
    struct span chain = message_span(&m);
    struct span msg;
    struct smb2_header h;

    ck_assert(smb2_chain_take(&chain, &h, &msg));
    ck_assert_uint_eq(h.next_command, 72);
    ck_assert_uint_eq(msg.len, 72);
    ck_assert(smb2_chain_take(&chain, &h, &msg));
    ck_assert_ptr_eq(msg.ptr, m.bytes + 72);
    ck_assert_uint_eq(msg.len, 68);
    ck_assert_uint_eq(chain.len, 0);
}
END_TEST

START_TEST(next_command_cannot_lead_astray) /* MS-SMB2 3.2.5.1.9 */
{
    static const struct breach breaches[] = {
        {"NextCommand past the end", 20, "90000000"},
        {"NextCommand just at the end", 92, "48000000"},
        {"NextCommand far past the end", 20, "f8ffffff"},
        {"NextCommand not a multiple of 8", 20, "4c000000"},
        {"NextCommand smaller than a header", 20, "08000000"},
        {"NextCommand at the first body", 20, "40000000"},
        {"the second header is none", 72, "00"},
    };
    struct message m = two_messages();

    check_breaches_refused(decode_chain, message_span(&m), breaches);
    for (size_t n = 0; n < 72 + SMB2_HEADER_LEN + 2; n++) {
        ck_assert(!decodes(decode_chain, (struct span){m.bytes, n}));
    }
}
END_TEST

START_TEST(commands_have_names)
{
    ck_assert_str_eq(smb2_command_name(SMB2_NEGOTIATE), "NEGOTIATE");
    ck_assert_str_eq(smb2_command_name(SMB2_READ), "READ");
    ck_assert_str_eq(smb2_command_name(SMB2_OPLOCK_BREAK), "OPLOCK_BREAK");
    ck_assert_str_eq(smb2_command_name(0x14), "?");
    ck_assert_str_eq(smb2_command_name(0xffff), "?");
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/header", a_sync_header_is_read_and_written,
                     an_async_header_has_an_async_id_and_no_tree, a_header_that_is_none_is_refused,
                     a_protocol_id_is_told_from_the_first_bytes, a_compound_is_taken_apart,
                     next_command_cannot_lead_astray, commands_have_names);
}
