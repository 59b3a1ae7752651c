#include "base/ready.h"

#include <assert.h>

void ready_list_init(struct ready_list *list)
{
    list_init(&list->items);
    list->wake = NULL;
    list->wake_arg = NULL;
}

void ready_wake(struct ready_list *list, struct ready *item)
{
    assert(item->run);
    if (list_linked(&item->node)) {
        return;
    }
    bool was_empty = list_empty(&list->items);
    list_push_back(&list->items, &item->node);
    if (was_empty && list->wake) {
        list->wake(list->wake_arg);
    }
}

void ready_forget(struct ready *item)
{
    list_remove(&item->node);
}

unsigned ready_run(struct ready_list *list)
{
    struct list now; /* what is queued from here on stays in list->items */
    unsigned count = 0;

    list_init(&now);
    for (struct list *node; (node = list_pop_front(&list->items));) {
        list_push_back(&now, node);
    }
    for (struct list *node; (node = list_pop_front(&now)); count++) {
        struct ready *item = CONTAINER_OF(node, struct ready, node);
        item->run(item); /* may free item, or forget others that wait in `now` */
    }
    return count;
}
