/* des.c: one block of DES (FIPS 46-3) by way of triple DES from the crypto library. */
#include "auth/des.h"

#include "base/secret.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum { WIDE_KEY_LEN = 8 };

bool des_allowed(void)
{
    static const uint8_t nothing[DES_BLOCK_LEN];
    uint8_t out[DES_BLOCK_LEN];

    return des_encrypt(out, nothing, nothing);
}

/* Seven bits to a byte; the eighth is parity, which nobody looks at. */
static void widen(uint8_t wide[static WIDE_KEY_LEN], const uint8_t key[static DES_KEY_LEN])
{
    uint64_t bits = 0;

    for (int i = 0; i < DES_KEY_LEN; i++) {
        bits = bits << 8 | key[i];
    }
    for (int i = 0; i < WIDE_KEY_LEN; i++) {
        wide[i] = (uint8_t)(bits >> (49 - 7 * i) << 1);
    }
    secret_erase(&bits, sizeof bits);
}

static bool run(EVP_CIPHER_CTX *ctx, uint8_t *out, const uint8_t *key, const uint8_t *block)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "DES-EDE3-ECB", NULL);
    int len = 0;
    bool ok = cipher && EVP_EncryptInit_ex2(ctx, cipher, key, NULL, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_EncryptUpdate(ctx, out, &len, block, DES_BLOCK_LEN) == 1 && len == DES_BLOCK_LEN;

    EVP_CIPHER_free(cipher);
    return ok;
}

bool des_encrypt(uint8_t out[static DES_BLOCK_LEN], const uint8_t key[static DES_KEY_LEN],
                 const uint8_t block[static DES_BLOCK_LEN])
{
    uint8_t thrice[3 * WIDE_KEY_LEN];

    for (size_t i = 0; i < sizeof thrice; i += WIDE_KEY_LEN) {
        widen(thrice + i, key);
    }
    ERR_set_mark(); /* the error queue is the host's */
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx && run(ctx, out, thrice, block);

    EVP_CIPHER_CTX_free(ctx);
    ERR_pop_to_mark();
    secret_erase(thrice, sizeof thrice);
    return ok;
}
