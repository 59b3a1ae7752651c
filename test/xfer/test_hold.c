/* Sinks that keep what they get until they have a whole part: none waits for ever for the rest of its memory. */
#include "test/run.h"
#include "test/script.h"
#include "xfer/xfer.h"

#include <stdlib.h>

enum { KIB = 1024, MIB = 1 << 20, COPIES = 24, KEPT_MAX = 256, TURNS_MAX = 20000 };

/* A source that has its bytes at once, and may not say how many. */
struct spring {
    struct lsmb_source source; /* first */
    uint64_t size, says;
    size_t chunk; /* 0: 60 KiB, which is no part of a part */
    bool changed; /* finish() finds it so */
};

/* A sink that answers a range when the part that it ends in is complete, or told that it is the last. */
struct hoard {
    struct lsmb_sink sink; /* first */
    size_t part;           /* bytes; doubled after each when it grows */
    bool grows, late;      /* late: the last part is kept until commit() or abort() */
    struct lsmb_wait *kept[KEPT_MAX];
    unsigned count;
    uint64_t begins, got; /* where the part that is being filled begins; bytes */
    uint64_t ended;       /* bytes in all, or LSMB_SIZE_UNKNOWN */
    size_t most;          /* that were kept at a time */
    uint64_t committed;
    unsigned aborted;
    bool finished;
    struct lsmb_error err;
};

static void spring_open(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    *out = (struct lsmb_stat){.bytes = CONTAINER_OF(source, struct spring, source)->says};
    lsmb_wait_done(wait, NULL);
}

static size_t spring_chunk(struct lsmb_source *source)
{
    size_t chunk = CONTAINER_OF(source, struct spring, source)->chunk;

    return chunk > 0 ? chunk : 60 * KIB;
}

static void spring_read(struct lsmb_source *source, struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    uint64_t size = CONTAINER_OF(source, struct spring, source)->size;
    uint64_t left = range->offset < size ? size - range->offset : 0;

    range->len = range->len < left ? range->len : (size_t)left;
    memset(range->data, 1, range->len);
    lsmb_wait_done(wait, NULL);
}

static void spring_finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    struct lsmb_error err = {.code = LSMB_E_CHANGED, .reason = "as the test wants"};

    lsmb_wait_done(wait, CONTAINER_OF(source, struct spring, source)->changed ? &err : NULL);
}

static void spring_close(struct lsmb_source *source)
{
    (void)source;
}

static const struct lsmb_source_ops spring_ops = {
    .size = sizeof spring_ops,
    .open = spring_open,
    .chunk = spring_chunk,
    .read = spring_read,
    .finish = spring_finish,
    .close = spring_close,
};

static struct hoard *hoard_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct hoard, sink);
}

static void hoard_open(struct lsmb_sink *sink, const struct lsmb_stat *stat, struct lsmb_wait *wait)
{
    (void)sink;
    (void)stat;
    lsmb_wait_done(wait, NULL);
}

static void hoard_give(struct hoard *h)
{
    struct lsmb_error err = {.code = LSMB_E_CANCELLED, .reason = "given up"};
    bool given_up = h->aborted > 0;

    for (unsigned i = 0; i < h->count; i++) {
        lsmb_wait_done(h->kept[i], given_up ? &err : NULL);
    }
    h->count = 0;
}

/* As the ranges come in order here, what is there is the beginning of the part. */
static void hoard_look(struct hoard *h)
{
    uint64_t kept = h->got - h->begins;

    ck_assert_uint_le(kept, h->part); /* no range goes beyond it */
    h->most = kept > h->most ? (size_t)kept : h->most;
    if (kept == h->part || (h->got == h->ended && !h->late)) {
        hoard_give(h);
        h->begins = h->got;
        h->part = h->grows ? 2 * h->part : h->part;
    }
}

static size_t hoard_chunk(struct lsmb_sink *sink)
{
    (void)sink;
    return MIB;
}

static void hoard_write(struct lsmb_sink *sink, const struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    struct hoard *h = hoard_of(sink);

    ck_assert_uint_eq(range->offset, h->got);
    ck_assert_uint_lt(h->count, KEPT_MAX);
    h->kept[h->count++] = wait;
    h->got += range->len;
    hoard_look(h);
}

static void hoard_hold(struct lsmb_sink *sink, uint64_t offset, struct lsmb_hold *hold)
{
    const struct hoard *h = hoard_of(sink);
    uint64_t begins = h->begins;
    size_t part = h->part;

    while (offset >= begins + part) {
        begins += part;
        part = h->grows ? 2 * part : part;
    }
    *hold = (struct lsmb_hold){part, 3 * part, begins + part};
}

static void hoard_ended(struct lsmb_sink *sink, uint64_t bytes)
{
    struct hoard *h = hoard_of(sink);

    ck_assert_uint_eq(h->ended, LSMB_SIZE_UNKNOWN); /* it is told once */
    ck_assert_uint_eq(bytes, h->got);
    h->ended = bytes;
    hoard_look(h);
}

static void hoard_commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    struct hoard *h = hoard_of(sink);

    hoard_give(h);
    h->committed = bytes;
    lsmb_wait_done(wait, NULL);
}

static void hoard_abort(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    struct hoard *h = hoard_of(sink);

    h->aborted++;
    hoard_give(h);
    lsmb_wait_done(wait, NULL);
}

static void hoard_cancel(struct lsmb_sink *sink)
{
    struct hoard *h = hoard_of(sink);

    h->aborted += h->count > 0;
    hoard_give(h);
}

static void hoard_close(struct lsmb_sink *sink)
{
    (void)sink;
}

static const struct lsmb_sink_ops hoard_ops = {
    .size = sizeof hoard_ops,
    .open = hoard_open,
    .chunk = hoard_chunk,
    .write = hoard_write,
    .commit = hoard_commit,
    .abort = hoard_abort,
    .close = hoard_close,
    .cancel = hoard_cancel,
    .hold = hoard_hold,
    .ended = hoard_ended,
    .proves = true,
};

/* ---------------------------------------------------------------- copies */

struct hold_world {
    struct lsmb *smb;
    struct spring springs[COPIES];
    struct hoard hoards[COPIES];
};

static void begin(struct hold_world *w, size_t memory_bytes)
{
    struct lsmb_options opt = {.size = sizeof opt, .memory_bytes = memory_bytes};

    memset(w, 0, sizeof *w);
    w->smb = lsmb_new(&opt, NULL);
    ck_assert_ptr_nonnull(w->smb);
}

static void ended(void *arg, const struct lsmb_error *err)
{
    struct hoard *h = arg;

    h->finished = true;
    if (err) {
        h->err = *err;
    }
}

/* Copy number `i`: so many bytes, said or not, in parts of so many. */
static struct lsmb_job *start(struct hold_world *w, unsigned i, uint64_t size, bool said,
                              size_t part)
{
    struct lsmb_copy_options opt = {.size = sizeof opt, .verify = true};

    w->springs[i].source.ops = &spring_ops;
    w->springs[i].size = size;
    w->springs[i].says = said ? size : LSMB_SIZE_UNKNOWN;
    w->hoards[i].sink.ops = &hoard_ops;
    w->hoards[i].part = part;
    w->hoards[i].ended = LSMB_SIZE_UNKNOWN;
    struct lsmb_job *job = lsmb_copy_start(w->smb, &w->springs[i].source, &w->hoards[i].sink, &opt,
                                           NULL, ended, &w->hoards[i]);
    ck_assert_ptr_nonnull(job);
    return job;
}

static void finish(struct hold_world *w, unsigned copies)
{
    for (unsigned i = 0; i < copies; i++) {
        for (unsigned turn = 0; !w->hoards[i].finished; turn++) {
            ck_assert_uint_lt(turn, TURNS_MAX); /* or it waits for ever */
            ck_assert_int_eq(lsmb_turn(w->smb, 0), LSMB_OK);
        }
    }
    ck_assert_ptr_null(w->smb->in_line);
    ck_assert_uint_eq(w->smb->env.pool.ticketed, 0);
    lsmb_free(w->smb);
}

static void went_well(const struct hold_world *w, unsigned i)
{
    const struct hoard *h = &w->hoards[i];

    ck_assert_msg(h->err.code == LSMB_OK, "%s", h->err.reason);
    ck_assert_uint_eq(h->committed, w->springs[i].size);
    ck_assert_uint_eq(h->aborted, 0);
}

START_TEST(a_part_is_kept_until_it_is_whole_and_the_last_one_until_the_end)
{
    static const uint64_t sizes[] = {0,          1,          299 * KIB, 300 * KIB, 300 * KIB + 1,
                                     1500 * KIB, 5 * MIB + 7};

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (unsigned said = 0; said < 2; said++) {
            struct hold_world w;
            begin(&w, 2 * MIB);
            (void)start(&w, 0, sizes[i], said, 300 * KIB);
            finish(&w, 1);
            went_well(&w, 0);
        }
    }
}
END_TEST

START_TEST(many_that_keep_parts_wait_for_memory_in_line)
{
    struct hold_world w;

    begin(&w, MIB);
    for (unsigned i = 0; i < COPIES; i++) {
        (void)start(&w, i, 100 * KIB + (uint64_t)i * 70 * KIB, i % 3 > 0,
                    i % 2 ? 300 * KIB : 900 * KIB);
    }
    finish(&w, COPIES);
    for (unsigned i = 0; i < COPIES; i++) {
        went_well(&w, i);
    }
}
END_TEST

/* The pool has buffers of powers of two: what is kept may take nearly twice its length. */
START_TEST(ranges_of_any_length_find_memory)
{
    static const size_t chunks[] = {40 * KIB, 72 * KIB, 640 * KIB, 5 * MIB};

    for (unsigned i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        for (size_t memory = 8 * MIB; memory < 24 * MIB; memory += 3 * MIB / 2) {
            struct hold_world w;
            begin(&w, memory);
            for (unsigned k = 0; k < 5; k++) {
                w.springs[k].chunk = chunks[i];
                (void)start(&w, k, 9 * MIB + k, k % 2, k % 3 ? 8 * MIB : 5 * MIB);
            }
            finish(&w, 5);
            for (unsigned k = 0; k < 5; k++) {
                went_well(&w, k);
            }
        }
    }
}
END_TEST

START_TEST(parts_that_grow_wait_until_those_before_are_gone)
{
    struct hold_world w;

    begin(&w, 2 * MIB);
    for (unsigned i = 0; i < 4; i++) {
        w.hoards[i].grows = true;
        (void)start(&w, i, 2 * MIB, false, 200 * KIB); /* 200, 400, 800, and a part of 1600 KiB */
    }
    finish(&w, 4);
    for (unsigned i = 0; i < 4; i++) {
        went_well(&w, i);
    }
}
END_TEST

START_TEST(a_part_that_no_memory_can_hold_is_said_to_be_so_before_anything_is_read)
{
    struct hold_world w;

    begin(&w, 2 * MIB);
    (void)start(&w, 0, 5 * MIB, true, 3 * MIB);
    finish(&w, 1);
    ck_assert_int_eq(w.hoards[0].err.code, LSMB_E_USAGE);
    ck_assert_ptr_nonnull(strstr(w.hoards[0].err.advice, "--window 3M"));
    ck_assert_ptr_nonnull(strstr(w.hoards[0].err.reason, "parts of 3072 KiB, and 2048 KiB may"));
    ck_assert_uint_eq(w.hoards[0].got, 0);
    ck_assert_uint_eq(w.hoards[0].aborted, 1);
}
END_TEST

START_TEST(who_stands_in_line_can_be_cancelled)
{
    struct hold_world w;
    struct lsmb_job *jobs[3];

    begin(&w, MIB);
    for (unsigned i = 0; i < 3; i++) {
        jobs[i] = start(&w, i, 64 * MIB, true, 900 * KIB);
    }
    for (unsigned turn = 0; turn < 10; turn++) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
    for (unsigned i = 0; i < 3; i++) {
        lsmb_job_cancel(jobs[i], NULL);
    }
    finish(&w, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(w.hoards[i].err.code, LSMB_E_CANCELLED);
    }
}
END_TEST

START_TEST(what_is_kept_to_the_end_is_published_only_when_the_source_was_found_unchanged)
{
    for (unsigned changed = 0; changed < 2; changed++) {
        for (unsigned said = 0; said < 2; said++) {
            struct hold_world w;
            begin(&w, 2 * MIB);
            w.hoards[0].late = true;
            w.springs[0].changed = changed;
            (void)start(&w, 0, 1000 * KIB, said, 900 * KIB);
            finish(&w, 1);
            ck_assert_int_eq(w.hoards[0].err.code, changed ? LSMB_E_CHANGED : LSMB_OK);
            ck_assert_uint_eq(w.hoards[0].committed, changed ? 0 : 1000 * KIB);
            ck_assert_uint_eq(w.hoards[0].aborted, changed);
            ck_assert_uint_eq(w.hoards[0].count, 0);
        }
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/hold", a_part_is_kept_until_it_is_whole_and_the_last_one_until_the_end,
                     many_that_keep_parts_wait_for_memory_in_line, ranges_of_any_length_find_memory,
                     parts_that_grow_wait_until_those_before_are_gone,
                     a_part_that_no_memory_can_hold_is_said_to_be_so_before_anything_is_read,
                     what_is_kept_to_the_end_is_published_only_when_the_source_was_found_unchanged,
                     who_stands_in_line_can_be_cancelled);
}
