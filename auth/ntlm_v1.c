/* ntlm_v1.c: the responses and keys of NTLM version 1 (MS-NLMP 3.3.1). */
#include "auth/ntlm_v1.h"

#include "auth/des.h"
#include "auth/md4.h"
#include "auth/md5.h"
#include "base/secret.h"

bool ntlm_desl(uint8_t out[static NTLM_V1_RESPONSE_LEN], const uint8_t key[static NTLM_KEY_LEN],
               const uint8_t challenge[static NTLM_CHALLENGE_LEN])
{
    uint8_t padded[3 * DES_KEY_LEN] = {0};
    bool ok = true;

    memcpy(padded, key, NTLM_KEY_LEN);
    for (size_t i = 0; i < 3; i++) {
        ok = ok && des_encrypt(out + i * DES_BLOCK_LEN, padded + i * DES_KEY_LEN, challenge);
    }
    secret_erase(padded, sizeof padded);
    return ok;
}

/* NoLMResponseNTLMv1: the NT response stands in for the one of LAN Manager.  MS-NLMP 3.3.1. */
static bool answer_plainly(struct ntlm_v1_answer *out, const uint8_t *nt_hash,
                           const uint8_t *server_challenge)
{
    bool ok = ntlm_desl(out->nt_response, nt_hash, server_challenge);

    memcpy(out->lm_response, out->nt_response, sizeof out->lm_response);
    return ok;
}

/* With extended session security both challenges are answered, and both make the key.
 * MS-NLMP 3.3.1, 3.4.5.1. */
static bool answer_both(struct ntlm_v1_answer *out, const uint8_t *nt_hash,
                        const uint8_t *server_challenge, const uint8_t *client_challenge)
{
    const struct span both[] = {{server_challenge, NTLM_CHALLENGE_LEN},
                                {client_challenge, NTLM_CHALLENGE_LEN}};
    uint8_t digest[MD5_LEN], base[NTLM_KEY_LEN];

    memcpy(base, out->key_exchange_key, sizeof base);
    memset(out->lm_response, 0, sizeof out->lm_response);
    memcpy(out->lm_response, client_challenge, NTLM_CHALLENGE_LEN);
    bool ok = md5(digest, both, 2) && ntlm_desl(out->nt_response, nt_hash, digest) &&
              hmac_md5(out->key_exchange_key, (struct span){base, sizeof base}, both, 2);

    secret_erase(base, sizeof base);
    return ok;
}

bool ntlm_v1_answer(struct ntlm_v1_answer *out, const uint8_t nt_hash[static NTLM_KEY_LEN],
                    const uint8_t server_challenge[static NTLM_CHALLENGE_LEN],
                    const uint8_t *client_challenge)
{
    /* SessionBaseKey, which is the KeyExchangeKey too where nothing is added to it. */
    md4(out->key_exchange_key, (struct span){nt_hash, NTLM_KEY_LEN});
    return client_challenge ? answer_both(out, nt_hash, server_challenge, client_challenge)
                            : answer_plainly(out, nt_hash, server_challenge);
}
