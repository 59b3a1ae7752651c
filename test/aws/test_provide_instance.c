/* test_provide_instance.c: what an instance's metadata service is asked, and what it means when it says nothing. */
#include "test/aws/identity_world.h"

#define ROLES   "/latest/meta-data/iam/security-credentials/"
#define SERVICE "http://169.254.169.254"
#define ANSWER                                                                                     \
    "{\"Code\": \"Success\", \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", \"Token\": "   \
    "\"t\", \"Expiration\": \"2023-11-14T23:13:20Z\"}"

static void begin(struct identity_world *w)
{
    identity_begin(w);
    identity_read(w, NULL);
    identity_look(w, &provider_instance);
}

static void answer(struct identity_world *w, const char *what, unsigned status, const char *body)
{
    heard_answer(heard_one(what), status, body);
    identity_settle(w);
}

static void answer_token(struct identity_world *w)
{
    struct http_request *request = heard_one("PUT " SERVICE "/latest/api/token");

    ck_assert_str_eq(heard_header(request, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    ck_assert_ptr_null(heard_header(request, "x-aws-ec2-metadata-token"));
    answer(w, "PUT " SERVICE "/latest/api/token", 200, "TOKEN==");
    if (heard.open) {
        ck_assert_str_eq(heard_header(heard.open, "x-aws-ec2-metadata-token"), "TOKEN==");
    }
}

START_TEST(token_role_and_document_are_asked_for_in_turn)
{
    struct identity_world w;

    begin(&w);
    ck_assert_uint_eq(heard.open->connect_ms, 1000);
    answer_token(&w);
    answer(&w, "GET " SERVICE ROLES, 200, "my-role\nanother");
    answer(&w, "GET " SERVICE ROLES "my-role", 200, ANSWER);
    ck_found(&w, "ASIA", "s", "t");
    ck_assert_int_eq(w.looking->found.expires_s, 1700003600);
    ck_assert(w.looking->steady);
    identity_end(&w);
}
END_TEST

START_TEST(nobody_there_is_no_error)
{
    struct identity_world w;

    begin(&w);
    heard_nobody(heard.open);
    identity_settle(&w);
    ck_none(&w);
    ck_assert_uint_eq(heard.begun, 1);
    identity_end(&w);
}
END_TEST

START_TEST(it_is_asked_as_often_and_as_long_as_is_said)
{
    struct identity_world w;

    identity_begin(&w);
    world_set(&w.files, "AWS_METADATA_SERVICE_TIMEOUT", "5");
    world_set(&w.files, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3");
    identity_read(&w, NULL);
    identity_look(&w, &provider_instance);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(heard.open->silence_ms, 5000);
        heard_nobody(heard.open);
        identity_settle(&w);
        identity_pass_ms(&w, 1);
    }
    ck_none(&w);
    identity_end(&w);
}
END_TEST

START_TEST(version_1_is_never_spoken)
{
    static const unsigned statuses[] = {400, 403, 404, 405, 500};
    struct identity_world w;

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        begin(&w);
        answer(&w, "PUT " SERVICE "/latest/api/token", statuses[i], "no");
        ck_none(&w);
        ck_assert_uint_eq(heard.begun, 1);
        identity_end(&w);
    }
}
END_TEST

START_TEST(a_token_that_is_no_header_is_not_sent)
{
    static const char *const tokens[] = {"", "a b", "a\r\nb: c", "\x80"};
    struct identity_world w;

    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        begin(&w);
        answer(&w, "PUT " SERVICE "/latest/api/token", 200, tokens[i]);
        ck_none(&w);
        identity_end(&w);
    }
}
END_TEST

START_TEST(an_instance_without_a_role_has_none)
{
    static const struct {
        unsigned status;
        const char *role;
    } cases[] = {{404, "not found"}, {200, ""}, {200, "a/../b"}, {200, "a?b"}, {401, "x"}};
    struct identity_world w;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(&w);
        answer_token(&w);
        answer(&w, "GET " SERVICE ROLES, cases[i].status, cases[i].role);
        ck_none(&w);
        identity_end(&w);
    }
}
END_TEST

START_TEST(a_document_of_a_failure_is_none)
{
    struct identity_world w;

    begin(&w);
    answer_token(&w);
    answer(&w, "GET " SERVICE ROLES, 200, "r");
    answer(&w, "GET " SERVICE ROLES "r", 200, "{\"Code\": \"AssumeRoleUnauthorizedAccess\"}");
    ck_none(&w);
    ck_assert_ptr_nonnull(strstr(w.log, "no credentials: AssumeRoleUnauthorizedAccess"));
    identity_end(&w);
    begin(&w);
    answer_token(&w);
    answer(&w, "GET " SERVICE ROLES, 200, "r");
    answer(&w, "GET " SERVICE ROLES "r", 200, "<html>");
    ck_failed(&w, "from iam-role: the answer is no JSON");
    identity_end(&w);
}
END_TEST

START_TEST(it_can_be_elsewhere_and_forbidden)
{
    struct identity_world w;

    identity_begin(&w);
    world_set(&w.files, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6");
    identity_read(&w, NULL);
    identity_look(&w, &provider_instance);
    (void)heard_one("PUT http://[fd00:ec2::254]/latest/api/token");
    op_abort(&w.op);
    world_set(&w.files, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:99/x/");
    identity_look(&w, &provider_instance);
    (void)heard_one("PUT http://127.0.0.1:99/x/latest/api/token");
    op_abort(&w.op);
    world_set(&w.files, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "127.0.0.1");
    identity_look(&w, &provider_instance);
    ck_failed(&w, "is no URL");
    world_set(&w.files, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "");
    world_set(&w.files, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv7");
    identity_look(&w, &provider_instance);
    ck_failed(&w, "is \"IPv7\": it can be IPv4 or IPv6");
    world_set(&w.files, "AWS_EC2_METADATA_DISABLED", "True");
    identity_look(&w, &provider_instance);
    ck_none(&w);
    identity_end(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/provide_instance", token_role_and_document_are_asked_for_in_turn,
                     nobody_there_is_no_error, it_is_asked_as_often_and_as_long_as_is_said,
                     version_1_is_never_spoken, a_token_that_is_no_header_is_not_sent,
                     an_instance_without_a_role_has_none, a_document_of_a_failure_is_none,
                     it_can_be_elsewhere_and_forbidden);
}
