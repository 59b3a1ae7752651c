/* test_work.c: jobs on threads.  Also to be run under ThreadSanitizer. */
#include "test/transport/world.h"
#include "transport/work.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

/* A gate that holds jobs until the test opens it. */
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static bool gate_open;
static unsigned at_gate; /* jobs that have come to it */
static atomic_uint released, worked;

struct errand {
    struct job job; /* first */
    struct ready ready;
    pthread_t thread; /* where it was done */
    bool waits;       /* at the gate */
    bool told;
    bool signals_blocked;
};

static void do_errand(struct job *job)
{
    struct errand *e = CONTAINER_OF(job, struct errand, job);
    sigset_t mask;

    if (e->waits) {
        pthread_mutex_lock(&gate_lock);
        at_gate++;
        pthread_cond_broadcast(&gate_moved);
        while (!gate_open) {
            pthread_cond_wait(&gate_moved, &gate_lock);
        }
        pthread_mutex_unlock(&gate_lock);
    }
    e->thread = pthread_self();
    e->signals_blocked = pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0 &&
                         sigismember(&mask, SIGTERM) && sigismember(&mask, SIGCHLD);
    atomic_fetch_add(&worked, 1);
}

static void free_errand(struct job *job)
{
    free(CONTAINER_OF(job, struct errand, job));
    atomic_fetch_add(&released, 1);
}

static void be_told(struct ready *ready)
{
    CONTAINER_OF(ready, struct errand, ready)->told = true;
}

static struct errand *errand_new(bool waits)
{
    struct errand *e = calloc(1, sizeof *e);

    ck_assert_ptr_nonnull(e);
    e->job = (struct job){.work = do_errand, .release = free_errand, .done = &e->ready};
    e->ready.run = be_told;
    e->waits = waits;
    return e;
}

static void open_gate(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_open = true;
    pthread_cond_broadcast(&gate_moved);
    pthread_mutex_unlock(&gate_lock);
}

static void wait_at_gate(unsigned jobs)
{
    pthread_mutex_lock(&gate_lock);
    while (at_gate < jobs) {
        pthread_cond_wait(&gate_moved, &gate_lock);
    }
    pthread_mutex_unlock(&gate_lock);
}

static void wait_until_released(unsigned jobs)
{
    for (unsigned i = 0; atomic_load(&released) < jobs; i++) {
        struct timespec t = {0, 1000000};
        ck_assert_uint_lt(i, 10000);
        (void)nanosleep(&t, NULL);
    }
}

static struct world world;
static struct work *work;

static void setup(void)
{
    world_init(&world, &clock_system);
    gate_open = false;
    at_gate = 0;
    atomic_store(&released, 0);
    atomic_store(&worked, 0);
    work = work_new(&world.loop, 2);
    ck_assert_ptr_nonnull(work);
}

static void teardown(void)
{
    work_free(work);
    world_free(&world);
}

static struct errand *submit(bool waits)
{
    struct errand *e = errand_new(waits);
    struct job_runner *runner = work_runner(work);

    ck_assert(runner->submit(runner, &e->job));
    return e;
}

START_TEST(a_job_is_done_elsewhere_and_told_here)
{
    struct errand *e = submit(false);

    world_turn_until(&world, &e->told, 100);
    ck_assert(e->job.finished);
    ck_assert(!pthread_equal(e->thread, pthread_self()));
    ck_assert(e->signals_blocked);
    ck_assert(!world_readable(&world));
    job_release(&e->job);
    ck_assert_uint_eq(atomic_load(&released), 1);
}
END_TEST

START_TEST(the_signal_mask_of_the_host_stays)
{
    sigset_t before, after;

    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
    struct errand *e = submit(false);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
    for (int signal = 1; signal < 32; signal++) {
        ck_assert_int_eq(sigismember(&before, signal), sigismember(&after, signal));
    }
    world_turn_until(&world, &e->told, 100);
    job_release(&e->job);
}
END_TEST

START_TEST(many_jobs_are_all_done_by_few_threads)
{
    enum { MANY = 500 };
    static struct errand *errands[MANY];

    for (unsigned i = 0; i < MANY; i++) {
        errands[i] = submit(false);
    }
    for (unsigned i = 0; i < MANY; i++) {
        world_turn_until(&world, &errands[i]->told, 10000);
    }
    ck_assert_uint_eq(atomic_load(&worked), MANY);
    for (unsigned i = 0; i < MANY; i++) {
        job_release(&errands[i]->job);
    }
    ck_assert_uint_eq(atomic_load(&released), MANY);
}
END_TEST

START_TEST(one_slow_job_does_not_hold_up_another)
{
    struct errand *slow = submit(true), *quick = submit(false);

    world_turn_until(&world, &quick->told, 100);
    ck_assert(!slow->told);
    open_gate();
    world_turn_until(&world, &slow->told, 100);
    job_release(&slow->job);
    job_release(&quick->job);
}
END_TEST

START_TEST(no_more_threads_are_started_than_allowed)
{
    struct errand *a = submit(true), *b = submit(true), *c = submit(true);

    wait_at_gate(2);
    ck_assert(loop_turn(&world.loop, 20));
    pthread_mutex_lock(&gate_lock);
    ck_assert_uint_eq(at_gate, 2);
    pthread_mutex_unlock(&gate_lock);
    open_gate();
    world_turn_until(&world, &a->told, 100);
    world_turn_until(&world, &b->told, 100);
    world_turn_until(&world, &c->told, 100);
    job_release(&a->job);
    job_release(&b->job);
    job_release(&c->job);
}
END_TEST

START_TEST(a_job_given_up_while_it_runs_is_released_when_it_ends)
{
    struct errand *e = submit(true), *after;

    wait_at_gate(1);
    job_release(&e->job);
    ck_assert_uint_eq(atomic_load(&released), 0);
    open_gate();
    after = submit(false);
    world_turn_until(&world, &after->told, 100);
    for (unsigned i = 0; atomic_load(&released) < 1; i++) {
        ck_assert_uint_lt(i, 100);
        ck_assert(loop_turn(&world.loop, 1000));
    }
    job_release(&after->job);
}
END_TEST

START_TEST(a_job_that_was_never_submitted_is_released_at_once)
{
    struct errand *e = errand_new(false);

    job_release(&e->job);
    ck_assert_uint_eq(atomic_load(&released), 1);
    job_release(NULL);
}
END_TEST

START_TEST(jobs_that_have_not_begun_go_with_the_pool)
{
    struct errand *stuck[2] = {submit(true), submit(true)}, *never = submit(false);

    wait_at_gate(2);
    job_release(&stuck[0]->job);
    job_release(&stuck[1]->job);
    job_release(&never->job);
    work_free(work); /* does not wait for those at the gate */
    work = NULL;
    ck_assert_uint_eq(atomic_load(&released), 1);
    ck_assert_uint_eq(atomic_load(&worked), 0);
    open_gate();
    wait_until_released(3);
}
END_TEST

START_TEST(what_was_done_but_not_yet_told_goes_with_the_pool)
{
    struct errand *e = submit(false);

    for (unsigned i = 0; !world_readable(&world); i++) {
        struct timespec t = {0, 1000000};
        ck_assert_uint_lt(i, 10000);
        (void)nanosleep(&t, NULL);
    }
    job_release(&e->job);
    work_free(work);
    work = NULL;
    ck_assert_uint_eq(atomic_load(&released), 1);
}
END_TEST

START_TEST(an_unused_pool_has_no_threads_to_end)
{
    work_free(NULL);
    work_free(work);
    work = NULL;
    ck_assert(!world_readable(&world));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/work");
    TCase *t = tcase_create("work");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_job_is_done_elsewhere_and_told_here);
    tcase_add_test(t, the_signal_mask_of_the_host_stays);
    tcase_add_test(t, many_jobs_are_all_done_by_few_threads);
    tcase_add_test(t, one_slow_job_does_not_hold_up_another);
    tcase_add_test(t, no_more_threads_are_started_than_allowed);
    tcase_add_test(t, a_job_given_up_while_it_runs_is_released_when_it_ends);
    tcase_add_test(t, a_job_that_was_never_submitted_is_released_at_once);
    tcase_add_test(t, jobs_that_have_not_begun_go_with_the_pool);
    tcase_add_test(t, what_was_done_but_not_yet_told_goes_with_the_pool);
    tcase_add_test(t, an_unused_pool_has_no_threads_to_end);
    suite_add_tcase(s, t);
    return world_main(s);
}
