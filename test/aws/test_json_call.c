/* test_json_call.c: what services are asked for, and what is made of their answers: jobs from beginning to end, with
 * calls answered by the test. */
#include "test/aws/calls_script.h"

#include "aws/json_call.h"

#include <zlib.h>

struct asking {
    struct lsmb *smb;
    struct lsmb_s3 s3;
    struct lsmb_job *job;
    char *text;
    unsigned told;
    struct lsmb_error err;
    char log[2000];
};

static void keep_line(void *arg, enum lsmb_log_level level, const char *line)
{
    struct asking *a = arg;
    size_t len = strlen(a->log);

    (void)level;
    (void)snprintf(a->log + len, sizeof a->log - len, "%s\n", line);
}

static void done(void *arg, const struct lsmb_error *err)
{
    struct asking *a = arg;

    a->told++;
    if (err) {
        a->err = *err;
    }
}

/* As lsmb_s3_new() has it. */
static void gone(void *arg)
{
    struct asking *a = arg;

    host_free(&a->s3.host);
}

static void begin(struct asking *a)
{
    memset(a, 0, sizeof *a);
    struct lsmb_options opt = {
        .size = sizeof opt, .log = keep_line, .log_arg = a, .log_level = LSMB_LOG_DEBUG};
    a->smb = lsmb_new(&opt, &a->err);
    ck_assert_ptr_nonnull(a->smb);
    a->s3.smb = a->smb;
    ck_assert(host_init(&a->s3.host, a->smb));
    ck_assert_ptr_nonnull(lsmb_bind(a->smb, gone, a));
}

static void turn(struct asking *a)
{
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(lsmb_turn(a->smb, 0), LSMB_OK);
    }
}

static void end(struct asking *a)
{
    lsmb_s3_text_free(a->text);
    lsmb_free(a->smb);
    ck_assert_uint_eq(scripted.count, 0);
}

static void begin_item(struct asking *a)
{
    static char before[] = "what nobody has freed, and nobody will";

    begin(a);
    a->text = before;
    a->job = lsmb_s3_item_start(&a->s3, "lava.realms", "realm", "d\"ev", &a->text, done, a);
    ck_assert_ptr_nonnull(a->job);
    ck_assert_ptr_null(a->text);
    turn(a);
}

static const char *question_of(const struct call *call)
{
    ck_assert_str_eq(call->want.method, "POST");
    ck_assert_ptr_null(call->want.bucket);
    ck_assert_uint_eq(call->want.body_count, 1);
    return (const char *)call->want.body[0].ptr;
}

START_TEST(an_item_is_asked_for_by_its_key)
{
    struct asking a;

    begin_item(&a);
    struct call *call = scripted_one("GetItem");
    ck_assert_uint_eq(call->want.service, SERVICE_DYNAMODB);
    ck_assert_str_eq(scripted_header(call, "x-amz-target"), "DynamoDB_20120810.GetItem");
    ck_assert_str_eq(scripted_header(call, "content-type"), "application/x-amz-json-1.0");
    ck_assert_str_eq(question_of(call),
                     "{\"TableName\":\"lava.realms\",\"Key\":{\"realm\":{\"S\":\"d\\\"ev\"}}}");
    scripted_answer(call, "{\"Item\": {\"port\": {\"N\": \"445\"}}}");
    turn(&a);
    ck_assert_uint_eq(a.told, 1);
    ck_assert_int_eq(a.err.code, LSMB_OK);
    ck_assert_pstr_eq(a.text, "{\"port\":445}");
    end(&a);
}
END_TEST

START_TEST(an_item_that_is_not_there_is_no_error)
{
    struct asking a;

    begin_item(&a);
    scripted_answer(scripted_one("GetItem"), "{}");
    turn(&a);
    ck_assert_uint_eq(a.told, 1);
    ck_assert_int_eq(a.err.code, LSMB_OK);
    ck_assert_ptr_null(a.text);
    end(&a);
}
END_TEST

static void answer_with_crc(const char *body, unsigned long crc)
{
    char text[24];
    struct call *call = scripted_one("GetItem");

    (void)snprintf(text, sizeof text, "%lu", crc);
    scripted_say(call, "X-Amz-Crc32", text);
    scripted_answer(call, body);
}

START_TEST(an_answer_with_a_wrong_checksum_is_asked_for_again)
{
    static const char body[] = "{\"Item\": {\"a\": {\"S\": \"b\"}}}";
    struct asking a;

    begin_item(&a);
    answer_with_crc(body, 1);
    turn(&a);
    ck_assert_uint_eq(a.told, 0);
    answer_with_crc(body, crc32(0, (const Bytef *)body, sizeof body - 1));
    turn(&a);
    ck_assert_uint_eq(a.told, 1);
    ck_assert_pstr_eq(a.text, "{\"a\":\"b\"}");
    end(&a);
    begin_item(&a);
    for (int i = 0; i < 3; i++) {
        answer_with_crc(body, 1);
        turn(&a);
    }
    ck_assert_uint_eq(a.told, 1);
    ck_assert_int_eq(a.err.code, LSMB_E_PROTOCOL);
    end(&a);
}
END_TEST

START_TEST(a_parameter_is_asked_for_decrypted)
{
    struct asking a;

    begin(&a);
    a.job = lsmb_s3_parameter_start(&a.s3, "/lava/dev/p", &a.text, done, &a);
    turn(&a);
    struct call *call = scripted_one("GetParameter");
    ck_assert_uint_eq(call->want.service, SERVICE_SSM);
    ck_assert_str_eq(scripted_header(call, "x-amz-target"), "AmazonSSM.GetParameter");
    ck_assert_str_eq(scripted_header(call, "content-type"), "application/x-amz-json-1.1");
    ck_assert_str_eq(question_of(call), "{\"Name\":\"/lava/dev/p\",\"WithDecryption\":true}");
    scripted_answer(call, "{\"Parameter\": {\"Name\": \"x\", \"Value\": \"p\\u00e4ss\"}}");
    turn(&a);
    ck_assert_uint_eq(a.told, 1);
    ck_assert_pstr_eq(a.text, "p\xc3\xa4ss");
    ck_assert_ptr_null(strstr(a.log, "p\xc3\xa4ss"));
    end(&a);
}
END_TEST

START_TEST(a_secret_is_asked_for_and_must_be_a_text)
{
    static const struct {
        const char *answer, *text, *reason;
    } cases[] = {
        {"{\"SecretString\": \"{\\\"password\\\": \\\"hush\\\"}\"}", "{\"password\": \"hush\"}",
         ""},
        {"{\"SecretBinary\": \"aHVzaA==\"}", NULL,
         "GetSecretValue: the secret is binary, and a text is needed"},
        {"{\"SecretString\": \"hush\\u0000\"}", NULL,
         "GetSecretValue: the answer has no SecretString that is a text"},
        {"{\"SecretString\": [\"hush\"]}", NULL,
         "GetSecretValue: the answer has no SecretString that is a text"},
        {"hush", NULL, "GetSecretValue: the answer is no JSON (line 1)"},
        {"", NULL, "GetSecretValue: the answer is no JSON (line 1)"},
    };
    struct asking a;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(&a);
        a.job = lsmb_s3_secret_start(&a.s3, "s", &a.text, done, &a);
        turn(&a);
        struct call *call = scripted_one("GetSecretValue");
        ck_assert_str_eq(question_of(call), "{\"SecretId\":\"s\"}");
        scripted_answer(call, cases[i].answer);
        turn(&a);
        ck_assert_uint_eq(a.told, 1);
        ck_assert_pstr_eq(a.text, cases[i].text);
        ck_assert_str_eq(a.err.reason, cases[i].reason);
        ck_assert_ptr_null(strstr(a.log, "hush"));
        end(&a);
    }
}
END_TEST

START_TEST(a_refusal_is_the_calls)
{
    struct asking a;

    begin_item(&a);
    scripted_refuse(scripted_one("GetItem"), 400, "ResourceNotFoundException");
    turn(&a);
    ck_assert_uint_eq(a.told, 1);
    ck_assert_str_eq(a.err.reason, "An error occurred (ResourceNotFoundException)");
    end(&a);
}
END_TEST

START_TEST(it_can_be_cancelled)
{
    struct asking a;

    begin_item(&a);
    lsmb_job_cancel(a.job, NULL);
    turn(&a);
    ck_assert_uint_eq(a.told, 1);
    ck_assert_int_eq(a.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(scripted.dropped, 1);
    end(&a);
}
END_TEST

START_TEST(it_goes_with_its_context)
{
    struct asking a;

    begin_item(&a);
    end(&a);
    ck_assert_uint_eq(a.told, 0);
    ck_assert_uint_eq(scripted.dropped, 1);
}
END_TEST

static void answer_soon(void *arg)
{
    (void)arg;
    scripted_answer(scripted_one("GetParameter"), "{\"Parameter\": {\"Value\": \"v\"}}");
}

START_TEST(the_blocking_form_waits_for_it)
{
    struct asking a;

    begin(&a);
    struct lsmb_timer *timer = lsmb_timer_new(a.smb, answer_soon, &a);
    ck_assert_ptr_nonnull(timer);
    lsmb_timer_set(timer, lsmb_now_ns(a.smb) + 20000000);
    ck_assert_int_eq(lsmb_s3_parameter(&a.s3, "p", &a.text, &a.err), LSMB_OK);
    ck_assert_pstr_eq(a.text, "v");
    lsmb_timer_free(timer);
    end(&a);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/json_call", an_item_is_asked_for_by_its_key, an_item_that_is_not_there_is_no_error,
        an_answer_with_a_wrong_checksum_is_asked_for_again, a_parameter_is_asked_for_decrypted,
        a_secret_is_asked_for_and_must_be_a_text, a_refusal_is_the_calls, it_can_be_cancelled,
        it_goes_with_its_context, the_blocking_form_waits_for_it);
}
