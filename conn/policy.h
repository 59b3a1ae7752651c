/* policy.h: what the user insists on, made definite once and borrowed by every connection. */
#ifndef LSMB_CONN_POLICY_H
#define LSMB_CONN_POLICY_H

#include "base/error.h"

enum { POLICY_DIALECTS_MAX = 5, POLICY_CIPHERS_MAX = 4, POLICY_SIGNING_MAX = 3 };

struct policy {
    uint16_t dialects[POLICY_DIALECTS_MAX]; /* offered, ascending */
    unsigned dialect_count;
    uint16_t ciphers[POLICY_CIPHERS_MAX]; /* as on the wire, in order of preference */
    unsigned cipher_count;                /* 0: sealing is off */
    uint16_t signing_algs[POLICY_SIGNING_MAX];
    unsigned signing_count;
    bool require_signing, require_sealing;
    bool allow_guest, anonymous, allow_ntlmv1;
};

/* Fill in `policy` from what a caller asked (NULL: defaults).  LSMB_E_USAGE when it contradicts itself:
 * sealing required of dialects that have none, an unknown cipher, minimum above maximum. */
bool policy_set(struct policy *policy, const struct lsmb_policy *asked, struct lsmb_error *err);

static inline uint16_t policy_max_dialect(const struct policy *policy)
{
    return policy->dialects[policy->dialect_count - 1];
}

bool policy_offers_dialect(const struct policy *policy, uint16_t dialect);
bool policy_offers_cipher(const struct policy *policy, uint16_t cipher);
bool policy_offers_signing(const struct policy *policy, uint16_t alg);

/* "3.1.1", "AES-128-GCM", "AES-GMAC": names for people of values on the wire. */
const char *dialect_name(uint16_t dialect);
const char *cipher_name(uint16_t cipher);
const char *signing_name(uint16_t alg);

#endif
