/* md4.h: the MD4 message digest (RFC 1320), which only the NT hash of a password still needs.
 *
 * OpenSSL keeps it in its legacy provider, which a library must not load into its host. */
#ifndef LSMB_AUTH_MD4_H
#define LSMB_AUTH_MD4_H

#include "proto/bytes.h"

enum { MD4_LEN = 16 };

/* Digest `message`.  Leaves nothing of it on the stack. */
void md4(uint8_t out[static MD4_LEN], struct span message);

#endif
