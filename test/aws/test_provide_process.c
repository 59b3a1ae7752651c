/* test_provide_process.c: what a credential process says, and how it may fail. */
#include "test/aws/identity_world.h"

static void begin(struct identity_world *w, const char *command)
{
    char config[800];

    identity_begin(w);
    (void)snprintf(config, sizeof config, "[default]\n%s%s\n",
                   command ? "credential_process = " : "", command ? command : "");
    world_config(&w->files, config);
    identity_read(w, NULL);
    identity_look(w, &provider_process);
}

/* What the process writes is one word for the shell. */
static void begin_saying(struct identity_world *w, const char *says)
{
    char command[700];

    (void)snprintf(command, sizeof command, "printf %%s '%s'", says);
    begin(w, command);
}

START_TEST(without_a_process_it_does_not_apply)
{
    struct identity_world w;

    begin(&w, NULL);
    ck_none(&w);
    identity_end(&w);
}
END_TEST

START_TEST(what_a_process_says_is_taken)
{
    struct identity_world w;

    begin_saying(&w, "{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"s\\/\"}");
    ck_found(&w, "AKID", "s/", NULL);
    ck_assert_int_eq(w.looking->found.expires_s, 0);
    identity_end(&w);
    begin_saying(&w, "{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"s\", "
                     "\"SessionToken\": \"t\", \"Expiration\": \"2023-11-14T23:13:20+01:00\"}");
    ck_found(&w, "AKID", "s", "t");
    ck_assert_int_eq(w.looking->found.expires_s, 1700000000);
    identity_end(&w);
}
END_TEST

START_TEST(an_answer_that_is_none_is_an_error_that_tells_nothing_of_it)
{
    static const struct {
        const char *says, *error;
    } cases[] = {
        {"", "the answer is no JSON"},
        {"hush", "the answer is no JSON"},
        {"[\"hush\"]", "the answer is JSON, but no object"},
        {"{\"AccessKeyId\": \"hush\", \"SecretAccessKey\": \"hush\"}", "\"Version\""},
        {"{\"Version\": 2, \"AccessKeyId\": \"hush\", \"SecretAccessKey\": \"hush\"}",
         "\"Version\""},
        {"{\"Version\": 1, \"SecretAccessKey\": \"hush\"}", "has no AccessKeyId"},
        {"{\"Version\": 1, \"AccessKeyId\": \"a\"}", "has no SecretAccessKey"},
        {"{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"hu\\u0000sh\"}",
         "has no SecretAccessKey"},
        {"{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"hush\", "
         "\"Expiration\": \"never\"}",
         "\"never\" is no time"},
    };
    struct identity_world w;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_saying(&w, cases[i].says);
        ck_failed(&w, "Error when retrieving credentials from custom-process: ");
        ck_failed(&w, cases[i].error);
        ck_assert_ptr_null(strstr(w.op.err.reason, "hush"));
        ck_assert_ptr_null(strstr(w.log, "hush"));
        identity_end(&w);
    }
}
END_TEST

START_TEST(each_proper_prefix_of_an_answer_is_refused)
{
    static const char whole[] =
        "{\"Version\": 1, \"AccessKeyId\": \"AKID\", \"SecretAccessKey\": \"s\"}";
    struct identity_world w;
    char part[sizeof whole];

    for (size_t len = 0; len < sizeof whole - 1; len += 3) {
        (void)snprintf(part, sizeof part, "%.*s", (int)len, whole);
        begin_saying(&w, part);
        ck_failed(&w, "the answer is no JSON");
        identity_end(&w);
    }
}
END_TEST

START_TEST(a_process_that_fails_tells_why)
{
    struct identity_world w;

    begin(&w, "sh -c 'echo; echo no card >&2; echo more >&2; exit 3'");
    ck_failed(&w, "custom-process: sh failed with status 3: no card");
    ck_assert_ptr_null(strstr(w.op.err.reason, "more"));
    identity_end(&w);
    begin(&w, "/nowhere/at/all 1");
    ck_failed(&w, "/nowhere/at/all: No such file or directory");
    identity_end(&w);
    begin(&w, "sh -c 'kill -9 $$'");
    ck_failed(&w, "sh was ended by signal 9");
    identity_end(&w);
    begin(&w, "sh -c 'never closed");
    ck_failed(&w, "the command ends within a quotation");
    identity_end(&w);
}
END_TEST

START_TEST(without_a_helper_it_is_said)
{
    struct identity_world w;

    begin(&w, NULL);
    world_config(&w.files, "[default]\ncredential_process = true\n");
    settings_free(&w.s3.settings);
    identity_read(&w, NULL);
    w.jobs.refuse = true;
    identity_look(&w, &provider_process);
    ck_failed(&w, "no helper");
    identity_end(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/provide_process", without_a_process_it_does_not_apply,
                     what_a_process_says_is_taken,
                     an_answer_that_is_none_is_an_error_that_tells_nothing_of_it,
                     each_proper_prefix_of_an_answer_is_refused, a_process_that_fails_tells_why,
                     without_a_helper_it_is_said);
}
