/* Small files in one go, between a source and a sink that answer late, in part, or not well. */
#include "test/failmalloc.h"

#include "test/xfer/toys.h"
#include "xfer/aside.h"

enum { KINDS = 24 };

static struct toys toys_whole(uint64_t size, enum toy_wish stores)
{
    struct toys t = toys_of(size);

    t.fetches = true;
    t.stores = stores;
    return t;
}

/* All that the ends may be like. */
static struct toys some_kind(unsigned kind)
{
    struct toys t = toys_whole(5500, (enum toy_wish)(kind % 3));

    t.seed = kind + 1;
    t.source_ops.brings_data = kind / 3 & 1;
    t.deaf = kind / 6 & 1;
    t.sink_ops.in_order = kind / 12 & 1;
    return t;
}

START_TEST(a_sink_that_can_stores_what_was_fetched)
{
    static const uint64_t sizes[] = {0, 1, 5500, COPY_WHOLE_MAX};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (uint32_t seed = 0; seed < 2; seed++) {
            struct toys t = toys_whole(sizes[i], TOY_TAKES);
            t.seed = seed;
            toys_init(&t);
            toys_copy(&t);
            toys_well(&t);
            ck_assert_uint_eq(t.calls, 2);
            ck_assert_uint_eq(t.told, sizes[i] > 0);
            ck_assert(!t.result.on_server);
            toys_free(&t);
        }
    }
}
END_TEST

START_TEST(any_other_sink_gets_ranges)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        struct toys t = some_kind(kind);
        t.sink_chunk = 700;
        toys_init(&t);
        toys_copy(&t);
        toys_well(&t);
        ck_assert_uint_eq(t.stored, t.stores == TOY_TAKES);
        ck_assert_uint_eq(t.prepared, t.stores != TOY_TAKES);
        ck_assert_uint_eq(t.fetched, 1);
        ck_assert_uint_eq(t.opened, 0);
        toys_free(&t);
    }
}
END_TEST

START_TEST(a_source_that_is_too_large_is_open_and_is_read_in_ranges)
{
    struct toys t = toys_whole(COPY_WHOLE_MAX + 1, TOY_TAKES);

    t.chunk = 8192;
    toys_init(&t);
    toys_copy(&t);
    toys_well(&t);
    ck_assert_uint_eq(t.fetched + t.stored + t.opened, 0);
    toys_free(&t);
}
END_TEST

START_TEST(what_was_listed_says_how_much_to_ask_for)
{
    static const struct {
        uint64_t size, listed;
        unsigned fetched, opened;
        size_t asked;
    } cases[] = {
        {5000, 5000, 1, 0, 5000},
        {100, 10, 1, 0, 4096},       /* it has grown a little */
        {5000, 10, 0, 0, 4096},      /* and much: it is open by then */
        {5000, 1 << 20, 0, 1, 1000}, /* not worth trying: ranges */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct toys t = toys_whole(cases[i].size, TOY_TAKES);
        t.listed = cases[i].listed;
        t.window_bytes = 8192;
        toys_init(&t);
        toys_copy(&t);
        toys_well(&t);
        ck_assert_uint_eq(t.fetched, cases[i].fetched);
        ck_assert_uint_eq(t.opened, cases[i].opened);
        ck_assert_uint_ge(t.in_flight_max, cases[i].asked);
        toys_free(&t);
    }
}
END_TEST

static unsigned count_calls(struct toys t)
{
    toys_init(&t);
    toys_copy(&t);
    unsigned calls = t.calls;
    toys_free(&t);
    return calls;
}

START_TEST(whichever_call_fails_ends_it_cleanly)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        unsigned calls = count_calls(some_kind(kind));
        for (unsigned i = 0; i < calls; i++) {
            struct toys t = some_kind(kind);
            t.fail_at = i;
            toys_init(&t);
            toys_copy(&t);
            toys_failed(&t, LSMB_E_LOCAL);
            toys_free(&t);
        }
    }
}
END_TEST

START_TEST(it_can_be_cancelled_at_any_time)
{
    unsigned cancelled = 0;

    for (unsigned kind = 0; kind < KINDS; kind++) {
        bool over = false;
        for (unsigned turns = 0; !over; turns++) {
            struct toys t = some_kind(kind);
            toys_init(&t);
            toys_start(&t);
            while (t.turn < turns && !t.done.finished) {
                toys_turn(&t);
            }
            over = t.done.finished;
            if (!over) {
                lsmb_job_cancel(t.job, NULL);
            }
            toys_run(&t);
            if (t.committed) {
                toys_well(&t);
            } else {
                toys_failed(&t, LSMB_E_CANCELLED);
                cancelled++;
            }
            toys_free(&t);
        }
    }
    ck_assert_uint_gt(cancelled, (uintmax_t)3 * KINDS);
}
END_TEST

START_TEST(the_context_can_be_freed_at_any_time)
{
    for (unsigned turns = 0; turns < 60; turns++) {
        struct toys t = some_kind(turns % 3);
        toys_init(&t);
        toys_start(&t);
        while (t.turn < turns / 3 && !t.done.finished) {
            toys_turn(&t);
        }
        lsmb_free(t.smb); /* asserts that every buffer has come back */
        ck_assert_uint_eq(t.source_closed, 1);
        ck_assert_uint_eq(t.sink_closed, 1);
        free(t.got);
        free(t.times);
    }
}
END_TEST

static void fetch_too_much(struct lsmb_source *source, struct lsmb_stat *stat,
                           struct lsmb_range *range, bool *whole, struct lsmb_wait *wait)
{
    (void)source;
    stat->bytes = ++range->len;
    *whole = true;
    lsmb_wait_done(wait, NULL);
}

START_TEST(a_source_that_gives_too_much_is_wrong)
{
    struct toys t = toys_whole(5000, TOY_TAKES);

    toys_init(&t);
    t.source_ops.fetch = fetch_too_much;
    toys_copy(&t);
    toys_failed(&t, LSMB_E_USAGE);
    toys_free(&t);
}
END_TEST

START_TEST(ends_of_an_older_host_are_not_asked_for_more_than_they_know)
{
    struct toys t = toys_whole(5000, TOY_TAKES);

    t.takes = TOY_TAKES;
    t.opt.keep_times = true;
    t.source_ops.size = offsetof(struct lsmb_source_ops, fetch);
    t.sink_ops.size = offsetof(struct lsmb_sink_ops, store);
    toys_init(&t);
    toys_copy(&t);
    toys_well(&t);
    ck_assert_uint_eq(t.fetched + t.stored + t.kept_times, 0);
    ck_assert(!t.result.on_server);
    toys_free(&t);
}
END_TEST

START_TEST(a_sink_is_told_to_keep_times_before_anything_else)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        struct toys t = some_kind(kind);
        t.opt.keep_times = true;
        toys_init(&t);
        toys_copy(&t);
        toys_well(&t);
        ck_assert_uint_eq(t.kept_times, 1);
        toys_free(&t);
    }
}
END_TEST

START_TEST(whichever_allocation_fails_ends_it_cleanly)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        bool failed = true;
        for (unsigned skip = 0; failed; skip++) {
            struct toys t = some_kind(kind);
            t.source_ops.brings_data = false; /* its memory is the toy's own matter */
            toys_init(&t);
            fail_malloc(skip, false);
            t.job =
                lsmb_copy_start(t.smb, &t.source, &t.sink, NULL, &t.result, toys_ended, &t.done);
            while (t.job && !t.done.finished) {
                toys_turn(&t);
            }
            failed = fail_malloc_off();
            ck_assert(failed || t.committed == 1);
            ck_assert(!t.job || t.committed || t.done.err.code == LSMB_E_NOMEM);
            ck_assert_uint_eq(t.aborted, t.committed ? 0 : t.prepared);
            toys_free(&t);
        }
    }
}
END_TEST

/* ---------------------------------------------------------------- memory */

/* Many copies of one context: the toys' own context is not used. */
static unsigned run_many(struct toys *many, unsigned count, struct lsmb *smb)
{
    unsigned most = 0, next = 0;
    bool busy = true;

    for (unsigned turns = 0; busy; turns++) {
        unsigned asked = 0;
        ck_assert_uint_lt(turns, TOYS_TURNS_MAX);
        ck_assert_int_eq(lsmb_turn(smb, 0), LSMB_OK);
        busy = false;
        for (unsigned i = 0; i < count; i++) {
            many[i].turn++;
            asked += many[i].in_flight > 0;
            busy = busy || !many[i].done.finished;
        }
        most = asked > most ? asked : most;
        toys_step(&many[next]);
        next = next + 1 < count ? next + 1 : 0;
    }
    return most;
}

START_TEST(as_many_are_fetched_as_there_is_memory_for)
{
    enum { MANY = 40 };
    static struct toys many[MANY];

    for (unsigned i = 0; i < MANY; i++) {
        many[i] = toys_whole(100000, i % 2 ? TOY_TAKES : TOY_REFUSES);
        many[i].seed = i + 1;
        many[i].chunk = 1 << 20;
        toys_init(&many[i]);
    }
    struct lsmb *smb = many[0].smb;
    for (unsigned i = 0; i < MANY; i++) {
        struct lsmb *own = many[i].smb;
        many[i].smb = smb;
        toys_start(&many[i]);
        many[i].smb = own;
        many[i].turn++;
    }
    unsigned most = run_many(many, MANY, smb);
    ck_assert_uint_ge(most, 2);
    ck_assert_uint_le(most, 4); /* of 256 KiB, in 1 MiB */
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_int_eq(many[i].done.err.code, LSMB_OK);
        ck_assert_uint_eq(many[i].committed_bytes, 100000);
    }
    ck_assert_uint_eq(smb->fetches, 0);
    for (unsigned i = 0; i < MANY; i++) {
        toys_free(&many[i]);
    }
}
END_TEST

/* ---------------------------------------------------------------- taken over */

START_TEST(a_sink_may_take_over_what_it_can_reach)
{
    for (uint32_t seed = 0; seed < 3; seed++) {
        struct toys t = toys_of(5500);
        t.seed = seed;
        t.takes = TOY_TAKES;
        toys_init(&t);
        toys_copy(&t);
        toys_well(&t);
        ck_assert(t.result.on_server);
        ck_assert_uint_eq(t.calls, 5); /* open both, take over, finish, commit */
        toys_free(&t);
    }
}
END_TEST

START_TEST(what_is_not_taken_over_is_copied)
{
    struct toys t = toys_of(5500);

    t.takes = TOY_REFUSES;
    toys_init(&t);
    toys_copy(&t);
    toys_well(&t);
    ck_assert(!t.result.on_server);
    toys_free(&t);
}
END_TEST

START_TEST(a_take_over_that_fails_leaves_nothing)
{
    for (unsigned i = 0; i < 5; i++) {
        struct toys t = toys_of(5500);
        t.takes = TOY_TAKES;
        t.fail_at = i;
        toys_init(&t);
        toys_copy(&t);
        toys_failed(&t, LSMB_E_LOCAL);
        toys_free(&t);
    }
}
END_TEST

/* The first is fetched whoever waits, or they might wait for one another. */
START_TEST(nobody_passes_who_waits_for_the_memory_of_a_part)
{
    for (unsigned first = 0; first < 2; first++) {
        struct toys t = toys_whole(5500, TOY_TAKES);
        struct aside part = {0};
        toys_init(&t);
        t.smb->in_line = &part;
        t.smb->fetches = 1; /* another one */
        toys_start(&t);
        for (unsigned turn = 0; turn < 20; turn++) {
            toys_turn(&t);
        }
        ck_assert_uint_eq(t.calls, 0);
        if (first) {
            t.smb->fetches = 0;
        } else {
            aside_leave(t.smb, &part);
        }
        toys_run(&t);
        toys_well(&t);
        aside_leave(t.smb, &part);
        toys_free(&t);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/whole", a_sink_that_can_stores_what_was_fetched, any_other_sink_gets_ranges,
        a_source_that_is_too_large_is_open_and_is_read_in_ranges,
        what_was_listed_says_how_much_to_ask_for, whichever_call_fails_ends_it_cleanly,
        it_can_be_cancelled_at_any_time, the_context_can_be_freed_at_any_time,
        a_source_that_gives_too_much_is_wrong,
        ends_of_an_older_host_are_not_asked_for_more_than_they_know,
        a_sink_is_told_to_keep_times_before_anything_else,
        whichever_allocation_fails_ends_it_cleanly, as_many_are_fetched_as_there_is_memory_for,
        a_sink_may_take_over_what_it_can_reach, what_is_not_taken_over_is_copied,
        a_take_over_that_fails_leaves_nothing, nobody_passes_who_waits_for_the_memory_of_a_part);
}
