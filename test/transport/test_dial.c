/* test_dial.c: from names to connected streams, on the loopback interface. */
#include "base/text.h"
#include "test/transport/listener.h"
#include "test/transport/world.h"
#include "transport/address.h"
#include "transport/dial.h"

#include <errno.h>
#include <string.h>

/* Who dials. */
struct dialler {
    struct op op; /* first */
    struct dial_op dial;
    struct stream *stream;
    struct loop *loop;
    const char *host;
    uint16_t port;
    const struct sockaddr_storage *instead; /* of a name: addresses that are known */
    unsigned instead_count;
    bool ended;
};

static struct world world;
static struct dialler d;

static enum op_next start_dial(struct op *op)
{
    struct dialler *self = CONTAINER_OF(op, struct dialler, op);

    if (self->instead_count > 0) {
        dial_start_at(&self->dial, op, self->loop, self->instead, self->instead_count);
    } else {
        dial_start(&self->dial, op, self->loop, self->host, self->port);
    }
    return op_go(op, 1);
}

static enum op_next take_stream(struct op *op)
{
    struct dialler *self = CONTAINER_OF(op, struct dialler, op);

    if (!op_finished(&self->dial.op)) {
        return OP_WAIT;
    }
    self->stream = dial_take(&self->dial);
    return op_failed(&self->dial.op) ? op_fail_as(op, &self->dial.op.err) : OP_DONE;
}

static void dialler_release(struct op *op)
{
    stream_close(dial_take(&CONTAINER_OF(op, struct dialler, op)->dial));
}

static const struct op_step steps[] = {{"start", start_dial, 0}, {"wait", take_stream, 0}};
static const struct op_kind kind = {"dialler", steps, dialler_release};

static void ended(struct op *op)
{
    CONTAINER_OF(op, struct dialler, op)->ended = true;
}

static void setup(void)
{
    world_init(&world, &clock_system);
    d = (struct dialler){.loop = &world.loop};
}

static void teardown(void)
{
    op_abort(&d.op);
    stream_close(d.stream);
    world_free(&world);
}

static void dial(const char *host, uint16_t port)
{
    d.host = host;
    d.port = port;
    op_start(&d.op, world.env, &kind, ended);
}

/* Find these addresses instead of asking anybody: the job is held, and filled in by the test. */
static void dial_addresses(const struct sockaddr_storage *addresses, unsigned count)
{
    world.script.jobs.hold = true;
    dial("server", 445);
    while (!d.dial.lookup) {
        ck_assert(loop_turn(&world.loop, 0));
    }
    struct lookup_job *lookup = d.dial.lookup;
    list_remove(&lookup->job.node);
    memcpy(lookup->addresses, addresses, count * sizeof addresses[0]);
    lookup->count = count;
    job_finish(&world.env->ready, &lookup->job);
}

static void check_connected(const char *peer)
{
    world_turn_until(&world, &d.ended, 100);
    ck_assert_msg(!op_failed(&d.op), "%s", d.op.err.reason);
    ck_assert_ptr_nonnull(d.stream);
    ck_assert_str_eq(d.stream->peer, peer);
    ck_assert_ptr_null(dial_take(&d.dial));
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
}

static void check_failed(enum lsmb_code code, const char *reason)
{
    world_turn_until(&world, &d.ended, 100);
    ck_assert_int_eq(d.op.err.code, code);
    ck_assert_msg(strstr(d.op.err.reason, reason), "%s", d.op.err.reason);
    ck_assert_ptr_null(d.stream);
}

START_TEST(a_numeric_address_is_connected_without_a_helper)
{
    char text[ADDRESS_TEXT_LEN];
    uint16_t port = 0;
    int listener = bound_socket(AF_INET, &port, true);
    struct sockaddr_storage address = loopback(AF_INET, port);

    world.script.jobs.refuse = true;
    dial("127.0.0.1", port);
    check_connected(address_text(text, &address));
    ck_assert_int_eq(close(listener), 0);
}
END_TEST

START_TEST(a_name_is_looked_up_and_connected)
{
    char text[ADDRESS_TEXT_LEN];
    uint16_t port = 0;
    int listener = bound_socket(AF_INET, &port, true);
    struct sockaddr_storage address = loopback(AF_INET, port);

    dial("localhost", port);
    check_connected(address_text(text, &address));
    ck_assert_uint_eq(world.script.jobs.submitted, 1);
    ck_assert_int_eq(close(listener), 0);
}
END_TEST

START_TEST(known_addresses_are_dialled_without_a_name)
{
    char text[ADDRESS_TEXT_LEN];
    uint16_t dead_port = 0, port = 0;
    int dead = bound_socket(AF_INET, &dead_port, false);
    int listener = bound_socket(AF_INET, &port, true);
    struct sockaddr_storage both[2] = {loopback(AF_INET, dead_port), loopback(AF_INET, port)};

    world.script.jobs.refuse = true;
    d.instead = both;
    d.instead_count = 2;
    dial("", 0);
    check_connected(address_text(text, &both[1]));
    ck_assert(address_equal(&d.dial.peer, &both[1]));
    ck_assert_int_eq(close(listener), 0);
    ck_assert_int_eq(close(dead), 0);
}
END_TEST

START_TEST(a_refused_port_is_named)
{
    char want[128], text[ADDRESS_TEXT_LEN];
    uint16_t port = 0;
    int holder = bound_socket(AF_INET, &port, false);
    struct sockaddr_storage address = loopback(AF_INET, port);

    dial("127.0.0.1", port);
    text_format(want, sizeof want, "%s: Connection refused", address_text(text, &address));
    check_failed(LSMB_E_NETWORK, want);
    ck_assert_int_eq(d.op.err.os_errno, ECONNREFUSED);
    ck_assert(!d.dial.unknown);
    ck_assert_str_eq(d.op.err.step, "connect to the server");
    ck_assert_str_ne(d.op.err.advice, "");
    ck_assert_int_eq(close(holder), 0);
}
END_TEST

START_TEST(an_unknown_name_is_an_error)
{
    dial("name.invalid", 445);
    check_failed(LSMB_E_NETWORK, "name.invalid: EAI_");
    ck_assert(d.dial.unknown);
    ck_assert_str_eq(d.op.err.step, "look up the server");
}
END_TEST

START_TEST(what_cannot_be_a_name_is_refused)
{
    char endless[300];

    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    const char *const names[] = {"", endless, "server"};
    dial(names[_i], _i == 2 ? 0 : 445);
    check_failed(LSMB_E_USAGE, "empty, too long or zero");
    ck_assert_uint_eq(world.script.jobs.submitted, 0);
}
END_TEST

START_TEST(no_helper_is_an_error)
{
    world.script.jobs.refuse = true;
    dial("server", 445);
    check_failed(LSMB_E_LOCAL, "no helper thread");
}
END_TEST

START_TEST(the_next_address_is_tried_at_once_when_one_is_refused)
{
    char text[ADDRESS_TEXT_LEN];
    uint16_t dead_port = 0, port = 0;
    int dead = bound_socket(AF_INET, &dead_port, false);
    int family = AF_INET6;
    int listener = bound_socket(family, &port, true);

    if (listener < 0) { /* no IPv6 here */
        family = AF_INET;
        listener = bound_socket(family, &port, true);
    }
    struct sockaddr_storage both[2] = {loopback(AF_INET, dead_port), loopback(family, port)};
    uint64_t began = env_now(world.env);
    dial_addresses(both, 2);
    check_connected(address_text(text, &both[1]));
    ck_assert_uint_lt(env_now(world.env) - began,
                      200 * NS_PER_MS); /* no head start was waited for */
    ck_assert_int_eq(close(listener), 0);
    ck_assert_int_eq(close(dead), 0);
}
END_TEST

START_TEST(when_all_fail_each_is_named_with_its_reason)
{
    uint16_t port = 0;
    int dead = bound_socket(AF_INET, &port, false);
    struct sockaddr_storage three[3] = {
        loopback(AF_INET, port), {.ss_family = AF_APPLETALK}, loopback(AF_INET, port)};
    char want[256];

    text_format(want, sizeof want,
                "127.0.0.1:%u: Connection refused, an address of unknown family: ", port);
    dial_addresses(three, 3);
    check_failed(LSMB_E_NETWORK, want);
    text_format(want, sizeof want, ", 127.0.0.1:%u: Connection refused", port);
    ck_assert_msg(strstr(d.op.err.reason, want), "%s", d.op.err.reason);
    ck_assert_int_eq(close(dead), 0);
}
END_TEST

START_TEST(a_reason_with_all_addresses_fits_its_room)
{
    struct sockaddr_storage all[DIAL_ADDRESSES_MAX];
    uint16_t port = 0;
    int dead = bound_socket(AF_INET, &port, false);

    for (unsigned i = 0; i < DIAL_ADDRESSES_MAX; i++) {
        all[i] = loopback(AF_INET, port);
    }
    dial_addresses(all, DIAL_ADDRESSES_MAX);
    check_failed(LSMB_E_NETWORK, "Connection refused");
    ck_assert_uint_eq(strlen(d.op.err.reason), sizeof d.op.err.reason - 1);
    ck_assert_int_eq(close(dead), 0);
}
END_TEST

/* A listener that lets nobody in: its queue is full, so SYNs get no answer. */
struct full_listener {
    int fd, waiting[8];
    struct sockaddr_storage address;
};

static void full_listener_open(struct full_listener *full)
{
    uint16_t port = 0;

    full->fd = bound_socket(AF_INET, &port, false);
    ck_assert_int_eq(listen(full->fd, 0), 0);
    full->address = loopback(AF_INET, port);
    for (unsigned i = 0; i < 8; i++) {
        full->waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(full->waiting[i], (struct sockaddr *)&full->address,
                      sizeof(struct sockaddr_in));
    }
}

static void full_listener_close(struct full_listener *full)
{
    for (unsigned i = 0; i < 8; i++) {
        (void)close(full->waiting[i]);
    }
    (void)close(full->fd);
}

START_TEST(a_silent_address_has_a_head_start_and_no_more) /* RFC 8305 5 */
{
    char text[ADDRESS_TEXT_LEN];
    struct full_listener full;
    uint16_t port = 0;
    int listener = bound_socket(AF_INET, &port, true);

    full_listener_open(&full);
    struct sockaddr_storage both[2] = {full.address, loopback(AF_INET, port)};
    uint64_t began = env_now(world.env);
    dial_addresses(both, 2);
    check_connected(address_text(text, &both[1]));
    ck_assert_uint_ge(env_now(world.env) - began, 250 * NS_PER_MS);
    full_listener_close(&full);
    ck_assert_int_eq(close(listener), 0);
}
END_TEST

START_TEST(silence_on_all_addresses_has_one_limit)
{
    struct full_listener full;

    full_listener_open(&full);
    world.env->silence_ms = 600;
    struct sockaddr_storage all[6];
    for (unsigned i = 0; i < 6; i++) {
        all[i] = full.address;
    }
    uint64_t began = env_now(world.env);
    dial_addresses(all, 6);
    check_failed(LSMB_E_TIMEOUT, "not connected after 600 ms: 127.0.0.1:");
    ck_assert_ptr_nonnull(strstr(d.op.err.reason, "no answer"));
    ck_assert_uint_ge(env_now(world.env) - began, 600 * NS_PER_MS);
    ck_assert_uint_lt(env_now(world.env) - began, 1200 * NS_PER_MS);
    full_listener_close(&full);
}
END_TEST

START_TEST(an_abort_ends_attempts_and_timers)
{
    struct full_listener full;

    full_listener_open(&full);
    struct sockaddr_storage both[2] = {full.address, full.address};
    dial_addresses(both, 2);
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_int_ge(d.dial.attempts[0].fd, 0);
    op_abort(&d.op);
    ck_assert_int_eq(d.dial.attempts[0].fd, -1);
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
    ck_assert(!d.ended);
    full_listener_close(&full);
}
END_TEST

START_TEST(an_abort_gives_up_the_lookup)
{
    world.script.jobs.hold = true;
    dial("name.invalid", 445);
    while (!d.dial.lookup) {
        ck_assert(loop_turn(&world.loop, 0));
    }
    op_abort(&d.op);
    script_jobs_run(&world.script.jobs); /* it ends later, and is released then */
    ck_assert(!d.ended);
}
END_TEST

START_TEST(an_abort_between_success_and_taking_loses_no_stream)
{
    uint16_t port = 0;
    int listener = bound_socket(AF_INET, &port, true);

    dial("127.0.0.1", port);
    for (unsigned i = 0; !d.dial.stream; i++) {
        ck_assert_uint_lt(i, 100);
        ck_assert(loop_turn(&world.loop, 1000));
    }
    op_abort(&d.op); /* ASan's leak check sees to the rest */
    ck_assert_ptr_null(d.dial.stream);
    ck_assert_int_eq(close(listener), 0);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, a_numeric_address_is_connected_without_a_helper);
    tcase_add_test(t, a_name_is_looked_up_and_connected);
    tcase_add_test(t, known_addresses_are_dialled_without_a_name);
    tcase_add_test(t, a_refused_port_is_named);
    tcase_add_test(t, an_unknown_name_is_an_error);
    tcase_add_loop_test(t, what_cannot_be_a_name_is_refused, 0, 3);
    tcase_add_test(t, no_helper_is_an_error);
    tcase_add_test(t, the_next_address_is_tried_at_once_when_one_is_refused);
    tcase_add_test(t, when_all_fail_each_is_named_with_its_reason);
    tcase_add_test(t, a_reason_with_all_addresses_fits_its_room);
    tcase_add_test(t, a_silent_address_has_a_head_start_and_no_more);
    tcase_add_test(t, silence_on_all_addresses_has_one_limit);
    tcase_add_test(t, an_abort_ends_attempts_and_timers);
    tcase_add_test(t, an_abort_gives_up_the_lookup);
    tcase_add_test(t, an_abort_between_success_and_taking_loses_no_stream);
}

int main(void)
{
    Suite *s = suite_create("transport/dial");
    TCase *t = tcase_create("dial");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    add_tests(t);
    suite_add_tcase(s, t);
    return world_main(s);
}
