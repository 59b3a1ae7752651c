/* job.h: things that can only block (name resolution, fsync, pipes), done elsewhere.
 *
 * A job is handed to the context's runner, which calls `work` on a thread of its own and then makes
 * `done` ready on the loop's thread.  In tests the runner does it at once, on the same thread, so a
 * run is repeatable. */
#ifndef LSMB_BASE_JOB_H
#define LSMB_BASE_JOB_H

#include "base/ready.h"

struct job {
    struct list node;              /* the runner's */
    void (*work)(struct job *);    /* on another thread: touches nothing but the job */
    void (*release)(struct job *); /* frees it; called once, by job_release or when abandoned */
    struct ready *done;            /* borrowed: woken on the loop's thread when the work is done */
    bool submitted, finished;      /* finished: only changed on the loop's thread */
    bool abandoned;
};

struct job_runner {
    /* Take `job` and mark it submitted; false when it cannot be run (no thread, no memory): it stays
     * unsubmitted and `done` will not be woken. */
    bool (*submit)(struct job_runner *, struct job *);
};

/* Give `job` up: it is released now if it does not run, else as soon as its work ends; `done` is not
 * touched any more.  Work that has begun is not interrupted.  NULL is fine. */
void job_release(struct job *job);

/* For runners, on the loop's thread: the work has ended. */
void job_finish(struct ready_list *list, struct job *job);

#endif
