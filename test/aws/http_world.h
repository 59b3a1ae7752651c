/* http_world.h: requests over real sockets, to a server that misbehaves as told (http_server.h).
 *
 *     struct world w;
 *     struct asked a;
 *
 *     world_init(&w, say_hi, 4);       // four connections at most
 *     begin(&w, &a, "GET", "/");
 *     await(&w, &a);                   // a.request, a.body
 *     asked_free(&a);
 *     world_free(&w);
 */
#ifndef LSMB_TEST_AWS_HTTP_WORLD_H
#define LSMB_TEST_AWS_HTTP_WORLD_H

#include "aws/http.h"

#include "test/aws/http_server.h"

enum { PATIENCE_MS = 40000 };

/* A context, and one request of ours. */
struct world {
    struct lsmb *smb;
    struct host host;
    struct http *http;
    struct http_server server;
};

struct asked {
    struct http_request request; /* first */
    struct ready done;
    bool finished;
    unsigned heads;
    char url[128];
    uint8_t *body;
    size_t len, room;
    size_t take; /* most to take at once, 0: all */
    bool full;   /* take nothing */
    bool offered;
    unsigned calls;
};

static inline struct asked *asked_of(struct http_request *request)
{
    return CONTAINER_OF(request, struct asked, request);
}

static inline void take_head(struct http_request *request)
{
    asked_of(request)->heads++;
}

static inline size_t take_body(struct http_request *request, struct span data)
{
    struct asked *a = asked_of(request);
    size_t n = a->take && a->take < data.len ? a->take : data.len;

    a->calls++;
    a->offered = true;
    if (a->full) {
        return 0;
    }
    if (a->len + n > a->room) {
        a->room = 2 * (a->len + n);
        a->body = realloc(a->body, a->room);
    }
    memcpy(a->body + a->len, data.ptr, n);
    a->len += n;
    return n;
}

static inline void finish(struct ready *ready)
{
    CONTAINER_OF(ready, struct asked, done)->finished = true;
}

static inline void world_init(struct world *w, serve_fn *serve, unsigned connections)
{
    struct http_options opt = {.connections = connections};
    struct lsmb_error err;

    w->smb = lsmb_new(NULL, &err);
    ck_assert_ptr_nonnull(w->smb);
    ck_assert(host_init(&w->host, w->smb));
    w->http = http_new(&w->host, &opt, &err);
    ck_assert_ptr_nonnull(w->http);
    http_server_start(&w->server, serve, NULL);
}

static inline void world_free(struct world *w)
{
    http_free(w->http);
    host_free(&w->host);
    lsmb_free(w->smb);
    http_server_stop(&w->server);
}

static inline void asked_init(struct asked *a, const struct world *w, const char *method,
                              const char *path)
{
    static const struct http_calls calls = {take_head, take_body};

    memset(a, 0, sizeof *a);
    (void)snprintf(a->url, sizeof a->url, "http://127.0.0.1:%u%s", w->server.port, path);
    a->done.run = finish;
    a->request.method = method;
    a->request.url = a->url;
    a->request.calls = &calls;
    a->request.no_proxy = true;
    a->request.done = &a->done;
}

static inline void begin(struct world *w, struct asked *a, const char *method, const char *path)
{
    asked_init(a, w, method, path);
    ck_assert(http_begin(w->http, &a->request));
    ck_assert(!a->finished);
}

static inline void turn_for(struct world *w, uint32_t ms)
{
    uint64_t end = lsmb_now_ns(w->smb) + ms * NS_PER_MS;

    while (lsmb_now_ns(w->smb) < end) {
        ck_assert_int_eq(lsmb_turn(w->smb, 10), LSMB_OK);
    }
}

static inline void await_flag(struct world *w, const bool *flag, const char *why)
{
    uint64_t end = lsmb_now_ns(w->smb) + PATIENCE_MS * NS_PER_MS;

    while (!*flag) {
        ck_assert_msg(lsmb_now_ns(w->smb) < end, "%s", why);
        ck_assert_int_eq(lsmb_turn(w->smb, 100), LSMB_OK);
    }
}

static inline void await(struct world *w, const struct asked *a)
{
    await_flag(w, &a->finished, "the request did not end");
    ck_assert(a->request.ended);
}

/* Some of the answer's body has been offered. */
static inline void await_offer(struct world *w, const struct asked *a)
{
    await_flag(w, &a->offered, "no body came");
}

/* What a limit of `silence_ms` does not end, unless the machine is too busy for it: false. */
typedef bool timed_fn(uint32_t silence_ms);

static inline void ck_not_ended(timed_fn *attempt, uint32_t silence_ms)
{
    bool well = attempt(silence_ms);

    for (unsigned again = 0; !well && again < 2; again++) {
        silence_ms *= 4;
        well = attempt(silence_ms);
    }
    ck_assert_msg(well, "it was ended after %u ms of silence", silence_ms);
}

static inline void asked_free(struct asked *a)
{
    http_drop(&a->request);
    free(a->body);
    a->body = NULL;
}

static inline uint64_t sum_of(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum += (uint64_t)bytes[i] * (i + 1);
    }
    return sum;
}

static inline uint8_t *pattern(size_t len)
{
    uint8_t *bytes = malloc(len);

    for (size_t i = 0; bytes && i < len; i++) {
        bytes[i] = (uint8_t)(i * 131 + i / 251);
    }
    return bytes;
}

/* ---------------------------------------------------------------- servers */

static inline bool say_hi(struct talk *talk)
{
    talk_body(talk);
    talk_say(talk,
             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Amz-Id:  a b \r\nETag: \"q\"\r\n\r\nhi");
    return true;
}

static inline bool say_long(struct talk *talk)
{
    uint8_t *bytes = pattern(3000000);

    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
    talk_bytes(talk, bytes, 3000000);
    free(bytes);
    return true;
}

/* Take a little each time, and go on a while later. */
static inline bool say_nothing(struct talk *talk)
{
    talk_wait_for_end(talk);
    return false;
}

#endif
