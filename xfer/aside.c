#include "xfer/aside.h"

#include <assert.h>

#include "base/number.h"
#include "xfer/window.h"

/* As the ranges that it will be used for. */
static size_t piece_at(size_t at, size_t bytes)
{
    return least_size(bytes - at, WINDOW_CHUNK_MAX);
}

static void unreserve(struct pool *pool, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += WINDOW_CHUNK_MAX) {
        pool_unreserve(pool, piece_at(at, bytes));
    }
}

static void reserve_first(struct pool *pool, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += WINDOW_CHUNK_MAX) {
        pool_reserve_first(pool, piece_at(at, bytes));
    }
}

/* All or nothing. */
static bool reserve(struct pool *pool, size_t bytes)
{
    if (pool->ticketed ==
        0) { /* nobody else has any, and it is more than the limit by rounding at most */
        reserve_first(pool, bytes);
        return true;
    }
    for (size_t at = 0; at < bytes; at += WINDOW_CHUNK_MAX) {
        if (!pool_reserve(pool, piece_at(at, bytes))) {
            unreserve(pool, at);
            return false;
        }
    }
    return true;
}

static void give_back(struct lsmb *smb, struct aside *aside)
{
    assert(aside->used == 0);
    unreserve(&smb->env.pool, aside->bytes);
    aside->bytes = aside->reserved = 0;
}

static void take(struct aside *aside, size_t bytes)
{
    aside->bytes = bytes;
    for (size_t at = 0; at < bytes; at += WINDOW_CHUNK_MAX) {
        aside->reserved += pool_charge(piece_at(at, bytes));
    }
}

/* Buffers come in sizes, and many small ones may take more than a few large ones.  What the pool does not know of it would
 * not give. */
static void charge(struct lsmb *smb, struct aside *aside, size_t less, size_t more)
{
    size_t above = aside->above;

    aside->charged = aside->charged - less + more;
    aside->above = aside->charged > aside->reserved ? aside->charged - aside->reserved : 0;
    pool_recharge(&smb->env.pool, above, aside->above);
}

bool aside_use(struct lsmb *smb, struct aside *aside, size_t bytes)
{
    if (bytes > aside->bytes - aside->used) {
        return false;
    }
    aside->used += bytes;
    charge(smb, aside, 0, pool_charge(bytes));
    return true;
}

void aside_unuse(struct lsmb *smb, struct aside *aside, size_t bytes)
{
    aside->used -= bytes;
    charge(smb, aside, pool_charge(bytes), 0);
}

void aside_split(struct lsmb *smb, struct aside *aside, size_t bytes, size_t more)
{
    charge(smb, aside, pool_charge(bytes + more), pool_charge(bytes) + pool_charge(more));
}

bool aside_set(struct lsmb *smb, struct aside *aside, size_t bytes)
{
    give_back(smb, aside);
    if (aside_awaited(smb, aside)) {
        return false;
    }
    if (!reserve(&smb->env.pool, bytes)) {
        smb->in_line = aside;
        return false;
    }
    smb->in_line = NULL;
    take(aside, bytes);
    return true;
}

void aside_set_first(struct lsmb *smb, struct aside *aside, size_t bytes)
{
    give_back(smb, aside);
    reserve_first(&smb->env.pool, bytes);
    take(aside, bytes);
}

void aside_leave(struct lsmb *smb, const struct aside *aside)
{
    if (smb->in_line == aside) {
        smb->in_line = NULL;
    }
}

void aside_drop(struct lsmb *smb, struct aside *aside)
{
    give_back(smb, aside);
    aside_leave(smb, aside);
}
