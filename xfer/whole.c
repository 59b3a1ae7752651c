/* whole.c: a small file in one go: fetched, and stored.
 *
 * Hundreds of them may be on their way at a time.  Each has a ticket for its bytes, and waits for it as
 * long as there is no memory, unless no other has one, or as the rate limit says. */
#include "fs/server_copy.h"
#include "xfer/aside.h"
#include "xfer/copy.h"
#include "xfer/share_sink.h"
#include "xfer/source_share.h"

enum {
    LEAST = 4096,            /* bytes to ask for: it may have grown a little since it was listed */
    UNLISTED_MAX = 64 << 10, /* of a file on a share: one that is larger sends them in vain */
};

static bool take_memory(struct mover *mover);

/* How much to ask for; 0: not worth trying. */
static size_t limit(const struct xfer *x)
{
    size_t most = COPY_WHOLE_MAX;

    if (x->opt.window_bytes > 0 && x->opt.window_bytes < most) {
        most = x->opt.window_bytes;
    }
    if (x->listed_bytes == LSMB_SIZE_UNKNOWN) {
        return source_share_where(x->source) && most > UNLISTED_MAX ? UNLISTED_MAX : most;
    }
    if (x->listed_bytes > most) {
        return 0;
    }
    return x->listed_bytes < LEAST && LEAST < most ? LEAST : (size_t)x->listed_bytes;
}

/* A file that nobody has listed may be large, and its server can copy it by itself. */
static bool stays_on_server(const struct xfer *x)
{
    const struct lsmb_share *from = source_share_where(x->source);
    const struct lsmb_share *to = sink_share_where(x->sink);
    struct lsmb_error err;

    return from && to && x->listed_bytes == LSMB_SIZE_UNKNOWN && !x->opt.crc32 && !x->opt.verify &&
           server_copy_between(from, to, &err);
}

bool whole_wanted(const struct xfer *x)
{
    return END_HAS(x->source->ops, fetch) && limit(x) > 0 && !stays_on_server(x);
}

/* ---------------------------------------------------------------- memory */

/* Who waits for a part's memory would do so for ever if there were always another small file for what is given back. */
static bool reserve(struct lsmb *smb, size_t bytes)
{
    if (smb->fetches > 0) {
        return !aside_awaited(smb, NULL) && pool_reserve(&smb->env.pool, bytes);
    }
    pool_reserve_first(&smb->env.pool, bytes);
    return true;
}

static bool take_ticket(struct xfer *x)
{
    struct lsmb *smb = x->job.smb;
    struct slot *whole = &x->whole;

    if (!mover_may_spend(smb)) {
        stats_copy_waits(&smb->env.stats, &x->waits, LSMB_BOUND_LIMIT);
        return false;
    }
    size_t beside = sink_store_bytes(x->sink, whole->asked);
    if (!reserve(smb, whole->asked)) {
        return false;
    }
    if (beside > 0 && !reserve(smb, beside)) {
        pool_unreserve(&smb->env.pool, whole->asked);
        return false;
    }
    whole->ticket = whole->asked;
    x->store_ticket = beside;
    smb->fetches++;
    mover_spend(smb, whole->asked);
    return true;
}

void whole_forget(struct xfer *x)
{
    struct slot *whole = &x->whole;

    mover_leave(x->job.smb, &x->mover);
    buf_free(whole->buf);
    whole->buf = NULL;
    whole->range.data = NULL;
    if (whole->ticket > 0) {
        pool_unreserve(&x->job.smb->env.pool, whole->ticket);
        if (x->store_ticket > 0) {
            pool_unreserve(&x->job.smb->env.pool, x->store_ticket);
        }
        x->job.smb->fetches--;
        whole->ticket = 0;
    }
}

void whole_drop(struct xfer *x)
{
    const struct lsmb_source_ops *ops = x->source->ops;

    if (x->fetched && ops->brings_data && !x->whole.buf && x->whole.range.data && ops->recycle) {
        ops->recycle(x->source, &x->whole.range);
    }
    x->fetched = false;
    whole_forget(x);
}

/* ---------------------------------------------------------------- fetch */

static enum op_next no_memory(struct xfer *x)
{
    error_set(&x->err, LSMB_E_NOMEM, "no memory for the data");
    return copy_go_wrong(x, COPY_GIVE_UP);
}

static enum op_next fetch(struct xfer *x)
{
    struct slot *whole = &x->whole;

    whole->range = (struct lsmb_range){.len = whole->asked};
    if (!x->source->ops->brings_data) {
        whole->buf = pool_take_ticketed(&x->job.smb->env.pool, whole->asked);
        if (!whole->buf) {
            return no_memory(x);
        }
        whole->range.data = buf_data(whole->buf);
    }
    x->source->ops->fetch(x->source, &x->stat, &whole->range, &x->fetched, copy_call(x));
    return op_go(&x->job.op, COPY_FETCHED);
}

enum op_next whole_begin(struct op *op)
{
    struct xfer *x = xfer_of(op);

    x->whole.self = &x->whole;
    x->whole.asked = limit(x);
    if (take_ticket(x)) {
        return fetch(x);
    }
    x->mover.start = take_memory;
    mover_join(x->job.smb, &x->mover);
    (void)op_go(op, COPY_MEMORY);
    return OP_WAIT;
}

static bool take_memory(struct mover *mover)
{
    struct xfer *x = CONTAINER_OF(mover, struct xfer, mover);

    if (!take_ticket(x)) {
        return false;
    }
    mover_leave(x->job.smb, mover);
    op_wake(&x->job.op);
    return true;
}

enum op_next whole_await_memory(struct op *op)
{
    struct xfer *x = xfer_of(op);

    if (copy_failed(x)) {
        return copy_go_wrong(x, COPY_GIVE_UP);
    }
    return x->whole.ticket > 0 ? fetch(x) : OP_WAIT;
}

/* ---------------------------------------------------------------- store */

/* The sink takes it as it takes any source: from memory. */
static enum op_next hold(struct xfer *x)
{
    x->held = lsmb_source_memory(x->job.smb, x->whole.range.data, x->whole.range.len);
    return x->held ? op_go(&x->job.op, COPY_OPEN_SINK) : no_memory(x);
}

static enum op_next store(struct xfer *x)
{
    struct slot *whole = &x->whole;

    x->stat.bytes = whole->range.len;
    rate_refund(&x->job.smb->rate, whole->asked - whole->range.len);
    if (whole->buf && !x->source->ops->brings_data) {
        whole->buf->len = whole->range.len;
    }
    if (!END_HAS(x->sink->ops, store) || x->opt.verify) {
        return hold(x);
    }
    if (x->opt.crc32 && whole->range.len > 0 &&
        !checksum_add(&x->sum, 0, whole->range.data, whole->range.len)) {
        return no_memory(x);
    }
    x->sink->ops->store(x->sink, &x->stat, &whole->range, &x->taken, copy_call(x));
    return op_go(&x->job.op, COPY_STORED);
}

enum op_next whole_await_fetch(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!copy_failed(x) && x->fetched && x->whole.range.len > x->whole.asked) {
        error_set(&x->err, LSMB_E_USAGE, "the source gave more than it was asked for");
    }
    if (x->wait.failed) {
        rate_refund(&x->job.smb->rate, x->whole.asked); /* nothing, or not much, has come */
    }
    if (x->wait.failed || !x->fetched) { /* whatever is there is not for us */
        x->fetched = false;
        whole_forget(x);
    }
    if (copy_failed(x)) {
        return copy_go_wrong(x, COPY_GIVE_UP);
    }
    return x->fetched ? store(x) : op_go(op, COPY_OPEN_SINK);
}

/* One that has taken it has done so: then it does not matter that somebody wanted to cancel. */
enum op_next whole_await_store(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (x->wait.failed || (copy_failed(x) && !x->taken)) {
        return copy_go_wrong(x, COPY_GIVE_UP);
    }
    if (!x->taken) {
        return hold(x);
    }
    x->moved = x->stat.bytes;
    return copy_done(x);
}
