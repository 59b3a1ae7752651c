/* test_timer.c: deadlines, and the clock that they are compared with. */
#include "base/clock.h"
#include "base/timer.h"
#include "test/run.h"
#include "test/script.h"

struct bell {
    struct ready ready; /* first */
    unsigned rings;
};

static void ring(struct ready *ready)
{
    CONTAINER_OF(ready, struct bell, ready)->rings++;
}

START_TEST(timers_expire_in_the_order_of_their_deadlines)
{
    static const uint64_t at[] = {50, 10, 30, 30, 70};
    struct timers timers;
    struct timer t[5] = {{.at_ns = 0}};
    struct bell bell = {.ready = {.run = ring}};

    timers_init(&timers);
    ck_assert_uint_eq(timers_next(&timers), TIMER_NEVER);
    for (size_t i = 0; i < 5; i++) {
        timer_arm(&timers, &t[i], at[i], &bell.ready);
    }
    uint64_t last = 0;
    LIST_EACH(node, &timers.by_time)
    {
        struct timer *timer = CONTAINER_OF(node, struct timer, node);
        ck_assert_uint_ge(timer->at_ns, last);
        last = timer->at_ns;
    }
    ck_assert_ptr_eq(t[2].node.next, &t[3].node); /* equal ones in the order of arming */
    ck_assert_uint_eq(timers_next(&timers), 10);
}
END_TEST

START_TEST(a_due_timer_is_disarmed_and_wakes_what_it_stands_for)
{
    struct timers timers;
    struct ready_list list;
    struct timer early = {.at_ns = 0}, late = {.at_ns = 0};
    struct bell bells[2] = {{.ready = {.run = ring}}, {.ready = {.run = ring}}};

    timers_init(&timers);
    ready_list_init(&list);
    timer_arm(&timers, &late, 21, &bells[1].ready);
    timer_arm(&timers, &early, 20, &bells[0].ready);
    timers_expire(&timers, 19, &list);
    ck_assert(!ready_any(&list));
    timers_expire(&timers, 20, &list);
    ck_assert(!timer_armed(&early) && timer_armed(&late));
    ck_assert_uint_eq(ready_run(&list), 1);
    ck_assert_uint_eq(bells[0].rings, 1);
    timer_stop(&late);
    timer_stop(&late); /* harmless */
    timers_expire(&timers, UINT64_MAX, &list);
    ck_assert(!ready_any(&list));
}
END_TEST

START_TEST(arming_again_moves_the_deadline)
{
    struct timers timers;
    struct timer t = {.at_ns = 0};
    struct bell bell = {.ready = {.run = ring}};

    timers_init(&timers);
    timer_arm(&timers, &t, 10, &bell.ready);
    timer_arm(&timers, &t, 40, &bell.ready);
    ck_assert_uint_eq(timers_next(&timers), 40);
    timer_stop(&t);
    ck_assert_uint_eq(timers_next(&timers), TIMER_NEVER);
}
END_TEST

START_TEST(an_environment_arms_from_its_own_now)
{
    struct script_env s;
    struct timer t = {.at_ns = 0};
    struct bell bell = {.ready = {.run = ring}};

    script_env_init(&s, 0, 0);
    env_arm(&s.env, &t, UINT32_MAX, &bell.ready);
    script_pass_ms(&s, UINT32_MAX - 1);
    ck_assert_uint_eq(bell.rings, 0);
    script_pass_ms(&s, 1);
    ck_assert_uint_eq(bell.rings, 1);
    script_env_free(&s);
}
END_TEST

START_TEST(the_system_clock_does_not_go_back)
{
    uint64_t before = clock_system.monotonic_ns(&clock_system);

    ck_assert_uint_ge(clock_system.monotonic_ns(&clock_system), before);
    ck_assert_uint_gt(clock_system.unix_ns(&clock_system), 1700000000 * NS_PER_S);
    ck_assert(!clock_system.advance);
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/timer", timers_expire_in_the_order_of_their_deadlines,
                     a_due_timer_is_disarmed_and_wakes_what_it_stands_for,
                     arming_again_moves_the_deadline, an_environment_arms_from_its_own_now,
                     the_system_clock_does_not_go_back);
}
