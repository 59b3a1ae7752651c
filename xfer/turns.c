#include "xfer/turns.h"

static struct mover *mover_of(struct list *node)
{
    return CONTAINER_OF(node, struct mover, node);
}

static void move_all(struct list *to, struct list *from)
{
    for (struct list *node; (node = list_pop_front(from));) {
        list_push_back(to, node);
    }
}

/* Whoever can start something stands in `willing`, all others in smb->movers: who had nothing to start, or
 * found the credits spent, comes before who got more. */
static void start_ranges(struct lsmb *smb)
{
    struct list willing;

    list_init(&willing);
    move_all(&willing, &smb->movers);
    while (!list_empty(&willing)) {
        struct mover *mover = mover_of(list_pop_front(&willing));
        list_push_back(&willing, &mover->node); /* so that it can leave */
        smb->moving = mover;
        bool started = mover->start(mover);
        if (smb->moving && !started) {
            list_remove(&mover->node);
            list_push_back(&smb->movers, &mover->node);
        }
    }
}

static void end_turn(struct lsmb *smb)
{
    struct list rest;

    list_init(&rest);
    move_all(&rest, &smb->movers);
    while (!list_empty(&rest)) {
        struct mover *mover = mover_of(list_pop_front(&rest));
        list_push_back(&smb->movers, &mover->node);
        if (mover->end) {
            mover->end(mover);
        }
    }
}

static void run(struct hook *hook)
{
    struct lsmb *smb = CONTAINER_OF(hook, struct lsmb, turns);

    start_ranges(smb);
    end_turn(smb);
    smb->moving = NULL;
    if (list_empty(&smb->movers)) {
        loop_leave(&smb->loop, hook);
    }
}

void mover_join(struct lsmb *smb, struct mover *mover)
{
    if (mover_joined(mover)) {
        return;
    }
    list_push_back(&smb->movers, &mover->node);
    loop_leave(&smb->loop, &smb->turns); /* joined anew, it is run before the loop sleeps */
    smb->turns.run = run;
    loop_join(&smb->loop, LOOP_PUMP, &smb->turns);
}

void mover_leave(struct lsmb *smb, struct mover *mover)
{
    if (smb->moving == mover) {
        smb->moving = NULL;
    }
    list_remove(&mover->node);
}

/* There is nothing to do but to have a turn. */
static void go_on(struct ready *ready)
{
    (void)ready;
}

bool mover_may_spend(struct lsmb *smb)
{
    uint64_t now_ns = smb->rate.limit > 0 ? env_now(&smb->env) : 0;
    uint64_t next_ns = rate_next(&smb->rate, now_ns);

    if (next_ns == now_ns) {
        return true;
    }
    smb->go_on.run = go_on;
    timer_arm(&smb->env.timers, &smb->paid, next_ns, &smb->go_on);
    return false;
}

void mover_spend(struct lsmb *smb, size_t bytes)
{
    if (smb->rate.limit > 0) {
        rate_spend(&smb->rate, env_now(&smb->env), bytes);
    }
}
