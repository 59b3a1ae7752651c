/* names.h: what the operations on names have in common.
 *
 * stat, remove, rename, mkdir, set and the like each open a name, do one thing to it and close it again: a
 * struct name_job is that, and what is done in between is a step table of each. */
#ifndef LSMB_FS_NAMES_H
#define LSMB_FS_NAMES_H

#include "fs/info.h"
#include "fs/job.h"

struct name_job {
    struct lsmb_job job; /* first */
    struct lsmb_share *share;
    char *path; /* owned */
    struct open_want want;
    struct open open;
    struct open_op opening;
    struct set_info_op setting;
    struct query_info_op asking;
    struct close_op closing;
};

static inline struct name_job *name_job_of(struct op *op)
{
    return CONTAINER_OF(op, struct name_job, job.op);
}

/* Allocate a job of `bytes` that begins with a struct name_job; NULL when out of memory. */
void *name_job_new(struct lsmb_share *share, size_t bytes, const char *path, lsmb_done_fn *done,
                   void *arg);

/* For the kinds: gives back what a name_job holds; errors get the path. */
void name_job_release(struct op *op);

/* Steps that all of them share: open job->want, then go on with the step after it; wait for job->setting,
 * then close; and CLOSE, the last. */
enum op_next name_open(struct op *op);
enum op_next name_told(struct op *op);
enum op_next name_close(struct op *op);
enum op_next name_closed(struct op *op);

/* op_await(), where a failure says what the name was opened for (want.step) instead of what the child did. */
enum op_next name_await(struct op *op, const struct op *child);

/* For opening what is there, whatever it is, while others use it as they like. */
static inline struct open_want name_want(uint32_t access, const char *step)
{
    return (struct open_want){.step = step,
                              .access = access,
                              .share_access =
                                  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                              .disposition = FILE_OPEN};
}

#endif
