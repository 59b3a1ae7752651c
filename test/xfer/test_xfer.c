/* The engine, between a source and a sink that answer in any order, late, in part, or not well. */
#include "test/xfer/local_world.h"
#include "test/xfer/toys.h"

#include <unistd.h>

static const uint64_t sizes[] = {0, 1, 999, 1000, 1001, 4096, 65536, 300007};

enum { SIZES = sizeof sizes / sizeof sizes[0], SEEDS = 3 };

static void copy_well(struct toys t)
{
    toys_init(&t);
    toys_copy(&t);
    toys_well(&t);
    toys_free(&t);
}

/* One kind of copy, in all sizes, in several orders of completion. */
static void copy_all(void (*adjust)(struct toys *))
{
    for (size_t i = 0; i < SIZES; i++) {
        for (uint32_t seed = 0; seed < SEEDS; seed++) { /* 0: everything is answered at once */
            struct toys t = toys_of(sizes[i]);
            t.seed = seed;
            t.stall = seed;
            adjust(&t);
            copy_well(t);
        }
    }
}

static void as_it_is(struct toys *t)
{
    (void)t;
}

static void unknown_size(struct toys *t)
{
    t->says = LSMB_SIZE_UNKNOWN;
}

static void in_order(struct toys *t)
{
    t->sink_ops.in_order = true;
}

static void sequential(struct toys *t)
{
    t->source_ops.sequential = true;
    t->shorten = 3;
}

static void sequential_unknown(struct toys *t)
{
    sequential(t);
    unknown_size(t);
}

static void short_reads(struct toys *t)
{
    t->shorten = 2;
}

static void short_unknown_in_order(struct toys *t)
{
    t->shorten = 3;
    unknown_size(t);
    in_order(t);
}

static void pipe_to_pipe(struct toys *t)
{
    sequential_unknown(t);
    in_order(t);
}

static void own_memory(struct toys *t)
{
    t->source_ops.brings_data = true;
    t->shorten = 2;
}

static void small_sink(struct toys *t)
{
    t->sink_chunk = 77;
    t->size %= 5000;
    t->says = t->size;
}

START_TEST(every_size_in_any_order)
{
    copy_all(as_it_is);
}
END_TEST

START_TEST(a_source_may_not_know_its_size)
{
    copy_all(unknown_size);
    copy_all(short_unknown_in_order);
}
END_TEST

START_TEST(an_ordered_sink_gets_ranges_in_order_however_they_come)
{
    copy_all(in_order);
    copy_all(pipe_to_pipe);
}
END_TEST

START_TEST(a_sequential_source_has_one_read_at_a_time)
{
    copy_all(sequential);
    copy_all(sequential_unknown);
}
END_TEST

START_TEST(what_a_short_read_left_is_asked_for_again)
{
    copy_all(short_reads);
}
END_TEST

START_TEST(a_source_may_bring_its_own_memory)
{
    copy_all(own_memory);
}
END_TEST

START_TEST(ranges_are_no_larger_than_the_sink_likes)
{
    copy_all(small_sink);
}
END_TEST

/* How many calls a copy makes when all goes well. */
static unsigned count_calls(struct toys t)
{
    toys_init(&t);
    toys_copy(&t);
    unsigned calls = t.calls;
    toys_free(&t);
    return calls;
}

static struct toys some_kind(unsigned kind)
{
    struct toys t = toys_of(5500);

    t.seed = kind + 1;
    t.deaf = kind & 1;
    t.source_ops.brings_data = kind & 2;
    t.sink_ops.in_order = kind & 4;
    t.shorten = kind & 8 ? 2 : 0;
    return t;
}

START_TEST(whichever_call_fails_ends_it_cleanly)
{
    for (unsigned kind = 0; kind < 16; kind++) {
        unsigned calls = count_calls(some_kind(kind));
        for (unsigned i = 0; i < calls; i++) {
            struct toys t = some_kind(kind);
            t.fail_at = i;
            toys_init(&t);
            toys_copy(&t);
            toys_failed(&t, LSMB_E_LOCAL);
            ck_assert_int_eq(t.done.err.os_errno, 5);
            toys_free(&t);
        }
    }
}
END_TEST

/* Not only a copy that was made before anybody thought better of it. */
static void cancelled_or_done(const struct toys *t)
{
    if (t->committed) {
        toys_well(t);
    } else {
        toys_failed(t, LSMB_E_CANCELLED);
    }
}

START_TEST(a_copy_can_be_cancelled_at_any_time)
{
    for (unsigned kind = 0; kind < 16; kind++) {
        unsigned cancelled = 0;
        for (unsigned turns = 0;; turns++) {
            struct toys t = some_kind(kind);
            toys_init(&t);
            toys_start(&t);
            while (t.turn < turns && !t.done.finished) {
                toys_turn(&t);
            }
            bool over = t.done.finished;
            if (!over) {
                lsmb_job_cancel(t.job, NULL);
            }
            toys_run(&t);
            cancelled_or_done(&t);
            cancelled += !t.committed;
            toys_free(&t);
            if (over) {
                break;
            }
        }
        ck_assert_uint_gt(cancelled, 10);
    }
}
END_TEST

START_TEST(why_it_was_cancelled_is_what_the_user_hears)
{
    struct lsmb_error why = {.code = LSMB_E_TIMEOUT, .reason = "the deadline has passed"};
    struct toys t = toys_of(9500);

    toys_init(&t);
    toys_start(&t);
    toys_turn(&t);
    lsmb_job_cancel(t.job, &why);
    toys_run(&t);
    toys_failed(&t, LSMB_E_TIMEOUT);
    ck_assert_str_eq(t.done.err.reason, why.reason);
    toys_free(&t);
}
END_TEST

START_TEST(the_context_can_be_freed_at_any_time)
{
    for (unsigned turns = 0; turns < 40; turns++) {
        struct toys t = some_kind(turns % 8 & ~2u);
        toys_init(&t);
        toys_start(&t);
        while (t.turn < turns && !t.done.finished) {
            toys_turn(&t);
        }
        lsmb_free(t.smb); /* asserts that every buffer has come back */
        ck_assert_uint_eq(t.source_closed, 1);
        ck_assert_uint_eq(t.sink_closed, 1);
        ck_assert(!t.done.finished || t.committed);
        free(t.got);
        free(t.times);
    }
}
END_TEST

START_TEST(a_source_that_ends_early_has_changed)
{
    for (uint64_t says = 1; says < 4000; says += 499) {
        struct toys t = toys_of(says - 1);
        t.says = says;
        toys_init(&t);
        toys_copy(&t);
        toys_failed(&t, LSMB_E_CHANGED);
        toys_free(&t);
    }
}
END_TEST

START_TEST(a_source_that_has_more_than_it_said_is_copied_so_far)
{
    struct toys t = toys_of(5000);

    t.says = 1234;
    toys_init(&t);
    toys_copy(&t);
    ck_assert_int_eq(t.done.err.code, LSMB_OK);
    ck_assert_uint_eq(t.committed_bytes, 1234);
    toys_free(&t);
}
END_TEST

/* Nothing at its first place, and something behind it. */
static void read_with_a_hole(struct lsmb_source *source, struct lsmb_range *range,
                             struct lsmb_wait *wait)
{
    struct toys *t = toys_of_source(source);
    struct lsmb_error *none = NULL;

    if (range->offset == 0) {
        range->len = 0;
    } else {
        toys_fill(t, range);
    }
    lsmb_wait_done(wait, none);
}

START_TEST(a_source_with_something_behind_its_end_has_changed)
{
    struct toys t = toys_of(5000);

    t.says = LSMB_SIZE_UNKNOWN;
    t.source_ops.read = read_with_a_hole;
    toys_init(&t);
    toys_copy(&t);
    toys_failed(&t, LSMB_E_CHANGED);
    toys_free(&t);
}
END_TEST

static void read_too_much(struct lsmb_source *source, struct lsmb_range *range,
                          struct lsmb_wait *wait)
{
    (void)source;
    range->len++;
    lsmb_wait_done(wait, NULL);
}

START_TEST(a_source_that_gives_too_much_is_wrong)
{
    struct toys t = toys_of(5000);

    t.source_ops.read = read_too_much;
    toys_init(&t);
    toys_copy(&t);
    toys_failed(&t, LSMB_E_USAGE);
    toys_free(&t);
}
END_TEST

START_TEST(no_more_is_in_flight_than_the_window_allows)
{
    struct toys t = toys_of(400000);

    t.window_bytes = 65536;
    t.chunk = 8192;
    toys_init(&t);
    toys_copy(&t);
    toys_well(&t);
    ck_assert_uint_le(t.in_flight_max, 65536);
    ck_assert_uint_gt(t.in_flight_max, 65536 / 2);
    toys_free(&t);
}
END_TEST

START_TEST(memory_stays_within_the_budget)
{
    struct toys t = toys_of(6 << 20);

    t.chunk = 1 << 20; /* which the budget of 1 MiB makes smaller */
    toys_init(&t);
    toys_copy(&t);
    toys_well(&t);
    ck_assert_uint_le(t.smb->env.pool.peak, 1 << 20);
    toys_free(&t);
}
END_TEST

static void mark(void *arg, const struct lsmb_error *err)
{
    bool *finished = arg;

    ck_assert(!err || err->code == LSMB_OK);
    *finished = true;
}

START_TEST(a_copy_that_waits_for_another_does_not_starve_it)
{
    enum { BYTES = 40 << 20 };
    bool finished[2] = {false, false};
    struct local_world w;
    uint8_t *from = malloc(BYTES);
    void *to = NULL;
    size_t len = 0;
    int ends[2];

    local_init_with(&w, true);
    ck_assert_ptr_nonnull(from);
    ck_assert_int_eq(pipe(ends), 0);
    memset(from, 7, BYTES);
    ck_assert_ptr_nonnull(lsmb_copy_start(w.smb, lsmb_source_memory(w.smb, from, BYTES),
                                          lsmb_sink_fd(w.smb, ends[1]), NULL, NULL, mark,
                                          &finished[0]));
    for (int i = 0; i < 20; i++) { /* the first takes what it can get, and fills the pipe */
        ck_assert_int_eq(lsmb_turn(w.smb, 10), LSMB_OK);
    }
    ck_assert_ptr_nonnull(lsmb_copy_start(w.smb, lsmb_source_fd(w.smb, ends[0]),
                                          lsmb_sink_memory(w.smb, &to, &len, BYTES), NULL, NULL,
                                          mark, &finished[1]));
    ck_assert_int_eq(lsmb_turn_until(w.smb, &finished[0]), LSMB_OK);
    (void)close(ends[1]);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &finished[1]), LSMB_OK);
    ck_assert(len == BYTES && memcmp(to, from, BYTES) == 0);
    (void)close(ends[0]);
    free(to);
    free(from);
    local_free(&w);
}
END_TEST

START_TEST(an_end_that_could_not_be_made_ends_the_other)
{
    struct toys t = toys_of(1);

    toys_init(&t);
    ck_assert_ptr_null(lsmb_copy_start(t.smb, &t.source, NULL, NULL, NULL, NULL, NULL));
    ck_assert_ptr_null(lsmb_copy_start(t.smb, NULL, &t.sink, NULL, NULL, NULL, NULL));
    toys_free(&t);
}
END_TEST

START_TEST(the_blocking_form_says_how_it_ended)
{
    struct toys t = toys_of(3000);
    struct lsmb_error err;

    t.seed = 0;
    t.fail_at = 4;
    toys_init(&t);
    ck_assert_int_eq(lsmb_copy(t.smb, &t.source, &t.sink, NULL, NULL, &err), LSMB_E_LOCAL);
    ck_assert_str_eq(err.reason, "as the test wants");
    ck_assert_str_eq(err.step, "play");
    toys_free(&t);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/xfer", every_size_in_any_order, a_source_may_not_know_its_size,
        an_ordered_sink_gets_ranges_in_order_however_they_come,
        a_sequential_source_has_one_read_at_a_time, what_a_short_read_left_is_asked_for_again,
        a_source_may_bring_its_own_memory, ranges_are_no_larger_than_the_sink_likes,
        whichever_call_fails_ends_it_cleanly, a_copy_can_be_cancelled_at_any_time,
        why_it_was_cancelled_is_what_the_user_hears, the_context_can_be_freed_at_any_time,
        a_source_that_ends_early_has_changed, a_source_that_has_more_than_it_said_is_copied_so_far,
        a_source_with_something_behind_its_end_has_changed, a_source_that_gives_too_much_is_wrong,
        no_more_is_in_flight_than_the_window_allows, memory_stays_within_the_budget,
        a_copy_that_waits_for_another_does_not_starve_it,
        an_end_that_could_not_be_made_ends_the_other, the_blocking_form_says_how_it_ended);
}
