#include "xfer/window.h"

#include <assert.h>

#include "base/number.h"

enum {
    PAGE_BYTES = 4096,
    CREDIT_BYTES =
        65536, /* MS-SMB2 3.1.5.2: what one credit pays for; a part of it costs as much */
};

static const uint64_t second_ns = 1000000000;
static const uint64_t rate_max = (uint64_t)1 << 40; /* bytes per second: as good as at once */

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---------------------------------------------------------------- what is moved */

/* Bytes that come through in `ns`, or in a second if that is longer: a line as long as that is kept full
 * by no window. */
static uint64_t moved_in(uint64_t rate, uint64_t ns)
{
    return rate / 1024 * least64(ns, second_ns) / (second_ns / 1024);
}

/* What is always on its way: it keeps a near server busy, and no line for long. */
static uint64_t least_of(const struct window *w)
{
    uint64_t bytes = moved_in(w->rate, WINDOW_LEAST_MS * (second_ns / 1000));

    return least64(larger(bytes, WINDOW_LEAST_MIN), WINDOW_LEAST_MAX);
}

static bool is_near(const struct window *w)
{
    return w->round_trip_ns < WINDOW_NEAR_MS * (second_ns / 1000);
}

static void resize(struct window *w)
{
    uint64_t enough = is_near(w) ? 0 : WINDOW_GAIN * moved_in(w->rate, w->round_trip_ns);

    w->now = (size_t)least64(larger(larger(enough, least_of(w)), w->wanted), w->most);
}

/* A round ends with the first range that was issued while the window was as full as it was going to be. */
static void begin_round(struct window *w)
{
    w->round_before = w->round_rate;
    w->round_rate = 0;
    w->round_ends = w->done + w->now;
}

void window_init(struct window *w, size_t most)
{
    assert(most > 0);
    *w = (struct window){.most = most, .now = (size_t)least64(most, WINDOW_START)};
    begin_round(w);
}

/* What a fast path of this length holds. */
static uint64_t start_of(const struct window *w)
{
    if (is_near(w)) {
        return WINDOW_LEAST_MAX;
    }
    return least64(least64(w->round_trip_ns / 1000, WINDOW_START_MAX) * WINDOW_START_RATE,
                   WINDOW_START_MAX);
}

void window_reaches(struct window *w, uint64_t round_trip_ns)
{
    w->round_trip_ns = round_trip_ns;
    if (round_trip_ns > 0) {
        w->now = (size_t)least64(larger(start_of(w), w->now), w->most);
        begin_round(w);
    }
}

void window_want(struct window *w, size_t bytes)
{
    w->wanted = bytes;
    if (w->now < bytes) {
        w->now = (size_t)least64(bytes, w->most);
    }
}

void window_issued(struct window *w, struct window_mark *mark, size_t len, uint64_t now_ns)
{
    w->issued += len;
    w->large_issued = w->large_issued || len >= WINDOW_LARGE;
    *mark = (struct window_mark){.at_ns = now_ns, .issued = w->issued, .done = w->done};
}

static uint64_t rate_of(uint64_t bytes, uint64_t ns)
{
    return least64(least64(bytes, UINT64_MAX / second_ns) * second_ns / ns, rate_max);
}

void window_done(struct window *w, const struct window_mark *mark, size_t len,
                 uint64_t round_trip_ns, uint64_t now_ns)
{
    uint64_t took_ns = now_ns > mark->at_ns ? now_ns - mark->at_ns : 1;

    w->done += len;
    assert(w->done <= w->issued);
    w->round_rate = larger(w->round_rate, rate_of(w->done - mark->done, took_ns));
    w->round_trip_ns = round_trip_ns;
    /* What is faster counts at once; what is slower when it was so for two rounds. */
    w->rate = larger(w->round_before, w->round_rate);
    resize(w);
    if (mark->issued >= w->round_ends) {
        begin_round(w);
    }
}

/* ---------------------------------------------------------------- pieces */

/* The share of the window that one range may have, in whole units of what is cheap to move. */
static size_t fair_share(size_t window_bytes)
{
    size_t share = window_bytes / WINDOW_RANGES;

    if (share >= CREDIT_BYTES) {
        return share - share % CREDIT_BYTES;
    }
    return share >= PAGE_BYTES ? share - share % PAGE_BYTES : PAGE_BYTES;
}

size_t window_chunk(const struct window *w, size_t source_bytes, size_t sink_bytes,
                    size_t window_bytes)
{
    uint64_t liked = least64(source_bytes, sink_bytes);

    if (is_near(w) && !w->large_issued && liked >= WINDOW_LARGE &&
        window_bytes / 2 >= WINDOW_LARGE) {
        return WINDOW_LARGE;
    }
    return (size_t)least64(liked, least64(fair_share(window_bytes), WINDOW_CHUNK_MAX));
}
