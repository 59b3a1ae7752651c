/* preauth.c: H = SHA-512(H || message), from a hash of zeros (MS-SMB2 3.2.5.2, 3.2.5.3). */
#include "auth/preauth.h"

#include <openssl/evp.h>

bool preauth_add(struct preauth *preauth, struct span message)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) == 1 &&
              EVP_DigestUpdate(ctx, preauth->hash, PREAUTH_HASH_LEN) == 1 &&
              EVP_DigestUpdate(ctx, message.ptr, message.len) == 1 &&
              EVP_DigestFinal_ex(ctx, preauth->hash, NULL) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}
