#include "base/op.h"

#include <assert.h>

enum { MOVES_MAX = 64 }; /* steps without waiting; more means a loop in a step table */

static struct op *child_of(struct list *node)
{
    return CONTAINER_OF(node, struct op, sibling);
}

static const struct op_step *step_of(const struct op *op)
{
    return &op->kind->steps[op->step];
}

static void log_step(struct op *op)
{
    log_line(&op->env->log, LSMB_LOG_DEBUG, "%s: %s", op->kind->name, step_of(op)->name);
}

/* The one way out: after it nothing refers to `op`, and it owns nothing.  Returns the parent it had. */
static struct op *unwind(struct op *op)
{
    struct op *parent = op->parent;

    op->finished = true;
    timer_stop(&op->silence);
    ready_forget(&op->silence_over);
    ready_forget(&op->ready);
    while (!list_empty(&op->children)) {
        op_abort(child_of(op->children.next));
    }
    if (op->kind->release) {
        op->kind->release(op);
    }
    ready_forget(&op->ready); /* what is let go of may still have woken it */
    list_remove(&op->sibling);
    op->parent = NULL;
    return parent;
}

static void end(struct op *op)
{
    if (op_failed(op)) {
        log_line(&op->env->log, LSMB_LOG_DEBUG, "%s: %s: failed: %s", op->kind->name, op->err.step,
                 op->err.reason);
    }
    struct op *parent = unwind(op);
    if (parent) {
        op_wake(parent);
    }
    if (op->on_done) {
        op->on_done(op); /* may free op */
    }
}

static uint32_t limit_ms(const struct op *op)
{
    uint32_t limit = step_of(op)->limit_ms;

    return limit == OP_SILENCE ? op->env->silence_ms : limit;
}

static void wait_in_step(struct op *op)
{
    uint32_t limit = limit_ms(op);

    if (limit > 0) {
        env_arm(op->env, &op->silence, limit, &op->silence_over);
    }
}

/* Call steps until one waits (OP_WAIT) or ends.  An error that op_cancel() left is an end, too. */
static enum op_next run_steps(struct op *op)
{
    for (unsigned moves = 0; moves < MOVES_MAX; moves++) {
        op->running = true;
        enum op_next next = step_of(op)->run(op);
        op->running = false;
        assert(next != OP_FAIL || op_failed(op));
        if (op_failed(op)) {
            return OP_FAIL;
        }
        if (next != OP_AGAIN) {
            return next;
        }
    }
    return op_fail(op, LSMB_E_PROTOCOL, "no progress");
}

static void go_on(struct ready *ready)
{
    struct op *op = CONTAINER_OF(ready, struct op, ready);

    timer_stop(&op->silence);
    ready_forget(&op->silence_over);
    if (!op_failed(op) && run_steps(op) == OP_WAIT) {
        wait_in_step(op);
    } else {
        end(op);
    }
}

static void fall_silent(struct ready *ready)
{
    struct op *op = CONTAINER_OF(ready, struct op, silence_over);
    uint32_t ms = limit_ms(op);

    if (list_linked(&op->ready.node)) {
        return; /* what it waited for came in the same turn */
    }
    op->timed_out = true;
    if (ms % 1000 == 0) {
        (void)op_fail(op, LSMB_E_TIMEOUT, "no answer for %u s", ms / 1000);
    } else {
        (void)op_fail(op, LSMB_E_TIMEOUT, "no answer for %u ms", ms);
    }
    end(op);
}

void op_start(struct op *op, struct env *env, const struct op_kind *kind,
              void (*on_done)(struct op *))
{
    assert(kind->steps);
    /* `arg` is the starter's: it may be set before or after. */
    *op = (struct op){.ready = {.run = go_on},
                      .env = env,
                      .kind = kind,
                      .silence_over = {.run = fall_silent},
                      .on_done = on_done,
                      .arg = op->arg};
    list_init(&op->children);
    log_step(op);
    op_wake(op);
}

void op_start_child(struct op *parent, struct op *child, const struct op_kind *kind)
{
    assert(!parent->finished);
    op_start(child, parent->env, kind, NULL);
    child->parent = parent;
    list_push_back(&parent->children, &child->sibling);
}

void op_wake(struct op *op)
{
    if (!op->finished) {
        ready_wake(&op->env->ready, &op->ready);
    }
}

void op_abort(struct op *op)
{
    assert(!op->running); /* a step ends its own operation by what it returns */
    if (!op->finished) {
        (void)unwind(op);
    }
}

void op_cancel(struct op *op, const struct lsmb_error *err)
{
    if (op->finished) {
        return;
    }
    (void)op_fail_as(op, err);
    op_wake(op);
}

enum op_next op_go(struct op *op, unsigned step)
{
    if (op->step != step) {
        op->step = step;
        log_step(op);
    }
    return OP_AGAIN;
}

enum op_next op_fail(struct op *op, enum lsmb_code code, const char *fmt, ...)
{
    struct lsmb_error err;
    va_list ap;

    va_start(ap, fmt);
    error_vset(&err, code, fmt, ap);
    va_end(ap);
    return op_fail_as(op, &err);
}

enum op_next op_fail_status(struct op *op, uint32_t nt_status)
{
    struct lsmb_error err;

    error_status(&err, nt_status);
    return op_fail_as(op, &err);
}

enum op_next op_fail_as(struct op *op, const struct lsmb_error *err)
{
    assert(err->code != LSMB_OK);
    assert(!op->finished);
    if (!op_failed(op)) { /* the first error is the one that explains the others */
        op->err = *err;
        error_step(&op->err, step_of(op)->name);
    }
    return OP_FAIL;
}

enum op_next op_await(struct op *op, const struct op *child)
{
    if (!op_finished(child)) {
        return OP_WAIT;
    }
    return op_failed(child) ? op_fail_as(op, &child->err) : OP_AGAIN;
}
