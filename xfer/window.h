/* window.h: how much of a copy is on its way at a time, and in pieces of what size.
 *
 * A window finds itself.  Every range that has come through says how many bytes came through while it was
 * on its way.  What moves in a round trip is what the path holds; some times as much is kept on its way.  While
 * that is not enough, more moves with every round trip, and so the window multiplies; when something else is
 * full, the line, the server or the sink, it stays.
 *
 * How long ranges take is no measure of the path: they wait for each other, and the first for everything that
 * is done for the first time.  The round trip is the connections' own.  Where there are none a few ranges are
 * enough. */
#ifndef LSMB_XFER_WINDOW_H
#define LSMB_XFER_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WINDOW_CHUNK_MAX = 1 << 20, /* larger ranges are no faster, and cost memory and balance */
    WINDOW_RANGES = 8,      /* that fit at least: with four of twice the size a near server idles */
    WINDOW_START = 4 << 20, /* bytes, before anything is known; when the round trip is, */
    WINDOW_START_RATE = 800,     /* bytes per microsecond of it, if that is more, */
    WINDOW_START_MAX = 16 << 20, /* and not more than this; near, WINDOW_LEAST_MAX */
    /* What moves in this time is always on its way, up to so many bytes.  More would be answered no sooner,
     * and hold up everybody else on a slow line; less makes the ranges small, and where each costs the same
     * that makes it slower, and so them smaller. */
    WINDOW_LEAST_MS = 1000,
    WINDOW_LEAST_MAX = 8 << 20,
    WINDOW_LEAST_MIN = 1 << 20,
    WINDOW_GAIN = 4, /* times what the path holds: a part of it may always wait for its turn */
    /* A round trip below it says more about who answers than about the path: of the few answers that come before
     * the first ranges the quickest took milliseconds where the machine was busy.  WINDOW_LEAST_MAX in this time
     * are 2.8 GB/s. */
    WINDOW_NEAR_MS = 3,
    /* Near, one range is so large, once, when two of them fit.  A server on glibc (Samba is) gives the memory
     * of every request back to the system, and has it made anew, until it has freed a piece of half of what it
     * has in use: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.  To others it is a range like any. */
    WINDOW_LARGE = WINDOW_LEAST_MAX / 2,
};

struct window {
    size_t most, now;       /* bytes: never more on their way; may be on their way now */
    size_t wanted;          /* what the ends like to have at least */
    uint64_t issued, done;  /* bytes, in all */
    uint64_t round_trip_ns; /* of the ends' connections; 0: they have none */
    uint64_t rate;          /* bytes per second: the best of the last two rounds, or of this one */
    uint64_t round_rate, round_before; /* the best of this round, and of the one before */
    uint64_t round_ends;               /* when the range that ended these `issued` bytes is done */
    bool large_issued;
};

/* When a range was issued: its share in the measurement. */
struct window_mark {
    uint64_t at_ns;
    uint64_t issued, done; /* bytes, it included, and before it */
};

/* Never more than `most` bytes. */
void window_init(struct window *window, size_t most);

/* The round trip of the ends' connections is known before anything has moved; 0: they have none. */
void window_reaches(struct window *window, uint64_t round_trip_ns);

/* An end likes to have at least so many on their way. */
void window_want(struct window *window, size_t bytes);

/* A range of `len` bytes is asked for. */
void window_issued(struct window *window, struct window_mark *mark, size_t len, uint64_t now_ns);

/* It has come through, or nothing will come of it.  round_trip_ns: of the connections that it took, the
 * shortest that they have shown; 0: it took none. */
void window_done(struct window *window, const struct window_mark *mark, size_t len,
                 uint64_t round_trip_ns, uint64_t now_ns);

/* Bytes to ask for at a time: what source and sink like at most (0: nothing now, and so is the answer),
 * but so that WINDOW_RANGES of them fit into `window_bytes`; near, once, WINDOW_LARGE. */
size_t window_chunk(const struct window *window, size_t source_bytes, size_t sink_bytes,
                    size_t window_bytes);

#endif
