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

/* Ends of a host that give and take 1000 bytes when they are told to. */
struct ends {
    struct lsmb_source source;
    struct lsmb_sink sink;
    struct lsmb_wait *reading, *writing;
};

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    (void)source;
    out->bytes = 1000;
    lsmb_wait_done(wait, NULL);
}

static size_t source_chunk(struct lsmb_source *source)
{
    (void)source;
    return 1000;
}

static void read_source(struct lsmb_source *source, struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    memset(range->data, 'x', range->len);
    CONTAINER_OF(source, struct ends, source)->reading = wait;
}

static void finish_source(struct lsmb_source *source, struct lsmb_wait *wait)
{
    (void)source;
    lsmb_wait_done(wait, NULL);
}

static void close_source(struct lsmb_source *source)
{
    (void)source;
}

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *stat, struct lsmb_wait *wait)
{
    (void)sink;
    (void)stat;
    lsmb_wait_done(wait, NULL);
}

static size_t sink_chunk(struct lsmb_sink *sink)
{
    (void)sink;
    return 1000;
}

static void write_sink(struct lsmb_sink *sink, const struct lsmb_range *range,
                       struct lsmb_wait *wait)
{
    (void)range;
    CONTAINER_OF(sink, struct ends, sink)->writing = wait;
}

static void commit_sink(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    (void)sink;
    (void)bytes;
    lsmb_wait_done(wait, NULL);
}

static void close_sink(struct lsmb_sink *sink)
{
    (void)sink;
}

static const struct lsmb_source_ops source_ops = {
    .size = sizeof source_ops,
    .open = open_source,
    .chunk = source_chunk,
    .read = read_source,
    .finish = finish_source,
    .close = close_source,
};

static const struct lsmb_sink_ops sink_ops = {
    .size = sizeof sink_ops,
    .open = open_sink,
    .chunk = sink_chunk,
    .write = write_sink,
    .commit = commit_sink,
    .close = close_sink,
};

START_TEST(so_is_an_end_of_the_host)
{
    struct ends ends = {{&source_ops}, {&sink_ops}, NULL, NULL};
    struct put p;

    put_init(&p);
    ck_assert_ptr_nonnull(
        lsmb_copy_start(p.w.smb, &ends.source, &ends.sink, NULL, NULL, fs_done, &p.done));
    pass(&p, 30);
    ck_assert_uint_eq(charged(&p, LSMB_BOUND_SOURCE), 30);
    lsmb_wait_done(ends.reading, NULL);
    pass(&p, 50);
    ck_assert_uint_eq(charged(&p, LSMB_BOUND_SOURCE), 30);
    ck_assert_uint_eq(charged(&p, LSMB_BOUND_SINK), 50);
    lsmb_wait_done(ends.writing, NULL);
    share_run(&p.w, &p.done.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_OK);
    put_end(&p);
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
