/* test_host_job.c: operations of a host's own, waited for and cancelled like the library's. */
#include "fs/job.h"

#include "test/failmalloc.h"
#include "test/fs/fs_world.h"

/* An operation of a host's. */
struct mine {
    struct lsmb_job *job;
    struct fs_done done;
    unsigned cancels, drops;
    struct lsmb_error why;
    bool end_at_once; /* when it is cancelled */
};

static void cancelled(void *arg, const struct lsmb_error *why)
{
    struct mine *m = arg;

    m->cancels++;
    m->why = *why;
    if (m->end_at_once) {
        lsmb_job_end(m->job, why);
    }
}

static void dropped(void *arg)
{
    struct mine *m = arg;

    m->drops++;
}

static const struct lsmb_job_calls calls = {cancelled, dropped};

static void begin(struct mine *m, struct lsmb *smb)
{
    *m = (struct mine){.end_at_once = m->end_at_once};
    m->job = lsmb_job_new(smb, &calls, m, fs_done, &m->done);
    ck_assert_ptr_nonnull(m->job);
}

START_TEST(one_that_ends_well_is_told_from_a_turn)
{
    struct mine m = {.cancels = 0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    begin(&m, w.smb);
    fs_turn(&w, 3);
    ck_assert_uint_eq(m.done.calls, 0);
    lsmb_job_end(m.job, NULL);
    ck_assert_uint_eq(m.done.calls, 0);
    fs_turn(&w, 3);
    ck_assert_uint_eq(m.done.calls, 1);
    ck_assert_int_eq(m.done.err.code, LSMB_OK);
    ck_assert(m.cancels == 0 && m.drops == 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(one_may_end_before_the_first_turn_and_for_a_reason)
{
    struct lsmb_error err = {.code = LSMB_E_DENIED, .reason = "no"};
    struct mine a = {.cancels = 0}, b = {.cancels = 0}, c = {.cancels = 0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    begin(&a, w.smb);
    begin(&b, w.smb);
    begin(&c, w.smb);
    lsmb_job_end(a.job, NULL);
    lsmb_job_end(b.job, &err);
    lsmb_job_end(c.job, &(struct lsmb_error){.code = LSMB_OK});
    err = (struct lsmb_error){.code = LSMB_E_TIMEOUT}; /* it was copied */
    fs_turn(&w, 3);
    ck_assert(a.done.calls == 1 && a.done.err.code == LSMB_OK);
    ck_assert(b.done.calls == 1 && b.done.err.code == LSMB_E_DENIED);
    ck_assert_str_eq(b.done.err.reason, "no");
    ck_assert(c.done.calls == 1 && c.done.err.code == LSMB_OK);
    fs_world_free(&w);
}
END_TEST

START_TEST(only_the_first_end_counts)
{
    const struct lsmb_error err = {.code = LSMB_E_DENIED};
    struct mine m = {.cancels = 0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    begin(&m, w.smb);
    lsmb_job_end(m.job, NULL);
    lsmb_job_end(m.job, &err);
    lsmb_job_cancel(m.job, &err);
    fs_turn(&w, 3);
    ck_assert(m.done.calls == 1 && m.done.err.code == LSMB_OK && m.cancels == 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(who_cancels_is_told_when_the_host_has_ended_it)
{
    const struct lsmb_error why = {.code = LSMB_E_TIMEOUT, .reason = "too late"};
    const struct lsmb_error own = {.code = LSMB_E_PARTLY};
    struct mine m = {.cancels = 0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    begin(&m, w.smb);
    lsmb_job_cancel(m.job, &why);
    ck_assert_uint_eq(m.cancels, 1);
    ck_assert_str_eq(m.why.reason, "too late");
    fs_turn(&w, 3);
    ck_assert_uint_eq(m.done.calls, 0); /* it still tidies up */
    lsmb_job_end(m.job, &own);
    fs_turn(&w, 3);
    ck_assert(m.done.calls == 1 && m.done.err.code == LSMB_E_PARTLY && m.drops == 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_host_may_end_it_at_once_when_it_is_cancelled)
{
    struct mine m = {.end_at_once = true};
    struct fs_world w;

    fs_world_init(&w, NULL);
    begin(&m, w.smb);
    lsmb_job_cancel(m.job, NULL);
    lsmb_job_cancel(m.job, NULL);
    ck_assert(m.cancels == 1 && m.done.calls == 0);
    fs_turn(&w, 3);
    ck_assert(m.done.calls == 1 && m.done.err.code == LSMB_E_CANCELLED);
    ck_assert_str_eq(m.done.err.reason, "cancelled");
    fs_world_free(&w);
}
END_TEST

START_TEST(one_that_runs_when_the_context_is_freed_is_dropped)
{
    struct mine runs = {.cancels = 0}, ended = {.cancels = 0};
    struct lsmb *smb = lsmb_new(NULL, NULL);

    ck_assert_ptr_nonnull(smb);
    begin(&runs, smb);
    begin(&ended, smb);
    lsmb_job_end(ended.job, NULL); /* nobody hears of it any more */
    lsmb_free(smb);
    ck_assert(runs.drops == 1 && runs.cancels == 0 && runs.done.calls == 0);
    ck_assert(ended.drops == 0 && ended.done.calls == 0);
}
END_TEST

/* The next one begins when the last one is told. */
struct row {
    struct lsmb *smb;
    struct lsmb_job *job;
    unsigned left;
    bool finished;
};

static void row_cancelled(void *arg, const struct lsmb_error *why)
{
    (void)arg;
    (void)why;
}

static void row_dropped(void *arg)
{
    (void)arg;
}

static void row_next(void *arg, const struct lsmb_error *err)
{
    static const struct lsmb_job_calls none = {row_cancelled, row_dropped};
    struct row *r = arg;

    ck_assert_ptr_null(err);
    if (r->left-- == 0) {
        r->finished = true;
        return;
    }
    r->job = lsmb_job_new(r->smb, &none, r, row_next, r);
    ck_assert_ptr_nonnull(r->job);
    lsmb_job_end(r->job, NULL);
}

START_TEST(one_begins_the_next)
{
    struct lsmb *smb = lsmb_new(NULL, NULL);
    struct row r = {.smb = smb, .left = 10};

    ck_assert_ptr_nonnull(smb);
    row_next(&r, NULL);
    ck_assert_int_eq(lsmb_turn_until(smb, &r.finished), LSMB_OK); /* each of them wakes the loop */
    lsmb_free(smb);
}
END_TEST

START_TEST(nobody_has_to_be_told)
{
    struct mine m = {.cancels = 0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_job *job = lsmb_job_new(w.smb, &calls, &m, NULL, NULL);
    ck_assert_ptr_nonnull(job);
    lsmb_job_end(job, NULL);
    fs_turn(&w, 3);
    ck_assert_uint_eq(m.drops, 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(without_memory_there_is_none)
{
    struct mine m = {.cancels = 0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    fail_malloc(0, false);
    struct lsmb_job *job = lsmb_job_new(w.smb, &calls, &m, fs_done, &m.done);
    ck_assert(fail_malloc_off());
    ck_assert_ptr_null(job);
    fs_turn(&w, 3);
    ck_assert(m.done.calls == 0 && m.drops == 0);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/host_job", one_that_ends_well_is_told_from_a_turn,
                     one_may_end_before_the_first_turn_and_for_a_reason, only_the_first_end_counts,
                     who_cancels_is_told_when_the_host_has_ended_it,
                     a_host_may_end_it_at_once_when_it_is_cancelled,
                     one_that_runs_when_the_context_is_freed_is_dropped, one_begins_the_next,
                     nobody_has_to_be_told, without_memory_there_is_none);
}
