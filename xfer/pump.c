/* pump.c: the data plane of a copy. */
#include "xfer/pump.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/trace.h"
#include "fs/share.h"
#include "xfer/bound.h"
#include "xfer/share_sink.h"
#include "xfer/source_share.h"
#include "xfer/window.h"

enum { THRIFTY_LEAST = 128 << 10 };

/* ---------------------------------------------------------------- slots */

static struct slot *slot_at(struct list *node)
{
    return CONTAINER_OF(node, struct slot, node);
}

static bool failed(const struct pump *p)
{
    return p->err->code != LSMB_OK;
}

static void __attribute__((format(printf, 3, 4)))
fail(struct pump *p, enum lsmb_code code, const char *why, ...)
{
    va_list ap;

    if (!failed(p)) {
        va_start(ap, why);
        error_vset(p->err, code, why, ap);
        va_end(ap);
    }
}

/* Give the memory of a range back to whom it belongs. */
static void drop_data(struct slot *slot)
{
    const struct lsmb_source *source = slot->pump->source;

    if (slot->range.data && !slot->buf && source->ops->brings_data && source->ops->recycle) {
        source->ops->recycle(slot->pump->source, &slot->range);
    }
    buf_free(slot->buf);
    slot->buf = NULL;
    slot->range.data = NULL;
}

/* Of the connections that the range took. */
static uint64_t round_trip_ns(const struct slot *slot)
{
    return slot->reading.round_trip_ns + slot->writing.round_trip_ns;
}

static void drop_ticket(struct slot *slot)
{
    struct pump *p = slot->pump;

    if (slot->ticket > 0) {
        if (slot->aside) {
            aside_unuse(p->smb, &p->aside, slot->ticket);
        } else {
            pool_unreserve(&p->smb->env.pool, slot->ticket);
        }
        window_done(&p->window, &slot->mark, slot->ticket, round_trip_ns(slot),
                    env_now(&p->smb->env));
        p->lent -= slot->ticket;
        p->charged -= pool_charge(slot->ticket);
        slot->ticket = 0;
    }
}

/* `slot` keeps `bytes` of its ticket, `rest` gets the others. */
static void split_ticket(struct pump *p, struct slot *slot, struct slot *rest, size_t bytes)
{
    struct pool *pool = &p->smb->env.pool;

    rest->ticket = slot->ticket - bytes;
    rest->aside = slot->aside;
    rest->mark = slot->mark;
    if (slot->aside) {
        aside_split(p->smb, &p->aside, bytes, rest->ticket);
    } else {
        pool_unreserve(pool, slot->ticket);
        pool_reserve_first(pool, bytes);
        pool_reserve_first(pool, rest->ticket);
    }
    p->charged += pool_charge(bytes) + pool_charge(rest->ticket) - pool_charge(slot->ticket);
    slot->ticket = bytes;
}

static void release_slot(struct slot *slot)
{
    drop_data(slot);
    drop_ticket(slot);
    list_remove(&slot->node);
    slot->state = SLOT_FREE;
    list_push_front(&slot->pump->free, &slot->node); /* its memory is warm */
}

/* Where the source ends, as far as that is known. */
static uint64_t source_end(const struct pump *p)
{
    return p->end < p->total ? p->end : p->total;
}

/* The sink has got every range. */
static bool all_handed_over(const struct pump *p)
{
    return p->filling == 0 && list_empty(&p->filled) && list_empty(&p->retry) &&
           p->next >= source_end(p);
}

/* What a sink that was told of the end still keeps is its own affair. */
static bool all_moved(const struct pump *p)
{
    return all_handed_over(p) && (p->draining == 0 || p->ended);
}

bool pump_quiet(const struct pump *p)
{
    return p->filling == 0 && p->draining == 0;
}

static void wake_owner(struct pump *p)
{
    if (failed(p) || all_moved(p)) {
        op_wake(p->owner);
    }
}

static struct slot *make_slot(struct pump *p)
{
    struct slot *slot = calloc(1, sizeof *slot);

    if (slot) {
        slot->self = slot;
        slot->pump = p;
        p->slots++;
    }
    return slot;
}

/* See to it that there is a free slot. */
static bool have_free(struct pump *p)
{
    if (!list_empty(&p->free)) {
        return true;
    }
    bool may = p->slots < PUMP_SLOTS_MAX || p->aside.used < p->aside.bytes;
    struct slot *slot = may ? make_slot(p) : NULL;
    if (slot) {
        list_push_back(&p->free, &slot->node);
    } else if (p->slots == 0) {
        fail(p, LSMB_E_NOMEM, "no memory to copy it"); /* with less, it is slower */
    }
    return slot != NULL;
}

/* ---------------------------------------------------------------- what comes back */

static void slot_came_back(struct ready *ready);

/* Lend the slot's range to the source. */
static void read_range(struct pump *p, struct slot *slot)
{
    slot->state = SLOT_FILLING;
    list_remove(&slot->node);
    list_push_back(&p->busy, &slot->node);
    p->filling++;
    wait_begin(&slot->wait, &p->smb->env, slot_came_back, p->err);
    p->source->ops->read(p->source, &slot->range, &slot->wait);
}

/* Ask for what is still missing of a range. */
static void fill_up(struct pump *p, struct slot *slot)
{
    slot->range = (struct lsmb_range){slot->todo + slot->so_far, buf_data(slot->buf) + slot->so_far,
                                      slot->asked - slot->so_far};
    read_range(p, slot);
}

/* Make what did not come of a range one of its own, with its part of the ticket.  False without memory. */
static bool split(struct pump *p, struct slot *slot)
{
    struct list *node = list_pop_front(&p->free);
    struct slot *rest = node ? slot_at(node) : make_slot(p);
    size_t got = slot->range.len;

    if (!rest) {
        fail(p, LSMB_E_NOMEM, "no memory to copy it");
        return false;
    }
    rest->todo = slot->todo + got;
    rest->end = slot->end;
    slot->end = rest->todo;
    split_ticket(p, slot, rest, got);
    rest->state = SLOT_RETRY;
    list_push_back(&p->retry, &rest->node);
    return true;
}

/* An ordered sink gets its ranges by offset, any other as they come. */
static void queue_filled(struct pump *p, struct slot *slot)
{
    struct list *where = &p->filled;

    if (p->sink->ops->in_order) {
        while (where->prev != &p->filled &&
               slot_at(where->prev)->range.offset > slot->range.offset) {
            where = where->prev;
        }
    }
    slot->state = SLOT_FILLED;
    list_remove(&slot->node);
    list_insert_before(where, &slot->node);
}

/* The source has nothing at this place: it ends there. */
static void end_found(struct pump *p, uint64_t offset)
{
    if (p->total != LSMB_SIZE_UNKNOWN) {
        fail(p, LSMB_E_CHANGED, "it ended after %llu of %llu bytes", (unsigned long long)offset,
             (unsigned long long)p->total);
        error_advise(p->err, "somebody made it shorter while it was read; try again");
    } else if (offset < p->end) {
        p->end = offset;
    }
}

/* A sink that waits for the rest of a part waits for that of a range, too: it must come before the range is
 * given back.  What lies in a buffer of ours is filled up, a part of what the source brought is followed by a slot
 * with the rest.  True: this range is to be taken as it is now. */
static bool complete(struct pump *p, struct slot *slot)
{
    size_t got = slot->range.len;

    if (!END_HAS(p->sink->ops, hold)) {
        return true;
    }
    if (p->source->ops->brings_data) {
        return got == slot->asked || got == 0 || split(p, slot);
    }
    slot->so_far += got;
    if (got > 0 && slot->so_far < slot->asked) {
        fill_up(p, slot);
        return false;
    }
    if (got == 0 && slot->so_far > 0) {
        end_found(p, slot->todo + slot->so_far);
    }
    slot->range = (struct lsmb_range){slot->todo, buf_data(slot->buf), slot->so_far};
    return !failed(p);
}

static void take_filled(struct pump *p, struct slot *slot)
{
    p->filling--;
    if (slot->range.len > slot->asked - slot->so_far && !slot->wait.failed) {
        fail(p, LSMB_E_USAGE, "the source gave more than it was asked for");
    }
    bool whole = !failed(p) && complete(p, slot);
    size_t got = slot->range.len;

    if (whole && got == 0) {
        end_found(p, slot->range.offset);
    }
    if (failed(p) || (whole && got == 0)) {
        release_slot(slot);
        return;
    }
    if (!whole) {
        return;
    }
    if (p->checksum && !checksum_add(p->checksum, slot->range.offset, slot->range.data, got)) {
        fail(p, LSMB_E_NOMEM, "no memory for the checksum");
        release_slot(slot);
        return;
    }
    slot->todo += got;
    if (p->source->ops->sequential) { /* what is left is simply read next */
        slot->end = slot->todo;
        p->next = slot->todo;
    }
    if (slot->buf && !p->source->ops->brings_data) {
        slot->buf->len = got;
    }
    queue_filled(p, slot);
}

static void take_drained(struct pump *p, struct slot *slot)
{
    p->draining--;
    assert(slot->undone <= slot->range.len);
    if (slot->undone > 0 && p->source->ops->sequential) {
        fail(
            p, LSMB_E_STATUS,
            "the target took only a part of what it was sent, and the source cannot be read twice");
    }
    if (failed(p)) {
        release_slot(slot);
        return;
    }
    p->handed -= slot->undone;
    p->done += slot->range.len - slot->undone;
    trace_range_done(p, p->owner, slot->range.offset, slot->range.len - slot->undone);
    slot->todo -= slot->undone;
    if (slot->todo < slot->end && slot->todo < source_end(p)) {
        drop_data(slot);
        slot->state = SLOT_RETRY;
        list_remove(&slot->node);
        list_push_back(&p->retry, &slot->node);
    } else {
        release_slot(slot);
    }
}

static void slot_came_back(struct ready *ready)
{
    struct slot *slot = CONTAINER_OF(ready, struct slot, wait.ready);
    struct pump *p = slot->pump;

    if (slot->state == SLOT_FILLING) {
        take_filled(p, slot);
    } else {
        assert(slot->state == SLOT_DRAINING);
        take_drained(p, slot);
    }
    wake_owner(p);
}

/* ---------------------------------------------------------------- reading */

/* A slot that has to be read again, for up to `len` bytes; NULL when there is none. */
static struct slot *next_retry(struct pump *p, size_t *len)
{
    struct list *node;

    while ((node = list_pop_front(&p->retry))) {
        struct slot *slot = slot_at(node);
        if (slot->todo < source_end(p)) {
            *len = least_size(slot->end - slot->todo, *len);
            return slot;
        }
        release_slot(slot); /* the source was found to end before it */
    }
    return NULL;
}

/* The part of the context's memory that the pump may have while others want theirs. */
static size_t fair_share(const struct pump *p)
{
    return p->smb->env.pool.limit / (p->smb->pumps + (p->smb->fetches > 0));
}

static size_t in_mib(size_t bytes)
{
    return (bytes >> 20) + (bytes % (1 << 20) > 0);
}

/* What is kept for long is to waste little, and the buffers of the pool have powers of two. */
static size_t thrifty(size_t len)
{
    size_t power = THRIFTY_LEAST;

    if (len < power) {
        return len;
    }
    while (power <= len / 2) {
        power *= 2;
    }
    return power;
}

static void fail_too_long(struct pump *p, size_t part)
{
    size_t most = p->window.most;
    bool coarse = most >= (size_t)8 << 20;
    unsigned shift = coarse ? 20 : 10;

    fail(p, LSMB_E_USAGE, "the target takes it in parts of %zu %s, and %zu %s may be in flight",
         (part >> shift) + (part % ((size_t)1 << shift) > 0), coarse ? "MiB" : "KiB", most >> shift,
         coarse ? "MiB" : "KiB");
    error_advise(p->err, "allow at least %zu MiB in memory (lava-smb: --window %zuM)", in_mib(part),
                 in_mib(part));
}

/* See to it that the sink can have in memory what it keeps around the next range, and that this stays within it.
 * False: not now. */
static bool set_aside(struct pump *p, size_t *len)
{
    struct lsmb_hold hold = {0};

    if (!END_HAS(p->sink->ops, hold)) {
        return true;
    }
    p->sink->ops->hold(p->sink, p->next, &hold);
    assert(hold.until > p->next);
    *len = thrifty(least_size(hold.until - p->next, *len));
    if (hold.least > p->window.most && p->lent > 0) {
        return false; /* it may end before */
    }
    if (hold.least > p->window.most) {
        fail_too_long(p, hold.least);
        return false;
    }
    window_want(&p->window, hold.wanted);
    if (hold.least <= p->aside.bytes) {
        return true;
    }
    if (p->lent > 0) {
        return false; /* first what it has kept so far: nobody waits for memory and holds some */
    }
    if (p->in_memory) {
        aside_set_first(p->smb, &p->aside, hold.least);
        return true;
    }
    return aside_set(p->smb, &p->aside, hold.least);
}

/* Of the memory that all share. */
static bool take_shared(struct pump *p, size_t len)
{
    struct pool *pool = &p->smb->env.pool;
    size_t charge = pool_charge(len);

    if (p->lent == 0) {
        pool_reserve_first(pool, len);
        return true;
    }
    return len <= p->window.now - least_size(p->lent, p->window.now) &&
           charge <= fair_share(p) - least_size(p->charged, fair_share(p)) &&
           !aside_awaited(p->smb, &p->aside) && pool_reserve(pool, len);
}

/* Take a ticket for a new range of `len` bytes. */
static bool take_ticket(struct pump *p, struct slot *slot, size_t len)
{
    slot->aside = aside_use(p->smb, &p->aside, len);
    if (!slot->aside && !take_shared(p, len)) {
        return false;
    }
    slot->ticket = len;
    window_issued(&p->window, &slot->mark, len, env_now(&p->smb->env));
    p->lent += len;
    stats_peak(&p->smb->env.stats.sum.window_peak, p->lent);
    p->charged += pool_charge(len);
    return true;
}

/* A slot for a new range of up to `len` bytes; NULL when there is nothing to read, or no room. */
static struct slot *next_new(struct pump *p, size_t *len)
{
    uint64_t left = p->next < source_end(p) ? source_end(p) - p->next : 0;

    *len = least_size(left, *len);
    if (left == 0 || !set_aside(p, len) || !have_free(p)) {
        return NULL;
    }
    struct slot *slot = slot_at(p->free.next);
    if (!take_ticket(p, slot, *len)) {
        return NULL;
    }
    list_remove(&slot->node);
    slot->todo = p->next;
    slot->end = p->next += *len;
    return slot;
}

/* False when there is no memory. */
static bool start_read(struct pump *p, struct slot *slot, size_t len)
{
    struct env *env = &p->smb->env;

    slot->range = (struct lsmb_range){.offset = slot->todo, .len = len};
    if (!p->source->ops->brings_data) {
        slot->buf = pool_take_ticketed(&env->pool, len);
        if (!slot->buf) {
            return false;
        }
        slot->range.data = buf_data(slot->buf);
    }
    slot->asked = len;
    slot->so_far = 0;
    mover_spend(p->smb, len);
    trace_range_started(p, p->owner, slot->todo, len);
    read_range(p, slot);
    return true;
}

static size_t next_len(struct pump *p)
{
    size_t from = least_size(p->source->ops->chunk(p->source), rate_portion(&p->smb->rate));

    return from > 0 ? window_chunk(&p->window, from, p->sink->ops->chunk(p->sink),
                                   least_size(p->window.now, fair_share(p)))
                    : 0;
}

static bool start_next_read(struct pump *p)
{
    bool wants = !list_empty(&p->retry) || p->next < source_end(p);

    if (failed(p) || !wants || (p->source->ops->sequential && p->filling > 0) ||
        !mover_may_spend(p->smb)) {
        return false;
    }
    size_t len = next_len(p);
    struct slot *slot = len > 0 ? next_retry(p, &len) : NULL;
    if (!slot && len > 0) {
        slot = next_new(p, &len);
    }
    if (slot && !start_read(p, slot, len)) {
        fail(p, LSMB_E_NOMEM, "no memory for the data");
        release_slot(slot);
    }
    return slot != NULL;
}

/* ---------------------------------------------------------------- writing */

static bool may_write(const struct pump *p)
{
    if (failed(p) || list_empty(&p->filled)) {
        return false;
    }
    return !p->sink->ops->in_order ||
           (p->draining == 0 && slot_at(p->filled.next)->range.offset == p->due);
}

static void start_write(struct pump *p)
{
    struct slot *slot = slot_at(list_pop_front(&p->filled));

    p->due = slot->range.offset + slot->range.len;
    p->handed += slot->range.len;
    slot->state = SLOT_DRAINING;
    slot->undone = 0;
    list_push_back(&p->busy, &slot->node);
    p->draining++;
    wait_begin(&slot->wait, &p->smb->env, slot_came_back, p->err);
    p->sink->ops->write(p->sink, &slot->range, &slot->wait);
}

/* ---------------------------------------------------------------- the turn */

static struct pump *pump_of(struct mover *mover)
{
    return CONTAINER_OF(mover, struct pump, mover);
}

/* What has come makes room for what is to come. */
static bool start(struct mover *mover)
{
    struct pump *p = pump_of(mover);

    if (may_write(p)) {
        start_write(p);
        return true;
    }
    return start_next_read(p);
}

/* Why it cannot start more: whoever has the slots keeps it waiting. */
static enum lsmb_bound waits_for(const struct pump *p)
{
    bool wants = !list_empty(&p->retry) || p->next < source_end(p);
    bool queues = !list_empty(&p->filled) || p->draining >= p->filling;

    if (wants && timer_armed(&p->smb->paid)) {
        return LSMB_BOUND_LIMIT;
    }
    return p->draining > 0 && queues ? bound_of_sink(p->sink) : bound_of_source(p->source);
}

static void tell_end(struct pump *p)
{
    if (!p->ended && !failed(p) && all_handed_over(p) && END_HAS(p->sink->ops, ended)) {
        p->ended = true;
        p->sink->ops->ended(p->sink, source_end(p));
    }
}

static void end_turn(struct mover *mover)
{
    struct pump *p = pump_of(mover);

    tell_end(p);
    stats_copy_waits(&p->smb->env.stats, &p->waits, waits_for(p));
    wake_owner(p);
    if (p->progress && p->done != p->told) {
        p->told = p->done;
        p->progress(p->progress_arg, p->done, p->total);
    }
}

void pump_init(struct pump *p, struct lsmb *smb, struct op *owner, struct lsmb_error *err,
               size_t window_bytes)
{
    size_t most = smb->env.pool.limit;

    *p = (struct pump){
        .smb = smb, .owner = owner, .err = err, .mover = {.start = start, .end = end_turn}};
    window_init(&p->window, window_bytes > 0 && window_bytes < most ? window_bytes : most);
    list_init(&p->free);
    list_init(&p->retry);
    list_init(&p->filled);
    list_init(&p->busy);
}

static uint64_t round_trip_to(const struct lsmb_share *share)
{
    return share ? share_round_trip_ns(share) : 0;
}

void pump_start(struct pump *p, struct lsmb_source *source, struct lsmb_sink *sink, uint64_t total)
{
    p->source = source;
    p->sink = sink;
    p->total = total;
    p->end = LSMB_SIZE_UNKNOWN;
    p->smb->pumps++;
    window_reaches(&p->window, round_trip_to(source_share_where(source)) +
                                   round_trip_to(sink_share_where(sink)));
    if (END_HAS(source->ops, ahead)) {
        window_want(&p->window, source->ops->ahead(source));
    }
    mover_join(p->smb, &p->mover);
}

/* Start nothing any more. */
static void stop(struct pump *p)
{
    if (mover_joined(&p->mover)) {
        mover_leave(p->smb, &p->mover);
        aside_leave(p->smb, &p->aside);
        stats_copy_ended(&p->smb->env.stats, &p->waits);
        p->smb->pumps--;
    }
}

/* A source without a size has given all that it has, and nothing behind its end? */
static void check_end(struct pump *p)
{
    if (p->total == LSMB_SIZE_UNKNOWN && p->handed != p->end) {
        fail(p, LSMB_E_CHANGED, "it ended, and then there was more");
    }
}

static void drop_filled(struct pump *p)
{
    while (!list_empty(&p->filled)) {
        release_slot(slot_at(p->filled.next));
    }
    while (!list_empty(&p->retry)) {
        release_slot(slot_at(p->retry.next));
    }
}

enum op_next pump_await(struct pump *p)
{
    if (!failed(p) && !all_moved(p)) {
        return OP_WAIT;
    }
    stop(p);
    if (!failed(p)) {
        check_end(p);
        return OP_AGAIN;
    }
    drop_filled(p);
    if (pump_quiet(p)) {
        return OP_AGAIN;
    }
    source_cancel(p->source);
    sink_cancel(p->sink);
    return OP_WAIT;
}

static void free_slots(struct list *slots)
{
    for (struct list *node; (node = list_pop_front(slots));) {
        struct slot *slot = slot_at(node);
        ready_forget(&slot->wait.ready);
        buf_free(slot->buf);
        drop_ticket(slot);
        free(slot);
    }
}

void pump_free(struct pump *p)
{
    if (!p->smb) {
        return;
    }
    stop(p);
    free_slots(&p->busy);
    free_slots(&p->filled);
    free_slots(&p->retry);
    free_slots(&p->free);
    aside_drop(p->smb, &p->aside);
    p->smb = NULL;
}
