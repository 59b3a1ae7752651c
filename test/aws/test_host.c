/* test_host.c: base/'s world on the hooks of lsmb.h. */
#include "aws/host.h"

#include "base/op.h"
#include "test/failmalloc.h"
#include "test/fs/fs_world.h"

/* A host on a scripted context. */
struct hosted {
    struct fs_world w;
    struct host host;
};

static void set_up(struct hosted *h)
{
    fs_world_init(&h->w, NULL);
    ck_assert(host_init(&h->host, h->w.smb));
}

static void tear_down(struct hosted *h)
{
    host_free(&h->host);
    fs_world_free(&h->w);
}

/* What is ready, and how often it was run. */
struct item {
    struct ready ready; /* first */
    struct hosted *h;
    unsigned runs, again; /* how often it is to be woken by itself */
};

static void run_item(struct ready *ready)
{
    struct item *item = CONTAINER_OF(ready, struct item, ready);

    item->runs++;
    if (item->again > 0) {
        item->again--;
        ready_wake(&item->h->host.env.ready, ready);
    }
}

START_TEST(what_becomes_ready_is_run_in_a_turn)
{
    struct hosted h;
    struct item item = {.ready = {.run = run_item}, .h = &h, .again = 3};

    set_up(&h);
    ready_wake(&h.host.env.ready, &item.ready);
    ck_assert_uint_eq(item.runs, 0);
    fs_turn(&h.w, 1);
    ck_assert_uint_ge(item.runs, 1);
    fs_turn(&h.w, 10);
    ck_assert_uint_eq(item.runs, 4);
    tear_down(&h);
}
END_TEST

START_TEST(deadlines_are_met)
{
    struct hosted h;
    struct item item = {.ready = {.run = run_item}, .h = &h};
    struct timer timer = {.at_ns = 0};

    set_up(&h);
    env_arm(&h.host.env, &timer, 50, &item.ready);
    host_settle(&h.host); /* outside of an operation */
    ck_assert_int_eq(lsmb_turn(h.w.smb, 40), LSMB_OK);
    fs_turn(&h.w, 2);
    ck_assert_uint_eq(item.runs, 0);
    ck_assert_int_eq(lsmb_turn(h.w.smb, 20), LSMB_OK);
    fs_turn(&h.w, 2);
    ck_assert_uint_eq(item.runs, 1);
    env_arm(&h.host.env, &timer, 50, &item.ready);
    host_settle(&h.host);
    timer_stop(&timer);
    host_settle(&h.host);
    ck_assert_int_eq(lsmb_turn(h.w.smb, 100), LSMB_OK);
    ck_assert_uint_eq(item.runs, 1);
    tear_down(&h);
}
END_TEST

/* ---------------------------------------------------------------- operations */

static enum op_next wait_for_nothing(struct op *op)
{
    if (op->timed_out) {
        return op_fail(op, LSMB_E_TIMEOUT, "nothing came");
    }
    return OP_WAIT;
}

static const struct op_step steps[] = {{"wait", wait_for_nothing, OP_SILENCE}};
static const struct op_kind kind = {"waiting", steps, NULL};

static void count_done(struct op *op)
{
    unsigned *dones = op->arg;

    (*dones)++;
}

START_TEST(operations_have_the_silence_and_the_log_of_the_context)
{
    struct hosted h;
    unsigned dones = 0;
    struct op op = {.arg = &dones};

    set_up(&h);
    op_start(&op, &h.host.env, &kind, count_done);
    op.arg = &dones;
    fs_turn(&h.w, 3);
    ck_assert_int_eq(lsmb_turn(h.w.smb, HOST_SILENCE_MS - 1), LSMB_OK);
    fs_turn(&h.w, 3);
    ck_assert_uint_eq(dones, 0);
    ck_assert_int_eq(lsmb_turn(h.w.smb, 2), LSMB_OK);
    fs_turn(&h.w, 3);
    ck_assert_uint_eq(dones, 1);
    ck_assert_int_eq(op.err.code, LSMB_E_TIMEOUT);
    tear_down(&h);
}
END_TEST

/* ---------------------------------------------------------------- jobs */

struct counted {
    struct job job; /* first */
    struct item item;
    unsigned works, releases;
};

static void do_work(struct job *job)
{
    CONTAINER_OF(job, struct counted, job)->works++;
}

static void let_go(struct job *job)
{
    CONTAINER_OF(job, struct counted, job)->releases++;
}

static bool submit(struct hosted *h, struct counted *c)
{
    *c = (struct counted){.job = {.work = do_work, .release = let_go},
                          .item = {.ready = {.run = run_item}, .h = h}};
    c->job.done = &c->item.ready;
    return h->host.env.jobs->submit(h->host.env.jobs, &c->job);
}

START_TEST(jobs_are_done_by_helpers_of_the_context)
{
    struct counted c;
    struct hosted h;

    set_up(&h);
    ck_assert(submit(&h, &c));
    ck_assert(!c.job.finished);
    fs_turn(&h.w, 4);
    ck_assert(c.works == 1 && c.job.finished && c.item.runs == 1 && c.releases == 0);
    job_release(&c.job);
    ck_assert_uint_eq(c.releases, 1);
    tear_down(&h);
    ck_assert_uint_eq(c.releases, 1);
}
END_TEST

START_TEST(jobs_that_are_given_up_are_released_once)
{
    struct counted c;
    struct hosted h;

    set_up(&h);
    h.w.jobs.hold = true;
    ck_assert(submit(&h, &c));
    job_release(&c.job);
    ck_assert_uint_eq(c.releases, 0); /* a helper has it */
    script_jobs_run(&h.w.jobs);
    fs_turn(&h.w, 4);
    ck_assert(c.works == 1 && c.releases == 1 && c.item.runs == 0);
    tear_down(&h);
    ck_assert_uint_eq(c.releases, 1);
}
END_TEST

START_TEST(jobs_that_run_when_the_host_goes_are_released_at_their_end)
{
    struct counted runs, done;
    struct hosted h;

    set_up(&h);
    ck_assert(submit(&h, &done)); /* and nobody knows yet */
    job_release(&done.job);
    h.w.jobs.hold = true;
    ck_assert(submit(&h, &runs));
    job_release(&runs.job);
    host_free(&h.host);
    ck_assert(done.releases == 1 && runs.releases == 0);
    script_jobs_run(&h.w.jobs);
    ck_assert_uint_eq(runs.releases, 1);
    fs_turn(&h.w, 3);
    ck_assert(done.item.runs == 0 && runs.item.runs == 0);
    fs_world_free(&h.w);
}
END_TEST

START_TEST(a_job_that_no_helper_takes_is_not_submitted)
{
    struct counted c;
    struct hosted h;

    set_up(&h);
    h.w.jobs.refuse = true;
    ck_assert(!submit(&h, &c));
    ck_assert(!c.job.submitted);
    job_release(&c.job);
    ck_assert(c.works == 0 && c.releases == 1);
    tear_down(&h);
}
END_TEST

/* ---------------------------------------------------------------- the rest */

START_TEST(time_and_log_are_the_contexts)
{
    struct hosted h;
    char line[64] = "";

    set_up(&h);
    ck_assert_uint_eq(env_now(&h.host.env), lsmb_now_ns(h.w.smb));
    ck_assert_uint_gt(h.host.env.clock->unix_ns(h.host.env.clock), 0);
    h.w.smb->env.log = h.w.script.env.log;
    log_line(&h.host.env.log, LSMB_LOG_INFO, "%d%% done", 7);
    ck_assert(script_logged(&h.w.script, "7% done"));
    ck_assert_str_eq(line, "");
    tear_down(&h);
}
END_TEST

START_TEST(without_memory_there_is_no_host_and_no_job)
{
    struct counted c;
    struct hosted h;
    bool failed = true;

    fs_world_init(&h.w, NULL);
    fail_malloc(0, false);
    bool good = host_init(&h.host, h.w.smb);
    ck_assert(fail_malloc_off() && !good);
    fs_world_free(&h.w);
    for (unsigned skip = 0; failed; skip++) {
        set_up(&h);
        fail_malloc(skip, false);
        good = submit(&h, &c);
        failed = fail_malloc_off();
        ck_assert_int_eq(good, !failed);
        fs_turn(&h.w, 4);
        job_release(&c.job);
        ck_assert(c.releases == 1 && c.works == (good ? 1u : 0u));
        tear_down(&h);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/host", what_becomes_ready_is_run_in_a_turn, deadlines_are_met,
                     operations_have_the_silence_and_the_log_of_the_context,
                     jobs_are_done_by_helpers_of_the_context,
                     jobs_that_are_given_up_are_released_once,
                     jobs_that_run_when_the_host_goes_are_released_at_their_end,
                     a_job_that_no_helper_takes_is_not_submitted, time_and_log_are_the_contexts,
                     without_memory_there_is_no_host_and_no_job);
}
