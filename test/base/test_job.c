/* test_job.c: jobs, as the scripted runner runs them. */
#include "base/job.h"
#include "test/run.h"
#include "test/script.h"

struct counted {
    struct job job; /* first */
    unsigned works, releases;
};

struct waiter {
    struct ready ready; /* first */
    unsigned wakes;
};

static void work(struct job *job)
{
    CONTAINER_OF(job, struct counted, job)->works++;
}

static void release(struct job *job)
{
    CONTAINER_OF(job, struct counted, job)->releases++;
}

static void woken(struct ready *ready)
{
    CONTAINER_OF(ready, struct waiter, ready)->wakes++;
}

static void set_up(struct script_env *s, struct counted *c, struct waiter *w)
{
    script_env_init(s, 0, 0);
    *w = (struct waiter){.ready = {.run = woken}};
    *c = (struct counted){.job = {.work = work, .release = release, .done = &w->ready}};
}

static bool submit(struct script_env *s, struct counted *c)
{
    return s->env.jobs->submit(s->env.jobs, &c->job);
}

START_TEST(a_finished_job_wakes_its_owner_once)
{
    struct script_env s;
    struct counted c;
    struct waiter w;

    set_up(&s, &c, &w);
    ck_assert(submit(&s, &c));
    ck_assert(c.job.finished);
    ck_assert_uint_eq(w.wakes, 0); /* not from inside submit() */
    script_settle(&s);
    ck_assert_uint_eq(w.wakes, 1);
    job_release(&c.job);
    ck_assert_uint_eq(c.releases, 1);
    script_env_free(&s);
}
END_TEST

START_TEST(a_job_given_up_while_it_runs_is_released_at_its_end)
{
    struct script_env s;
    struct counted c;
    struct waiter w;

    set_up(&s, &c, &w);
    s.jobs.hold = true;
    ck_assert(submit(&s, &c));
    job_release(&c.job);
    ck_assert_uint_eq(c.releases, 0);
    script_jobs_run(&s.jobs);
    ck_assert_uint_eq(c.works, 1);
    ck_assert_uint_eq(c.releases, 1);
    script_settle(&s);
    ck_assert_uint_eq(w.wakes, 0);
    script_env_free(&s);
}
END_TEST

START_TEST(a_job_that_nobody_took_is_released_at_once)
{
    struct script_env s;
    struct counted c;
    struct waiter w;

    set_up(&s, &c, &w);
    s.jobs.refuse = true;
    ck_assert(!submit(&s, &c));
    job_release(&c.job);
    ck_assert_uint_eq(c.works, 0);
    ck_assert_uint_eq(c.releases, 1);
    job_release(NULL);
    script_env_free(&s);
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/job", a_finished_job_wakes_its_owner_once,
                     a_job_given_up_while_it_runs_is_released_at_its_end,
                     a_job_that_nobody_took_is_released_at_once);
}
