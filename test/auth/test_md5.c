/* test_md5.c: known answers of MD5 and HMAC-MD5. */
#include "auth/md5.h"
#include "test/auth/octets.h"
#include "test/run.h"

/* Source: RFC 1321 A.5. */
START_TEST(md5_over_pieces)
{
    struct span pieces[] = {span_of("message"), span_of(""), span_of(" digest")};
    uint8_t out[MD5_LEN];

    ck_assert(md5(out, pieces, 3));
    ck_assert_hex(out, "f96b697d7cb7938d525a2f31aaf161d0");
    ck_assert(md5(out, NULL, 0));
    ck_assert_hex(out, "d41d8cd98f00b204e9800998ecf8427e");
    ck_assert(md5_allowed());
}
END_TEST

/* Source: RFC 2202 2, test cases 1 to 3. */
START_TEST(hmac_md5_of_the_specification)
{
    struct octets key, text;
    struct span two[] = {span_of("what do ya want "), span_of("for nothing?")};
    uint8_t out[MD5_LEN];

    struct span piece = span_of("Hi There");
    ck_assert(hmac_md5(out, octets(&key, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), &piece, 1));
    ck_assert_hex(out, "9294727a3638bb1c13f48ef8158bfc9d");

    ck_assert(hmac_md5(out, span_of("Jefe"), two, 2));
    ck_assert_hex(out, "750c783e6ab0b503eaa86e310a5db738");

    memset(text.bytes, 0xDD, 50);
    piece = (struct span){text.bytes, 50};
    ck_assert(hmac_md5(out, octets(&key, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &piece, 1));
    ck_assert_hex(out, "56be34521d144c88dbb8c733f0e8b3f6");
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/md5", md5_over_pieces, hmac_md5_of_the_specification);
}
