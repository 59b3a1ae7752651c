/* test_des.c: known answers of DES. */
#include "auth/des.h"
#include "test/auth/octets.h"
#include "test/run.h"

static void check(const char *key, const char *plain, const char *want)
{
    struct octets key_room, block, expected;
    uint8_t out[DES_BLOCK_LEN];

    ck_assert_uint_eq(octets(&key_room, key).len, DES_KEY_LEN);
    ck_assert_uint_eq(octets(&block, plain).len, DES_BLOCK_LEN);
    ck_assert(des_encrypt(out, key_room.bytes, block.bytes));
    ck_assert_span((struct span){out, sizeof out}, octets(&expected, want));
}

/* Source: NIST SP 800-17, tables A.1, A.2 and B.1 (variable plain text and key); keys without
 * their parity bits. */
START_TEST(known_answers)
{
    check("00000000000000", "8000000000000000", "95f8a5e5dd31d900");
    check("00000000000000", "0000000000000001", "166b40b44aba4bd6");
    check("80000000000000", "0000000000000000", "95a8d72813daa94d");
    check("00000000000001", "0000000000000000", "869efd7f9f265a09");
}
END_TEST

/* Source: MS-NLMP 4.2.2.1.1, LMOWFv1: both halves of "PASSWORD" encrypt one text. */
START_TEST(lm_hash_of_the_specification)
{
    static const char text[] = "4b47532140232425"; /* KGS!@#$% */

    check("50415353574f52", text, "e52cac67419a9a22");
    check("44000000000000", text, "4a3b108f3fa6cb6d");
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/des", known_answers, lm_hash_of_the_specification);
}
