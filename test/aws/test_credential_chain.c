/* test_credential_chain.c: the order of the places, and what becomes of credentials in time. */
#include "test/aws/identity_world.h"

#include <time.h>

#define SERVICE "http://169.254.169.254"
#define ROLES   "/latest/meta-data/iam/security-credentials/"
#define AGENT   "http://169.254.170.2"

enum { WAITERS = 3, HOURS_S = 6 * 3600 };

/* Somebody who needs credentials, as a call does. */
struct waiter {
    struct ready ready; /* first */
    unsigned woken;
};

struct chain_world {
    struct identity_world w;
    struct credential_chain *chain;
    struct waiter waiters[WAITERS];
};

static void woken(struct ready *ready)
{
    CONTAINER_OF(ready, struct waiter, ready)->woken++;
}

/* Settings are to be read. */
static void begin(struct chain_world *c)
{
    memset(c, 0, sizeof *c);
    identity_begin(&c->w);
    for (unsigned i = 0; i < WAITERS; i++) {
        c->waiters[i].ready.run = woken;
    }
}

static void read_settings(struct chain_world *c, const char *profile)
{
    identity_read(&c->w, profile);
    c->chain = credential_chain_new(&c->w.s3);
    ck_assert_ptr_nonnull(c->chain);
}

static void end(struct chain_world *c)
{
    for (unsigned i = 0; i < WAITERS; i++) {
        ready_forget(&c->waiters[i].ready);
    }
    credential_chain_free(c->chain);
    identity_end(&c->w);
}

static enum credentials_state ask(struct chain_world *c)
{
    enum credentials_state state = credentials_ask(c->chain, &c->waiters[0].ready);

    identity_settle(&c->w);
    return state;
}

/* Ask, and once more when it was to be waited for. */
static enum credentials_state ask_and_wait(struct chain_world *c)
{
    enum credentials_state state = ask(c);

    return state == CREDENTIALS_COMING && c->waiters[0].woken ? ask(c) : state;
}

static const char *key_now(const struct chain_world *c)
{
    return credentials_now(c->chain)->access_key;
}

static void answer(struct chain_world *c, const char *what, unsigned status, const char *body)
{
    heard_answer(heard_one(what), status, body);
    identity_settle(&c->w);
}

/* `left_s` from now. */
static void answer_keys(struct chain_world *c, const char *what, const char *key, int64_t left_s)
{
    char body[300], expiration[32];
    struct clock *clock = &c->w.clock.clock;
    time_t at = (time_t)(clock->unix_ns(clock) / NS_PER_S) + left_s;
    struct tm tm;

    (void)strftime(expiration, sizeof expiration, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
    (void)snprintf(body, sizeof body,
                   "{\"Code\": \"Success\", \"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"s\", "
                   "\"Token\": \"t\", \"Expiration\": \"%s\"}",
                   key, expiration);
    answer(c, what, 200, body);
}

static void answer_instance(struct chain_world *c, const char *key, int64_t left_s)
{
    answer(c, "PUT " SERVICE "/latest/api/token", 200, "TOKEN");
    answer(c, "GET " SERVICE ROLES, 200, "r");
    answer_keys(c, "GET " SERVICE ROLES "r", key, left_s);
}

static void pass_s(struct chain_world *c, unsigned seconds)
{
    identity_pass_ms(&c->w, seconds * 1000ull);
}

/* ---------------------------------------------------------------- in which order */

/* Everything is there; what comes first is taken away, one after the other. */
static void set_all(struct chain_world *c, unsigned without)
{
    static char credentials[200], config[500];
    struct settings_world *files = &c->w.files;

    if (without < 1) {
        world_set(files, "AWS_ACCESS_KEY_ID", "ENVIRONMENT");
        world_set(files, "AWS_SECRET_ACCESS_KEY", "s");
    }
    (void)snprintf(config, sizeof config, "[default]\n%s%s%s",
                   without < 2 ? "role_arn = r\ncredential_source = Moon\n" : "",
                   without < 4 ? "credential_process = printf '{\"Version\": 1, \"AccessKeyId\": "
                                 "\"PROCESS\", \"SecretAccessKey\": \"s\"}'\n"
                               : "",
                   without < 5 ? "aws_access_key_id = CONFIG\naws_secret_access_key = s\n" : "");
    (void)snprintf(credentials, sizeof credentials, "[default]\n%s",
                   without < 3 ? "aws_access_key_id = SHARED\naws_secret_access_key = s\n" : "");
    world_config(files, config);
    world_credentials(files, credentials);
    if (without < 6) {
        world_set(files, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
    }
}

START_TEST(the_places_are_asked_in_the_order_of_the_aws_tools)
{
    static const char *const keys[] = {"ENVIRONMENT", NULL,     "SHARED",
                                       "PROCESS",     "CONFIG", "CONTAINER"};
    struct chain_world c;

    for (unsigned without = 0; without < 6; without++) {
        begin(&c);
        set_all(&c, without);
        read_settings(&c, NULL);
        enum credentials_state state = ask_and_wait(&c);
        if (without == 5) {
            answer_keys(&c, "GET " AGENT "/x", "CONTAINER", 3600);
            state = ask(&c);
        }
        ck_assert_int_eq(state, keys[without] ? CREDENTIALS_READY : CREDENTIALS_FAILED);
        ck_assert_pstr_eq(key_now(&c), keys[without]);
        end(&c);
    }
}
END_TEST

START_TEST(a_place_that_applies_and_fails_is_the_end)
{
    struct chain_world c;

    begin(&c);
    set_all(&c, 1);
    read_settings(&c, NULL);
    ck_assert_int_eq(ask_and_wait(&c), CREDENTIALS_FAILED);
    ck_assert_ptr_nonnull(strstr(credentials_error(c.chain)->reason, "credential_source \"Moon\""));
    end(&c);
}
END_TEST

START_TEST(an_instance_is_asked_last)
{
    struct chain_world c;

    begin(&c);
    read_settings(&c, NULL);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_instance(&c, "ASIA1", HOURS_S);
    ck_assert_uint_eq(c.waiters[0].woken, 1);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_str_eq(key_now(&c), "ASIA1");
    end(&c);
}
END_TEST

START_TEST(where_nobody_has_any_it_is_said_what_to_do)
{
    struct chain_world c;

    begin(&c);
    read_settings(&c, NULL);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    heard_nobody(heard.open);
    identity_settle(&c.w);
    ck_assert_int_eq(ask(&c), CREDENTIALS_FAILED);
    ck_assert_int_eq(credentials_error(c.chain)->code, LSMB_E_AUTH);
    ck_assert_str_eq(credentials_error(c.chain)->reason, "Unable to locate credentials");
    ck_assert_ptr_nonnull(strstr(credentials_error(c.chain)->advice, "AWS_ACCESS_KEY_ID"));
    end(&c);
}
END_TEST

/* ---------------------------------------------------------------- those who wait */

START_TEST(one_search_serves_all_who_wait)
{
    struct chain_world c;

    begin(&c);
    read_settings(&c, NULL);
    for (unsigned i = 0; i < WAITERS; i++) {
        ck_assert_int_eq(credentials_ask(c.chain, &c.waiters[i].ready), CREDENTIALS_COMING);
    }
    identity_settle(&c.w);
    ready_forget(&c.waiters[1].ready); /* goes away */
    answer_instance(&c, "ASIA1", HOURS_S);
    ck_assert_uint_eq(heard.begun, 3);
    ck_assert_uint_eq(c.waiters[0].woken, 1);
    ck_assert_uint_eq(c.waiters[1].woken, 0);
    ck_assert_uint_eq(c.waiters[2].woken, 1);
    end(&c);
}
END_TEST

START_TEST(a_failure_is_told_to_all_and_tried_again_later)
{
    struct chain_world c;

    begin(&c);
    read_settings(&c, NULL);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    heard_nobody(heard.open);
    identity_settle(&c.w);
    for (unsigned i = 0; i < WAITERS; i++) {
        ck_assert_int_eq(credentials_ask(c.chain, &c.waiters[i].ready), CREDENTIALS_FAILED);
    }
    ck_assert_uint_eq(heard.begun, 1);
    pass_s(&c, 2);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_instance(&c, "ASIA1", HOURS_S);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    end(&c);
}
END_TEST

START_TEST(a_chain_may_go_while_somebody_waits)
{
    struct chain_world c;

    begin(&c);
    read_settings(&c, NULL);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    ck_assert_ptr_nonnull(heard.open);
    end(&c);
}
END_TEST

/* ---------------------------------------------------------------- in time */

/* A container's, since an instance's live on. */
static void begin_container(struct chain_world *c, int64_t left_s)
{
    begin(c);
    world_set(&c->w.files, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
    read_settings(c, NULL);
    ck_assert_int_eq(ask(c), CREDENTIALS_COMING);
    answer_keys(c, "GET " AGENT "/x", "FIRST", left_s);
    ck_assert_int_eq(ask(c), CREDENTIALS_READY);
    ck_assert_ptr_null(heard.open);
}

START_TEST(new_ones_are_fetched_meanwhile_a_quarter_of_an_hour_before)
{
    struct chain_world c;

    begin_container(&c, 3600);
    pass_s(&c, 2699);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_ptr_null(heard.open);
    pass_s(&c, 1);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_str_eq(key_now(&c), "FIRST");
    answer_keys(&c, "GET " AGENT "/x", "SECOND", 3600);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_str_eq(key_now(&c), "SECOND");
    end(&c);
}
END_TEST

START_TEST(new_ones_are_waited_for_ten_minutes_before)
{
    struct chain_world c;

    begin_container(&c, 3600);
    pass_s(&c, 3000);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_keys(&c, "GET " AGENT "/x", "SECOND", 3600);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_str_eq(key_now(&c), "SECOND");
    end(&c);
}
END_TEST

/* The agent refuses at once. */
static void refuse(struct chain_world *c)
{
    answer(c, "GET " AGENT "/x", 403, "");
}

START_TEST(the_old_ones_are_used_to_their_end_where_there_are_no_new_ones)
{
    struct chain_world c;

    begin_container(&c, 3600);
    pass_s(&c, 2800);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    refuse(&c);
    ck_assert_ptr_nonnull(strstr(c.w.log, "the old ones are used on"));
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY); /* and nobody is asked for a minute */
    ck_assert_ptr_null(heard.open);
    pass_s(&c, 300);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    refuse(&c);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    pass_s(&c, 500); /* they have expired */
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    refuse(&c);
    ck_assert_int_eq(ask(&c), CREDENTIALS_FAILED);
    ck_assert_ptr_nonnull(strstr(credentials_error(c.chain)->reason, "status 403"));
    end(&c);
}
END_TEST

START_TEST(those_that_come_expired_are_refused)
{
    struct chain_world c;

    begin(&c);
    world_set(&c.w.files, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
    read_settings(&c, NULL);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_keys(&c, "GET " AGENT "/x", "OLD", -10);
    ck_assert_int_eq(ask(&c), CREDENTIALS_FAILED);
    ck_assert_ptr_nonnull(strstr(credentials_error(c.chain)->reason, "are still expired"));
    end(&c);
}
END_TEST

START_TEST(short_lived_ones_are_not_fetched_at_every_request)
{
    struct chain_world c;

    begin_container(&c, 300);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_ptr_null(heard.open);
    pass_s(&c, 61);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_keys(&c, "GET " AGENT "/x", "SECOND", 300);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    end(&c);
}
END_TEST

START_TEST(an_instances_are_used_beyond_their_end)
{
    struct chain_world c;

    begin(&c);
    read_settings(&c, NULL);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_instance(&c, "ASIA1", 3600);
    pass_s(&c, 3601); /* nobody has asked for an hour */
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    heard_nobody(heard.open);
    identity_settle(&c.w);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_str_eq(key_now(&c), "ASIA1");
    ck_assert_ptr_nonnull(strstr(c.w.log, "the old ones are used 20 minutes more"));
    pass_s(&c, 301); /* then it is tried once more, meanwhile */
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    answer_instance(&c, "ASIA1", -1200); /* its own are old, too */
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    end(&c);
}
END_TEST

START_TEST(the_services_clock_says_when_they_end)
{
    struct chain_world c;

    begin_container(&c, 3600);
    c.w.s3.skew_s = 2900;
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY); /* rests */
    pass_s(&c, 61);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_ptr_nonnull(heard.open); /* 639 s are left */
    end(&c);
}
END_TEST

START_TEST(spoilt_ones_are_fetched_anew_at_once)
{
    struct chain_world c;

    begin_container(&c, 3600);
    credentials_spoil(c.chain, "ANOTHER'S");
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    credentials_spoil(c.chain, "FIRST");
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_keys(&c, "GET " AGENT "/x", "SECOND", 3600);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_str_eq(key_now(&c), "SECOND");
    credentials_spoil(c.chain, "FIRST"); /* a late one */
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    credentials_spoil(c.chain, "SECOND");
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    refuse(&c);
    ck_assert_int_eq(ask(&c), CREDENTIALS_FAILED); /* they are of no use, whatever they say */
    end(&c);
}
END_TEST

START_TEST(only_the_place_that_had_them_is_asked_again)
{
    struct chain_world c;

    begin_container(&c, 3600);
    world_set(&c.w.files, "AWS_ACCESS_KEY_ID", "SOMEBODY");
    world_set(&c.w.files, "AWS_SECRET_ACCESS_KEY", "else");
    pass_s(&c, 3100);
    ck_assert_int_eq(ask(&c), CREDENTIALS_COMING);
    answer_keys(&c, "GET " AGENT "/x", "SECOND", 3600);
    ck_assert_str_eq(key_now(&c), "SECOND");
    end(&c);
}
END_TEST

/* ---------------------------------------------------------------- the region */

static void begin_without_region(struct chain_world *c)
{
    begin(c);
    world_set(&c->w.files, "AWS_ACCESS_KEY_ID", "AKID");
    world_set(&c->w.files, "AWS_SECRET_ACCESS_KEY", "s");
    read_settings(c, NULL);
    free(c->w.s3.settings.region);
    c->w.s3.settings.region = NULL;
    ck_assert_int_eq(ask(c), CREDENTIALS_COMING);
    ck_assert_ptr_nonnull(heard.open);
}

START_TEST(a_region_that_nobody_says_is_the_instances)
{
    struct chain_world c;

    begin_without_region(&c);
    answer(&c, "PUT " SERVICE "/latest/api/token", 200, "TOKEN");
    answer(&c, "GET " SERVICE "/latest/meta-data/placement/region", 200, "ap-southeast-2");
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_str_eq(c.w.s3.settings.region, "ap-southeast-2");
    end(&c);
}
END_TEST

START_TEST(a_region_that_is_none_is_not_believed)
{
    struct chain_world c;

    begin_without_region(&c);
    answer(&c, "PUT " SERVICE "/latest/api/token", 200, "TOKEN");
    answer(&c, "GET " SERVICE "/latest/meta-data/placement/region", 200, "evil.example/");
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_ptr_null(c.w.s3.settings.region);
    end(&c);
    begin_without_region(&c);
    heard_nobody(heard.open);
    identity_settle(&c.w);
    ck_assert_int_eq(ask(&c), CREDENTIALS_READY);
    ck_assert_ptr_null(c.w.s3.settings.region);
    end(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/credential_chain", the_places_are_asked_in_the_order_of_the_aws_tools,
        a_place_that_applies_and_fails_is_the_end, an_instance_is_asked_last,
        where_nobody_has_any_it_is_said_what_to_do, one_search_serves_all_who_wait,
        a_failure_is_told_to_all_and_tried_again_later, a_chain_may_go_while_somebody_waits,
        new_ones_are_fetched_meanwhile_a_quarter_of_an_hour_before,
        new_ones_are_waited_for_ten_minutes_before,
        the_old_ones_are_used_to_their_end_where_there_are_no_new_ones,
        those_that_come_expired_are_refused, short_lived_ones_are_not_fetched_at_every_request,
        an_instances_are_used_beyond_their_end, the_services_clock_says_when_they_end,
        spoilt_ones_are_fetched_anew_at_once, only_the_place_that_had_them_is_asked_again,
        a_region_that_nobody_says_is_the_instances, a_region_that_is_none_is_not_believed);
}
