/* test_kdf.c: known answers of the SMB 3 key derivation. */
#include "auth/kdf.h"
#include "test/auth/octets.h"
#include "test/run.h"

/* Source: Microsoft Open Specifications blog, 2017-05-26, "SMB 2 and SMB 3 security in Windows 10:
 * the anatomy of signing and cryptographic keys", appendix, multichannel session, channel 1. */
START_TEST(smb30_signing_key)
{
    struct octets key;
    uint8_t out[16];

    ck_assert(smb3_kdf(out, sizeof out, octets(&key, "7cd451825d0450d235424e44ba6e78cc"),
                       SPAN_STRZ("SMB2AESCMAC"), SPAN_STRZ("SmbSign")));
    ck_assert_hex(out, "0b7e9c5cac36c0f6ea9ab275298cedce");
}
END_TEST

/* The length is part of what is hashed: a short key is not the beginning of a long one. */
START_TEST(lengths_give_different_keys)
{
    uint8_t key[16] = {1}, narrow[16], wide[32];

    ck_assert(smb3_kdf(narrow, 16, (struct span){key, 16}, SPAN_STRZ("a"), SPAN_STRZ("b")));
    ck_assert(smb3_kdf(wide, 32, (struct span){key, 16}, SPAN_STRZ("a"), SPAN_STRZ("b")));
    ck_assert_mem_ne(narrow, wide, sizeof narrow);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/kdf", smb30_signing_key, lengths_give_different_keys);
}
