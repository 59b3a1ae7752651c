/* test_ntlm_crypto.c: known answers of NTLM version 2.
 *
 * Source of all, where nothing else is said: MS-NLMP 4.2.1 and 4.2.4. */
#include "auth/ntlm_crypto.h"
#include "auth/rc4.h"
#include "proto/utf16.h"
#include "test/auth/octets.h"
#include "test/run.h"

#define NTOWF            "0c868a403bfd7a93a3001ef22ef02e3f"
#define SERVER_CHALLENGE "0123456789abcdef"
#define TEMP                                                                                       \
    "01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e000100" \
    "0c005300650072007600650072000000000000000000"

static struct span utf16(struct octets *room, const char *text)
{
    size_t need;

    ck_assert(utf16_from_utf8(room->bytes, sizeof room->bytes, &need, span_of(text)));
    return (struct span){room->bytes, need};
}

START_TEST(key_of_a_user)
{
    struct octets password, user, domain;
    uint8_t out[NTLM_KEY_LEN], other[NTLM_KEY_LEN];

    ck_assert(ntlm_ntowf_v2(out, utf16(&password, "Password"), utf16(&user, "User"),
                            utf16(&domain, "Domain")));
    ck_assert_hex(out, NTOWF);
    /* the user is folded, the domain is not */
    ck_assert(ntlm_ntowf_v2(out, utf16(&password, "Password"), utf16(&user, "USER"),
                            utf16(&domain, "Domain")));
    ck_assert_hex(out, NTOWF);
    ck_assert(ntlm_ntowf_v2(other, utf16(&password, "Password"), utf16(&user, "User"),
                            utf16(&domain, "DOMAIN")));
    ck_assert_mem_ne(out, other, sizeof out);
}
END_TEST

START_TEST(responses)
{
    struct octets ntowf, challenge, client, temp;
    uint8_t proof[NTLM_PROOF_LEN], lm[NTLM_LM_RESPONSE_LEN], key[NTLM_KEY_LEN];

    (void)octets(&ntowf, NTOWF);
    (void)octets(&challenge, SERVER_CHALLENGE);
    (void)octets(&client, "aaaaaaaaaaaaaaaa");
    ck_assert(ntlm_proof(proof, ntowf.bytes, challenge.bytes, octets(&temp, TEMP)));
    ck_assert_hex(proof, "68cd0ab851e51c96aabc927bebef6a1c");
    ck_assert(ntlm_lm_v2_response(lm, ntowf.bytes, challenge.bytes, client.bytes));
    ck_assert_hex(lm, "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa");
    ck_assert(ntlm_session_base_key(key, ntowf.bytes, proof));
    ck_assert_hex(key, "8de40ccadbc14a82f15cb0ad0de95ca3");
}
END_TEST

START_TEST(key_exchange_works_both_ways)
{
    struct octets kek;
    uint8_t key[NTLM_KEY_LEN];

    (void)octets(&kek, "8de40ccadbc14a82f15cb0ad0de95ca3");
    memset(key, 0x55, sizeof key);
    ntlm_key_exchange(key, kek.bytes);
    ck_assert_hex(key, "c5dad2544fc9799094ce1ce90bc9d03e");
    ntlm_key_exchange(key, kek.bytes);
    ck_assert_hex(key, "55555555555555555555555555555555");
}
END_TEST

START_TEST(signing_and_sealing_keys)
{
    uint8_t exported[NTLM_KEY_LEN], out[NTLM_KEY_LEN];

    memset(exported, 0x55, sizeof exported);
    ck_assert(ntlm_sign_key(out, exported, NTLM_CLIENT));
    ck_assert_hex(out, "4788dc861b4782f35d43fd98fe1a2d39");
    ck_assert(ntlm_sign_key(out, exported, NTLM_SERVER));
    ck_assert_hex(out, "d04d6f10741041d1d246d64188d7a8ad");
    ck_assert(ntlm_seal_key(out, exported, NTLM_CLIENT));
    ck_assert_hex(out, "59f600973cc4960a25480a7c196e4c58");
    ck_assert(ntlm_seal_key(out, exported, NTLM_SERVER));
    ck_assert_hex(out, "9355f3a957c1583d25c4c2f11e40390e");
}
END_TEST

/* The specification's example signs after it has sealed the text, so the key stream has moved on by
 * 18 bytes; undoing RC4 on both leaves the same checksum.  MS-NLMP 4.2.4.4, 3.4.4.2. */
START_TEST(signature_of_the_specification)
{
    struct octets text, want;
    uint8_t exported[NTLM_KEY_LEN], seal_key[NTLM_KEY_LEN], mac[NTLM_MAC_LEN], skipped[18] = {0};
    struct rc4 fresh, moved;

    memset(exported, 0x55, sizeof exported);
    ck_assert(ntlm_mac(mac, exported, NTLM_CLIENT,
                       octets(&text, "50006c00610069006e007400650078007400")));
    (void)octets(&want, "010000007fb38ec5c55d497600000000");
    ck_assert(ntlm_seal_key(seal_key, exported, NTLM_CLIENT));
    rc4_init(&fresh, (struct span){seal_key, sizeof seal_key});
    rc4_init(&moved, (struct span){seal_key, sizeof seal_key});
    rc4_apply(&fresh, mac + 4, 8);
    rc4_apply(&moved, skipped, sizeof skipped);
    rc4_apply(&moved, want.bytes + 4, 8);
    ck_assert_mem_eq(mac, want.bytes, sizeof mac);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/ntlm_crypto", key_of_a_user, responses, key_exchange_works_both_ways,
                     signing_and_sealing_keys, signature_of_the_specification);
}
