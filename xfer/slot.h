/* slot.h: a range of bytes on its way from a source to a sink, and what it takes.
 *
 * An end sees the range alone.  Those on shares find the slot behind it: they lay requests before a payload
 * and hand on received buffers without moving a byte, and send their READs and WRITEs from the room that
 * the slot has for them. */
#ifndef LSMB_XFER_SLOT_H
#define LSMB_XFER_SLOT_H

#include "conn/request.h"
#include "xfer/window.h"
#include "xfer/xfer.h"

struct pump;
struct share_end;

/* The READ or WRITE of one slot (xfer/share_end). */
struct share_io {
    struct request request;
    struct ready answered;
    struct share_end *end; /* borrowed, like the rest */
    struct slot *slot;
    struct lsmb_wait *wait;
    uint64_t round_trip_ns; /* the least that its connection has shown; 0: none was used */
    struct list node;       /* in end->ios, from when it begins to when it ends; idle otherwise */
};

enum slot_state {
    SLOT_FREE,
    SLOT_FILLING,  /* lent to the source */
    SLOT_FILLED,   /* waits for its turn at the sink */
    SLOT_DRAINING, /* lent to the sink */
    SLOT_RETRY,    /* a part is done, the rest is to be read again */
};

struct slot {
    struct lsmb_range range; /* first: what source and sink see */
    struct slot *self;
    struct lsmb_wait wait;
    /* Owned; holds range.data, unless the source brings its own memory.  The write() of a sink on a share moves it
     * into its request; no store() does. */
    struct buf *buf;
    size_t ticket;           /* bytes of the pool's budget, 0 = none */
    bool aside;              /* they are of what the pump has set aside */
    struct window_mark mark; /* when it was taken */
    size_t asked;            /* bytes the source was asked for */
    size_t so_far;           /* of them that have come, where the rest is waited for */
    size_t undone;           /* set by the sink: so many bytes at the range's end were not taken */
    uint64_t todo, end;      /* the part of the copy this slot stands for and that is not done */
    enum slot_state state;
    struct pump *pump; /* borrowed; NULL: outside any */
    struct list node;
    struct share_io reading, writing; /* for a source and a sink on shares */
};

/* The slot, and so the buffer, behind a range.  An end may not change the range it was lent, but the slot is
 * not the range's: its owner may change it. */
static inline struct slot *slot_of(const struct lsmb_range *range)
{
    const struct slot *slot = (const void *)range; /* its first member */

    return slot->self;
}

#endif
