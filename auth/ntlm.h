/* ntlm.h: NTLM (MS-NLMP), client side. */
#ifndef LSMB_AUTH_NTLM_H
#define LSMB_AUTH_NTLM_H

#include "auth/credentials.h"
#include "auth/mech.h"

/* A client mechanism for `who` (borrowed for the mechanism's life) towards service "cifs/<host>".
 * NULL when out of memory.
 *
 * Only NTLMv2 with 128-bit keys, extended session security and a MIC is spoken; a server that
 * takes any of them away is refused with LSMB_E_SECURITY.  Where the crypto library may not do
 * MD5 (FIPS), the first step fails with LSMB_E_POLICY.  An anonymous logon has no session key. */
struct mech *ntlm_client_new(struct env *env, const struct credentials *who, const char *host);

/* The same with NTLM version 1, for a server that cannot do better and a caller who allows it; a
 * warning is logged.  With extended session security where the server has it.  What it lacks
 * (that, 128-bit keys, key exchange) is done without: who listens can work out the password's
 * hash in any case.  Its name tells how it went: "NTLMv1" or "NTLMv1 with ESS".  Where the
 * crypto library may not do triple DES, the first step fails with LSMB_E_POLICY too. */
struct mech *ntlm_v1_client_new(struct env *env, const struct credentials *who, const char *host);

/* What the server said of itself in its CHALLENGE (UTF-8, "" = nothing or too long): DNS names, or
 * NetBIOS names where it has no others.  Valid once it has come; nothing vouches for it. */
struct ntlm_server_names {
    char computer[256], domain[256];
};
const struct ntlm_server_names *ntlm_server_names(const struct mech *mech);

#endif
