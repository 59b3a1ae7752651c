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

struct hook {
    struct list node;
    void (*run)(struct hook *);
};

/* A descriptor that the loop watches; `ready` events are told by calling `fire` in the poll phase,
 * which may only queue (a hook, an op). */
struct watch {
    int fd;
    uint32_t events; /* EPOLLIN | EPOLLOUT, level triggered */
    void (*fire)(struct watch *, uint32_t events);
    struct loop *loop; /* NULL while not watched */
};

struct loop {
    struct env *env;
    int epoll_fd, timer_fd, wake_fd;
    struct watch timer_watch, wake_watch;
    struct list hooks[LOOP_PHASES];
    struct list *cursor; /* the next hook of the phase that is being run */
    uint64_t armed_ns;   /* what timer_fd is set to */
    bool turning;
};

/* Set up on `env`, whose ready list wakes the loop from now on.  False with errno set when the system
 * gives no descriptors. */
bool loop_init(struct loop *loop, struct env *env);
void loop_free(struct loop *loop);

/* The descriptor to watch: readable when loop_turn() has something to do. */
int loop_fd(const struct loop *loop);

/* One turn, waiting up to `timeout_ms` (-1: without limit).  False with errno set when polling fails. */
bool loop_turn(struct loop *loop, int timeout_ms);

/* Join a phase: `hook->run` is called in it, every turn, until it leaves.  A hook in LOOP_RECEIVE keeps
 * the loop from sleeping.  Joining twice, or leaving when not joined, is harmless; a hook may leave, and
 * make others leave, while it runs. */
void loop_join(struct loop *loop, enum loop_phase phase, struct hook *hook);
void loop_leave(struct loop *loop, struct hook *hook);

/* Watch a descriptor; false with errno set (EPERM: a regular file, which is always ready). */
bool loop_watch(struct loop *loop, struct watch *watch, int fd, uint32_t events,
                void (*fire)(struct watch *, uint32_t));
bool loop_rewatch(struct watch *watch, uint32_t events);
void loop_unwatch(struct watch *watch); /* harmless when not watched; before the fd is closed */

#endif
