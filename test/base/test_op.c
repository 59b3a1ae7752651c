/* test_op.c: operations, from their first step to their one way out. */
#include "base/op.h"
#include "test/run.h"
#include "test/script.h"

#include <string.h>

/* An operation whose steps do what the test says, and which counts what happens to it. */
struct probe {
    struct op op; /* first */
    enum op_next answer;
    const char *message; /* fail with this */
    struct probe *start, *abort, *cancel;
    unsigned runs, releases, dones;
    unsigned *clock, released_at, done_at;
    bool free_when_done;
};

static struct probe *probe_of(struct op *op)
{
    return CONTAINER_OF(op, struct probe, op);
}

static const struct op_kind kind;
static const struct lsmb_error stop = {.code = LSMB_E_CANCELLED, .reason = "stopped by the user"};

static enum op_next act(struct op *op)
{
    struct probe *p = probe_of(op);

    p->runs++;
    if (p->start) {
        op_start_child(op, &p->start->op, &kind);
        p->start = NULL;
    }
    if (p->abort) {
        op_abort(&p->abort->op);
    }
    if (p->cancel) {
        op_cancel(&p->cancel->op, &stop);
    }
    return p->message ? op_fail(op, LSMB_E_PROTOCOL, "%s", p->message) : p->answer;
}

static enum op_next spin(struct op *op)
{
    probe_of(op)->runs++;
    return op_go(op, op->step == 2 ? 3 : 2);
}

static enum op_next go_to_limited(struct op *op)
{
    return op_go(op, 1);
}

static void let_go(struct op *op)
{
    struct probe *p = probe_of(op);

    ck_assert(op->finished);
    p->releases++;
    p->released_at = p->clock ? ++*p->clock : 0;
}

static void done(struct op *op)
{
    struct probe *p = probe_of(op);

    ck_assert_uint_eq(p->releases, 1); /* before it is told */
    p->dones++;
    p->done_at = p->clock ? ++*p->clock : 0;
    if (p->free_when_done) {
        free(p);
    }
}

static const struct op_step steps[] = {
    {"act", act, 0},
    {"wait for the answer", act, OP_SILENCE},
    {"spin to the left", spin, 0},
    {"spin to the right", spin, 0},
    {"start", go_to_limited, 0},
    {"wait a little", act, 1500},
};
static const struct op_kind kind = {"probe", steps, let_go};
static const struct op_kind kind_limited = {"limited probe", steps + 1, let_go};
static const struct op_kind kind_short = {"short probe", steps + 5, NULL};

static void begin(struct script_env *s, struct probe *p, const struct op_kind *which)
{
    op_start(&p->op, &s->env, which, done);
}

START_TEST(the_first_step_runs_in_the_next_turn)
{
    struct script_env s;
    struct probe p = {.answer = OP_DONE};

    script_env_init(&s, 0, 0);
    p.op.arg = &s;
    begin(&s, &p, &kind);
    ck_assert_uint_eq(p.runs, 0);
    ck_assert_uint_eq(script_turn(&s), 1);
    ck_assert_uint_eq(p.runs, 1);
    ck_assert_uint_eq(p.dones, 1);
    ck_assert(op_finished(&p.op) && !op_failed(&p.op));
    ck_assert_ptr_eq(p.op.arg, &s); /* the starter's own */
    op_wake(&p.op);                 /* harmless now */
    op_abort(&p.op);
    op_cancel(&p.op, &stop);
    script_settle(&s);
    ck_assert_uint_eq(p.releases, 1);
    script_env_free(&s);
}
END_TEST

START_TEST(a_waiting_operation_goes_on_when_woken)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind);
    script_settle(&s);
    op_wake(&p.op);
    op_wake(&p.op); /* twice is once */
    script_settle(&s);
    ck_assert_uint_eq(p.runs, 2);
    p.answer = OP_DONE;
    op_wake(&p.op);
    script_settle(&s);
    ck_assert_uint_eq(p.dones, 1);
    script_env_free(&s);
}
END_TEST

START_TEST(on_done_may_free_the_operation)
{
    struct script_env s;
    struct probe *p = calloc(1, sizeof *p);

    ck_assert_ptr_nonnull(p);
    script_env_init(&s, 0, 0);
    p->answer = OP_DONE;
    p->free_when_done = true;
    begin(&s, p, &kind);
    script_settle(&s);
    script_env_free(&s);
}
END_TEST

START_TEST(a_failure_is_named_after_its_step)
{
    struct script_env s;
    struct probe p = {.message = "bad reply"};
    char text[256];

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind);
    script_settle(&s);
    ck_assert_uint_eq(p.dones, 1);
    ck_assert_int_eq(p.op.err.code, LSMB_E_PROTOCOL);
    ck_assert_str_eq(lsmb_error_text(&p.op.err, text, sizeof text), "act: bad reply");
    ck_assert(script_logged(&s, "probe: act: failed: bad reply\n"));
    script_env_free(&s);
}
END_TEST

START_TEST(a_more_precise_step_is_kept)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};
    struct lsmb_error err;

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind);
    error_status(&err, 0xC0000022);
    error_step(&err, "read the bytes");
    ck_assert_int_eq(op_fail_as(&p.op, &err), OP_FAIL);
    ck_assert_str_eq(p.op.err.step, "read the bytes");
    ck_assert_int_eq(op_fail_status(&p.op, 0xC0000034), OP_FAIL);
    ck_assert_uint_eq(p.op.err.nt_status, 0xC0000022); /* the first error explains the others */
    op_abort(&p.op);
    script_env_free(&s);
}
END_TEST

START_TEST(steps_that_never_wait_are_stopped)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind);
    p.op.step = 2;
    script_settle(&s);
    ck_assert_uint_eq(p.runs, 64);
    ck_assert_int_eq(p.op.err.code, LSMB_E_PROTOCOL);
    ck_assert_str_eq(p.op.err.reason, "no progress");
    ck_assert_uint_eq(p.dones, 1);
    script_env_free(&s);
}
END_TEST

START_TEST(steps_are_logged_when_they_are_entered)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind);
    p.op.step = 4;
    script_settle(&s);
    op_wake(&p.op);
    script_settle(&s);
    ck_assert_str_eq(s.log, "probe: act\nprobe: wait for the answer\n");
    op_abort(&p.op);
    script_env_free(&s);
}
END_TEST

START_TEST(silence_ends_a_step)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind_limited);
    script_pass_ms(&s, 29999);
    ck_assert_uint_eq(p.dones, 0);
    script_pass_ms(&s, 1);
    ck_assert_uint_eq(p.dones, 1);
    ck_assert(p.op.timed_out);
    ck_assert_int_eq(p.op.err.code, LSMB_E_TIMEOUT);
    ck_assert_str_eq(p.op.err.step, "wait for the answer");
    ck_assert_str_eq(p.op.err.reason, "no answer for 30 s");
    script_env_free(&s);
}
END_TEST

START_TEST(every_sign_of_life_starts_the_silence_anew)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind_short);
    p.releases = 1; /* this kind has nothing to release */
    for (unsigned i = 0; i < 5; i++) {
        script_pass_ms(&s, 1400);
        op_wake(&p.op);
    }
    ck_assert_uint_eq(p.dones, 0);
    script_pass_ms(&s, 1500);
    ck_assert_str_eq(p.op.err.reason, "no answer for 1500 ms");
    ck_assert_uint_eq(p.dones, 1);
    script_env_free(&s);
}
END_TEST

START_TEST(an_answer_at_the_last_moment_counts)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind_limited);
    script_settle(&s);
    for (unsigned answer_first = 0; answer_first < 2; answer_first++) {
        s.clock.now_ns = timers_next(&s.env.timers);
        if (answer_first) {
            op_wake(&p.op);
        }
        timers_expire(&s.env.timers, s.clock.now_ns, &s.env.ready);
        op_wake(&p.op);
        script_settle(&s);
        ck_assert_uint_eq(p.dones, 0);
        ck_assert(timer_armed(&p.op.silence));
    }
    op_abort(&p.op);
    script_env_free(&s);
}
END_TEST

START_TEST(a_finished_child_wakes_its_parent)
{
    struct script_env s;
    struct probe child = {.answer = OP_WAIT}, parent = {.answer = OP_WAIT, .start = &child};

    script_env_init(&s, 0, 0);
    begin(&s, &parent, &kind);
    script_settle(&s);
    ck_assert_uint_eq(parent.runs, 1);
    ck_assert_uint_eq(child.runs, 1);
    child.message = "no such user";
    parent.answer = OP_DONE;
    op_wake(&child.op);
    script_settle(&s);
    ck_assert_uint_eq(child.releases, 1);
    ck_assert_ptr_null(child.op.parent);
    ck_assert(op_failed(&child.op));
    ck_assert_uint_eq(parent.runs, 2);
    ck_assert_uint_eq(parent.dones, 1);
    ck_assert(!op_failed(&parent.op));
    script_env_free(&s);
}
END_TEST

START_TEST(aborting_unwinds_the_children_first_and_tells_nobody)
{
    struct script_env s;
    unsigned clock = 0;
    struct probe grandchild = {.answer = OP_WAIT, .clock = &clock};
    struct probe child = {.answer = OP_WAIT, .start = &grandchild, .clock = &clock};
    struct probe parent = {.answer = OP_WAIT, .start = &child, .clock = &clock};

    script_env_init(&s, 0, 0);
    begin(&s, &parent, &kind);
    script_settle(&s);
    op_wake(&grandchild.op);
    op_abort(&parent.op);
    ck_assert_uint_eq(grandchild.released_at, 1);
    ck_assert_uint_eq(child.released_at, 2);
    ck_assert_uint_eq(parent.released_at, 3);
    script_settle(&s);
    ck_assert_uint_eq(grandchild.runs, 1);
    ck_assert_uint_eq(parent.dones, 0);
    script_env_free(&s);
}
END_TEST

START_TEST(a_step_may_abort_a_child_of_its_own)
{
    struct script_env s;
    struct probe child = {.answer = OP_WAIT}, parent = {.answer = OP_WAIT, .start = &child};

    script_env_init(&s, 0, 0);
    begin(&s, &parent, &kind);
    script_settle(&s);
    parent.abort = &child;
    op_wake(&parent.op);
    script_settle(&s);
    ck_assert_uint_eq(child.releases, 1);
    ck_assert(list_empty(&parent.op.children));
    ck_assert_uint_eq(parent.runs, 2); /* not woken by it */
    op_abort(&parent.op);
    ck_assert_uint_eq(child.releases, 1);
    script_env_free(&s);
}
END_TEST

START_TEST(a_failing_parent_takes_its_children_along)
{
    struct script_env s;
    unsigned clock = 0;
    struct probe child = {.answer = OP_WAIT, .clock = &clock};
    struct probe parent = {.answer = OP_WAIT, .start = &child, .clock = &clock};

    script_env_init(&s, 0, 0);
    begin(&s, &parent, &kind);
    script_settle(&s);
    parent.message = "lost";
    op_wake(&parent.op);
    script_settle(&s);
    ck_assert_uint_eq(child.released_at, 1);
    ck_assert_uint_eq(parent.released_at, 2);
    ck_assert_uint_eq(parent.done_at, 3);
    ck_assert(child.op.finished && !op_failed(&child.op));
    script_env_free(&s);
}
END_TEST

START_TEST(cancelling_ends_in_the_next_turn_with_the_reason_given)
{
    struct script_env s;
    struct probe child = {.answer = OP_WAIT}, parent = {.answer = OP_WAIT, .start = &child};

    script_env_init(&s, 0, 0);
    begin(&s, &parent, &kind);
    script_settle(&s);
    op_cancel(&parent.op, &stop);
    ck_assert_uint_eq(parent.dones + parent.releases + child.releases, 0);
    script_settle(&s);
    ck_assert_uint_eq(parent.runs, 1); /* no step runs any more */
    ck_assert_uint_eq(child.releases, 1);
    ck_assert_uint_eq(parent.dones, 1);
    ck_assert_int_eq(parent.op.err.code, LSMB_E_CANCELLED);
    ck_assert_str_eq(parent.op.err.step, "act");
    script_env_free(&s);
}
END_TEST

START_TEST(a_step_that_finishes_does_not_undo_a_cancellation)
{
    struct script_env s;
    struct probe p = {.answer = OP_DONE};

    script_env_init(&s, 0, 0);
    p.cancel = &p; /* as when the user's callback inside of the step asks for it */
    begin(&s, &p, &kind);
    script_settle(&s);
    ck_assert_uint_eq(p.runs, 1);
    ck_assert_uint_eq(p.dones, 1);
    ck_assert_int_eq(p.op.err.code, LSMB_E_CANCELLED);
    script_env_free(&s);
}
END_TEST

static void let_go_and_wake(struct op *op)
{
    let_go(op);
    ready_wake(&op->env->ready, &op->ready); /* as a connection does that ends now */
}

static const struct op_kind waking_kind = {"waking", steps, let_go_and_wake};

START_TEST(what_wakes_it_while_it_lets_go_is_forgotten)
{
    struct script_env s;
    struct probe p = {.answer = OP_WAIT};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &waking_kind);
    script_settle(&s);
    op_abort(&p.op);
    ck_assert_uint_eq(p.releases, 1);
    ck_assert(!ready_any(&s.env.ready));
    script_env_free(&s);
}
END_TEST

START_TEST(an_operation_can_be_used_again)
{
    struct script_env s;
    struct probe p = {.message = "first time"};

    script_env_init(&s, 0, 0);
    begin(&s, &p, &kind);
    script_settle(&s);
    ck_assert(op_failed(&p.op));
    p.message = NULL;
    p.answer = OP_DONE;
    p.releases = 0;
    begin(&s, &p, &kind);
    ck_assert(!op_failed(&p.op) && !op_finished(&p.op));
    script_settle(&s);
    ck_assert_uint_eq(p.dones, 2);
    ck_assert_str_eq(p.op.err.reason, "");
    script_env_free(&s);
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/op", the_first_step_runs_in_the_next_turn,
                     a_waiting_operation_goes_on_when_woken, on_done_may_free_the_operation,
                     a_failure_is_named_after_its_step, a_more_precise_step_is_kept,
                     steps_that_never_wait_are_stopped, steps_are_logged_when_they_are_entered,
                     silence_ends_a_step, every_sign_of_life_starts_the_silence_anew,
                     an_answer_at_the_last_moment_counts, a_finished_child_wakes_its_parent,
                     aborting_unwinds_the_children_first_and_tells_nobody,
                     a_step_may_abort_a_child_of_its_own, a_failing_parent_takes_its_children_along,
                     cancelling_ends_in_the_next_turn_with_the_reason_given,
                     a_step_that_finishes_does_not_undo_a_cancellation,
                     what_wakes_it_while_it_lets_go_is_forgotten, an_operation_can_be_used_again);
}
