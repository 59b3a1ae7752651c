/* test_conn.c: frames in, frames out, and silence (MS-SMB2 3.2.5.1). */
#include "conn/conn.h"

#include <limits.h>

#include "proto/misc.h"
#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c, bool sealed)
{
    struct peer_config config = peer_defaults();

    config.encrypt_session = sealed;
    client_init(c, NULL, &config);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(client_open(c, "a.txt"));
}

static void check_done(struct request *request)
{
    ck_assert(request_done(request) && !request->failure);
    ck_assert_uint_eq(request->status, STATUS_SUCCESS);
    request_drop(request);
}

static void check_dead(struct client *c, struct request *request, enum lsmb_code code)
{
    ck_assert_int_eq(c->conn.err.code, code);
    ck_assert(request_done(request));
    ck_assert_ptr_eq(request->failure, &c->conn.err);
    request_drop(request);
    client_free(c);
}

/* One READ that is answered as the rule says. */
static void read_with(struct client *c, const struct peer_rule *rule, struct request *request)
{
    struct peer_rule read_rule = *rule;

    read_rule.command = SMB2_READ;
    peer_script(&c->peer, &read_rule);
    client_read(c, request, 0, 100);
    wire_run(&c->wire);
}

/* ---------------------------------------------------------------- PENDING */

START_TEST(an_answer_may_come_after_an_interim_one)
{
    struct client c;

    for (int sealed = 0; sealed < 2; sealed++) {
        struct request request = {0};
        set_up(&c, sealed);
        read_with(&c, &(struct peer_rule){.pendings = 1}, &request);
        ck_assert(request.pending);
        check_done(&request);
        ck_assert_uint_eq(c.conn.unanswered_count, 0);
        client_free(&c);
    }
}
END_TEST

START_TEST(a_second_interim_answer_ends_the_connection)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    read_with(&c, &(struct peer_rule){.pendings = 2}, &request);
    check_dead(&c, &request, LSMB_E_PROTOCOL);
}
END_TEST

static void strip_async(uint8_t *frame, size_t len)
{
    (void)len;
    if (frame[8] == 0x03 && frame[9] == 0x01) { /* STATUS_PENDING */
        frame[16] &= (uint8_t)~SMB2_FLAGS_ASYNC_COMMAND;
    }
}

START_TEST(an_interim_answer_without_an_async_id_ends_the_connection)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    read_with(&c, &(struct peer_rule){.pendings = 1, .tamper = strip_async}, &request);
    check_dead(&c, &request, LSMB_E_PROTOCOL);
}
END_TEST

static void change_async_id(struct peer_reply *reply)
{
    if (!nt_status_is(reply->header.status, STATUS_PENDING)) {
        reply->header.async_id++;
    }
}

START_TEST(a_changed_async_id_ends_the_connection)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    read_with(&c, &(struct peer_rule){.pendings = 1, .edit = change_async_id}, &request);
    check_dead(&c, &request, LSMB_E_PROTOCOL);
}
END_TEST

START_TEST(every_command_may_be_answered_with_an_interim_reply)
{
    struct client c;
    struct request request = {0};

    client_init(&c, NULL, NULL);
    peer_script(&c.peer,
                &(struct peer_rule){.command = PEER_ANY_COMMAND, .times = UINT_MAX, .pendings = 1});
    ck_assert_msg(client_connect(&c), "%s", c.err.reason);
    ck_assert(client_open(&c, "a.txt"));
    client_echo(&c, &request);
    wire_run(&c.wire);
    check_done(&request);
    session_logoff(&c.session);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    client_free(&c);
}
END_TEST

START_TEST(an_interim_answer_is_no_measure_of_the_round_trip)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    c.conn.round_trip_ns = 0;
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    script_pass_ms(&c.script, 2000);
    peer_release(c.wire.link);
    wire_run(&c.wire);
    check_done(&request);
    ck_assert_uint_eq(c.conn.round_trip_ns, 0);
    client_read(&c, &request, 0, 10);
    script_pass_ms(&c.script, 3);
    wire_run(&c.wire);
    check_done(&request);
    ck_assert_uint_eq(c.conn.round_trip_ns, 3 * NS_PER_MS);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- MessageIds */

static void unknown_id(struct peer_reply *reply)
{
    reply->header.message_id += 1000;
}

START_TEST(an_answer_to_no_request_is_discarded)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    read_with(&c, &(struct peer_rule){.edit = unknown_id}, &request);
    ck_assert(!conn_dead(&c.conn));
    ck_assert(!request_done(&request));
    ck_assert_uint_eq(c.conn.strays, 1);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(an_answer_that_comes_twice_is_taken_once)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    uint32_t credits = c.conn.credits;
    read_with(&c, &(struct peer_rule){.fate = PEER_TWICE, .set_credits = true, .credits = 1},
              &request);
    check_done(&request);
    ck_assert_uint_eq(c.conn.credits, credits); /* granted once */
    ck_assert_uint_eq(c.conn.strays, 1);
    client_free(&c);
}
END_TEST

START_TEST(answers_to_nobody_are_not_discarded_for_ever)
{
    struct request request = {0};
    struct smb2_header header = {
        .command = SMB2_ECHO, .flags = SMB2_FLAGS_SERVER_TO_REDIR, .message_id = 0x7777};
    uint8_t body[SMB2_EMPTY_LEN];
    struct wr w = wr_from(body, sizeof body);
    struct client c;

    set_up(&c, false);
    smb2_empty_put(&w);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD});
    client_read(&c, &request, 0, 10);
    for (unsigned i = 0; i <= CONN_STRAY_MAX; i++) {
        ck_assert(!conn_dead(&c.conn));
        peer_send(c.wire.link, &header, wr_written(&w), NULL);
        wire_run(&c.wire);
    }
    check_dead(&c, &request, LSMB_E_PROTOCOL);
}
END_TEST

static void other_command(struct peer_reply *reply)
{
    reply->header.command = SMB2_WRITE;
}

START_TEST(an_answer_of_another_command_ends_the_connection)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    read_with(&c, &(struct peer_rule){.edit = other_command}, &request);
    check_dead(&c, &request, LSMB_E_PROTOCOL);
}
END_TEST

static void unsolicited(struct client *c, uint16_t command)
{
    struct smb2_header header = {.command = command,
                                 .flags = SMB2_FLAGS_SERVER_TO_REDIR,
                                 .message_id = SMB2_MESSAGE_ID_UNSOLICITED};
    uint8_t body[24] = {24};

    peer_send(c->wire.link, &header, (struct span){body, sizeof body}, NULL);
    wire_run(&c->wire);
}

START_TEST(an_oplock_break_is_passed_over)
{
    struct request request = {0};
    struct client c;

    for (int sealed = 0; sealed < 2; sealed++) {
        set_up(&c, sealed);
        unsolicited(&c, SMB2_OPLOCK_BREAK);
        ck_assert(!conn_dead(&c.conn));
        client_read(&c, &request, 0, 10);
        wire_run(&c.wire);
        check_done(&request);
        client_free(&c);
    }
}
END_TEST

START_TEST(anything_else_that_comes_unasked_ends_the_connection)
{
    static const uint16_t commands[] = {SMB2_READ, SMB2_SERVER_TO_CLIENT_NOTIFICATION,
                                        SMB2_NEGOTIATE};

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct request request = {0};
        struct client c;
        set_up(&c, false);
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD});
        client_read(&c, &request, 0, 10);
        wire_run(&c.wire);
        unsolicited(&c, commands[i]);
        check_dead(&c, &request, LSMB_E_PROTOCOL);
    }
}
END_TEST

static void make_request(struct peer_reply *reply)
{
    reply->header.flags &= ~(uint32_t)SMB2_FLAGS_SERVER_TO_REDIR;
}

START_TEST(a_request_from_the_server_ends_the_connection)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    read_with(&c, &(struct peer_rule){.edit = make_request}, &request);
    check_dead(&c, &request, LSMB_E_PROTOCOL);
}
END_TEST

/* ---------------------------------------------------------------- compounds */

START_TEST(answers_in_one_frame_are_taken_apart)
{
    struct client c;

    for (int sealed = 0; sealed < 2; sealed++) {
        struct request requests[3] = {0};
        set_up(&c, sealed);
        peer_script(&c.peer,
                    &(struct peer_rule){.command = SMB2_READ, .times = 2, .fate = PEER_JOIN});
        for (unsigned i = 0; i < 3; i++) {
            client_read(&c, &requests[i], i, 3 + i); /* odd lengths, so there is padding */
        }
        unsigned received = c.wire.received;
        wire_run(&c.wire);
        ck_assert_uint_eq(c.wire.received, received + 1);
        for (unsigned i = 0; i < 3; i++) {
            struct span data = client_data(&requests[i], 3 + i);
            ck_assert(
                span_equal(data, (struct span){(const uint8_t *)CLIENT_FILE_TEXT + i, 3 + i}));
            request_drop(&requests[i]);
        }
        client_free(&c);
    }
}
END_TEST

START_TEST(each_answer_of_a_signed_compound_is_verified_by_itself)
{
    struct peer_config config = peer_defaults();
    struct request first = {0}, second = {0};
    struct client c;

    config.signing_required = true;
    client_init(&c, NULL, &config);
    ck_assert(client_connect(&c) && client_open(&c, "a.txt"));
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_JOIN});
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .protection = PEER_WRONG_MAC});
    client_read(&c, &first, 0, 10);
    client_read(&c, &second, 0, 10);
    wire_run(&c.wire);
    ck_assert(!first.failure); /* its own signature was right */
    ck_assert_uint_eq(client_data(&first, 10).len, 10);
    request_drop(&first);
    check_dead(&c, &second, LSMB_E_SECURITY);
}
END_TEST

static uint32_t next_command;

static void set_next_command(uint8_t *frame, size_t len)
{
    struct wr w = wr_from(frame + 20, 4);

    (void)len;
    wr_u32(&w, next_command);
}

START_TEST(a_next_command_that_leads_nowhere_ends_the_connection)
{
    static const uint32_t values[] = {1, 8, 56, 64, 65, 68, 92, 125, 128, 4096, 0xFFFFFFF8};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct request request = {0};
        struct client c;
        set_up(&c, false);
        next_command = values[i];
        read_with(&c, &(struct peer_rule){.tamper = set_next_command}, &request);
        ck_assert_msg(conn_dead(&c.conn), "%u", values[i]);
        check_dead(&c, &request, LSMB_E_PROTOCOL);
    }
}
END_TEST

START_TEST(frames_too_short_for_a_message_end_the_connection)
{
    static const uint8_t nothing[80] = {0xFE, 'S', 'M', 'B', 64};

    for (size_t len = 0; len < 64 + 2; len++) {
        struct request request = {0};
        struct client c;
        set_up(&c, false);
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_DROP});
        client_read(&c, &request, 0, 10);
        wire_run(&c.wire);
        peer_send_raw(c.wire.link, (struct span){nothing, len});
        wire_run(&c.wire);
        ck_assert_msg(conn_dead(&c.conn), "%zu bytes", len);
        check_dead(&c, &request, LSMB_E_PROTOCOL);
    }
}
END_TEST

START_TEST(no_frame_may_be_longer_than_what_was_asked_for)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    size_t before = conn_frame_limit(&c.conn);
    ck_assert_uint_ge(before, 65536 + SMB2_HEADER_LEN);
    ck_assert_uint_lt(before, 65536 + 16384);
    client_read(&c, &request, 0, 1 << 20);
    ck_assert_uint_eq(conn_frame_limit(&c.conn) - before, (1 << 20) - 65536);
    wire_run(&c.wire);
    check_done(&request);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- silence */

START_TEST(a_server_that_does_not_answer_is_lost_after_the_silence_limit)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_DROP});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    script_pass_ms(&c.script, 29000);
    ck_assert(!conn_dead(&c.conn));
    script_pass_ms(&c.script, 1001);
    check_dead(&c, &request, LSMB_E_TIMEOUT);
}
END_TEST

START_TEST(bytes_that_move_break_the_silence)
{
    struct request slow = {0}, other = {0};
    struct client c;

    set_up(&c, false);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD});
    client_read(&c, &slow, 0, 10);
    for (int i = 0; i < 5; i++) {
        wire_run(&c.wire);
        script_pass_ms(&c.script, 20000);
        ck_assert(!conn_dead(&c.conn));
        client_echo(&c, &other);
        wire_run(&c.wire);
        check_done(&other);
    }
    peer_release(c.wire.link);
    wire_run(&c.wire);
    check_done(&slow);
    client_free(&c);
}
END_TEST

START_TEST(nobody_is_missed_while_nothing_is_asked)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    script_pass_ms(&c.script, 3600 * 1000);
    ck_assert(!conn_dead(&c.conn));
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_ECHO), 0);
    client_read(&c, &request, 0, 10); /* and the silence of before does not count */
    script_pass_ms(&c.script, 29000);
    ck_assert(!conn_dead(&c.conn));
    wire_run(&c.wire);
    check_done(&request);
    client_free(&c);
}
END_TEST

/* Everything in flight is PENDING, for `rounds` silence limits. */
static void wait_pending(struct client *c, struct request *request, unsigned rounds)
{
    peer_script(&c->peer,
                &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
    client_read(c, request, 0, 10);
    wire_run(&c->wire);
    for (unsigned i = 0; i < rounds; i++) {
        script_pass_ms(&c->script, 30000);
        wire_run(&c->wire);
    }
}

START_TEST(a_pending_request_may_take_its_time_while_the_server_answers_echoes)
{
    struct request request = {0};
    struct client c;

    for (int sealed = 0; sealed < 2; sealed++) {
        set_up(&c, sealed);
        wait_pending(&c, &request, 10);
        ck_assert(!conn_dead(&c.conn));
        ck_assert_uint_ge(peer_count(&c.peer, SMB2_ECHO), 9);
        ck_assert_uint_le(peer_count(&c.peer, SMB2_ECHO), 11);
        ck_assert(peer_last(&c.peer, SMB2_ECHO)->sealed == (sealed == 1));
        peer_release(c.wire.link);
        wire_run(&c.wire);
        check_done(&request);
        client_free(&c);
    }
}
END_TEST

START_TEST(an_echo_without_an_answer_is_the_end)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_ECHO, .times = UINT_MAX, .fate = PEER_DROP});
    wait_pending(&c, &request, 1);
    ck_assert(!conn_dead(&c.conn));
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_ECHO), 1);
    script_pass_ms(&c.script, 30001);
    check_dead(&c, &request, LSMB_E_TIMEOUT);
}
END_TEST

/* Behind a closed gate an ECHO of the session would wait, and behind a dead one be lost. */
START_TEST(a_server_is_probed_outside_a_session_that_is_not_open)
{
    struct client c;

    client_init(&c, NULL, NULL);
    ck_assert(client_negotiate(&c));
    peer_script(&c.peer, &(struct peer_rule){
                             .command = SMB2_SESSION_SETUP, .fate = PEER_HOLD, .pendings = 1});
    client_logon_start(&c);
    ck_assert(!client_finish(&c));
    for (unsigned i = 1; i <= 5; i++) {
        script_pass_ms(&c.script, 30000);
        wire_run(&c.wire);
        ck_assert(!conn_dead(&c.conn));
        ck_assert_uint_eq(peer_count(&c.peer, SMB2_ECHO), i);
        ck_assert_uint_eq(peer_last(&c.peer, SMB2_ECHO)->answered, STATUS_SUCCESS);
    }
    peer_release(c.wire.link);
    ck_assert(client_finish(&c));
    client_free(&c);
}
END_TEST

START_TEST(a_server_that_cannot_be_probed_is_lost_after_another_silence)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    peer_script(&c.peer,
                &(struct peer_rule){
                    .command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1, .set_credits = true});
    c.conn.credits = 1;
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.conn.credits, 0);
    script_pass_ms(&c.script, 30000);
    ck_assert(!conn_dead(&c.conn));
    conn_progress(&c.conn); /* bytes that move show that it lives */
    script_pass_ms(&c.script, 30000);
    ck_assert(!conn_dead(&c.conn));
    script_pass_ms(&c.script, 30000);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_ECHO), 0);
    check_dead(&c, &request, LSMB_E_TIMEOUT);
}
END_TEST

START_TEST(an_echo_that_is_put_off_is_no_sign_of_life)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_READ, .fate = PEER_HOLD, .pendings = 1});
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_ECHO, .fate = PEER_HOLD, .pendings = 1});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    script_pass_ms(&c.script, 30000);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_ECHO), 1);
    script_pass_ms(&c.script, 30000);
    check_dead(&c, &request, LSMB_E_TIMEOUT);
}
END_TEST

/* Nothing is in flight, nothing can be paid: one that waits shows that something is wanted. */
START_TEST(data_without_a_credit_waits_and_is_missed)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    c.conn.credits = 0;
    ck_assert(conn_wants_data(&c.conn));
    client_read(&c, &request, 0, 10);
    ck_assert(!conn_wants_data(&c.conn));
    script_pass_ms(&c.script, 30000);
    check_dead(&c, &request, LSMB_E_TIMEOUT);
}
END_TEST

/* ---------------------------------------------------------------- the end */

START_TEST(only_the_first_reason_counts)
{
    struct client c;

    set_up(&c, false);
    conn_fail_with(&c.conn, LSMB_E_NETWORK, "first");
    conn_fail_with(&c.conn, LSMB_E_SECURITY, "second");
    ck_assert_int_eq(c.conn.err.code, LSMB_E_NETWORK);
    ck_assert_str_eq(c.conn.err.reason, "first");
    client_free(&c);
}
END_TEST

START_TEST(every_request_ends_with_the_connection)
{
    struct request requests[4] = {0};
    struct client c;

    set_up(&c, false);
    client_read(&c, &requests[0], 0, 10); /* on its way out */
    client_echo(&c, &requests[1]);
    wire_run(&c.wire); /* answered */
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_DROP});
    client_read(&c, &requests[2], 0, 10); /* in flight */
    wire_run(&c.wire);
    c.conn.credits = 0;
    client_read(&c, &requests[3], 0, 10); /* waiting */
    conn_fail_with(&c.conn, LSMB_E_NETWORK, "cut");
    for (unsigned i = 0; i < 4; i++) {
        ck_assert(request_done(&requests[i]));
        ck_assert_ptr_eq(requests[i].failure, i < 2 ? NULL : &c.conn.err);
        request_drop(&requests[i]);
    }
    ck_assert(!conn_wants_data(&c.conn));
    client_free(&c);
}
END_TEST

START_TEST(what_comes_after_the_end_is_not_looked_at)
{
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    client_read(&c, &request, 0, 10);
    (void)wire_to_server(&c.wire);
    struct peer_frame *frame = peer_next_frame(c.wire.link);
    conn_fail_with(&c.conn, LSMB_E_NETWORK, "cut");
    struct buf *buf = pool_take(&c.env->pool, frame->len);
    memcpy(buf_data(buf), frame->bytes, frame->len);
    buf->len = frame->len;
    free(frame);
    conn_receive(&c.conn, buf); /* consumed all the same */
    ck_assert(request.failure);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(bytes_leave_in_any_portions)
{
    struct request first = {0}, second = {0};
    struct client c;
    size_t left = 0;

    set_up(&c, false);
    client_read(&c, &first, 0, 10);
    client_read(&c, &second, 0, 10);
    LIST_EACH(node, &c.conn.output)
    {
        left += CONTAINER_OF(node, struct buf, node)->len;
    }
    for (size_t i = 0; i < left; i++) {
        ck_assert(!list_empty(&c.conn.output));
        conn_sent(&c.conn, 1);
    }
    ck_assert(list_empty(&c.conn.output));
    ck_assert_uint_eq(c.conn.output_sent, 0);
    request_drop(&first);
    request_drop(&second);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/conn", an_answer_may_come_after_an_interim_one,
        a_second_interim_answer_ends_the_connection,
        an_interim_answer_without_an_async_id_ends_the_connection,
        a_changed_async_id_ends_the_connection, every_command_may_be_answered_with_an_interim_reply,
        an_interim_answer_is_no_measure_of_the_round_trip, an_answer_to_no_request_is_discarded,
        an_answer_that_comes_twice_is_taken_once, answers_to_nobody_are_not_discarded_for_ever,
        an_answer_of_another_command_ends_the_connection, an_oplock_break_is_passed_over,
        anything_else_that_comes_unasked_ends_the_connection,
        a_request_from_the_server_ends_the_connection, answers_in_one_frame_are_taken_apart,
        each_answer_of_a_signed_compound_is_verified_by_itself,
        a_next_command_that_leads_nowhere_ends_the_connection,
        frames_too_short_for_a_message_end_the_connection,
        no_frame_may_be_longer_than_what_was_asked_for,
        a_server_that_does_not_answer_is_lost_after_the_silence_limit,
        bytes_that_move_break_the_silence, nobody_is_missed_while_nothing_is_asked,
        a_pending_request_may_take_its_time_while_the_server_answers_echoes,
        an_echo_without_an_answer_is_the_end, a_server_is_probed_outside_a_session_that_is_not_open,
        a_server_that_cannot_be_probed_is_lost_after_another_silence,
        an_echo_that_is_put_off_is_no_sign_of_life, data_without_a_credit_waits_and_is_missed,
        only_the_first_reason_counts, every_request_ends_with_the_connection,
        what_comes_after_the_end_is_not_looked_at, bytes_leave_in_any_portions);
}
