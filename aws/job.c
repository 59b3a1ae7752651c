#include "aws/job.h"

#include <stdlib.h>

void *s3_job_new(struct lsmb_s3 *s3, size_t bytes)
{
    struct s3_job *job = calloc(1, bytes);

    if (job) {
        job->s3 = s3;
    }
    return job;
}

static void ended(struct op *op)
{
    struct s3_job *job = s3_job_of(op);
    const struct lsmb_error *err = op_failed(op) ? &op->err : NULL;

    if (job->job) {
        lsmb_job_end(job->job, err);
    } else {
        if (err) {
            *job->err = *err;
        }
        *job->finished = true;
    }
    free(job);
}

static void cancel(void *arg, const struct lsmb_error *why)
{
    struct s3_job *job = arg;

    op_cancel(&job->op, why);
}

static void drop(void *arg)
{
    struct s3_job *job = arg;

    op_abort(&job->op);
    free(job);
}

struct lsmb_job *s3_job_start(struct s3_job *job, const struct op_kind *kind, lsmb_done_fn *done,
                              void *arg)
{
    static const struct lsmb_job_calls calls = {cancel, drop};

    if (!job) {
        return NULL;
    }
    struct lsmb_job *told = lsmb_job_new(job->s3->smb, &calls, job, done, arg);
    if (!told) {
        kind->release(&job->op);
        free(job);
        return NULL;
    }
    job->job = told;
    op_start(&job->op, &job->s3->host.env, kind, ended);
    return told;
}

enum lsmb_code s3_job_run(struct s3_job *job, const struct op_kind *kind, struct lsmb_error *err)
{
    struct lsmb_error failure = {.code = LSMB_OK};
    bool finished = false;

    if (!job) {
        error_set(&failure, LSMB_E_NOMEM, "no memory for the operation");
    } else {
        struct lsmb *smb = job->s3->smb;
        job->finished = &finished;
        job->err = &failure;
        op_start(&job->op, &job->s3->host.env, kind, ended);
        if (lsmb_turn_until(smb, &finished) != LSMB_OK) {
            drop(job); /* its answer would be written to our stack frame */
            error_set(&failure, LSMB_E_LOCAL, "the system cannot wait for events");
            error_step(&failure, "wait");
        }
    }
    if (err) {
        *err = failure;
    }
    return failure.code;
}
