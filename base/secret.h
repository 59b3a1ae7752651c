/* secret.h: passwords and keys.
 *
 * The bytes of a secret live in a mapping of their own that is left out of core files and wiped
 * before it is given back. */
#ifndef LSMB_BASE_SECRET_H
#define LSMB_BASE_SECRET_H

#include "proto/bytes.h"

struct secret {
    uint8_t *ptr; /* owned; NULL when empty */
    size_t len;
};

/* Replace what `secret` holds by a copy of `bytes`; an empty span gives an empty secret.  On failure
 * (no memory) the secret is empty. */
bool secret_set(struct secret *secret, struct span bytes);

/* Wipe and release; the secret is empty afterwards. */
void secret_wipe(struct secret *secret);

static inline struct span secret_span(const struct secret *secret)
{
    return (struct span){secret->ptr, secret->len};
}

/* Overwrite memory in a way that the compiler keeps. */
void secret_erase(void *ptr, size_t len);

/* Compare in a time that depends on `len` alone. */
bool secret_equal(const void *a, const void *b, size_t len);

#endif
