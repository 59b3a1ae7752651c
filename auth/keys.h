/* keys.h: from the mechanism's key to those of an SMB session (MS-SMB2 3.1.4.2, 3.2.5.3.1). */
#ifndef LSMB_AUTH_KEYS_H
#define LSMB_AUTH_KEYS_H

#include "auth/preauth.h"
#include "base/secret.h"

struct session_keys {
    struct secret signing;          /* 16 bytes */
    struct secret application;      /* 16 bytes */
    struct secret client_to_server; /* 16 or 32 bytes; empty when no cipher */
    struct secret server_to_client;
};

/* Derive all keys.  `dialect` is any of SMB 2.0.2 to 3.1.1, `cipher` 0 or a cipher id (MS-SMB2
 * 2.2.3.1.2); `preauth` is used by 3.1.1 alone.  False if the crypto library fails or memory is
 * short; the keys are empty then. */
bool session_keys_derive(struct session_keys *keys, uint16_t dialect, uint16_t cipher,
                         struct span mech_key, const struct preauth *preauth);
void session_keys_wipe(struct session_keys *keys);

#endif
