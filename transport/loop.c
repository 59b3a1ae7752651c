#include "transport/loop.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { EVENTS_MAX = 64 }; /* told per turn; what is left over comes with the next one */

/* Is there anything that the next turn would do without an event from outside? */
static bool busy(const struct loop *loop)
{
    return ready_any(&loop->env->ready) || !list_empty(&loop->hooks[LOOP_RECEIVE]) ||
           loop->joined[LOOP_PUMP] || loop->joined[LOOP_FLUSH];
}

/* Make wake_fd readable, or not.  It stays so from one busy turn to the next, so that only the change
 * costs a system call. */
static bool signal_wake(struct loop *loop, bool on)
{
    eventfd_t count;

    if (loop->signalled == on) {
        return true;
    }
    if (on ? eventfd_write(loop->wake_fd, 1) : eventfd_read(loop->wake_fd, &count)) {
        return false;
    }
    loop->signalled = on;
    return true;
}

/* Something was queued.  Inside a turn its end looks at all that was; outside, whoever watches
 * loop_fd() has to be told (if that fails, loop_turn() sees it anyway). */
static void wake(struct loop *loop)
{
    if (!loop->turning) {
        (void)signal_wake(loop, true);
    }
}

static void ready_list_filled(void *arg)
{
    wake(arg);
}

/* wake_fd has done its duty by ending the wait; signal_wake() empties it when the work is done. */
static void wake_fired(struct watch *watch, uint32_t events)
{
    (void)watch;
    (void)events;
}

static void timer_fired(struct watch *watch, uint32_t events)
{
    struct loop *loop = watch->loop;
    uint64_t expirations;

    (void)events;
    if (read(watch->fd, &expirations, sizeof expirations) > 0) {
        loop->armed_ns = TIMER_NEVER;
    }
}

/* Set timer_fd to the earliest deadline, if that is another one than before. */
static bool arm_timer(struct loop *loop)
{
    struct env *env = loop->env;
    uint64_t next = timers_next(&env->timers);
    struct itimerspec in = {{0, 0}, {0, 0}};

    if (env->clock->advance || next == loop->armed_ns) {
        return true;
    }
    if (next != TIMER_NEVER) {
        uint64_t now = env_now(env);
        uint64_t ns = next > now ? next - now : 1; /* 0 would disarm it */
        in.it_value.tv_sec = (time_t)(ns / NS_PER_S);
        in.it_value.tv_nsec = (long)(ns % NS_PER_S);
    }
    if (timerfd_settime(loop->timer_fd, 0, &in, NULL)) {
        return false;
    }
    loop->armed_ns = next;
    return true;
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void close_all(struct loop *loop)
{
    close_if_open(loop->wake_fd);
    close_if_open(loop->timer_fd);
    close_if_open(loop->epoll_fd);
}

bool loop_init(struct loop *loop, struct env *env)
{
    *loop = (struct loop){.env = env, .armed_ns = TIMER_NEVER};
    for (unsigned phase = 0; phase < LOOP_PHASES; phase++) {
        list_init(&loop->hooks[phase]);
    }
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll_fd < 0 || loop->timer_fd < 0 || loop->wake_fd < 0 ||
        !loop_watch(loop, &loop->timer_watch, loop->timer_fd, EPOLLIN, timer_fired) ||
        !loop_watch(loop, &loop->wake_watch, loop->wake_fd, EPOLLIN, wake_fired)) {
        int failed_errno = errno;
        close_all(loop);
        errno = failed_errno;
        return false;
    }
    env->ready.wake = ready_list_filled;
    env->ready.wake_arg = loop;
    if (ready_any(&env->ready)) {
        wake(loop);
    }
    return true;
}

void loop_free(struct loop *loop)
{
    assert(!loop->turning);
    loop->env->ready.wake = NULL;
    for (unsigned phase = 0; phase < LOOP_PHASES; phase++) {
        while (list_pop_front(&loop->hooks[phase])) {
            /* a later loop_leave() touches only its own hook */
        }
    }
    loop_unwatch(&loop->wake_watch);
    loop_unwatch(&loop->timer_watch);
    close_all(loop);
}

int loop_fd(const struct loop *loop)
{
    return loop->epoll_fd;
}

static bool tell_events(struct loop *loop, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, timeout_ms);

    if (count < 0) {
        return errno == EINTR;
    }
    loop->batch = events;
    loop->batch_count = count;
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        if (watch) { /* NULL: unwatched since */
            watch->fire(watch, events[i].events);
        }
    }
    loop->batch = NULL;
    loop->batch_count = 0;
    return true;
}

/* Let a script's time pass until the next deadline, or for `timeout_ms` if that is sooner. */
static bool pass_time(struct loop *loop, int timeout_ms)
{
    struct clock *clock = loop->env->clock;
    uint64_t now = env_now(loop->env);
    uint64_t until = timers_next(&loop->env->timers);
    uint32_t limit_ms = timeout_ms > 0 ? (uint32_t)timeout_ms : 0;

    if (limit_ms > 0 && until > now + limit_ms * NS_PER_MS) {
        until = now + limit_ms * NS_PER_MS;
    }
    if (until == TIMER_NEVER) {
        errno = EDEADLK;
        return false;
    }
    if (until > now) {
        clock->advance(clock, until);
    }
    return true;
}

static bool wait_for_events(struct loop *loop, int timeout_ms)
{
    if (!loop->env->clock->advance) {
        return tell_events(loop, busy(loop) ? 0 : timeout_ms);
    }
    if (!tell_events(loop, 0)) {
        return false;
    }
    return timeout_ms == 0 || busy(loop) || pass_time(loop, timeout_ms);
}

static void run_phase(struct loop *loop, enum loop_phase phase)
{
    struct list *head = &loop->hooks[phase];
    struct list end; /* who joins from now on stands behind this mark */

    loop->joined[phase] = false;
    list_push_back(head, &end);
    loop->cursor = head->next;
    while (loop->cursor != &end) {
        struct hook *hook = CONTAINER_OF(loop->cursor, struct hook, node);
        loop->cursor = loop->cursor->next;
        hook->run(hook); /* may leave, and be freed */
    }
    loop->cursor = NULL;
    list_remove(&end);
}

/* While copies run all time is charged: that of the turn to us, and what passed since the last one to what
 * they wait for.  A host that polls by himself waits outside of any turn. */
static void charge_wait(struct loop *loop, uint64_t now)
{
    if (loop->charged_ns > 0) {
        stats_waited(&loop->env->stats, now - loop->charged_ns);
    }
}

static void charge_work(struct loop *loop, uint64_t since)
{
    struct env *env = loop->env;

    loop->charged_ns = 0;
    if (env->stats.copies_count > 0) {
        loop->charged_ns = env_now(env);
        stats_worked(&env->stats, loop->charged_ns - since);
    }
}

static bool run_turn(struct loop *loop, int timeout_ms)
{
    struct env *env = loop->env;

    if (!arm_timer(loop) || !wait_for_events(loop, timeout_ms)) {
        return false;
    }
    uint64_t now = env_now(env);
    env->stats.sum.turns++;
    charge_wait(loop, now);
    timers_expire(&env->timers, now, &env->ready);
    run_phase(loop, LOOP_RECEIVE);
    (void)ready_run(&env->ready);
    run_phase(loop, LOOP_PUMP);
    run_phase(loop, LOOP_FLUSH);
    charge_work(loop, now);
    return arm_timer(loop) && signal_wake(loop, busy(loop));
}

bool loop_turn(struct loop *loop, int timeout_ms)
{
    assert(!loop->turning);
    loop->turning = true;
    bool ok = run_turn(loop, timeout_ms);
    loop->turning = false;
    return ok;
}

void loop_join(struct loop *loop, enum loop_phase phase, struct hook *hook)
{
    assert(hook->run);
    if (!list_linked(&hook->node)) {
        list_push_back(&loop->hooks[phase], &hook->node);
        loop->joined[phase] = true;
        wake(loop);
    }
}

void loop_leave(struct loop *loop, struct hook *hook)
{
    if (loop->cursor == &hook->node) {
        loop->cursor = hook->node.next;
    }
    list_remove(&hook->node);
}

bool loop_watch(struct loop *loop, struct watch *watch, int fd, uint32_t events,
                void (*fire)(struct watch *, uint32_t))
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    assert(!watch->loop);
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
        return false;
    }
    *watch = (struct watch){.fd = fd, .fire = fire, .loop = loop};
    return true;
}

void loop_unwatch(struct watch *watch)
{
    struct loop *loop = watch->loop;

    if (!loop) {
        return;
    }
    int failed = epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    assert(!failed); /* it is watched and open */
    (void)failed;
    for (int i = 0; i < loop->batch_count; i++) {
        if (loop->batch[i].data.ptr == watch) {
            loop->batch[i].data.ptr = NULL;
        }
    }
    watch->loop = NULL;
}
