/* test_settings.c: what the environment and the shared files of the AWS tools say. */
#include "aws/settings.h"

#include "test/aws/settings_world.h"
#include "test/failmalloc.h"
#include "test/run.h"

static void read_well(struct settings *s, const struct settings_world *w, const char *profile)
{
    const struct lsmb_s3_options opt = {.size = sizeof opt, .profile = profile};
    struct lsmb_error err = {0};

    ck_assert_msg(settings_read(s, &opt, &w->env, &err), "%s", err.reason);
}

static void read_badly(const struct settings_world *w, const char *profile, const char *why)
{
    const struct lsmb_s3_options opt = {.size = sizeof opt, .profile = profile};
    struct lsmb_error err = {0};
    struct settings s;

    ck_assert(!settings_read(&s, &opt, &w->env, &err));
    ck_assert_int_eq(err.code, LSMB_E_USAGE);
    ck_assert_str_eq(err.reason, why);
}

START_TEST(where_nothing_is_said_nothing_is_set)
{
    struct settings_world w;
    struct lsmb_error err;
    struct settings s;

    settings_world_init(&w);
    world_set(&w, "AWS_REGION", "");
    ck_assert(settings_read(&s, NULL, &w.env, &err));
    ck_assert_str_eq(s.profile, "default");
    ck_assert(!s.profile_explicit && !s.region && !s.endpoint && !s.ca_bundle);
    ck_assert(!s.ignore_endpoints && !s.fips && !s.dual_stack && !s.dual_stack_s3);
    ck_assert_int_eq(s.addressing, ADDRESS_AUTO);
    ck_assert_int_eq(s.payload, PAYLOAD_AUTO);
    ck_assert(!s.checksums_when_required && !s.verify_when_required);
    ck_assert_uint_eq(s.attempts, 0);
    ck_assert_ptr_null(settings_env(&s, "AWS_REGION"));
    settings_free(&s);
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

/* Which profile counts, and whether it puts the environment's keys aside. */
static void check_profile(const struct settings_world *w, const char *asked, const char *name,
                          bool explicit)
{
    struct settings s;

    read_well(&s, w, asked);
    ck_assert_str_eq(s.profile, name);
    ck_assert_int_eq(s.profile_explicit, explicit);
    settings_free(&s);
}

START_TEST(a_profile_is_asked_for_or_named_by_the_environment)
{
    struct settings_world w;

    settings_world_init(&w);
    world_config(&w, "[profile a]\nregion = x\n[c]\nregion = y\n");
    world_credentials(&w, "[b]\naws_access_key_id = K\n");
    check_profile(&w, NULL, "default", false);
    check_profile(&w, "", "default", false);
    check_profile(&w, "a", "a", true);
    check_profile(&w, "b", "b", true);
    world_set(&w, "AWS_PROFILE", "b");
    check_profile(&w, NULL, "b", false);
    check_profile(&w, "a", "a", true);
    world_set(&w, "AWS_DEFAULT_PROFILE", "a"); /* botocore's order */
    check_profile(&w, NULL, "a", false);
    settings_world_free(&w);
}
END_TEST

START_TEST(a_profile_has_to_be_there_unless_it_is_called_default)
{
    struct settings_world w;

    settings_world_init(&w);
    world_config(&w, "[c]\nregion = y\n");
    check_profile(&w, "default", "default", false);
    read_badly(&w, "c", "The config profile (c) could not be found"); /* it has no "profile" */
    read_badly(&w, "None", "The config profile (None) could not be found");
    world_set(&w, "AWS_PROFILE", "default");
    check_profile(&w, NULL, "default", false);
    world_set(&w, "AWS_PROFILE", "d");
    read_badly(&w, NULL, "The config profile (d) could not be found");
    world_config(&w, "[default]\nregion = y\n");
    check_profile(&w, "default", "default", true);
    world_config(&w, "[profile default]\nregion = y\n");
    check_profile(&w, "default", "default", true);
    settings_world_free(&w);
}
END_TEST

START_TEST(credentials_come_before_config)
{
    struct settings_world w;
    struct settings s;
    char longer[400];

    settings_world_init(&w);
    world_config(&w, "[default]\nregion = x\noutput = o\n[profile a]\nregion = z\n");
    world_credentials(&w, "[default]\nregion = y\n");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.region, "y");
    ck_assert_str_eq(settings_profile(&s, "default", "output"), "o");
    ck_assert_str_eq(settings_profile(&s, "a", "region"), "z");
    ck_assert_ptr_null(settings_profile(&s, "b", "region"));
    ck_assert(settings_has_profile(&s, "a") && !settings_has_profile(&s, "b"));
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    ck_assert(!settings_has_profile(&s, longer) && !settings_profile(&s, longer, "region"));
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

START_TEST(files_lie_where_the_environment_says)
{
    struct settings_world w;
    struct settings s;

    settings_world_init(&w);
    world_config(&w, "[default]\nregion = x\n");
    world_file(&w, "other", "[default]\nregion = y\n");
    world_set(&w, "AWS_CONFIG_FILE", "~/other");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.region, "y");
    settings_free(&s);
    world_set(&w, "AWS_CONFIG_FILE", "/dev/null");
    world_set(&w, "AWS_SHARED_CREDENTIALS_FILE", "~other"); /* as it is */
    read_well(&s, &w, NULL);
    ck_assert_ptr_null(s.region);
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

START_TEST(a_region_is_asked_for_or_found_in_order)
{
    const struct lsmb_s3_options opt = {.size = sizeof opt, .region = "1", .endpoint = "http://h"};
    struct settings_world w;
    struct lsmb_error err;
    struct settings s;

    settings_world_init(&w);
    world_config(&w, "[default]\nregion = 4\n");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.region, "4");
    settings_free(&s);
    world_set(&w, "AWS_REGION", "3");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.region, "3");
    settings_free(&s);
    world_set(&w, "AWS_DEFAULT_REGION", "2");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.region, "2");
    settings_free(&s);
    ck_assert(settings_read(&s, &opt, &w.env, &err));
    ck_assert_str_eq(s.region, "1");
    ck_assert_str_eq(s.endpoint, "http://h");
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

START_TEST(the_profile_may_set_everything)
{
    struct settings_world w;
    struct settings s;

    settings_world_init(&w);
    world_config(&w, "[default]\n"
                     "ca_bundle = /a/ca.pem\n"
                     "use_fips_endpoint = True\n"
                     "use_dualstack_endpoint = true\n"
                     "ignore_configured_endpoint_urls = true\n"
                     "request_checksum_calculation = WHEN_REQUIRED\n"
                     "response_checksum_validation = when_required\n"
                     "max_attempts = 7\n"
                     "s3 =\n"
                     "  addressing_style = virtual\n"
                     "  payload_signing_enabled = true\n");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.ca_bundle, "/a/ca.pem");
    ck_assert(s.fips && s.dual_stack && s.dual_stack_s3 && s.ignore_endpoints);
    ck_assert(s.checksums_when_required && s.verify_when_required);
    ck_assert_uint_eq(s.attempts, 7);
    ck_assert_int_eq(s.addressing, ADDRESS_VIRTUAL);
    ck_assert_int_eq(s.payload, PAYLOAD_SIGNED);
    settings_free(&s);
    world_config(&w, "[default]\ns3 =\n  payload_signing_enabled = false\n"
                     "  addressing_style = path\n  use_dualstack_endpoint = true\n");
    read_well(&s, &w, NULL);
    ck_assert_int_eq(s.payload, PAYLOAD_UNSIGNED);
    ck_assert_int_eq(s.addressing, ADDRESS_PATH);
    ck_assert(!s.dual_stack && s.dual_stack_s3);
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

START_TEST(the_environment_comes_before_the_profile)
{
    struct settings_world w;
    struct settings s;

    settings_world_init(&w);
    world_config(&w, "[default]\nca_bundle = /a\nuse_fips_endpoint = true\nmax_attempts = 7\n"
                     "request_checksum_calculation = when_required\n");
    world_set(&w, "AWS_CA_BUNDLE", "/b");
    world_set(&w, "REQUESTS_CA_BUNDLE", "/c");
    world_set(&w, "AWS_USE_FIPS_ENDPOINT", "false");
    world_set(&w, "AWS_USE_DUALSTACK_ENDPOINT", "TRUE");
    world_set(&w, "AWS_MAX_ATTEMPTS", "9");
    world_set(&w, "AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported");
    world_set(&w, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.ca_bundle, "/b");
    ck_assert(!s.fips && s.dual_stack && s.ignore_endpoints && !s.checksums_when_required);
    ck_assert_uint_eq(s.attempts, 9);
    settings_free(&s);
    world_config(&w, NULL);
    world_set(&w, "AWS_CA_BUNDLE", "");
    read_well(&s, &w, NULL);
    ck_assert_str_eq(s.ca_bundle, "/c");
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
    struct settings_world w;

    settings_world_init(&w);
    world_config(&w, "[default]\ns3 =\n  addressing_style = both\n");
    read_badly(&w, NULL,
               "Unsupported configuration value for addressing_style. Expected one of auto, path, "
               "virtual but got both");
    world_config(&w, NULL);
    world_set(&w, "AWS_RESPONSE_CHECKSUM_VALIDATION", "never");
    read_badly(&w, NULL,
               "Unsupported configuration value for response_checksum_validation. Expected one of "
               "when_supported, when_required but got never");
    world_set(&w, "AWS_RESPONSE_CHECKSUM_VALIDATION", "");
    for (unsigned i = 0; i < 4; i++) {
        static const char *const wrong[] = {"0", "1001", "3x", "-1"};
        struct lsmb_error err = {0};
        struct settings s;

        world_set(&w, "AWS_MAX_ATTEMPTS", wrong[i]);
        ck_assert(!settings_read(&s, NULL, &w.env, &err));
        ck_assert_ptr_nonnull(strstr(err.reason, "max_attempts"));
    }
    settings_world_free(&w);
}
END_TEST

START_TEST(a_file_that_is_malformed_is_an_error)
{
    struct settings_world w;
    struct lsmb_error err = {0};
    struct settings s;

    settings_world_init(&w);
    world_credentials(&w, "[default]\naws_secret_access_key = SECRET\naws_secret_access_key\n");
    ck_assert(!settings_read(&s, NULL, &w.env, &err));
    ck_assert_ptr_nonnull(strstr(err.reason, "/.aws/credentials: line 3"));
    ck_assert_ptr_null(strstr(err.reason, "SECRET"));
    settings_world_free(&w);
}
END_TEST

START_TEST(usually_the_environment_is_the_process_own)
{
    struct lsmb_error err = {0};
    struct settings s;

    ck_assert_int_eq(setenv("AWS_CONFIG_FILE", "/dev/null", 1), 0);
    ck_assert_int_eq(setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1), 0);
    ck_assert_int_eq(setenv("AWS_DEFAULT_REGION", "eu-west-1", 1), 0);
    ck_assert_int_eq(unsetenv("AWS_PROFILE"), 0);
    ck_assert_int_eq(unsetenv("AWS_DEFAULT_PROFILE"), 0);
    ck_assert_msg(settings_read(&s, NULL, &environment_system, &err), "%s", err.reason);
    ck_assert_str_eq(s.region, "eu-west-1");
    ck_assert_ptr_null(settings_env(&s, "AWS_PROFILE"));
    settings_free(&s);
}
END_TEST

START_TEST(without_memory_nothing_is_read)
{
    struct settings_world w;
    bool failed = true;

    settings_world_init(&w);
    world_config(&w, "[default]\nregion = x\nca_bundle = y\n");
    world_credentials(&w, "[default]\naws_access_key_id = x\n");
    for (unsigned skip = 0; failed; skip++) {
        struct lsmb_error err = {0};
        struct settings s;

        fail_malloc(skip, false);
        bool good = settings_read(&s, NULL, &w.env, &err);
        failed = fail_malloc_off();
        ck_assert_int_eq(good, !failed);
        ck_assert(good || err.code == LSMB_E_NOMEM);
        settings_free(&s);
    }
    settings_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/settings", where_nothing_is_said_nothing_is_set,
                     a_profile_is_asked_for_or_named_by_the_environment,
                     a_profile_has_to_be_there_unless_it_is_called_default,
                     credentials_come_before_config, files_lie_where_the_environment_says,
                     a_region_is_asked_for_or_found_in_order, the_profile_may_set_everything,
                     the_environment_comes_before_the_profile, what_makes_no_sense_is_refused,
                     a_file_that_is_malformed_is_an_error,
                     usually_the_environment_is_the_process_own, without_memory_nothing_is_read);
}
