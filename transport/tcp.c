#include "transport/tcp.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/text.h"
#include "transport/address.h"

/* The socket is watched edge-triggered, for both directions at once and for as long as it lives: what is
 * not read, or cannot be sent, costs neither events nor calls to change what is watched.  An edge comes
 * only after -EAGAIN was seen, so that is remembered, and what the user has not yet asked for again is
 * not told. */
struct tcp {
    struct stream stream; /* first */
    struct watch watch;
    int fd;
    bool empty, full; /* the last receive or send met -EAGAIN */
};

static const uint32_t edges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

static struct tcp *tcp_of(struct stream *stream)
{
    return CONTAINER_OF(stream, struct tcp, stream);
}

static void tcp_fired(struct watch *watch, uint32_t events)
{
    struct tcp *tcp = CONTAINER_OF(watch, struct tcp, watch);
    const uint32_t over = EPOLLERR | EPOLLHUP;

    if (tcp->empty && (events & (EPOLLIN | EPOLLRDHUP | over))) {
        tcp->empty = false;
        stream_may_receive(&tcp->stream);
    }
    if (tcp->full && (events & (EPOLLOUT | over))) {
        tcp->full = false;
        stream_may_send(&tcp->stream);
    }
}

/* Nothing goes at the moment: note it in `flag`, and see to it that the next edge is told. */
static ssize_t wait_for_edge(struct tcp *tcp, bool *flag)
{
    assert(tcp->stream.loop);
    *flag = true;
    if (!tcp->watch.loop && !loop_watch(tcp->stream.loop, &tcp->watch, tcp->fd, edges, tcp_fired)) {
        return -errno;
    }
    return -EAGAIN;
}

static struct msghdr message_of(const struct iovec *iov, int count)
{
    union {
        const struct iovec *ours;
        struct iovec *kernels; /* which only reads it, but POSIX forgot the const */
    } pieces = {iov};
    struct msghdr msg = {0};

    assert(count > 0);
    msg.msg_iov = pieces.kernels;
    msg.msg_iovlen = (size_t)(count < IOV_MAX ? count : IOV_MAX);
    return msg;
}

static ssize_t tcp_receive(struct stream *stream, const struct iovec *iov, int count)
{
    struct tcp *tcp = tcp_of(stream);
    struct msghdr msg = message_of(iov, count);
    ssize_t n;

    do {
        n = recvmsg(tcp->fd, &msg, 0);
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        return n;
    }
    return errno == EAGAIN ? wait_for_edge(tcp, &tcp->empty) : -errno;
}

static ssize_t tcp_send(struct stream *stream, const struct iovec *iov, int count)
{
    struct tcp *tcp = tcp_of(stream);
    struct msghdr msg = message_of(iov, count);
    ssize_t n;

    do {
        n = sendmsg(tcp->fd, &msg, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        return n;
    }
    return errno == EAGAIN ? wait_for_edge(tcp, &tcp->full) : -errno;
}

static void tcp_close(struct stream *stream)
{
    struct tcp *tcp = tcp_of(stream);

    loop_unwatch(&tcp->watch);
    (void)close(tcp->fd);
    free(tcp);
}

static const struct stream_ops tcp_ops = {tcp_receive, tcp_send, tcp_close};

int tcp_connect(const struct sockaddr_storage *address)
{
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

    if (fd < 0) {
        return -errno;
    }
    /* It does not block, so EINTR cannot interrupt it: it goes on by itself (POSIX). */
    if (connect(fd, (const void *)address, address_len(address)) && errno != EINPROGRESS &&
        errno != EINTR) {
        int failed_errno = errno;
        (void)close(fd);
        return -failed_errno;
    }
    return fd;
}

int tcp_connect_result(int fd)
{
    int result = 0;
    socklen_t len = sizeof result;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &len) ? errno : result;
}

static int clamp(uint32_t value, int low, int high)
{
    if (value > (uint32_t)high) {
        return high;
    }
    return (int)value < low ? low : (int)value;
}

/* Probe after half the silence limit and give up when it has passed (RFC 1122 4.2.3.6); bytes that are
 * not acknowledged give up then, too (RFC 5482). */
static bool set_options(int fd, uint32_t silence_ms)
{
    enum { KEEPALIVE_S_MAX = 32767, PROBES = 3 };
    const struct {
        int level, name, value;
        bool with_limit; /* makes sense only when there is a limit */
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1, false}, /* what waits is put together by the flush phase */
        {SOL_SOCKET, SO_KEEPALIVE, 1, false},
        {IPPROTO_TCP, TCP_KEEPIDLE, clamp(silence_ms / 2000, 1, KEEPALIVE_S_MAX), true},
        {IPPROTO_TCP, TCP_KEEPINTVL, clamp(silence_ms / 2000 / PROBES, 1, KEEPALIVE_S_MAX), true},
        {IPPROTO_TCP, TCP_KEEPCNT, PROBES, true},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, clamp(silence_ms, 1, INT_MAX), true},
    };

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].with_limit && silence_ms == 0) {
            continue;
        }
        if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                       sizeof options[i].value)) {
            return false;
        }
    }
    return true;
}

struct stream *tcp_stream_new(int fd, uint32_t silence_ms)
{
    struct sockaddr_storage peer = {0};
    socklen_t len = sizeof peer;
    char text[ADDRESS_TEXT_LEN];

    if (getpeername(fd, (void *)&peer, &len) || !set_options(fd, silence_ms)) {
        return NULL;
    }
    struct tcp *tcp = calloc(1, sizeof *tcp);
    if (!tcp) {
        return NULL;
    }
    tcp->stream.ops = &tcp_ops;
    tcp->stream.framing = FRAMING_DIRECT;
    tcp->fd = fd;
    text_format(tcp->stream.peer, sizeof tcp->stream.peer, "%s", address_text(text, &peer));
    return &tcp->stream;
}
