/* host_job.c: an operation of a host's own, to be waited for and cancelled like the library's. */
#include "fs/job.h"

struct host_job {
    struct lsmb_job job; /* first */
    struct lsmb_job_calls calls;
    void *arg;
    bool ended;
};

static struct host_job *host_job_of(struct op *op)
{
    return CONTAINER_OF(op, struct host_job, job.op);
}

static enum op_next await_host(struct op *op)
{
    if (!host_job_of(op)->ended) {
        return OP_WAIT;
    }
    return OP_DONE;
}

static void release(struct op *op)
{
    struct host_job *j = host_job_of(op);

    if (!j->ended) {
        j->ended = true;
        j->calls.drop(j->arg);
    }
}

static const struct op_step steps[] = {{"wait for the host", await_host, 0}};
static const struct op_kind kind = {"host", steps, release};

static void cancel(struct lsmb_job *job, const struct lsmb_error *why)
{
    struct host_job *j = host_job_of(&job->op);

    if (!j->ended) {
        j->calls.cancel(j->arg, why);
    }
}

struct lsmb_job *lsmb_job_new(struct lsmb *smb, const struct lsmb_job_calls *calls, void *arg,
                              lsmb_done_fn *done, void *done_arg)
{
    struct host_job *j = job_new(smb, sizeof *j, done, done_arg);

    if (!j) {
        return NULL;
    }
    j->calls = *calls;
    j->arg = arg;
    j->job.cancel = cancel;
    return job_begin(&j->job, &kind);
}

void lsmb_job_end(struct lsmb_job *job, const struct lsmb_error *err)
{
    struct host_job *j = host_job_of(&job->op);

    if (j->ended) {
        return;
    }
    j->ended = true;
    if (err && err->code != LSMB_OK) {
        op_cancel(&job->op, err);
    } else {
        op_wake(&job->op);
    }
}
