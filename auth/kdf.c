/* kdf.c: SMB 3 key derivation (MS-SMB2 3.1.4.2, NIST SP 800-108 counter mode). */
#include "auth/kdf.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>

bool smb3_kdf(uint8_t *out, size_t out_len, struct span key, struct span label, struct span context)
{
    uint8_t in[128], mac[32];
    unsigned mac_len = 0;

    assert(out_len == 16 || out_len == 32);
    assert(key.len <= INT32_MAX);

    struct wr w = wr_from(in, sizeof in);
    wr_u32be(&w, 1); /* i */
    wr_span(&w, label);
    wr_u8(&w, 0);
    wr_span(&w, context);
    wr_u32be(&w, (uint32_t)out_len * 8); /* L, in bits */
    assert(wr_ok(&w));

    bool ok = HMAC(EVP_sha256(), key.ptr, (int)key.len, in, w.pos, mac, &mac_len) != NULL;
    memset(out, 0, out_len);
    if (ok) {
        memcpy(out, mac, out_len);
    }
    OPENSSL_cleanse(mac, sizeof mac);
    return ok;
}
