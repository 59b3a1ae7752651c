/* http_server.h: an HTTP server in the test's own process, on loopback and threads of its own, that does as told.
 *
 *     static bool serve(struct talk *talk)          // once per request, on the connection's thread
 *     {
 *         talk_body(talk);                          // read what comes behind the head
 *         talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
 *         return true;                              // false: hang up
 *     }
 *
 *     struct http_server server;
 *     http_server_start(&server, serve, NULL);      // server.port
 *     ...
 *     http_server_stop(&server);                    // then look at server.heard[]
 *
 * Nothing in serve() may assert: what it finds it keeps for the test's own thread. */
#ifndef LSMB_TEST_AWS_HTTP_SERVER_H
#define LSMB_TEST_AWS_HTTP_SERVER_H

#include "test/run.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVER_CONNECTIONS = 4096, SERVER_HEARD = 128, SERVER_HEAD = 4096, SERVER_BODY = 4096 };

/* One request, as it came. */
struct heard {
    char head[SERVER_HEAD];    /* up to the empty line */
    uint8_t body[SERVER_BODY]; /* the first of it */
    size_t body_len;
    uint64_t body_sum; /* of its bytes, each times its place */
    unsigned connection;
};

struct http_server;

struct talk {
    struct http_server *server;
    struct heard *heard;
    int fd;
    unsigned request, connection; /* which, from 0 */
    char buffer[SERVER_HEAD];     /* what came behind the head */
    size_t buffered;
    bool body_read;
};

typedef bool serve_fn(struct talk *talk);

struct http_server {
    int fd;
    uint16_t port;
    serve_fn *serve;
    void *arg; /* serve's */
    pthread_mutex_t lock;
    pthread_t acceptor, threads[SERVER_CONNECTIONS];
    int fds[SERVER_CONNECTIONS];
    unsigned connections, requests;
    struct heard heard[SERVER_HEARD];
};

/* ---------------------------------------------------------------- talking */

static inline void talk_bytes(struct talk *talk, const void *bytes, size_t len)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t n = send(talk->fd, p, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        p += n;
        len -= (size_t)n;
    }
}

__attribute__((format(printf, 2, 3))) static inline void talk_say(struct talk *talk,
                                                                  const char *fmt, ...)
{
    char text[8192];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    talk_bytes(talk, text, n > 0 ? (size_t)n : 0);
}

/* What of the request's head stands behind "name: "; false: nothing. */
static inline bool heard_header(const struct heard *heard, const char *name, char *out, size_t room)
{
    char begin[64];

    (void)snprintf(begin, sizeof begin, "\r\n%s: ", name);
    const char *at = strcasestr(heard->head, begin);
    if (!at) {
        return false;
    }
    at += strlen(begin);
    (void)snprintf(out, room, "%.*s", (int)strcspn(at, "\r"), at);
    return true;
}

static inline void talk_keep(struct talk *talk, const char *bytes, size_t len)
{
    struct heard *h = talk->heard;

    for (size_t i = 0; i < len; i++) {
        if (h->body_len < SERVER_BODY) {
            h->body[h->body_len] = (uint8_t)bytes[i];
        }
        h->body_len++;
        h->body_sum += (uint64_t)(uint8_t)bytes[i] * h->body_len;
    }
}

/* Read up to `most` bytes of the body, all with SIZE_MAX. */
static inline void talk_some_body(struct talk *talk, size_t most)
{
    char text[32];
    static _Thread_local char bytes[65536];
    size_t len = 0;

    if (heard_header(talk->heard, "Content-Length", text, sizeof text)) {
        len = strtoull(text, NULL, 10);
    }
    len = len < most ? len : most;
    while (talk->heard->body_len < len) {
        size_t want = len - talk->heard->body_len;
        if (talk->buffered > 0) {
            size_t n = want < talk->buffered ? want : talk->buffered;
            talk_keep(talk, talk->buffer, n);
            talk->buffered -= n;
            memmove(talk->buffer, talk->buffer + n, talk->buffered);
            continue;
        }
        ssize_t n = recv(talk->fd, bytes, want < sizeof bytes ? want : sizeof bytes, 0);
        if (n <= 0) {
            return;
        }
        talk_keep(talk, bytes, (size_t)n);
    }
}

static inline void talk_body(struct talk *talk)
{
    talk_some_body(talk, SIZE_MAX);
    talk->body_read = true;
}

/* Hang up with a reset; serve() returns false then. */
static inline bool talk_reset(struct talk *talk)
{
    struct linger now = {.l_onoff = 1};

    (void)setsockopt(talk->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return false;
}

/* Wait until the other side hangs up. */
static inline void talk_wait_for_end(struct talk *talk)
{
    char byte;

    while (recv(talk->fd, &byte, 1, 0) > 0) {
    }
}

/* ---------------------------------------------------------------- connections */

static inline bool talk_head(struct talk *talk)
{
    char *head = talk->heard->head;
    size_t len = talk->buffered;
    char *end;

    memcpy(head, talk->buffer, len);
    while (head[len] = '\0', !(end = strstr(head, "\r\n\r\n"))) {
        ssize_t n =
            len + 1 < SERVER_HEAD ? recv(talk->fd, head + len, SERVER_HEAD - 1 - len, 0) : 0;
        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
    }
    end += 4;
    talk->buffered = len - (size_t)(end - head);
    memcpy(talk->buffer, end, talk->buffered);
    end[-2] = '\0';
    return true;
}

static inline struct heard *server_next(struct http_server *server, struct talk *talk)
{
    static _Thread_local struct heard spare;

    (void)pthread_mutex_lock(&server->lock);
    talk->request = server->requests++;
    (void)pthread_mutex_unlock(&server->lock);
    return talk->request < SERVER_HEARD ? &server->heard[talk->request] : &spare;
}

struct server_thread {
    struct http_server *server;
    unsigned connection;
};

static inline void *server_talk(void *arg)
{
    struct server_thread mine = *(struct server_thread *)arg;
    struct http_server *server = mine.server;

    (void)pthread_mutex_lock(&server->lock); /* it is counted before it says anything */
    (void)pthread_mutex_unlock(&server->lock);
    struct talk talk = {.server = server, .fd = server->fds[mine.connection]};
    static _Thread_local struct heard coming;

    free(arg);
    for (;;) {
        memset(&coming, 0, sizeof coming);
        talk.heard = &coming;
        talk.body_read = false;
        if (!talk_head(&talk)) {
            break;
        }
        talk.connection = mine.connection;
        talk.heard = server_next(server, &talk);
        *talk.heard = coming;
        talk.heard->connection = mine.connection;
        if (!server->serve(&talk)) {
            break;
        }
        if (!talk.body_read) {
            talk_body(&talk);
        }
    }
    (void)pthread_mutex_lock(&server->lock);
    server->fds[mine.connection] = -1;
    (void)pthread_mutex_unlock(&server->lock);
    (void)close(talk.fd);
    return NULL;
}

static inline void server_take(struct http_server *server, int fd)
{
    struct server_thread *mine = malloc(sizeof *mine);

    (void)pthread_mutex_lock(&server->lock);
    unsigned n = server->connections;
    if (mine && n < SERVER_CONNECTIONS) {
        *mine = (struct server_thread){server, n};
        server->fds[n] = fd;
        server->connections += pthread_create(&server->threads[n], NULL, server_talk, mine) == 0;
    } else {
        free(mine);
        (void)close(fd);
    }
    (void)pthread_mutex_unlock(&server->lock);
}

static inline void *server_accept(void *arg)
{
    struct http_server *server = arg;

    for (;;) {
        int fd = accept(server->fd, NULL, NULL);
        if (fd < 0) {
            return NULL;
        }
        server_take(server, fd);
    }
}

static inline void server_listen(struct http_server *server, serve_fn *serve, void *arg)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;

    memset(server, 0, sizeof *server);
    server->serve = serve;
    server->arg = arg;
    (void)pthread_mutex_init(&server->lock, NULL);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(server->fd, 0);
    ck_assert_int_eq(bind(server->fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(server->fd, SERVER_CONNECTIONS), 0);
    ck_assert_int_eq(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
    server->port = ntohs(address.sin_port);
}

static inline void http_server_start(struct http_server *server, serve_fn *serve, void *arg)
{
    server_listen(server, serve, arg);
    ck_assert_int_eq(pthread_create(&server->acceptor, NULL, server_accept, server), 0);
}

/* How many requests have come so far. */
static inline unsigned http_server_asked(struct http_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    unsigned requests = server->requests;
    (void)pthread_mutex_unlock(&server->lock);
    return requests;
}

static inline void http_server_stop(struct http_server *server)
{
    (void)shutdown(server->fd, SHUT_RDWR);
    (void)pthread_join(server->acceptor, NULL);
    (void)close(server->fd);
    for (unsigned i = 0; i < server->connections; i++) {
        (void)pthread_mutex_lock(&server->lock);
        if (server->fds[i] >= 0) {
            (void)shutdown(server->fds[i], SHUT_RDWR);
        }
        (void)pthread_mutex_unlock(&server->lock);
        (void)pthread_join(server->threads[i], NULL);
    }
    (void)pthread_mutex_destroy(&server->lock);
}

/* The same in a process of its own, for tests whose memory fails: nothing is heard of the requests.  It goes with the
 * test. */
static inline pid_t http_server_fork(struct http_server *server, serve_fn *serve)
{
    server_listen(server, serve, NULL);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)server_accept(server);
        _exit(0);
    }
    (void)close(server->fd);
    return pid;
}

static inline void http_server_kill(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

#endif
