/* md5.h: MD5 and HMAC-MD5 (RFC 1321, RFC 2104) from the crypto library, over several pieces. */
#ifndef LSMB_AUTH_MD5_H
#define LSMB_AUTH_MD5_H

#include "proto/bytes.h"

enum { MD5_LEN = 16 };

/* Whether this machine's crypto policy lets us have MD5 at all; with FIPS it does not. */
bool md5_allowed(void);

/* Digest the `count` pieces at `piece` as if they stood in one row.  False only if the crypto
 * library refuses; `out` is then worthless. */
bool md5(uint8_t out[static MD5_LEN], const struct span *piece, size_t count);

/* The same, keyed.  RFC 2104. */
bool hmac_md5(uint8_t out[static MD5_LEN], struct span key, const struct span *piece, size_t count);

#endif
