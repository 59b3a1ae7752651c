/* test_request.c: the life of a request (MS-SMB2 3.2.4.1, 3.2.5.1). */
#include "conn/request.h"

#include <limits.h>

#include "proto/misc.h"
#include "test/failmalloc.h"
#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c, const struct peer_config *config)
{
    client_init(c, NULL, config);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(client_open(c, "a.txt"));
}

static void check_done(struct request *request)
{
    ck_assert(request_done(request) && !request->failure);
    ck_assert_uint_eq(request->status, STATUS_SUCCESS);
    request_drop(request);
}

/* Let the client hold this many, in both books. */
static void hold_credits(struct client *c, uint32_t credits)
{
    c->conn.credits = credits;
    c->wire.link->credits = credits;
}

/* Answer everything with this many credits from now on. */
static void grant_always(struct client *c, uint16_t credits)
{
    peer_script(&c->peer, &(struct peer_rule){.command = PEER_ANY_COMMAND,
                                              .times = UINT_MAX,
                                              .set_credits = true,
                                              .credits = credits});
}

static unsigned length(const struct list *queue)
{
    unsigned n = 0;

    LIST_EACH(node, queue)
    {
        n++;
    }
    return n;
}

/* ---------------------------------------------------------------- credits */

START_TEST(a_connection_begins_with_one_credit)
{
    struct client c;

    client_init(&c, NULL, NULL);
    ck_assert_uint_eq(c.conn.credits, 1);
    client_negotiate_start(&c);
    script_settle(&c.script);
    ck_assert_uint_eq(c.conn.credits, 0);
    ck_assert_uint_eq(c.conn.credits_used, 1);
    (void)client_finish(&c);
    ck_assert_uint_eq(c.conn.credits_used, 0);
    ck_assert_uint_gt(c.conn.credits, 1);
    client_free(&c);
}
END_TEST

START_TEST(the_charge_is_what_the_payload_costs)
{
    static const struct {
        uint32_t bytes;
        uint16_t charge;
    } cases[] = {{0, 1},      {1, 1},      {65536, 1},    {65537, 2},
                 {131072, 2}, {131073, 3}, {1 << 20, 16}, {8 << 20, 128}};
    struct client c;

    set_up(&c, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = {0};
        uint64_t next = c.conn.next_message_id;
        client_read(&c, &request, 0, cases[i].bytes);
        wire_run(&c.wire);
        ck_assert(request_done(&request) && !request.failure);
        ck_assert_uint_eq(peer_last(&c.peer, SMB2_READ)->header.credit_charge, cases[i].charge);
        ck_assert_uint_eq(c.conn.next_message_id, next + cases[i].charge);
        request_drop(&request);
    }
    client_free(&c);
}
END_TEST

START_TEST(without_large_mtu_every_request_costs_one_and_charges_none)
{
    struct peer_config config = peer_defaults();
    struct request request = {0};
    struct client c;

    config.capabilities = 0;
    set_up(&c, &config);
    ck_assert_uint_eq(c.conn.got.max_read, 65536);
    ck_assert_uint_eq(conn_payload_limit(&c.conn, 8 << 20), 65536);
    client_read(&c, &request, 0, 65536);
    wire_run(&c.wire);
    check_done(&request);
    ck_assert_uint_eq(peer_last(&c.peer, SMB2_READ)->header.credit_charge, 0);
    client_free(&c);
}
END_TEST

START_TEST(granting_too_much_saturates)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    grant_always(&c, 65535);
    for (unsigned i = 0; i < 3; i++) {
        client_echo(&c, &request);
        wire_run(&c.wire);
        check_done(&request);
        ck_assert_uint_eq(c.conn.credits, SMB2_CREDITS_MAX);
    }
    ck_assert(!conn_dead(&c.conn));
    client_free(&c);
}
END_TEST

START_TEST(a_request_waits_for_credits_and_is_never_failed_for_want_of_them)
{
    struct request first = {0}, second = {0}, third = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 1);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_ECHO, .set_credits = true});
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD});
    client_read(&c, &first, 0, 10);
    client_read(&c, &second, 0, 10);
    client_echo(&c, &third);
    wire_run(&c.wire);
    ck_assert_int_eq(first.state, REQUEST_IN_FLIGHT);
    ck_assert_int_eq(second.state, REQUEST_WAITING);
    ck_assert_int_eq(third.state, REQUEST_WAITING);
    peer_release(c.wire.link); /* and with it come credits */
    wire_run(&c.wire);
    check_done(&first);
    check_done(&second);
    check_done(&third);
    client_free(&c);
}
END_TEST

START_TEST(with_one_credit_at_a_time_everything_still_gets_done)
{
    struct request requests[20] = {0};
    struct peer_config config = peer_defaults();
    struct client c;

    config.credits = 1;
    set_up(&c, &config);
    ck_assert_uint_eq(c.conn.credits_peak, 1);
    ck_assert_uint_eq(conn_payload_limit(&c.conn, 8 << 20), 65536);
    for (unsigned i = 0; i < 20; i++) {
        client_read(&c, &requests[i], i, 5);
    }
    wire_run(&c.wire);
    for (unsigned i = 0; i < 20; i++) {
        check_done(&requests[i]);
    }
    client_free(&c);
}
END_TEST

START_TEST(a_request_that_costs_more_than_there_is_waits_until_it_can_be_paid)
{
    struct request big = {0}, echo = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 3); /* of what was granted, forget the rest */
    client_read(&c, &big, 0, 8 * 65536);
    ck_assert_int_eq(big.state, REQUEST_WAITING);
    grant_always(&c, 2); /* each answer gives one more than it cost */
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_eq(big.state, REQUEST_WAITING);
        client_echo(&c, &echo);
        wire_run(&c.wire);
        check_done(&echo);
    }
    check_done(&big);
    client_free(&c);
}
END_TEST

START_TEST(a_server_that_never_grants_a_credit_again_is_silent)
{
    struct request first = {0}, second = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 1);
    grant_always(&c, 0);
    client_read(&c, &first, 0, 10);
    client_read(&c, &second, 0, 10);
    wire_run(&c.wire);
    check_done(&first);
    ck_assert_int_eq(second.state, REQUEST_WAITING);
    script_pass_ms(&c.script, 30001);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_TIMEOUT);
    ck_assert_ptr_eq(second.failure, &c.conn.err);
    request_drop(&second);
    client_free(&c);
}
END_TEST

START_TEST(credits_in_an_interim_answer_count_at_once)
{
    struct request first = {0}, second = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 1);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ,
                                             .fate = PEER_HOLD,
                                             .pendings = 1,
                                             .set_credits = true,
                                             .credits = 256});
    client_read(&c, &first, 0, 10);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.conn.credits, 256);
    client_read(&c, &second, 0, 10);
    wire_run(&c.wire);
    check_done(&second);
    peer_release(c.wire.link);
    wire_run(&c.wire);
    check_done(&first);
    client_free(&c);
}
END_TEST

START_TEST(credits_in_an_error_count_too)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 10);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED,
                                             .set_credits = true,
                                             .credits = 7});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_uint_eq(c.conn.credits, 16);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(the_client_asks_for_more_until_it_holds_what_it_wants)
{
    struct peer_config config = peer_defaults();
    struct request request = {0};
    struct client c;

    config.credits = 8192; /* as Samba would give */
    set_up(&c, &config);
    for (unsigned i = 0; i < 10; i++) {
        client_read(&c, &request, 0, 100);
        wire_run(&c.wire);
        check_done(&request);
        ck_assert_uint_ge(peer_last(&c.peer, SMB2_READ)->header.credits, 1);
        ck_assert_uint_eq(c.conn.credits, CONN_CREDITS_WANTED);
    }
    client_free(&c);
}
END_TEST

START_TEST(data_leaves_a_credit_for_control_requests)
{
    struct request data[4] = {0}, control = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 3);
    grant_always(&c, 0);
    for (unsigned i = 0; i < 4; i++) {
        client_read(&c, &data[i], 0, 10);
    }
    ck_assert_uint_eq(c.conn.credits, 1);
    ck_assert_int_eq(data[1].state, REQUEST_IN_FLIGHT);
    ck_assert_int_eq(data[2].state, REQUEST_WAITING);
    client_echo(&c, &control); /* goes before the data that waits */
    ck_assert_int_eq(control.state, REQUEST_IN_FLIGHT);
    ck_assert_uint_eq(c.conn.credits, 0);
    ck_assert(!conn_wants_data(&c.conn));
    for (unsigned i = 0; i < 4; i++) {
        request_drop(&data[i]);
    }
    request_drop(&control);
    client_free(&c);
}
END_TEST

START_TEST(the_last_credit_is_for_data_when_nothing_is_in_flight)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 1);
    ck_assert(conn_wants_data(&c.conn));
    client_read(&c, &request, 0, 10);
    ck_assert_int_eq(request.state, REQUEST_IN_FLIGHT);
    ck_assert(!conn_wants_data(&c.conn));
    wire_run(&c.wire);
    check_done(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_payload_is_at_most_what_half_of_the_largest_balance_pays_for)
{
    struct client c;

    set_up(&c, NULL);
    c.conn.credits_peak = 9;
    hold_credits(&c, 0);
    ck_assert_uint_eq(conn_payload_limit(&c.conn, 8 << 20), 262144);
    ck_assert_uint_eq(conn_payload_limit(&c.conn, 100000), 100000);
    c.conn.credits_peak = 1;
    ck_assert_uint_eq(conn_payload_limit(&c.conn, 8 << 20), 65536);
    c.conn.credits_peak = 65535;
    ck_assert_uint_eq(conn_payload_limit(&c.conn, 8 << 20), 8 << 20);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- letting go */

START_TEST(a_waiting_request_that_is_dropped_is_never_sent)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 0);
    size_t seen = c.peer.seen_count;
    client_read(&c, &request, 0, 10);
    ck_assert_int_eq(request.state, REQUEST_WAITING);
    request_drop(&request);
    ck_assert_int_eq(request.state, REQUEST_IDLE);
    hold_credits(&c, 10);
    requests_issue(&c.conn);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.peer.seen_count, seen);
    client_free(&c);
}
END_TEST

START_TEST(a_dropped_request_in_flight_is_awaited_by_the_connection)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    client_read(&c, &request, 0, 10);
    request_drop(&request); /* before it is even on the wire */
    ck_assert_int_eq(request.state, REQUEST_IDLE);
    ck_assert_uint_eq(c.conn.in_flight_count, 1);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_last(&c.peer, SMB2_READ)->answered, STATUS_SUCCESS);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_CANCEL), 0);
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    ck_assert_uint_eq(c.conn.credits_used, 0);
    ck_assert_uint_eq(c.conn.strays, 0);
    client_free(&c);
}
END_TEST

static void drop_pending(struct client *c, const struct peer_config *config)
{
    struct request request = {0};

    set_up(c, config);
    peer_script(&c->peer,
                &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
    client_read(c, &request, 0, 10);
    wire_run(&c->wire);
    ck_assert(request.pending);
    uint64_t message_id = request.message_id, async_id = request.async_id;
    uint64_t next = c->conn.next_message_id;
    request_drop(&request);
    wire_run(&c->wire);
    const struct peer_seen *cancel = peer_last(&c->peer, SMB2_CANCEL);
    ck_assert_ptr_nonnull(cancel);
    ck_assert_uint_eq(cancel->header.message_id, message_id);
    ck_assert_uint_eq(cancel->header.async_id, async_id);
    ck_assert_uint_eq(c->conn.next_message_id, next); /* it took none */
    ck_assert_uint_eq(peer_last(&c->peer, SMB2_READ)->answered, (uint32_t)STATUS_CANCELLED);
    ck_assert_uint_eq(c->conn.in_flight_count, 0);
}

START_TEST(a_dropped_request_that_is_pending_is_cancelled)
{
    struct peer_config config = peer_defaults();
    struct client c;

    drop_pending(&c, &config);
    ck_assert(!peer_last(&c.peer, SMB2_CANCEL)->well_signed);
    client_free(&c);

    config.signing_required = true;
    for (uint16_t alg = 0; alg < 3; alg++) {
        config.signing_algs[0] = alg;
        config.signing_count = 1;
        drop_pending(&c, &config);
        ck_assert(peer_last(&c.peer, SMB2_CANCEL)->well_signed);
        client_free(&c);
    }

    config.encrypt_session = true;
    drop_pending(&c, &config);
    ck_assert(peer_last(&c.peer, SMB2_CANCEL)->sealed);
    client_free(&c);
}
END_TEST

START_TEST(a_dropped_request_whose_interim_answer_comes_later_is_cancelled_then)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
    client_read(&c, &request, 0, 10);
    (void)wire_to_server(&c.wire);
    request_drop(&request);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_CANCEL), 1);
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    client_free(&c);
}
END_TEST

START_TEST(a_cancelled_request_still_has_its_answer) /* MS-SMB2 3.2.4.24 */
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
    request_cancel(&request);
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    request_cancel(&request);
    request_cancel(&request);
    ck_assert_int_eq(request.state, REQUEST_IN_FLIGHT);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_CANCEL), 1);
    ck_assert(request_done(&request));
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_CANCELLED);
    request_cancel(&request);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(what_a_dropped_create_opened_is_closed)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    size_t closes = peer_count(&c.peer, SMB2_CLOSE);
    client_create(&c, &request, "new.txt", FILE_CREATE);
    request.spec.flags = SMB2_FLAGS_DFS_OPERATIONS; /* which is about the name only */
    request_drop(&request);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_CLOSE), closes + 1);
    ck_assert_uint_eq(peer_last(&c.peer, SMB2_CLOSE)->answered, STATUS_SUCCESS);
    ck_assert(!(peer_last(&c.peer, SMB2_CLOSE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS));
    ck_assert_ptr_nonnull(peer_find(&c.peer, "new.txt"));
    ck_assert(list_empty(&peer_find(&c.peer, "new.txt")->opens));
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    client_free(&c);
}
END_TEST

START_TEST(a_dropped_create_that_failed_closes_nothing)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    client_create(&c, &request, "not/there.txt", FILE_OPEN);
    request_drop(&request);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_CLOSE), 0);
    client_free(&c);
}
END_TEST

START_TEST(dropping_what_is_idle_or_done_is_harmless)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    request_drop(&request);
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    request_drop(&request);
    request_drop(&request);
    client_read(&c, &request, 0, 10); /* and it can be used again */
    wire_run(&c.wire);
    client_read(&c, &request, 0, 10); /* also without being dropped */
    wire_run(&c.wire);
    check_done(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_request_may_be_dropped_while_its_frame_is_half_sent)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    client_read(&c, &request, 0, 10);
    conn_sent(&c.conn, 7);
    request_drop(&request);
    ck_assert_uint_eq(length(&c.conn.output), 1);
    conn_sent(&c.conn, CONTAINER_OF(c.conn.output.next, struct buf, node)->len - 7);
    ck_assert(list_empty(&c.conn.output));
    client_free(&c);
}
END_TEST

/* Nobody wants a CANCEL's buffer back once it is sent; whoever gets it next does. */
START_TEST(the_buffer_of_a_cancel_serves_the_next_request_as_if_new)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    for (unsigned i = 0; i < 10; i++) {
        peer_script(&c.peer,
                    &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
        client_read(&c, &request, 0, 10);
        wire_run(&c.wire);
        request_drop(&request);
        wire_run(&c.wire);
        client_read(&c, &request, 0, 10);
        (void)wire_to_server(&c.wire);
        ck_assert_ptr_nonnull(request.frame); /* sent, and kept until answered */
        ck_assert(!list_linked(&request.frame->node));
        wire_run(&c.wire);
        check_done(&request);
    }
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- posted requests, waiters, memory */

START_TEST(a_posted_request_needs_nobody)
{
    struct client c;

    set_up(&c, NULL);
    session_logoff(&c.session);
    ck_assert_uint_eq(c.conn.in_flight_count, 1);
    conn_fail_with(&c.conn, LSMB_E_NETWORK, "cut"); /* and goes with the connection */
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    session_logoff(&c.session); /* lost without a word */
    client_free(&c);
}
END_TEST

struct waiter {
    struct ready ready; /* first */
    unsigned wakes;
};

static void woken(struct ready *ready)
{
    CONTAINER_OF(ready, struct waiter, ready)->wakes++;
}

static void echo_with_waiter(struct client *c, struct request *request, struct waiter *waiter)
{
    struct wr w;

    ck_assert(request_body(request, c->env, SMB2_EMPTY_LEN, &w));
    smb2_empty_put(&w);
    request_send(request, &w, &(struct request_spec){.channel = &c->channel, .command = SMB2_ECHO},
                 &waiter->ready);
}

START_TEST(the_waiter_is_made_ready_once_and_never_called)
{
    struct waiter waiter = {.ready = {.run = woken}};
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    echo_with_waiter(&c, &request, &waiter);
    (void)wire_to_server(&c.wire);
    (void)wire_to_client(&c.wire);
    ck_assert(request_done(&request));
    ck_assert_uint_eq(waiter.wakes, 0);
    script_settle(&c.script);
    ck_assert_uint_eq(waiter.wakes, 1);
    request_drop(&request);

    conn_fail_with(&c.conn, LSMB_E_NETWORK, "cut");
    echo_with_waiter(&c, &request, &waiter); /* on a dead connection: the same */
    ck_assert(request_done(&request));
    ck_assert_uint_eq(waiter.wakes, 1);
    script_settle(&c.script);
    ck_assert_uint_eq(waiter.wakes, 2);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(without_memory_to_await_a_dropped_request_its_waiter_is_not_woken)
{
    struct request dropped = {0}, other = {0};
    struct waiter first = {.ready = {.run = woken}}, second = first;
    struct client c;

    set_up(&c, NULL);
    echo_with_waiter(&c, &dropped, &first);
    echo_with_waiter(&c, &other, &second);
    fail_malloc(0, false);
    request_drop(&dropped);
    ck_assert(fail_malloc_off());
    ck_assert_int_eq(c.conn.err.code, LSMB_E_NOMEM);
    ck_assert_int_eq(dropped.state, REQUEST_IDLE);
    ck_assert(request_done(&other) && other.failure);
    script_settle(&c.script);
    ck_assert_uint_eq(first.wakes, 0);
    ck_assert_uint_eq(second.wakes, 1);
    request_drop(&other);
    client_free(&c);
}
END_TEST

START_TEST(the_payload_of_a_dropped_request_is_free_once_it_is_sent)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL);
    client_read(&c, &request, 0, 10);
    (void)wire_to_server(&c.wire);
    struct buf *frame = request.frame;
    request_drop(&request);
    struct buf *next = pool_take(&c.env->pool, frame->cap - BUF_HEADROOM);
    ck_assert_ptr_eq(next, frame);
    buf_free(next);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    client_free(&c);
}
END_TEST

START_TEST(errors_of_requests_say_the_status_or_why_there_is_none)
{
    struct request request = {0};
    struct lsmb_error err;
    struct client c;

    set_up(&c, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    request_error(&request, &err);
    ck_assert_int_eq(err.code, LSMB_E_DENIED);
    ck_assert_uint_eq(err.nt_status, (uint32_t)STATUS_ACCESS_DENIED);
    request_drop(&request);
    client_read(&c, &request, 0, 10);
    conn_fail_with(&c.conn, LSMB_E_NETWORK, "cut");
    request_error(&request, &err);
    ck_assert_int_eq(err.code, LSMB_E_NETWORK);
    ck_assert_str_eq(err.reason, "cut");
    request_drop(&request);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/request", a_connection_begins_with_one_credit, the_charge_is_what_the_payload_costs,
        without_large_mtu_every_request_costs_one_and_charges_none, granting_too_much_saturates,
        a_request_waits_for_credits_and_is_never_failed_for_want_of_them,
        with_one_credit_at_a_time_everything_still_gets_done,
        a_request_that_costs_more_than_there_is_waits_until_it_can_be_paid,
        a_server_that_never_grants_a_credit_again_is_silent,
        credits_in_an_interim_answer_count_at_once, credits_in_an_error_count_too,
        the_client_asks_for_more_until_it_holds_what_it_wants,
        data_leaves_a_credit_for_control_requests,
        the_last_credit_is_for_data_when_nothing_is_in_flight,
        a_payload_is_at_most_what_half_of_the_largest_balance_pays_for,
        a_waiting_request_that_is_dropped_is_never_sent,
        a_dropped_request_in_flight_is_awaited_by_the_connection,
        a_dropped_request_that_is_pending_is_cancelled,
        a_dropped_request_whose_interim_answer_comes_later_is_cancelled_then,
        a_cancelled_request_still_has_its_answer, what_a_dropped_create_opened_is_closed,
        a_dropped_create_that_failed_closes_nothing, dropping_what_is_idle_or_done_is_harmless,
        a_request_may_be_dropped_while_its_frame_is_half_sent,
        the_buffer_of_a_cancel_serves_the_next_request_as_if_new, a_posted_request_needs_nobody,
        the_waiter_is_made_ready_once_and_never_called,

        without_memory_to_await_a_dropped_request_its_waiter_is_not_woken,
        the_payload_of_a_dropped_request_is_free_once_it_is_sent,
        errors_of_requests_say_the_status_or_why_there_is_none);
}
