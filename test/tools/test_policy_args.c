/* test_policy_args.c: dialects, ciphers and signing algorithms by name. */
#include "test/run.h"
#include "tools/policy_args.h"

#include <string.h>

static void check_dialects(const char *min, const char *max, unsigned want_min, unsigned want_max)
{
    struct lsmb_policy policy = {.size = sizeof policy};
    struct refusal why = {""};

    ck_assert_msg(policy_dialects(min, max, &policy, &why), "%s", why.text);
    ck_assert_uint_eq(policy.min_dialect, want_min);
    ck_assert_uint_eq(policy.max_dialect, want_max);
}

static void check_no_dialect(const char *min, const char *max, const char *says)
{
    struct lsmb_policy policy = {.size = sizeof policy};
    struct refusal why = {""};

    ck_assert(!policy_dialects(min, max, &policy, &why));
    ck_assert_msg(strstr(why.text, says) != NULL, "%s", why.text);
}

START_TEST(limits_are_dialects_by_name)
{
    check_dialects(NULL, NULL, LSMB_SMB_2_0_2, LSMB_SMB_3_1_1);
    check_dialects("2.0.2", "2.0.2", LSMB_SMB_2_0_2, LSMB_SMB_2_0_2);
    check_dialects("2.1", "3.1.1", LSMB_SMB_2_1, LSMB_SMB_3_1_1);
    check_dialects("3.0", NULL, LSMB_SMB_3_0, LSMB_SMB_3_1_1);
    check_dialects("3.0.2", "3.1.1", LSMB_SMB_3_0_2, LSMB_SMB_3_1_1);
    check_dialects(NULL, "3.0.2", LSMB_SMB_2_0_2, LSMB_SMB_3_0_2);
    check_dialects("3.0", "3.0.2", LSMB_SMB_3_0, LSMB_SMB_3_0_2);
}
END_TEST

START_TEST(empty_ranges_and_unknown_dialects_are_refused)
{
    check_no_dialect("3.1.1", "2.1", "above");
    check_no_dialect("3", NULL, "--min-dialect");
    check_no_dialect(NULL, "3.11", "--max-dialect");
}
END_TEST

START_TEST(lists_keep_their_order)
{
    struct lsmb_policy policy = {.size = sizeof policy};
    struct refusal why = {""};
    static const uint8_t ciphers[4] = {LSMB_AES_256_CCM, LSMB_AES_128_GCM, 0, 0};
    static const uint8_t algs[3] = {LSMB_HMAC_SHA256, LSMB_AES_CMAC, LSMB_AES_GMAC};

    ck_assert(policy_ciphers("aes-256-ccm,aes-128-gcm", &policy, &why));
    ck_assert_mem_eq(policy.ciphers, ciphers, sizeof ciphers);
    ck_assert(policy_signing_algs("hmac,cmac,gmac", &policy, &why));
    ck_assert_mem_eq(policy.signing_algs, algs, sizeof algs);
}
END_TEST

START_TEST(lists_with_unknown_or_repeated_names_are_refused)
{
    static const char *const bad[] = {"",
                                      "aes",
                                      "aes-128-gcm,",
                                      ",aes-128-gcm",
                                      "aes-128-gcm,aes-128-gcm",
                                      "AES-128-GCM",
                                      "aes-128-gcm aes",
                                      "aes-128-gcm-and-a-name-that-does-not-end-anywhere-soon"};
    struct lsmb_policy policy = {.size = sizeof policy};
    struct refusal why = {""};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!policy_ciphers(bad[i], &policy, &why), "'%s'", bad[i]);
    }
    ck_assert(!policy_signing_algs("gmac,cmac,hmac,gmac", &policy, &why));
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/policy_args", limits_are_dialects_by_name,
                     empty_ranges_and_unknown_dialects_are_refused, lists_keep_their_order,
                     lists_with_unknown_or_repeated_names_are_refused);
}
