/* sign.c: message signatures (MS-SMB2 3.1.4.1).
 *
 * A signature covers header[0..48], sixteen zeros instead of the Signature field, and the rest:
 * three updates, so the message is neither copied nor touched.  Keys are set up once; a message
 * costs one re-initialisation. */
#include "auth/sign.h"

#include "base/secret.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum { SMB2_HEADER_LEN = 64, SIGN_KEY_LEN = 16, GMAC_NONCE_LEN = 12 };

struct signer {
    enum sign_alg alg;
    EVP_MAC_CTX *mac;     /* HMAC-SHA256 and AES-CMAC */
    EVP_CIPHER_CTX *gmac; /* AES-GMAC: AES-128-GCM that encrypts nothing */
};

/* What a signature is computed over, in order. */
struct pieces {
    struct span piece[3];
};

static struct pieces pieces_of(struct span message)
{
    static const uint8_t zeros[SMB2_SIGNATURE_LEN];

    return (struct pieces){{
        {message.ptr, SMB2_SIGNATURE_OFFSET},
        {zeros, sizeof zeros},
        {message.ptr + SMB2_HEADER_LEN, message.len - SMB2_HEADER_LEN},
    }};
}

/* The nonce of AES-GMAC: MessageId, then bit 0 = sent by the server, bit 1 = a CANCEL request.
 * MS-SMB2 3.1.4.1. */
static void gmac_nonce(uint8_t nonce[static GMAC_NONCE_LEN], struct span message)
{
    enum { COMMAND_OFFSET = 12, CANCEL = 0x0C, SERVER_TO_REDIR = 1 };
    struct rd r = rd_from(message, COMMAND_OFFSET);
    struct wr w = wr_from(nonce, GMAC_NONCE_LEN);

    bool cancel = rd_u16(&r) == CANCEL;
    rd_skip(&r, 2); /* Credits */
    bool from_server = (rd_u32(&r) & SERVER_TO_REDIR) != 0;
    rd_skip(&r, 4); /* NextCommand */
    wr_u64(&w, rd_u64(&r));
    wr_u32(&w, (from_server ? 1u : 0u) | (cancel ? 2u : 0u));
    assert(rd_ok(&r) && wr_ok(&w));
}

static bool mac_compute(EVP_MAC_CTX *mac, struct pieces over, uint8_t *signature)
{
    uint8_t out[EVP_MAX_MD_SIZE];
    size_t out_len = 0;

    if (EVP_MAC_init(mac, NULL, 0, NULL) != 1) { /* the key stays */
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (EVP_MAC_update(mac, over.piece[i].ptr, over.piece[i].len) != 1) {
            return false;
        }
    }
    if (EVP_MAC_final(mac, out, &out_len, sizeof out) != 1 || out_len < SMB2_SIGNATURE_LEN) {
        return false;
    }
    memcpy(signature, out, SMB2_SIGNATURE_LEN); /* HMAC-SHA256: the first half of it */
    return true;
}

static bool gmac_compute(EVP_CIPHER_CTX *gmac, struct span message, struct pieces over,
                         uint8_t *signature)
{
    uint8_t nonce[GMAC_NONCE_LEN], nothing[16];
    int n = 0;

    gmac_nonce(nonce, message);
    if (EVP_EncryptInit_ex(gmac, NULL, NULL, NULL, nonce) != 1) { /* the key stays */
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (EVP_EncryptUpdate(gmac, NULL, &n, over.piece[i].ptr, (int)over.piece[i].len) != 1) {
            return false;
        }
    }
    return EVP_EncryptFinal_ex(gmac, nothing, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(gmac, EVP_CTRL_AEAD_GET_TAG, SMB2_SIGNATURE_LEN, signature) == 1;
}

/* A keyed context of `algorithm`; `param` names what it is built on (digest or cipher). */
static EVP_MAC_CTX *mac_new(const char *algorithm, const char *param, const char *value,
                            struct span key)
{
    char name[32];
    EVP_MAC *mac = EVP_MAC_fetch(NULL, algorithm, NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

    assert(strlen(value) < sizeof name);
    memcpy(name, value, strlen(value) + 1); /* OSSL_PARAM wants memory it could write to */
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(param, name, 0),
                           OSSL_PARAM_construct_end()};

    EVP_MAC_free(mac);
    if (ctx && EVP_MAC_init(ctx, key.ptr, key.len, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static EVP_CIPHER_CTX *gmac_new(struct span key)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key.ptr, NULL) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static bool signer_key(struct signer *signer, struct span key)
{
    switch (signer->alg) {
    case SIGN_HMAC_SHA256:
        signer->mac = mac_new(OSSL_MAC_NAME_HMAC, OSSL_MAC_PARAM_DIGEST, "SHA256", key);
        return signer->mac != NULL;
    case SIGN_AES_CMAC:
        signer->mac = mac_new(OSSL_MAC_NAME_CMAC, OSSL_MAC_PARAM_CIPHER, "AES-128-CBC", key);
        return signer->mac != NULL;
    case SIGN_AES_GMAC: signer->gmac = gmac_new(key); return signer->gmac != NULL;
    }
    return false; /* a number that is no algorithm */
}

struct signer *signer_new(enum sign_alg alg, struct span key)
{
    assert(key.len == SIGN_KEY_LEN);

    struct signer *signer = calloc(1, sizeof *signer);
    if (!signer) {
        return NULL;
    }
    signer->alg = alg;
    ERR_set_mark(); /* the error queue is the host's */
    bool ok = signer_key(signer, key);
    ERR_pop_to_mark();
    if (!ok) {
        signer_free(signer);
        return NULL;
    }
    return signer;
}

void signer_free(struct signer *signer)
{
    if (signer) {
        EVP_MAC_CTX_free(signer->mac);
        EVP_CIPHER_CTX_free(signer->gmac);
        free(signer);
    }
}

bool signer_compute(struct signer *signer, struct span message,
                    uint8_t signature[static SMB2_SIGNATURE_LEN])
{
    assert(message.len >= SMB2_HEADER_LEN && message.len <= INT_MAX);

    struct pieces over = pieces_of(message);
    return signer->gmac ? gmac_compute(signer->gmac, message, over, signature)
                        : mac_compute(signer->mac, over, signature);
}

bool signer_check(struct signer *signer, struct span message)
{
    uint8_t want[SMB2_SIGNATURE_LEN];

    return signer_compute(signer, message, want) &&
           secret_equal(want, message.ptr + SMB2_SIGNATURE_OFFSET, sizeof want);
}
