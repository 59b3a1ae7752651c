/* test_policy.c: what the user insists on, made definite. */
#include "conn/policy.h"

#include "test/run.h"

#define POLICY(...) (&(const struct lsmb_policy){.size = sizeof(struct lsmb_policy), __VA_ARGS__})

static void check_usage(const struct lsmb_policy *asked, const char *word)
{
    struct lsmb_error err;
    struct policy policy;

    ck_assert(!policy_set(&policy, asked, &err));
    ck_assert_int_eq(err.code, LSMB_E_USAGE);
    ck_assert_msg(strstr(err.reason, word) != NULL, "%s", err.reason);
}

static struct policy set(const struct lsmb_policy *asked)
{
    struct lsmb_error err;
    struct policy policy;

    ck_assert_msg(policy_set(&policy, asked, &err), "%s", err.reason);
    return policy;
}

START_TEST(a_policy_that_contradicts_itself_is_refused)
{
    check_usage(POLICY(.min_dialect = LSMB_SMB_3_1_1, .max_dialect = LSMB_SMB_2_1), "above");
    check_usage(POLICY(.max_dialect = LSMB_SMB_2_1, .seal = LSMB_REQUIRED), "encryption");
    check_usage(
        POLICY(.min_dialect = (enum lsmb_dialect)0x0303, .max_dialect = (enum lsmb_dialect)0x0310),
        "no dialect");
    check_usage(
        POLICY(.max_dialect = LSMB_SMB_3_0_2, .seal = LSMB_REQUIRED, .ciphers = {LSMB_AES_128_GCM}),
        "with these ciphers");
    check_usage(POLICY(.sign = LSMB_OFF), "signing");
    check_usage(POLICY(.ciphers = {LSMB_AES_128_GCM, 9}), "cipher");
    check_usage(POLICY(.signing_algs = {4}), "signing algorithm");
}
END_TEST

START_TEST(nothing_asked_is_the_default)
{
    struct policy policy = set(NULL);

    ck_assert_uint_eq(policy.dialect_count, 5);
    ck_assert_uint_eq(policy.dialects[0], LSMB_SMB_2_0_2);
    ck_assert_uint_eq(policy_max_dialect(&policy), LSMB_SMB_3_1_1);
    ck_assert_uint_eq(policy.cipher_count, 4);
    ck_assert_uint_eq(policy.signing_count, 3);
    ck_assert(!policy.require_signing && !policy.require_sealing);
    ck_assert(!policy.allow_guest && !policy.anonymous);
}
END_TEST

START_TEST(lists_keep_their_order_and_lose_what_comes_twice)
{
    struct policy policy =
        set(POLICY(.ciphers = {LSMB_AES_256_CCM, LSMB_AES_256_CCM, LSMB_AES_128_GCM},
                   .signing_algs = {LSMB_HMAC_SHA256, LSMB_AES_GMAC}));

    ck_assert_uint_eq(policy.cipher_count, 2);
    ck_assert_uint_eq(policy.ciphers[0], LSMB_AES_256_CCM);
    ck_assert_uint_eq(policy.ciphers[1], LSMB_AES_128_GCM);
    ck_assert_uint_eq(policy.signing_count, 2);
    ck_assert_uint_eq(policy.signing_algs[0], 0); /* as on the wire */
    ck_assert_uint_eq(policy.signing_algs[1], 2);
    ck_assert(!policy_offers_cipher(&policy, LSMB_AES_128_CCM));
    ck_assert(!policy_offers_signing(&policy, 1));
}
END_TEST

START_TEST(required_sealing_leaves_only_dialects_that_can)
{
    struct policy policy = set(POLICY(.seal = LSMB_REQUIRED));

    ck_assert_uint_eq(policy.dialect_count, 3);
    ck_assert_uint_eq(policy.dialects[0], LSMB_SMB_3_0);
    ck_assert(!policy_offers_dialect(&policy, LSMB_SMB_2_1));
    /* 3.0 and 3.0.2 have AES-128-CCM alone. */
    policy = set(POLICY(.seal = LSMB_REQUIRED, .ciphers = {LSMB_AES_256_GCM}));
    ck_assert_uint_eq(policy.dialect_count, 1);
    ck_assert_uint_eq(policy.dialects[0], LSMB_SMB_3_1_1);
}
END_TEST

START_TEST(every_range_of_dialects_can_be_offered)
{
    static const enum lsmb_dialect all[] = {LSMB_SMB_2_0_2, LSMB_SMB_2_1, LSMB_SMB_3_0,
                                            LSMB_SMB_3_0_2, LSMB_SMB_3_1_1};

    for (unsigned low = 0; low < 5; low++) {
        for (unsigned high = low; high < 5; high++) {
            struct policy policy = set(POLICY(.min_dialect = all[low], .max_dialect = all[high]));
            ck_assert_uint_eq(policy.dialect_count, high - low + 1);
            ck_assert_uint_eq(policy.dialects[0], all[low]);
            ck_assert_uint_eq(policy_max_dialect(&policy), all[high]);
        }
    }
}
END_TEST

START_TEST(sealing_that_is_off_offers_no_cipher)
{
    struct policy policy = set(POLICY(.seal = LSMB_OFF, .ciphers = {LSMB_AES_128_GCM}));

    ck_assert_uint_eq(policy.cipher_count, 0);
}
END_TEST

START_TEST(values_on_the_wire_have_names_for_people)
{
    ck_assert_str_eq(dialect_name(0x0202), "2.0.2");
    ck_assert_str_eq(dialect_name(0x0210), "2.1");
    ck_assert_str_eq(dialect_name(0x0300), "3.0");
    ck_assert_str_eq(dialect_name(0x0302), "3.0.2");
    ck_assert_str_eq(dialect_name(0x0311), "3.1.1");
    ck_assert_str_eq(dialect_name(7), "unknown");
    ck_assert_str_eq(cipher_name(0), "none");
    ck_assert_str_eq(cipher_name(LSMB_AES_128_CCM), "AES-128-CCM");
    ck_assert_str_eq(cipher_name(LSMB_AES_256_GCM), "AES-256-GCM");
    ck_assert_str_eq(signing_name(0), "HMAC-SHA256");
    ck_assert_str_eq(signing_name(2), "AES-GMAC");
    ck_assert_str_eq(signing_name(3), "unknown");
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/policy", a_policy_that_contradicts_itself_is_refused,
                     nothing_asked_is_the_default, lists_keep_their_order_and_lose_what_comes_twice,
                     required_sealing_leaves_only_dialects_that_can,
                     every_range_of_dialects_can_be_offered, sealing_that_is_off_offers_no_cipher,
                     values_on_the_wire_have_names_for_people);
}
