/* test_provide_container.c: who may be asked for credentials beside a container, with what, and what he says. */
#include "test/aws/identity_world.h"

#define ANSWER                                                                                     \
    "{\"RoleArn\": \"x\", \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", \"Token\": "      \
    "\"t\", \"Expiration\": \"2023-11-14T23:13:20Z\"}"

static void begin(struct identity_world *w, const char *name, const char *value)
{
    identity_begin(w);
    identity_read(w, NULL);
    world_set(&w->files, name, value);
    identity_look(w, &provider_container);
}

START_TEST(without_an_address_it_does_not_apply)
{
    struct identity_world w;

    begin(&w, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "x");
    ck_none(&w);
    identity_end(&w);
}
END_TEST

START_TEST(the_agent_of_the_container_is_asked)
{
    struct identity_world w;

    begin(&w, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1?a=b");
    struct http_request *request = heard_one("GET http://169.254.170.2/v2/credentials/1?a=b");
    ck_assert_str_eq(heard_header(request, "accept"), "application/json");
    ck_assert_ptr_null(heard_header(request, "authorization"));
    ck_assert_uint_eq(request->connect_ms, 2000);
    heard_answer(request, 200, ANSWER);
    identity_settle(&w);
    ck_found(&w, "ASIA", "s", "t");
    ck_assert_int_eq(w.looking->found.expires_s, 1700003600);
    identity_end(&w);
}
END_TEST

START_TEST(it_counts_with_a_profile_too)
{
    struct identity_world w;

    identity_begin(&w);
    world_config(&w.files, "[profile x]\nregion = us-east-1\n");
    world_set(&w.files, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
    identity_read(&w, "x");
    identity_look(&w, &provider_container);
    (void)heard_one("GET http://169.254.170.2/x");
    identity_end(&w);
}
END_TEST

START_TEST(a_relative_address_stays_with_the_agent)
{
    struct identity_world w;

    begin(&w, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/x");
    (void)heard_one("GET http://169.254.170.2/@evil.example/x");
    identity_end(&w);
}
END_TEST

START_TEST(the_token_may_only_go_to_neighbours_or_over_tls)
{
    static const char *const good[] = {
        "http://localhost:1/x",    "http://127.0.0.1/x",
        "http://127.9.9.9:80/x",   "http://[::1]/x",
        "http://169.254.170.2/",   "http://169.254.170.23/v1",
        "http://[fd00:ec2::23]/x", "https://any.example/x",
        "http://LOCALHOST/x",      "http://[fd00:ec2:0:0::23]/x",
    };
    static const char *const bad[] = {
        "http://any.example/x",
        "http://169.254.170.1/x",
        "http://[fd00:ec2::24]/x",
        "http://localhost.example/",
        "http://127.0.0.1@evil.example/",
        "http://user@127.0.0.1/",
        "ftp://127.0.0.1/",
        "127.0.0.1/x",
        "http://",
        "http://[::ffff:1.2.3.4]/",
        "http://evil.example#@127.0.0.1/",
    };
    struct identity_world w;
    char line[80];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        begin(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI", good[i]);
        (void)snprintf(line, sizeof line, "GET %s", good[i]);
        (void)heard_one(line);
        identity_end(&w);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI", bad[i]);
        ck_failed(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
        identity_end(&w);
    }
}
END_TEST

START_TEST(the_token_is_read_anew_from_its_file)
{
    struct identity_world w;
    char path[64];

    begin(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x");
    op_abort(&w.op);
    world_set(&w.files, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic old");
    identity_look(&w, &provider_container);
    ck_assert_str_eq(heard_header(heard.open, "authorization"), "Basic old");
    op_abort(&w.op);
    (void)snprintf(path, sizeof path, "%s/other", w.files.home);
    world_set(&w.files, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    world_file(&w.files, "other", "first\n");
    identity_look(&w, &provider_container);
    ck_assert_str_eq(heard_header(heard.open, "authorization"), "first");
    op_abort(&w.op);
    world_file(&w.files, "other", "second");
    identity_look(&w, &provider_container);
    ck_assert_str_eq(heard_header(heard.open, "authorization"), "second");
    op_abort(&w.op);
    world_file(&w.files, "other", "a\r\nHost: b");
    identity_look(&w, &provider_container);
    ck_failed(&w, "has a line end in it");
    world_file(&w.files, "other", NULL);
    identity_look(&w, &provider_container);
    ck_failed(&w, "/other: open it: No such file");
    identity_end(&w);
}
END_TEST

START_TEST(an_agent_that_does_not_answer_is_asked_three_times)
{
    struct identity_world w;

    begin(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x");
    heard_nobody(heard_one("GET http://127.0.0.1/x"));
    identity_settle(&w);
    ck_assert_ptr_null(heard.open);
    identity_pass_ms(&w, 1000);
    heard_answer(heard_one("GET http://127.0.0.1/x"), 500, "{\"message\": \"hush\"}");
    identity_settle(&w);
    identity_pass_ms(&w, 1000);
    heard_nobody(heard_one("GET http://127.0.0.1/x"));
    identity_settle(&w);
    ck_failed(&w, "Error when retrieving credentials from container-role: Could not connect");
    ck_assert_uint_eq(heard.begun, 3);
    identity_end(&w);
}
END_TEST

START_TEST(a_refusal_is_an_error_without_its_text)
{
    struct identity_world w;

    begin(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x");
    heard_answer(heard.open, 403, "{\"message\": \"hush\"}");
    identity_settle(&w);
    ck_failed(&w, "http://127.0.0.1/x answered with status 403");
    ck_assert_uint_eq(heard.begun, 1);
    identity_end(&w);
}
END_TEST

START_TEST(an_answer_without_end_is_given_up)
{
    static char long_text[2 * 65536 + 1];
    struct identity_world w;

    memset(long_text, 'x', sizeof long_text - 1);
    begin(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x");
    heard_answer(heard.open, 200, long_text);
    identity_settle(&w);
    ck_failed(&w, "the answer is longer than 65536 bytes");
    ck_assert_ptr_null(heard.open); /* dropped */
    identity_end(&w);
}
END_TEST

START_TEST(each_proper_prefix_of_an_answer_is_refused)
{
    struct identity_world w;
    char part[sizeof ANSWER];

    for (size_t len = 0; len < sizeof ANSWER - 1; len++) {
        begin(&w, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x");
        (void)snprintf(part, sizeof part, "%.*s", (int)len, ANSWER);
        heard_answer(heard.open, 200, part);
        identity_settle(&w);
        ck_failed(&w, "the answer is no JSON");
        identity_end(&w);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/provide_container", without_an_address_it_does_not_apply,
        the_agent_of_the_container_is_asked, it_counts_with_a_profile_too,
        a_relative_address_stays_with_the_agent, the_token_may_only_go_to_neighbours_or_over_tls,
        the_token_is_read_anew_from_its_file, an_agent_that_does_not_answer_is_asked_three_times,
        a_refusal_is_an_error_without_its_text, an_answer_without_end_is_given_up,
        each_proper_prefix_of_an_answer_is_refused);
}
