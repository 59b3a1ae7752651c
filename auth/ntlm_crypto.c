/* ntlm_crypto.c: the computations of NTLM version 2, and those that both versions share
 * (MS-NLMP 3.3.2, 3.4). */
#include "auth/ntlm_crypto.h"

#include "auth/md4.h"
#include "auth/md5.h"
#include "auth/rc4.h"
#include "base/secret.h"
#include "base/upcase.h"

#include <assert.h>
#include <zlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static struct span key_span(const uint8_t key[static NTLM_KEY_LEN])
{
    return (struct span){key, NTLM_KEY_LEN};
}

static struct span upper_case(uint8_t *room, struct span utf16)
{
    struct rd r = rd_from(utf16, 0);
    struct wr w = wr_from(room, utf16.len);

    while (rd_left(&r) >= 2) {
        wr_u16(&w, upcase_utf16(rd_u16(&r)));
    }
    return wr_written(&w);
}

void ntlm_nt_hash(uint8_t out[static NTLM_KEY_LEN], struct span password)
{
    md4(out, password);
}

bool ntlm_ntowf_v2(uint8_t out[static NTLM_KEY_LEN], const uint8_t nt_hash[static NTLM_KEY_LEN],
                   struct span user, struct span domain)
{
    uint8_t folded[NTLM_NAME_MAX];

    assert(user.len <= sizeof folded);
    struct span identity[] = {upper_case(folded, user), domain};
    return hmac_md5(out, key_span(nt_hash), identity, COUNT_OF(identity));
}

bool ntlm_proof(uint8_t out[static NTLM_PROOF_LEN], const uint8_t ntowf[static NTLM_KEY_LEN],
                const uint8_t server_challenge[static NTLM_CHALLENGE_LEN], struct span blob)
{
    struct span over[] = {{server_challenge, NTLM_CHALLENGE_LEN}, blob};

    return hmac_md5(out, key_span(ntowf), over, COUNT_OF(over));
}

bool ntlm_lm_v2_response(uint8_t out[static NTLM_LM_RESPONSE_LEN],
                         const uint8_t ntowf[static NTLM_KEY_LEN],
                         const uint8_t server_challenge[static NTLM_CHALLENGE_LEN],
                         const uint8_t client_challenge[static NTLM_CHALLENGE_LEN])
{
    struct span over[] = {{server_challenge, NTLM_CHALLENGE_LEN},
                          {client_challenge, NTLM_CHALLENGE_LEN}};

    memcpy(out + MD5_LEN, client_challenge, NTLM_CHALLENGE_LEN);
    return hmac_md5(out, key_span(ntowf), over, COUNT_OF(over));
}

bool ntlm_session_base_key(uint8_t out[static NTLM_KEY_LEN],
                           const uint8_t ntowf[static NTLM_KEY_LEN],
                           const uint8_t proof[static NTLM_PROOF_LEN])
{
    struct span over = {proof, NTLM_PROOF_LEN};

    return hmac_md5(out, key_span(ntowf), &over, 1);
}

void ntlm_key_exchange(uint8_t key[static NTLM_KEY_LEN],
                       const uint8_t key_exchange_key[static NTLM_KEY_LEN])
{
    struct rc4 rc4;

    rc4_init(&rc4, key_span(key_exchange_key));
    rc4_apply(&rc4, key, NTLM_KEY_LEN);
    rc4_wipe(&rc4);
}

bool ntlm_mic(uint8_t out[static NTLM_MIC_LEN], const uint8_t exported_key[static NTLM_KEY_LEN],
              struct span negotiate, struct span challenge, struct span authenticate)
{
    static const uint8_t zeros[NTLM_MIC_LEN];

    assert(authenticate.len >= NTLM_AUTHENTICATE_FIXED_LEN);
    struct span over[] = {
        negotiate,
        challenge,
        {authenticate.ptr, NTLM_MIC_OFFSET},
        {zeros, sizeof zeros},
        {authenticate.ptr + NTLM_AUTHENTICATE_FIXED_LEN,
         authenticate.len - NTLM_AUTHENTICATE_FIXED_LEN},
    };
    return hmac_md5(out, key_span(exported_key), over, COUNT_OF(over));
}

/* The magic constants of MS-NLMP 3.4.5.2 and 3.4.5.3 include their NUL. */
static bool magic_key(uint8_t *out, struct span key, const char *magic)
{
    struct span over[] = {key, {(const uint8_t *)magic, strlen(magic) + 1}};

    return md5(out, over, COUNT_OF(over));
}

bool ntlm_sign_key(uint8_t out[static NTLM_KEY_LEN],
                   const uint8_t exported_key[static NTLM_KEY_LEN], enum ntlm_sender sender)
{
    return magic_key(out, key_span(exported_key),
                     sender == NTLM_CLIENT
                         ? "session key to client-to-server signing key magic constant"
                         : "session key to server-to-client signing key magic constant");
}

/* MS-NLMP 3.4.5.3: so many bytes of the key count. */
static size_t key_strength(uint32_t flags)
{
    if (flags & NTLM_128) {
        return NTLM_KEY_LEN;
    }
    return flags & NTLM_56 ? 7 : 5;
}

bool ntlm_seal_key(uint8_t out[static NTLM_KEY_LEN],
                   const uint8_t exported_key[static NTLM_KEY_LEN], uint32_t flags,
                   enum ntlm_sender sender)
{
    if (!(flags & NTLM_EXTENDED_SESSIONSECURITY)) {
        memcpy(out, exported_key, NTLM_KEY_LEN);
        return true;
    }
    return magic_key(out, (struct span){exported_key, key_strength(flags)},
                     sender == NTLM_CLIENT
                         ? "session key to client-to-server sealing key magic constant"
                         : "session key to server-to-client sealing key magic constant");
}

/* MS-NLMP 3.4.4.2: HMAC over number and message; its half goes through RC4 if a key was
 * exchanged. */
static bool mac_with_ess(struct wr *w, const uint8_t *exported_key, struct rc4 *rc4, bool encrypt,
                         struct span message, enum ntlm_sender sender)
{
    enum { CHECKSUM_LEN = 8 };
    static const uint8_t seq_num[4]; /* the first message is number 0 */
    uint8_t sign_key[NTLM_KEY_LEN], digest[MD5_LEN];
    struct span over[] = {{seq_num, sizeof seq_num}, message};
    bool ok = ntlm_sign_key(sign_key, exported_key, sender) &&
              hmac_md5(digest, key_span(sign_key), over, COUNT_OF(over));

    if (ok && encrypt) {
        rc4_apply(rc4, digest, CHECKSUM_LEN);
    }
    wr_u32(w, 1); /* Version */
    wr_bytes(w, digest, CHECKSUM_LEN);
    wr_bytes(w, seq_num, sizeof seq_num);
    secret_erase(sign_key, sizeof sign_key);
    return ok;
}

enum { MAC_PAD_OFFSET = 4, MAC_PAD_LEN = 4 }; /* RandomPad, without extended session security */

/* MS-NLMP 3.4.4.1: CRC-32 and number under RC4.  Keyed alike both ways, all messages are
 * numbered in one row and lie in one key stream: the client's first, the server's after it, as
 * in Samba 4.17. */
static void mac_without_ess(struct wr *w, struct rc4 *rc4, struct span message,
                            enum ntlm_sender sender)
{
    uint8_t bytes[NTLM_MAC_LEN - MAC_PAD_OFFSET] = {0};
    uint32_t seq_num = 0;

    if (sender == NTLM_SERVER) {
        rc4_apply(rc4, bytes, sizeof bytes); /* what the client's took */
        seq_num = 1;
    }
    struct wr plain = wr_from(bytes, sizeof bytes);
    wr_zero(&plain, MAC_PAD_LEN);
    wr_u32(&plain, (uint32_t)crc32_z(0, message.ptr, message.len));
    wr_u32(&plain, seq_num);
    rc4_apply(rc4, bytes, sizeof bytes);
    wr_u32(w, 1); /* Version */
    wr_zero(w, MAC_PAD_LEN);
    wr_bytes(w, bytes + MAC_PAD_LEN, sizeof bytes - MAC_PAD_LEN);
}

bool ntlm_mac(uint8_t out[static NTLM_MAC_LEN], const uint8_t exported_key[static NTLM_KEY_LEN],
              uint32_t flags, enum ntlm_sender sender, struct span message)
{
    uint8_t seal_key[NTLM_KEY_LEN];
    struct wr w = wr_from(out, NTLM_MAC_LEN);
    struct rc4 rc4;
    bool ok = ntlm_seal_key(seal_key, exported_key, flags, sender);

    rc4_init(&rc4, key_span(seal_key));
    if (flags & NTLM_EXTENDED_SESSIONSECURITY) {
        ok = mac_with_ess(&w, exported_key, &rc4, flags & NTLM_KEY_EXCH, message, sender) && ok;
    } else {
        mac_without_ess(&w, &rc4, message, sender);
    }
    assert(wr_ok(&w));
    rc4_wipe(&rc4);
    secret_erase(seal_key, sizeof seal_key);
    return ok;
}

bool ntlm_mac_check(const uint8_t exported_key[static NTLM_KEY_LEN], uint32_t flags,
                    enum ntlm_sender sender, struct span message, struct span mac)
{
    uint8_t want[NTLM_MAC_LEN], got[NTLM_MAC_LEN];

    if (mac.len != sizeof got || !ntlm_mac(want, exported_key, flags, sender, message)) {
        return false;
    }
    memcpy(got, mac.ptr, sizeof got);
    if (!(flags & NTLM_EXTENDED_SESSIONSECURITY)) {
        memset(got + MAC_PAD_OFFSET, 0, MAC_PAD_LEN); /* says nothing; Samba 4.17 fills it */
    }
    return secret_equal(want, got, sizeof want);
}
