/* Copies share: who starts how much, and when. */
#include "xfer/turns.h"

#include <string.h>

#include "test/run.h"
#include "test/script.h"

enum { MOVERS = 5 };

struct world;

/* One that has `wants` ranges to start, as long as there are credits. */
struct shy {
    struct mover mover; /* first */
    struct world *w;
    unsigned wants, started, ended;
    bool leaves; /* after its first range */
    struct shy *frees;
};

struct world {
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb *smb;
    unsigned credits;
    struct shy *shy[MOVERS];
};

static struct shy *shy_of(struct mover *mover)
{
    return CONTAINER_OF(mover, struct shy, mover);
}

static bool start(struct mover *mover)
{
    struct shy *s = shy_of(mover);
    struct world *w = s->w;

    if (s->wants == 0 || w->credits == 0) {
        return false;
    }
    w->credits--;
    s->wants--;
    s->started++;
    if (s->frees) {
        mover_leave(w->smb, &s->frees->mover);
        memset(s->frees, 0x5a, sizeof *s->frees);
        s->frees = NULL;
    }
    if (s->leaves) {
        mover_leave(w->smb, mover);
        memset(&s->mover, 0, sizeof s->mover);
        return false;
    }
    return true;
}

static void end(struct mover *mover)
{
    struct shy *s = shy_of(mover);

    s->ended++;
    if (s->frees && s->wants == 0) {
        mover_leave(s->w->smb, &s->frees->mover);
        s->frees = NULL;
    }
}

static void init(struct world *w, uint64_t rate_limit)
{
    struct lsmb_options opt = {
        .size = sizeof opt, .memory_bytes = 4 << 20, .rate_limit = rate_limit};

    memset(w, 0, sizeof *w);
    script_clock_init(&w->clock);
    script_random_init(&w->random);
    w->smb = lsmb_new_in(&(struct lsmb_world){.clock = &w->clock.clock,
                                              .random = &w->random.random,
                                              .jobs = &w->jobs.runner},
                         &opt, NULL);
    ck_assert_ptr_nonnull(w->smb);
    script_jobs_init(&w->jobs, &w->smb->env.ready);
    for (unsigned i = 0; i < MOVERS; i++) {
        w->shy[i] = calloc(1, sizeof *w->shy[i]);
        ck_assert_ptr_nonnull(w->shy[i]);
        *w->shy[i] = (struct shy){.mover = {.start = start, .end = end}, .w = w, .wants = 1000};
    }
}

static void join_all(struct world *w)
{
    for (unsigned i = 0; i < MOVERS; i++) {
        mover_join(w->smb, &w->shy[i]->mover);
    }
}

static void turn(struct world *w, unsigned credits)
{
    w->credits = credits;
    ck_assert_int_eq(lsmb_turn(w->smb, 0), LSMB_OK);
}

static void free_world(struct world *w)
{
    for (unsigned i = 0; i < MOVERS; i++) {
        free(w->shy[i]);
    }
    lsmb_free(w->smb);
}

START_TEST(what_there_is_is_shared_evenly)
{
    struct world w;

    init(&w, 0);
    join_all(&w);
    for (unsigned i = 0; i < 100; i++) {
        turn(&w, i % 13); /* more and less than there are movers */
    }
    for (unsigned i = 0; i < MOVERS; i++) {
        ck_assert_uint_ge(w.shy[i]->started + 1, w.shy[0]->started);
        ck_assert_uint_le(w.shy[i]->started, w.shy[0]->started + 1);
        ck_assert_uint_eq(w.shy[i]->ended, 100);
    }
    ck_assert_uint_gt(w.shy[0]->started, 100);
    free_world(&w);
}
END_TEST

START_TEST(who_wants_little_leaves_the_rest_to_the_others)
{
    struct world w;

    init(&w, 0);
    join_all(&w);
    w.shy[1]->wants = w.shy[3]->wants = 2;
    turn(&w, 100);
    ck_assert_uint_eq(w.shy[1]->started, 2);
    ck_assert_uint_eq(w.shy[0]->started + w.shy[2]->started + w.shy[4]->started, 96);
    ck_assert_uint_eq(w.shy[4]->started, 32);
    free_world(&w);
}
END_TEST

START_TEST(a_mover_may_leave_and_take_others_with_it)
{
    struct world w;

    init(&w, 0);
    join_all(&w);
    w.shy[0]->frees = w.shy[2]; /* before its turn */
    w.shy[3]->frees = w.shy[1]; /* after it */
    w.shy[4]->leaves = true;
    turn(&w, 20);
    ck_assert_uint_eq(w.shy[4]->started, 1);
    ck_assert_uint_eq(w.shy[4]->ended, 0);
    ck_assert_uint_eq(w.shy[0]->started + w.shy[3]->started, 18);
    mover_leave(w.smb, &w.shy[0]->mover);
    mover_leave(w.smb, &w.shy[0]->mover);
    turn(&w, 7);
    ck_assert_uint_eq(w.credits, 0);
    free_world(&w);
}
END_TEST

START_TEST(a_mover_may_leave_at_the_end_of_a_turn)
{
    struct world w;

    init(&w, 0);
    join_all(&w);
    for (unsigned i = 0; i < MOVERS; i++) {
        w.shy[i]->wants = 0;
        w.shy[i]->frees = w.shy[(i + 2) % MOVERS];
    }
    turn(&w, 1); /* the first takes the third with it, which then takes nobody */
    for (unsigned i = 0; i < MOVERS; i++) {
        ck_assert_int_eq(mover_joined(&w.shy[i]->mover), i == 0 || i == 4);
    }
    mover_leave(w.smb, &w.shy[4]->mover);
    mover_leave(w.smb, &w.shy[0]->mover);
    turn(&w, 1);
    mover_join(w.smb, &w.shy[0]->mover);
    w.shy[0]->wants = 1;
    turn(&w, 1);
    ck_assert_uint_eq(w.shy[0]->started, 1);
    free_world(&w);
}
END_TEST

/* ---------------------------------------------------------------- the rate limit */

static void done(void *arg, const struct lsmb_error *err)
{
    ck_assert(!err);
    --*(unsigned *)arg;
}

/* Copy `count` times `bytes` from memory to memory; returns how many milliseconds it takes. */
static uint64_t copy_for(uint64_t limit, unsigned count, size_t bytes)
{
    uint8_t *from = calloc(1, bytes);
    void *to[20] = {NULL};
    unsigned left = count;
    struct world w;
    size_t len[20];

    ck_assert(from && count <= 20);
    init(&w, limit);
    uint64_t began_ns = w.clock.now_ns;
    for (unsigned i = 0; i < count; i++) {
        ck_assert_ptr_nonnull(lsmb_copy_start(w.smb, lsmb_source_memory(w.smb, from, bytes),
                                              lsmb_sink_memory(w.smb, &to[i], &len[i], bytes), NULL,
                                              NULL, done, &left));
    }
    while (left > 0) {
        ck_assert_int_eq(lsmb_turn(w.smb, -1), LSMB_OK);
    }
    uint64_t took_ms = (w.clock.now_ns - began_ns) / NS_PER_MS;
    for (unsigned i = 0; i < count; i++) {
        ck_assert_uint_eq(len[i], bytes);
        free(to[i]);
    }
    free(from);
    free_world(&w);
    return took_ms;
}

START_TEST(copies_keep_to_the_rate_limit)
{
    ck_assert_uint_eq(copy_for(0, 1, 10 << 20), 0);
    uint64_t one = copy_for(1 << 20, 1, 10 << 20);
    ck_assert_uint_ge(one, 9500);
    ck_assert_uint_le(one, 10250); /* what was asked for to fetch it whole is paid for, too */
    uint64_t many = copy_for(1 << 20, 10, 1 << 20); /* together */
    ck_assert_uint_ge(many, 9500);
    ck_assert_uint_le(many, 12600);                 /* likewise */
    uint64_t small = copy_for(1 << 20, 20, 100000); /* as a whole */
    ck_assert_uint_ge(small, 1600);
    ck_assert_uint_le(small, 2000);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/turns", what_there_is_is_shared_evenly,
                     who_wants_little_leaves_the_rest_to_the_others,
                     a_mover_may_leave_and_take_others_with_it,
                     a_mover_may_leave_at_the_end_of_a_turn, copies_keep_to_the_rate_limit);
}
