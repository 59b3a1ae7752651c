/* test_link.c: a conn on a stream: frames in any portions, and the end of it (MS-SMB2 2.1). */
#include "fs/link.h"

#include <errno.h>

#include "conn/request.h"
#include "proto/misc.h"
#include "proto/nbss.h"
#include "test/fs/fs_world.h"
#include "test/peer/peer_core.h"
#include "test/transport/world.h"

enum { QUEUE_BYTES = 1 << 20, ECHO_LEN = SMB2_HEADER_LEN + SMB2_EMPTY_LEN };

/* A link with credits enough; the test is the server. */
struct rig {
    struct world world;
    struct policy policy;
    struct link link;
    struct stream *far;
    size_t asked;
    struct request requests[400];
};

static void rig_open(struct rig *r, size_t queue_bytes, enum framing framing)
{
    static const uint8_t guid[16];
    struct stream *ends[2];

    memset(r, 0, sizeof *r);
    world_init(&r->world, NULL);
    r->world.env->pool.limit = 64 << 20;
    ck_assert(policy_set(&r->policy, NULL, NULL));
    ck_assert(pair_new(ends, queue_bytes));
    ends[0]->framing = framing;
    r->far = ends[1];
    link_open(&r->link, &r->world.loop, ends[0], &r->policy, guid);
    r->link.conn.credits = 1000;
}

static void rig_close(struct rig *r)
{
    link_close(&r->link);
    for (size_t i = 0; i < r->asked; i++) {
        request_drop(&r->requests[i]);
    }
    link_free(&r->link);
    stream_close(r->far);
    world_free(&r->world);
}

static void turn(struct rig *r, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        ck_assert(loop_turn(&r->world.loop, 0));
    }
}

static void ask(struct rig *r, size_t count)
{
    struct wr w;

    for (size_t i = 0; i < count; i++) {
        struct request *request = &r->requests[r->asked++];
        ck_assert(request_body(request, r->world.env, SMB2_EMPTY_LEN, &w));
        smb2_empty_put(&w);
        request_send(request, &w,
                     &(struct request_spec){.conn = &r->link.conn, .command = SMB2_ECHO}, NULL);
    }
}

/* How many of what was asked has been answered. */
static size_t answered(const struct rig *r)
{
    size_t count = 0;

    for (size_t i = 0; i < r->asked; i++) {
        const struct request *request = &r->requests[i];
        count += request_done(request) && !request->failure;
    }
    return count;
}

/* The answer to the request with this MessageId, `len` bytes long, with its prefix. */
static void put_answer(struct wr *w, const struct rig *r, uint64_t message_id, size_t len)
{
    static const uint8_t zeros[QUEUE_BYTES];
    struct smb2_header header = {
        .command = SMB2_ECHO, .flags = SMB2_FLAGS_SERVER_TO_REDIR, .message_id = message_id};

    if (r->link.stream->framing == FRAMING_NETBIOS) {
        nbss_session_put(w, NBSS_MESSAGE, len);
    } else {
        nbss_direct_put(w, len);
    }
    smb2_header_put(w, &header);
    smb2_empty_put(w);
    wr_span(w, (struct span){zeros, len - ECHO_LEN});
    ck_assert(wr_ok(w));
}

static void say(struct rig *r, struct span bytes)
{
    uint8_t *copy = peer_copy(bytes);
    struct iovec iov = {copy, bytes.len};

    ck_assert_int_eq(r->far->ops->send(r->far, &iov, 1), (ssize_t)bytes.len);
    free(copy);
}

static void ck_dead(const struct rig *r, enum lsmb_code code)
{
    ck_assert_int_eq(r->link.conn.err.code, code);
    ck_assert_ptr_null(r->link.stream);
}

/* ---------------------------------------------------------------- in */

START_TEST(frames_come_in_any_portions)
{
    static const size_t portions[] = {1, 2, 3, 4, 5, 71, 72, 73, 1000};
    uint8_t room[4096];
    struct rig r;

    for (size_t i = 0; i < sizeof portions / sizeof *portions; i++) {
        struct wr w = wr_from(room, sizeof room);
        rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
        pair_chop(r.link.stream, portions[i], SIZE_MAX);
        ask(&r, 20);
        for (unsigned id = 0; id < 20; id++) {
            put_answer(&w, &r, id, ECHO_LEN);
        }
        say(&r, wr_written(&w));
        turn(&r, 1);
        ck_assert_uint_eq(answered(&r), 20);
        ck_assert_uint_eq(r.link.loop->env->stats.sum.bytes_in, w.pos);
        rig_close(&r);
    }
}
END_TEST

START_TEST(a_frame_may_come_in_several_turns)
{
    uint8_t room[256];
    struct wr w = wr_from(room, sizeof room);
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 2);
    put_answer(&w, &r, 0, ECHO_LEN);
    put_answer(&w, &r, 1, ECHO_LEN);
    for (size_t i = 0; i < w.pos; i++) {
        ck_assert_uint_eq(answered(&r), i / (w.pos / 2));
        say(&r, (struct span){room + i, 1});
        turn(&r, 1);
    }
    ck_assert_uint_eq(answered(&r), 2);
    rig_close(&r);
}
END_TEST

START_TEST(many_frames_come_at_once)
{
    enum { LEN = ECHO_LEN + 300 };
    static uint8_t room[400 * (NBSS_PREFIX_LEN + LEN)];
    struct wr w = wr_from(room, sizeof room);
    struct rig r;

    ck_assert_uint_gt(sizeof room, (size_t)4 * LINK_STAGE_BYTES);
    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 400);
    for (unsigned id = 0; id < 400; id++) {
        put_answer(&w, &r, 399 - id, LEN);
    }
    say(&r, wr_written(&w));
    turn(&r, 1);
    ck_assert_uint_eq(answered(&r), 400);
    rig_close(&r);
}
END_TEST

/* Frames of `first` and of about `second` bytes, and a small one. */
static void straddle(size_t first, size_t second)
{
    static uint8_t room[3 * LINK_STAGE_BYTES];
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    for (size_t len = second - 90; len < second + 10; len++) {
        struct wr w = wr_from(room, sizeof room);
        r.link.conn.credits = 1000;
        ask(&r, 3);
        put_answer(&w, &r, r.asked - 3, first > 0 ? first : len);
        put_answer(&w, &r, r.asked - 2, len);
        put_answer(&w, &r, r.asked - 1, ECHO_LEN);
        say(&r, wr_written(&w));
        turn(&r, 1);
        ck_assert_uint_eq(answered(&r), r.asked);
        ck_assert_uint_eq(r.requests[r.asked - 2].message.len, len);
    }
    rig_close(&r);
}

/* A frame that ends at, before and behind the end of the stage, with prefixes that straddle it. */
START_TEST(frames_end_anywhere_about_the_stage)
{
    straddle(0, LINK_STAGE_BYTES);
    straddle(LINK_STAGE_BYTES + 1, LINK_STAGE_BEHIND);
}
END_TEST

START_TEST(a_frame_as_long_as_was_asked_for_is_taken)
{
    static uint8_t room[QUEUE_BYTES];
    struct wr w = wr_from(room, sizeof room);
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 1);
    put_answer(&w, &r, 0, conn_frame_limit(&r.link.conn));
    say(&r, wr_written(&w));
    turn(&r, 1);
    ck_assert_uint_eq(answered(&r), 1);
    rig_close(&r);
}
END_TEST

START_TEST(a_frame_longer_than_was_asked_for_is_refused)
{
    uint8_t room[NBSS_PREFIX_LEN];
    struct wr w = wr_from(room, sizeof room);
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 1);
    nbss_direct_put(&w, conn_frame_limit(&r.link.conn) + 1);
    say(&r, wr_written(&w)); /* its prefix is enough to know */
    turn(&r, 1);
    ck_dead(&r, LSMB_E_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(r.link.conn.err.reason, "73729"));
    rig_close(&r);
}
END_TEST

START_TEST(what_is_not_smb_is_refused)
{
    static const char *const other[] = {"HTTP/1.1 400 Bad Request", "\x81\0\0\x44", "\x85\0\0\0",
                                        "\xFF\xFF\xFF\xFF"};
    struct rig r;

    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
        ask(&r, 1);
        say(&r, (struct span){(const uint8_t *)other[i], 4});
        turn(&r, 1);
        ck_dead(&r, LSMB_E_PROTOCOL);
        rig_close(&r);
    }
}
END_TEST

/* RFC 1002 4.3.6 */
START_TEST(keepalives_come_between_messages)
{
    uint8_t room[1024];
    struct rig r;

    for (size_t portion = 1; portion < 80; portion += 3) {
        struct wr w = wr_from(room, sizeof room);
        rig_open(&r, QUEUE_BYTES, FRAMING_NETBIOS);
        pair_chop(r.link.stream, portion, SIZE_MAX);
        ask(&r, 3);
        nbss_session_put(&w, NBSS_KEEPALIVE, 0);
        put_answer(&w, &r, 0, ECHO_LEN);
        nbss_session_put(&w, NBSS_KEEPALIVE, 0);
        nbss_session_put(&w, NBSS_KEEPALIVE, 0);
        put_answer(&w, &r, 1, ECHO_LEN);
        put_answer(&w, &r, 2, ECHO_LEN);
        nbss_session_put(&w, NBSS_KEEPALIVE, 0);
        say(&r, wr_written(&w));
        turn(&r, 1);
        ck_assert_uint_eq(answered(&r), 3);
        rig_close(&r);
    }
}
END_TEST

/* RFC 1002 4.3: a session is set up before the first message, and only then. */
START_TEST(a_netbios_session_is_not_set_up_twice)
{
    static const enum nbss_type types[] = {NBSS_POSITIVE_RESPONSE, NBSS_NEGATIVE_RESPONSE};
    struct rig r;

    for (size_t i = 0; i < 2; i++) {
        uint8_t room[8] = {0};
        struct wr w = wr_from(room, sizeof room);
        rig_open(&r, QUEUE_BYTES, FRAMING_NETBIOS);
        nbss_session_put(&w, types[i], i); /* a negative one has a byte more */
        say(&r, (struct span){room, 5});
        turn(&r, 1);
        ck_dead(&r, LSMB_E_PROTOCOL);
        rig_close(&r);
    }
}
END_TEST

START_TEST(a_server_that_talks_without_end_leaves_room_for_others)
{
    static uint8_t room[QUEUE_BYTES];
    struct rig r;

    for (size_t i = 0; i < sizeof room; i += NBSS_PREFIX_LEN) {
        room[i] = NBSS_KEEPALIVE;
    }
    rig_open(&r, 8 * sizeof room, FRAMING_NETBIOS);
    for (unsigned i = 0; i < 8; i++) {
        say(&r, (struct span){room, sizeof room});
    }
    turn(&r, 1);
    ck_assert_uint_gt(r.link.loop->env->stats.sum.bytes_in, 1 << 20);
    ck_assert_uint_lt(r.link.loop->env->stats.sum.bytes_in, 5 << 20);
    turn(&r, 1);
    ck_assert_uint_eq(r.link.loop->env->stats.sum.bytes_in, 8 * sizeof room);
    rig_close(&r);
}
END_TEST

START_TEST(without_memory_for_a_frame_the_link_ends)
{
    uint8_t room[128];
    struct wr w = wr_from(room, sizeof room);
    struct list taken;
    struct buf *buf;
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 1);
    r.world.env->pool.limit = 1 << 20;
    list_init(&taken);
    while ((buf = pool_take_frame(&r.world.env->pool, 256))) {
        list_push_back(&taken, &buf->node);
    }
    put_answer(&w, &r, 0, ECHO_LEN);
    say(&r, wr_written(&w));
    turn(&r, 1);
    ck_dead(&r, LSMB_E_NOMEM);
    for (struct list *node; (node = list_pop_front(&taken));) {
        buf_free(CONTAINER_OF(node, struct buf, node));
    }
    rig_close(&r);
}
END_TEST

/* ---------------------------------------------------------------- the end */

START_TEST(what_came_before_the_end_counts)
{
    uint8_t room[256];
    struct wr w = wr_from(room, sizeof room);
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 2);
    put_answer(&w, &r, 0, ECHO_LEN);
    put_answer(&w, &r, 1, ECHO_LEN);
    say(&r, (struct span){room, w.pos - 1});
    stream_close(r.far);
    r.far = NULL;
    turn(&r, 1);
    ck_assert_uint_eq(answered(&r), 1);
    ck_dead(&r, LSMB_E_NETWORK);
    ck_assert_str_eq(r.link.conn.err.reason, "the server closed the connection");
    ck_assert_ptr_eq(r.requests[1].failure, &r.link.conn.err);
    rig_close(&r);
}
END_TEST

START_TEST(a_broken_stream_ends_the_link_with_its_errno)
{
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 1);
    turn(&r, 1);
    pair_cut(r.far, ETIMEDOUT);
    turn(&r, 1);
    ck_dead(&r, LSMB_E_NETWORK);
    ck_assert_int_eq(r.link.conn.err.os_errno, ETIMEDOUT);
    ask(&r, 1); /* who comes later is told, too */
    ck_assert_ptr_eq(r.requests[1].failure, &r.link.conn.err);
    rig_close(&r);
}
END_TEST

START_TEST(closing_sends_what_is_queued_and_ends_what_is_in_flight)
{
    uint8_t room[1024];
    struct iovec iov = {room, sizeof room};
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 3);
    link_close(&r.link);
    ck_dead(&r, LSMB_E_CANCELLED);
    ck_assert_int_eq(r.far->ops->receive(r.far, &iov, 1),
                     (ssize_t)3 * (NBSS_PREFIX_LEN + ECHO_LEN));
    ck_assert_int_eq(r.far->ops->receive(r.far, &iov, 1), 0);
    ck_assert_ptr_eq(r.requests[2].failure, &r.link.conn.err);
    link_close(&r.link); /* once more is harmless */
    rig_close(&r);
}
END_TEST

/* ---------------------------------------------------------------- out */

/* All that the link has sent, taken `portion` bytes a turn. */
static size_t listen_to(struct rig *r, uint8_t *room, size_t cap, size_t portion)
{
    size_t len = 0;

    for (unsigned idle = 0; idle < 3 && len < cap;) {
        uint8_t *at = room + len;
        struct iovec iov = {at, cap - len < portion ? cap - len : portion};
        ssize_t got = r->far->ops->receive(r->far, &iov, 1);
        idle = got > 0 ? 0 : idle + 1;
        len += got > 0 ? (size_t)got : 0;
        turn(r, 1);
    }
    return len;
}

/* Whether `room` has the frames of all requests, in order. */
static void ck_all_there(const struct rig *r, const uint8_t *room, size_t len)
{
    const size_t whole = NBSS_PREFIX_LEN + ECHO_LEN;
    struct smb2_header header;

    ck_assert_uint_eq(len, r->asked * whole);
    for (size_t i = 0; i < r->asked; i++) {
        struct span frame = {room + i * whole + NBSS_PREFIX_LEN, ECHO_LEN};
        ck_assert(smb2_header_get(&header, frame));
        ck_assert_uint_eq(header.message_id, i);
    }
    ck_assert_uint_eq(r->link.loop->env->stats.sum.bytes_out, len);
}

START_TEST(frames_go_out_in_any_portions)
{
    static const size_t queues[] = {1, 7, 72, 100, 10000};
    static uint8_t room[QUEUE_BYTES];
    struct rig r;

    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++) {
        rig_open(&r, queues[i], FRAMING_DIRECT);
        ask(&r, 20);
        ck_all_there(&r, room, listen_to(&r, room, sizeof room, 50));
        rig_close(&r);
    }
}
END_TEST

START_TEST(more_frames_than_one_call_takes_go_out_in_one_turn)
{
    static uint8_t room[QUEUE_BYTES];
    struct iovec iov = {room, sizeof room};
    struct rig r;

    rig_open(&r, QUEUE_BYTES, FRAMING_DIRECT);
    ask(&r, 3 * LINK_IOV_MAX + 1);
    turn(&r, 1);
    ssize_t got = r.far->ops->receive(r.far, &iov, 1);
    ck_all_there(&r, room, (size_t)got);
    rig_close(&r);
}
END_TEST

/* ---------------------------------------------------------------- with a whole client */

static void ck_client_works(struct fs_world *w)
{
    struct lsmb_stat stat;

    (void)peer_add_file(&w->peer, "a.txt", "hello", 5);
    struct lsmb_share *share = fs_share(w);
    fs_ok(w, lsmb_stat(share, "a.txt", &stat, &w->err));
    ck_assert_uint_eq(stat.bytes, 5);
    lsmb_share_close(share);
}

START_TEST(a_client_works_byte_by_byte)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.receive_max = w.send_max = 1;
    ck_client_works(&w);
    w.queue_bytes = 300; /* enough for goodbyes */
    w.receive_max = 3;
    w.send_max = 2;
    ck_client_works(&w);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_client_works_over_netbios)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.framing = FRAMING_NETBIOS;
    ck_client_works(&w);
    w.receive_max = 1;
    ck_client_works(&w);
    fs_world_free(&w);
}
END_TEST

/* Wherever the server hangs up while we log on: a clean error, and nothing left. */
START_TEST(a_logon_may_end_at_every_byte)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    lsmb_share_close(fs_share(&w));
    fs_turn(&w, 4);
    uint64_t all = w.received[0];
    ck_assert_uint_gt(all, 500);
    for (uint64_t bytes = 0; bytes < all; bytes++) {
        w.dialled = 0;
        w.received[0] = 0;
        w.close_after = bytes;
        fs_no_share(&w, LSMB_E_NETWORK, 0);
        ck_assert(list_empty(&w.smb->servers));
        ck_assert_uint_eq(w.received[0], bytes);
    }
    w.dialled = 0;
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/link", frames_come_in_any_portions, a_frame_may_come_in_several_turns,
        many_frames_come_at_once, frames_end_anywhere_about_the_stage,
        a_frame_as_long_as_was_asked_for_is_taken, a_frame_longer_than_was_asked_for_is_refused,
        what_is_not_smb_is_refused, keepalives_come_between_messages,
        a_netbios_session_is_not_set_up_twice,
        a_server_that_talks_without_end_leaves_room_for_others,
        without_memory_for_a_frame_the_link_ends, what_came_before_the_end_counts,
        a_broken_stream_ends_the_link_with_its_errno,
        closing_sends_what_is_queued_and_ends_what_is_in_flight, frames_go_out_in_any_portions,
        more_frames_than_one_call_takes_go_out_in_one_turn, a_client_works_byte_by_byte,
        a_client_works_over_netbios, a_logon_may_end_at_every_byte);
}
