/* hooks.c: the loop for the ends of a host's own: descriptors, timers, helpers, and what goes with the context. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "fs/lsmb.h"

/* ---------------------------------------------------------------- descriptors */

struct lsmb_poll {
    struct lsmb *smb; /* borrowed */
    struct watch watch;
    struct ready ready;
    unsigned seen; /* what it is, LSMB_READABLE and LSMB_WRITABLE */
    lsmb_poll_fn *tell;
    void *arg;
};

static uint32_t epoll_events(unsigned events)
{
    return (events & LSMB_READABLE ? (uint32_t)EPOLLIN : 0) |
           (events & LSMB_WRITABLE ? (uint32_t)EPOLLOUT : 0);
}

static void poll_fired(struct watch *watch, uint32_t events)
{
    struct lsmb_poll *poll = CONTAINER_OF(watch, struct lsmb_poll, watch);

    poll->seen = (events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? LSMB_READABLE : 0u) |
                 (events & (EPOLLOUT | EPOLLERR | EPOLLHUP) ? LSMB_WRITABLE : 0u);
    ready_wake(&poll->smb->env.ready, &poll->ready);
}

static void poll_tell(struct ready *ready)
{
    struct lsmb_poll *poll = CONTAINER_OF(ready, struct lsmb_poll, ready);

    poll->tell(poll->arg, poll->seen);
}

struct lsmb_poll *lsmb_poll_begin(struct lsmb *smb, int fd, unsigned events, lsmb_poll_fn *ready,
                                  void *arg)
{
    struct lsmb_poll *poll = calloc(1, sizeof *poll);

    if (!poll) {
        return NULL;
    }
    *poll = (struct lsmb_poll){.smb = smb, .ready = {.run = poll_tell}, .tell = ready, .arg = arg};
    if (!loop_watch(&smb->loop, &poll->watch, fd, epoll_events(events), poll_fired)) {
        free(poll);
        return NULL;
    }
    return poll;
}

bool lsmb_poll_change(struct lsmb_poll *poll, unsigned events)
{
    int fd = poll->watch.fd;

    poll->seen &= events; /* what is to be told in this turn yet */
    if (poll->seen == 0) {
        ready_forget(&poll->ready);
    }
    loop_unwatch(&poll->watch);
    return loop_watch(&poll->smb->loop, &poll->watch, fd, epoll_events(events), poll_fired);
}

void lsmb_poll_end(struct lsmb_poll *poll)
{
    if (poll) {
        loop_unwatch(&poll->watch);
        ready_forget(&poll->ready);
        free(poll);
    }
}

/* ---------------------------------------------------------------- time */

struct lsmb_timer {
    struct lsmb *smb; /* borrowed */
    struct timer timer;
    struct ready ready;
    lsmb_call_fn *fire;
    void *arg;
};

static void timer_fired(struct ready *ready)
{
    struct lsmb_timer *timer = CONTAINER_OF(ready, struct lsmb_timer, ready);

    timer->fire(timer->arg);
}

struct lsmb_timer *lsmb_timer_new(struct lsmb *smb, lsmb_call_fn *fire, void *arg)
{
    struct lsmb_timer *timer = calloc(1, sizeof *timer);

    if (timer) {
        *timer = (struct lsmb_timer){
            .smb = smb, .ready = {.run = timer_fired}, .fire = fire, .arg = arg};
    }
    return timer;
}

void lsmb_timer_set(struct lsmb_timer *timer, uint64_t at_ns)
{
    struct env *env = &timer->smb->env;

    timer_stop(&timer->timer);
    ready_forget(&timer->ready);
    if (at_ns <= env_now(env)) {
        ready_wake(&env->ready, &timer->ready);
    } else if (at_ns != TIMER_NEVER) {
        timer_arm(&env->timers, &timer->timer, at_ns, &timer->ready);
    }
}

void lsmb_timer_free(struct lsmb_timer *timer)
{
    if (timer) {
        timer_stop(&timer->timer);
        ready_forget(&timer->ready);
        free(timer);
    }
}

uint64_t lsmb_now_ns(const struct lsmb *smb)
{
    return smb->env.clock->monotonic_ns(smb->env.clock);
}

/* ---------------------------------------------------------------- what can only block */

struct lsmb_work {
    struct job job;
    struct ready done;
    struct lsmb_work_calls calls;
    void *arg;
};

static void work_do(struct job *job)
{
    const struct lsmb_work *work = CONTAINER_OF(job, struct lsmb_work, job);

    work->calls.work(work->arg);
}

static void work_release(struct job *job)
{
    struct lsmb_work *work = CONTAINER_OF(job, struct lsmb_work, job);

    if (work->calls.release) {
        work->calls.release(work->arg);
    }
    free(work);
}

static void work_done(struct ready *ready)
{
    struct lsmb_work *work = CONTAINER_OF(ready, struct lsmb_work, done);

    work->calls.done(work->arg);
    job_release(&work->job);
}

struct lsmb_work *lsmb_work_begin(struct lsmb *smb, const struct lsmb_work_calls *calls, void *arg)
{
    struct job_runner *runner = smb->env.jobs;
    struct lsmb_work *work = calloc(1, sizeof *work);

    if (!work) {
        return NULL;
    }
    *work = (struct lsmb_work){.job = {.work = work_do, .release = work_release},
                               .done = {.run = work_done},
                               .calls = *calls,
                               .arg = arg};
    work->job.done = &work->done;
    if (!runner->submit(runner, &work->job)) {
        free(work);
        return NULL;
    }
    return work;
}

void lsmb_work_drop(struct lsmb_work *work)
{
    if (work) {
        ready_forget(&work->done);
        job_release(&work->job);
    }
}

/* ---------------------------------------------------------------- what goes with the context */

struct lsmb_bond {
    struct list node;
    lsmb_call_fn *gone;
    void *arg;
};

struct lsmb_bond *lsmb_bind(struct lsmb *smb, lsmb_call_fn *gone, void *arg)
{
    struct lsmb_bond *bond = calloc(1, sizeof *bond);

    if (bond) {
        *bond = (struct lsmb_bond){.gone = gone, .arg = arg};
        list_push_front(&smb->bonds,
                        &bond->node); /* what came last may need what was there before */
    }
    return bond;
}

void lsmb_unbind(struct lsmb_bond *bond)
{
    if (bond) {
        list_remove(&bond->node);
        free(bond);
    }
}

void bonds_break(struct lsmb *smb)
{
    for (struct list *node; (node = list_pop_front(&smb->bonds));) {
        struct lsmb_bond *bond = CONTAINER_OF(node, struct lsmb_bond, node);
        bond->gone(bond->arg);
        free(bond);
    }
}

void lsmb_log(struct lsmb *smb, enum lsmb_log_level level, const char *line)
{
    log_line(&smb->env.log, level, "%s", line);
}
