/* job.h: public operations of this room: a step table run by aws/host, to be waited for and cancelled as the
 * library's own. */
#ifndef LSMB_AWS_JOB_H
#define LSMB_AWS_JOB_H

#include "aws/client.h"
#include "base/op.h"

/* Begins the structure of each. */
struct s3_job {
    struct op op; /* first */
    struct lsmb_s3 *s3;
    struct lsmb_job *job; /* NULL: somebody waits for it in s3_job_run() */
    bool *finished;       /* his */
    struct lsmb_error *err;
};

static inline struct s3_job *s3_job_of(struct op *op)
{
    return CONTAINER_OF(op, struct s3_job, op);
}

/* Allocate `bytes` (at least sizeof(struct s3_job)), zeroed; NULL when out of memory. */
void *s3_job_new(struct lsmb_s3 *s3, size_t bytes);

/* Begin it: the start form and the blocking one.  The job, which may be NULL for want of memory, is freed when it has
 * ended or cannot begin, after the kind's release(), which must give back everything but the job itself, and be
 * harmless where nothing was begun. */
struct lsmb_job *s3_job_start(struct s3_job *job, const struct op_kind *kind, lsmb_done_fn *done,
                              void *arg);
enum lsmb_code s3_job_run(struct s3_job *job, const struct op_kind *kind, struct lsmb_error *err);

#endif
