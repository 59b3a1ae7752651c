/* file.h: a file that is held open, and what the operations on it have in common. */
#ifndef LSMB_FS_FILE_H
#define LSMB_FS_FILE_H

#include "fs/job.h"
#include "fs/open.h"

/* It ends its life as the operation that closes it, so closing needs no memory. */
struct lsmb_file {
    struct lsmb_job job; /* first: the closing */
    struct list node;    /* in lsmb.files, until it is closed */
    struct lsmb_share *share;
    char *path; /* owned: as the user gave it, for errors */
    struct open open;
    unsigned jobs; /* running on it */
    struct close_op closing;
};

/* Begins every operation on an open file. */
struct file_job {
    struct lsmb_job job; /* first */
    struct lsmb_file *file;
};

static inline struct file_job *file_job_of(struct op *op)
{
    return CONTAINER_OF(op, struct file_job, job.op);
}

/* Allocate a job of `bytes` that begins with a struct file_job; NULL when out of memory. */
void *file_job_new(struct lsmb_file *file, size_t bytes, lsmb_done_fn *done, void *arg);

/* For the kinds: errors get the path, and the file one user less. */
void file_job_release(struct op *op);

/* For the end of a context, whose jobs have ended: let go of every file that is still open. */
void files_free(struct lsmb *smb);

#endif
