/* test_endpoint.c: where requests go.  The hosts of AWS are those of the endpoint rules of botocore 1.43.11. */
#include "aws/settings.h"

#include "test/aws/settings_world.h"
#include "test/run.h"

struct asked {
    enum service service;
    const char *region, *bucket;
};

static void find(struct endpoint *out, const struct settings *s, struct asked asked)
{
    struct lsmb_error err = {0};

    ck_assert_msg(endpoint_find(out, s, asked.service, asked.region, asked.bucket, &err), "%s",
                  err.reason);
}

static void check_host(const struct settings *s, struct asked asked, const char *host)
{
    struct endpoint e;

    find(&e, s, asked);
    ck_assert_str_eq(e.authority, host);
    ck_assert_str_eq(e.path, "");
    ck_assert(e.https && !e.bucket_in_path);
}

static void refused(const struct settings *s, struct asked asked, enum lsmb_code code,
                    const char *why)
{
    struct lsmb_error err = {0};
    struct endpoint e;

    ck_assert(!endpoint_find(&e, s, asked.service, asked.region, asked.bucket, &err));
    ck_assert_int_eq(err.code, code);
    ck_assert_msg(strstr(err.reason, why) != NULL, "%s", err.reason);
}

START_TEST(services_have_hosts_in_regions)
{
    const struct settings s = {
        .env = environment_system, .profile = NULL, .ignore_endpoints = true};

    check_host(&s, (struct asked){SERVICE_S3, "us-east-1", NULL}, "s3.us-east-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_S3, "us-east-1", "my-b"},
               "my-b.s3.us-east-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_S3, "cn-north-1", "my-b"},
               "my-b.s3.cn-north-1.amazonaws.com.cn");
    check_host(&s, (struct asked){SERVICE_DYNAMODB, "ap-southeast-2", NULL},
               "dynamodb.ap-southeast-2.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_SSM, "us-gov-west-1", NULL},
               "ssm.us-gov-west-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_SECRETS, "us-iso-east-1", NULL},
               "secretsmanager.us-iso-east-1.c2s.ic.gov");
    check_host(&s, (struct asked){SERVICE_STS, "us-isob-east-1", NULL},
               "sts.us-isob-east-1.sc2s.sgov.gov");
    check_host(&s, (struct asked){SERVICE_STS, "eu-isoe-west-1", NULL},
               "sts.eu-isoe-west-1.cloud.adc-e.uk");
    check_host(&s, (struct asked){SERVICE_STS, "us-isof-south-1", NULL},
               "sts.us-isof-south-1.csp.hci.ic.gov");
    check_host(&s, (struct asked){SERVICE_STS, "eusc-de-east-1", NULL},
               "sts.eusc-de-east-1.amazonaws.eu");
}
END_TEST

START_TEST(some_hosts_are_for_both_kinds_of_addresses)
{
    const struct settings s = {.env = environment_system,
                               .ignore_endpoints = true,
                               .dual_stack = true,
                               .dual_stack_s3 = true};

    check_host(&s, (struct asked){SERVICE_S3, "eu-west-1", "my-b"},
               "my-b.s3.dualstack.eu-west-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_DYNAMODB, "eu-west-1", NULL},
               "dynamodb.eu-west-1.api.aws");
    check_host(&s, (struct asked){SERVICE_SSM, "cn-north-1", NULL},
               "ssm.cn-north-1.api.amazonwebservices.com.cn");
    check_host(&s, (struct asked){SERVICE_SECRETS, "eu-west-1", NULL},
               "secretsmanager.eu-west-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_SECRETS, "us-iso-east-1", NULL},
               "secretsmanager.us-iso-east-1.api.aws.ic.gov");
    check_host(&s, (struct asked){SERVICE_STS, "eu-west-1", NULL}, "sts.eu-west-1.api.aws");
}
END_TEST

START_TEST(some_hosts_keep_to_fips)
{
    struct settings s = {.env = environment_system, .ignore_endpoints = true, .fips = true};

    check_host(&s, (struct asked){SERVICE_S3, "us-east-2", "my-b"},
               "my-b.s3-fips.us-east-2.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_DYNAMODB, "us-east-2", NULL},
               "dynamodb-fips.us-east-2.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_SECRETS, "us-gov-west-1", NULL},
               "secretsmanager-fips.us-gov-west-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_DYNAMODB, "us-gov-west-1", NULL},
               "dynamodb.us-gov-west-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_SSM, "us-gov-west-1", NULL},
               "ssm.us-gov-west-1.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_STS, "us-gov-west-1", NULL},
               "sts.us-gov-west-1.amazonaws.com");
    s.dual_stack = s.dual_stack_s3 = true;
    check_host(&s, (struct asked){SERVICE_S3, "us-east-2", "my-b"},
               "my-b.s3-fips.dualstack.us-east-2.amazonaws.com");
    check_host(&s, (struct asked){SERVICE_STS, "us-gov-west-1", NULL},
               "sts-fips.us-gov-west-1.api.aws");
    refused(&s, (struct asked){SERVICE_S3, "cn-north-1", "my-b"}, LSMB_E_POLICY, "FIPS");
}
END_TEST

START_TEST(each_service_is_signed_by_its_name)
{
    static const char *const names[SERVICES] = {
        [SERVICE_S3] = "s3",   [SERVICE_DYNAMODB] = "dynamodb",
        [SERVICE_SSM] = "ssm", [SERVICE_SECRETS] = "secretsmanager",
        [SERVICE_STS] = "sts",
    };
    const struct settings s = {.env = environment_system, .ignore_endpoints = true};
    struct endpoint e;

    for (unsigned i = 0; i < SERVICES; i++) {
        find(&e, &s, (struct asked){(enum service)i, "eu-west-1", NULL});
        ck_assert_str_eq(e.service, names[i]);
    }
}
END_TEST

/* Is the bucket in the path, for AWS over https? */
static bool in_path(const char *bucket, enum addressing addressing)
{
    struct settings s = {.env = environment_system, .ignore_endpoints = true};
    struct endpoint e;

    s.addressing = addressing;
    find(&e, &s, (struct asked){SERVICE_S3, "eu-west-1", bucket});
    ck_assert_int_eq(e.bucket_in_path, strcmp(e.authority, "s3.eu-west-1.amazonaws.com") == 0);
    return e.bucket_in_path;
}

START_TEST(a_bucket_is_in_the_host_where_it_can_be)
{
    static const char long_name[] =
        "a23456789012345678901234567890123456789012345678901234567890123";

    ck_assert(!in_path("abc", ADDRESS_AUTO));
    ck_assert(!in_path("0-9", ADDRESS_AUTO));
    ck_assert(!in_path(long_name, ADDRESS_AUTO));
    ck_assert(!in_path("abc", ADDRESS_VIRTUAL));
    ck_assert(in_path("abc", ADDRESS_PATH));
    ck_assert(in_path("ab", ADDRESS_AUTO));
    ck_assert(in_path("a.b", ADDRESS_AUTO)); /* no certificate is for two labels */
    ck_assert(in_path("a.b", ADDRESS_VIRTUAL));
    ck_assert(in_path("Abc", ADDRESS_AUTO));
    ck_assert(in_path("a_c", ADDRESS_AUTO));
    ck_assert(in_path("-bc", ADDRESS_AUTO));
    ck_assert(in_path("ab-", ADDRESS_AUTO));
}
END_TEST

START_TEST(a_bucket_that_cannot_be_one_is_refused)
{
    static const char *const wrong[] = {"",    "a/b", "a b",     "arn:aws:s3:::b",
                                        "b?x", "b\n", "\xC3\xBC"};
    const struct settings s = {.env = environment_system, .ignore_endpoints = true};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        refused(&s, (struct asked){SERVICE_S3, "eu-west-1", wrong[i]}, LSMB_E_USAGE,
                "Invalid bucket name");
    }
}
END_TEST

START_TEST(without_a_region_there_is_no_endpoint)
{
    static const char *const wrong[] = {"a.b", "-a", "a-", "123", "a/b", "a b", "x@y"};
    const struct settings s = {.env = environment_system, .ignore_endpoints = true};

    refused(&s, (struct asked){SERVICE_S3, NULL, NULL}, LSMB_E_USAGE, "You must specify a region.");
    refused(&s, (struct asked){SERVICE_S3, "", NULL}, LSMB_E_USAGE, "You must specify a region.");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        refused(&s, (struct asked){SERVICE_SSM, wrong[i], NULL}, LSMB_E_USAGE,
                "doesn't match a supported format");
    }
}
END_TEST

/* ---------------------------------------------------------------- somebody's own */

static void check_url(const char *url, bool https, const char *authority, const char *path)
{
    char copy[512];
    const struct settings s = {.env = environment_system, .endpoint = copy};
    struct endpoint e;

    (void)snprintf(copy, sizeof copy, "%s", url);
    find(&e, &s, (struct asked){SERVICE_S3, "eu-west-1", "my-b"});
    ck_assert_int_eq(e.https, https);
    ck_assert_str_eq(e.authority, authority);
    ck_assert_str_eq(e.path, path);
    ck_assert(e.bucket_in_path);
}

START_TEST(an_endpoint_of_somebodys_own_has_buckets_in_the_path)
{
    check_url("https://h.example", true, "h.example", "");
    check_url("HTTP://127.0.0.1:9000/", false, "127.0.0.1:9000", "");
    check_url("http://[::1]:9000", false, "[::1]:9000", "");
    check_url("http://[fd00::1]/s3//", false, "[fd00::1]", "/s3");
    check_url("https://h:443/a/b%20c/", true, "h", "/a/b%20c");
    check_url("https://h:80", true, "h:80", "");
    check_url("http://h:80", false, "h", "");
    check_url("http://h:65535", false, "h:65535", "");
}
END_TEST

START_TEST(an_endpoint_that_is_no_url_is_refused)
{
    static const char *const wrong[] = {
        "",           "h",           "ftp://h",        "http://",      "http:///a",
        "http://h:",  "http://h:0",  "http://h:99999", "http://h:1a",  "http://h:1:2",
        "http://u@h", "http://h?x",  "http://h#x",     "http://h/a?x", "http://h/a b",
        "http://h\n", "http://[::1", "http://[]x",     "http://::1",   "http://[g::]:1",
    };
    char copy[64];
    const struct settings s = {.env = environment_system, .endpoint = copy};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        (void)snprintf(copy, sizeof copy, "%s", wrong[i]);
        refused(&s, (struct asked){SERVICE_SSM, "eu-west-1", NULL}, LSMB_E_USAGE,
                "Invalid endpoint");
    }
}
END_TEST

START_TEST(an_endpoint_that_is_too_long_is_refused)
{
    char url[600] = "https://";
    const struct settings s = {.env = environment_system, .endpoint = url};

    memset(url + 8, 'a', 254);
    refused(&s, (struct asked){SERVICE_SSM, "eu-west-1", NULL}, LSMB_E_USAGE, "Invalid endpoint");
    memset(url + 8, 0, sizeof url - 8);
    memset(url + 8, 'a', 3);
    url[11] = '/';
    memset(url + 12, 'b', 127);
    refused(&s, (struct asked){SERVICE_SSM, "eu-west-1", NULL}, LSMB_E_USAGE, "Invalid endpoint");
}
END_TEST

START_TEST(an_endpoint_with_buckets_in_its_host_can_be_had)
{
    char url[300] = "http://h.example:9000", longest[64] = "";
    struct settings s = {.env = environment_system, .endpoint = url, .addressing = ADDRESS_VIRTUAL};
    struct endpoint e;

    find(&e, &s, (struct asked){SERVICE_S3, "eu-west-1", "my.b"}); /* no certificate is needed */
    ck_assert_str_eq(e.authority, "my.b.h.example:9000");
    ck_assert(!e.bucket_in_path);
    find(&e, &s, (struct asked){SERVICE_S3, "eu-west-1", "10.0.0.1"});
    ck_assert(e.bucket_in_path);
    find(&e, &s, (struct asked){SERVICE_S3, "eu-west-1", "a..b"});
    ck_assert(e.bucket_in_path);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:9000");
    find(&e, &s,
         (struct asked){SERVICE_S3, "eu-west-1", "my-b"}); /* an address has no names below */
    ck_assert(e.bucket_in_path);
    (void)snprintf(url, sizeof url, "http://%0253d", 0);
    url[7] = 'a';
    find(&e, &s, (struct asked){SERVICE_S3, "eu-west-1", "abc"});
    ck_assert_uint_eq(strlen(e.authority), 257);
    memset(longest, 'b', 63);
    refused(&s, (struct asked){SERVICE_S3, "eu-west-1", longest}, LSMB_E_USAGE, "is too long");
}
END_TEST

static void check_source(const struct settings_world *w, enum service service, const char *host)
{
    struct lsmb_error err = {0};
    struct settings s;
    struct endpoint e;

    ck_assert_msg(settings_read(&s, NULL, &w->env, &err), "%s", err.reason);
    find(&e, &s, (struct asked){service, "eu-west-1", NULL});
    ck_assert_str_eq(e.authority, host);
    settings_free(&s);
}

START_TEST(endpoints_are_looked_for_in_order)
{
    struct settings_world w;

    settings_world_init(&w);
    world_config(&w, "[default]\nendpoint_url =\n");
    check_source(&w, SERVICE_STS, "sts.eu-west-1.amazonaws.com");
    world_config(&w, "[default]\nendpoint_url = http://five\nservices = t\n"
                     "[services t]\ns3 =\n  endpoint_url = http://four\n"
                     "secrets_manager =\n  endpoint_url = http://secrets\n");
    check_source(&w, SERVICE_SECRETS, "secrets");
    check_source(&w, SERVICE_SSM, "five");
    check_source(&w, SERVICE_S3, "four");
    check_source(&w, SERVICE_STS, "five");
    world_set(&w, "AWS_ENDPOINT_URL", "http://three");
    check_source(&w, SERVICE_S3, "three");
    world_set(&w, "AWS_ENDPOINT_URL_S3", "http://two");
    check_source(&w, SERVICE_S3, "two");
    world_set(&w, "AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://two-secrets");
    check_source(&w, SERVICE_SECRETS, "two-secrets");
    check_source(&w, SERVICE_DYNAMODB, "three");
    world_set(&w, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    check_source(&w, SERVICE_S3, "s3.eu-west-1.amazonaws.com");
    settings_world_free(&w);
}
END_TEST

START_TEST(an_endpoint_that_was_asked_for_is_never_ignored)
{
    const struct lsmb_s3_options opt = {.size = sizeof opt, .endpoint = "http://one"};
    struct lsmb_error err = {0};
    struct settings_world w;
    struct settings s;
    struct endpoint e;

    settings_world_init(&w);
    world_config(&w, "[default]\nignore_configured_endpoint_urls = true\n");
    world_set(&w, "AWS_ENDPOINT_URL", "http://three");
    ck_assert_msg(settings_read(&s, &opt, &w.env, &err), "%s", err.reason);
    find(&e, &s, (struct asked){SERVICE_S3, "eu-west-1", NULL});
    ck_assert_str_eq(e.authority, "one");
    s.fips = true;
    refused(&s, (struct asked){SERVICE_S3, "eu-west-1", NULL}, LSMB_E_POLICY, "FIPS");
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

START_TEST(services_that_are_not_there_are_an_error)
{
    struct lsmb_error err = {0};
    struct settings_world w;
    struct settings s;

    settings_world_init(&w);
    world_config(&w, "[default]\nservices = t\n");
    ck_assert_msg(settings_read(&s, NULL, &w.env, &err), "%s", err.reason);
    refused(&s, (struct asked){SERVICE_S3, "eu-west-1", NULL}, LSMB_E_USAGE,
            "the \"t\" services configuration does not exist");
    settings_free(&s);
    settings_world_free(&w);
}
END_TEST

START_TEST(what_is_not_of_aws_is_foreign)
{
    static char store[] = "https://store.example", aws[] = "https://bucket.vpce-1.amazonaws.com";
    struct settings s = {.env = environment_system, .ignore_endpoints = true};

    ck_assert(!endpoint_is_foreign(&s, SERVICE_S3));
    s.endpoint = store;
    ck_assert(endpoint_is_foreign(&s, SERVICE_S3));
    s.endpoint = aws;
    ck_assert(!endpoint_is_foreign(&s, SERVICE_S3));
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/endpoint", services_have_hosts_in_regions, some_hosts_are_for_both_kinds_of_addresses,
        some_hosts_keep_to_fips, each_service_is_signed_by_its_name,
        a_bucket_is_in_the_host_where_it_can_be, a_bucket_that_cannot_be_one_is_refused,
        without_a_region_there_is_no_endpoint, an_endpoint_of_somebodys_own_has_buckets_in_the_path,
        an_endpoint_that_is_no_url_is_refused, an_endpoint_that_is_too_long_is_refused,
        an_endpoint_with_buckets_in_its_host_can_be_had, endpoints_are_looked_for_in_order,
        an_endpoint_that_was_asked_for_is_never_ignored, services_that_are_not_there_are_an_error,
        what_is_not_of_aws_is_foreign);
}
