/* md5.c: MD5 and HMAC-MD5 (RFC 1321, RFC 2104) from the crypto library, over several pieces. */
#include "auth/md5.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

bool md5_allowed(void)
{
    uint8_t out[MD5_LEN];

    return md5(out, NULL, 0);
}

static bool md5_run(EVP_MD_CTX *ctx, uint8_t *out, const struct span *piece, size_t count)
{
    EVP_MD *md = EVP_MD_fetch(NULL, "MD5", NULL);
    bool ok = md && EVP_DigestInit_ex(ctx, md, NULL) == 1;

    EVP_MD_free(md);
    for (size_t i = 0; ok && i < count; i++) {
        ok = EVP_DigestUpdate(ctx, piece[i].ptr, piece[i].len) == 1;
    }
    return ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

bool md5(uint8_t out[static MD5_LEN], const struct span *piece, size_t count)
{
    ERR_set_mark(); /* the error queue is the host's */
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && md5_run(ctx, out, piece, count);

    EVP_MD_CTX_free(ctx);
    ERR_pop_to_mark();
    return ok;
}

static bool hmac_run(EVP_MAC_CTX *ctx, uint8_t *out, struct span key, const struct span *piece,
                     size_t count)
{
    static const uint8_t no_key; /* an empty key is not "no key" */
    char digest[] = "MD5";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    size_t out_len = 0;

    bool ok = EVP_MAC_init(ctx, key.len > 0 ? key.ptr : &no_key, key.len, params) == 1;
    for (size_t i = 0; ok && i < count; i++) {
        ok = EVP_MAC_update(ctx, piece[i].ptr, piece[i].len) == 1;
    }
    return ok && EVP_MAC_final(ctx, out, &out_len, MD5_LEN) == 1 && out_len == MD5_LEN;
}

bool hmac_md5(uint8_t out[static MD5_LEN], struct span key, const struct span *piece, size_t count)
{
    ERR_set_mark(); /* the error queue is the host's */
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    bool ok = ctx && hmac_run(ctx, out, key, piece, count);

    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
    ERR_pop_to_mark();
    return ok;
}
