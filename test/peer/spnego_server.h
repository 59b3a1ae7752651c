/* spnego_server.h: the server half of SPNEGO for the scripted peer (RFC 4178). */
#ifndef LSMB_TEST_PEER_SPNEGO_SERVER_H
#define LSMB_TEST_PEER_SPNEGO_SERVER_H

#include "auth/mech.h"

/* What a server may do; all false is an honest one that does as Windows does. */
struct spnego_server_options {
    bool request_mic;   /* asks for mechListMIC although the client's first mechanism was taken */
    bool omit_mic;      /* does not send its own */
    bool wrong_mic;     /* sends one with a bit flipped */
    bool no_last_token; /* ends without a token */
    bool answer_raw;    /* answers a NegTokenInit with the mechanism's bare token */
};

/* A server that takes the first mechanism of the client's list that is `inner` (owned from here
 * on, also on failure), or NTLM without SPNEGO around it.  `opt` may be NULL.  NULL when out of
 * memory. */
struct mech *spnego_server_new(struct mech *inner, const struct spnego_server_options *opt);

/* The NegTokenInit2 of a server that has the mechanism `oid`, for its NEGOTIATE reply; the bytes it
 * took of `out`, which has 128. */
size_t spnego_server_hint(uint8_t out[static 128], struct span oid);

#endif
