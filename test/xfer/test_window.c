#include "xfer/window.h"

#include "test/run.h"

enum { RANGES_MAX = 1024 };

static const size_t kib = 1 << 10, mib = 1 << 20, most = 40 << 20;
static const uint64_t ms = 1000000, second = 1000000000;

/* ---------------------------------------------------------------- a path that obeys a script
 *
 * Ranges are sent in order at `rate`, take half of `round_trip_ns` there and half back, and are then taken
 * by the sink in order, at its own rate. */

struct range {
    struct window_mark mark;
    size_t len;
    uint64_t ends_ns;
};

struct path {
    struct window window;
    uint64_t round_trip_ns;
    uint64_t rate, sink_rate; /* bytes per second; sink_rate 0: at once */
    size_t credits;           /* bytes that the server allows; 0: any */
    uint64_t request_ns;      /* that every range costs, whatever its length */

    uint64_t now_ns, line_free_ns, sink_free_ns;
    struct range ranges[RANGES_MAX]; /* from `first` to `last`: on their way */
    unsigned first, last;
    size_t lent, peak;
};

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void issue(struct path *p, size_t len)
{
    struct range *range = &p->ranges[p->last++ % RANGES_MAX];

    ck_assert_uint_lt(p->last - p->first, RANGES_MAX);
    range->len = len;
    window_issued(&p->window, &range->mark, len, p->now_ns);
    p->line_free_ns = later(p->line_free_ns, p->now_ns + p->round_trip_ns / 2) +
                      len * second / p->rate + p->request_ns;
    range->ends_ns = p->line_free_ns + p->round_trip_ns / 2;
    if (p->sink_rate > 0) {
        p->sink_free_ns = later(p->sink_free_ns, range->ends_ns) + len * second / p->sink_rate;
        range->ends_ns = p->sink_free_ns;
    }
    p->lent += len;
    p->peak = p->lent > p->peak ? p->lent : p->peak;
}

static void fill(struct path *p)
{
    for (;;) {
        size_t len = window_chunk(&p->window, 8 * mib, 8 * mib, p->window.now);
        if (p->lent > 0 &&
            (len > p->window.now - (p->lent < p->window.now ? p->lent : p->window.now) ||
             (p->credits > 0 && p->lent + len > p->credits))) {
            return;
        }
        issue(p, len);
    }
}

/* Move `bytes`; returns how many per second that were. */
static uint64_t run(struct path *p, uint64_t bytes)
{
    uint64_t began_ns = p->now_ns, done = 0;

    p->peak = 0;
    while (done < bytes) {
        fill(p);
        struct range *range = &p->ranges[p->first++ % RANGES_MAX];
        p->now_ns = later(p->now_ns, range->ends_ns);
        p->lent -= range->len;
        done += range->len;
        window_done(&p->window, &range->mark, range->len, p->round_trip_ns, p->now_ns);
        ck_assert_uint_le(p->window.now, p->window.most);
    }
    return done * 1000 / ((p->now_ns - began_ns) / ms + 1);
}

static struct path path_of(uint64_t round_trip_ns, uint64_t rate)
{
    struct path p = {.round_trip_ns = round_trip_ns, .rate = rate, .now_ns = second};

    window_init(&p.window, most);
    return p;
}

/* ---------------------------------------------------------------- what it finds */

START_TEST(a_near_server_is_kept_busy_by_a_few_ranges)
{
    struct path p = path_of(ms / 10, 1500 * mib);

    uint64_t rate = run(&p, 1024 * mib);
    ck_assert_uint_ge(rate, p.rate / 100 * 98);
    ck_assert_uint_le(p.peak, WINDOW_LEAST_MAX);
    ck_assert_uint_eq(window_chunk(&p.window, SIZE_MAX, SIZE_MAX, p.window.now),
                      WINDOW_LEAST_MAX / WINDOW_RANGES);
}
END_TEST

/* Most of such a round trip is somebody's work. */
START_TEST(a_server_that_is_near_but_slow_to_answer_gets_no_more)
{
    struct path p = path_of(WINDOW_NEAR_MS * ms - 1, 2000 * mib);

    uint64_t rate = run(&p, 1024 * mib);
    ck_assert_uint_eq(p.peak, WINDOW_LEAST_MAX);
    ck_assert_uint_ge(rate, p.rate / 100 * 95);
}
END_TEST

START_TEST(a_far_server_gets_all_that_there_is_memory_for)
{
    struct path p = path_of(20 * ms, 1500 * mib);

    uint64_t rate = run(&p, 256 * mib);
    ck_assert_uint_eq(p.window.now, most);
    ck_assert_uint_ge(rate, 1000 * mib);
}
END_TEST

START_TEST(a_gigabit_over_20_ms_is_used_to_95_percent)
{
    struct path p = path_of(20 * ms, 118 * mib);

    uint64_t rate = run(&p, 1024 * mib);
    ck_assert_uint_ge(rate, p.rate / 100 * 95);
    ck_assert_uint_le(p.window.now, 16 * mib);
    ck_assert_uint_ge(p.window.now, 4 * mib);
}
END_TEST

START_TEST(ten_gigabit_around_the_world_are_filled_as_far_as_memory_goes)
{
    struct path p = path_of(250 * ms, 1180 * mib);

    run(&p, 2048 * mib);
    ck_assert_uint_eq(p.window.now, most);
}
END_TEST

START_TEST(a_slow_line_is_not_held_up)
{
    struct path p = path_of(40 * ms, 100 * kib);

    uint64_t rate = run(&p, 32 * mib);
    ck_assert_uint_ge(rate, p.rate / 100 * 95);
    ck_assert_uint_le(p.window.now, WINDOW_LEAST_MIN + 512 * kib);
    ck_assert_uint_le(p.peak, WINDOW_START);
}
END_TEST

/* Smaller ranges would make it slower, which would make them smaller. */
START_TEST(a_server_that_is_slow_with_each_request_is_not_asked_for_less_each_time)
{
    struct path p = path_of(40 * ms, 1000 * mib);

    p.request_ns = 40 * ms;
    uint64_t rate = run(&p, 256 * mib);
    ck_assert_uint_ge(window_chunk(&p.window, SIZE_MAX, SIZE_MAX, p.window.now), 512 * kib);
    ck_assert_uint_ge(rate, 10 * mib);
}
END_TEST

START_TEST(a_slow_sink_is_not_fed_more_than_it_takes)
{
    struct path p = path_of(ms, 1000 * mib);

    p.sink_rate = 50 * mib;
    uint64_t rate = run(&p, 512 * mib);
    ck_assert_uint_ge(rate, p.sink_rate / 100 * 95);
    ck_assert_uint_le(p.window.now, WINDOW_LEAST_MAX);
}
END_TEST

START_TEST(a_path_whose_length_is_known_begins_with_what_it_may_hold)
{
    static const struct {
        uint64_t round_trip_us;
        size_t now;
    } paths[] = {{0, WINDOW_START},         {100, WINDOW_LEAST_MAX},
                 {2999, WINDOW_LEAST_MAX},  {4000, WINDOW_START},
                 {10000, 8000000},          {20000, 16000000},
                 {30000, WINDOW_START_MAX}, {UINT64_MAX / 1000, WINDOW_START_MAX}};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct window w;
        window_init(&w, 40 << 20);
        window_reaches(&w, paths[i].round_trip_us * 1000);
        ck_assert_uint_eq(w.now, paths[i].now);
        window_init(&w, 1 << 20);
        window_reaches(&w, paths[i].round_trip_us * 1000);
        ck_assert_uint_eq(w.now, 1 << 20);
    }
}
END_TEST

START_TEST(without_a_connection_a_few_ranges_are_enough)
{
    struct path p = path_of(0, 3000 * mib);

    run(&p, 1024 * mib);
    ck_assert_uint_eq(p.peak, WINDOW_LEAST_MAX);
}
END_TEST

START_TEST(scarce_credits_neither_open_nor_shut_it)
{
    struct path p = path_of(20 * ms, 1000 * mib);

    p.credits = 2 * mib;
    run(&p, 256 * mib);
    ck_assert_uint_ge(p.window.now, p.credits);
    ck_assert_uint_le(p.window.now, 16 * mib);
}
END_TEST

START_TEST(what_becomes_faster_is_noticed)
{
    struct path p = path_of(20 * ms, 50 * mib);

    run(&p, 256 * mib);
    ck_assert_uint_le(p.window.now, 10 * mib);
    p.rate = 1500 * mib;
    run(&p, 2048 * mib);
    ck_assert_uint_ge(p.window.now, 32 * mib);
}
END_TEST

START_TEST(what_becomes_slower_is_noticed)
{
    struct path p = path_of(20 * ms, 1500 * mib);

    run(&p, 256 * mib);
    p.rate = 20 * mib;
    run(&p, 512 * mib);
    ck_assert_uint_le(p.window.now, 8 * mib);
}
END_TEST

START_TEST(a_pause_is_no_reason_to_do_less)
{
    struct path p = path_of(20 * ms, 1500 * mib);

    run(&p, 512 * mib);
    p.line_free_ns = p.now_ns + second;
    run(&p, 64 * mib);
    ck_assert_uint_eq(p.window.now, most);
}
END_TEST

START_TEST(nothing_is_beyond_what_the_caller_allows)
{
    struct path p = path_of(20 * ms, 1500 * mib);

    window_init(&p.window, 100 * kib);
    run(&p, 16 * mib);
    ck_assert_uint_le(p.peak, 100 * kib);
}
END_TEST

START_TEST(a_clock_that_stands_still_does_no_harm)
{
    struct window window;
    struct window_mark mark;

    window_init(&window, SIZE_MAX);
    for (unsigned i = 0; i < 10000; i++) {
        window_issued(&window, &mark, WINDOW_CHUNK_MAX, second);
        window_done(&window, &mark, WINDOW_CHUNK_MAX, ms, second - i);
        ck_assert_uint_ge(window.now, WINDOW_START);
    }
}
END_TEST

/* ---------------------------------------------------------------- pieces */

static size_t chunk_of(size_t source_bytes, size_t sink_bytes, size_t window_bytes)
{
    struct window window;

    window_init(&window, SIZE_MAX);
    window.large_issued = true;
    return window_chunk(&window, source_bytes, sink_bytes, window_bytes);
}

START_TEST(eight_ranges_fit_the_window)
{
    for (size_t window = 1 << 15; window <= 1 << 28; window += window / 3) {
        size_t chunk = chunk_of(SIZE_MAX, SIZE_MAX, window);
        ck_assert_uint_gt(chunk, 0);
        ck_assert_uint_le(chunk, WINDOW_CHUNK_MAX);
        ck_assert_uint_le(chunk * WINDOW_RANGES, window);
    }
}
END_TEST

START_TEST(neither_end_gets_more_than_it_likes)
{
    ck_assert_uint_eq(chunk_of(1000, 1 << 20, 16 << 20), 1000);
    ck_assert_uint_eq(chunk_of(1 << 20, 77, 16 << 20), 77);
}
END_TEST

START_TEST(an_end_that_wants_nothing_now_gets_nothing)
{
    ck_assert_uint_eq(chunk_of(0, 1 << 20, 16 << 20), 0);
    ck_assert_uint_eq(chunk_of(1 << 20, 0, 16 << 20), 0);
}
END_TEST

START_TEST(a_tiny_window_still_moves_something)
{
    ck_assert_uint_gt(chunk_of(1 << 20, 1 << 20, 1), 0);
}
END_TEST

static struct window near_window(void)
{
    struct window window;

    window_init(&window, SIZE_MAX);
    window.now = WINDOW_LEAST_MAX;
    window.round_trip_ns = ms / 5;
    return window;
}

START_TEST(near_one_range_is_large_once_two_of_it_fit)
{
    struct window window = near_window();
    struct window_mark mark;
    const size_t fits = (size_t)2 * WINDOW_LARGE;

    ck_assert_uint_le(window_chunk(&window, SIZE_MAX, SIZE_MAX, fits - 1), WINDOW_CHUNK_MAX);
    ck_assert_uint_eq(window_chunk(&window, SIZE_MAX, SIZE_MAX, fits), WINDOW_LARGE);
    window_issued(&window, &mark, WINDOW_CHUNK_MAX, second); /* not it */
    ck_assert_uint_eq(window_chunk(&window, SIZE_MAX, SIZE_MAX, fits), WINDOW_LARGE);
    window_issued(&window, &mark, WINDOW_LARGE, second);
    ck_assert_uint_eq(window_chunk(&window, SIZE_MAX, SIZE_MAX, fits), WINDOW_CHUNK_MAX);
}
END_TEST

START_TEST(far_away_none_is_large)
{
    struct window window = near_window();

    window.round_trip_ns = WINDOW_NEAR_MS * ms;
    ck_assert_uint_eq(window_chunk(&window, SIZE_MAX, SIZE_MAX, window.now), WINDOW_CHUNK_MAX);
}
END_TEST

START_TEST(none_is_large_where_an_end_takes_less)
{
    struct window window = near_window();
    const size_t less = WINDOW_LARGE - 1;

    ck_assert_uint_eq(window_chunk(&window, less, SIZE_MAX, window.now), WINDOW_CHUNK_MAX);
    ck_assert_uint_eq(window_chunk(&window, SIZE_MAX, less, window.now), WINDOW_CHUNK_MAX);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/window", a_near_server_is_kept_busy_by_a_few_ranges,
        a_server_that_is_near_but_slow_to_answer_gets_no_more,
        a_far_server_gets_all_that_there_is_memory_for, a_gigabit_over_20_ms_is_used_to_95_percent,
        ten_gigabit_around_the_world_are_filled_as_far_as_memory_goes, a_slow_line_is_not_held_up,
        a_server_that_is_slow_with_each_request_is_not_asked_for_less_each_time,
        a_slow_sink_is_not_fed_more_than_it_takes,
        a_path_whose_length_is_known_begins_with_what_it_may_hold,
        without_a_connection_a_few_ranges_are_enough, scarce_credits_neither_open_nor_shut_it,
        what_becomes_faster_is_noticed, what_becomes_slower_is_noticed,
        a_pause_is_no_reason_to_do_less, nothing_is_beyond_what_the_caller_allows,
        a_clock_that_stands_still_does_no_harm, eight_ranges_fit_the_window,
        neither_end_gets_more_than_it_likes, an_end_that_wants_nothing_now_gets_nothing,
        a_tiny_window_still_moves_something, near_one_range_is_large_once_two_of_it_fit,
        far_away_none_is_large, none_is_large_where_an_end_takes_less);
}
