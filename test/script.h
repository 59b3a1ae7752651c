/* script.h: a struct env in which nothing happens by itself.
 *
 * Time stands still until a test moves it, randomness counts, jobs run at once on this thread, and
 * log lines are kept.  So every run of a test is the same run.
 *
 *     struct script_env s;
 *
 *     script_env_init(&s, 1 << 20, 1 << 16);
 *     op_start(&op, &s.env, &kind, done);
 *     script_settle(&s);             // until nothing is ready
 *     script_pass_ms(&s, 30000);     // every deadline on the way is met, in order
 *     script_env_free(&s);           // checks that nothing was left behind
 */
#ifndef LSMB_TEST_SCRIPT_H
#define LSMB_TEST_SCRIPT_H

#include "base/env.h"

/* A clock that shows what it is set to. */
struct script_clock {
    struct clock clock; /* first */
    uint64_t now_ns;    /* monotonic */
    uint64_t unix_ns;
};

/* Starts at an arbitrary, fixed time.  Its advance() moves both hands. */
void script_clock_init(struct script_clock *clock);

/* Randomness that counts: 00 01 02 ... ff 00 ... */
struct script_random {
    struct random random; /* first */
    uint8_t next;
    bool fails; /* have nothing to give */
};

void script_random_init(struct script_random *random);

/* Runs jobs on the caller's thread, in order. */
struct script_jobs {
    struct job_runner runner; /* first */
    struct ready_list *ready;
    struct list held;   /* submitted, not yet run */
    bool hold;          /* keep jobs until script_jobs_run() */
    bool refuse;        /* submit() fails */
    unsigned submitted; /* how many were taken */
};

void script_jobs_init(struct script_jobs *jobs, struct ready_list *ready);

/* Run the jobs that are held. */
void script_jobs_run(struct script_jobs *jobs);

struct script_env {
    struct env env;
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    char log
        [16384]; /* all lines so far, oldest first, each with its newline; full: the rest is lost */
    size_t log_len;
};

/* A whole struct env: a pool of `limit` and `reserve` bytes, a silence limit of 30 s, everything
 * logged.  It must not be moved afterwards. */
void script_env_init(struct script_env *s, size_t limit, size_t reserve);

/* Fails the test if a timer is armed, something is ready, a job is held or a buffer is not back. */
void script_env_free(struct script_env *s);

/* One "complete" phase.  Returns how many things ran. */
unsigned script_turn(struct script_env *s);

/* Turn until nothing is ready; fails the test when that does not come. */
void script_settle(struct script_env *s);

/* Let `ms` pass: the clock stops at every deadline on the way, which is then settled. */
void script_pass_ms(struct script_env *s, uint32_t ms);

/* Has a log line been written that holds `text`? */
bool script_logged(const struct script_env *s, const char *text);

#endif
