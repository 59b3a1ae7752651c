/* loop.h: one turn after the other.
 *
 *   poll      wait for descriptors, deadlines and helpers
 *   receive   streams that have something hand it to their connections
 *   complete  what became ready goes on: the only phase in which operations run and hosts are called
 *   pump      transfers issue their next requests
 *   flush     connections send all that was queued, in as few calls as possible
 *
 * A phase is a list of hooks, so that no arrow points up: whoever has work in a phase joins its list.
 * With a scripted clock (base/clock.h) the loop never sleeps: when nothing is to be done it moves the
 * clock to the next deadline, and a run is repeatable. */
#ifndef LSMB_TRANSPORT_LOOP_H
#define LSMB_TRANSPORT_LOOP_H

#include "base/env.h"

enum loop_phase { LOOP_RECEIVE, LOOP_PUMP, LOOP_FLUSH, LOOP_PHASES };

/* Zeroed but for `run` before it joins for the first time. */
struct hook {
    struct list node;
    void (*run)(struct hook *);
};

/* A descriptor that the loop watches; its events are told by calling `fire` in the poll phase, which
 * may only queue (a hook, an op) and watch or unwatch.  Zeroed before it is used first. */
struct watch {
    int fd;
    void (*fire)(struct watch *, uint32_t events);
    struct loop *loop; /* NULL while not watched */
};

struct epoll_event;

struct loop {
    struct env *env;
    int epoll_fd, timer_fd, wake_fd;
    struct watch timer_watch, wake_watch;
    struct list hooks[LOOP_PHASES];
    bool joined[LOOP_PHASES];  /* somebody has joined since the phase was run */
    struct list *cursor;       /* the next hook of the phase that is being run */
    struct epoll_event *batch; /* the events that are being told, `batch_count` of them */
    int batch_count;
    uint64_t armed_ns;   /* what timer_fd is set to */
    uint64_t charged_ns; /* up to when time is charged (base/stats.h); 0: no copy runs */
    bool signalled;      /* wake_fd is readable */
    bool turning;
};

/* Set up on `env` (borrowed), whose ready list wakes the loop from now on.  False with errno set when
 * the system gives no descriptors; nothing is to be freed then. */
bool loop_init(struct loop *loop, struct env *env);

/* Give the descriptors back.  Whoever watches has let go before; hooks that are still joined are made
 * to leave. */
void loop_free(struct loop *loop);

/* The descriptor to watch: readable when loop_turn() has something to do.  Not so while a script's
 * clock is used: its deadlines are in no descriptor. */
int loop_fd(const struct loop *loop);

/* One turn, waiting up to `timeout_ms` (0: not at all, -1: without limit) if there is nothing to do;
 * a signal ends the wait.  False with errno set when polling fails.  With a script's clock a wait
 * moves the clock to the next deadline, at most by `timeout_ms`; EDEADLK if it would never end. */
bool loop_turn(struct loop *loop, int timeout_ms);

/* Join a phase: `hook->run` is called in it, every turn, until it leaves.  The loop does not sleep
 * while a hook is in LOOP_RECEIVE, nor before one that joined another phase has run.  Joining twice, or
 * leaving when not joined, is harmless; a hook may leave, and make others leave, while it runs; one
 * that joins the phase that is being run has its turn in the next one. */
void loop_join(struct loop *loop, enum loop_phase phase, struct hook *hook);
void loop_leave(struct loop *loop, struct hook *hook);

/* Watch a descriptor for EPOLLIN, EPOLLOUT or both, level triggered unless EPOLLET is added; false with
 * errno set (EPERM: a regular file, which is always ready). */
bool loop_watch(struct loop *loop, struct watch *watch, int fd, uint32_t events,
                void (*fire)(struct watch *, uint32_t));
void loop_unwatch(struct watch *watch); /* harmless when not watched; before the fd is closed */

#endif
