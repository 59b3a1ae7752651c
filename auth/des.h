/* des.h: one block of DES (FIPS 46-3), which NTLM version 1 is made of.
 *
 * OpenSSL keeps DES itself in its legacy provider, which a library must not load into its host;
 * triple DES with one key three times over is the same function. */
#ifndef LSMB_AUTH_DES_H
#define LSMB_AUTH_DES_H

#include "proto/bytes.h"

enum { DES_KEY_LEN = 7, DES_BLOCK_LEN = 8 };

/* Whether this machine's crypto policy lets us have triple DES at all. */
bool des_allowed(void);

/* Encrypt `block` under the 56 bits of `key`; parity is added here.  False only if the crypto
 * library refuses; `out` is then worthless. */
bool des_encrypt(uint8_t out[static DES_BLOCK_LEN], const uint8_t key[static DES_KEY_LEN],
                 const uint8_t block[static DES_BLOCK_LEN]);

#endif
