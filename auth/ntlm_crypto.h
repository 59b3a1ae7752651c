/* ntlm_crypto.h: the computations of NTLM version 2, and those that both versions share
 * (MS-NLMP 3.3.2, 3.4).
 *
 * Each returns false only if the crypto library fails (MD5 refused, out of memory); what it should
 * have computed is then worthless.  What holds a key is the caller's to wipe. */
#ifndef LSMB_AUTH_NTLM_CRYPTO_H
#define LSMB_AUTH_NTLM_CRYPTO_H

#include "auth/ntlm_message.h"

enum {
    NTLM_KEY_LEN = 16,
    NTLM_PROOF_LEN = 16,
    NTLM_LM_RESPONSE_LEN = 24,
    NTLM_MAC_LEN = 16,
    NTLM_NAME_MAX = 2048, /* bytes of UTF-16 that a user name or a password may have */
};

/* NTOWFv1, the NT hash: what stands for a password (UTF-16LE).  Never fails.  MS-NLMP 3.3.1. */
void ntlm_nt_hash(uint8_t out[static NTLM_KEY_LEN], struct span password);

/* NTOWFv2: the key of a user.  Both names are UTF-16LE; `user`, which is at most NTLM_NAME_MAX
 * bytes long, is upper-cased here and `domain` is not.  MS-NLMP 3.3.2. */
bool ntlm_ntowf_v2(uint8_t out[static NTLM_KEY_LEN], const uint8_t nt_hash[static NTLM_KEY_LEN],
                   struct span user, struct span domain);

/* NTProofStr over an NTLMv2 client blob.  MS-NLMP 3.3.2. */
bool ntlm_proof(uint8_t out[static NTLM_PROOF_LEN], const uint8_t ntowf[static NTLM_KEY_LEN],
                const uint8_t server_challenge[static NTLM_CHALLENGE_LEN], struct span blob);

/* LMv2 response.  MS-NLMP 3.3.2. */
bool ntlm_lm_v2_response(uint8_t out[static NTLM_LM_RESPONSE_LEN],
                         const uint8_t ntowf[static NTLM_KEY_LEN],
                         const uint8_t server_challenge[static NTLM_CHALLENGE_LEN],
                         const uint8_t client_challenge[static NTLM_CHALLENGE_LEN]);

/* SessionBaseKey, which is also NTLMv2's KeyExchangeKey.  MS-NLMP 3.3.2, 3.4.5.1. */
bool ntlm_session_base_key(uint8_t out[static NTLM_KEY_LEN],
                           const uint8_t ntowf[static NTLM_KEY_LEN],
                           const uint8_t proof[static NTLM_PROOF_LEN]);

/* Encrypt or decrypt the exported session key under the key exchange key, in place (RC4K).
 * MS-NLMP 3.1.5.1.2. */
void ntlm_key_exchange(uint8_t key[static NTLM_KEY_LEN],
                       const uint8_t key_exchange_key[static NTLM_KEY_LEN]);

/* The MIC over the three messages; the MIC field inside `authenticate`, which is at least as long
 * as its fixed part, counts as zeros.  MS-NLMP 3.1.5.1.2. */
bool ntlm_mic(uint8_t out[static NTLM_MIC_LEN], const uint8_t exported_key[static NTLM_KEY_LEN],
              struct span negotiate, struct span challenge, struct span authenticate);

enum ntlm_sender { NTLM_CLIENT, NTLM_SERVER };

/* SIGNKEY with extended session security; without it there is none.  MS-NLMP 3.4.5.2. */
bool ntlm_sign_key(uint8_t out[static NTLM_KEY_LEN],
                   const uint8_t exported_key[static NTLM_KEY_LEN], enum ntlm_sender sender);

/* SEALKEY as the agreed `flags` ask for it: 128, 56 or 40 bits of the exported key with extended
 * session security, without it the key itself.  MS-NLMP 3.4.5.3. */
bool ntlm_seal_key(uint8_t out[static NTLM_KEY_LEN],
                   const uint8_t exported_key[static NTLM_KEY_LEN], uint32_t flags,
                   enum ntlm_sender sender);

/* The signature of the first message that `sender` protects, as the agreed `flags` ask for it.
 * MS-NLMP 3.4.4. */
bool ntlm_mac(uint8_t out[static NTLM_MAC_LEN], const uint8_t exported_key[static NTLM_KEY_LEN],
              uint32_t flags, enum ntlm_sender sender, struct span message);

/* Whether `mac` is that signature.  Compares in constant time. */
bool ntlm_mac_check(const uint8_t exported_key[static NTLM_KEY_LEN], uint32_t flags,
                    enum ntlm_sender sender, struct span message, struct span mac);

#endif
