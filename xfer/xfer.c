/* xfer.c: the control plane of a copy. */
#include <stdlib.h>

#include "base/options.h"
#include "base/trace.h"
#include "xfer/bound.h"
#include "xfer/copy.h"

static enum op_next begin(struct op *op);
static enum op_next open_sink(struct op *op);
static enum op_next await_opened(struct op *op);
static enum op_next await_taken(struct op *op);
static enum op_next await_pump(struct op *op);
static enum op_next finish_source(struct op *op);
static enum op_next check_source(struct op *op);
static enum op_next commit_sink(struct op *op);
static enum op_next await_commit(struct op *op);
static enum op_next abort_sink(struct op *op);
static enum op_next give_up(struct op *op);

/* No silence limits here: the ends know what a silence means to them. */
static const struct op_step copy_steps[] = {
    [COPY_BEGIN] = {"open the source", begin, 0},
    [COPY_MEMORY] = {"wait for memory or the rate limit", whole_await_memory, 0},
    [COPY_FETCHED] = {"read the source", whole_await_fetch, 0},
    [COPY_STORED] = {"write the target", whole_await_store, 0},
    [COPY_OPEN_SINK] = {"open the target", open_sink, 0},
    [COPY_OPENED] = {"open the target", await_opened, 0},
    [COPY_TAKEN] = {"copy", await_taken, 0},
    [COPY_PUMP] = {"copy", await_pump, 0},
    [COPY_FINISH] = {"check the source", finish_source, 0},
    [COPY_CHECKED] = {"check the source", check_source, 0},
    [COPY_BACK_OPENED] = {"read the target back", verify_await_open, 0},
    [COPY_BACK_READ] = {"read the target back", verify_await_pump, 0},
    [COPY_BACK_CHECKED] = {"read the target back", verify_await_finish, 0},
    [COPY_COMMIT] = {"put the target in its place", commit_sink, 0},
    [COPY_COMMITTED] = {"put the target in its place", await_commit, 0},
    [COPY_ABORT] = {"copy", abort_sink, 0},
    [COPY_GIVE_UP] = {"copy", give_up, 0},
};

static void close_ends(struct lsmb_source *source, struct lsmb_sink *sink)
{
    if (source) {
        source->ops->close(source);
    }
    if (sink) {
        sink->ops->close(sink);
    }
}

/* After this nothing is lent out, whatever was: the ends drop what they still have when they close. */
static void release(struct op *op)
{
    struct xfer *x = xfer_of(op);

    trace_copy_ended(op, x->moved, op->err.code, x->taken);
    ready_forget(&x->wait.ready);
    loop_leave(&x->job.smb->loop, &x->turn);
    stats_copy_ended(&x->job.smb->env.stats, &x->waits);
    close_ends(x->held, NULL);
    close_ends(x->back, NULL);
    close_ends(x->source, x->sink);
    copy_pump_free(x);
    whole_forget(x);
    checksum_free(&x->sum);
    checksum_free(&x->back_sum);
}

static const struct op_kind copy_kind = {"copy", copy_steps, release};

/* ---------------------------------------------------------------- calls to the ends */

static void call_ended(struct ready *ready)
{
    op_wake(&CONTAINER_OF(ready, struct xfer, wait.ready)->job.op);
}

struct lsmb_wait *copy_call(struct xfer *x)
{
    wait_begin(&x->wait, x->job.op.env, call_ended, &x->err);
    return &x->wait;
}

/* Who has the call that a step waits for; what is read back lies where the sink put it. */
static enum lsmb_bound waits_for(const struct xfer *x)
{
    unsigned step = x->job.op.step;
    bool source = step == COPY_FETCHED || step == COPY_OPEN_SINK || step == COPY_CHECKED;

    return source ? bound_of_source(x->source) : bound_of_sink(x->sink);
}

enum op_next copy_await(struct xfer *x)
{
    if (!x->wait.open) {
        return OP_AGAIN;
    }
    stats_copy_waits(&x->job.smb->env.stats, &x->waits, waits_for(x));
    if (copy_failed(x)) {
        source_cancel(x->source);
        if (x->back) {
            source_cancel(x->back);
        }
        sink_cancel(x->sink);
    }
    return OP_WAIT;
}

enum op_next copy_go_wrong(struct xfer *x, unsigned step)
{
    struct op *op = &x->job.op;

    error_step(&x->err, op->kind->steps[op->step].name);
    return op_go(op, step);
}

/* ---------------------------------------------------------------- the pump */

void copy_pump_free(struct xfer *x)
{
    if (x->pump) {
        pump_free(x->pump);
        free(x->pump);
        x->pump = NULL;
    }
}

bool copy_make_pump(struct xfer *x, struct checksum *sum)
{
    x->pump = malloc(sizeof *x->pump);
    if (!x->pump) {
        error_set(&x->err, LSMB_E_NOMEM, "no memory to copy it");
        return false;
    }
    pump_init(x->pump, x->job.smb, &x->job.op, &x->err, x->opt.window_bytes);
    x->pump->checksum = sum;
    stats_copy_ended(&x->job.smb->env.stats, &x->waits); /* the pump's count from now on */
    return true;
}

static enum op_next start_pump(struct xfer *x)
{
    bool counted = x->opt.crc32 || x->opt.verify;

    if (!copy_make_pump(x, counted ? &x->sum : NULL)) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    x->pump->in_memory = x->held != NULL;
    x->pump->progress = x->opt.progress;
    x->pump->progress_arg = x->opt.progress_arg;
    pump_start(x->pump, x->held ? x->held : x->source, x->sink, x->stat.bytes);
    return op_go(&x->job.op, COPY_PUMP);
}

static enum op_next await_pump(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = pump_await(x->pump);

    if (next != OP_AGAIN) {
        return next;
    }
    if (copy_failed(x)) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    x->moved = x->pump->handed;
    if (pump_quiet(x->pump)) {
        copy_pump_free(x);
    }
    return op_go(op, COPY_FINISH);
}

/* ---------------------------------------------------------------- steps */

static enum op_next begin(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (copy_failed(x) || !verify_possible(x)) {
        return copy_go_wrong(x, COPY_GIVE_UP);
    }
    if (x->opt.keep_times && END_HAS(x->sink->ops, keep_times)) {
        x->sink->ops->keep_times(x->sink);
    }
    if (whole_wanted(x)) {
        return whole_begin(op);
    }
    x->source->ops->open(x->source, &x->stat, copy_call(x));
    return op_go(op, COPY_OPEN_SINK);
}

static enum op_next open_sink(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (copy_failed(x)) {
        error_step(&x->err, copy_steps[COPY_BEGIN].name);
        return copy_go_wrong(x, COPY_GIVE_UP);
    }
    x->sink->ops->open(x->sink, &x->stat, copy_call(x));
    return op_go(op, COPY_OPENED);
}

/* Bytes that somebody wants to have counted must come here. */
static bool may_be_taken_over(const struct xfer *x)
{
    return END_HAS(x->sink->ops, take_over) && !x->held && !x->opt.crc32 && !x->opt.verify &&
           x->stat.bytes != LSMB_SIZE_UNKNOWN;
}

/* There is no pump that tells how far it is. */
static void tell_taken(struct hook *hook)
{
    struct xfer *x = CONTAINER_OF(hook, struct xfer, turn);
    uint64_t taken = x->wait.open ? x->sink->ops->taken_over(x->sink) : x->moved;

    if (taken != x->moved) {
        x->moved = taken;
        x->opt.progress(x->opt.progress_arg, x->moved, x->stat.bytes);
    }
}

static enum op_next take_over(struct xfer *x)
{
    if (x->opt.progress && END_HAS(x->sink->ops, taken_over)) {
        x->turn.run = tell_taken;
        loop_join(&x->job.smb->loop, LOOP_PUMP, &x->turn);
    }
    x->sink->ops->take_over(x->sink, x->source, &x->taken, copy_call(x));
    return op_go(&x->job.op, COPY_TAKEN);
}

static enum op_next await_opened(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (copy_failed(x)) {
        return copy_go_wrong(x, x->wait.failed ? COPY_GIVE_UP : COPY_ABORT);
    }
    if (!verify_possible(x)) { /* it was found to be a pipe */
        return copy_go_wrong(x, COPY_ABORT);
    }
    return may_be_taken_over(x) ? take_over(x) : start_pump(x);
}

static enum op_next await_taken(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    loop_leave(&x->job.smb->loop, &x->turn);
    if (copy_failed(x)) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    if (!x->taken) {
        return start_pump(x);
    }
    x->moved = x->stat.bytes;
    return op_go(op, COPY_FINISH);
}

static enum op_next finish_source(struct op *op)
{
    struct xfer *x = xfer_of(op);
    struct lsmb_source *source = x->held ? x->held : x->source;

    source->ops->finish(source, copy_call(x));
    return op_go(op, COPY_CHECKED);
}

static enum op_next check_source(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (copy_failed(x)) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    return x->opt.verify ? verify_begin(op) : op_go(op, COPY_COMMIT);
}

static enum op_next commit_sink(struct op *op)
{
    struct xfer *x = xfer_of(op);

    x->sink->ops->commit(x->sink, x->moved, copy_call(x));
    return op_go(op, COPY_COMMITTED);
}

/* What the sink kept to the end comes back after it was told how that was. */
static bool has_ranges(const struct xfer *x)
{
    return x->pump && !pump_quiet(x->pump);
}

/* A sink that has committed has done so: then it does not matter that somebody wanted to cancel. */
static enum op_next await_commit(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (x->wait.failed) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    return has_ranges(x) ? OP_WAIT : copy_done(x);
}

enum op_next copy_done(struct xfer *x)
{
    if ((x->taken || x->pump) && x->opt.progress && x->moved > 0) { /* no pump has told of it */
        x->opt.progress(x->opt.progress_arg, x->moved, x->moved);
    }
    if (x->result) {
        x->result->bytes = x->moved;
        x->result->crc32 = x->opt.crc32 ? checksum_crc32(&x->sum) : 0;
        x->result->on_server = x->taken && !x->fetched;
    }
    whole_drop(x);
    return OP_DONE;
}

static enum op_next abort_sink(struct op *op)
{
    struct xfer *x = xfer_of(op);

    x->sink->ops->abort(x->sink, copy_call(x));
    return op_go(op, COPY_GIVE_UP);
}

static enum op_next give_up(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (x->wait.open || has_ranges(x)) {
        return OP_WAIT;
    }
    whole_drop(x);
    return op_fail_as(op, &x->err);
}

/* ---------------------------------------------------------------- the public form */

/* Cancelling takes the same way out as any other failure. */
static void cancel(struct lsmb_job *job, const struct lsmb_error *why)
{
    struct xfer *x = CONTAINER_OF(job, struct xfer, job);

    if (!copy_failed(x)) {
        x->err = *why;
    }
    op_wake(&job->op);
}

struct lsmb_job *copy_start(struct lsmb *smb, const struct copy_want *want, lsmb_done_fn *done,
                            void *arg)
{
    struct xfer *x = want->source && want->sink ? job_new(smb, sizeof *x, done, arg) : NULL;

    if (!x) {
        close_ends(want->source, want->sink); /* NULL: it could not be made for want of memory */
        return NULL;
    }
    x->job.cancel = cancel;
    x->source = want->source;
    x->sink = want->sink;
    x->result = want->result;
    x->listed_bytes = want->listed_bytes;
    options_take(&x->opt, sizeof x->opt, want->opt, want->opt ? want->opt->size : 0);
    trace_copy_begun(&x->job.op, want->listed_bytes);
    return job_begin(&x->job, &copy_kind);
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_copy_start(struct lsmb *smb, struct lsmb_source *source,
                                 struct lsmb_sink *sink, const struct lsmb_copy_options *opt,
                                 struct lsmb_copy_result *result, lsmb_done_fn *done, void *arg)
{
    const struct copy_want want = {source, sink, opt, result, LSMB_SIZE_UNKNOWN};

    return copy_start(smb, &want, done, arg);
}

enum lsmb_code lsmb_copy(struct lsmb *smb, struct lsmb_source *source, struct lsmb_sink *sink,
                         const struct lsmb_copy_options *opt, struct lsmb_copy_result *result,
                         struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(smb, lsmb_copy_start(smb, source, sink, opt, result, job_wait_done, &wait),
                    &wait, err);
}
