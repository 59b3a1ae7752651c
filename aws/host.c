/* host.c: base/'s world on the hooks of lsmb.h. */
#include "aws/host.h"

#include <stdlib.h>

/* ---------------------------------------------------------------- jobs */

/* A job with a helper of the context's. */
struct lent {
    struct list node; /* in host->lent */
    struct host *host;
    struct job *job;
    struct lsmb_work *work;
    bool told;
};

static void lent_work(void *arg)
{
    struct job *job = ((const struct lent *)arg)->job;

    job->work(job);
}

static void lent_done(void *arg)
{
    struct lent *lent = arg;

    lent->told = true;
    list_remove(&lent->node);
    job_finish(&lent->host->env.ready, lent->job);
}

/* On either thread.  Whose answer nobody will hear has been given up by its owner. */
static void lent_release(void *arg)
{
    struct lent *lent = arg;

    if (!lent->told) {
        lent->job->release(lent->job);
    }
    free(lent);
}

static bool submit(struct job_runner *runner, struct job *job)
{
    static const struct lsmb_work_calls calls = {lent_work, lent_done, lent_release};
    struct host *host = CONTAINER_OF(runner, struct host, runner);
    struct lent *lent = calloc(1, sizeof *lent);

    if (!lent) {
        return false;
    }
    lent->host = host;
    lent->job = job;
    list_push_back(&host->lent, &lent->node);
    job->submitted = true;
    lent->work = lsmb_work_begin(host->smb, &calls, lent);
    if (!lent->work) {
        job->submitted = false;
        list_remove(&lent->node);
        free(lent);
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- time */

static uint64_t monotonic_ns(struct clock *clock)
{
    return lsmb_now_ns(CONTAINER_OF(clock, struct host, clock)->smb);
}

static uint64_t unix_ns(struct clock *clock)
{
    (void)clock;
    return clock_system.unix_ns(&clock_system);
}

static void log_to_context(void *arg, enum lsmb_log_level level, const char *line)
{
    const struct host *host = arg;

    lsmb_log(host->smb, level, line);
}

void host_settle(struct host *host)
{
    lsmb_timer_set(host->timer, ready_any(&host->env.ready) ? 0 : timers_next(&host->env.timers));
}

/* The "complete" phase of our operations, within that of the context. */
static void run(void *arg)
{
    struct host *host = arg;

    timers_expire(&host->env.timers, env_now(&host->env), &host->env.ready);
    host->running = true;
    (void)ready_run(&host->env.ready);
    host->running = false;
    host_settle(host);
}

static void wake(void *arg)
{
    struct host *host = arg;

    if (!host->running) {
        lsmb_timer_set(host->timer, 0);
    }
}

/* ---------------------------------------------------------------- all of it */

bool host_init(struct host *host, struct lsmb *smb)
{
    *host = (struct host){
        .smb = smb,
        .clock = {.monotonic_ns = monotonic_ns, .unix_ns = unix_ns},
        .runner = {.submit = submit},
        .env = {.random = &random_system,
                .log = {log_to_context, host, LSMB_LOG_DEBUG},
                .silence_ms = HOST_SILENCE_MS},
    };
    host->env.clock = &host->clock;
    host->env.jobs = &host->runner;
    list_init(&host->lent);
    timers_init(&host->env.timers);
    ready_list_init(&host->env.ready);
    host->env.ready.wake = wake;
    host->env.ready.wake_arg = host;
    host->timer = lsmb_timer_new(smb, run, host);
    return host->timer != NULL;
}

void host_free(struct host *host)
{
    for (struct list *node; (node = list_pop_front(&host->lent));) {
        lsmb_work_drop(CONTAINER_OF(node, struct lent, node)->work);
    }
    lsmb_timer_free(host->timer);
    host->timer = NULL;
}
