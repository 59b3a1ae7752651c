/* buf.h: buffers with a budget.
 *
 * One frame is one buffer.  Received frames start at BUF_HEADROOM, headers are peeled off by moving
 * `start`, and what is left is the payload where it landed.  An outgoing frame is laid backwards from
 * its payload: the body before it, the header before that, then the transform header and the length
 * prefix, for which there are always at least BUF_ROOM_BEFORE bytes.  So the payload of a READ becomes
 * that of a WRITE without moving.
 *
 * A buffer has one holder at a time; it is moved, never shared. */
#ifndef LSMB_BASE_BUF_H
#define LSMB_BASE_BUF_H

#include "base/list.h"
#include "proto/bytes.h"

enum {
    BUF_HEADROOM = 192,    /* where received frames and fresh payloads start */
    BUF_ROOM_BEFORE = 168, /* prefix 4, transform 52, header 64, WRITE body 48 */
};

struct pool;

struct buf {
    struct list node;  /* the holder's */
    struct pool *pool; /* where it goes when freed */
    uint8_t *mem;      /* `cap` bytes */
    size_t cap;
    size_t start, len; /* what it holds now: mem[start .. start + len) */
    bool orphan;       /* on its way out, and nobody wants it back: freed when sent */
    bool control;      /* taken without a ticket */
};

/* Memory of one context.  `limit` is what transfers may hold at a time and is handed out as tickets.
 * Control messages may take half of `reserve` beyond it, and what is received all of it: however much is
 * asked, the answers can be received.
 *
 * Control messages may also borrow what is left of the limit.  Then fewer tickets are given, but whoever has
 * one gets what it stands for: a transfer never fails because others have asked for much. */
struct pool {
    size_t limit, reserve;  /* bytes */
    size_t ticketed;        /* bytes handed out as tickets */
    size_t control;         /* bytes of the buffers that control messages have */
    size_t allocated;       /* bytes of all buffers, in use or cached */
    size_t peak;            /* the most `allocated` has been */
    struct list cached[17]; /* free buffers, by size class */
};

void pool_init(struct pool *pool, size_t limit, size_t reserve);

/* Free what is cached.  Every buffer must have come back. */
void pool_free(struct pool *pool);

/* What a ticket for `bytes` is charged: a whole buffer's worth. */
size_t pool_charge(size_t bytes);

/* Take a ticket for a transfer of `bytes`; false when the limit does not allow it now. */
bool pool_reserve(struct pool *pool, size_t bytes);

/* The same for a transfer that has none: granted beyond the limit, too.  Whoever holds the other tickets
 * may be waiting for this transfer. */
void pool_reserve_first(struct pool *pool, size_t bytes);

/* Give a ticket back.  With the last one goes most of the memory that is not in use. */
void pool_unreserve(struct pool *pool, size_t bytes);

/* Tickets that were charged `before` are for other buffers than was thought, which are charged `now`: granted beyond the
 * limit, too, since they would be waited for for ever. */
void pool_recharge(struct pool *pool, size_t before, size_t now);

/* A buffer for a control message: with room for `room` bytes after the headroom, empty, start ==
 * BUF_HEADROOM.  NULL when memory, or the limit and half of the reserve, are used up. */
struct buf *pool_take(struct pool *pool, size_t room);

/* The same for who holds a ticket: for the payload that it stands for, or a request for it.  NULL when memory
 * is used up. */
struct buf *pool_take_ticketed(struct pool *pool, size_t room);

/* The same, for `len` bytes that the server sends: NULL when memory or limit + reserve is used up. */
struct buf *pool_take_frame(struct pool *pool, size_t len);

/* Give a buffer back; NULL is fine.  The contents of a buffer are not wiped. */
void buf_free(struct buf *buf);

static inline uint8_t *buf_data(const struct buf *buf)
{
    return buf->mem + buf->start;
}

static inline struct span buf_span(const struct buf *buf)
{
    return (struct span){buf->mem + buf->start, buf->len};
}

/* Bytes that can still be put behind the contents. */
static inline size_t buf_room(const struct buf *buf)
{
    return buf->cap - buf->start - buf->len;
}

/* Lay `n` bytes before the contents and return where they are.  n <= start is the caller's duty. */
uint8_t *buf_prepend(struct buf *buf, size_t n);

/* Peel `n` bytes off the front.  n <= len is the caller's duty. */
void buf_consume(struct buf *buf, size_t n);

/* A writer that lays `n` bytes before the contents: fill it completely. */
struct wr buf_wr_before(struct buf *buf, size_t n);

/* A writer behind the contents, and its end: what was written becomes part of the contents.  False
 * (and nothing added) if it did not fit. */
struct wr buf_wr_after(struct buf *buf);
bool buf_wr_done(struct buf *buf, const struct wr *w);

#endif
