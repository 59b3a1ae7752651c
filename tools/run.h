/* run.h: one run of lava-smb: its context, signals, deadline, and first failure. */
#ifndef LSMB_TOOLS_RUN_H
#define LSMB_TOOLS_RUN_H

#include "lsmb.h"
#include "tools/location.h"
#include "tools/logger.h"
#include "tools/message.h"
#include "tools/options.h"
#include "tools/password.h"
#include "tools/progress.h"

struct run {
    const struct options *opt;
    struct logger log;
    struct progress progress;
    struct connection connection; /* of --conn-file or --conn-id: whole when `connected` */
    bool connected, unconnected;  /* tools/lava: it is known; it cannot be had */
    struct password password;
    struct lsmb *smb;
    struct lsmb_s3 *s3; /* tools/s3; NULL: nobody has asked for it yet */

    struct location linked; /* to which share `share` leads */
    struct lsmb_share *share;
    struct location linked_target; /* likewise, where a command has a second one to write to */
    struct lsmb_share *target_share;

    int64_t started_ms; /* on the monotonic clock */
    int signal_fd;
    int signal;          /* the first that came; 0: none */
    int64_t deadline_ms; /* on the monotonic clock; 0: none */
    int64_t give_up_ms;  /* a cancelled job is waited for until then; 0: nothing was cancelled */
    bool finished;       /* the job's `done` was called */
    bool abandoned;      /* a job did not end in time: nothing else may be started */
    bool tmpdir_made;

    struct lsmb_error err; /* of the last job that failed */
    int status;            /* the exit status: that of the first failure */
};

/* Block signals, open the log, read the password's file and make a context.  Failures are reported;
 * the run is to be closed in any case. */
bool run_open(struct run *run, const struct options *opt);
void run_close(struct run *run);

/* The lsmb_done_fn for every job, with the run as its argument. */
void run_done(void *arg, const struct lsmb_error *err);

/* Wait for a job that was just started with run_done.  False if it failed (or `job` is NULL: no
 * memory): run->err says why.  On a signal, or when the deadline has passed, the job is cancelled and
 * given 5 s, or until a second signal, to tidy up. */
bool run_wait(struct run *run, struct lsmb_job *job);

/* A signal came while no job was running: make it run->err. */
void run_note_signal(struct run *run);

/* Report run->err and count it. */
void run_fail(struct run *run);

/* Report run->err as that of a part of a tree, the rest of which is still worth the work: counts as
 * EXIT_PARTLY, or as itself if nothing else can be done. */
void run_fail_partly(struct run *run);

/* Report what the user wrote wrongly, and count it as a usage error. */
void run_refuse(struct run *run, const struct refusal *why);

/* Report a failure found here; `where` may be NULL. */
void run_fail_at(struct run *run, enum lsmb_code code, const struct location *where,
                 const char *reason);

/* Report that memory ran out here. */
void run_no_memory(struct run *run);

/* Whether, after a failure, the next argument has a chance: not if the connection or the logon is at
 * fault. */
bool run_may_go_on(const struct run *run);

#endif
