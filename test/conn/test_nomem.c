/* test_nomem.c: requests and answers for which there is no memory (MS-SMB2 3.2.4.1, 3.2.5.1). */
#include "conn/request.h"

#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c)
{
    client_init(c, NULL, NULL);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(client_open(c, "a.txt"));
}

static void check_done(struct request *request)
{
    ck_assert(request_done(request) && !request->failure);
    ck_assert_uint_eq(request->status, STATUS_SUCCESS);
    request_drop(request);
}

/* Leave nothing in the pool but `buffers` of the smallest size. */
static size_t exhaust(struct client *c, struct buf **taken, size_t max)
{
    size_t n = 0;

    for (size_t room = 8 << 20; room > 0; room /= 2) {
        while (n < max && (taken[n] = pool_take_frame(&c->env->pool, room))) {
            n++;
        }
    }
    return n;
}

static void give_back(struct buf **taken, size_t n)
{
    while (n > 0) {
        buf_free(taken[--n]);
    }
}

START_TEST(without_memory_a_request_is_refused_and_nothing_is_lost)
{
    struct buf *taken[256];
    struct request request = {0};
    struct client c;
    struct wr w;

    set_up(&c);
    size_t n = exhaust(&c, taken, 256);
    ck_assert(!request_body(&request, c.env, 100, &w));
    ck_assert_int_eq(request.state, REQUEST_IDLE);
    session_logoff(&c.session); /* lost without a word */
    ck_assert(!conn_dead(&c.conn));
    give_back(taken, n);
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    check_done(&request);
    client_free(&c);
}
END_TEST

START_TEST(each_step_of_connecting_survives_the_loss_of_memory)
{
    bool (*const steps[])(struct client *) = {client_negotiate, client_logon, client_tree};

    for (size_t step = 0; step < 3; step++) {
        struct buf *taken[256];
        struct client c;
        client_init(&c, NULL, NULL);
        for (size_t i = 0; i < step; i++) {
            ck_assert(steps[i](&c));
        }
        size_t n = exhaust(&c, taken, 256);
        ck_assert(!steps[step](&c));
        ck_assert_int_eq(c.err.code, LSMB_E_NOMEM);
        give_back(taken, n);
        client_free(&c);
    }
}
END_TEST

START_TEST(a_cancel_for_which_there_is_no_memory_is_not_sent)
{
    struct buf *taken[256];
    struct request request = {0};
    struct client c;

    set_up(&c);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    buf_free(request.frame); /* it could serve for the CANCEL */
    request.frame = NULL;
    size_t n = exhaust(&c, taken, 256);
    request_drop(&request);
    give_back(taken, n);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_CANCEL), 0);
    peer_release(c.wire.link);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    client_free(&c);
}
END_TEST

START_TEST(a_compound_answer_that_cannot_be_copied_ends_the_connection)
{
    struct buf *taken[256];
    struct request first = {0}, second = {0};
    struct client c;

    set_up(&c);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_JOIN});
    client_read(&c, &first, 0, 10);
    client_read(&c, &second, 0, 10);
    (void)wire_to_server(&c.wire);
    struct peer_frame *frame = peer_next_frame(c.wire.link);
    struct buf *buf = pool_take(&c.env->pool, frame->len);
    memcpy(buf_data(buf), frame->bytes, frame->len);
    buf->len = frame->len;
    free(frame);
    size_t n = exhaust(&c, taken, 256);
    conn_receive(&c.conn, buf);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_NOMEM);
    give_back(taken, n);
    request_drop(&first);
    request_drop(&second);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn, without memory",
                     without_memory_a_request_is_refused_and_nothing_is_lost,
                     each_step_of_connecting_survives_the_loss_of_memory,
                     a_cancel_for_which_there_is_no_memory_is_not_sent,
                     a_compound_answer_that_cannot_be_copied_ends_the_connection);
}
