/* test_nbss_session.c: asking for a NetBIOS session, over a pair with a scripted peer. */
#include "test/transport/world.h"
#include "transport/nbss_session.h"
#include "transport/pair.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static const struct nbss_name called = {"*SMBSERVER", 0x20}, calling = {"CLIENT", 0x00};

/* Who starts the operation under test. */
struct starter {
    struct op op; /* first */
    struct nbss_session_op session;
    struct stream *stream;
    const struct nbss_name *called;
    struct loop *loop;
    bool ended;
};

static struct world world;
static struct stream *ends[2]; /* ours, the peer's */
static struct starter starter;

static enum op_next start_session(struct op *op)
{
    struct starter *s = CONTAINER_OF(op, struct starter, op);

    nbss_session_start(&s->session, op, s->loop, s->stream, s->called, &calling);
    return op_go(op, 1);
}

static enum op_next take_session(struct op *op)
{
    struct starter *s = CONTAINER_OF(op, struct starter, op);

    if (!op_finished(&s->session.op)) {
        return OP_WAIT;
    }
    return op_failed(&s->session.op) ? op_fail_as(op, &s->session.op.err) : OP_DONE;
}

static const struct op_step steps[] = {{"start", start_session, 0}, {"wait", take_session, 0}};
static const struct op_kind kind = {"starter", steps, NULL};

static void ended(struct op *op)
{
    CONTAINER_OF(op, struct starter, op)->ended = true;
}

static void setup(void)
{
    world_init(&world, NULL);
    ck_assert(pair_new(ends, 100));
    starter = (struct starter){.stream = ends[0], .called = &called, .loop = &world.loop};
    op_start(&starter.op, world.env, &kind, ended);
}

static void teardown(void)
{
    op_abort(&starter.op);
    stream_close(ends[0]);
    stream_close(ends[1]);
    world_free(&world);
}

static void turn(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        ck_assert(loop_turn(&world.loop, 0));
    }
}

/* The peer sends what `w` holds. */
static void answer(const struct wr *w)
{
    struct iovec iov = {w->ptr, w->pos};

    ck_assert(wr_ok(w));
    ck_assert_int_eq(ends[1]->ops->send(ends[1], &iov, 1), (ssize_t)w->pos);
}

static void check_failed(enum lsmb_code code, const char *reason)
{
    turn(200);
    ck_assert(starter.ended);
    ck_assert_int_eq(starter.op.err.code, code);
    ck_assert_msg(strstr(starter.op.err.reason, reason), "%s", starter.op.err.reason);
    ck_assert_int_eq(ends[0]->framing, FRAMING_DIRECT);
    ck_assert_ptr_null(ends[0]->receive);
}

START_TEST(the_request_names_both_ends)
{
    uint8_t got[100];
    struct iovec iov = {got, sizeof got};
    struct nbss_name to, from;
    enum nbss_type type;
    size_t length;

    turn(3);
    ck_assert_int_eq(ends[1]->ops->receive(ends[1], &iov, 1), NBSS_REQUEST_LEN);
    ck_assert(nbss_session_get(&type, &length, (struct span){got, 4}));
    ck_assert_int_eq(type, NBSS_SESSION_REQUEST);
    ck_assert_uint_eq(length, NBSS_REQUEST_LEN - NBSS_PREFIX_LEN);
    ck_assert(nbss_request_get(&to, &from, (struct span){got + 4, length}));
    ck_assert_str_eq(to.text, "*SMBSERVER");
    ck_assert_uint_eq(to.suffix, 0x20);
    ck_assert_str_eq(from.text, "CLIENT");
    ck_assert_uint_eq(from.suffix, 0x00);
}
END_TEST

START_TEST(a_positive_answer_changes_the_framing)
{
    uint8_t room[16];
    struct wr w = {room, sizeof room, 0, false};

    turn(3);
    ck_assert(!starter.ended);
    nbss_positive_put(&w);
    answer(&w);
    turn(3);
    ck_assert(starter.ended);
    ck_assert(!op_failed(&starter.op));
    ck_assert_int_eq(ends[0]->framing, FRAMING_NETBIOS);
    ck_assert_ptr_null(ends[0]->receive);
}
END_TEST

START_TEST(what_follows_the_answer_is_left_in_the_stream)
{
    uint8_t room[16], next[2] = {0};
    struct wr w = {room, sizeof room, 0, false};
    struct iovec iov = {next, sizeof next};

    nbss_positive_put(&w);
    wr_u8(&w, 0x42);
    answer(&w);
    turn(5);
    ck_assert(starter.ended);
    ck_assert_int_eq(ends[0]->ops->receive(ends[0], &iov, 1), 1);
    ck_assert_uint_eq(next[0], 0x42);
}
END_TEST

START_TEST(byte_by_byte_goes_as_well)
{
    uint8_t room[16];
    struct wr w = {room, sizeof room, 0, false};

    pair_chop(ends[0], 1, 1);
    nbss_negative_put(&w, NBSS_INSUFFICIENT_RESOURCES);
    answer(&w);
    check_failed(LSMB_E_NETWORK, "refused with 0x83: insufficient resources");
}
END_TEST

/* The peer sends so many keepalives. */
static void keep_alive(unsigned count)
{
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);

    for (unsigned i = 0; i < count; i++) {
        nbss_session_put(&w, NBSS_KEEPALIVE, 0);
    }
    answer(&w);
}

START_TEST(keepalives_before_the_answer_are_dropped) /* RFC 1002 4.3.6 */
{
    uint8_t room[16];
    struct wr w = wr_from(room, sizeof room);

    keep_alive(2);
    turn(3);
    ck_assert(!starter.ended);
    keep_alive(2);
    nbss_positive_put(&w);
    answer(&w);
    turn(3);
    ck_assert(starter.ended);
    ck_assert(!op_failed(&starter.op));
}
END_TEST

START_TEST(keepalives_are_no_answer)
{
    keep_alive(5);
    check_failed(LSMB_E_PROTOCOL, "keepalives instead of an answer");
}
END_TEST

START_TEST(every_refusal_is_told_in_words) /* RFC 1002 4.3.4 */
{
    static const struct {
        uint8_t error;
        const char *text;
    } refusals[] = {{0x80, "not listening on the called name"},
                    {0x81, "not listening for the calling name"},
                    {0x82, "the called name is not present"},
                    {0x83, "insufficient resources"},
                    {0x8F, "unspecified error"},
                    {0x42, "0x42: unknown error"}};
    uint8_t room[16];
    struct wr w = {room, sizeof room, 0, false};

    nbss_negative_put(&w, refusals[_i].error);
    answer(&w);
    check_failed(LSMB_E_NETWORK, refusals[_i].text);
    ck_assert_uint_eq(starter.session.refusal, refusals[_i].error);
    ck_assert_ptr_nonnull(strstr(starter.op.err.reason, "called *SMBSERVER"));
    ck_assert_str_eq(starter.op.err.step, "wait for the NetBIOS session response");
}
END_TEST

START_TEST(a_retarget_says_where_to_go)
{
    uint8_t room[16];
    struct wr w = {room, sizeof room, 0, false};
    struct nbss_retarget to = {.address = 0xC0000207, .port = 1139};

    nbss_retarget_put(&w, &to);
    answer(&w);
    check_failed(LSMB_E_NETWORK, "go to 192.0.2.7:1139 instead");
    ck_assert(starter.session.retargeted);
    ck_assert_uint_eq(starter.session.to.address, to.address);
    ck_assert_uint_eq(starter.session.to.port, to.port);
}
END_TEST

START_TEST(anything_else_is_refused)
{
    static const uint8_t wrong[][8] = {
        {0x00, 0, 0, 4, 'a', 'b', 'c', 'd'},     /* a message */
        {0x85, 0, 0, 1, 'a', 'b', 'c', 'd'},     /* a keepalive with a body */
        {0x81, 0, 0, 4, 'a', 'b', 'c', 'd'},     /* a request */
        {0x83, 0, 0, 2, 'a', 'b', 'c', 'd'},     /* a negative answer that is too long */
        {0x84, 0, 0, 8, 'a', 'b', 'c', 'd'},     /* a retarget answer that is too long */
        {0x82, 1, 255, 255, 'a', 'b', 'c', 'd'}, /* a long positive answer */
        {'H', 'T', 'T', 'P', '/', '1', '.', '1'},
    };
    uint8_t bytes[8];
    struct wr w = {bytes, sizeof bytes, sizeof bytes, false};

    memcpy(bytes, wrong[_i], sizeof bytes);
    answer(&w);
    check_failed(LSMB_E_PROTOCOL, "");
}
END_TEST

/* Each proper prefix of a valid answer, and then the end of the stream. */
START_TEST(a_connection_that_closes_in_the_answer_is_an_error)
{
    uint8_t room[16];
    struct wr w = {room, sizeof room, 0, false};

    nbss_negative_put(&w, 0x80);
    ck_assert_int_lt(_i, (int)w.pos);
    w.pos = (size_t)_i;
    if (w.pos > 0) {
        answer(&w);
    }
    turn(3);
    ck_assert(!starter.ended);
    stream_close(ends[1]);
    ends[1] = NULL;
    check_failed(LSMB_E_NETWORK, "closed the connection");
}
END_TEST

START_TEST(a_broken_connection_is_an_error)
{
    pair_cut(ends[0], ECONNRESET);
    check_failed(LSMB_E_NETWORK, "reset");
    ck_assert_int_eq(starter.op.err.os_errno, ECONNRESET);
    ck_assert_str_eq(starter.op.err.step, "send the NetBIOS session request");
}
END_TEST

START_TEST(a_silent_server_is_given_up)
{
    turn(3);
    ck_assert(loop_turn(&world.loop, -1));
    turn(3);
    check_failed(LSMB_E_TIMEOUT, "no answer for 30 s");
}
END_TEST

START_TEST(an_abort_leaves_the_stream_alone)
{
    turn(3);
    op_abort(&starter.op);
    ck_assert_ptr_null(ends[0]->receive);
    turn(3);
    ck_assert(!starter.ended);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused)
{
    struct nbss_name endless = {"123456789012345", 0x20};

    memset(endless.text, 'X', sizeof endless.text); /* not even terminated */
    starter.called = &endless;
    check_failed(LSMB_E_USAGE, "longer than 15 bytes");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/nbss_session");
    TCase *t = tcase_create("session");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_request_names_both_ends);
    tcase_add_test(t, a_positive_answer_changes_the_framing);
    tcase_add_test(t, what_follows_the_answer_is_left_in_the_stream);
    tcase_add_test(t, byte_by_byte_goes_as_well);
    tcase_add_test(t, keepalives_before_the_answer_are_dropped);
    tcase_add_test(t, keepalives_are_no_answer);
    tcase_add_loop_test(t, every_refusal_is_told_in_words, 0, 6);
    tcase_add_test(t, a_retarget_says_where_to_go);
    tcase_add_loop_test(t, anything_else_is_refused, 0, 7);
    tcase_add_loop_test(t, a_connection_that_closes_in_the_answer_is_an_error, 0, 5);
    tcase_add_test(t, a_broken_connection_is_an_error);
    tcase_add_test(t, a_silent_server_is_given_up);
    tcase_add_test(t, an_abort_leaves_the_stream_alone);
    tcase_add_test(t, a_name_that_is_too_long_is_refused);
    suite_add_tcase(s, t);
    return world_main(s);
}
