/* ntlm.h: NTLM version 2 (MS-NLMP), client side. */
#ifndef LSMB_AUTH_NTLM_H
#define LSMB_AUTH_NTLM_H

#include "auth/credentials.h"
#include "auth/mech.h"

/* A client mechanism for `who` (borrowed for the mechanism's life) towards service "cifs/<host>".
 * NULL when out of memory. */
struct mech *ntlm_client_new(struct env *env, const struct credentials *who, const char *host);

/* What the server said of itself in its CHALLENGE (UTF-8, "" = nothing); valid once it has come. */
struct ntlm_server_names {
    char computer[256], domain[256];
};
const struct ntlm_server_names *ntlm_server_names(const struct mech *mech);

#endif
