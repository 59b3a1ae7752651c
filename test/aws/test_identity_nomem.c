/* test_identity_nomem.c: each allocation on the way to credentials fails in turn: never a crash, a leak or a success that
 * is none. */
#include "test/failmalloc.h"

#include "test/aws/identity_world.h"

enum { ALLOCATIONS_MAX = 2000 };

#define KEYS                                                                                       \
    "\"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", \"Token\": \"t\", \"SessionToken\": "  \
    "\"t\", \"Expiration\": \"2023-11-14T23:13:20Z\""
#define STS_ANSWER                                                                                 \
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>"           \
    "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2023-11-14T"    \
    "23:13:20Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"

static void woken(struct ready *ready)
{
    (void)ready;
}

/* Whoever answers has memory. */
static bool answer_one(struct identity_world *w)
{
    struct http_request *request = heard.open;

    fail_malloc_pause(true);
    if (request && strstr(request->url, "token")) {
        heard_answer(request, 200, "TOKEN");
    } else if (request && strstr(request->url, "region")) {
        heard_answer(request, 200, "eu-west-1");
    } else if (request && strstr(request->url, "credentials/") && !strstr(request->url, "/r")) {
        heard_answer(request, 200, "r");
    } else if (request) {
        heard_answer(request, 200, "{\"Code\": \"Success\", " KEYS "}");
    } else if (scripted.count > 0 && scripted.open[0]->attempt) {
        scripted_answer(scripted.open[0], STS_ANSWER);
    } else {
        request = NULL;
    }
    bool any = request || ready_any(&w->s3.host.env.ready);
    fail_malloc_pause(false);
    return any;
}

/* One search, in which the allocation after `skip` fails.  False: there are not so many. */
static bool search_without(const char *config, const char *variable, unsigned skip)
{
    struct ready when = {.run = woken};
    struct identity_world w;

    identity_begin(&w);
    world_config(&w.files, config);
    world_set(&w.files, variable, "/x");
    identity_read(&w, NULL);
    free(w.s3.settings.region);
    w.s3.settings.region = NULL;
    fail_malloc(skip, false);
    struct credential_chain *chain = credential_chain_new(&w.s3);
    enum credentials_state state = CREDENTIALS_FAILED;
    if (chain) {
        (void)credentials_ask(chain, &when);
        do {
            identity_settle(&w);
        } while (answer_one(&w));
        state = credentials_ask(chain, &when);
    }
    bool failed = fail_malloc_off();
    ready_forget(&when);
    if (state == CREDENTIALS_READY) {
        ck_credentials(credentials_now(chain), "ASIA", "s", "t");
    } else {
        ck_assert_int_eq(state, CREDENTIALS_FAILED);
        ck_assert(failed);
        ck_assert(!chain || credentials_error(chain)->code != LSMB_OK);
    }
    credential_chain_free(chain);
    identity_end(&w);
    return failed;
}

static void search_always(const char *config, const char *variable)
{
    unsigned skip = 0;

    while (search_without(config, variable, skip)) {
        skip++;
        ck_assert_uint_lt(skip, ALLOCATIONS_MAX);
    }
    ck_assert_uint_gt(skip, 5);
}

START_TEST(a_role_without_memory_is_an_error)
{
    search_always("[default]\nrole_arn = r\nexternal_id = x\nsource_profile = y\n[profile y]\n"
                  "aws_access_key_id = AKID\naws_secret_access_key = s\n",
                  "X");
}
END_TEST

START_TEST(a_process_without_memory_is_an_error)
{
    search_always("[default]\ncredential_process = printf '%s' '{\"Version\": 1, " KEYS "}'\n",
                  "X");
}
END_TEST

START_TEST(a_container_without_memory_is_an_error)
{
    search_always("", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
}
END_TEST

START_TEST(an_instance_without_memory_is_an_error)
{
    search_always("", "X");
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/identity_nomem", a_role_without_memory_is_an_error,
                     a_process_without_memory_is_an_error, a_container_without_memory_is_an_error,
                     an_instance_without_memory_is_an_error);
}
