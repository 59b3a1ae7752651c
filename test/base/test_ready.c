/* test_ready.c: the ready list and the lists below it. */
#include "base/ready.h"
#include "test/run.h"

struct item {
    struct ready ready; /* first */
    struct ready_list *list;
    struct item *wakes, *forgets;
    unsigned runs, *clock, ran_at;
};

static void run_item(struct ready *ready)
{
    struct item *item = CONTAINER_OF(ready, struct item, ready);

    item->runs++;
    item->ran_at = ++*item->clock;
    if (item->wakes) {
        ready_wake(item->list, &item->wakes->ready);
    }
    if (item->forgets) {
        ready_forget(&item->forgets->ready);
    }
}

static void items_init(struct item *items, size_t n, struct ready_list *list, unsigned *clock)
{
    ready_list_init(list);
    *clock = 0;
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct item){.ready = {.run = run_item}, .list = list, .clock = clock};
    }
}

START_TEST(items_run_once_in_the_order_of_waking)
{
    struct ready_list list;
    struct item items[3];
    unsigned clock;

    items_init(items, 3, &list, &clock);
    ready_wake(&list, &items[2].ready);
    ready_wake(&list, &items[0].ready);
    ready_wake(&list, &items[2].ready); /* twice is once */
    ck_assert_uint_eq(ready_run(&list), 2);
    ck_assert_uint_eq(items[2].ran_at, 1);
    ck_assert_uint_eq(items[0].ran_at, 2);
    ck_assert_uint_eq(items[1].runs, 0);
    ck_assert(!ready_any(&list));
}
END_TEST

START_TEST(what_is_woken_while_running_waits_for_the_next_run)
{
    struct ready_list list;
    struct item items[1];
    unsigned clock;

    items_init(items, 1, &list, &clock);
    items[0].wakes = &items[0];
    ready_wake(&list, &items[0].ready);
    ck_assert_uint_eq(ready_run(&list), 1);
    ck_assert(ready_any(&list));
    ck_assert_uint_eq(ready_run(&list), 1);
    ck_assert_uint_eq(items[0].runs, 2);
}
END_TEST

START_TEST(an_item_may_forget_one_that_is_about_to_run)
{
    struct ready_list list;
    struct item items[2];
    unsigned clock;

    items_init(items, 2, &list, &clock);
    items[0].forgets = &items[1];
    ready_wake(&list, &items[0].ready);
    ready_wake(&list, &items[1].ready);
    ck_assert_uint_eq(ready_run(&list), 1);
    ck_assert_uint_eq(items[1].runs, 0);
    ready_forget(&items[1].ready); /* harmless when not queued */
}
END_TEST

static void count_wake(void *arg)
{
    ++*(unsigned *)arg;
}

START_TEST(the_loop_is_woken_when_the_list_stops_being_empty)
{
    struct ready_list list;
    struct item items[2];
    unsigned clock, wakes = 0;

    items_init(items, 2, &list, &clock);
    list.wake = count_wake;
    list.wake_arg = &wakes;
    ready_wake(&list, &items[0].ready);
    ready_wake(&list, &items[1].ready);
    ck_assert_uint_eq(wakes, 1);
    items[0].wakes = &items[0];
    ck_assert_uint_eq(ready_run(&list), 2);
    ck_assert_uint_eq(wakes, 2);
}
END_TEST

START_TEST(each_visits_every_node_and_lets_it_be_removed)
{
    struct list head, nodes[3] = {{0}};
    unsigned seen = 0;

    list_init(&head);
    list_push_back(&head, &nodes[1]);
    list_push_back(&head, &nodes[2]);
    list_push_front(&head, &nodes[0]);
    LIST_EACH(node, &head)
    {
        ck_assert_ptr_eq(node, &nodes[seen]);
        seen++;
        list_remove(node);
        ck_assert(!list_linked(node));
    }
    ck_assert_uint_eq(seen, 3);
    ck_assert(list_empty(&head));
    list_remove(&nodes[0]); /* harmless when in no list */
    ck_assert_ptr_null(list_pop_front(&head));
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/ready", items_run_once_in_the_order_of_waking,
                     what_is_woken_while_running_waits_for_the_next_run,
                     an_item_may_forget_one_that_is_about_to_run,
                     the_loop_is_woken_when_the_list_stops_being_empty,
                     each_visits_every_node_and_lets_it_be_removed);
}
