/* upload_abort.c: what was stored of an object goes.  Amazon S3 API Reference, "AbortMultipartUpload". */
#include "aws/upload.h"

enum {
    ABORT_SILENCE_MS = 4000, /* whoever aborts has often been told to end */
    ABORT_TRIES = 3,
    ABORT_MS = 9000,
    ABORT_PAUSE_MS = 300, /* in which a part that was on its way has come to its end */
};

enum { ABORT_BEGIN, ABORT_ID, ABORT_GO, ABORT_GONE, ABORT_PAUSE };

static enum op_next begin(struct op *op);
static enum op_next await_id(struct op *op);
static enum op_next go(struct op *op);
static enum op_next await_gone(struct op *op);
static enum op_next pause_over(struct op *op);

static const struct op_step abort_steps[] = {
    [ABORT_BEGIN] = {"give the upload up", begin, 0},
    [ABORT_ID] = {"give the upload up", await_id, UPLOAD_LAST_WORD_MS},
    [ABORT_GO] = {"give the upload up", go, 0},
    [ABORT_GONE] = {"give the upload up", await_gone, ABORT_MS},
    [ABORT_PAUSE] = {"give the upload up", pause_over, 0},
};

static struct upload *upload_of(struct op *op)
{
    return CONTAINER_OF(op, struct upload, end);
}

static void release(struct op *op)
{
    struct upload *u = upload_of(op);

    timer_stop(&u->pause);
    call_free(&u->end_call);
}

static const struct op_kind abort_kind = {"abort an object of S3", abort_steps, release};

/* The copy has failed already, and says why; this is only a warning. */
static void aborted(struct op *op)
{
    struct upload *u = upload_of(op);
    struct lsmb_wait *wait = u->wait;

    if (op_failed(op)) {
        log_line(&op->env->log, LSMB_LOG_WARNING,
                 "%s: parts of it may be left in the bucket, unseen, until a lifecycle rule "
                 "(AbortIncompleteMultipartUpload) takes them away: %s",
                 u->name, op->err.reason);
    }
    op_abort(&u->create.op);
    u->wait = NULL;
    lsmb_wait_done(wait, NULL);
}

void upload_abort(struct upload *u, struct lsmb_wait *wait)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_CANCELLED, "the upload was given up");
    upload_fail(u, &err); /* what is on its way is dropped, what is kept answered */
    u->wait = wait;
    op_start(&u->end, &u->s3->host.env, &abort_kind, aborted);
}

static enum op_next begin(struct op *op)
{
    return upload_of(op)->create_begun ? op_go(op, ABORT_ID) : OP_DONE;
}

/* An upload that was asked for is there, or about to be. */
static enum op_next await_id(struct op *op)
{
    struct upload *u = upload_of(op);

    if (u->id) {
        return op_go(op, ABORT_GO);
    }
    if (!op_finished(&u->create.op)) {
        return upload_was_refused(&u->create) ? OP_DONE : OP_WAIT;
    }
    return u->create_lost ? op_fail(op, LSMB_E_NETWORK, "nobody knows whether it was begun")
                          : OP_DONE;
}

static enum op_next go(struct op *op)
{
    struct upload *u = upload_of(op);
    struct call_want want = upload_want(u, "AbortMultipartUpload", "DELETE");

    upload_query(&want, "uploadId", u->id);
    want.silence_ms = ABORT_SILENCE_MS;
    want.attempts = ABORT_TRIES;
    call_free(&u->end_call);
    call_start(&u->end_call, op, u->s3, &want, NULL);
    return op_go(op, ABORT_GONE);
}

/* A part that was being stored meanwhile may have survived: it is gone after the next time.  Amazon S3 API Reference,
 * "AbortMultipartUpload": "it might be necessary to abort a given multipart upload multiple times". */
static enum op_next await_gone(struct op *op)
{
    struct upload *u = upload_of(op);

    if (!op_finished(&u->end_call.op)) {
        return OP_WAIT;
    }
    if (op_failed(&u->end_call.op) && strcmp(u->end_call.refused.code, "NoSuchUpload") != 0) {
        return op_fail_as(op, &u->end_call.op.err);
    }
    if (u->aborted_once || !u->interrupted) {
        return OP_DONE;
    }
    u->aborted_once = true;
    env_arm(op->env, &u->pause, ABORT_PAUSE_MS, &op->ready);
    (void)op_go(op, ABORT_PAUSE);
    return OP_WAIT;
}

static enum op_next pause_over(struct op *op)
{
    return timer_armed(&upload_of(op)->pause) ? OP_WAIT : op_go(op, ABORT_GO);
}
