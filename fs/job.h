/* job.h: public operations: a struct lsmb_job at the head of each, and blocking calls on top. */
#ifndef LSMB_FS_JOB_H
#define LSMB_FS_JOB_H

#include "base/op.h"
#include "fs/lsmb.h"

/* Begins every public operation's own structure, which is allocated by its start form and freed after its
 * `done` was called, or with the context. */
struct lsmb_job {
    struct op op; /* first */
    struct list node;
    struct lsmb *smb;
    lsmb_done_fn *done;
    void *arg;
    /* For operations that have to tidy up with steps of their own before they end; NULL: op_cancel(). */
    void (*cancel)(struct lsmb_job *, const struct lsmb_error *why);
};

/* Allocate `bytes` (at least sizeof(struct lsmb_job)), zeroed; NULL when out of memory. */
void *job_new(struct lsmb *smb, size_t bytes, lsmb_done_fn *done, void *arg);

/* Begin its operation.  The kind's release must give back everything but the job itself. */
struct lsmb_job *job_begin(struct lsmb_job *job, const struct op_kind *kind);

/* Abort a job and free it: nobody is told.  For whoever started it, and goes himself. */
void job_abandon(struct lsmb_job *job);

/* For the blocking form: `done` and its argument for a start call, then wait for it.
 *
 *     struct job_wait wait = {0};
 *     return job_wait(smb, lsmb_x_start(..., job_wait_done, &wait), &wait, err);  */
struct job_wait {
    bool finished;
    struct lsmb_error err;
};
lsmb_done_fn job_wait_done;
enum lsmb_code job_wait(struct lsmb *smb, struct lsmb_job *started, struct job_wait *wait,
                        struct lsmb_error *err);

#endif
