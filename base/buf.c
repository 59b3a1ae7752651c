#include "base/buf.h"

#include <assert.h>
#include <stdlib.h>

/* Capacities are a power of two and a page, for what is asked for is a round payload (64 KiB, 1 MiB)
 * and headers; most messages have no payload, and the smallest class is for them.  `k` counts the
 * classes. */
enum {
    PAGE = 4096,
    SMALLEST = 1024,
    CLASSES = sizeof(((struct pool *)0)->cached) / sizeof(struct list),
    IDLE_BYTES = 8 << 20, /* kept while no transfer runs: what one to a near server takes, twice */
};

struct block {
    struct buf buf; /* first */
    uint8_t mem[];
};

static size_t class_bytes(unsigned k)
{
    return k == 0 ? SMALLEST : ((size_t)PAGE << (k - 1)) + PAGE;
}

/* The smallest class with `room` bytes after the headroom; CLASSES when there is none. */
static unsigned class_for(size_t room)
{
    unsigned k = 0;

    while (k < CLASSES && room > class_bytes(k) - BUF_HEADROOM) {
        k++;
    }
    return k;
}

size_t pool_charge(size_t bytes)
{
    unsigned k = class_for(bytes);

    return class_bytes(k < CLASSES ? k : CLASSES - 1);
}

static size_t sum(size_t a, size_t b)
{
    return b > SIZE_MAX - a ? SIZE_MAX : a + b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The part of the reserve that control messages may have: the rest is for what is received. */
static size_t control_reserve(const struct pool *pool)
{
    return pool->reserve - pool->reserve / 2;
}

/* How much may be allocated, if `reserve` is beyond what transfers hold.  A single transfer that is
 * larger than the limit is let through by pool_reserve_first(), and must then get its buffer. */
static size_t ceiling(const struct pool *pool, size_t reserve)
{
    return sum(larger(pool->ticketed, pool->limit), reserve);
}

/* What control messages have of the limit. */
static size_t borrowed(const struct pool *pool)
{
    size_t own = control_reserve(pool);

    return pool->control > own ? pool->control - own : 0;
}

/* The same for what a ticket stands for: it is not kept back by what control messages have borrowed. */
static size_t ceiling_ticketed(const struct pool *pool, size_t reserve)
{
    return sum(larger(sum(pool->ticketed, borrowed(pool)), pool->limit), reserve);
}

static struct buf *buf_of(struct list *node)
{
    return CONTAINER_OF(node, struct buf, node);
}

static void give_back(struct pool *pool, struct buf *buf)
{
    assert(pool->allocated >= buf->cap);
    pool->allocated -= buf->cap;
    free(CONTAINER_OF(buf, struct block, buf));
}

static bool fits(const struct pool *pool, size_t bytes, size_t most)
{
    return pool->allocated <= most && bytes <= most - pool->allocated;
}

/* Free cached buffers, largest first, until `bytes` more make no more than `most`. */
static bool make_room(struct pool *pool, size_t bytes, size_t most)
{
    for (unsigned k = CLASSES; k > 0 && !fits(pool, bytes, most);) {
        struct list *node = list_pop_front(&pool->cached[k - 1]);
        if (node) {
            give_back(pool, buf_of(node));
        } else {
            k--;
        }
    }
    return fits(pool, bytes, most);
}

void pool_init(struct pool *pool, size_t limit, size_t reserve)
{
    *pool = (struct pool){.limit = limit, .reserve = reserve};
    for (unsigned k = 0; k < CLASSES; k++) {
        list_init(&pool->cached[k]);
    }
}

void pool_free(struct pool *pool)
{
    for (unsigned k = 0; k < CLASSES; k++) {
        for (struct list *node; (node = list_pop_front(&pool->cached[k]));) {
            give_back(pool, buf_of(node));
        }
    }
    assert(pool->allocated == 0);
    assert(pool->ticketed == 0);
}

void pool_reserve_first(struct pool *pool, size_t bytes)
{
    pool->ticketed += pool_charge(bytes);
}

bool pool_reserve(struct pool *pool, size_t bytes)
{
    size_t used = sum(pool->ticketed, borrowed(pool));

    if (used > pool->limit || pool_charge(bytes) > pool->limit - used) {
        return false;
    }
    pool_reserve_first(pool, bytes);
    return true;
}

void pool_unreserve(struct pool *pool, size_t bytes)
{
    size_t charge = pool_charge(bytes);

    assert(charge <= pool->ticketed);
    pool->ticketed -= charge;
    if (pool->ticketed == 0) {
        (void)make_room(pool, 0, IDLE_BYTES);
    }
}

void pool_recharge(struct pool *pool, size_t before, size_t now)
{
    assert(before <= pool->ticketed);
    pool->ticketed = pool->ticketed - before + now;
}

static struct buf *allocate(struct pool *pool, size_t cap, size_t most)
{
    if (!make_room(pool, cap, most)) {
        return NULL;
    }
    struct block *block = malloc(sizeof *block + cap);
    if (!block) {
        return NULL;
    }
    block->buf = (struct buf){.pool = pool, .mem = block->mem, .cap = cap};
    pool->allocated += cap;
    if (pool->allocated > pool->peak) {
        pool->peak = pool->allocated;
    }
    return &block->buf;
}

static struct buf *take(struct pool *pool, size_t room, size_t most)
{
    unsigned k = class_for(room);

    if (k == CLASSES) {
        return NULL;
    }
    struct list *node = list_pop_front(&pool->cached[k]);
    struct buf *buf = node ? buf_of(node) : allocate(pool, class_bytes(k), most);
    if (buf) {
        buf->start = BUF_HEADROOM;
        buf->len = 0;
        buf->orphan = buf->control = false; /* as its last holder may have left it */
    }
    return buf;
}

struct buf *pool_take(struct pool *pool, size_t room)
{
    struct buf *buf = take(pool, room, ceiling(pool, control_reserve(pool)));

    if (buf) {
        buf->control = true;
        pool->control += buf->cap;
    }
    return buf;
}

struct buf *pool_take_ticketed(struct pool *pool, size_t room)
{
    return take(pool, room, ceiling_ticketed(pool, control_reserve(pool)));
}

struct buf *pool_take_frame(struct pool *pool, size_t len)
{
    return take(pool, len, ceiling_ticketed(pool, pool->reserve));
}

void buf_free(struct buf *buf)
{
    if (!buf) {
        return;
    }
    assert(!list_linked(&buf->node)); /* its holder has let go of it */
    struct pool *pool = buf->pool;
    unsigned k = class_for(buf->cap - BUF_HEADROOM);
    assert(class_bytes(k) == buf->cap);
    assert(!buf->control || pool->control >= buf->cap);

    pool->control -= buf->control ? buf->cap : 0;
    if (pool->allocated >
        ceiling(pool, pool->reserve)) { /* after a transfer larger than the limit */
        give_back(pool, buf);
    } else {
        list_push_front(&pool->cached[k], &buf->node);
    }
}

uint8_t *buf_prepend(struct buf *buf, size_t n)
{
    assert(n <= buf->start);
    buf->start -= n;
    buf->len += n;
    return buf_data(buf);
}

void buf_consume(struct buf *buf, size_t n)
{
    assert(n <= buf->len);
    buf->start += n;
    buf->len -= n;
}

struct wr buf_wr_before(struct buf *buf, size_t n)
{
    return (struct wr){.ptr = buf_prepend(buf, n), .cap = n};
}

struct wr buf_wr_after(struct buf *buf)
{
    return (struct wr){.ptr = buf_data(buf) + buf->len, .cap = buf_room(buf)};
}

bool buf_wr_done(struct buf *buf, const struct wr *w)
{
    assert(w->ptr == buf_data(buf) + buf->len);
    if (!wr_ok(w)) {
        return false;
    }
    assert(w->pos <= buf_room(buf));
    buf->len += w->pos;
    return true;
}
