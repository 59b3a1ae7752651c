/* test_provide_keys.c: keys of the environment and of the shared files, and profiles that need a browser. */
#include "test/aws/identity_world.h"

START_TEST(keys_of_the_environment_are_taken_with_token_and_expiration)
{
    struct identity_world w;

    identity_begin(&w);
    identity_read(&w, NULL);
    identity_look(&w, &provider_environment);
    ck_none(&w);
    world_set(&w.files, "AWS_ACCESS_KEY_ID", "AKID");
    world_set(&w.files, "AWS_SECRET_ACCESS_KEY", "secret");
    identity_look(&w, &provider_environment);
    ck_found(&w, "AKID", "secret", NULL);
    ck_assert_int_eq(w.looking->found.expires_s, 0);
    world_set(&w.files, "AWS_SECURITY_TOKEN", "old");
    identity_look(&w, &provider_environment);
    ck_found(&w, "AKID", "secret", "old");
    world_set(&w.files, "AWS_SESSION_TOKEN", "token");
    world_set(&w.files, "AWS_CREDENTIAL_EXPIRATION", "2023-11-14T22:13:20Z");
    identity_look(&w, &provider_environment);
    ck_found(&w, "AKID", "secret", "token");
    ck_assert_int_eq(w.looking->found.expires_s, 1700000000);
    identity_end(&w);
}
END_TEST

START_TEST(half_a_pair_in_the_environment_is_an_error)
{
    struct identity_world w;

    identity_begin(&w);
    identity_read(&w, NULL);
    world_set(&w.files, "AWS_SECRET_ACCESS_KEY", "secret"); /* it is the other that counts */
    identity_look(&w, &provider_environment);
    ck_none(&w);
    world_set(&w.files, "AWS_ACCESS_KEY_ID", "AKID");
    world_set(&w.files, "AWS_SECRET_ACCESS_KEY", "");
    identity_look(&w, &provider_environment);
    ck_failed(&w, "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY");
    identity_end(&w);
}
END_TEST

START_TEST(a_time_in_the_environment_that_is_none_is_an_error)
{
    struct identity_world w;

    identity_begin(&w);
    identity_read(&w, NULL);
    world_set(&w.files, "AWS_ACCESS_KEY_ID", "AKID");
    world_set(&w.files, "AWS_SECRET_ACCESS_KEY", "secret");
    world_set(&w.files, "AWS_CREDENTIAL_EXPIRATION", "tomorrow");
    identity_look(&w, &provider_environment);
    ck_failed(&w, "AWS_CREDENTIAL_EXPIRATION \"tomorrow\" is no time");
    identity_end(&w);
}
END_TEST

START_TEST(the_environment_does_not_count_where_a_profile_was_asked_for)
{
    struct identity_world w;

    identity_begin(&w);
    world_config(&w.files, "[profile x]\nregion = us-east-1\n");
    world_set(&w.files, "AWS_ACCESS_KEY_ID", "AKID");
    world_set(&w.files, "AWS_SECRET_ACCESS_KEY", "secret");
    identity_read(&w, "x");
    identity_look(&w, &provider_environment);
    ck_none(&w);
    identity_end(&w);
}
END_TEST

START_TEST(keys_of_the_files_are_the_profiles)
{
    struct identity_world w;

    identity_begin(&w);
    world_credentials(&w.files, "[x]\naws_access_key_id = SHARED\naws_secret_access_key = s1\n"
                                "aws_session_token = t1\n[other]\n");
    world_config(&w.files, "[profile x]\naws_access_key_id = CONFIG\naws_secret_access_key = s2\n"
                           "[profile y]\naws_access_key_id = Y\naws_secret_access_key = s3\n"
                           "aws_security_token = t3\n");
    identity_read(&w, "x");
    identity_look(&w, &provider_shared);
    ck_found(&w, "SHARED", "s1", "t1");
    settings_free(&w.s3.settings);
    identity_read(&w, "y");
    identity_look(&w, &provider_shared);
    ck_none(&w);
    identity_look(&w, &provider_config);
    ck_found(&w, "Y", "s3", "t3");
    settings_free(&w.s3.settings);
    identity_read(&w, "other");
    identity_look(&w, &provider_config);
    ck_none(&w);
    identity_end(&w);
}
END_TEST

START_TEST(half_a_pair_in_a_file_is_an_error)
{
    struct identity_world w;

    identity_begin(&w);
    world_credentials(&w.files, "[default]\naws_access_key_id = AKID\n");
    world_config(&w.files, "[default]\naws_secret_access_key = of another pair\n");
    identity_read(&w, NULL);
    identity_look(&w, &provider_shared);
    ck_failed(&w, "Partial credentials found in shared-credentials-file, missing: "
                  "aws_secret_access_key");
    identity_end(&w);
}
END_TEST

START_TEST(a_profile_that_needs_a_browser_says_what_to_do)
{
    static const char *const keys[] = {"sso_session = x", "sso_start_url = https://x/",
                                       "login_session = x"};
    struct identity_world w;
    char config[80];

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        identity_begin(&w);
        (void)snprintf(config, sizeof config, "[profile dev]\n%s\n", keys[i]);
        world_config(&w.files, config);
        identity_read(&w, "dev");
        identity_look(&w, &provider_search);
        ck_failed(&w, "profile \"dev\" is logged in to with a browser");
        ck_assert_ptr_nonnull(strstr(w.op.err.advice, "export-credentials --profile dev"));
        identity_end(&w);
    }
}
END_TEST

START_TEST(keys_beside_a_login_are_used)
{
    struct identity_world w;

    identity_begin(&w);
    world_config(&w.files, "[profile dev]\nsso_session = x\n");
    world_credentials(&w.files, "[dev]\naws_access_key_id = AKID\naws_secret_access_key = s\n");
    identity_read(&w, "dev");
    identity_look(&w, &provider_search);
    ck_found(&w, "AKID", "s", NULL);
    ck_assert_ptr_eq(w.looking->by, &provider_shared);
    identity_end(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/provide_keys",
                     keys_of_the_environment_are_taken_with_token_and_expiration,
                     half_a_pair_in_the_environment_is_an_error,
                     a_time_in_the_environment_that_is_none_is_an_error,
                     the_environment_does_not_count_where_a_profile_was_asked_for,
                     keys_of_the_files_are_the_profiles, half_a_pair_in_a_file_is_an_error,
                     a_profile_that_needs_a_browser_says_what_to_do, keys_beside_a_login_are_used);
}
