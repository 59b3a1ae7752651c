/* ntlm_v1.h: the responses and keys of NTLM version 1 (MS-NLMP 3.3.1).
 *
 * Nothing of LAN Manager is made here: there is no LM hash, no LM response from it, and no
 * session key of it, since neither NTLMSSP_NEGOTIATE_LM_KEY nor
 * NTLMSSP_REQUEST_NON_NT_SESSION_KEY is ever agreed. */
#ifndef LSMB_AUTH_NTLM_V1_H
#define LSMB_AUTH_NTLM_V1_H

#include "auth/ntlm_crypto.h"

enum { NTLM_V1_RESPONSE_LEN = 24 };

/* DESL: three blocks of DES under the 16 bytes of `key` and five zeros.  False only if the
 * crypto library fails.  MS-NLMP 6. */
bool ntlm_desl(uint8_t out[static NTLM_V1_RESPONSE_LEN], const uint8_t key[static NTLM_KEY_LEN],
               const uint8_t challenge[static NTLM_CHALLENGE_LEN]);

struct ntlm_v1_answer {
    uint8_t nt_response[NTLM_V1_RESPONSE_LEN];
    uint8_t lm_response[NTLM_V1_RESPONSE_LEN];
    uint8_t key_exchange_key[NTLM_KEY_LEN];
};

/* What a client with the password of `nt_hash` answers to a challenge; `client_challenge` is
 * NULL without extended session security.  False only if the crypto library fails.  The caller
 * wipes `out`.  MS-NLMP 3.3.1, 3.4.5.1. */
bool ntlm_v1_answer(struct ntlm_v1_answer *out, const uint8_t nt_hash[static NTLM_KEY_LEN],
                    const uint8_t server_challenge[static NTLM_CHALLENGE_LEN],
                    const uint8_t *client_challenge);

#endif
