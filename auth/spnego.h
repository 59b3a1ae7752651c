/* spnego.h: choosing a mechanism (RFC 4178, MS-SPNG), client side. */
#ifndef LSMB_AUTH_SPNEGO_H
#define LSMB_AUTH_SPNEGO_H

#include "auth/mech.h"

enum { SPNEGO_MECHS_MAX = 4 };

/* A mechanism that offers `mechs` (in order of preference; owned from here on, also on failure)
 * and speaks through the one that the server takes.  `hint` is the security buffer of the
 * NEGOTIATE reply: a NegTokenInit2, or empty.  A server that names mechanisms there, none of
 * which is ours, is refused by the first step.  NTLM alone goes without SPNEGO around it to a
 * server that gives no hint, and goes on so at one that answers so.  NULL when out of memory. */
struct mech *spnego_client_new(struct env *env, struct mech *const mechs[], size_t count,
                               struct span hint);

/* The mechanism in use (borrowed), for its name and what it learned of the server. */
const struct mech *spnego_chosen(const struct mech *spnego);

#endif
