/* test_md4.c: known answers of MD4. */
#include "auth/md4.h"
#include "test/hex.h"
#include "test/run.h"

#define MD4_IS(text, want)                                                                         \
    do {                                                                                           \
        uint8_t out_[MD4_LEN];                                                                     \
        md4(out_, span_of(text));                                                                  \
        ck_assert_hex(out_, want);                                                                 \
    } while (0)

/* Source: RFC 1320 A.5. */
START_TEST(test_suite_of_the_specification)
{
    MD4_IS("", "31d6cfe0d16ae931b73c59d7e0c089c0");
    MD4_IS("a", "bde52cb31de33e46245e05fbdbd6fb24");
    MD4_IS("abc", "a448017aaf21d8525fc10ae87aa6729d");
    MD4_IS("message digest", "d9130a8164549fe818874806e1c7014b");
    MD4_IS("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9");
    MD4_IS("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
           "043f8582f241db351ce627e153e7f0e4");
    MD4_IS("1234567890123456789012345678901234567890"
           "1234567890123456789012345678901234567890",
           "e33b4ddc9c38f2199c3e7b164fcc0536");
}
END_TEST

/* Source: MS-NLMP 4.2.2.1.2, NTOWFv1 of "Password". */
START_TEST(nt_hash_of_a_password)
{
    uint8_t out[MD4_LEN];

    md4(out, (struct span){(const uint8_t *)"P\0a\0s\0s\0w\0o\0r\0d", 16});
    ck_assert_hex(out, "a4f49c406510bdcab6824ee7c30fd852");
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/md4", test_suite_of_the_specification, nt_hash_of_a_password);
}
