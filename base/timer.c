#include "base/timer.h"

#include <assert.h>

static struct timer *timer_of(struct list *node)
{
    return CONTAINER_OF(node, struct timer, node);
}

void timers_init(struct timers *timers)
{
    list_init(&timers->by_time);
}

void timer_arm(struct timers *timers, struct timer *timer, uint64_t at_ns, struct ready *ready)
{
    assert(ready);
    assert(at_ns != TIMER_NEVER);
    timer_stop(timer);
    timer->at_ns = at_ns;
    timer->ready = ready;

    struct list *before = timers->by_time.prev;
    while (before != &timers->by_time && timer_of(before)->at_ns > at_ns) {
        before = before->prev;
    }
    list_insert_before(before->next, &timer->node);
}

void timer_stop(struct timer *timer)
{
    list_remove(&timer->node);
}

uint64_t timers_next(const struct timers *timers)
{
    return list_empty(&timers->by_time) ? TIMER_NEVER : timer_of(timers->by_time.next)->at_ns;
}

void timers_expire(struct timers *timers, uint64_t now_ns, struct ready_list *list)
{
    while (timers_next(timers) <= now_ns && !list_empty(&timers->by_time)) {
        struct timer *due = timer_of(timers->by_time.next);
        timer_stop(due);
        ready_wake(list, due->ready);
    }
}
