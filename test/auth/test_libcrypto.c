/* test_libcrypto.c: what auth/ builds on does what its standards say.
 *
 * Where one of these fails, the crypto library is not what it seems (another provider, a broken
 * build), and everything in auth/ fails with it. */
#include "test/auth/octets.h"
#include "test/run.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

/* ---------------------------------------------------------------- ciphers */

struct aead_sample {
    const char *source;
    const EVP_CIPHER *(*cipher)(void);
    const char *key, *nonce, *aad; /* hex, as what follows; no aad = 00..ff, 256 times */
    const char *plain, *sealed, *tag;
};

static const struct aead_sample aead_samples[] = {
    {"NIST SP 800-38C, example 1", EVP_aes_128_ccm, "404142434445464748494a4b4c4d4e4f",
     "10111213141516", "0001020304050607", "20212223", "7162015b", "4dac255d"},
    {"NIST SP 800-38C, example 2", EVP_aes_128_ccm, "404142434445464748494a4b4c4d4e4f",
     "1011121314151617", "000102030405060708090a0b0c0d0e0f", "202122232425262728292a2b2c2d2e2f",
     "d2a1f0e051ea5f62081a7792073d593d", "1fc64fbfaccd"},
    {"NIST SP 800-38C, example 4", EVP_aes_128_ccm, "404142434445464748494a4b4c4d4e4f",
     "101112131415161718191a1b1c", NULL,
     "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
     "69915dad1e84c6376a68c2967e4dab615ae0fd1faec44cc484828529463ccf72",
     "b4ac6bec93e8598e7f0dadbcea5b"},
    {"RFC 3610 8, packet vector 1", EVP_aes_128_ccm, "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf",
     "00000003020100a0a1a2a3a4a5", "0001020304050607",
     "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
     "588c979a61c663d2f066d0c2c0f989806d5f6b61dac384", "17e8d12cfdf926e0"},
    {"GCM, test case 1", EVP_aes_128_gcm, "00000000000000000000000000000000",
     "000000000000000000000000", "", "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
    {"GCM, test case 2", EVP_aes_128_gcm, "00000000000000000000000000000000",
     "000000000000000000000000", "", "00000000000000000000000000000000",
     "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"},
    {"GCM, test case 3", EVP_aes_128_gcm, "feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
     "b525b16aedf5aa0de657ba637b391aafd255",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84"
     "aa051ba30b396a0aac973d58e091473f5985",
     "4d5c2af327cd64a62cf35abd2ba6fab4"},
    {"GCM, test case 13", EVP_aes_256_gcm,
     "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"GCM, test case 14", EVP_aes_256_gcm,
     "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
};

/* Seal as auth/seal does, which for CCM means: all lengths first. */
static bool seal(const struct aead_sample *s, struct span aad, uint8_t *out, uint8_t *tag)
{
    struct octets key, nonce, plain;
    struct span n = octets(&nonce, s->nonce);
    struct span p = octets(&plain, s->plain);
    int tag_len = (int)strlen(s->tag) / 2;
    bool ccm = s->cipher == EVP_aes_128_ccm;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len;

    bool ok = ctx && EVP_EncryptInit_ex(ctx, s->cipher(), NULL, NULL, NULL) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)n.len, NULL) == 1 &&
              (!ccm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_len, NULL) == 1) &&
              EVP_EncryptInit_ex(ctx, NULL, NULL, octets(&key, s->key).ptr, n.ptr) == 1 &&
              (!ccm || EVP_EncryptUpdate(ctx, NULL, &len, NULL, (int)p.len) == 1) &&
              (aad.len == 0 || EVP_EncryptUpdate(ctx, NULL, &len, aad.ptr, (int)aad.len) == 1) &&
              (p.len == 0 || EVP_EncryptUpdate(ctx, out, &len, p.ptr, (int)p.len) == 1) &&
              EVP_EncryptFinal_ex(ctx, out + p.len, &len) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_len, tag) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

START_TEST(ciphers_seal_as_their_standards_say)
{
    static uint8_t long_aad[65536];

    for (size_t i = 0; i < sizeof long_aad; i++) {
        long_aad[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < sizeof aead_samples / sizeof aead_samples[0]; i++) {
        const struct aead_sample *s = &aead_samples[i];
        uint8_t sealed[128], tag[16];
        struct octets aad, want;
        struct span a = s->aad ? octets(&aad, s->aad) : (struct span){long_aad, sizeof long_aad};
        ck_assert_msg(seal(s, a, sealed, tag), "%s", s->source);
        struct span w = octets(&want, s->sealed);
        ck_assert_msg(span_equal((struct span){sealed, w.len}, w), "%s", s->source);
        w = octets(&want, s->tag);
        ck_assert_msg(span_equal((struct span){tag, w.len}, w), "%s", s->source);
    }
}
END_TEST

/* ---------------------------------------------------------------- MACs and hashes */

START_TEST(cmac_is_that_of_rfc_4493) /* source: RFC 4493 4 */
{
    static const struct {
        const char *message, *mac;
    } samples[] = {
        {"", "bb1d6929e95937287fa37d129b756746"},
        {"6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"},
        {"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191"
         "a"
         "0a52eff69f2445df4f9b17ad2b417be66c3710",
         "51f0bebf7e3b9d92fc49741779363cfe"},
    };

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct octets key, message, want;
        struct span k = octets(&key, "2b7e151628aed2a6abf7158809cf4f3c");
        struct span m = octets(&message, samples[i].message);
        uint8_t mac[16];
        size_t len = 0;
        ck_assert_ptr_nonnull(EVP_Q_mac(NULL, "CMAC", NULL, "AES-128-CBC", NULL, k.ptr, k.len,
                                        m.ptr, m.len, mac, sizeof mac, &len));
        ck_assert_span((struct span){mac, len}, octets(&want, samples[i].mac));
    }
}
END_TEST

START_TEST(hmac_is_that_of_rfc_4231) /* source: RFC 4231 4.2 to 4.4 */
{
    static const struct {
        const char *key, *message, *mac;
    } samples[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
         "ddd"
         "dddddddd",
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    };

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct octets key, message, want;
        struct span k = octets(&key, samples[i].key);
        struct span m = octets(&message, samples[i].message);
        uint8_t mac[32];
        unsigned len = 0;
        ck_assert_ptr_nonnull(HMAC(EVP_sha256(), k.ptr, (int)k.len, m.ptr, m.len, mac, &len));
        ck_assert_span((struct span){mac, len}, octets(&want, samples[i].mac));
    }
}
END_TEST

START_TEST(sha_512_is_that_of_fips_180) /* source: FIPS 180-4 */
{
    static const struct {
        const char *message, *hash;
    } samples[] = {
        {"abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {"", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
             "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    };

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct octets want;
        uint8_t hash[64];
        unsigned len = 0;
        ck_assert_int_eq(EVP_Digest(samples[i].message, strlen(samples[i].message), hash, &len,
                                    EVP_sha512(), NULL),
                         1);
        ck_assert_span((struct span){hash, len}, octets(&want, samples[i].hash));
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/libcrypto", ciphers_seal_as_their_standards_say,
                     cmac_is_that_of_rfc_4493, hmac_is_that_of_rfc_4231,
                     sha_512_is_that_of_fips_180);
}
