/* ready.h: what has something to do in the loop's "complete" phase.
 *
 * Whatever an operation waits for (a reply, a timer, a job, a sink that drained) puts it on the
 * ready list and returns; only the loop's "complete" phase runs the list.  So nobody is ever called
 * back from inside a function he called. */
#ifndef LSMB_BASE_READY_H
#define LSMB_BASE_READY_H

#include "base/list.h"

struct ready {
    struct list node;            /* first */
    void (*run)(struct ready *); /* may free the structure this is embedded in */
};

struct ready_list {
    struct list items;
    void (*wake)(void *arg); /* called when the list stops being empty; may be NULL */
    void *wake_arg;
};

void ready_list_init(struct ready_list *list);

/* Queue `item`; queueing it twice is harmless. */
void ready_wake(struct ready_list *list, struct ready *item);

/* Take `item` out again, if it is queued; needed before its memory goes. */
void ready_forget(struct ready *item);

/* Run what was queued before this call, in order, and nothing queued by it.  Returns how many ran. */
unsigned ready_run(struct ready_list *list);

static inline bool ready_any(const struct ready_list *list)
{
    return !list_empty(&list->items);
}

#endif
