/* seal.c: sealing messages in place with AES-CCM and AES-GCM (MS-SMB2 3.1.4.3).
 *
 * The key schedule is made once, for both directions; a message costs setting its nonce.  CCM must
 * know the whole length before the first byte and takes the message in one piece. */
#include "auth/seal.h"

#include "base/secret.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct sealer {
    const struct aead *aead;
    EVP_CIPHER_CTX *seal, *open;
};

/* MS-SMB2 2.2.3.1.2, 2.2.41 (Nonce). */
static const struct aead {
    const EVP_CIPHER *(*cipher)(void);
    size_t key_len;
    int nonce_len;
    bool ccm;
} aeads[] = {
    [1] = {EVP_aes_128_ccm, 16, 11, true},
    [2] = {EVP_aes_128_gcm, 16, 12, false},
    [3] = {EVP_aes_256_ccm, 32, 11, true},
    [4] = {EVP_aes_256_gcm, 32, 12, false},
};

/* A keyed context.  CCM's lengths must be known before its key. */
static EVP_CIPHER_CTX *aead_new(const struct aead *aead, struct span key, int encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (ctx && EVP_CipherInit_ex(ctx, aead->cipher(), NULL, NULL, NULL, encrypt) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, aead->nonce_len, NULL) == 1 &&
        (!aead->ccm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN, NULL) == 1) &&
        EVP_CipherInit_ex(ctx, NULL, NULL, key.ptr, NULL, encrypt) == 1) {
        return ctx;
    }
    EVP_CIPHER_CTX_free(ctx);
    return NULL;
}

struct sealer *sealer_new(uint16_t cipher, struct span key)
{
    if (cipher == 0 || cipher >= sizeof aeads / sizeof aeads[0] ||
        key.len != aeads[cipher].key_len) {
        return NULL;
    }
    struct sealer *sealer = calloc(1, sizeof *sealer);
    if (!sealer) {
        return NULL;
    }
    ERR_set_mark(); /* the error queue is the host's */
    sealer->aead = &aeads[cipher];
    sealer->seal = aead_new(sealer->aead, key, 1);
    sealer->open = aead_new(sealer->aead, key, 0);
    ERR_pop_to_mark();
    if (!sealer->seal || !sealer->open) {
        sealer_free(sealer);
        return NULL;
    }
    return sealer;
}

void sealer_free(struct sealer *sealer)
{
    if (sealer) {
        EVP_CIPHER_CTX_free(sealer->seal);
        EVP_CIPHER_CTX_free(sealer->open);
        free(sealer);
    }
}

/* Nonce, total length (CCM alone) and associated data; the same both ways. */
static bool aead_begin(const struct sealer *sealer, EVP_CIPHER_CTX *ctx, const uint8_t *nonce,
                       struct span aad, size_t len)
{
    int n = 0;

    if (len == 0 || len > INT_MAX || aad.len > INT_MAX ||
        EVP_CipherInit_ex(ctx, NULL, NULL, NULL, nonce, -1) != 1) {
        return false;
    }
    if (sealer->aead->ccm && EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)len) != 1) {
        return false;
    }
    return EVP_CipherUpdate(ctx, NULL, &n, aad.ptr, (int)aad.len) == 1;
}

bool sealer_seal(struct sealer *sealer, const uint8_t nonce[static SEAL_NONCE_FIELD_LEN],
                 struct span aad, uint8_t *data, size_t len, uint8_t tag[static SEAL_TAG_LEN])
{
    EVP_CIPHER_CTX *ctx = sealer->seal;
    int n = 0;

    return aead_begin(sealer, ctx, nonce, aad, len) &&
           EVP_EncryptUpdate(ctx, data, &n, data, (int)len) == 1 && (size_t)n == len &&
           EVP_EncryptFinal_ex(ctx, data + len, &n) == 1 && n == 0 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_LEN, tag) == 1;
}

bool sealer_open(struct sealer *sealer, const uint8_t nonce[static SEAL_NONCE_FIELD_LEN],
                 struct span aad, uint8_t *data, size_t len, const uint8_t tag[static SEAL_TAG_LEN])
{
    EVP_CIPHER_CTX *ctx = sealer->open;
    uint8_t expected[SEAL_TAG_LEN];
    int n = 0;

    memcpy(expected, tag, sizeof expected); /* the control call wants memory it could write to */
    ERR_set_mark();                         /* a wrong tag is no business of the host's */
    /* CCM checks the tag in the update already, GCM in the end. */
    bool ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN, expected) == 1 &&
              aead_begin(sealer, ctx, nonce, aad, len) &&
              EVP_DecryptUpdate(ctx, data, &n, data, (int)len) == 1 && (size_t)n == len &&
              (sealer->aead->ccm || EVP_DecryptFinal_ex(ctx, data + len, &n) == 1);
    ERR_pop_to_mark();
    return ok;
}
