/* test_ntlm_crypto.c: known answers of NTLM version 2, and of what both versions share.
 *
 * Source of all, where nothing else is said: MS-NLMP 4.2.1, 4.2.2 and 4.2.4. */
#include "auth/md4.h"
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

#define ALL_BUT_ESS (NTLM_UNICODE | NTLM_128 | NTLM_KEY_EXCH)
#define ALL         (ALL_BUT_ESS | NTLM_EXTENDED_SESSIONSECURITY)

/* The exported session key of all examples. */
static const uint8_t exported[NTLM_KEY_LEN] = {0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
                                               0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55};

START_TEST(hash_of_a_password)
{
    struct octets password;
    uint8_t hash[NTLM_KEY_LEN];

    ntlm_nt_hash(hash, utf16(&password, "Password"));
    ck_assert_hex(hash, "a4f49c406510bdcab6824ee7c30fd852");
    ntlm_nt_hash(hash, (struct span){0}); /* RFC 1320 A.5 */
    ck_assert_hex(hash, "31d6cfe0d16ae931b73c59d7e0c089c0");
}
END_TEST

START_TEST(key_of_a_user)
{
    struct octets password, user, domain;
    uint8_t hash[NTLM_KEY_LEN], out[NTLM_KEY_LEN], other[NTLM_KEY_LEN];

    ntlm_nt_hash(hash, utf16(&password, "Password"));
    ck_assert(ntlm_ntowf_v2(out, hash, utf16(&user, "User"), utf16(&domain, "Domain")));
    ck_assert_hex(out, NTOWF);
    /* the user is folded, the domain is not */
    ck_assert(ntlm_ntowf_v2(out, hash, utf16(&user, "USER"), utf16(&domain, "Domain")));
    ck_assert_hex(out, NTOWF);
    ck_assert(ntlm_ntowf_v2(other, hash, utf16(&user, "User"), utf16(&domain, "DOMAIN")));
    ck_assert_mem_ne(out, other, sizeof out);
}
END_TEST

/* The table is the one of base/upcase.h, whatever the locale; what needs two units has no other
 * case. */
START_TEST(user_names_are_folded_by_the_shipped_table)
{
    static const struct {
        const char *user, *upper;
    } same[] = {{"j\xC3\xBCrgen", "J\xC3\x9CRGEN"},
                {"\xC4\x8D\xCE\xB1\xD0\xB6", "\xC4\x8C\xCE\x91\xD0\x96"},
                {"\xC3\x9F", "\xC3\x9F"},
                {"\xF0\x9F\x94\x91k", "\xF0\x9F\x94\x91K"}};

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        struct octets a, b;
        uint8_t one[NTLM_KEY_LEN], two[NTLM_KEY_LEN];
        ck_assert(ntlm_ntowf_v2(one, exported, utf16(&a, same[i].user), (struct span){0}));
        ck_assert(ntlm_ntowf_v2(two, exported, utf16(&b, same[i].upper), (struct span){0}));
        ck_assert_mem_eq(one, two, sizeof one);
    }
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

/* The keys that version 1 exchanges under come from 4.2.2.2: SessionBaseKey, and the one of the
 * LM hash. */
START_TEST(key_exchange_works_both_ways)
{
    static const struct {
        const char *under, *encrypted;
    } samples[] = {{"8de40ccadbc14a82f15cb0ad0de95ca3", "c5dad2544fc9799094ce1ce90bc9d03e"},
                   {"d87262b0cde4b1cb7499becccdf10784", "518822b1b3f350c8958682ecbb3e3cb7"},
                   {"e52cac67419a9a220000000000000000", "7452ca55c225a1ca04b48fae32cf56fc"}};

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct octets kek, want;
        uint8_t key[NTLM_KEY_LEN];
        (void)octets(&kek, samples[i].under);
        memcpy(key, exported, sizeof key);
        ntlm_key_exchange(key, kek.bytes);
        ck_assert_span((struct span){key, sizeof key}, octets(&want, samples[i].encrypted));
        ntlm_key_exchange(key, kek.bytes);
        ck_assert_mem_eq(key, exported, sizeof key);
    }
}
END_TEST

START_TEST(signing_and_sealing_keys)
{
    uint8_t out[NTLM_KEY_LEN];

    ck_assert(ntlm_sign_key(out, exported, NTLM_CLIENT));
    ck_assert_hex(out, "4788dc861b4782f35d43fd98fe1a2d39");
    ck_assert(ntlm_sign_key(out, exported, NTLM_SERVER));
    ck_assert_hex(out, "d04d6f10741041d1d246d64188d7a8ad");
    ck_assert(ntlm_seal_key(out, exported, ALL, NTLM_CLIENT));
    ck_assert_hex(out, "59f600973cc4960a25480a7c196e4c58");
    ck_assert(ntlm_seal_key(out, exported, ALL | NTLM_56, NTLM_SERVER));
    ck_assert_hex(out, "9355f3a957c1583d25c4c2f11e40390e");
}
END_TEST

/* MS-NLMP 3.4.5.3; source: the examples of 4.2.1 with less than 128 bits. */
START_TEST(sealing_keys_of_fewer_bits)
{
    uint32_t weak = ALL & ~(uint32_t)NTLM_128;
    uint8_t out[NTLM_KEY_LEN];

    ck_assert(ntlm_seal_key(out, exported, weak | NTLM_56, NTLM_CLIENT));
    ck_assert_hex(out, "a5f7253c1065e8d3d68642040e71cfe0");
    ck_assert(ntlm_seal_key(out, exported, weak, NTLM_SERVER));
    ck_assert_hex(out, "c5d3853b406b7c1241c595f0ce0750e2");
    ck_assert(ntlm_seal_key(out, exported, NTLM_56, NTLM_CLIENT)); /* neither counts without ESS */
    ck_assert_mem_eq(out, exported, sizeof out);
}
END_TEST

/* The specification's examples sign after they have sealed the text, so the key stream has moved
 * on by its 18 bytes; undoing RC4 on both leaves the same bytes. */
static void check_signature(const char *want_hex, uint32_t flags, size_t from)
{
    struct octets text, want;
    uint8_t seal_key[NTLM_KEY_LEN], mac[NTLM_MAC_LEN], skipped[18 + NTLM_MAC_LEN] = {0};
    struct rc4 fresh, moved;

    ck_assert(ntlm_mac(mac, exported, flags, NTLM_CLIENT,
                       octets(&text, "50006c00610069006e007400650078007400")));
    (void)octets(&want, want_hex);
    ck_assert(ntlm_seal_key(seal_key, exported, flags, NTLM_CLIENT));
    rc4_init(&fresh, (struct span){seal_key, sizeof seal_key});
    rc4_init(&moved, (struct span){seal_key, sizeof seal_key});
    rc4_apply(&fresh, skipped, from - 4);
    rc4_apply(&fresh, mac + from, 8);
    rc4_apply(&moved, skipped, 18 + from - 4);
    rc4_apply(&moved, want.bytes + from, 8);
    ck_assert_mem_eq(mac, want.bytes, sizeof mac);
}

/* Sources: MS-NLMP 4.2.4.4 (3.4.4.2) and 4.2.2.4 (3.4.4.1). */
START_TEST(signatures_of_the_specification)
{
    check_signature("010000007fb38ec5c55d497600000000", ALL, 4);
    check_signature("010000000000000009dcd1df2e459d36", ALL_BUT_ESS, 8);
}
END_TEST

/* MS-NLMP 3.4.4.2: without a key exchange the checksum is not encrypted. */
START_TEST(a_signature_without_key_exchange_is_the_hmac_itself)
{
    uint32_t flags = ALL & ~(uint32_t)NTLM_KEY_EXCH;
    uint8_t with[NTLM_MAC_LEN], without[NTLM_MAC_LEN], seal_key[NTLM_KEY_LEN];
    struct rc4 rc4;

    ck_assert(ntlm_mac(with, exported, ALL, NTLM_SERVER, span_of("text")));
    ck_assert(ntlm_mac(without, exported, flags, NTLM_SERVER, span_of("text")));
    ck_assert(ntlm_seal_key(seal_key, exported, ALL, NTLM_SERVER));
    rc4_init(&rc4, (struct span){seal_key, sizeof seal_key});
    rc4_apply(&rc4, with + 4, 8);
    ck_assert_mem_eq(with, without, sizeof with);
}
END_TEST

/* Source: captured from smbd 4.17.12 after a logon without extended session security and without
 * key exchange, user "alice" with password "Wonder-1and"; its RandomPad is not zeros. */
START_TEST(signature_of_samba_without_extended_session_security)
{
    static const char captured[] = "0100000094aaef26838434d9960f4b26";
    struct octets mac, list, password;
    struct span signature = octets(&mac, captured);
    struct span mechs = octets(&list, "300c060a2b06010401823702020a");
    uint8_t hash[NTLM_KEY_LEN], key[NTLM_KEY_LEN];

    ntlm_nt_hash(hash, utf16(&password, "Wonder-1and"));
    md4(key, (struct span){hash, sizeof hash});
    ck_assert(ntlm_mac_check(key, NTLM_UNICODE, NTLM_SERVER, mechs, signature));
    ck_assert(!ntlm_mac_check(key, NTLM_UNICODE, NTLM_CLIENT, mechs, signature));
    mac.bytes[5] ^= 1; /* RandomPad says nothing */
    ck_assert(ntlm_mac_check(key, NTLM_UNICODE, NTLM_SERVER, mechs, signature));
}
END_TEST

START_TEST(every_changed_bit_of_a_signature_is_noticed)
{
    static const uint32_t flags[] = {ALL, NTLM_EXTENDED_SESSIONSECURITY, ALL_BUT_ESS};
    struct span text = span_of("text");

    for (size_t i = 0; i < 3; i++) {
        uint8_t mac[NTLM_MAC_LEN];
        bool has_pad = !(flags[i] & NTLM_EXTENDED_SESSIONSECURITY);
        ck_assert(ntlm_mac(mac, exported, flags[i], NTLM_CLIENT, text));
        for (size_t bit = 0; bit < 8 * sizeof mac; bit++) {
            bool pad = has_pad && bit / 8 >= 4 && bit / 8 < 8;
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
            ck_assert(ntlm_mac_check(exported, flags[i], NTLM_CLIENT, text,
                                     (struct span){mac, sizeof mac}) == pad);
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ck_assert(!ntlm_mac_check(exported, flags[i], NTLM_CLIENT, text, (struct span){mac, 15}));
        ck_assert(!ntlm_mac_check(exported, flags[i], NTLM_CLIENT, text, (struct span){0}));
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/ntlm_crypto", hash_of_a_password, key_of_a_user,
                     user_names_are_folded_by_the_shipped_table, responses,
                     key_exchange_works_both_ways, signing_and_sealing_keys,
                     sealing_keys_of_fewer_bits, signatures_of_the_specification,
                     a_signature_without_key_exchange_is_the_hmac_itself,
                     signature_of_samba_without_extended_session_security,
                     every_changed_bit_of_a_signature_is_noticed);
}
