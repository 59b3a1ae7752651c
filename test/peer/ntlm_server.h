/* ntlm_server.h: the server half of NTLM for the scripted peer (MS-NLMP 3.2.5.1). */
#ifndef LSMB_TEST_PEER_NTLM_SERVER_H
#define LSMB_TEST_PEER_NTLM_SERVER_H

#include "auth/mech.h"

struct ntlm_server_options {
    const char *user, *password; /* the one account; UTF-8 */
    const uint8_t *nt_hash; /* 16 bytes, borrowed, to know the account by; NULL = the password */
    bool allow_v1;          /* takes NTLMv1 too */
    const char *computer;   /* what it calls itself; NULL = "PEER" */
    bool allow_anonymous;   /* then there is no session key */
    bool no_timestamp;      /* like a server of before 2008 */
    uint32_t flags_removed; /* a server (or someone between) that weakens the logon */
    struct span challenge;  /* sent as it is instead of a CHALLENGE of our own; borrowed */
};

/* `opt` is copied, its texts are borrowed.  The server's challenge comes from env->random, its time
 * from env->clock.  A wrong user, password or MIC ends in LSMB_E_AUTH.  NULL when out of memory. */
struct mech *ntlm_server_new(struct env *env, const struct ntlm_server_options *opt);

#endif
