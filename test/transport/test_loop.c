/* test_loop.c: turns, phases, deadlines, and when the loop's descriptor is readable. */
#include "test/transport/world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Who did something, in order: one letter each. */
static char trace[256];

static void note(char who)
{
    size_t len = strlen(trace);

    ck_assert_uint_lt(len + 1, sizeof trace);
    trace[len] = who;
    trace[len + 1] = '\0';
}

struct actor {
    struct ready ready; /* first */
    struct hook hook;
    struct timer timer;
    struct loop *loop;
    char name;
    bool stays;               /* its hook does not leave */
    struct actor *drives_out; /* makes this one leave */
    struct actor *wakes;      /* queues this one */
    struct actor *brings;     /* makes this one join `phase` */
    enum loop_phase phase;
};

static void act(struct actor *a)
{
    note(a->name);
    if (a->drives_out) {
        loop_leave(a->loop, &a->drives_out->hook);
    }
    if (a->wakes) {
        ready_wake(&a->loop->env->ready, &a->wakes->ready);
    }
    if (a->brings) {
        loop_join(a->loop, a->phase, &a->brings->hook);
    }
}

static void act_ready(struct ready *ready)
{
    act(CONTAINER_OF(ready, struct actor, ready));
}

static void act_hook(struct hook *hook)
{
    struct actor *a = CONTAINER_OF(hook, struct actor, hook);

    if (!a->stays) {
        loop_leave(a->loop, hook);
    }
    act(a);
}

static struct actor actor(struct world *w, char name)
{
    return (struct actor){
        .ready = {.run = act_ready}, .hook = {.run = act_hook}, .loop = &w->loop, .name = name};
}

static struct world world;

static void scripted(void)
{
    trace[0] = '\0';
    world_init(&world, NULL);
}

static void real_time(void)
{
    trace[0] = '\0';
    world_init(&world, &clock_system);
}

static void end(void)
{
    world_free(&world);
}

static uint64_t now_ns(void)
{
    return clock_system.monotonic_ns(&clock_system);
}

START_TEST(a_scripted_clock_moves_to_the_next_deadline_without_sleeping)
{
    struct actor hour = actor(&world, 'h');
    uint64_t from = env_now(world.env), began = now_ns();

    env_arm(world.env, &hour.timer, 3600 * 1000, &hour.ready);
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "h");
    ck_assert_uint_eq(env_now(world.env) - from, 3600 * NS_PER_S);
    ck_assert_uint_lt(now_ns() - began, 60 * NS_PER_S);
}
END_TEST

START_TEST(a_scripted_clock_moves_at_most_by_the_timeout)
{
    struct actor late = actor(&world, 'l');
    uint64_t from = env_now(world.env);

    env_arm(world.env, &late.timer, 1000, &late.ready);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_uint_eq(env_now(world.env), from);
    ck_assert(loop_turn(&world.loop, 300));
    ck_assert_uint_eq(env_now(world.env) - from, 300 * NS_PER_MS);
    ck_assert_str_eq(trace, "");
    ck_assert(loop_turn(&world.loop, 5000));
    ck_assert_uint_eq(env_now(world.env) - from, 1000 * NS_PER_MS);
    ck_assert_str_eq(trace, "l");
}
END_TEST

START_TEST(with_a_scripted_clock_waiting_for_nothing_is_refused)
{
    errno = 0;
    ck_assert(!loop_turn(&world.loop, -1));
    ck_assert_int_eq(errno, EDEADLK);
    ck_assert(loop_turn(&world.loop, 0));
}
END_TEST

START_TEST(time_stands_still_while_there_is_something_to_do)
{
    struct actor late = actor(&world, 'l'), now = actor(&world, 'n');
    uint64_t from = env_now(world.env);

    env_arm(world.env, &late.timer, 1000, &late.ready);
    ready_wake(&world.env->ready, &now.ready);
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "n");
    ck_assert_uint_eq(env_now(world.env), from);
    timer_stop(&late.timer);
}
END_TEST

/* A little play with timers, hooks and wakes. */
static void play(struct world *w)
{
    struct actor a = actor(w, 'a'), b = actor(w, 'b'), c = actor(w, 'c'), d = actor(w, 'd'),
                 p = actor(w, 'p');

    a.wakes = &b;
    b.brings = &c;
    b.phase = LOOP_RECEIVE;
    c.wakes = &d;
    p.stays = true;
    loop_join(&w->loop, LOOP_PUMP, &p.hook);
    ready_wake(&w->env->ready, &a.ready);
    env_arm(w->env, &a.timer, 20, &a.ready);
    env_arm(w->env, &b.timer, 10, &b.ready);
    for (unsigned turn = 0; turn < 20; turn++) {
        ck_assert(loop_turn(&w->loop, 7));
    }
    loop_leave(&w->loop, &p.hook);
}

START_TEST(two_runs_of_a_script_are_the_same)
{
    char first[sizeof trace];

    play(&world);
    memcpy(first, trace, sizeof first);
    end();
    scripted();
    play(&world);
    ck_assert_uint_gt(strlen(first), 20);
    ck_assert_str_eq(trace, first);
}
END_TEST

START_TEST(phases_run_in_their_order)
{
    struct actor receive = actor(&world, 'r'), complete = actor(&world, 'c'),
                 pump = actor(&world, 'p'), flush = actor(&world, 'f');

    loop_join(&world.loop, LOOP_FLUSH, &flush.hook);
    loop_join(&world.loop, LOOP_PUMP, &pump.hook);
    ready_wake(&world.env->ready, &complete.ready);
    loop_join(&world.loop, LOOP_RECEIVE, &receive.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "rcpf");
}
END_TEST

START_TEST(what_an_earlier_phase_brings_is_done_in_the_same_turn)
{
    struct actor receive = actor(&world, 'r'), complete = actor(&world, 'c'),
                 flush = actor(&world, 'f');

    receive.wakes = &complete;
    complete.brings = &flush;
    complete.phase = LOOP_FLUSH;
    loop_join(&world.loop, LOOP_RECEIVE, &receive.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "rcf");
}
END_TEST

START_TEST(a_hook_may_make_the_next_one_leave)
{
    struct actor a = actor(&world, 'a'), b = actor(&world, 'b'), c = actor(&world, 'c');

    a.drives_out = &b;
    loop_join(&world.loop, LOOP_FLUSH, &a.hook);
    loop_join(&world.loop, LOOP_FLUSH, &b.hook);
    loop_join(&world.loop, LOOP_FLUSH, &c.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "ac");
}
END_TEST

START_TEST(the_only_other_hook_may_leave_while_the_last_runs)
{
    struct actor a = actor(&world, 'a'), b = actor(&world, 'b');

    a.stays = b.stays = true;
    b.drives_out = &a;
    loop_join(&world.loop, LOOP_PUMP, &a.hook);
    loop_join(&world.loop, LOOP_PUMP, &b.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "abb");
    loop_leave(&world.loop, &b.hook);
}
END_TEST

START_TEST(a_hook_that_joins_the_running_phase_has_its_turn_in_the_next)
{
    struct actor a = actor(&world, 'a');

    a.brings = &a;
    a.phase = LOOP_FLUSH;
    loop_join(&world.loop, LOOP_FLUSH, &a.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "a");
    ck_assert(world_readable(&world));
    a.brings = NULL;
    ck_assert(loop_turn(&world.loop, -1)); /* does not wait */
    ck_assert_str_eq(trace, "aa");
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(joining_twice_is_joining_once_and_leaving_twice_is_harmless)
{
    struct actor a = actor(&world, 'a');

    loop_leave(&world.loop, &a.hook);
    loop_join(&world.loop, LOOP_FLUSH, &a.hook);
    loop_join(&world.loop, LOOP_FLUSH, &a.hook);
    ck_assert(loop_turn(&world.loop, 0));
    loop_leave(&world.loop, &a.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "a");
}
END_TEST

START_TEST(a_wake_from_outside_makes_the_descriptor_readable_until_the_turn)
{
    struct actor a = actor(&world, 'a');

    ck_assert(!world_readable(&world));
    ready_wake(&world.env->ready, &a.ready);
    ck_assert(world_readable(&world));
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "a");
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(joining_from_outside_makes_the_descriptor_readable)
{
    struct actor a = actor(&world, 'a');

    loop_join(&world.loop, LOOP_PUMP, &a.hook);
    ck_assert(world_readable(&world));
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "a");
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(what_is_woken_late_in_a_turn_makes_the_descriptor_readable)
{
    struct actor flush = actor(&world, 'f'), next = actor(&world, 'n');

    flush.wakes = &next;
    loop_join(&world.loop, LOOP_FLUSH, &flush.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "f");
    ck_assert(world_readable(&world));
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "fn");
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(the_descriptor_is_readable_while_a_hook_is_in_the_receive_phase)
{
    struct actor a = actor(&world, 'a');

    a.stays = true;
    loop_join(&world.loop, LOOP_RECEIVE, &a.hook);
    for (unsigned turn = 0; turn < 3; turn++) {
        ck_assert(world_readable(&world));
        ck_assert(loop_turn(&world.loop, -1));
    }
    ck_assert_str_eq(trace, "aaa");
    loop_leave(&world.loop, &a.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(a_hook_in_the_pump_phase_lets_the_loop_sleep)
{
    struct actor a = actor(&world, 'a');

    a.stays = true;
    loop_join(&world.loop, LOOP_PUMP, &a.hook);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert(!world_readable(&world));
    loop_leave(&world.loop, &a.hook);
}
END_TEST

static void nap(long ms)
{
    struct timespec t = {0, ms * (long)NS_PER_MS};

    ck_assert_int_eq(nanosleep(&t, NULL), 0);
}

START_TEST(the_descriptor_becomes_readable_when_a_deadline_falls)
{
    struct actor a = actor(&world, 'a');
    uint64_t began = now_ns();

    env_arm(world.env, &a.timer, 200, &a.ready);
    ck_assert(loop_turn(&world.loop, 0)); /* arms the descriptor */
    ck_assert(!world_readable(&world));
    struct pollfd p = {.fd = loop_fd(&world.loop), .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, 5000), 1);
    ck_assert_uint_ge(now_ns() - began, 200 * NS_PER_MS);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_str_eq(trace, "a");
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(a_deadline_that_was_put_off_or_taken_back_is_not_told)
{
    struct actor a = actor(&world, 'a');

    env_arm(world.env, &a.timer, 5, &a.ready);
    ck_assert(loop_turn(&world.loop, 0));
    env_arm(world.env, &a.timer, 60000, &a.ready);
    ck_assert(loop_turn(&world.loop, 0));
    nap(10);
    ck_assert(!world_readable(&world));
    env_arm(world.env, &a.timer, 5, &a.ready);
    ck_assert(loop_turn(&world.loop, 0));
    timer_stop(&a.timer);
    ck_assert(loop_turn(&world.loop, 0));
    nap(10);
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(a_deadline_armed_outside_a_turn_ends_a_wait_without_limit)
{
    struct actor a = actor(&world, 'a');

    env_arm(world.env, &a.timer, 10, &a.ready);
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "a");
}
END_TEST

START_TEST(a_wait_ends_with_its_timeout)
{
    uint64_t began = now_ns();

    ck_assert(loop_turn(&world.loop, 20));
    ck_assert_uint_ge(now_ns() - began, 19 * NS_PER_MS);
}
END_TEST

static void ignore_signal(int number)
{
    (void)number;
}

START_TEST(a_signal_ends_a_wait_without_an_error)
{
    struct sigaction action = {.sa_handler = ignore_signal};
    struct itimerval in = {.it_value = {.tv_usec = 20000}};

    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &in, NULL), 0);
    ck_assert(loop_turn(&world.loop, -1));
}
END_TEST

static struct watch pipe_watch[2];

static void read_pipe(struct watch *watch, uint32_t events)
{
    char c;

    ck_assert_uint_eq(events, EPOLLIN);
    ck_assert_int_eq(read(watch->fd, &c, 1), 1);
    note(c);
}

static void read_pipe_and_unwatch_both(struct watch *watch, uint32_t events)
{
    read_pipe(watch, events);
    loop_unwatch(&pipe_watch[0]);
    loop_unwatch(&pipe_watch[1]);
}

static void open_pipes(int fds[2][2])
{
    for (unsigned i = 0; i < 2; i++) {
        pipe_watch[i] = (struct watch){0};
        ck_assert_int_eq(pipe(fds[i]), 0);
    }
}

static void close_pipes(int fds[2][2])
{
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(close(fds[i][0]), 0);
        ck_assert_int_eq(close(fds[i][1]), 0);
    }
}

START_TEST(a_watched_descriptor_fires_until_it_is_read)
{
    int fds[2][2];

    open_pipes(fds);
    ck_assert(loop_watch(&world.loop, &pipe_watch[0], fds[0][0], EPOLLIN, read_pipe));
    ck_assert_int_eq(write(fds[0][1], "xy", 2), 2);
    ck_assert(world_readable(&world));
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert(!world_readable(&world));
    ck_assert_str_eq(trace, "xy");
    loop_unwatch(&pipe_watch[0]);
    ck_assert_int_eq(write(fds[0][1], "z", 1), 1);
    ck_assert(!world_readable(&world));
    ck_assert(loop_watch(&world.loop, &pipe_watch[0], fds[0][0], EPOLLIN, read_pipe));
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "xyz");
    loop_unwatch(&pipe_watch[0]);
    loop_unwatch(&pipe_watch[0]);
    close_pipes(fds);
}
END_TEST

START_TEST(a_descriptor_that_is_unwatched_in_the_poll_phase_is_not_told)
{
    int fds[2][2];

    open_pipes(fds);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(loop_watch(&world.loop, &pipe_watch[i], fds[i][0], EPOLLIN,
                             read_pipe_and_unwatch_both));
        ck_assert_int_eq(write(fds[i][1], "x", 1), 1);
    }
    ck_assert(loop_turn(&world.loop, -1));
    ck_assert_str_eq(trace, "x");
    ck_assert(!world_readable(&world));
    close_pipes(fds);
}
END_TEST

START_TEST(a_regular_file_cannot_be_watched)
{
    struct watch watch = {0};
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    ck_assert(!loop_watch(&world.loop, &watch, fileno(file), EPOLLIN, read_pipe));
    ck_assert_int_eq(errno, EPERM);
    loop_unwatch(&watch);
    ck_assert_int_eq(fclose(file), 0);
}
END_TEST

START_TEST(what_was_ready_before_the_loop_came_is_not_missed)
{
    struct script_env s;
    struct loop loop;
    struct actor a = actor(&world, 'a');

    script_env_init(&s, 1 << 20, 1 << 16);
    ready_wake(&s.env.ready, &a.ready);
    ck_assert(loop_init(&loop, &s.env));
    struct pollfd p = {.fd = loop_fd(&loop), .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, 0), 1);
    ck_assert(loop_turn(&loop, -1));
    ck_assert_str_eq(trace, "a");
    loop_free(&loop);
    script_env_free(&s);
}
END_TEST

START_TEST(without_descriptors_there_is_no_loop_and_nothing_is_left)
{
    struct script_env s;
    struct loop loop;
    int lowest = dup(0); /* the next free descriptor */

    ck_assert_int_ge(lowest, 0);
    ck_assert_int_eq(close(lowest), 0);
    script_env_init(&s, 1 << 20, 1 << 16);
    for (unsigned allowed = 0; allowed < 3; allowed++) {
        struct rlimit limit, before;
        ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
        limit = (struct rlimit){(rlim_t)lowest + allowed, before.rlim_max};
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        ck_assert(!loop_init(&loop, &s.env));
        ck_assert_int_eq(errno, EMFILE);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
        ck_assert_int_eq(dup(0), lowest);
        ck_assert_int_eq(close(lowest), 0);
    }
    script_env_free(&s);
}
END_TEST

static void add_scripted(TCase *t)
{
    tcase_add_checked_fixture(t, scripted, end);
    tcase_add_test(t, a_scripted_clock_moves_to_the_next_deadline_without_sleeping);
    tcase_add_test(t, a_scripted_clock_moves_at_most_by_the_timeout);
    tcase_add_test(t, with_a_scripted_clock_waiting_for_nothing_is_refused);
    tcase_add_test(t, time_stands_still_while_there_is_something_to_do);
    tcase_add_test(t, two_runs_of_a_script_are_the_same);
    tcase_add_test(t, phases_run_in_their_order);
    tcase_add_test(t, what_an_earlier_phase_brings_is_done_in_the_same_turn);
    tcase_add_test(t, a_hook_may_make_the_next_one_leave);
    tcase_add_test(t, the_only_other_hook_may_leave_while_the_last_runs);
    tcase_add_test(t, joining_twice_is_joining_once_and_leaving_twice_is_harmless);
    tcase_add_test(t, what_was_ready_before_the_loop_came_is_not_missed);
    tcase_add_test(t, without_descriptors_there_is_no_loop_and_nothing_is_left);
}

static void add_real_time(TCase *t)
{
    tcase_add_checked_fixture(t, real_time, end);
    tcase_add_test(t, a_hook_that_joins_the_running_phase_has_its_turn_in_the_next);
    tcase_add_test(t, a_wake_from_outside_makes_the_descriptor_readable_until_the_turn);
    tcase_add_test(t, joining_from_outside_makes_the_descriptor_readable);
    tcase_add_test(t, what_is_woken_late_in_a_turn_makes_the_descriptor_readable);
    tcase_add_test(t, the_descriptor_is_readable_while_a_hook_is_in_the_receive_phase);
    tcase_add_test(t, a_hook_in_the_pump_phase_lets_the_loop_sleep);
    tcase_add_test(t, the_descriptor_becomes_readable_when_a_deadline_falls);
    tcase_add_test(t, a_deadline_that_was_put_off_or_taken_back_is_not_told);
    tcase_add_test(t, a_deadline_armed_outside_a_turn_ends_a_wait_without_limit);
    tcase_add_test(t, a_wait_ends_with_its_timeout);
    tcase_add_test(t, a_signal_ends_a_wait_without_an_error);
    tcase_add_test(t, a_watched_descriptor_fires_until_it_is_read);
    tcase_add_test(t, a_descriptor_that_is_unwatched_in_the_poll_phase_is_not_told);
    tcase_add_test(t, a_regular_file_cannot_be_watched);
}

int main(void)
{
    Suite *s = suite_create("transport/loop");
    TCase *t = tcase_create("scripted time"), *real = tcase_create("real time");

    add_scripted(t);
    add_real_time(real);
    suite_add_tcase(s, t);
    suite_add_tcase(s, real);
    return world_main(s);
}
