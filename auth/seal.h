/* seal.h: sealing messages in place with AES-CCM and AES-GCM (MS-SMB2 3.1.4.3). */
#ifndef LSMB_AUTH_SEAL_H
#define LSMB_AUTH_SEAL_H

#include "proto/bytes.h"

enum { SEAL_TAG_LEN = 16, SEAL_NONCE_FIELD_LEN = 16 };

/* One key with one cipher, made ready once.  Not thread safe. */
struct sealer;

/* `cipher` as on the wire (MS-SMB2 2.2.3.1.2): 1 AES-128-CCM, 2 AES-128-GCM, 3 AES-256-CCM,
 * 4 AES-256-GCM.  NULL when out of memory, or the cipher or the key's length is wrong. */
struct sealer *sealer_new(uint16_t cipher, struct span key);
void sealer_free(struct sealer *sealer);

/* Encrypt `len` bytes at `data` in place and give the tag.  `nonce` is the 16-byte field of the
 * transform header, of which CCM uses 11 bytes and GCM 12; `aad` is authenticated
 * beside the message. */
bool sealer_seal(struct sealer *sealer, const uint8_t nonce[static SEAL_NONCE_FIELD_LEN],
                 struct span aad, uint8_t *data, size_t len, uint8_t tag[static SEAL_TAG_LEN]);

/* Decrypt in place; false when the tag is wrong: the bytes are worthless then. */
bool sealer_open(struct sealer *sealer, const uint8_t nonce[static SEAL_NONCE_FIELD_LEN],
                 struct span aad, uint8_t *data, size_t len,
                 const uint8_t tag[static SEAL_TAG_LEN]);

#endif
