/* work.h: the helper pool: a few threads for what can only block. */
#ifndef LSMB_TRANSPORT_WORK_H
#define LSMB_TRANSPORT_WORK_H

#include "transport/loop.h"

struct work; /* is a job_runner */

/* A pool whose finished jobs are told on `loop`.  Threads are started when needed, at most `threads`,
 * with all signals blocked.  NULL with errno set on failure. */
struct work *work_new(struct loop *loop, unsigned threads);
struct job_runner *work_runner(struct work *work);

/* Let go.  Jobs that have not begun are released; a thread that is stuck in a job is left to end by
 * itself and releases what it held. */
void work_free(struct work *work);

#endif
