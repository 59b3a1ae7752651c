/* rc4.h: the RC4 stream cipher, which NTLM's key exchange and signatures still need.
 *
 * OpenSSL keeps it in its legacy provider, which a library must not load into its host. */
#ifndef LSMB_AUTH_RC4_H
#define LSMB_AUTH_RC4_H

#include "proto/bytes.h"

struct rc4 {
    uint8_t s[256];
    uint8_t i, j;
};

/* Start with a key of 1 to 256 bytes. */
void rc4_init(struct rc4 *rc4, struct span key);

/* Encrypt or decrypt `len` bytes at `data` in place; goes on where the last call stopped. */
void rc4_apply(struct rc4 *rc4, uint8_t *data, size_t len);

void rc4_wipe(struct rc4 *rc4);

#endif
