/* test_ntlm_v1.c: known answers of NTLM version 1.
 *
 * Source of all: MS-NLMP 4.2.1, 4.2.2 and 4.2.3. */
#include "auth/ntlm_v1.h"
#include "test/auth/octets.h"
#include "test/run.h"

#define NT_HASH          "a4f49c406510bdcab6824ee7c30fd852" /* of "Password" */
#define SERVER_CHALLENGE "0123456789abcdef"

static void answer(struct ntlm_v1_answer *out, const char *client_challenge)
{
    struct octets hash, server, client;

    (void)octets(&hash, NT_HASH);
    (void)octets(&server, SERVER_CHALLENGE);
    if (client_challenge) {
        (void)octets(&client, client_challenge);
    }
    ck_assert(
        ntlm_v1_answer(out, hash.bytes, server.bytes, client_challenge ? client.bytes : NULL));
}

/* MS-NLMP 4.2.2.2.1, 4.2.2.1.3, 4.2.2.2.3; the LM response repeats the other: no LM hash is
 * made. */
START_TEST(plain_responses_and_key)
{
    struct ntlm_v1_answer a;

    answer(&a, NULL);
    ck_assert_hex(a.nt_response, "67c43011f30298a2ad35ece64f16331c44bdbed927841f94");
    ck_assert_hex(a.lm_response, "67c43011f30298a2ad35ece64f16331c44bdbed927841f94");
    ck_assert_hex(a.key_exchange_key, "d87262b0cde4b1cb7499becccdf10784");
}
END_TEST

/* MS-NLMP 4.2.3.2.1, 4.2.3.2.2, 4.2.3.1.3 */
START_TEST(responses_and_key_with_extended_session_security)
{
    struct ntlm_v1_answer a;

    answer(&a, "aaaaaaaaaaaaaaaa");
    ck_assert_hex(a.nt_response, "7537f803ae367128ca458204bde7caf81e97ed2683267232");
    ck_assert_hex(a.lm_response, "aaaaaaaaaaaaaaaa00000000000000000000000000000000");
    ck_assert_hex(a.key_exchange_key, "eb93429a8bd952f8b89c55b87f475edc");
}
END_TEST

/* MS-NLMP 4.2.2.2.2: the response of LAN Manager is the same function of another hash. */
START_TEST(desl_of_the_lm_hash)
{
    struct octets hash, challenge;
    uint8_t out[NTLM_V1_RESPONSE_LEN];

    (void)octets(&hash, "e52cac67419a9a224a3b108f3fa6cb6d");
    (void)octets(&challenge, SERVER_CHALLENGE);
    ck_assert(ntlm_desl(out, hash.bytes, challenge.bytes));
    ck_assert_hex(out, "98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13");
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/ntlm_v1", plain_responses_and_key,
                     responses_and_key_with_extended_session_security, desl_of_the_lm_hash);
}
