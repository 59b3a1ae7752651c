/* test_call.c: from a name to a NetBIOS session, with a scripted server and name service on the loopback
 * interface (RFC 1002 5.3.1). */
#include "test/transport/name_server.h"
#include "test/transport/world.h"
#include "transport/address.h"
#include "transport/call.h"
#include "transport/pair.h"

#include <errno.h>

enum { CALLS_MAX = 4 };

/* A server that answers its calls, one after the other, with what is laid out for them. */
struct callee {
    struct watch listening;
    int fd;
    uint16_t port;
    struct caller {
        struct watch watch;
        struct callee *callee;
        int fd;
        struct nbss_name called, calling;
    } calls[CALLS_MAX];
    unsigned count; /* of calls */
    uint8_t answers[CALLS_MAX][16];
    size_t answer_lens[CALLS_MAX]; /* 0: hang up */
    unsigned answer_count;
};

/* Who calls. */
struct caller_op {
    struct op op; /* first */
    struct call_op call;
    struct call_spec spec;
    struct stream *stream;
    bool ended;
};

static struct world world;
static struct name_server names;
static struct callee server, other;
static struct caller_op c;
static struct nbns_query_asked asked;
static uint8_t data[256];

/* ---------------------------------------------------------------- the server */

static void request_came(struct watch *watch, uint32_t events)
{
    struct caller *call = CONTAINER_OF(watch, struct caller, watch);
    struct callee *callee = call->callee;
    size_t n = (size_t)(call - callee->calls);
    uint8_t request[NBSS_REQUEST_LEN];

    (void)events;
    loop_unwatch(watch);
    ck_assert_int_eq(recv(call->fd, request, sizeof request, MSG_WAITALL), NBSS_REQUEST_LEN);
    ck_assert(nbss_request_get(&call->called, &call->calling,
                               (struct span){request + 4, sizeof request - 4}));
    ck_assert_uint_lt(n, callee->answer_count);
    if (callee->answer_lens[n] == 0) {
        (void)shutdown(call->fd, SHUT_RDWR);
        return;
    }
    ck_assert_int_eq(send(call->fd, callee->answers[n], callee->answer_lens[n], MSG_NOSIGNAL),
                     (ssize_t)callee->answer_lens[n]);
}

static void connection_came(struct watch *watch, uint32_t events)
{
    struct callee *callee = CONTAINER_OF(watch, struct callee, listening);
    struct caller *call = &callee->calls[callee->count];

    (void)events;
    ck_assert_uint_lt(callee->count, CALLS_MAX);
    callee->count++;
    call->callee = callee;
    call->fd = accept(callee->fd, NULL, NULL);
    ck_assert_int_ge(call->fd, 0);
    ck_assert(loop_watch(&world.loop, &call->watch, call->fd, EPOLLIN, request_came));
}

static void callee_open(struct callee *callee)
{
    *callee = (struct callee){0};
    callee->fd = bound_socket(AF_INET, &callee->port, true);
    ck_assert_int_ge(callee->fd, 0);
    ck_assert(loop_watch(&world.loop, &callee->listening, callee->fd, EPOLLIN, connection_came));
}

static void callee_close(struct callee *callee)
{
    loop_unwatch(&callee->listening);
    (void)close(callee->fd);
    for (unsigned i = 0; i < callee->count; i++) {
        loop_unwatch(&callee->calls[i].watch);
        (void)close(callee->calls[i].fd);
    }
}

static struct wr answer_begin(struct callee *callee)
{
    unsigned n = callee->answer_count++;

    ck_assert_uint_lt(n, CALLS_MAX);
    return wr_from(callee->answers[n], sizeof callee->answers[n]);
}

static void answer_end(struct callee *callee, const struct wr *w)
{
    ck_assert(wr_ok(w));
    callee->answer_lens[callee->answer_count - 1] = w->pos;
}

static void accepts(struct callee *callee)
{
    struct wr w = answer_begin(callee);

    nbss_positive_put(&w);
    answer_end(callee, &w);
}

static void refuses(struct callee *callee, uint8_t error)
{
    struct wr w = answer_begin(callee);

    nbss_negative_put(&w, error);
    answer_end(callee, &w);
}

static void sends_on(struct callee *callee, uint32_t ip, uint16_t port)
{
    struct wr w = answer_begin(callee);

    nbss_retarget_put(&w, &(struct nbss_retarget){ip, port});
    answer_end(callee, &w);
}

/* ---------------------------------------------------------------- the client */

static enum op_next start_call(struct op *op)
{
    struct caller_op *self = CONTAINER_OF(op, struct caller_op, op);

    call_op_start(&self->call, op, &self->spec);
    return op_go(op, 1);
}

static enum op_next take_call(struct op *op)
{
    struct caller_op *self = CONTAINER_OF(op, struct caller_op, op);
    enum op_next next = op_await(op, &self->call.op);

    if (next == OP_AGAIN) {
        self->stream = call_take(&self->call);
        return OP_DONE;
    }
    return next;
}

static void release_call(struct op *op)
{
    stream_close(call_take(&CONTAINER_OF(op, struct caller_op, op)->call));
}

static const struct op_step steps[] = {{"start", start_call, 0}, {"wait", take_call, 0}};
static const struct op_kind kind = {"caller", steps, release_call};

static void ended(struct op *op)
{
    CONTAINER_OF(op, struct caller_op, op)->ended = true;
}

static void setup(void)
{
    world_init(&world, &clock_system);
    name_server_open(&names, &world.loop);
    callee_open(&server);
    callee_open(&other);
    asked = (struct nbns_query_asked){.at = {names.address}, .count = 1, .broadcast = true};
    c = (struct caller_op){.spec = {.loop = &world.loop, .asked = &asked}};
    c.spec.host = "127.0.0.1";
    c.spec.port = server.port;
    c.spec.name_port = ntohs(((struct sockaddr_in *)(void *)&names.address)->sin_port);
    ck_assert(nbss_name_make(&c.spec.calling, "lava-smb", NBSS_WORKSTATION));
}

static void teardown(void)
{
    if (c.op.kind) {
        op_abort(&c.op);
    }
    stream_close(c.stream);
    callee_close(&server);
    callee_close(&other);
    name_server_close(&names);
    world_free(&world);
}

static void call(void)
{
    op_start(&c.op, world.env, &kind, ended);
    world_turn_until(&world, &c.ended, 300);
}

static void check_called(const char *name)
{
    call();
    ck_assert_msg(!op_failed(&c.op), "%s", c.op.err.reason);
    ck_assert_ptr_nonnull(c.stream);
    ck_assert_int_eq(c.stream->framing, FRAMING_NETBIOS);
    ck_assert_str_eq(c.call.called.text, name);
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
}

static void check_failed(enum lsmb_code code, const char *reason)
{
    call();
    ck_assert_int_eq(c.op.err.code, code);
    ck_assert_msg(strstr(c.op.err.reason, reason), "%s", c.op.err.reason);
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
}

/* The name service says that the host is called so. */
static void host_is_called(const char *text)
{
    struct nbns_node_name node = {.active = true};
    struct wr w = wr_from(data, sizeof data);

    ck_assert(nbss_name_make(&node.name, text, NBSS_FILE_SERVER));
    nbns_status_put(&w, &node, 1);
    (void)name_server_has(&names, wr_written(&w));
}

/* ---------------------------------------------------------------- names */

START_TEST(a_server_is_called_by_the_name_for_any)
{
    accepts(&server);
    check_called("*SMBSERVER");
    ck_assert_uint_eq(server.count, 1);
    ck_assert_str_eq(server.calls[0].called.text, "*SMBSERVER");
    ck_assert_uint_eq(server.calls[0].called.suffix, 0x20);
    ck_assert_str_eq(server.calls[0].calling.text, "LAVA-SMB");
    ck_assert_uint_eq(server.calls[0].calling.suffix, 0x00);
    ck_assert_uint_eq(names.asked, 0);
}
END_TEST

START_TEST(a_server_is_called_by_the_name_that_is_given)
{
    ck_assert(nbss_name_make(&c.spec.called, "fileserver", NBSS_FILE_SERVER));
    accepts(&server);
    check_called("FILESERVER");
    ck_assert_str_eq(server.calls[0].called.text, "FILESERVER");
    ck_assert_uint_eq(names.asked, 0);
}
END_TEST

START_TEST(a_server_without_that_name_is_asked_for_its_own) /* RFC 1002 4.3.4 */
{
    ck_assert(nbss_name_make(&c.spec.called, "fileserver", NBSS_FILE_SERVER));
    refuses(&server, _i == 0 ? NBSS_CALLED_NAME_NOT_PRESENT : NBSS_NOT_LISTENING_ON_CALLED_NAME);
    accepts(&server);
    host_is_called("NAS");
    check_called("NAS");
    ck_assert_uint_eq(server.count, 2);
    ck_assert_str_eq(server.calls[1].called.text, "NAS");
    ck_assert_uint_eq(names.asked, 1);
    ck_assert(script_logged(&world.script, "called FILESERVER: refused with 0x8"));
}
END_TEST

START_TEST(it_is_asked_only_once)
{
    refuses(&server, NBSS_CALLED_NAME_NOT_PRESENT);
    refuses(&server, NBSS_CALLED_NAME_NOT_PRESENT);
    host_is_called("NAS");
    check_failed(LSMB_E_NETWORK, "called NAS: refused with 0x82");
    ck_assert_str_ne(c.op.err.advice, "");
    ck_assert_uint_eq(names.asked, 1);
}
END_TEST

START_TEST(a_name_that_is_refused_is_not_tried_again)
{
    ck_assert(nbss_name_make(&c.spec.called, "nas", NBSS_FILE_SERVER));
    refuses(&server, NBSS_CALLED_NAME_NOT_PRESENT);
    host_is_called("NAS");
    check_failed(LSMB_E_NETWORK, "it gives the same");
    ck_assert_uint_eq(server.count, 1);
}
END_TEST

START_TEST(without_a_name_service_the_name_for_any_is_tried)
{
    c.spec.name_port = server.port; /* where nobody listens for datagrams, likely */
    ck_assert(nbss_name_make(&c.spec.called, "fileserver", NBSS_FILE_SERVER));
    refuses(&server, NBSS_CALLED_NAME_NOT_PRESENT);
    accepts(&server);
    check_called("*SMBSERVER");
}
END_TEST

START_TEST(without_a_name_service_the_hosts_own_name_is_tried)
{
    c.spec.name_port = server.port;
    c.spec.host = "localhost";
    refuses(&server, NBSS_CALLED_NAME_NOT_PRESENT);
    accepts(&server);
    check_called("LOCALHOST");
}
END_TEST

START_TEST(an_address_is_no_name)
{
    c.spec.name_port = server.port;
    refuses(&server, NBSS_CALLED_NAME_NOT_PRESENT);
    check_failed(LSMB_E_NETWORK, "called *SMBSERVER: refused with 0x82");
    ck_assert_ptr_nonnull(strstr(c.op.err.reason, "asked for its name: "));
    ck_assert_ptr_nonnull(strstr(c.op.err.advice, "NetBIOS name"));
}
END_TEST

START_TEST(other_refusals_are_final)
{
    static const uint8_t errors[] = {0x81, 0x83, 0x8F};

    refuses(&server, errors[_i]);
    check_failed(LSMB_E_NETWORK, "refused with 0x8");
    ck_assert_str_eq(c.op.err.step, "wait for the NetBIOS session response");
    ck_assert_uint_eq(server.count, 1);
    ck_assert_uint_eq(names.asked, 0);
}
END_TEST

START_TEST(a_server_that_hangs_up_may_want_no_netbios)
{
    server.answer_count = 1;
    check_failed(LSMB_E_NETWORK, "closed the connection");
    ck_assert_ptr_nonnull(strstr(c.op.err.advice, "without NetBIOS"));
}
END_TEST

START_TEST(a_port_where_nobody_listens_is_not_left_for_another)
{
    uint16_t port = 0;
    int dead = bound_socket(AF_INET, &port, false);

    c.spec.port = port;
    check_failed(LSMB_E_NETWORK, "Connection refused");
    ck_assert_ptr_nonnull(strstr(c.op.err.advice, "445"));
    ck_assert_int_eq(close(dead), 0);
}
END_TEST

/* ---------------------------------------------------------------- being sent on */

START_TEST(a_server_may_send_us_on) /* RFC 1002 4.3.5 */
{
    sends_on(&server, INADDR_LOOPBACK, other.port);
    accepts(&other);
    check_called("*SMBSERVER");
    ck_assert_uint_eq(server.count, 1);
    ck_assert_uint_eq(other.count, 1);
    ck_assert(script_logged(&world.script, "sends us on to 127.0.0.1:"));
}
END_TEST

START_TEST(we_are_sent_on_once)
{
    sends_on(&server, INADDR_LOOPBACK, other.port);
    sends_on(&other, INADDR_LOOPBACK, server.port);
    check_failed(LSMB_E_NETWORK, "asks to go to 127.0.0.1:");
    ck_assert_uint_eq(server.count + other.count, 2);
}
END_TEST

START_TEST(a_name_may_be_unknown_where_we_are_sent)
{
    sends_on(&server, INADDR_LOOPBACK, other.port);
    refuses(&other, NBSS_CALLED_NAME_NOT_PRESENT);
    accepts(&other);
    host_is_called("NAS");
    check_called("NAS");
    ck_assert_uint_eq(other.count, 2);
}
END_TEST

START_TEST(nobody_sends_us_where_no_server_is)
{
    static const struct nbss_retarget nowhere[] = {
        {INADDR_ANY, 139}, {INADDR_BROADCAST, 139}, {0xE0000001, 139}, {INADDR_LOOPBACK, 0}};

    sends_on(&server, nowhere[_i].address, nowhere[_i].port);
    check_failed(LSMB_E_NETWORK, "asks to go to");
}
END_TEST

/* Somebody else could make us talk to what listens here and trusts this machine. */
static struct stream *dial_pair(void *arg, const char *host, uint16_t port)
{
    struct stream **ends = arg;
    uint8_t room[16];
    struct wr w = wr_from(room, sizeof room);
    struct iovec iov = {room, 0};

    ck_assert_str_eq(host, "elsewhere");
    ck_assert_uint_eq(port, 139);
    ck_assert(pair_new(ends, 1000));
    nbss_retarget_put(&w, &(struct nbss_retarget){INADDR_LOOPBACK, 22});
    iov.iov_len = w.pos;
    ck_assert_int_eq(ends[1]->ops->send(ends[1], &iov, 1), (ssize_t)w.pos);
    return ends[0];
}

START_TEST(nobody_sends_us_home_from_elsewhere)
{
    struct stream *ends[2] = {NULL};

    c.spec.dial = dial_pair;
    c.spec.dial_arg = ends;
    c.spec.host = "elsewhere";
    c.spec.port = 139;
    check_failed(LSMB_E_NETWORK, "asks to go to 127.0.0.1:22");
    stream_close(ends[1]);
}
END_TEST

/* ---------------------------------------------------------------- hosts that DNS does not know */

START_TEST(a_host_that_dns_does_not_know_is_found_by_broadcast)
{
    struct wr w = wr_from(data, sizeof data);

    c.spec.host = "name.invalid";
    check_failed(LSMB_E_NETWORK, "name.invalid"); /* with dots it is a name for DNS alone */
    ck_assert_uint_eq(names.asked, 0);
    c = (struct caller_op){.spec = c.spec};
    world.env->log.level = LSMB_LOG_WARNING; /* whoever answers is sent our logon */
    c.spec.host = "no-such-host-42";
    nbns_address_put(&w, &(struct nbns_address){false, 0xC0000207});
    (void)name_server_says(&names, wr_written(&w));
    op_start(&c.op, world.env, &kind, ended);
    for (unsigned i = 0; c.call.dial.address_count == 0; i++) { /* nobody is at 192.0.2.7 */
        ck_assert_uint_lt(i, 300);
        ck_assert(!c.ended);
        ck_assert(loop_turn(&world.loop, 1000));
    }
    struct sockaddr_storage want = address_v4(0xC0000207, c.spec.port);
    ck_assert(address_equal(&c.call.dial.addresses[0], &want));
    ck_assert_str_eq(c.call.called.text, "NO-SUCH-HOST-42");
    ck_assert_str_eq(names.last.question.name.text, "NO-SUCH-HOST-42");
    ck_assert(script_logged(&world.script, "found by NetBIOS at 192.0.2.7"));
}
END_TEST

START_TEST(a_host_that_nobody_knows_is_an_error_that_says_who_was_asked)
{
    c.spec.host = "no-such-host-42";
    check_failed(LSMB_E_NETWORK, "EAI_");
    ck_assert_ptr_nonnull(strstr(c.op.err.reason, "nobody answers to the NetBIOS name NO-SUCH-H"));
    ck_assert_str_ne(c.op.err.advice, "");
    ck_assert_uint_eq(names.asked, 3);
}
END_TEST

START_TEST(an_abort_lets_go_of_everything)
{
    refuses(&server, NBSS_CALLED_NAME_NOT_PRESENT);
    accepts(&server);
    host_is_called("NAS");
    op_start(&c.op, world.env, &kind, ended);
    for (int i = 0; i < _i; i++) {
        ck_assert(loop_turn(&world.loop, 10));
    }
    op_abort(&c.op);
    ck_assert_ptr_null(c.call.stream);
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/call");
    TCase *t = tcase_create("call");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_server_is_called_by_the_name_for_any);
    tcase_add_test(t, a_server_is_called_by_the_name_that_is_given);
    tcase_add_loop_test(t, a_server_without_that_name_is_asked_for_its_own, 0, 2);
    tcase_add_test(t, it_is_asked_only_once);
    tcase_add_test(t, a_name_that_is_refused_is_not_tried_again);
    tcase_add_test(t, without_a_name_service_the_name_for_any_is_tried);
    tcase_add_test(t, without_a_name_service_the_hosts_own_name_is_tried);
    tcase_add_test(t, an_address_is_no_name);
    tcase_add_loop_test(t, other_refusals_are_final, 0, 3);
    tcase_add_test(t, a_server_that_hangs_up_may_want_no_netbios);
    tcase_add_test(t, a_port_where_nobody_listens_is_not_left_for_another);
    tcase_add_test(t, a_server_may_send_us_on);
    tcase_add_test(t, we_are_sent_on_once);
    tcase_add_test(t, a_name_may_be_unknown_where_we_are_sent);
    tcase_add_loop_test(t, nobody_sends_us_where_no_server_is, 0, 4);
    tcase_add_test(t, nobody_sends_us_home_from_elsewhere);
    tcase_add_test(t, a_host_that_dns_does_not_know_is_found_by_broadcast);
    tcase_add_test(t, a_host_that_nobody_knows_is_an_error_that_says_who_was_asked);
    tcase_add_loop_test(t, an_abort_lets_go_of_everything, 0, 20);
    suite_add_tcase(s, t);
    return world_main(s);
}
