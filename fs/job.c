/* job.c: the life of a public operation. */
#include "fs/job.h"

#include <stdlib.h>

void *job_new(struct lsmb *smb, size_t bytes, lsmb_done_fn *done, void *arg)
{
    struct lsmb_job *job = calloc(1, bytes);

    if (job) {
        job->smb = smb;
        job->done = done;
        job->arg = arg;
    }
    return job;
}

static void job_done(struct op *op)
{
    struct lsmb_job *job = CONTAINER_OF(op, struct lsmb_job, op);

    list_remove(&job->node);
    if (job->done) {
        job->done(job->arg, op_failed(op) ? &op->err : NULL);
    }
    free(job);
}

struct lsmb_job *job_begin(struct lsmb_job *job, const struct op_kind *kind)
{
    list_push_back(&job->smb->jobs, &job->node);
    op_start(&job->op, &job->smb->env, kind, job_done);
    return job;
}

void lsmb_job_cancel(struct lsmb_job *job, const struct lsmb_error *why)
{
    struct lsmb_error err;

    if (!why) {
        error_set(&err, LSMB_E_CANCELLED, "cancelled");
        why = &err;
    }
    if (job->cancel) {
        job->cancel(job, why);
    } else {
        op_cancel(&job->op, why);
    }
}

void job_abandon(struct lsmb_job *job)
{
    list_remove(&job->node);
    op_abort(&job->op);
    free(job);
}

void job_wait_done(void *arg, const struct lsmb_error *err)
{
    struct job_wait *wait = arg;

    wait->finished = true;
    if (err) {
        wait->err = *err;
    }
}

enum lsmb_code job_wait(struct lsmb *smb, struct lsmb_job *started, struct job_wait *wait,
                        struct lsmb_error *err)
{
    if (!started) {
        error_set(&wait->err, LSMB_E_NOMEM, "no memory for the operation");
    } else if (lsmb_turn_until(smb, &wait->finished) != LSMB_OK) {
        /* `wait` goes with our stack frame, so the job must not outlive it. */
        job_abandon(started);
        error_set(&wait->err, LSMB_E_LOCAL, "the system cannot wait for events");
        error_step(&wait->err, "wait");
    }
    if (err) {
        *err = wait->err;
    }
    return wait->err.code;
}
