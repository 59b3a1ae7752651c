/* test_session.c: a session's gate and its channels. */
#include "conn/session.h"

#include "base/ntstatus.h"

#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c)
{
    client_init(c, NULL, NULL);
    ck_assert(client_connect(c) && client_open(c, "a.txt"));
}

START_TEST(who_may_pass_the_gate)
{
    struct session session;
    struct script_env s;

    script_env_init(&s, 1 << 16, 1 << 16);
    session_init(&session, &s.env, NULL);
    for (unsigned command = SMB2_NEGOTIATE; command <= SMB2_OPLOCK_BREAK; command++) {
        bool privileged =
            command == SMB2_SESSION_SETUP || command == SMB2_LOGOFF || command == SMB2_CLOSE;
        session.gate = SESSION_CLOSED;
        ck_assert(session_gate_passes(&session, (uint16_t)command) == privileged);
        session.gate = SESSION_OPEN;
        ck_assert(session_gate_passes(&session, (uint16_t)command));
        session.gate = SESSION_DEAD;
        ck_assert(!session_gate_passes(&session, (uint16_t)command));
    }
    session_free(&session);
    script_env_free(&s);
}
END_TEST

START_TEST(requests_wait_at_a_closed_gate_and_go_when_it_opens)
{
    struct request read = {0}, echo = {0}, close = {0};
    struct client c;

    set_up(&c);
    c.session.gate = SESSION_CLOSED;
    client_read(&c, &read, 0, 10);
    client_echo(&c, &echo);
    ck_assert_int_eq(read.state, REQUEST_WAITING);
    ck_assert_int_eq(echo.state, REQUEST_WAITING);
    ck_assert(!requests_starve(&c.conn)); /* it is not for want of credits */
    script_pass_ms(&c.script, 100000);
    ck_assert(!conn_dead(&c.conn)); /* and not the server's turn */
    session_open_gate(&c.session);
    wire_run(&c.wire);
    ck_assert(request_done(&read) && !read.failure);
    ck_assert(request_done(&echo) && !echo.failure);
    c.session.gate = SESSION_CLOSED;
    client_close(&c, &close); /* passes, and overtakes nobody */
    ck_assert_int_eq(close.state, REQUEST_IN_FLIGHT);
    wire_run(&c.wire);
    request_drop(&read);
    request_drop(&echo);
    request_drop(&close);
    client_free(&c);
}
END_TEST

START_TEST(what_waits_at_the_gate_dies_with_the_session_and_nothing_else_does)
{
    struct request flying = {0}, waiting = {0}, late = {0};
    struct lsmb_error err;
    struct client c;

    set_up(&c);
    client_read(&c, &flying, 0, 10);
    c.session.gate = SESSION_CLOSED;
    client_read(&c, &waiting, 0, 10);
    error_set(&err, LSMB_E_AUTH, "no more");
    session_die(&c.session, &err);
    client_read(&c, &late, 0, 10);
    ck_assert(request_done(&waiting) && request_done(&late));
    ck_assert_ptr_eq(waiting.failure, &c.session.err);
    ck_assert_ptr_eq(late.failure, &c.session.err);
    ck_assert(!request_done(&flying));
    wire_run(&c.wire);
    ck_assert_uint_eq(client_data(&flying, 10).len, 10);
    error_set(&err, LSMB_E_NETWORK, "again");
    session_die(&c.session, &err); /* only the first reason counts */
    ck_assert_int_eq(c.session.err.code, LSMB_E_AUTH);
    session_logoff(&c.session); /* there is nothing to say goodbye to */
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    request_drop(&flying);
    request_drop(&waiting);
    request_drop(&late);
    client_free(&c);
}
END_TEST

START_TEST(an_expired_session_is_an_error_of_the_request_alone)
{
    struct request request = {0};
    struct client c;

    set_up(&c);
    peer_expire_sessions(c.wire.link);
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_NETWORK_SESSION_EXPIRED);
    ck_assert_int_eq(c.session.gate, SESSION_OPEN);
    ck_assert(!conn_dead(&c.conn));
    request_drop(&request);
    client_free(&c);
}
END_TEST

/* Some other answer says that the session is gone while its logon is about to end well. */
START_TEST(a_session_that_dies_during_its_logon_is_not_opened)
{
    struct lsmb_error err;
    struct client c;

    client_init(&c, NULL, NULL);
    ck_assert(client_negotiate(&c));
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_SESSION_SETUP, .skip = 1, .fate = PEER_HOLD});
    client_logon_start(&c);
    ck_assert(!client_finish(&c));
    error_status(&err, (uint32_t)STATUS_USER_SESSION_DELETED);
    session_die(&c.session, &err);
    peer_release(c.wire.link);
    ck_assert(!client_finish(&c));
    ck_assert_uint_eq(c.err.nt_status, (uint32_t)STATUS_USER_SESSION_DELETED);
    ck_assert_int_eq(c.session.gate, SESSION_DEAD);
    client_free(&c);
}
END_TEST

START_TEST(a_channel_is_found_by_its_session_id_while_it_is_joined)
{
    struct session other;
    struct channel channel;
    struct client c;

    set_up(&c);
    session_init(&other, c.env, &c.policy);
    other.id = c.session.id + 1;
    channel_join(&channel, &other, &c.conn);
    ck_assert_ptr_eq(channel_find(&c.conn, other.id), &channel);
    ck_assert_ptr_eq(channel_find(&c.conn, c.session.id), &c.channel);
    ck_assert_ptr_null(channel_find(&c.conn, 12345));
    ck_assert_mem_eq(channel.preauth.hash, c.conn.preauth.hash, PREAUTH_HASH_LEN);
    channel_leave(&channel);
    channel_leave(&channel); /* harmless */
    ck_assert_ptr_null(channel_find(&c.conn, other.id));
    session_free(&other);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/session", who_may_pass_the_gate,
                     requests_wait_at_a_closed_gate_and_go_when_it_opens,
                     what_waits_at_the_gate_dies_with_the_session_and_nothing_else_does,
                     an_expired_session_is_an_error_of_the_request_alone,
                     a_session_that_dies_during_its_logon_is_not_opened,
                     a_channel_is_found_by_its_session_id_while_it_is_joined);
}
