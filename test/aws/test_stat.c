/* What an object is. */
#include "fs/lsmb.h"
#include "lsmb_s3.h"
#include "test/aws/calls_script.h"
#include "test/script.h"

static struct {
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb *smb;
    struct lsmb_s3 s3;
    struct lsmb_stat stat;
    struct lsmb_error err;
    bool finished;
} w;

static void begin(void)
{
    struct lsmb_options opt = {.size = sizeof opt};
    struct lsmb_world world = {&w.clock.clock, &w.random.random, &w.jobs.runner};

    memset(&w, 0, sizeof w);
    memset(&scripted, 0, sizeof scripted);
    script_clock_init(&w.clock);
    script_random_init(&w.random);
    w.smb = lsmb_new_in(&world, &opt, NULL);
    ck_assert_ptr_nonnull(w.smb);
    script_jobs_init(&w.jobs, &w.smb->env.ready);
    ck_assert(host_init(&w.s3.host, w.smb));
    w.s3.smb = w.smb;
}

static void turn(void)
{
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
}

static void end(void)
{
    turn();
    ck_assert_uint_eq(scripted.count, 0);
    host_free(&w.s3.host);
    lsmb_free(w.smb);
}

static void done(void *arg, const struct lsmb_error *err)
{
    (void)arg;
    w.finished = true;
    w.err = err ? *err : (struct lsmb_error){0};
}

static struct lsmb_job *start(const char *key)
{
    struct lsmb_job *job = lsmb_s3_stat_start(&w.s3, "bucket", key, &w.stat, done, NULL);

    ck_assert_ptr_nonnull(job);
    turn();
    return job;
}

START_TEST(it_says_how_long_it_is_and_when_it_was_written)
{
    begin();
    (void)start("a key");
    struct call *call = scripted_one("HeadObject");
    ck_assert_str_eq(call->want.method, "HEAD");
    ck_assert_str_eq(call->want.key, "a key");
    scripted_say(call, "Content-Length", "1234");
    scripted_say(call, "ETag", "\"tag\"");
    scripted_say(call, "Last-Modified", "Wed, 12 Oct 2009 17:50:00 GMT");
    scripted_answer(call, "");
    turn();
    ck_assert(w.finished);
    ck_assert_int_eq(w.err.code, LSMB_OK);
    ck_assert_uint_eq(w.stat.bytes, 1234);
    ck_assert_int_eq(w.stat.written, 1255369800000000000);
    ck_assert_uint_eq(w.stat.attributes, 0);
    end();
}
END_TEST

START_TEST(a_refusal_names_the_object)
{
    begin();
    (void)start("a key");
    scripted_refuse(scripted_one("HeadObject"), 403, "403");
    turn();
    ck_assert_int_eq(w.err.code, LSMB_E_DENIED);
    ck_assert_str_eq(w.err.path, "s3://bucket/a key");
    end();
}
END_TEST

START_TEST(an_answer_without_a_length_is_none)
{
    begin();
    (void)start("a key");
    scripted_answer(scripted_one("HeadObject"), "");
    turn();
    ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
    end();
}
END_TEST

START_TEST(an_answer_without_a_tag_is_that_of_no_object)
{
    begin();
    (void)start("a key");
    struct call *call = scripted_one("HeadObject");
    scripted_say(call, "Content-Length", "1234");
    scripted_answer(call, "");
    turn();
    ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(w.err.reason, "no ETag"));
    ck_assert_uint_eq(w.stat.bytes, 0);
    end();
}
END_TEST

START_TEST(without_a_key_nothing_is_asked)
{
    begin();
    (void)start("");
    ck_assert_int_eq(w.err.code, LSMB_E_USAGE);
    ck_assert_uint_eq(scripted.begun, 0);
    end();
}
END_TEST

START_TEST(it_can_be_cancelled_and_dropped)
{
    begin();
    lsmb_job_cancel(start("a key"), NULL);
    turn();
    ck_assert_int_eq(w.err.code, LSMB_E_CANCELLED);
    end();
    begin();
    (void)start("a key");
    lsmb_job_cancel(start("another"), NULL);
    turn();
    ck_assert_uint_eq(scripted.count, 1);
    scripted_answer(scripted_one("HeadObject"), "");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/stat", it_says_how_long_it_is_and_when_it_was_written,
                     a_refusal_names_the_object, an_answer_without_a_length_is_none,
                     an_answer_without_a_tag_is_that_of_no_object, without_a_key_nothing_is_asked,
                     it_can_be_cancelled_and_dropped);
}
