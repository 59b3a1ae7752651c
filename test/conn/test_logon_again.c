/* test_logon_again.c: a logon that has run out, and what goes on after the next one (MS-SMB2 3.2.5.1.6). */
#include "conn/compound.h"
#include "conn/logon.h"

#include <limits.h>

#include "proto/misc.h"
#include "proto/session.h"
#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c, const struct lsmb_policy *policy,
                   const struct peer_config *config)
{
    client_init(c, policy, config);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(client_open(c, "a.txt"));
    c->session.expired = &c->expired;
}

static bool log_on_again(struct client *c)
{
    client_logon_again_start(c);
    return client_finish(c);
}

/* A READ that finds the session expired, and waits. */
static void read_expired(struct client *c, struct request *request)
{
    peer_expire_sessions(c->wire.link);
    client_read(c, request, 0, 10);
    wire_run(&c->wire);
    ck_assert_int_eq(request->state, REQUEST_WAITING);
    ck_assert_int_eq(c->session.gate, SESSION_CLOSED);
}

static void check_read(struct request *request)
{
    ck_assert(request_done(request) && !request->failure && request->believed);
    ck_assert_uint_eq(client_data(request, 10).len, 10);
    ck_assert_mem_eq(client_data(request, 10).ptr, CLIENT_FILE_TEXT, 10);
    request_drop(request);
}

static struct peer_config config_of(uint16_t dialect, bool sign, bool seal)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = dialect;
    config.signing_required = sign;
    config.encrypt_session = seal;
    return config;
}

/* ---------------------------------------------------------------- the plain course */

START_TEST(what_was_refused_goes_on_after_the_next_logon_in_every_way)
{
    static const struct {
        uint16_t dialect;
        bool sign, seal;
    } ways[] = {{0x0202, false, false}, {0x0210, true, false},  {0x0300, true, false},
                {0x0302, false, true},  {0x0311, false, false}, {0x0311, true, false},
                {0x0311, false, true}};

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct peer_config config = config_of(ways[i].dialect, ways[i].sign, ways[i].seal);
        struct request request = {0};
        struct client c;
        set_up(&c, NULL, &config);
        uint64_t id = c.session.id;
        read_expired(&c, &request);
        ck_assert_uint_eq(c.expirations, 1);
        ck_assert_msg(log_on_again(&c), "%s", c.err.reason);
        check_read(&request);
        ck_assert_uint_eq(c.session.id, id);
        ck_assert_int_eq(c.session.gate, SESSION_OPEN);
        ck_assert_uint_eq(peer_count(&c.peer, SMB2_SESSION_SETUP), 4);
        ck_assert_uint_eq(peer_count(&c.peer, SMB2_READ), 2);
        const struct peer_seen *setup = peer_last(&c.peer, SMB2_SESSION_SETUP);
        ck_assert(setup->sealed == ways[i].seal && setup->well_signed == !ways[i].seal);
        ck_assert_uint_eq(c.conn.credits, c.wire.link->credits);
        client_free(&c);
    }
}
END_TEST

START_TEST(a_payload_is_the_same_the_second_time)
{
    uint8_t bytes[70000];

    memset(bytes, 0x5A, sizeof bytes);
    for (int sealed = 0; sealed < 2; sealed++) {
        struct peer_config config = config_of(0x0311, true, sealed);
        struct request request = {0};
        struct client c;
        set_up(&c, NULL, &config);
        ck_assert(client_open(&c, "b.bin"));
        peer_expire_sessions(c.wire.link);
        client_write(&c, &request, 5, (struct span){bytes, sizeof bytes});
        wire_run(&c.wire);
        ck_assert_int_eq(request.state, REQUEST_WAITING);
        ck_assert(log_on_again(&c));
        ck_assert_uint_eq(request.status, STATUS_SUCCESS);
        ck_assert_mem_eq(peer_find(&c.peer, "b.bin")->bytes + 5, bytes, sizeof bytes);
        request_drop(&request);
        client_free(&c);
    }
}
END_TEST

START_TEST(all_that_were_under_way_wait_and_one_logs_on)
{
    struct request requests[4] = {0}, close = {0}, late = {0};
    struct client c;

    set_up(&c, NULL, NULL);
    peer_expire_sessions(c.wire.link);
    for (size_t i = 0; i < 4; i++) {
        client_read(&c, &requests[i], 0, 10);
    }
    wire_run(&c.wire);
    ck_assert_uint_eq(c.expirations, 1);
    client_read(&c, &late, 0, 10);
    ck_assert_int_eq(late.state, REQUEST_WAITING);
    ck_assert(log_on_again(&c));
    for (size_t i = 0; i < 4; i++) {
        check_read(&requests[i]);
    }
    check_read(&late);
    peer_expire_sessions(c.wire.link);
    client_close(&c, &close); /* needs no new logon */
    wire_run(&c.wire);
    ck_assert_uint_eq(close.status, STATUS_SUCCESS);
    ck_assert_uint_eq(c.expirations, 1);
    request_drop(&close);
    client_free(&c);
}
END_TEST

/* It had left before the last logon: it goes again, and nobody has to log on for it. */
START_TEST(an_answer_from_before_the_logon_asks_for_no_other)
{
    struct request late = {0}, request = {0};
    struct client c;

    set_up(&c, NULL, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ,
                                             .fate = PEER_HOLD,
                                             .pendings = 1,
                                             .status = (uint32_t)STATUS_NETWORK_SESSION_EXPIRED});
    client_read(&c, &late, 0, 10);
    wire_run(&c.wire);
    read_expired(&c, &request);
    ck_assert(log_on_again(&c));
    check_read(&request);
    peer_release(c.wire.link);
    wire_run(&c.wire);
    check_read(&late);
    ck_assert_uint_eq(c.expirations, 1);
    client_free(&c);
}
END_TEST

START_TEST(guests_may_have_to_come_again_too)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .allow_guest = true};
    struct peer_config config = peer_defaults();
    struct request request = {0};
    struct client c;

    config.map_to_guest = true;
    client_init(&c, &policy, &config);
    client_log_on_as(&c, "nobody-knows", "");
    ck_assert(client_connect(&c) && client_open(&c, "a.txt"));
    c.session.expired = &c.expired;
    read_expired(&c, &request);
    ck_assert_msg(log_on_again(&c), "%s", c.err.reason);
    check_read(&request);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- what does not go again */

START_TEST(whoever_runs_out_again_and_again_is_told)
{
    struct request request = {0};
    struct client c;
    unsigned times = 0;

    set_up(&c, NULL, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ,
                                             .times = UINT_MAX,
                                             .status = (uint32_t)STATUS_NETWORK_SESSION_EXPIRED});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    while (!request_done(&request)) {
        ck_assert_uint_lt(++times, 10);
        ck_assert(log_on_again(&c));
    }
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_NETWORK_SESSION_EXPIRED);
    ck_assert_uint_eq(times, 3);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(what_left_in_one_frame_with_others_is_an_error_of_its_own)
{
    struct request requests[2] = {0}, read = {0};
    struct compound_part parts[2];
    struct client c;

    set_up(&c, NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        parts[i] = (struct compound_part){
            .request = &requests[i],
            .spec = {.channel = &c.channel, .tree_id = c.tree.id, .command = SMB2_ECHO}};
        ck_assert(request_body(&requests[i], c.env, SMB2_EMPTY_LEN, &parts[i].w));
        smb2_empty_put(&parts[i].w);
    }
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_ECHO,
                                             .times = 2,
                                             .status = (uint32_t)STATUS_NETWORK_SESSION_EXPIRED});
    ck_assert(compound_send(parts, 2, false));
    wire_run(&c.wire);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(requests[i].status, (uint32_t)STATUS_NETWORK_SESSION_EXPIRED);
        request_drop(&requests[i]);
    }
    ck_assert_uint_eq(c.expirations, 1);
    client_read(&c, &read, 0, 10);
    ck_assert(log_on_again(&c));
    check_read(&read);
    client_free(&c);
}
END_TEST

START_TEST(what_nobody_waits_for_any_more_does_not_go_again)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL, NULL);
    peer_expire_sessions(c.wire.link);
    client_read(&c, &request, 0, 10);
    request_drop(&request);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    ck_assert(list_empty(&c.conn.waiting_control) && list_empty(&c.conn.waiting_data));
    ck_assert(log_on_again(&c));
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_READ), 1);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- a logon that fails */

START_TEST(a_user_who_is_not_let_in_again_has_lost_the_session)
{
    struct request request = {0};
    struct client c;

    set_up(&c, NULL, NULL);
    read_expired(&c, &request);
    client_log_on_as(&c, "user", "changed meanwhile");
    ck_assert(!log_on_again(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_AUTH);
    ck_assert_int_eq(c.session.gate, SESSION_DEAD);
    ck_assert(request_done(&request));
    ck_assert_ptr_eq(request.failure, &c.session.err);
    ck_assert_int_eq(request.failure->code, LSMB_E_AUTH);
    ck_assert(!conn_dead(&c.conn));
    request_drop(&request);
    client_free(&c);
}
END_TEST

static void say_guest(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 2] |= SMB2_SESSION_FLAG_IS_GUEST;
}

static void other_session(struct peer_reply *reply)
{
    reply->header.session_id++;
}

START_TEST(a_server_that_does_not_stick_to_the_session_is_not_trusted)
{
    static const struct {
        unsigned skip;
        enum peer_protection protection;
        void (*edit)(struct peer_reply *);
    } cases[] = {{1, PEER_AS_AGREED, say_guest},
                 {0, PEER_AS_AGREED, other_session},
                 {0, PEER_UNSIGNED, NULL},
                 {1, PEER_UNSIGNED, NULL},
                 {1, PEER_WRONG_MAC, NULL}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = {0};
        struct client c;
        set_up(&c, NULL, NULL);
        read_expired(&c, &request);
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                                 .skip = cases[i].skip,
                                                 .protection = cases[i].protection,
                                                 .edit = cases[i].edit});
        ck_assert(!log_on_again(&c));
        ck_assert_msg(conn_dead(&c.conn), "case %zu", i);
        ck_assert(request_done(&request) && request.failure);
        request_drop(&request);
        client_free(&c);
    }
}
END_TEST

/* MS-SMB2 3.2.5.1.3: real servers do not sign these. */
START_TEST(an_unsigned_refusal_of_the_logon_is_one)
{
    static const enum nt_status statuses[] = {STATUS_ACCESS_DENIED, STATUS_NOT_SUPPORTED,
                                              STATUS_REQUEST_OUT_OF_SEQUENCE};

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct request request = {0};
        struct client c;
        set_up(&c, NULL, NULL);
        read_expired(&c, &request);
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                                 .status = (uint32_t)statuses[i],
                                                 .protection = PEER_UNSIGNED});
        ck_assert(!log_on_again(&c));
        ck_assert_int_eq(c.err.code, LSMB_E_AUTH);
        ck_assert_int_eq(c.session.gate, SESSION_DEAD);
        request_drop(&request);
        client_free(&c);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/logon (again)", what_was_refused_goes_on_after_the_next_logon_in_every_way,
        a_payload_is_the_same_the_second_time, all_that_were_under_way_wait_and_one_logs_on,
        an_answer_from_before_the_logon_asks_for_no_other, guests_may_have_to_come_again_too,
        whoever_runs_out_again_and_again_is_told,
        what_left_in_one_frame_with_others_is_an_error_of_its_own,
        what_nobody_waits_for_any_more_does_not_go_again,
        a_user_who_is_not_let_in_again_has_lost_the_session,
        a_server_that_does_not_stick_to_the_session_is_not_trusted,
        an_unsigned_refusal_of_the_logon_is_one);
}
