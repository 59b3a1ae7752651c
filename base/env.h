/* env.h: what every part of one context shares, and all that the protocol knows of the world. */
#ifndef LSMB_BASE_ENV_H
#define LSMB_BASE_ENV_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/job.h"
#include "base/log.h"
#include "base/random.h"
#include "base/ready.h"
#include "base/stats.h"
#include "base/timer.h"

struct env {
    struct clock *clock;     /* borrowed */
    struct random *random;   /* borrowed */
    struct job_runner *jobs; /* borrowed */
    struct timers timers;
    struct ready_list ready;
    struct pool pool;
    struct log log;
    struct stats stats;
    uint32_t silence_ms; /* longest silence of a peer before it counts as lost */
};

static inline uint64_t env_now(struct env *env)
{
    return env->clock->monotonic_ns(env->clock);
}

/* Arm `timer` to wake `ready` in `ms` from now. */
static inline void env_arm(struct env *env, struct timer *timer, uint32_t ms, struct ready *ready)
{
    timer_arm(&env->timers, timer, env_now(env) + ms * NS_PER_MS, ready);
}

#endif
