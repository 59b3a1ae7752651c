/* pump.h: the data plane of a copy: ranges of bytes from any source to any sink, many at a time.
 *
 * A pump has slots.  It takes turns with others (xfer/turns): while there is work, a free slot, budget and a
 * willing source, it starts the next range; what has been filled goes to the sink.  A slow sink keeps its slots, so
 * reading stops by itself.  A slot whose range came back short, or was taken in part, is retried before
 * anything new is begun.  Slots are made as they are needed and used again: nothing is allocated per range
 * but the buffer it lives in.
 *
 * Pumps share the context's memory evenly.  One that has nothing in flight may always begin one range:
 * those who hold the memory may wait for it, as when it empties the pipe that they fill.
 *
 * Its owner is an operation, which is woken when all has been moved, when something has failed, and when
 * a failed pump has got back all that it lent. */
#ifndef LSMB_XFER_PUMP_H
#define LSMB_XFER_PUMP_H

#include "xfer/aside.h"
#include "xfer/checksum.h"
#include "xfer/slot.h"
#include "xfer/turns.h"

enum { PUMP_SLOTS_MAX = 1024 }; /* ranges of 64 KiB that fill the largest windows */

struct pump {
    struct lsmb *smb; /* borrowed, like all that follows */
    struct op *owner;
    struct lsmb_source *source;
    struct lsmb_sink *sink;
    struct lsmb_error *err; /* the first error, which stops it; LSMB_OK until then */
    lsmb_progress_fn *progress;
    void *progress_arg;
    struct checksum *checksum; /* gets what passes; NULL = nobody wants to know */

    bool
        in_memory; /* set by the owner: the source's bytes are, and have been charged to the context */

    struct window window; /* how many bytes may be in flight */
    struct aside aside;   /* for a sink that keeps what it gets */
    struct mover mover;
    struct stats_copy waits;
    struct list free, retry, filled; /* filled: in the order in which the sink gets them */
    unsigned filling, draining;
    unsigned slots;   /* that were made */
    size_t lent;      /* bytes in flight */
    size_t charged;   /* for them, of the context's memory */
    uint64_t total;   /* of the source, LSMB_SIZE_UNKNOWN = not known */
    uint64_t next;    /* where the next new range begins */
    uint64_t due;     /* what an ordered sink gets next */
    uint64_t end;     /* where the source was found to end; LSMB_SIZE_UNKNOWN until then */
    uint64_t handed;  /* bytes that the sink was given */
    uint64_t done;    /* bytes that the sink has taken */
    uint64_t told;    /* bytes that progress() was told of */
    bool ended;       /* the sink has been told that it got the last range */
    struct list busy; /* slots that are lent */
};

/* Prepare; both ends are open.  `err` gets the first error, also from outside: whoever sets it wakes the
 * owner.  window_bytes: the most to have in flight; 0: the context's memory. */
void pump_init(struct pump *pump, struct lsmb *smb, struct op *owner, struct lsmb_error *err,
               size_t window_bytes);

/* Begin to move `total` bytes (or LSMB_SIZE_UNKNOWN) from `source` to `sink`. */
void pump_start(struct pump *pump, struct lsmb_source *source, struct lsmb_sink *sink,
                uint64_t total);

/* OP_AGAIN: all has been moved, and as much as was promised, or else `err` says why not and nothing is
 * lent out any more.  OP_WAIT: neither yet.  For a step of the owner. */
enum op_next pump_await(struct pump *pump);

/* Nothing is lent out.  A sink that keeps what it gets (struct lsmb_hold) may do so beyond pump_await(). */
bool pump_quiet(const struct pump *pump);

/* Take back all memory, whatever is still lent; the ends are closed already.  Harmless when idle. */
void pump_free(struct pump *pump);

#endif
