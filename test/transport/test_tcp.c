/* test_tcp.c: streams on real sockets. */
#include "test/transport/listener.h"
#include "test/transport/talk.h"
#include "test/transport/world.h"
#include "transport/tcp.h"

#include <fcntl.h>
#include <netinet/tcp.h>

static struct world world;
static struct stream *ends[2];
static struct talker talk[2];
static int server_fd; /* ends[1]'s socket */

static void setup(void)
{
    world_init(&world, &clock_system);
}

static void teardown(void)
{
    stream_close(ends[0]);
    stream_close(ends[1]);
    ends[0] = ends[1] = NULL;
    world_free(&world);
}

/* Connect ends[0] to ends[1]. */
static void connect_ends(void)
{
    uint16_t port = 0;
    int listener = bound_socket(AF_INET, &port, true);
    struct sockaddr_storage address = loopback(AF_INET, port);

    ck_assert_int_ge(listener, 0);
    int fd = tcp_connect(&address);
    ck_assert_int_ge(fd, 0);
    server_fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ck_assert_int_ge(server_fd, 0);
    ck_assert_int_eq(close(listener), 0);
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    ck_assert_int_eq(poll(&p, 1, 5000), 1);
    ck_assert_int_eq(tcp_connect_result(fd), 0);
    ends[0] = tcp_stream_new(fd, 30000);
    ends[1] = tcp_stream_new(server_fd, 0);
    ck_assert(ends[0] && ends[1]);
}

static void begin(size_t to_send)
{
    connect_ends();
    for (unsigned i = 0; i < 2; i++) {
        talk_begin(&talk[i], &world.loop, ends[i], to_send);
    }
}

START_TEST(a_refused_connection_says_so)
{
    uint16_t port = 0;
    int fd = bound_socket(AF_INET, &port, false); /* holds the port and refuses */
    struct sockaddr_storage address = loopback(AF_INET, port);

    ck_assert_int_ge(fd, 0);
    int connecting = tcp_connect(&address);
    if (connecting >= 0) {
        struct pollfd p = {.fd = connecting, .events = POLLOUT};
        ck_assert_int_eq(poll(&p, 1, 5000), 1);
        ck_assert_int_eq(tcp_connect_result(connecting), ECONNREFUSED);
        ck_assert_int_eq(close(connecting), 0);
    } else {
        ck_assert_int_eq(connecting, -ECONNREFUSED);
    }
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(an_address_of_unknown_family_is_refused)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};

    ck_assert_int_lt(tcp_connect(&address), 0);
}
END_TEST

START_TEST(a_socket_that_is_not_connected_makes_no_stream)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_ptr_null(tcp_stream_new(fd, 30000));
    ck_assert_int_eq(errno, ENOTCONN);
    ck_assert_int_eq(close(fd), 0); /* it is still ours */
}
END_TEST

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;

    ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

START_TEST(sockets_have_the_options_they_need)
{
    uint16_t port = 0;
    int listener = bound_socket(AF_INET, &port, true);
    struct sockaddr_storage address = loopback(AF_INET, port);
    int fd = tcp_connect(&address);
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    ck_assert_int_eq(poll(&p, 1, 5000), 1);
    struct stream *stream = tcp_stream_new(fd, 30000);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ne(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    ck_assert_int_ne(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 15);
    ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 5);
    ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
    ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 30000);
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    stream_close(stream);
    ck_assert_int_eq(close(listener), 0);
}
END_TEST

START_TEST(odd_silence_limits_make_valid_options)
{
    connect_ends();
    struct stream *shortest = tcp_stream_new(dup(server_fd), 1);
    struct stream *longest = tcp_stream_new(dup(server_fd), UINT32_MAX);

    ck_assert_ptr_nonnull(shortest);
    ck_assert_ptr_nonnull(longest);
    stream_close(shortest);
    stream_close(longest);
}
END_TEST

START_TEST(a_stream_names_its_peer)
{
    connect_ends();
    ck_assert_int_eq(strncmp(ends[0]->peer, "127.0.0.1:", 10), 0);
    ck_assert_uint_eq(strspn(ends[0]->peer + 10, "0123456789"), strlen(ends[0]->peer + 10));
}
END_TEST

START_TEST(much_goes_both_ways_through_full_buffers)
{
    const size_t bytes = 20u << 20;

    begin(bytes);
    talk_through(&world.loop, talk, 1000000);
    ck_assert_uint_eq(talk[0].received, bytes);
    ck_assert_uint_eq(talk[1].received, bytes);
    for (unsigned i = 0; i < 3; i++) { /* late edges: the last bytes are acknowledged */
        ck_assert(loop_turn(&world.loop, 20));
    }
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(a_full_socket_is_told_when_it_drains)
{
    begin(32u << 20);
    talk[1].to_send = 0;
    talk[1].deaf = true;
    for (unsigned i = 0; i < 50; i++) {
        ck_assert(loop_turn(&world.loop, 20));
    }
    ck_assert_uint_gt(talk[0].refused, 0);
    ck_assert_uint_lt(talk[0].sent, talk[0].to_send);
    ck_assert(!world_readable(&world)); /* unread bytes and a full socket cost nothing */
    talk[1].deaf = false;
    loop_join(&world.loop, LOOP_RECEIVE, &talk[1].receive);
    talk_through(&world.loop, talk, 1000000);
}
END_TEST

START_TEST(more_pieces_than_a_call_takes_are_sent_in_several)
{
    begin(3u << 20);
    talk[0].pieces = 1100; /* IOV_MAX is 1024 */
    talk_through(&world.loop, talk, 100000);
}
END_TEST

START_TEST(a_peer_that_closes_is_seen_after_what_it_sent)
{
    begin(5000);
    talk[0].to_send = 0;
    ck_assert(loop_turn(&world.loop, 100));
    ck_assert_uint_eq(talk[1].sent, 5000);
    stream_close(ends[1]);
    ends[1] = NULL;
    for (unsigned i = 0; talk[0].ended == 1; i++) {
        ck_assert_uint_lt(i, 100);
        ck_assert(loop_turn(&world.loop, 1000));
    }
    ck_assert_uint_eq(talk[0].received, 5000);
    ck_assert_int_eq(talk[0].ended, 0);
    ck_assert(!world_readable(&world)); /* told once */
}
END_TEST

START_TEST(a_reset_is_told_to_who_waits_to_receive)
{
    struct linger none = {1, 0};

    begin(0);
    ck_assert(loop_turn(&world.loop, 0)); /* both wait */
    ck_assert_int_eq(setsockopt(server_fd, SOL_SOCKET, SO_LINGER, &none, sizeof none), 0);
    stream_close(ends[1]);
    ends[1] = NULL;
    for (unsigned i = 0; talk[0].ended == 1; i++) {
        ck_assert_uint_lt(i, 100);
        ck_assert(loop_turn(&world.loop, 1000));
    }
    ck_assert_int_eq(talk[0].ended, -ECONNRESET);
}
END_TEST

START_TEST(sending_to_a_closed_peer_raises_no_signal)
{
    char byte = 'x';
    ssize_t n = 0;

    connect_ends();
    stream_close(ends[1]);
    ends[1] = NULL;
    for (unsigned i = 0; i < 100; i++) {
        struct iovec iov = {&byte, 1};
        n = ends[0]->ops->send(ends[0], &iov, 1);
        if (n < 0) {
            break;
        }
    }
    ck_assert(n == -EPIPE || n == -ECONNRESET);
}
END_TEST

START_TEST(closing_while_hooks_are_joined_is_clean)
{
    begin(1000);
    stream_close(ends[0]);
    stream_close(ends[1]);
    ends[0] = ends[1] = NULL;
    ck_assert(loop_turn(&world.loop, 0));
    ck_assert_uint_eq(talk[0].sent + talk[1].sent, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/tcp");
    TCase *t = tcase_create("tcp");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_refused_connection_says_so);
    tcase_add_test(t, an_address_of_unknown_family_is_refused);
    tcase_add_test(t, a_socket_that_is_not_connected_makes_no_stream);
    tcase_add_test(t, sockets_have_the_options_they_need);
    tcase_add_test(t, odd_silence_limits_make_valid_options);
    tcase_add_test(t, a_stream_names_its_peer);
    tcase_add_test(t, much_goes_both_ways_through_full_buffers);
    tcase_add_test(t, a_full_socket_is_told_when_it_drains);
    tcase_add_test(t, more_pieces_than_a_call_takes_are_sent_in_several);
    tcase_add_test(t, a_peer_that_closes_is_seen_after_what_it_sent);
    tcase_add_test(t, a_reset_is_told_to_who_waits_to_receive);
    tcase_add_test(t, sending_to_a_closed_peer_raises_no_signal);
    tcase_add_test(t, closing_while_hooks_are_joined_is_clean);
    suite_add_tcase(s, t);
    return world_main(s);
}
