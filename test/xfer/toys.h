/* toys.h: a source and a sink that answer their calls when and how a test wants.
 *
 *     struct toys t = toys_of(size);
 *
 *     t.fail_at = 7;                 // the eighth call of all fails
 *     toys_init(&t);
 *     toys_copy(&t);                 // answers one call per turn, in an order that t.seed decides
 *     ck_assert_int_eq(t.done.err.code, LSMB_E_LOCAL);
 *     toys_free(&t);                 // checks that everything was given back, once
 *
 * The source's bytes are a function of their offset; the sink keeps what it gets, and checks that each
 * byte comes once and, if it is ordered, in order. */
#ifndef LSMB_TEST_XFER_TOYS_H
#define LSMB_TEST_XFER_TOYS_H

#include "fs/lsmb.h"
#include "test/run.h"
#include "test/script.h"
#include "xfer/xfer.h"

#include <string.h>

enum { TOYS_HELD_MAX = 1024, TOYS_TURNS_MAX = 100000, TOYS_NEVER = 1 << 30 };

/* The source's, and from TOY_PREPARE on the sink's. */
enum toy_call {
    TOY_OPEN,
    TOY_READ,
    TOY_FINISH,
    TOY_FETCH,
    TOY_PREPARE,
    TOY_WRITE,
    TOY_COMMIT,
    TOY_ABORT,
    TOY_STORE,
    TOY_TAKE,
};

/* What the sink does when it is asked to store or to take over. */
enum toy_wish { TOY_CANNOT, TOY_TAKES, TOY_REFUSES };

struct toy_held {
    enum toy_call call;
    unsigned number; /* among all calls */
    struct lsmb_wait *wait;
    struct lsmb_range *range;       /* of TOY_READ and TOY_FETCH */
    const struct lsmb_range *bytes; /* of TOY_WRITE and TOY_STORE */
    struct lsmb_stat *stat;         /* of TOY_OPEN and TOY_FETCH */
    bool *flag;                     /* of TOY_FETCH, TOY_STORE and TOY_TAKE */
};

struct toys_done {
    bool finished;
    struct lsmb_error err;
};

struct toys {
    struct lsmb_source source; /* first */
    struct lsmb_sink sink;
    struct lsmb_source_ops source_ops;
    struct lsmb_sink_ops sink_ops;

    /* What the test wants. */
    uint64_t size, says; /* bytes there are, and are said to be */
    size_t chunk, sink_chunk;
    size_t memory_bytes, window_bytes;
    unsigned shorten; /* each read gives at most this fraction of what is asked; 0 = all */
    unsigned fail_at; /* number of the call that fails */
    unsigned stall;   /* chunk() says "not now" so many times out of eight */
    uint32_t seed;    /* 0: calls are answered at once */
    enum toy_wish stores, takes;
    bool deaf;       /* cancel is not listened to */
    bool fetches;    /* the source can */
    uint64_t listed; /* bytes, as a tree would say */
    struct lsmb_copy_options opt;

    /* What there is. */
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb *smb;
    struct lsmb_job *job;
    struct lsmb_copy_result result;
    struct toys_done done;

    /* What came of it. */
    struct toy_held held[TOYS_HELD_MAX];
    unsigned held_count, calls;
    uint8_t *got, *times; /* per byte: what came, how often */
    uint64_t due;         /* next offset of an ordered sink */
    size_t in_flight, in_flight_max, brought;
    unsigned source_closed, sink_closed, prepared, committed, aborted, told, told_turn, turn;
    unsigned fetched, stored, opened, kept_times;
    uint64_t committed_bytes, told_bytes;
};

static inline uint8_t toy_byte(uint64_t offset)
{
    return (uint8_t)(offset * 167 + (offset >> 8) * 13 + (offset >> 16));
}

static inline uint32_t toys_random(struct toys *t)
{
    t->seed = t->seed * 1664525 + 1013904223;
    return t->seed >> 8;
}

/* ---------------------------------------------------------------- answering */

static inline void toys_fill(struct toys *t, struct lsmb_range *range)
{
    uint64_t left = range->offset < t->size ? t->size - range->offset : 0;
    size_t len = range->len;

    if (t->shorten > 0 && len > 1) {
        len = (len + t->shorten - 1) / t->shorten;
    }
    range->len = len < left ? len : (size_t)left;
    if (t->source_ops.brings_data && range->len > 0) {
        range->data = malloc(range->len);
        t->brought++;
    }
    for (size_t i = 0; range->data && i < range->len; i++) {
        range->data[i] = toy_byte(range->offset + i);
    }
}

static inline void toys_keep(struct toys *t, const struct lsmb_range *range)
{
    if (range->len == 0 || range->offset + range->len > t->size ||
        (t->sink_ops.in_order && range->offset != t->due)) {
        ck_abort_msg("the sink got what it should not");
    }
    t->due += range->len;
    memcpy(t->got + range->offset, range->data, range->len);
    for (size_t i = 0; i < range->len; i++) {
        t->times[range->offset + i]++;
    }
}

/* Bring all of it, if there is room for it. */
static inline void toys_fetch(struct toys *t, const struct toy_held *call)
{
    *call->stat = (struct lsmb_stat){.bytes = t->says};
    *call->flag = t->size <= call->range->len;
    if (*call->flag) {
        unsigned shorten = t->shorten;
        t->shorten = 0;
        toys_fill(t, call->range);
        t->shorten = shorten;
        t->fetched++;
    }
}

static inline void toys_store(struct toys *t, const struct toy_held *call)
{
    *call->flag = t->stores == TOY_TAKES;
    if (*call->flag) {
        if (call->bytes->len > 0) {
            toys_keep(t, call->bytes);
        }
        t->committed_bytes = call->bytes->len;
        t->committed++;
        t->stored++;
    }
}

static inline void toys_take_over(struct toys *t, const struct toy_held *call)
{
    *call->flag = t->takes == TOY_TAKES;
    if (*call->flag) {
        for (uint64_t i = 0; i < t->size; i++) {
            t->got[i] = toy_byte(i);
            t->times[i]++;
        }
    }
}

/* Do what the call asks for and answer it. */
static inline void toys_answer(struct toys *t, struct toy_held call)
{
    struct lsmb_error err = {
        .code = LSMB_E_LOCAL, .os_errno = 5, .reason = "as the test wants", .step = "play"};

    if (call.call == TOY_READ || call.call == TOY_FETCH) {
        t->in_flight -= call.range->len;
    }
    if (call.number == t->fail_at) {
        lsmb_wait_done(call.wait, &err);
        return;
    }
    switch (call.call) {
    case TOY_OPEN:
        *call.stat = (struct lsmb_stat){.bytes = t->says};
        t->opened++;
        break;
    case TOY_READ: toys_fill(t, call.range); break;
    case TOY_PREPARE: t->prepared++; break;
    case TOY_WRITE: toys_keep(t, call.bytes); break;
    case TOY_COMMIT: t->committed++; break;
    case TOY_ABORT: t->aborted++; break;
    case TOY_FINISH: break;
    case TOY_FETCH: toys_fetch(t, &call); break;
    case TOY_STORE: toys_store(t, &call); break;
    case TOY_TAKE: toys_take_over(t, &call); break;
    }
    lsmb_wait_done(call.wait, NULL);
}

/* Answer one of the calls that are open. */
static inline void toys_step(struct toys *t)
{
    if (t->held_count > 0) {
        unsigned i = toys_random(t) % t->held_count;
        struct toy_held call = t->held[i];
        t->held[i] = t->held[--t->held_count];
        toys_answer(t, call);
    }
}

static inline void toys_take(struct toys *t, struct toy_held call)
{
    call.number = t->calls++;
    if (call.range) {
        t->in_flight += call.range->len;
        t->in_flight_max = t->in_flight > t->in_flight_max ? t->in_flight : t->in_flight_max;
    }
    if (t->seed == 0) {
        toys_answer(t, call);
    } else {
        if (t->held_count == TOYS_HELD_MAX) {
            ck_abort_msg("too many calls are open");
        }
        t->held[t->held_count++] = call;
    }
}

/* Answer everything of one end, as cancel asks for. */
static inline void toys_hurry(struct toys *t, bool sink)
{
    struct lsmb_error err = {.code = LSMB_E_CANCELLED, .reason = "hurried"};

    for (unsigned i = t->held_count; i-- > 0;) {
        struct toy_held call = t->held[i];
        if ((call.call >= TOY_PREPARE) == sink && call.call != TOY_ABORT) {
            t->held[i] = t->held[--t->held_count];
            t->in_flight -= call.range ? call.range->len : 0;
            lsmb_wait_done(call.wait, &err);
        }
    }
}

/* ---------------------------------------------------------------- the source's calls */

static inline struct toys *toys_of_source(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct toys, source);
}

static inline void toy_source_open(struct lsmb_source *source, struct lsmb_stat *stat,
                                   struct lsmb_wait *wait)
{
    toys_take(toys_of_source(source), (struct toy_held){TOY_OPEN, .stat = stat, .wait = wait});
}

static inline size_t toy_source_chunk(struct lsmb_source *source)
{
    struct toys *t = toys_of_source(source);

    return t->seed > 0 && toys_random(t) % 8 < t->stall ? 0 : t->chunk;
}

static inline void toy_source_read(struct lsmb_source *source, struct lsmb_range *range,
                                   struct lsmb_wait *wait)
{
    struct toys *t = toys_of_source(source);

    if (range->len == 0 || range->len > t->chunk) {
        ck_abort_msg("the source was asked for what it should not");
    }
    toys_take(t, (struct toy_held){TOY_READ, .range = range, .wait = wait});
}

static inline void toy_source_recycle(struct lsmb_source *source, struct lsmb_range *range)
{
    toys_of_source(source)->brought--;
    free(range->data);
}

static inline void toy_source_finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    toys_take(toys_of_source(source), (struct toy_held){TOY_FINISH, .wait = wait});
}

static inline void toy_source_fetch(struct lsmb_source *source, struct lsmb_stat *stat,
                                    struct lsmb_range *range, bool *whole, struct lsmb_wait *wait)
{
    toys_take(toys_of_source(source), (struct toy_held){TOY_FETCH, .stat = stat, .range = range,
                                                        .flag = whole, .wait = wait});
}

static inline void toy_source_close(struct lsmb_source *source)
{
    toys_of_source(source)->source_closed++;
}

static inline void toy_source_cancel(struct lsmb_source *source)
{
    toys_hurry(toys_of_source(source), false);
}

/* ---------------------------------------------------------------- the sink's calls */

static inline struct toys *toys_of_sink(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct toys, sink);
}

static inline void toy_sink_open(struct lsmb_sink *sink, const struct lsmb_stat *stat,
                                 struct lsmb_wait *wait)
{
    struct toys *t = toys_of_sink(sink);

    if (stat->bytes != (t->fetched ? t->size : t->says)) {
        ck_abort_msg("the sink was told of another source");
    }
    toys_take(t, (struct toy_held){TOY_PREPARE, .wait = wait});
}

static inline size_t toy_sink_chunk(struct lsmb_sink *sink)
{
    return toys_of_sink(sink)->sink_chunk;
}

static inline void toy_sink_write(struct lsmb_sink *sink, const struct lsmb_range *range,
                                  struct lsmb_wait *wait)
{
    toys_take(toys_of_sink(sink), (struct toy_held){TOY_WRITE, .bytes = range, .wait = wait});
}

static inline void toy_sink_commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    struct toys *t = toys_of_sink(sink);

    t->committed_bytes = bytes;
    toys_take(t, (struct toy_held){TOY_COMMIT, .wait = wait});
}

static inline void toy_sink_abort(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    toys_take(toys_of_sink(sink), (struct toy_held){TOY_ABORT, .wait = wait});
}

static inline void toy_sink_store(struct lsmb_sink *sink, const struct lsmb_stat *stat,
                                  const struct lsmb_range *range, bool *taken,
                                  struct lsmb_wait *wait)
{
    struct toys *t = toys_of_sink(sink);

    if (stat->bytes != range->len) {
        ck_abort_msg("the sink was told of another source");
    }
    toys_take(t, (struct toy_held){TOY_STORE, .bytes = range, .flag = taken, .wait = wait});
}

static inline void toy_sink_take_over(struct lsmb_sink *sink, struct lsmb_source *source,
                                      bool *taken, struct lsmb_wait *wait)
{
    struct toys *t = toys_of_sink(sink);

    ck_assert_ptr_eq(source, &t->source);
    toys_take(t, (struct toy_held){TOY_TAKE, .flag = taken, .wait = wait});
}

static inline void toy_sink_keep_times(struct lsmb_sink *sink)
{
    struct toys *t = toys_of_sink(sink);

    ck_assert_uint_eq(t->prepared + t->stored, 0);
    t->kept_times++;
}

static inline void toy_sink_close(struct lsmb_sink *sink)
{
    toys_of_sink(sink)->sink_closed++;
}

static inline void toy_sink_cancel(struct lsmb_sink *sink)
{
    toys_hurry(toys_of_sink(sink), true);
}

/* ---------------------------------------------------------------- a copy */

/* A source of so many bytes that says so, ranges of 1000 bytes, answers in some order. */
static inline struct toys toys_of(uint64_t size)
{
    return (struct toys){
        .size = size,
        .says = size,
        .chunk = 1000,
        .sink_chunk = 1 << 20,
        .memory_bytes = 1 << 20,
        .fail_at = TOYS_NEVER,
        .listed = LSMB_SIZE_UNKNOWN,
        .seed = 1,
        .source_ops = {.size = sizeof(struct lsmb_source_ops),
                       .open = toy_source_open,
                       .chunk = toy_source_chunk,
                       .read = toy_source_read,
                       .recycle = toy_source_recycle,
                       .finish = toy_source_finish,
                       .close = toy_source_close,
                       .cancel = toy_source_cancel},
        .sink_ops = {.size = sizeof(struct lsmb_sink_ops),
                     .open = toy_sink_open,
                     .chunk = toy_sink_chunk,
                     .write = toy_sink_write,
                     .commit = toy_sink_commit,
                     .abort = toy_sink_abort,
                     .close = toy_sink_close,
                     .cancel = toy_sink_cancel,
                     .keep_times = toy_sink_keep_times},
    };
}

static inline void toys_init(struct toys *t)
{
    struct lsmb_options opt = {.size = sizeof opt, .memory_bytes = t->memory_bytes};

    script_clock_init(&t->clock);
    script_random_init(&t->random);
    t->smb = lsmb_new_in(&(struct lsmb_world){.clock = &t->clock.clock,
                                              .random = &t->random.random,
                                              .jobs = &t->jobs.runner},
                         &opt, NULL);
    ck_assert_ptr_nonnull(t->smb);
    script_jobs_init(&t->jobs, &t->smb->env.ready);
    t->source_ops.fetch = t->fetches ? toy_source_fetch : NULL;
    t->sink_ops.store = t->stores != TOY_CANNOT ? toy_sink_store : NULL;
    t->sink_ops.take_over = t->takes != TOY_CANNOT ? toy_sink_take_over : NULL;
    t->source.ops = &t->source_ops;
    t->sink.ops = &t->sink_ops;
    if (t->deaf) {
        t->source_ops.cancel = NULL;
        t->sink_ops.cancel = NULL;
    }
    t->got = calloc(1, (size_t)t->size + 1);
    t->times = calloc(1, (size_t)t->size + 1);
    ck_assert(t->got && t->times);
}

static inline void toys_told(void *arg, uint64_t bytes, uint64_t total)
{
    struct toys *t = arg;

    ck_assert_uint_ne(t->told_turn, t->turn); /* at most once a turn */
    ck_assert_uint_gt(bytes, t->told_bytes);
    ck_assert_uint_eq(total, t->fetched ? t->size : t->says);
    t->told_turn = t->turn;
    t->told_bytes = bytes;
    t->told++;
}

static inline void toys_ended(void *arg, const struct lsmb_error *err)
{
    struct toys_done *done = arg;

    if (done->finished) {
        ck_abort_msg("it has ended twice");
    }
    done->finished = true;
    if (err) {
        done->err = *err;
    }
}

static inline void toys_start(struct toys *t)
{
    const struct copy_want want = {&t->source, &t->sink, &t->opt, &t->result, t->listed};

    t->opt.size = sizeof t->opt;
    t->opt.progress = toys_told;
    t->opt.progress_arg = t;
    t->opt.window_bytes = t->window_bytes;
    t->job = copy_start(t->smb, &want, toys_ended, &t->done);
    ck_assert_ptr_nonnull(t->job);
}

static inline void toys_turn(struct toys *t)
{
    t->turn++;
    if (lsmb_turn(t->smb, 0) != LSMB_OK) {
        ck_abort_msg("the loop does not turn");
    }
    toys_step(t);
}

static inline void toys_run(struct toys *t)
{
    while (!t->done.finished && t->turn < TOYS_TURNS_MAX) {
        toys_turn(t);
    }
    ck_assert(t->done.finished);
}

static inline void toys_copy(struct toys *t)
{
    toys_start(t);
    toys_run(t);
}

/* The copy was made, and nothing else. */
static inline void toys_well(const struct toys *t)
{
    ck_assert_msg(t->done.err.code == LSMB_OK, "%s", t->done.err.reason);
    ck_assert_uint_eq(t->committed, 1);
    ck_assert_uint_eq(t->aborted, 0);
    ck_assert_uint_eq(t->committed_bytes, t->size);
    ck_assert_uint_eq(t->result.bytes, t->size);
    ck_assert_uint_eq(t->told_bytes, t->size);
    uint64_t right = 0; /* an assertion per byte would take its time */
    while (right < t->size && t->times[right] == 1 && t->got[right] == toy_byte(right)) {
        right++;
    }
    ck_assert_uint_eq(right, t->size);
}

/* It failed so, and a sink that was prepared was told to forget it. */
static inline void toys_failed(const struct toys *t, enum lsmb_code code)
{
    ck_assert_msg(t->done.err.code == code, "%d: %s", (int)t->done.err.code, t->done.err.reason);
    ck_assert_str_ne(t->done.err.step, "");
    ck_assert_uint_eq(t->committed, 0);
    ck_assert_uint_eq(t->aborted, t->prepared);
}

static inline void toys_free(struct toys *t)
{
    ck_assert_uint_eq(t->held_count, 0);
    ck_assert_uint_eq(t->brought, 0);
    ck_assert_uint_eq(t->in_flight, 0);
    ck_assert_uint_eq(t->source_closed, 1);
    ck_assert_uint_eq(t->sink_closed, 1);
    ck_assert_uint_eq(t->smb->env.pool.ticketed, 0);
    lsmb_free(t->smb);
    free(t->got);
    free(t->times);
}

#endif
