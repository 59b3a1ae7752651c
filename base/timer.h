/* timer.h: an ordered set of deadlines.  No system calls: the loop asks for the earliest one, waits
 * for it in its own way and says what time it has become. */
#ifndef LSMB_BASE_TIMER_H
#define LSMB_BASE_TIMER_H

#include "base/list.h"
#include "base/ready.h"

#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

struct timer {
    struct list node;
    uint64_t at_ns;      /* on the monotonic clock */
    struct ready *ready; /* borrowed: woken when the time has come */
};

struct timers {
    struct list by_time; /* earliest first */
};

void timers_init(struct timers *timers);

/* (Re)arm `timer` to wake `ready` at `at_ns`.  Cheapest when deadlines are armed in the order in
 * which they fall, as silence limits of one length are. */
void timer_arm(struct timers *timers, struct timer *timer, uint64_t at_ns, struct ready *ready);

/* Disarm; harmless when not armed. */
void timer_stop(struct timer *timer);

static inline bool timer_armed(const struct timer *timer)
{
    return list_linked(&timer->node);
}

/* The earliest deadline, or TIMER_NEVER. */
uint64_t timers_next(const struct timers *timers);

/* Disarm every timer due at `now_ns` and wake what it stands for. */
void timers_expire(struct timers *timers, uint64_t now_ns, struct ready_list *list);

#endif
