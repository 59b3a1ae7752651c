/* host.h: the world of base/ on the hooks of lsmb.h: its ready list, timers, jobs and log are run by the loop of a
 * context that is not ours. */
#ifndef LSMB_AWS_HOST_H
#define LSMB_AWS_HOST_H

#include "base/env.h"

enum { HOST_SILENCE_MS = 30000 };

struct host {
    struct lsmb *smb; /* borrowed */
    struct env env;
    struct clock clock; /* the context's */
    struct job_runner runner;
    struct list lent;         /* jobs that helpers have */
    struct lsmb_timer *timer; /* for the ready list and the earliest deadline of env */
    bool running;
};

/* Set up.  False without memory; nothing is to be freed then. */
bool host_init(struct host *host, struct lsmb *smb);

/* Operations have been aborted before. */
void host_free(struct host *host);

/* Something may have been armed outside of an operation: look at the deadlines anew. */
void host_settle(struct host *host);

#endif
