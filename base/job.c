#include "base/job.h"

#include <assert.h>

void job_release(struct job *job)
{
    if (!job) {
        return;
    }
    assert(!job->abandoned);
    if (job->submitted && !job->finished) {
        job->abandoned = true; /* its thread still reads it: job_finish() will release it */
    } else {
        job->release(job);
    }
}

void job_finish(struct ready_list *list, struct job *job)
{
    assert(job->submitted && !job->finished);
    if (job->abandoned) {
        job->release(job);
        return;
    }
    job->finished = true;
    ready_wake(list, job->done);
}
