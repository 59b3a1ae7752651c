/* xfer.c: the control plane of a copy: open both ends, pump, check the source, commit the sink.
 *
 * Whatever goes wrong, also from outside, is kept in x->err and leads to one way out: wait for what is
 * lent out, abort the sink, close both ends, and only then say so. */
#include "xfer/xfer.h"

#include "base/options.h"
#include "fs/job.h"
#include "xfer/pump.h"

struct xfer {
    struct lsmb_job job;        /* first */
    struct lsmb_source *source; /* owned, like the sink */
    struct lsmb_sink *sink;
    size_t window_bytes;
    lsmb_progress_fn *progress;
    void *progress_arg;
    struct lsmb_copy_result *result; /* borrowed; may be NULL */
    struct lsmb_stat stat;           /* what the source is */
    struct lsmb_wait wait;           /* the call that is with source or sink */
    struct lsmb_error err;           /* what went wrong first */
    struct pump pump;
};

static enum op_next open_source(struct op *op);
static enum op_next open_sink(struct op *op);
static enum op_next begin_pump(struct op *op);
static enum op_next await_pump(struct op *op);
static enum op_next finish_source(struct op *op);
static enum op_next commit_sink(struct op *op);
static enum op_next await_commit(struct op *op);
static enum op_next abort_sink(struct op *op);
static enum op_next give_up(struct op *op);

enum {
    ST_OPEN_SOURCE,
    ST_OPEN_SINK,
    ST_BEGIN,
    ST_PUMP,
    ST_FINISH,
    ST_COMMIT,
    ST_COMMITTED,
    ST_ABORT,
    ST_GIVE_UP,
};

/* No silence limits here: the ends know what a silence means to them. */
static const struct op_step copy_steps[] = {
    [ST_OPEN_SOURCE] = {"open the source", open_source, 0},
    [ST_OPEN_SINK] = {"open the target", open_sink, 0},
    [ST_BEGIN] = {"open the target", begin_pump, 0},
    [ST_PUMP] = {"copy", await_pump, 0},
    [ST_FINISH] = {"check the source", finish_source, 0},
    [ST_COMMIT] = {"check the source", commit_sink, 0},
    [ST_COMMITTED] = {"put the target in its place", await_commit, 0},
    [ST_ABORT] = {"copy", abort_sink, 0},
    [ST_GIVE_UP] = {"copy", give_up, 0},
};

static struct xfer *xfer_of(struct op *op)
{
    return CONTAINER_OF(op, struct xfer, job.op);
}

/* After this nothing is lent out, whatever was: the ends drop what they still have when they close. */
static void release(struct op *op)
{
    struct xfer *x = xfer_of(op);

    ready_forget(&x->wait.ready);
    x->source->ops->close(x->source);
    x->sink->ops->close(x->sink);
    pump_free(&x->pump);
}

static const struct op_kind copy_kind = {"copy", copy_steps, release};

/* ---------------------------------------------------------------- calls to the ends */

static void call_ended(struct ready *ready)
{
    op_wake(&CONTAINER_OF(ready, struct xfer, wait.ready)->job.op);
}

static struct lsmb_wait *call(struct xfer *x)
{
    wait_begin(&x->wait, x->job.op.env, call_ended, &x->err);
    return &x->wait;
}

static bool failed(const struct xfer *x)
{
    return x->err.code != LSMB_OK;
}

/* Say where it went wrong, once. */
static enum op_next go_wrong(struct xfer *x, unsigned step)
{
    struct op *op = &x->job.op;

    error_step(&x->err, op->kind->steps[op->step].name);
    return op_go(op, step);
}

/* The call that is open is not wanted any more. */
static enum op_next hurry(struct xfer *x)
{
    source_cancel(x->source);
    sink_cancel(x->sink);
    return OP_WAIT;
}

/* ---------------------------------------------------------------- steps */

static enum op_next open_source(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (failed(x)) {
        return go_wrong(x, ST_GIVE_UP);
    }
    x->source->ops->open(x->source, &x->stat, call(x));
    return op_go(op, ST_OPEN_SINK);
}

static enum op_next open_sink(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (x->wait.open) {
        return failed(x) ? hurry(x) : OP_WAIT;
    }
    if (failed(x)) {
        error_step(&x->err, copy_steps[ST_OPEN_SOURCE].name);
        return go_wrong(x, ST_GIVE_UP);
    }
    x->sink->ops->open(x->sink, &x->stat, call(x));
    return op_go(op, ST_BEGIN);
}

static enum op_next begin_pump(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (x->wait.open) {
        return failed(x) ? hurry(x) : OP_WAIT;
    }
    if (failed(x)) {
        return go_wrong(x, x->wait.failed ? ST_GIVE_UP : ST_ABORT);
    }
    pump_init(&x->pump, x->job.smb, op, &x->err, x->window_bytes);
    x->pump.progress = x->progress;
    x->pump.progress_arg = x->progress_arg;
    pump_start(&x->pump, x->source, x->sink, x->stat.bytes);
    return op_go(op, ST_PUMP);
}

static enum op_next await_pump(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = pump_await(&x->pump);

    if (next != OP_AGAIN) {
        return next;
    }
    return failed(x) ? go_wrong(x, ST_ABORT) : op_go(op, ST_FINISH);
}

static enum op_next finish_source(struct op *op)
{
    struct xfer *x = xfer_of(op);

    x->source->ops->finish(x->source, call(x));
    return op_go(op, ST_COMMIT);
}

static enum op_next commit_sink(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (x->wait.open) {
        return failed(x) ? hurry(x) : OP_WAIT;
    }
    if (failed(x)) {
        return go_wrong(x, ST_ABORT);
    }
    x->sink->ops->commit(x->sink, x->pump.done, call(x));
    return op_go(op, ST_COMMITTED);
}

/* A sink that has committed has done so: then it does not matter that somebody wanted to cancel. */
static enum op_next await_commit(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (x->wait.open) {
        return failed(x) ? hurry(x) : OP_WAIT;
    }
    if (x->wait.failed) {
        return go_wrong(x, ST_ABORT);
    }
    if (x->result) {
        x->result->bytes = x->pump.done;
    }
    return OP_DONE;
}

static enum op_next abort_sink(struct op *op)
{
    struct xfer *x = xfer_of(op);

    x->sink->ops->abort(x->sink, call(x));
    return op_go(op, ST_GIVE_UP);
}

static enum op_next give_up(struct op *op)
{
    struct xfer *x = xfer_of(op);

    return x->wait.open ? OP_WAIT : op_fail_as(op, &x->err);
}

/* ---------------------------------------------------------------- the public form */

/* Cancelling takes the same way out as any other failure. */
static void cancel(struct lsmb_job *job, const struct lsmb_error *why)
{
    struct xfer *x = CONTAINER_OF(job, struct xfer, job);

    if (!failed(x)) {
        x->err = *why;
    }
    op_wake(&job->op);
}

static void close_ends(struct lsmb_source *source, struct lsmb_sink *sink)
{
    if (source) {
        source->ops->close(source);
    }
    if (sink) {
        sink->ops->close(sink);
    }
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_copy_start(struct lsmb *smb, struct lsmb_source *source,
                                 struct lsmb_sink *sink, const struct lsmb_copy_options *opt,
                                 struct lsmb_copy_result *result, lsmb_done_fn *done, void *arg)
{
    struct lsmb_copy_options mine;
    struct xfer *x = source && sink ? job_new(smb, sizeof *x, done, arg) : NULL;

    if (!x) {
        close_ends(source, sink); /* one that is NULL could not be made for want of memory */
        return NULL;
    }
    x->job.cancel = cancel;
    x->source = source;
    x->sink = sink;
    x->result = result;
    options_take(&mine, sizeof mine, opt, opt ? opt->size : 0);
    x->window_bytes = mine.window_bytes;
    x->progress = mine.progress;
    x->progress_arg = mine.progress_arg;
    return job_begin(&x->job, &copy_kind);
}

enum lsmb_code lsmb_copy(struct lsmb *smb, struct lsmb_source *source, struct lsmb_sink *sink,
                         const struct lsmb_copy_options *opt, struct lsmb_copy_result *result,
                         struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(smb, lsmb_copy_start(smb, source, sink, opt, result, job_wait_done, &wait),
                    &wait, err);
}
