/* test_bound.c: what a copy waits for, and where the time goes. */
#include "xfer/bound.h"

#include "fs/holding.h"
#include "test/xfer/put_world.h"

static const char *const names[] = {"server", "credits", "link", "source", "sink", "cpu", "limit"};

static void ck_bound(enum lsmb_bound got, enum lsmb_bound wanted)
{
    ck_assert_str_eq(names[got], names[wanted]);
}

START_TEST(the_ends_of_a_host_are_his)
{
    struct put p;

    put_init(&p);
    struct lsmb_source *source = lsmb_source_memory(p.w.smb, "a", 1);
    struct lsmb_sink *sink = lsmb_sink_fd(p.w.smb, 2);
    ck_bound(bound_of_source(source), LSMB_BOUND_SOURCE);
    ck_bound(bound_of_sink(sink), LSMB_BOUND_SINK);
    source->ops->close(source);
    sink->ops->close(sink);
    put_end(&p);
}
END_TEST

START_TEST(an_end_on_a_share_waits_for_the_server_or_what_is_before_it)
{
    struct fs_done done = {0};
    struct put p;

    put_init(&p);
    struct lsmb_source *source = lsmb_source_share(p.share, "a", false);
    struct lsmb_sink *sink = lsmb_sink_share(p.share, "b", LSMB_PUBLISH_AUTO);
    struct link *link = p.share->lane->link;
    uint32_t credits = link->conn.credits;
    ck_bound(bound_of_source(source), LSMB_BOUND_SERVER);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_ECHO, .fate = PEER_HOLD});
    ck_assert_ptr_nonnull(lsmb_share_echo_start(p.share, fs_done, &done));
    fs_turn(&p.w, 4);
    link->conn.credits = 1; /* which is kept for control requests */
    ck_bound(bound_of_source(source), LSMB_BOUND_CREDITS);
    ck_bound(bound_of_sink(sink), LSMB_BOUND_CREDITS);
    link->stuck = true;
    ck_bound(bound_of_sink(sink), LSMB_BOUND_LINK);
    link->stuck = false;
    link->conn.credits = credits - 1;
    peer_release(p.w.links[0]->link);
    share_run(&p.w, &done.finished);
    peer_close(p.w.links[0]->link);
    fs_turn(&p.w, 4);
    ck_bound(bound_of_sink(sink), LSMB_BOUND_SERVER);
    source->ops->close(source);
    sink->ops->close(sink);
    put_end(&p);
}
END_TEST

/* Milliseconds. */
static unsigned charged(const struct put *p, enum lsmb_bound bound)
{
    struct lsmb_stats stats = {.size = sizeof stats};

    lsmb_stats_get(p->w.smb, &stats);
    return (unsigned)(stats.bound_ns[bound] / NS_PER_MS);
}

/* Let so much time pass in waiting. */
static void pass(struct put *p, int ms)
{
    for (unsigned i = 0; i < 200; i++) { /* until nothing else moves any more */
        fs_turn(&p->w, 1);
    }
    ck_assert_int_eq(lsmb_turn(p->w.smb, ms), LSMB_OK);
}

START_TEST(a_server_that_takes_its_time_is_charged_for_it)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_WRITE, SMB2_FLUSH, SMB2_CLOSE};

    for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++) {
        uint8_t *bytes = pattern(3000000);
        struct put p;
        put_init(&p);
        peer_script(&p.w.peer, &(struct peer_rule){.command = commands[i], .fate = PEER_HOLD});
        ck_assert_ptr_nonnull(put_start(&p, "a", bytes, 3000000, LSMB_PUBLISH_AUTO));
        while (peer_count(&p.w.peer, commands[i]) == 0) {
            fs_turn(&p.w, 1);
        }
        pass(&p, 70);
        ck_assert_uint_eq(charged(&p, LSMB_BOUND_SERVER), 70);
        peer_release(p.w.links[0]->link);
        share_run(&p.w, &p.done.finished);
        ck_assert_int_eq(p.done.err.code, LSMB_OK);
        ck_assert_int_eq(lsmb_turn(p.w.smb, 0), LSMB_OK);
        ck_assert_uint_eq(p.w.smb->env.stats.copies_count, 0);
        ck_assert_uint_eq(charged(&p, LSMB_BOUND_SERVER), 70);
        put_end(&p);
        free(bytes);
    }
}
END_TEST

START_TEST(so_is_an_end_of_the_host)
{
    for (unsigned reads = 0; reads < 2; reads++) {
        struct toys t = toys_of(3000);
        struct put p;
        put_init(&p);
        t.source.ops = &t.source_ops;
        t.sink.ops = &t.sink_ops;
        t.got = calloc(3000, 1);
        t.times = calloc(3000, 1);
        t.seed = 1; /* nobody answers but toys_step() */
        ck_assert_ptr_nonnull(
            lsmb_copy_start(p.w.smb, &t.source, &t.sink, NULL, NULL, fs_done, &p.done));
        while (t.held_count == 0 || (reads ? t.held[0].call != TOY_READ : t.prepared == 0)) {
            toys_step(&t);
            fs_turn(&p.w, 2);
        }
        while (!reads && t.held[0].call == TOY_READ) {
            toys_step(&t);
            fs_turn(&p.w, 2);
        }
        pass(&p, 30);
        ck_assert_uint_eq(charged(&p, reads ? LSMB_BOUND_SOURCE : LSMB_BOUND_SINK), 30);
        while (!p.done.finished) {
            toys_step(&t);
            fs_turn(&p.w, 1);
        }
        free(t.got);
        free(t.times);
        put_end(&p);
    }
}
END_TEST

START_TEST(a_copy_that_is_kept_to_a_rate_waits_for_that)
{
    static const size_t lengths[] = {250000, 3000000}; /* in one go, and range by range */

    for (unsigned i = 0; i < 2; i++) {
        uint8_t *bytes = pattern(lengths[i]);
        struct put p;
        put_init(&p);
        p.w.smb->rate.limit = 1000000;
        for (unsigned k = 0; k < 4; k++) {
            fs_ok(&p.w, put(&p, "a", bytes, lengths[i]));
        }
        /* The first bytes, and a tenth of a second of them, go at once. */
        ck_assert_uint_ge(charged(&p, LSMB_BOUND_LIMIT) + 400, lengths[i] * 4 / 1000);
        put_end(&p);
        free(bytes);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/bound", the_ends_of_a_host_are_his,
                     an_end_on_a_share_waits_for_the_server_or_what_is_before_it,
                     a_server_that_takes_its_time_is_charged_for_it, so_is_an_end_of_the_host,
                     a_copy_that_is_kept_to_a_rate_waits_for_that);
}
