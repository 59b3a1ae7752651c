/* rc4.c: the RC4 stream cipher, as described in RFC 6229 and its references. */
#include "auth/rc4.h"

#include "base/secret.h"

#include <assert.h>

static void swap(uint8_t *a, uint8_t *b)
{
    uint8_t was = *a;

    *a = *b;
    *b = was;
}

void rc4_init(struct rc4 *rc4, struct span key)
{
    uint8_t j = 0;

    assert(key.len >= 1 && key.len <= sizeof rc4->s);
    for (unsigned i = 0; i < 256; i++) {
        rc4->s[i] = (uint8_t)i;
    }
    for (unsigned i = 0; i < 256; i++) {
        j = (uint8_t)(j + rc4->s[i] + key.ptr[i % key.len]);
        swap(&rc4->s[i], &rc4->s[j]);
    }
    rc4->i = rc4->j = 0;
}

void rc4_apply(struct rc4 *rc4, uint8_t *data, size_t len)
{
    uint8_t *s = rc4->s;

    for (size_t n = 0; n < len; n++) {
        rc4->i = (uint8_t)(rc4->i + 1);
        rc4->j = (uint8_t)(rc4->j + s[rc4->i]);
        swap(&s[rc4->i], &s[rc4->j]);
        data[n] ^= s[(uint8_t)(s[rc4->i] + s[rc4->j])];
    }
}

void rc4_wipe(struct rc4 *rc4)
{
    secret_erase(rc4, sizeof *rc4);
}
