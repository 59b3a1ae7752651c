/* test_negotiate.c: NEGOTIATE and its contexts (MS-SMB2 2.2.3, 2.2.4). */
#include "proto/negotiate.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_negotiate_request q;

    return smb2_negotiate_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_negotiate_reply a;

    return smb2_negotiate_reply_get(&a, msg);
}

START_TEST(a_request_without_311_has_no_contexts)
{
    struct message m = message_of(pkt_negotiate_request_21);
    struct message again;
    struct smb2_negotiate_request q;

    ck_assert(smb2_negotiate_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.dialect_count, 2);
    ck_assert_uint_eq(q.dialects[0], SMB2_DIALECT_202);
    ck_assert_uint_eq(q.dialects[1], SMB2_DIALECT_210);
    ck_assert_uint_eq(q.security_mode, SMB2_NEGOTIATE_SIGNING_ENABLED);
    ck_assert_uint_eq(q.capabilities, 0);
    ck_assert_hex(q.client_guid, "8278316862acc54293ea19382abc8c79");
    ck_assert(!q.contexts.hash.present && !q.contexts.has_netname);
    struct wr w = body_begin(&again);
    smb2_negotiate_request_put(&w, &q);
    check_body(&w, pkt_negotiate_request_21);
    check_prefixes_refused(decode_request, message_span(&m));
}
END_TEST

START_TEST(a_request_for_311_offers_algorithms)
{
    struct message m = message_of(pkt_negotiate_request_311);
    struct message again;
    struct smb2_negotiate_request q;

    ck_assert(smb2_negotiate_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.dialect_count, 3);
    ck_assert_uint_eq(q.dialects[2], SMB2_DIALECT_311);
    ck_assert_uint_eq(q.capabilities, 0x7f);
    const struct smb2_negotiate_contexts *c = &q.contexts;
    ck_assert(c->hash.present && c->hash.count == 1 && c->hash.id[0] == SMB2_HASH_SHA_512);
    check_span(c->salt, "40d4f6a574953e37a5dad1856b7f8b0c683c366d63405f5cae5959194ff63246");
    ck_assert(c->cipher.present && c->cipher.count == 4);
    ck_assert_uint_eq(c->cipher.id[0], SMB2_CIPHER_AES_128_GCM);
    ck_assert_uint_eq(c->cipher.id[3], SMB2_CIPHER_AES_256_CCM);
    ck_assert(c->signing.present && c->signing.count == 1);
    ck_assert_uint_eq(c->signing.id[0], SMB2_SIGNING_AES_CMAC);
    ck_assert(!c->compression.present);
    check_utf16(c->netname, "127.0.0.1");
    struct wr w = body_begin(&again);
    smb2_negotiate_request_put(&w, &q);
    check_body(&w, pkt_negotiate_request_311);
    check_prefixes_refused(decode_request, message_span(&m));
}
END_TEST

START_TEST(a_reply_before_311_has_a_token_only)
{
    struct message m = message_of(pkt_negotiate_reply_30);
    struct message again;
    struct smb2_negotiate_reply a;

    ck_assert(smb2_negotiate_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.security_mode, 3);
    ck_assert_uint_eq(a.dialect, SMB2_DIALECT_300);
    ck_assert_hex(a.server_guid, "76656373727600000000000000000000");
    ck_assert_uint_eq(a.capabilities, 0x4f);
    ck_assert_uint_eq(a.max_transact, 8388608);
    ck_assert_uint_eq(a.max_read, 8388608);
    ck_assert_uint_eq(a.max_write, 8388608);
    ck_assert_uint_eq(a.system_time, 134396814004485820);
    ck_assert_uint_eq(a.server_start_time, 0);
    ck_assert_uint_eq(a.token.len, 96);
    ck_assert_uint_eq(a.token.ptr[0], 0x60);
    ck_assert(!a.contexts.hash.present);
    struct wr w = body_begin(&again);
    smb2_negotiate_reply_put(&w, &a);
    check_body(&w, pkt_negotiate_reply_30);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

START_TEST(a_reply_for_311_chooses_algorithms)
{
    struct message m = message_of(pkt_negotiate_reply_311);
    struct message again;
    struct smb2_negotiate_reply a;

    ck_assert(smb2_negotiate_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.dialect, SMB2_DIALECT_311);
    ck_assert_uint_eq(a.token.len, 96);
    ck_assert(a.contexts.hash.present);
    ck_assert_uint_eq(a.contexts.hash.id[0], SMB2_HASH_SHA_512);
    check_span(a.contexts.salt, "f667591e39f71156f82126775f598454cbe6215abd3e9334aac715afeaa8dbcc");
    ck_assert_uint_eq(a.contexts.cipher.id[0], SMB2_CIPHER_AES_128_GCM);
    ck_assert_uint_eq(a.contexts.signing.id[0], SMB2_SIGNING_AES_GMAC);
    ck_assert(!a.contexts.duplicate);
    ck_assert_uint_eq(a.contexts.unknown, 0);
    struct wr w = body_begin(&again);
    smb2_negotiate_reply_put(&w, &a);
    check_body(&w, pkt_negotiate_reply_311);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

/* Where the contexts of pkt_negotiate_reply_311 begin: 46, 12 and 12 bytes, each at a multiple of
 * 8. */
enum { PREAUTH_AT = 224, ENCRYPTION_AT = 272, SIGNING_AT = 288 };

START_TEST(a_reply_that_breaks_a_rule_is_refused) /* MS-SMB2 3.2.5.2 */
{
    static const struct breach breaches[] = {
        {"StructureSize is not 65", 64, "40"},
        {"the token is past the end", 122, "ffff"},
        {"the token lies in the fixed part", 120, "4000"},
        {"more contexts than are there", 70, "0400"},
        {"contexts past the end", 124, "00010001"},
        {"contexts at an odd place", 124, "e1000000"},
        {"contexts in the fixed part", 124, "78000000"},
        {"a context's data is past the end", SIGNING_AT + 2, "0500"},
        {"a context's data wraps", PREAUTH_AT + 2, "ffff"},
        {"two hashes chosen", PREAUTH_AT + 8, "0200"},
        {"no hash chosen", PREAUTH_AT + 8, "0000"},
        {"the salt is longer than its context", PREAUTH_AT + 10, "2100"},
        {"two ciphers chosen", ENCRYPTION_AT + 8, "0200"},
        {"no cipher chosen", ENCRYPTION_AT + 8, "0000"},
        {"two signing algorithms chosen", SIGNING_AT + 8, "0200"},
        {"more algorithms than there can be", SIGNING_AT + 8, "ffff"},
    };
    struct message m = message_of(pkt_negotiate_reply_311);

    check_breaches_refused(decode_reply, message_span(&m), breaches);
}
END_TEST

START_TEST(a_context_type_that_comes_twice_is_told)
{
    struct message m = message_of(pkt_negotiate_reply_311);
    struct smb2_negotiate_reply a;

    m.bytes[SIGNING_AT] = SMB2_ENCRYPTION_CAPABILITIES;
    m.bytes[SIGNING_AT + 10] = SMB2_CIPHER_AES_256_GCM;
    ck_assert(smb2_negotiate_reply_get(&a, message_span(&m)));
    ck_assert(a.contexts.duplicate);
    ck_assert_uint_eq(a.contexts.cipher.id[0], SMB2_CIPHER_AES_128_GCM);
}
END_TEST

START_TEST(a_context_type_that_is_unknown_is_ignored_and_counted)
{
    struct message m = message_of(pkt_negotiate_reply_311);
    struct smb2_negotiate_reply a;

    m.bytes[PREAUTH_AT] = 0x77;
    m.bytes[SIGNING_AT] = 0x77;
    ck_assert(smb2_negotiate_reply_get(&a, message_span(&m)));
    ck_assert(!a.contexts.hash.present && !a.contexts.signing.present);
    ck_assert_uint_eq(a.contexts.unknown, 2);
    ck_assert(!a.contexts.duplicate);
}
END_TEST

START_TEST(compression_goes_both_ways) /* MS-SMB2 2.2.3.1.3 */
{
    struct smb2_negotiate_reply a = {
        .dialect = SMB2_DIALECT_311,
        .contexts = {.compression = {true, 2, {SMB2_COMPRESSION_LZ77, SMB2_COMPRESSION_PATTERN_V1}},
                     .compression_flags = SMB2_COMPRESSION_CAPABILITIES_FLAG_CHAINED}};
    struct smb2_negotiate_reply b;
    struct message m;
    struct wr w = body_begin(&m);

    smb2_negotiate_reply_put(&w, &a);
    struct span msg = body_end(&m, &w);
    ck_assert_hex(m.bytes + 128, "03000c0000000000"
                                 "020000000100000002000400");
    ck_assert(smb2_negotiate_reply_get(&b, msg));
    ck_assert(b.contexts.compression.present);
    ck_assert_uint_eq(b.contexts.compression.count, 2);
    ck_assert_uint_eq(b.contexts.compression.id[1], SMB2_COMPRESSION_PATTERN_V1);
    ck_assert_uint_eq(b.contexts.compression_flags, SMB2_COMPRESSION_CAPABILITIES_FLAG_CHAINED);
    ck_assert_uint_eq(b.token.len, 0);
    check_prefixes_refused(decode_reply, msg);
}
END_TEST

START_TEST(a_request_with_too_many_dialects_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 36", 64, "25"},
        {"DialectCount past the end", 66, "0800"},
        {"DialectCount beyond every limit", 66, "ffff"},
        {"contexts in the fixed part", 92, "60000000"},
        {"an odd NETNAME", 202, "1100"},
    };
    struct message m = message_of(pkt_negotiate_request_311);

    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/negotiate", a_request_without_311_has_no_contexts,
                     a_request_for_311_offers_algorithms, a_reply_before_311_has_a_token_only,
                     a_reply_for_311_chooses_algorithms, a_reply_that_breaks_a_rule_is_refused,
                     a_context_type_that_comes_twice_is_told,
                     a_context_type_that_is_unknown_is_ignored_and_counted,
                     compression_goes_both_ways, a_request_with_too_many_dialects_is_refused);
}
