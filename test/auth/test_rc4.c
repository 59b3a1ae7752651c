/* test_rc4.c: known answers of RC4. */
#include "auth/rc4.h"
#include "test/auth/octets.h"
#include "test/run.h"

static void check(const char *key, const char *plain, const char *want)
{
    struct octets key_room, data, expected;
    struct span text = octets(&data, plain);
    struct rc4 rc4;

    rc4_init(&rc4, octets(&key_room, key));
    rc4_apply(&rc4, data.bytes, text.len);
    ck_assert_span(text, octets(&expected, want));
    rc4_wipe(&rc4);
}

/* Source: draft-kaukonen-cipher-arcfour-03, appendix A. */
START_TEST(examples_of_the_draft)
{
    check("0123456789abcdef", "0000000000000000", "7494c2e7104b0879");
    check("618a63d2fb", "dcee4cf92c", "f13829c9de");
}
END_TEST

/* Source: MS-NLMP 4.2.4.4, 4.2.3.4 and 4.2.2.4, the sealed "Plaintext". */
START_TEST(ntlm_sealed_text)
{
    check("59f600973cc4960a25480a7c196e4c58", "50006c00610069006e007400650078007400",
          "54e50165bf1936dc996020c1811b0f06fb5f");
    check("04dd7f014d8504d265a25cc86a3a7c06", "50006c00610069006e007400650078007400",
          "a02372f6530273f3aa1eb90190ce5200c99d");
    check("55555555555555555555555555555555", "50006c00610069006e007400650078007400",
          "56fe04d861f9319af0d7238a2e3b4d457fb8");
}
END_TEST

START_TEST(pieces_give_the_same_stream)
{
    uint8_t whole[600] = {0}, pieces[600] = {0};
    struct span key = {(const uint8_t *)"key", 3};
    struct rc4 rc4;

    rc4_init(&rc4, key);
    rc4_apply(&rc4, whole, sizeof whole);
    rc4_init(&rc4, key);
    for (size_t at = 0; at < sizeof pieces; at += 50) {
        rc4_apply(&rc4, pieces + at, 50);
    }
    ck_assert_mem_eq(whole, pieces, sizeof whole);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/rc4", examples_of_the_draft, ntlm_sealed_text,
                     pieces_give_the_same_stream);
}
