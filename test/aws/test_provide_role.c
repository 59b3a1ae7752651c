/* test_provide_role.c: roles of profiles and of web identities: what leads to them, what STS is asked and what it says. */
#include "test/aws/identity_world.h"

#include "aws/sts.h"

#define KEYS(name) "aws_access_key_id = " name "\naws_secret_access_key = secret of " name "\n"

/* source: AWS STS API Reference, "AssumeRole", the example's shape */
#define ANSWER(action, key, expiration)                                                            \
    "<" action "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<" action           \
    "Result><SourceIdentity>x</SourceIdentity><Credentials><AccessKeyId>" key                      \
    "</AccessKeyId><SecretAccessKey>s/+=</SecretAccessKey><SessionToken>tok==</SessionToken>"      \
    "<Expiration>" expiration "</Expiration></Credentials></" action "Result></" action            \
    "Response>"

static const char *form_of(const struct call *call)
{
    ck_assert_uint_eq(call->want.body_count, 1);
    ck_assert_str_eq(call->want.method, "POST");
    ck_assert_uint_eq(call->want.service, SERVICE_STS);
    ck_assert_str_eq(scripted_header(call, "content-type"),
                     "application/x-www-form-urlencoded; charset=utf-8");
    return (const char *)call->want.body[0].ptr;
}

static void begin(struct identity_world *w, const char *config)
{
    identity_begin(w);
    world_config(&w->files, config);
    identity_read(w, "x");
    identity_look(w, &provider_role);
}

START_TEST(a_profile_that_is_no_role_does_not_apply)
{
    struct identity_world w;

    begin(&w, "[profile x]\nsource_profile = y\n");
    ck_none(&w);
    identity_end(&w);
}
END_TEST

START_TEST(a_role_is_assumed_with_the_keys_of_its_source)
{
    struct identity_world w;

    begin(&w, "[profile x]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = y\n"
              "external_id = a b\nrole_session_name = me\nduration_seconds = 900\n"
              "[profile y]\n" KEYS("Y"));
    struct call *call = scripted_one("AssumeRole");
    ck_assert_str_eq(form_of(call), "Action=AssumeRole&DurationSeconds=900&ExternalId=a%20b&"
                                    "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=me&"
                                    "Version=2011-06-15");
    ck_assert(!call->want.unsigned_call);
    ck_credentials(call->want.as, "Y", "secret of Y", NULL);
    scripted_answer(call, ANSWER("AssumeRole", "ASIA1", "2023-11-14T23:13:20Z"));
    identity_settle(&w);
    ck_found(&w, "ASIA1", "s/+=", "tok==");
    ck_assert_int_eq(w.looking->found.expires_s, 1700003600);
    identity_end(&w);
}
END_TEST

START_TEST(a_session_without_a_name_gets_one)
{
    struct identity_world w;

    begin(&w, "[profile x]\nrole_arn = r\nsource_profile = x\n" KEYS("X"));
    struct call *call = scripted_one("AssumeRole");
    ck_assert_str_eq(form_of(call), "Action=AssumeRole&RoleArn=r&RoleSessionName=lava-smb-"
                                    "1700000000&Version=2011-06-15");
    ck_credentials(call->want.as, "X", "secret of X", NULL);
    identity_end(&w);
}
END_TEST

START_TEST(a_role_may_lead_to_another)
{
    struct identity_world w;

    begin(&w, "[profile x]\nrole_arn = r1\nsource_profile = y\n[profile y]\nrole_arn = r2\n"
              "source_profile = z\n[profile z]\n" KEYS("Z"));
    struct call *call = scripted_one("AssumeRole");
    ck_credentials(call->want.as, "Z", "secret of Z", NULL);
    ck_assert_ptr_nonnull(strstr(form_of(call), "RoleArn=r2&"));
    scripted_answer(call, ANSWER("AssumeRole", "ASIA2", "2023-11-14T23:13:20Z"));
    identity_settle(&w);
    call = scripted_one("AssumeRole");
    ck_credentials(call->want.as, "ASIA2", "s/+=", "tok==");
    ck_assert_ptr_nonnull(strstr(form_of(call), "RoleArn=r1&"));
    scripted_answer(call, ANSWER("AssumeRole", "ASIA1", "2023-11-14T23:13:20Z"));
    identity_settle(&w);
    ck_found(&w, "ASIA1", "s/+=", "tok==");
    identity_end(&w);
}
END_TEST

START_TEST(roles_that_lead_in_a_circle_are_refused)
{
    struct identity_world w;

    begin(&w, "[profile x]\nrole_arn = r1\nsource_profile = y\n"
              "[profile y]\nrole_arn = r2\nsource_profile = x\n");
    ck_failed(&w, "Infinite loop in credential configuration detected");
    identity_end(&w);
    begin(&w, "[profile x]\nrole_arn = r1\nsource_profile = x\n");
    ck_failed(&w, "Infinite loop in credential configuration detected");
    identity_end(&w);
}
END_TEST

START_TEST(more_roles_than_anybody_needs_are_refused)
{
    char config[2000] = "[profile x]\nrole_arn = r\nsource_profile = p0\n";
    struct identity_world w;

    for (int i = 0; i < 20; i++) {
        size_t len = strlen(config);
        (void)snprintf(config + len, sizeof config - len,
                       "[profile p%d]\nrole_arn = r\nsource_profile = p%d\n", i, i + 1);
    }
    begin(&w, config);
    ck_failed(&w, "more than 16 profiles");
    identity_end(&w);
}
END_TEST

START_TEST(what_makes_no_sense_in_a_role_is_said)
{
    static const struct {
        const char *config, *says;
    } cases[] = {
        {"source_profile = y\n", "The source_profile \"y\" referenced in the profile \"x\" does"},
        {"source_profile = x\ncredential_source = Environment\n", "contains both"},
        {"", "missing: source_profile or credential_source"},
        {"credential_source = Moon\n", "The credential_source \"Moon\""},
        {"source_profile = x\nmfa_serial = arn:x\n", "(mfa_serial)"},
        {"source_profile = x\nduration_seconds = 1h\n" KEYS("X"), "duration_seconds"},
        {"source_profile = empty\n[profile empty]\nregion = x\n",
         "The source profile \"empty\" must have credentials."},
        {"credential_source = Environment\n", "No credentials found in credential_source"},
    };
    struct identity_world w;
    char config[300];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(config, sizeof config, "[profile x]\nrole_arn = r\n%s", cases[i].config);
        begin(&w, config);
        ck_failed(&w, cases[i].says);
        identity_end(&w);
    }
}
END_TEST

START_TEST(the_environment_counts_where_it_is_the_source)
{
    struct identity_world w;

    identity_begin(&w);
    world_config(&w.files, "[profile x]\nrole_arn = r\ncredential_source = Environment\n");
    world_set(&w.files, "AWS_ACCESS_KEY_ID", "AKID");
    world_set(&w.files, "AWS_SECRET_ACCESS_KEY", "secret");
    identity_read(&w, "x");
    identity_look(&w, &provider_role);
    ck_credentials(scripted_one("AssumeRole")->want.as, "AKID", "secret", NULL);
    identity_end(&w);
}
END_TEST

START_TEST(a_role_that_is_refused_is_an_error)
{
    struct identity_world w;

    begin(&w, "[profile x]\nrole_arn = r\nsource_profile = x\n" KEYS("X"));
    scripted_refuse(scripted_one("AssumeRole"), 403, "AccessDenied");
    identity_settle(&w);
    ck_failed(&w, "AccessDenied");
    identity_end(&w);
}
END_TEST

START_TEST(an_answer_without_credentials_is_an_error)
{
    static const char whole[] = ANSWER("AssumeRole", "ASIA", "2023-11-14T23:13:20Z");
    struct identity_world w;
    char part[sizeof whole];

    /* Each proper prefix of a valid answer is refused. */
    for (size_t len = 0; len < sizeof whole - 1; len += 7) {
        begin(&w, "[profile x]\nrole_arn = r\nsource_profile = x\n" KEYS("X"));
        (void)snprintf(part, sizeof part, "%.*s", (int)len, whole);
        scripted_answer(scripted_one("AssumeRole"), part);
        identity_settle(&w);
        ck_failed(&w, "Error when retrieving credentials from assume-role: the answer of STS to "
                      "AssumeRole holds no credentials");
        identity_end(&w);
    }
    static const char *const answers[] = {ANSWER("AssumeRole", "ASIA", "soon"),
                                          ANSWER("AssumeRole", "", "2023-11-14T23:13:20Z")};
    for (size_t i = 0; i < 2; i++) {
        begin(&w, "[profile x]\nrole_arn = r\nsource_profile = x\n" KEYS("X"));
        scripted_answer(scripted_one("AssumeRole"), answers[i]);
        identity_settle(&w);
        ck_failed(&w, "holds no credentials");
        identity_end(&w);
    }
}
END_TEST

/* ---------------------------------------------------------------- web identities */

static void begin_web(struct identity_world *w, const char *token)
{
    static char path[64];

    identity_begin(w);
    world_file(&w->files, "other", token);
    (void)snprintf(path, sizeof path, "%s/other", w->files.home);
    world_set(&w->files, "AWS_WEB_IDENTITY_TOKEN_FILE", path);
}

START_TEST(a_web_identity_is_exchanged_without_a_signature)
{
    struct identity_world w;

    begin_web(&w, "to.k/en\n");
    world_set(&w.files, "AWS_ROLE_ARN", "role");
    world_set(&w.files, "AWS_ROLE_SESSION_NAME", "me");
    identity_read(&w, NULL);
    identity_look(&w, &provider_web_identity);
    struct call *call = scripted_one("AssumeRoleWithWebIdentity");
    ck_assert(call->want.unsigned_call);
    ck_assert_str_eq(form_of(call), "Action=AssumeRoleWithWebIdentity&RoleArn=role&RoleSessionName="
                                    "me&Version=2011-06-15&WebIdentityToken=to.k%2Fen");
    scripted_answer(call, ANSWER("AssumeRoleWithWebIdentity", "ASIA", "2023-11-14T23:13:20Z"));
    identity_settle(&w);
    ck_found(&w, "ASIA", "s/+=", "tok==");
    identity_end(&w);
}
END_TEST

START_TEST(a_web_identity_needs_its_role_and_its_file)
{
    struct identity_world w;

    begin_web(&w, "token");
    identity_read(&w, NULL);
    identity_look(&w, &provider_web_identity);
    ck_failed(&w, "has no role ARN configured");
    identity_end(&w);
    begin_web(&w, NULL);
    world_set(&w.files, "AWS_ROLE_ARN", "role");
    identity_read(&w, NULL);
    identity_look(&w, &provider_web_identity);
    ck_failed(&w, "/other: open it: No such file or directory");
    identity_end(&w);
}
END_TEST

START_TEST(a_web_identity_of_the_environment_does_not_count_with_a_profile)
{
    struct identity_world w;

    begin_web(&w, "token");
    world_config(&w.files, "[profile x]\nregion = y\n");
    identity_read(&w, "x");
    identity_look(&w, &provider_web_identity);
    ck_none(&w);
    identity_end(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/provide_role", a_profile_that_is_no_role_does_not_apply,
        a_role_is_assumed_with_the_keys_of_its_source, a_session_without_a_name_gets_one,
        a_role_may_lead_to_another, roles_that_lead_in_a_circle_are_refused,
        more_roles_than_anybody_needs_are_refused, what_makes_no_sense_in_a_role_is_said,
        the_environment_counts_where_it_is_the_source, a_role_that_is_refused_is_an_error,
        an_answer_without_credentials_is_an_error, a_web_identity_is_exchanged_without_a_signature,
        a_web_identity_needs_its_role_and_its_file,
        a_web_identity_of_the_environment_does_not_count_with_a_profile);
}
