/* link.c: a long link without loss between a client and a server on this machine.
 *
 *     link --to PORT [--listen PORT] [--rtt-ms 20] [--rate BITS] [--queue BYTES]
 *
 * Listens on 127.0.0.1 (--listen 0, the default: on any free port), says the port in a line of its own,
 * and passes every connection on to 127.0.0.1:PORT.  RATE and BYTES take the suffixes k, M and G
 * (decimal for bits, binary for bytes).  Ends when its standard input closes, if that is a pipe.
 *
 * What is modelled:
 *   - Propagation: each byte arrives half a round trip after it has left.
 *   - Setting up a connection: TCP's handshake costs a round trip.  Here connect(2) returns at once,
 *     since the kernel answers; so the client's first bytes wait for what the handshake would have taken.
 *   - With --rate: one wire for each direction, which all connections share in turn.  What it cannot carry
 *     yet waits in a queue of --queue bytes (default: what the wire carries in a round trip).  A full queue
 *     takes no more from the senders, so they feel it as back-pressure, never as loss.
 *   - Without --rate bytes leave at once.
 *   - A receiver that does not read stops its own sender: at most a queue and a round trip's bytes are
 *     on their way (without --rate: --queue bytes, default 256 MiB) in each direction of a connection.
 * What is not: loss, jitter, slow start and the windows of TCP (as if they were large enough), the
 * overhead of headers.  A sender sees its bytes acknowledged as soon as the link has taken them. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 256 << 10, /* taken from a sender at once */
    CHUNKS_MAX = 4096,       /* on their way in one direction of a connection, however small */
    EVENTS_MAX = 64,
    ROUNDS_MAX = 8,          /* such pieces from everybody before anything is passed on */
    PIECES_MAX = 16,         /* given to a receiver at once */
    SOCKET_BYTES = 512 << 10 /* what the kernel may keep before a link with a rate */
};

static const int64_t never = INT64_MAX;
static const int64_t second_ns = 1000000000;
static const int64_t unlimited_bytes = 256 << 20;

/* Bytes that are on their way, or with no bytes: the sender has closed its side. */
struct chunk {
    struct chunk *next;
    int64_t due_ns;
    size_t len, sent;
    unsigned char data[CHUNK_BYTES];
};

/* One direction of the link, which all connections share. */
struct wire {
    int64_t free_ns; /* when all that was taken so far will have left */
};

/* One direction of a connection. */
struct way {
    struct wire *wire;
    int from, to;
    struct chunk *first, **last;
    size_t chunks, held; /* held: bytes */
    int64_t opens_ns;    /* nothing is taken from the sender before */
    bool readable, writable;
    bool ended; /* the sender has closed its side */
    bool done;  /* and the receiver was told */
};

struct call;

struct end {
    struct call *call;
    int fd;
};

/* A connection: its ends are the client and the server, way[i] leads from ends[i] to the other. */
struct call {
    struct call *next;
    struct end ends[2];
    struct way ways[2];
    bool broken;
};

static struct link {
    int epoll, listener, timer;
    uint16_t to;
    int64_t delay_ns;    /* one way */
    double byte_ns;      /* what a byte takes on the wire; 0: nothing */
    int64_t queue_ns;    /* what the queue's bytes take on it */
    size_t piece, limit; /* taken at once; held by one direction of a connection; bytes */
    struct wire wires[2];
    struct call *calls;
    struct chunk *spare;
} lk;

static void die(const char *what)
{
    (void)fprintf(stderr, "link: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * second_ns + now.tv_nsec;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---------------------------------------------------------------- chunks */

/* Those that were used last come first, since memory that was never touched is slow. */
static struct chunk *chunk_new(void)
{
    struct chunk *chunk = lk.spare;

    if (chunk) {
        lk.spare = chunk->next;
    } else if (!(chunk = malloc(sizeof *chunk))) {
        die("memory");
    }
    chunk->next = NULL;
    chunk->len = chunk->sent = 0;
    return chunk;
}

static void chunk_drop(struct chunk *chunk)
{
    chunk->next = lk.spare;
    lk.spare = chunk;
}

static void way_push(struct way *way, struct chunk *chunk)
{
    *way->last = chunk;
    way->last = &chunk->next;
    way->chunks++;
    way->held += chunk->len;
}

static void way_pop(struct way *way)
{
    struct chunk *chunk = way->first;

    way->first = chunk->next;
    if (!way->first) {
        way->last = &way->first;
    }
    way->chunks--;
    chunk_drop(chunk);
}

/* ---------------------------------------------------------------- moving */

/* When the wire's queue has room again. */
static int64_t room_ns(const struct way *way)
{
    return lk.byte_ns > 0 ? way->wire->free_ns - lk.queue_ns : 0;
}

/* When something can be taken from the sender, as things are; `never` if that needs an event. */
static int64_t takes_ns(const struct way *way)
{
    if (way->ended || !way->readable || way->held >= lk.limit || way->chunks >= CHUNKS_MAX) {
        return never;
    }
    return later(way->opens_ns, room_ns(way));
}

/* Take one piece from the sender.  Whether there was one. */
static bool take(struct call *call, struct way *way, int64_t now)
{
    if (call->broken || takes_ns(way) > now) {
        return false;
    }
    struct chunk *chunk = chunk_new();
    ssize_t got = recv(way->from, chunk->data, lk.piece, MSG_DONTWAIT);
    if (got < 0) {
        chunk_drop(chunk);
        way->readable = false;
        call->broken = errno != EAGAIN;
        return false;
    }
    chunk->len = (size_t)got;
    way->ended = got == 0;
    way->wire->free_ns =
        later(now, way->wire->free_ns) + (int64_t)((double)chunk->len * lk.byte_ns);
    chunk->due_ns = way->wire->free_ns + lk.delay_ns;
    way_push(way, chunk);
    return true;
}

/* What has been sent to the receiver leaves the link. */
static void settle(struct way *way, size_t sent)
{
    way->held -= sent;
    while (sent > 0) {
        struct chunk *chunk = way->first;
        size_t part = chunk->len - chunk->sent < sent ? chunk->len - chunk->sent : sent;

        chunk->sent += part;
        sent -= part;
        if (chunk->sent == chunk->len) {
            way_pop(way);
        }
    }
}

/* Send what is due, in one call.  Whether anything went. */
static bool send_due(struct call *call, struct way *way, int64_t now)
{
    struct iovec pieces[PIECES_MAX];
    struct msghdr msg = {.msg_iov = pieces};

    for (struct chunk *c = way->first; c && c->len && c->due_ns <= now; c = c->next) {
        if (msg.msg_iovlen == PIECES_MAX) {
            break;
        }
        pieces[msg.msg_iovlen++] = (struct iovec){c->data + c->sent, c->len - c->sent};
    }
    ssize_t sent = sendmsg(way->to, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        way->writable = false;
        call->broken = errno != EAGAIN;
        return false;
    }
    settle(way, (size_t)sent);
    return true;
}

static void deliver(struct call *call, struct way *way, int64_t now)
{
    bool going = true;

    while (going && !call->broken && way->writable && way->first && way->first->due_ns <= now) {
        if (way->first->len) {
            going = send_due(call, way, now);
        } else { /* the sender has closed its side */
            (void)shutdown(way->to, SHUT_WR);
            way->done = true;
            way_pop(way);
        }
    }
}

/* When this direction has something to do without an event. */
static int64_t due_ns(const struct way *way)
{
    int64_t sends = way->first && way->writable ? way->first->due_ns : never;

    return sooner(sends, takes_ns(way));
}

/* ---------------------------------------------------------------- connections */

static void watch(int fd, void *whose, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = whose};

    if (epoll_ctl(lk.epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        die("epoll_ctl");
    }
}

static void set_option(int fd, int level, int name, int value)
{
    if (setsockopt(fd, level, name, &value, sizeof value) < 0) {
        die("setsockopt");
    }
}

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        die("socket");
    }
    if (lk.byte_ns > 0) { /* else what waits before the link would be a second queue */
        set_option(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BYTES);
    }
    return fd;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

static int call_server(void)
{
    struct sockaddr_in at = loopback(lk.to);
    int fd = new_socket();

    if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0 && errno != EINPROGRESS) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* The request to connect reaches the server after half a round trip, its answer the client after a whole
 * one; only then does either of them send. */
static void open_way(struct call *call, int i, int64_t opens_ns)
{
    struct way *way = &call->ways[i];

    way->wire = &lk.wires[i];
    way->from = call->ends[i].fd;
    way->to = call->ends[!i].fd;
    way->last = &way->first;
    way->opens_ns = opens_ns;
}

static void accept_call(void)
{
    int client = accept4(lk.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) {
        return; /* it has gone again */
    }
    int server = call_server();
    if (server < 0) {
        (void)close(client);
        return;
    }
    struct call *call = calloc(1, sizeof *call);
    if (!call) {
        die("memory");
    }
    int64_t now = now_ns();
    call->ends[0] = (struct end){call, client};
    call->ends[1] = (struct end){call, server};
    open_way(call, 0, now + 2 * lk.delay_ns);
    open_way(call, 1, now + lk.delay_ns);
    for (int i = 0; i < 2; i++) {
        set_option(call->ends[i].fd, IPPROTO_TCP, TCP_NODELAY, 1);
        watch(call->ends[i].fd, &call->ends[i], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
    call->next = lk.calls;
    lk.calls = call;
}

static void call_close(struct call *call)
{
    for (int i = 0; i < 2; i++) {
        while (call->ways[i].first) {
            way_pop(&call->ways[i]);
        }
        if (call->broken) { /* a reset travels on as a reset */
            struct linger at_once = {.l_onoff = 1};
            (void)setsockopt(call->ends[i].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        (void)close(call->ends[i].fd);
    }
    free(call);
}

static void close_finished(void)
{
    for (struct call **at = &lk.calls; *at;) {
        struct call *call = *at;

        if (call->broken || (call->ways[0].done && call->ways[1].done)) {
            *at = call->next;
            call_close(call);
        } else {
            at = &call->next;
        }
    }
}

/* ---------------------------------------------------------------- the loop */

/* One piece from each sender in turn, so that they share the wire fairly, until nobody has more; but the
 * receivers must have their turn, too. */
static void take_all(int64_t now)
{
    bool more = true;

    for (int round = 0; more && round < ROUNDS_MAX; round++) {
        more = false;
        for (struct call *call = lk.calls; call; call = call->next) {
            for (int i = 0; i < 2; i++) {
                more = take(call, &call->ways[i], now) || more;
            }
        }
    }
}

/* Whoever was first is the last next time, or a full wire would always be his. */
static void rotate(void)
{
    struct call *first = lk.calls, **end = &lk.calls;

    if (first && first->next) {
        while (*end) {
            end = &(*end)->next;
        }
        *end = first;
        lk.calls = first->next;
        first->next = NULL;
    }
}

/* Move what can be moved now.  When there is more to do without an event. */
static int64_t move_all(void)
{
    int64_t now = now_ns(), next = never;

    take_all(now);
    for (struct call *call = lk.calls; call; call = call->next) {
        for (int i = 0; i < 2; i++) {
            deliver(call, &call->ways[i], now);
        }
    }
    close_finished();
    rotate();
    for (struct call *call = lk.calls; call; call = call->next) {
        next = sooner(next, sooner(due_ns(&call->ways[0]), due_ns(&call->ways[1])));
    }
    return next;
}

static void note(const struct epoll_event *event)
{
    struct end *end = event->data.ptr;
    int i = end == &end->call->ends[1];

    if (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        end->call->ways[i].readable = true;
    }
    if (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
        end->call->ways[!i].writable = true;
    }
}

/* Wait for an event, or until the time `next_ns`. */
static void wait_until(int64_t next_ns)
{
    struct itimerspec at = {.it_value = {next_ns / second_ns, next_ns % second_ns}};
    struct epoll_event events[EVENTS_MAX];

    if (next_ns == never) {
        at = (struct itimerspec){{0, 0}, {0, 0}};
    }
    if (timerfd_settime(lk.timer, TFD_TIMER_ABSTIME, &at, NULL) < 0) {
        die("timerfd_settime");
    }
    int count = epoll_wait(lk.epoll, events, EVENTS_MAX, -1);
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &lk.listener) {
            accept_call();
        } else if (events[i].data.ptr == NULL) { /* our owner has gone */
            exit(EXIT_SUCCESS);
        } else if (events[i].data.ptr != &lk.timer) {
            note(&events[i]);
        }
    }
}

/* ---------------------------------------------------------------- starting */

/* A number with a suffix; a thousand is `unit`.  Ends the program where it is none. */
static double number(const char *text, double unit)
{
    static const char suffixes[] = "kMG";
    char *end;
    double value = strtod(text, &end);
    const char *suffix = *end ? strchr(suffixes, *end) : NULL;

    if (suffix) {
        end++;
        for (long i = suffix - suffixes; i >= 0; i--) {
            value *= unit;
        }
    }
    if (end == text || *end || !(value >= 0 && value < 1e15)) {
        (void)fprintf(stderr, "link: '%s' is not a number\n", text);
        exit(2);
    }
    return value;
}

static void set_up(double rtt_ms, double rate, double queue)
{
    const double round_trip_ns = rtt_ms * 1e6;

    lk.delay_ns = (int64_t)(round_trip_ns / 2);
    lk.piece = CHUNK_BYTES;
    lk.limit = queue > 0 ? (size_t)queue : (size_t)unlimited_bytes;
    if (rate > 0) {
        lk.byte_ns = 8e9 / rate;
        lk.queue_ns = (int64_t)(queue > 0 ? queue * lk.byte_ns : round_trip_ns);
        lk.limit = (size_t)(((double)lk.queue_ns + round_trip_ns) / lk.byte_ns) + CHUNK_BYTES;
        double smooth =
            5e5 / lk.byte_ns; /* pieces of half a millisecond, but not of single packets */
        lk.piece = smooth > CHUNK_BYTES ? CHUNK_BYTES : smooth < 1460 ? 1460 : (size_t)smooth;
    }
}

static void start_listening(uint16_t port)
{
    struct sockaddr_in at = loopback(port);
    socklen_t len = sizeof at;
    struct stat input;

    lk.epoll = epoll_create1(EPOLL_CLOEXEC);
    lk.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (lk.epoll < 0 || lk.timer < 0) {
        die("epoll, timerfd");
    }
    lk.listener = new_socket();
    set_option(lk.listener, SOL_SOCKET, SO_REUSEADDR, 1);
    if (bind(lk.listener, (struct sockaddr *)&at, len) < 0 || listen(lk.listener, SOMAXCONN) < 0 ||
        getsockname(lk.listener, (struct sockaddr *)&at, &len) < 0) {
        die("listen");
    }
    watch(lk.listener, &lk.listener, EPOLLIN);
    watch(lk.timer, &lk.timer, EPOLLIN | EPOLLET);
    if (fstat(STDIN_FILENO, &input) == 0 && S_ISFIFO(input.st_mode)) {
        watch(STDIN_FILENO, NULL, 0); /* EPOLLHUP comes unasked */
    }
    printf("%u\n", (unsigned)ntohs(at.sin_port));
    (void)fflush(stdout);
}

static uint16_t port_of(const char *text)
{
    double value = number(text, 1000);

    if (value > UINT16_MAX) {
        (void)fprintf(stderr, "link: '%s' is not a port\n", text);
        exit(2);
    }
    return (uint16_t)value;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'}, {"to", required_argument, NULL, 't'},
        {"rtt-ms", required_argument, NULL, 'd'}, {"rate", required_argument, NULL, 'r'},
        {"queue", required_argument, NULL, 'q'},  {NULL, 0, NULL, 0},
    };
    uint16_t listen_port = 0;
    double rtt_ms = 20, rate = 0, queue = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'l': listen_port = port_of(optarg); break;
        case 't': lk.to = port_of(optarg); break;
        case 'd': rtt_ms = number(optarg, 1000); break;
        case 'r': rate = number(optarg, 1000); break;
        case 'q': queue = number(optarg, 1024); break;
        default: return 2;
        }
    }
    if (!lk.to || optind < argc) {
        (void)fprintf(stderr, "usage: link --to PORT [--listen PORT] [--rtt-ms MS] [--rate BITS] "
                              "[--queue BYTES]\n");
        return 2;
    }
    set_up(rtt_ms, rate, queue);
    start_listening(listen_port);
    for (;;) {
        wait_until(move_all());
    }
}
