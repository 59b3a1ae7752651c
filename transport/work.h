/* work.h: the helper pool: a few threads for what can only block.
 *
 * Jobs begin in the order in which they were submitted. */
#ifndef LSMB_TRANSPORT_WORK_H
#define LSMB_TRANSPORT_WORK_H

#include "transport/loop.h"

struct work; /* is a job_runner */

/* A pool whose finished jobs are told on `loop`.  Threads are started when needed, at most `threads`,
 * with all signals blocked.  NULL with errno set on failure. */
struct work *work_new(struct loop *loop, unsigned threads);

/* Where jobs are submitted; lives as long as `work`. */
struct job_runner *work_runner(struct work *work);

/* Let go.  Whoever submitted a job has given it up before (job_release).  Jobs that have not begun are
 * released; threads that have none are awaited, which takes no time.  One that is stuck in a job is not: it
 * ends by itself, and then releases the job on its own thread.  NULL is fine. */
void work_free(struct work *work);

#endif
