/* test_nbns_query.c: asking a scripted name service on the loopback interface (RFC 1002 5.1). */
#include "test/transport/name_server.h"
#include "test/transport/world.h"
#include "transport/address.h"
#include "transport/nbns_query.h"

/* Who asks. */
struct asker {
    struct op op; /* first */
    struct nbns_query_op names;
    struct nbns_query_asked asked;
    struct nbss_name name; /* "": for the names of a node */
    bool ended;
};

static struct world world;
static struct name_server server;
static struct asker asker;
static uint8_t data[1024];

static enum op_next start_asking(struct op *op)
{
    struct asker *a = CONTAINER_OF(op, struct asker, op);

    if (a->name.suffix) {
        nbns_query_start(&a->names, op, &world.loop, &a->name, &a->asked);
    } else {
        nbns_query_status_start(&a->names, op, &world.loop, &a->asked.at[0]);
    }
    return op_go(op, 1);
}

static enum op_next take_names(struct op *op)
{
    enum op_next next = op_await(op, &CONTAINER_OF(op, struct asker, op)->names.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

static const struct op_step steps[] = {{"start", start_asking, 0}, {"wait", take_names, 0}};
static const struct op_kind kind = {"asker", steps, NULL};

static void ended(struct op *op)
{
    CONTAINER_OF(op, struct asker, op)->ended = true;
}

static void setup(void)
{
    world_init(&world, &clock_system);
    name_server_open(&server, &world.loop);
    asker = (struct asker){.asked = {.count = 1}};
    asker.asked.at[0] = server.address;
}

static void teardown(void)
{
    if (asker.op.kind) {
        op_abort(&asker.op);
        ck_assert_int_eq(asker.names.fd, -1);
    }
    name_server_close(&server);
    world_free(&world);
}

static void begin(const char *name)
{
    if (name) {
        ck_assert(nbss_name_make(&asker.name, name, NBSS_FILE_SERVER));
    }
    op_start(&asker.op, world.env, &kind, ended);
}

static void check_found(void)
{
    world_turn_until(&world, &asker.ended, 100);
    ck_assert_msg(!op_failed(&asker.op), "%s", asker.op.err.reason);
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
}

static void check_failed(const char *reason)
{
    world_turn_until(&world, &asker.ended, 100);
    ck_assert_int_eq(asker.op.err.code, LSMB_E_NETWORK);
    ck_assert_msg(strstr(asker.op.err.reason, reason), "%s", asker.op.err.reason);
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
}

/* The data of an answer: one address of a host, one of a group. */
static struct span one_address(uint32_t ip)
{
    struct wr w = wr_from(data, sizeof data);

    nbns_address_put(&w, &(struct nbns_address){true, 0xC0000263});
    nbns_address_put(&w, &(struct nbns_address){false, ip});
    return wr_written(&w);
}

static void check_address(uint32_t ip)
{
    struct sockaddr_storage want = address_v4(ip, 0);

    check_found();
    ck_assert_uint_eq(asker.names.address_count, 1);
    ck_assert(address_equal(&asker.names.addresses[0], &want));
}

START_TEST(a_name_server_is_asked_for_a_name) /* RFC 1002 4.2.12 */
{
    (void)name_server_says(&server, one_address(0xC0000207));
    begin("fileserver");
    check_address(0xC0000207);
    ck_assert_uint_eq(server.asked, 1);
    ck_assert_str_eq(server.last.question.name.text, "FILESERVER");
    ck_assert_uint_eq(server.last.question.name.suffix, 0x20);
    ck_assert_uint_eq(server.last.question.type, NBNS_TYPE_NB);
    ck_assert_uint_eq(server.last.flags, NBNS_RECURSION_DESIRED);
}
END_TEST

START_TEST(everybody_is_asked_for_a_name)
{
    asker.asked.broadcast = true;
    asker.asked.at[asker.asked.count++] = server.address;
    (void)name_server_says(&server, one_address(0xC0000207));
    begin("fileserver");
    check_address(0xC0000207);
    ck_assert_uint_eq(server.last.flags, NBNS_RECURSION_DESIRED | NBNS_BROADCAST);
}
END_TEST

START_TEST(all_addresses_of_a_host_are_taken_once)
{
    struct wr w = wr_from(data, sizeof data);

    for (uint32_t i = 0; i < 24; i++) {
        nbns_address_put(&w, &(struct nbns_address){false, 0xC0000200 + i / 2});
    }
    (void)name_server_says(&server, wr_written(&w));
    begin("fileserver");
    check_found();
    ck_assert_uint_eq(asker.names.address_count, NBNS_QUERY_ADDRESSES_MAX);
    for (uint32_t i = 0; i < NBNS_QUERY_ADDRESSES_MAX; i++) {
        struct sockaddr_storage want = address_v4(0xC0000200 + i, 0);
        ck_assert(address_equal(&asker.names.addresses[i], &want));
    }
}
END_TEST

START_TEST(a_lost_question_is_asked_again)
{
    server.ignore = 2;
    asker.asked.broadcast = true;
    (void)name_server_says(&server, one_address(0xC0000207));
    begin("fileserver");
    check_address(0xC0000207);
    ck_assert_uint_eq(server.asked, 3);
}
END_TEST

START_TEST(silence_is_given_up_soon) /* not after 15 s, as RFC 1002 6 has it */
{
    uint64_t began = env_now(world.env);

    asker.asked.broadcast = _i == 1;
    begin("fileserver");
    check_failed(_i == 1 ? "3 broadcasts in 1 networks" : "after 3 tries");
    ck_assert_uint_eq(server.asked, 3);
    ck_assert_uint_lt(env_now(world.env) - began, 3 * NS_PER_S);
}
END_TEST

START_TEST(a_name_server_knows_better) /* RFC 1002 4.2.14 */
{
    (void)name_server_denies(&server);
    begin("fileserver");
    check_failed("does not know the name FILESERVER");
    ck_assert_uint_eq(server.asked, 1);
}
END_TEST

/* Anybody can say so. */
START_TEST(that_somebody_does_not_know_a_name_says_nothing)
{
    asker.asked.broadcast = true;
    (void)name_server_denies(&server);
    (void)name_server_says(&server, one_address(0xC0000207));
    begin("fileserver");
    check_address(0xC0000207);
}
END_TEST

static void spoil(struct nbns_packet *answer, int how)
{
    switch (how) {
    case 0: answer->id = 1; break; /* another transaction's */
    case 1: (void)nbss_name_make(&answer->record.name, "other", 0x20); break;
    case 2: (void)nbss_name_make(&answer->record.name, "fileserver", 0x00); break;
    case 3: answer->flags = 0; break;              /* a question */
    case 4: answer->flags |= NBNS_WAIT_ACK; break; /* RFC 1002 4.2.16 */
    case 5: answer->record.type = NBNS_TYPE_NBSTAT; break;
    case 6: answer->section = NBNS_NO_RECORD; break;
    case 7: answer->record.data.len = 6; break; /* a group alone */
    case 8: answer->record.data.len = 5; break;
    case 9: answer->record.data = one_address(INADDR_LOOPBACK); break;
    case 10: answer->record.data = one_address(INADDR_ANY); break;
    case 11: answer->record.data = one_address(INADDR_BROADCAST); break;
    default: ck_abort();
    }
}

START_TEST(what_is_not_the_answer_is_passed_over)
{
    asker.asked.broadcast = true;
    spoil(name_server_says(&server, one_address(0xC0000207)), _i);
    begin("fileserver");
    check_failed("nobody answers to the NetBIOS name FILESERVER");
}
END_TEST

START_TEST(a_host_that_was_not_asked_is_not_heard)
{
    server.foreign = true;
    (void)name_server_says(&server, one_address(0xC0000207));
    begin("fileserver");
    check_failed("no answer");
}
END_TEST

START_TEST(junk_is_passed_over)
{
    struct nbns_packet *wrong = name_server_says(&server, one_address(0xC0000207));

    wrong->id = 1;
    wrong->record.data = (struct span){data, sizeof data};
    (void)name_server_says(&server, one_address(0xC0000207));
    begin("fileserver");
    check_address(0xC0000207);
}
END_TEST

/* ---------------------------------------------------------------- what a host calls itself */

static struct span status_of(const struct nbns_node_name *names, unsigned count)
{
    struct wr w = wr_from(data, sizeof data);

    nbns_status_put(&w, names, count);
    return wr_written(&w);
}

START_TEST(a_host_says_what_it_is_called) /* RFC 1002 4.2.17, 4.2.18 */
{
    static const struct nbns_node_name names[] = {
        {{"WORKGROUP", 0x00}, true, true}, {{"HOST", 0x00}, false, true},
        {{"", 0x20}, false, true},         {{"GROUP", 0x20}, true, true},
        {{"HOST", 0x03}, false, true},     {{"SERVER", 0x20}, false, true},
        {{"SECOND", 0x20}, false, true},
    };

    (void)name_server_has(&server, status_of(names, 7));
    begin(NULL);
    check_found();
    ck_assert_str_eq(asker.names.learned.text, "SERVER");
    ck_assert_uint_eq(asker.names.learned.suffix, 0x20);
    ck_assert_str_eq(server.last.question.name.text, "*");
    ck_assert_uint_eq(server.last.question.type, NBNS_TYPE_NBSTAT);
    ck_assert_uint_eq(server.last.flags, 0);
}
END_TEST

START_TEST(a_host_without_a_file_service_is_called_by_its_own_name)
{
    static const struct nbns_node_name names[] = {{{"HOST", 0x03}, false, true},
                                                  {{"HOST2", 0x00}, false, true}};

    (void)name_server_has(&server, status_of(names, 2));
    begin(NULL);
    check_found();
    ck_assert_str_eq(asker.names.learned.text, "HOST2");
    ck_assert_uint_eq(asker.names.learned.suffix, 0x20);
}
END_TEST

/* More names are promised than come, or none that could be called. */
START_TEST(a_node_status_without_a_name_is_none)
{
    static const struct nbns_node_name names[] = {{{"GROUP", 0x20}, true, true}};
    struct span status = status_of(names, 1);

    data[0] = 255;
    status.len = _i == 0 ? status.len : 1 + 17;
    (void)name_server_has(&server, status);
    begin(NULL);
    check_failed("no answer");
}
END_TEST

START_TEST(a_host_where_nobody_listens_is_given_up_at_once)
{
    uint64_t began = env_now(world.env);
    uint16_t port = 0;
    int holder = bound_socket(AF_INET, &port, false); /* a TCP port that is free for UDP, likely */

    asker.asked.at[0] = loopback(AF_INET, port);
    begin(NULL);
    check_failed("refused");
    ck_assert_uint_lt(env_now(world.env) - began, 400 * NS_PER_MS);
    ck_assert_int_eq(close(holder), 0);
}
END_TEST

START_TEST(where_there_is_no_ipv4_there_are_no_names)
{
    asker.asked.at[0] = loopback(AF_INET6, 137);
    begin(NULL);
    check_failed("IPv4");
}
END_TEST

START_TEST(without_networks_nobody_can_be_asked)
{
    asker.asked = (struct nbns_query_asked){.broadcast = true};
    begin("fileserver");
    check_failed("no network");
}
END_TEST

START_TEST(no_random_numbers_no_question)
{
    world.script.random.fails = true;
    begin("fileserver");
    world_turn_until(&world, &asker.ended, 100);
    ck_assert_int_eq(asker.op.err.code, LSMB_E_LOCAL);
    ck_assert_uint_eq(server.asked, 0);
}
END_TEST

START_TEST(an_abort_lets_go_of_the_socket)
{
    begin("fileserver");
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert(loop_turn(&world.loop, 0));
    op_abort(&asker.op);
    ck_assert_int_eq(asker.names.fd, -1);
    ck_assert_uint_eq(timers_next(&world.env->timers), TIMER_NEVER);
}
END_TEST

/* ---------------------------------------------------------------- helpers */

START_TEST(names_are_made_as_windows_makes_them)
{
    struct nbss_name name;

    ck_assert(nbss_name_make(&name, "file-Server_1", 0x20));
    ck_assert_str_eq(name.text, "FILE-SERVER_1");
    ck_assert_uint_eq(name.suffix, 0x20);
    ck_assert(nbss_name_make(&name, "abcdefghijklmnop.example.com", 0x00));
    ck_assert_str_eq(name.text, "ABCDEFGHIJKLMNO");
    ck_assert(!nbss_name_make(&name, "", 0x20));
    ck_assert(!nbss_name_make(&name, "dépôt", 0x20));
    ck_assert(!nbss_name_make(&name, "a\nb", 0x20));
    ck_assert(!nbss_name_make(&name, "abcdefghijklmno\xc3\xa9", 0x20));
}
END_TEST

START_TEST(broadcast_addresses_have_the_port_of_the_name_service)
{
    struct nbns_query_asked asked;
    char text[ADDRESS_TEXT_LEN];

    nbns_query_broadcasts(&asked); /* there may be none here */
    ck_assert(asked.broadcast);
    ck_assert_uint_le(asked.count, NBNS_QUERY_ASKED_MAX);
    for (unsigned i = 0; i < asked.count; i++) {
        ck_assert_int_eq(asked.at[i].ss_family, AF_INET);
        ck_assert_ptr_nonnull(strstr(address_text(text, &asked.at[i]), ":137"));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/nbns_query");
    TCase *t = tcase_create("nbns_query");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 20);
    tcase_add_test(t, a_name_server_is_asked_for_a_name);
    tcase_add_test(t, everybody_is_asked_for_a_name);
    tcase_add_test(t, all_addresses_of_a_host_are_taken_once);
    tcase_add_test(t, a_lost_question_is_asked_again);
    tcase_add_loop_test(t, silence_is_given_up_soon, 0, 2);
    tcase_add_test(t, a_name_server_knows_better);
    tcase_add_test(t, that_somebody_does_not_know_a_name_says_nothing);
    tcase_add_loop_test(t, what_is_not_the_answer_is_passed_over, 0, 12);
    tcase_add_test(t, a_host_that_was_not_asked_is_not_heard);
    tcase_add_test(t, junk_is_passed_over);
    tcase_add_test(t, a_host_says_what_it_is_called);
    tcase_add_test(t, a_host_without_a_file_service_is_called_by_its_own_name);
    tcase_add_loop_test(t, a_node_status_without_a_name_is_none, 0, 2);
    tcase_add_test(t, a_host_where_nobody_listens_is_given_up_at_once);
    tcase_add_test(t, where_there_is_no_ipv4_there_are_no_names);
    tcase_add_test(t, without_networks_nobody_can_be_asked);
    tcase_add_test(t, no_random_numbers_no_question);
    tcase_add_test(t, an_abort_lets_go_of_the_socket);
    tcase_add_test(t, names_are_made_as_windows_makes_them);
    tcase_add_test(t, broadcast_addresses_have_the_port_of_the_name_service);
    suite_add_tcase(s, t);
    return world_main(s);
}
