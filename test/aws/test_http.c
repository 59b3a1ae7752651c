/* Requests over real sockets, to a server that misbehaves as told. */
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

static struct asked *asked_of(struct http_request *request)
{
    return CONTAINER_OF(request, struct asked, request);
}

static void take_head(struct http_request *request)
{
    asked_of(request)->heads++;
}

static size_t take_body(struct http_request *request, struct span data)
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

static void finish(struct ready *ready)
{
    CONTAINER_OF(ready, struct asked, done)->finished = true;
}

static void world_init(struct world *w, serve_fn *serve, unsigned connections)
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

static void world_free(struct world *w)
{
    http_free(w->http);
    host_free(&w->host);
    lsmb_free(w->smb);
    http_server_stop(&w->server);
}

static void asked_init(struct asked *a, const struct world *w, const char *method, const char *path)
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

static void begin(struct world *w, struct asked *a, const char *method, const char *path)
{
    asked_init(a, w, method, path);
    ck_assert(http_begin(w->http, &a->request));
    ck_assert(!a->finished);
}

static void turn_for(struct world *w, uint32_t ms)
{
    uint64_t end = lsmb_now_ns(w->smb) + ms * NS_PER_MS;

    while (lsmb_now_ns(w->smb) < end) {
        ck_assert_int_eq(lsmb_turn(w->smb, 10), LSMB_OK);
    }
}

static void await_flag(struct world *w, const bool *flag, const char *why)
{
    uint64_t end = lsmb_now_ns(w->smb) + PATIENCE_MS * NS_PER_MS;

    while (!*flag) {
        ck_assert_msg(lsmb_now_ns(w->smb) < end, "%s", why);
        ck_assert_int_eq(lsmb_turn(w->smb, 100), LSMB_OK);
    }
}

static void await(struct world *w, const struct asked *a)
{
    await_flag(w, &a->finished, "the request did not end");
    ck_assert(a->request.ended);
}

/* Some of the answer's body has been offered. */
static void await_offer(struct world *w, const struct asked *a)
{
    await_flag(w, &a->offered, "no body came");
}

/* What a limit of `silence_ms` does not end, unless the machine is too busy for it: false. */
typedef bool timed_fn(uint32_t silence_ms);

static void ck_not_ended(timed_fn *attempt, uint32_t silence_ms)
{
    bool well = attempt(silence_ms);

    for (unsigned again = 0; !well && again < 2; again++) {
        silence_ms *= 4;
        well = attempt(silence_ms);
    }
    ck_assert_msg(well, "it was ended after %u ms of silence", silence_ms);
}

static void asked_free(struct asked *a)
{
    http_drop(&a->request);
    free(a->body);
    a->body = NULL;
}

static uint64_t sum_of(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum += (uint64_t)bytes[i] * (i + 1);
    }
    return sum;
}

static uint8_t *pattern(size_t len)
{
    uint8_t *bytes = malloc(len);

    for (size_t i = 0; bytes && i < len; i++) {
        bytes[i] = (uint8_t)(i * 131 + i / 251);
    }
    return bytes;
}

/* ---------------------------------------------------------------- what goes out and comes in */

static bool say_hi(struct talk *talk)
{
    talk_body(talk);
    talk_say(talk,
             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Amz-Id:  a b \r\nETag: \"q\"\r\n\r\nhi");
    return true;
}

START_TEST(an_answer_comes_with_its_head_and_body)
{
    struct world w;
    struct asked a;

    world_init(&w, say_hi, 4);
    begin(&w, &a, "GET", "/b/k");
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_OK);
    ck_assert_uint_eq(a.request.status, 200);
    ck_assert_uint_eq(a.heads, 1);
    ck_assert_uint_eq(a.len, 2);
    ck_assert_uint_eq(a.request.got, 2);
    ck_assert(a.request.answered && a.request.fresh);
    ck_assert_str_eq(http_header(&a.request, "x-amz-id"), "a b");
    ck_assert_str_eq(http_header(&a.request, "ETAG"), "\"q\"");
    ck_assert_ptr_null(http_header(&a.request, "etag2"));
    ck_assert_ptr_null(http_header(&a.request, "x-amz"));
    asked_free(&a);
    world_free(&w);
}
END_TEST

START_TEST(the_request_is_what_was_asked_for_and_no_more)
{
    static const struct pair headers[] = {{"x-amz-date", "D"}, {"x-empty", ""}};
    struct world w;
    struct asked a;
    char want[256];

    world_init(&w, say_hi, 4);
    asked_init(&a, &w, "GET", "/b//a/../%2B%20?list-type=2&prefix=");
    a.request.headers = headers;
    a.request.header_count = 2;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    (void)snprintf(want, sizeof want,
                   "GET /b//a/../%%2B%%20?list-type=2&prefix= HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                   "User-Agent: lava-smb/" LSMB_VERSION "\r\nx-amz-date: D\r\nx-empty:\r\n",
                   w.server.port);
    ck_assert_str_eq(w.server.heard[0].head, want);
    asked_free(&a);
    world_free(&w);
}
END_TEST

START_TEST(a_header_stays_one_header)
{
    static const struct pair headers[] = {{"X-One", "a\r\nX-Two: b"}};
    struct world w;
    struct asked a;

    world_init(&w, say_hi, 4);
    asked_init(&a, &w, "GET", "/");
    a.request.headers = headers;
    a.request.header_count = 1;
    ck_assert(!http_begin(w.http, &a.request));
    asked_free(&a);
    world_free(&w);
}
END_TEST

START_TEST(an_empty_body_of_a_post_has_a_length)
{
    struct world w;
    struct asked a;
    char length[16];
    char other[64];

    world_init(&w, say_hi, 4);
    begin(&w, &a, "POST", "/b/k?uploads=");
    await(&w, &a);
    ck_assert_uint_eq(a.request.status, 200);
    ck_assert(heard_header(&w.server.heard[0], "Content-Length", length, sizeof length));
    ck_assert_str_eq(length, "0");
    ck_assert(!heard_header(&w.server.heard[0], "Content-Type", other, sizeof other));
    ck_assert(!heard_header(&w.server.heard[0], "Expect", other, sizeof other));
    ck_assert(!heard_header(&w.server.heard[0], "Transfer-Encoding", other, sizeof other));
    asked_free(&a);
    world_free(&w);
}
END_TEST

START_TEST(a_body_in_pieces_arrives_in_order)
{
    struct world w;
    struct asked a;
    uint8_t *bytes = pattern(1500000);
    struct span pieces[] = {
        {bytes, 1}, {bytes + 1, 0}, {bytes + 1, 700000}, {bytes + 700001, 799999}};

    world_init(&w, say_hi, 4);
    asked_init(&a, &w, "PUT", "/b/k");
    a.request.body = pieces;
    a.request.body_count = 4;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_uint_eq(a.request.status, 200);
    ck_assert_uint_eq(a.request.sent, 1500000);
    ck_assert_uint_eq(w.server.heard[0].body_len, 1500000);
    ck_assert_uint_eq(w.server.heard[0].body_sum, sum_of(bytes, 1500000));
    asked_free(&a);
    world_free(&w);
    free(bytes);
}
END_TEST

static bool say_long(struct talk *talk)
{
    uint8_t *bytes = pattern(3000000);

    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
    talk_bytes(talk, bytes, 3000000);
    free(bytes);
    return true;
}

/* Take a little each time, and go on a while later. */
static void trickle(struct world *w, struct asked *a)
{
    while (!a->finished) {
        http_resume(&a->request);
        ck_assert_int_eq(lsmb_turn(w->smb, 10), LSMB_OK);
    }
}

START_TEST(what_is_not_taken_comes_again)
{
    struct world w;
    struct asked a;
    uint8_t *bytes = pattern(3000000);

    world_init(&w, say_long, 4);
    asked_init(&a, &w, "GET", "/");
    a.take = 5001;
    ck_assert(http_begin(w.http, &a.request));
    trickle(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_OK);
    ck_assert_uint_eq(a.len, 3000000);
    ck_assert_mem_eq(a.body, bytes, 3000000);
    asked_free(&a);
    world_free(&w);
    free(bytes);
}
END_TEST

static bool outlast_a_pause(uint32_t silence_ms)
{
    struct world w;
    struct asked a;

    world_init(&w, say_long, 4);
    asked_init(&a, &w, "GET", "/");
    a.full = true;
    a.request.silence_ms = silence_ms;
    ck_assert(http_begin(w.http, &a.request));
    turn_for(&w, 5 * silence_ms);
    ck_assert_uint_le(a.calls, 1);
    ck_assert(a.calls == 0 || !a.finished);
    a.full = false;
    if (!a.finished) {
        http_resume(&a.request);
        ck_assert_uint_eq(a.len, 0); /* not from inside */
        await(&w, &a);
    }
    bool well = a.request.err.code == LSMB_OK;
    ck_assert(!well || a.len == 3000000);
    asked_free(&a);
    world_free(&w);
    return well;
}

START_TEST(what_is_paused_is_not_silent_and_costs_no_turns)
{
    ck_not_ended(outlast_a_pause, 100);
}
END_TEST

static bool say_chunked(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    talk_say(talk, "5\r\nhello\r\n1;x=y\r\n \r\n");
    talk_say(talk, "5\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n");
    return true;
}

START_TEST(a_chunked_answer_is_put_together)
{
    struct world w;
    struct asked a;

    world_init(&w, say_chunked, 4);
    begin(&w, &a, "GET", "/");
    await(&w, &a);
    ck_assert_uint_eq(a.len, 11);
    ck_assert_mem_eq(a.body, "hello world", 11);
    ck_assert_ptr_null(http_header(&a.request, "x-trailer"));
    asked_free(&a);
    world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- heads */

static bool say_much(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (unsigned i = 0; i < (talk->request == 0 ? 900u : 1200u); i++) {
        talk_say(talk, "X-Header-%04u: 01234567890123456789012345678901234567890123\r\n", i);
    }
    talk_say(talk, "\r\n");
    return true;
}

START_TEST(a_head_may_be_large_but_not_beyond_limits)
{
    struct world w;
    struct asked a;

    world_init(&w, say_much, 4);
    begin(&w, &a, "GET", "/");
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_OK);
    ck_assert_ptr_nonnull(http_header(&a.request, "x-header-0899"));
    asked_free(&a);
    begin(&w, &a, "GET", "/");
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_E_PROTOCOL);
    asked_free(&a);
    world_free(&w);
}
END_TEST

static bool say_early(struct talk *talk)
{
    talk_say(talk,
             "HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-A: 2\r\n\r\n");
    talk_say(talk, "HTTP/1.1 204 No Content\r\nX-B: 3\r\n\r\n");
    return true;
}

START_TEST(interim_answers_are_overlooked)
{
    struct world w;
    struct asked a;

    world_init(&w, say_early, 4);
    begin(&w, &a, "GET", "/");
    await(&w, &a);
    ck_assert_uint_eq(a.request.status, 204);
    ck_assert_uint_eq(a.heads, 1);
    ck_assert_ptr_null(http_header(&a.request, "x-a"));
    ck_assert_str_eq(http_header(&a.request, "x-b"), "3");
    asked_free(&a);
    world_free(&w);
}
END_TEST

static bool say_bad_heads(struct talk *talk)
{
    const char *path = talk->heard->head + strlen("GET /");

    if (*path == 'l') {
        talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 4\r\n\r\nhiho");
        return false;
    }
    if (*path == '0') {
        talk_say(talk, "hello\n");
        return false;
    }
    if (*path == 'o') {
        talk_say(talk, "HTTP/1.1 200 OK\r\nX-A: ");
        for (unsigned i = 0; i < 30000; i++) {
            talk_say(talk, "one line");
        }
        return false;
    }
    if (*path == 't') {
        talk_say(talk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n");
    }
    for (unsigned i = 0; i < 30000; i++) {
        talk_say(talk, *path == 't' ? "X-A: 12345\r\n" : "HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n");
    }
    return false;
}

/* libcurl keeps all of them, and that without end. */
START_TEST(heads_that_do_not_end_or_contradict_themselves_are_refused)
{
    static const char *const paths[] = {"/length", "/trailers", "/interim", "/0.9", "/one-line"};
    struct world w;
    struct asked a;

    world_init(&w, say_bad_heads, 4);
    for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        begin(&w, &a, "GET", paths[i]);
        await(&w, &a);
        ck_assert_msg(a.request.err.code == LSMB_E_PROTOCOL, "%s: %s", paths[i],
                      a.request.err.reason);
        ck_assert(i < 3 || strstr(a.request.err.reason, "No valid response from endpoint URL:"));
        asked_free(&a);
    }
    world_free(&w);
}
END_TEST

static bool expect_nothing(struct talk *talk)
{
    char expect[32];

    if (heard_header(talk->heard, "Expect", expect, sizeof expect)) {
        talk->body_read = true;
        talk_say(talk, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 5\r\n\r\nwhat?");
        return true;
    }
    talk_body(talk);
    talk_say(talk, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    return true;
}

START_TEST(who_knows_no_expectations_is_asked_without)
{
    struct world w;
    struct asked a;
    uint8_t *bytes = pattern(3 << 20);
    struct span piece = {bytes, 3 << 20};

    world_init(&w, expect_nothing, 4);
    asked_init(&a, &w, "PUT", "/b/k");
    a.request.body = &piece;
    a.request.body_count = 1;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_OK);
    ck_assert_uint_eq(a.request.status, 403);
    ck_assert_uint_eq(a.len, 2);
    ck_assert_uint_eq(w.server.heard[1].body_sum, sum_of(bytes, 3 << 20));
    ck_assert_uint_eq(a.request.sendings,
                      1); /* that nobody knows the end of, but for this answer */
    asked_free(&a);
    world_free(&w);
    free(bytes);
}
END_TEST

static bool refuse_early(struct talk *talk)
{
    talk->body_read = true;
    talk_say(talk, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    (void)shutdown(talk->fd, SHUT_WR);
    talk_wait_for_end(talk);
    return false;
}

START_TEST(a_long_body_is_not_sent_to_who_refuses_the_head)
{
    struct world w;
    struct asked a;
    uint8_t *bytes = pattern(3 << 20);
    struct span piece = {bytes, 3 << 20};
    char expect[32];

    world_init(&w, refuse_early, 4);
    asked_init(&a, &w, "PUT", "/b/k");
    a.request.body = &piece;
    a.request.body_count = 1;
    uint64_t began = lsmb_now_ns(w.smb);
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_OK);
    ck_assert_uint_eq(a.request.status, 403);
    /* libcurl waits for leave for a second. */
    ck_assert(a.request.sent == 0 || lsmb_now_ns(w.smb) - began > NS_PER_S);
    ck_assert(heard_header(&w.server.heard[0], "Expect", expect, sizeof expect));
    ck_assert_str_eq(expect, "100-continue");
    asked_free(&a);
    world_free(&w);
    free(bytes);
}
END_TEST

START_TEST(a_long_body_is_sent_to_who_says_nothing_about_the_head)
{
    struct world w;
    struct asked a;
    uint8_t *bytes = pattern(3 << 20);
    struct span piece = {bytes, 3 << 20};

    world_init(&w, say_hi, 4);
    asked_init(&a, &w, "PUT", "/b/k");
    a.request.body = &piece;
    a.request.body_count = 1;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_uint_eq(a.request.status, 200);
    ck_assert_uint_eq(w.server.heard[0].body_sum, sum_of(bytes, 3 << 20));
    asked_free(&a);
    world_free(&w);
    free(bytes);
}
END_TEST

START_TEST(who_says_nothing_about_the_head_is_not_asked_again)
{
    struct world w;
    struct asked a;
    uint8_t *bytes = pattern(3 << 20);
    struct span piece = {bytes, 3 << 20};
    char expect[32];

    world_init(&w, say_hi, 4);
    for (unsigned i = 0; i < 2; i++) {
        asked_init(&a, &w, "PUT", "/b/k");
        a.request.body = &piece;
        a.request.body_count = 1;
        ck_assert(http_begin(w.http, &a.request));
        await(&w, &a);
        ck_assert_uint_eq(a.request.status, 200);
        ck_assert(heard_header(&w.server.heard[i], "Expect", expect, sizeof expect) == (i == 0));
        asked_free(&a);
    }
    world_free(&w);
    free(bytes);
}
END_TEST

/* ---------------------------------------------------------------- connections */

START_TEST(a_connection_is_used_again)
{
    struct world w;
    struct asked a;

    world_init(&w, say_hi, 4);
    for (unsigned i = 0; i < 3; i++) {
        begin(&w, &a, "GET", "/");
        await(&w, &a);
        ck_assert_int_eq(a.request.err.code, LSMB_OK);
        ck_assert(a.request.fresh == (i == 0));
        asked_free(&a);
    }
    ck_assert_uint_eq(w.server.connections, 1);
    world_free(&w);
}
END_TEST

static bool say_hi_slowly(struct talk *talk)
{
    (void)usleep(20000);
    return say_hi(talk);
}

START_TEST(twenty_requests_go_over_four_connections)
{
    struct world w;
    struct asked a[20];

    world_init(&w, say_hi_slowly, 4);
    for (unsigned i = 0; i < 20; i++) {
        begin(&w, &a[i], "GET", "/");
    }
    for (unsigned i = 0; i < 20; i++) {
        await(&w, &a[i]);
        ck_assert_int_eq(a[i].request.err.code, LSMB_OK);
        ck_assert_uint_eq(a[i].len, 2);
        asked_free(&a[i]);
    }
    ck_assert_uint_eq(w.server.requests, 20);
    ck_assert_uint_eq(w.server.connections, 4);
    world_free(&w);
}
END_TEST

static bool say_long_or_hi(struct talk *talk)
{
    return talk->request == 0 ? say_long(talk) : say_hi(talk);
}

START_TEST(what_is_stored_does_not_wait_for_answers_that_nobody_takes)
{
    struct world w;
    struct asked held;
    struct asked get;
    struct asked put;

    world_init(&w, say_long_or_hi, 1);
    asked_init(&held, &w, "GET", "/");
    held.full = true;
    ck_assert(http_begin(w.http, &held.request));
    begin(&w, &get, "GET", "/");
    await_offer(&w, &held);
    turn_for(&w, 50);
    begin(&w, &put, "PUT", "/");
    await(&w, &put);
    ck_assert_uint_eq(put.request.status, 200);
    turn_for(&w, 50);
    ck_assert(!get.finished && !held.finished);
    held.full = false;
    http_resume(&held.request);
    await(&w, &held);
    await(&w, &get);
    asked_free(&held);
    asked_free(&get);
    asked_free(&put);
    world_free(&w);
}
END_TEST

/* Answers the first request of a connection, and hangs up when the second has come. */
static bool close_when_kept(struct talk *talk)
{
    if (talk->request == 1) {
        talk_body(talk); /* or libcurl may find that it cannot send, and ends it by that */
        return talk_reset(talk);
    }
    return say_hi(talk);
}

START_TEST(a_kept_connection_that_was_closed_costs_nothing)
{
    struct world w;
    struct asked a;
    struct span body = {(const uint8_t *)"body", 4};

    world_init(&w, close_when_kept, 4);
    begin(&w, &a, "GET", "/");
    await(&w, &a);
    asked_free(&a);
    asked_init(&a, &w, "PUT", "/");
    a.request.body = &body;
    a.request.body_count = 1;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_OK);
    ck_assert_uint_eq(a.request.status, 200);
    ck_assert_uint_eq(a.request.sendings, 2);
    ck_assert_uint_eq(w.server.heard[2].body_len, 4);
    asked_free(&a);
    world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- failures */

static bool reset_at_once(struct talk *talk)
{
    return talk_reset(talk);
}

static void expect_failure(serve_fn *serve, uint32_t silence_ms, enum lsmb_code code,
                           const char *words)
{
    struct world w;
    struct asked a;
    char want[256];

    world_init(&w, serve, 4);
    asked_init(&a, &w, "GET", "/b/k?secret=1");
    a.request.silence_ms = silence_ms;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, code);
    (void)snprintf(want, sizeof want, "%s \"http://127.0.0.1:%u/b/k\"", words, w.server.port);
    ck_assert_msg(strstr(a.request.err.reason, want) == a.request.err.reason, "%s",
                  a.request.err.reason);
    asked_free(&a);
    world_free(&w);
}

#define CLOSED "Connection was closed before we received a valid response from endpoint URL:"

START_TEST(a_reset_before_the_answer_is_told)
{
    expect_failure(reset_at_once, 0, LSMB_E_NETWORK, CLOSED);
}
END_TEST

static bool close_in_head(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Le");
    return false;
}

START_TEST(an_end_within_the_head_is_told)
{
    expect_failure(close_in_head, 0, LSMB_E_NETWORK, CLOSED);
}
END_TEST

static bool close_in_body(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    return false;
}

START_TEST(an_end_within_the_body_is_told)
{
    expect_failure(close_in_body, 0, LSMB_E_NETWORK, CLOSED);
}
END_TEST

static bool close_in_chunk(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n12345");
    return false;
}

START_TEST(an_end_within_a_chunk_is_told)
{
    expect_failure(close_in_chunk, 0, LSMB_E_NETWORK, CLOSED);
}
END_TEST

static bool say_nothing(struct talk *talk)
{
    talk_wait_for_end(talk);
    return false;
}

START_TEST(silence_before_the_answer_ends_it)
{
    expect_failure(say_nothing, 200, LSMB_E_TIMEOUT, "Read timeout on endpoint URL:");
}
END_TEST

static bool stop_in_body(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    talk_wait_for_end(talk);
    return false;
}

START_TEST(silence_within_the_body_ends_it)
{
    expect_failure(stop_in_body, 200, LSMB_E_TIMEOUT, "Read timeout on endpoint URL:");
}
END_TEST

/* The server's `arg` is the limit. */
static void pause_for(const struct talk *talk, unsigned part)
{
    const uint32_t *silence_ms = talk->server->arg;

    (void)usleep(*silence_ms * 1000 / part);
}

static bool say_slowly(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    for (unsigned i = 0; i < 10; i++) {
        pause_for(talk, 4);
        talk_say(talk, "%u", i);
    }
    return true;
}

static bool get_slowly(uint32_t silence_ms)
{
    struct world w;
    struct asked a;

    world_init(&w, say_slowly, 4);
    w.server.arg = &silence_ms;
    asked_init(&a, &w, "GET", "/");
    a.request.silence_ms = silence_ms;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    bool well = a.request.err.code == LSMB_OK;
    ck_assert(!well || a.len == 10);
    asked_free(&a);
    world_free(&w);
    return well;
}

START_TEST(slowness_is_not_silence)
{
    ck_not_ended(get_slowly, 200);
}
END_TEST

/* The body is taken slowly: bit by bit the kernel's queue drains. */
static bool read_slowly(struct talk *talk)
{
    int room = 1 << 16;

    (void)setsockopt(talk->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    for (size_t n = 1; n <= 12; n++) {
        pause_for(talk, 6);
        talk_some_body(talk, n << 18);
    }
    return say_hi(talk);
}

static bool put_slowly(uint32_t silence_ms)
{
    struct world w;
    struct asked a;
    uint8_t *bytes = pattern(3 << 20);
    struct span piece = {bytes, 3 << 20};
    static const struct pair headers[] = {{"Expect", ""}};

    world_init(&w, read_slowly, 4);
    w.server.arg = &silence_ms;
    asked_init(&a, &w, "PUT", "/");
    a.request.silence_ms = silence_ms;
    a.request.body = &piece;
    a.request.body_count = 1;
    a.request.headers = headers;
    a.request.header_count = 1;
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    bool well = a.request.err.code == LSMB_OK;
    ck_assert(!well || w.server.heard[0].body_sum == sum_of(bytes, 3 << 20));
    asked_free(&a);
    world_free(&w);
    free(bytes);
    return well;
}

START_TEST(a_slow_reader_is_not_silent)
{
    ck_not_ended(put_slowly, 400);
}
END_TEST

START_TEST(nobody_there_is_told_in_the_words_of_the_aws_tools)
{
    struct world w;
    struct asked a;

    world_init(&w, say_hi, 4);
    asked_init(&a, &w, "GET", "/");
    (void)snprintf(a.url, sizeof a.url, "http://127.0.0.1:1/b/k");
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_E_NETWORK);
    ck_assert_msg(strstr(a.request.err.reason,
                         "Could not connect to the endpoint URL: \"http://127.0.0.1:1/b/k\"") ==
                      a.request.err.reason,
                  "%s", a.request.err.reason);
    ck_assert_uint_eq(a.request.sendings, 0);
    ck_assert(a.request.fresh); /* no kept connection is to blame: who tries again must wait */
    asked_free(&a);
    world_free(&w);
}
END_TEST

/* Each time in the same words: what the first has used serves the next, or is not used again. */
START_TEST(who_is_not_found_is_looked_for_again)
{
    struct world w;
    struct asked a;

    world_init(&w, say_hi, 1);
    for (unsigned i = 0; i < 3; i++) {
        asked_init(&a, &w, "GET", "/");
        (void)snprintf(a.url, sizeof a.url, "http://%070d.invalid/",
                       0); /* a label too long to ask */
        ck_assert(http_begin(w.http, &a.request));
        await(&w, &a);
        ck_assert_int_eq(a.request.err.code, LSMB_E_NETWORK);
        ck_assert_ptr_nonnull(
            strstr(a.request.err.reason, "Could not connect to the endpoint URL"));
        ck_assert(a.request.fresh);
        asked_free(&a);
    }
    world_free(&w);
}
END_TEST

/* Where ::1 comes first it is refused, and the next socket may get the number of the first. */
START_TEST(the_next_address_is_tried)
{
    struct world w;
    struct asked a;

    world_init(&w, say_hi, 4);
    for (unsigned i = 0; i < 8; i++) {
        asked_init(&a, &w, "GET", "/");
        (void)snprintf(a.url, sizeof a.url, "http://localhost:%u/", w.server.port);
        ck_assert(http_begin(w.http, &a.request));
        if (i < 4) { /* given up while it looks for the name, or connects */
            turn_for(&w, i);
        } else {
            await(&w, &a);
            ck_assert_uint_eq(a.request.status, 200);
        }
        asked_free(&a);
    }
    world_free(&w);
}
END_TEST

START_TEST(what_is_no_url_is_a_usage_error)
{
    struct world w;
    struct asked a;

    world_init(&w, say_hi, 4);
    asked_init(&a, &w, "GET", "/");
    (void)snprintf(a.url, sizeof a.url, "ftp://127.0.0.1/");
    ck_assert(http_begin(w.http, &a.request));
    await(&w, &a);
    ck_assert_int_eq(a.request.err.code, LSMB_E_USAGE);
    asked_free(&a);
    world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- giving up */

START_TEST(what_is_given_up_says_nothing_more)
{
    struct world w;
    struct asked a[3];

    world_init(&w, say_nothing, 2);
    for (unsigned i = 0; i < 3; i++) {
        begin(&w, &a[i], "GET", "/"); /* the third waits for a connection */
    }
    turn_for(&w, 100);
    for (unsigned i = 0; i < 3; i++) {
        http_drop(&a[i].request);
        http_drop(&a[i].request);
    }
    turn_for(&w, 50);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(!a[i].finished);
    }
    world_free(&w);
}
END_TEST

static void drop_in_head(struct http_request *request)
{
    asked_of(request)->heads++;
    http_drop(request);
}

START_TEST(a_request_may_be_given_up_while_it_tells_something)
{
    static const struct http_calls calls = {drop_in_head, take_body};
    struct world w;
    struct asked a;
    struct asked b;

    world_init(&w, say_long, 1);
    asked_init(&a, &w, "GET", "/");
    a.request.calls = &calls;
    ck_assert(http_begin(w.http, &a.request));
    begin(&w, &b, "GET", "/");
    await(&w, &b);
    ck_assert_int_eq(b.request.err.code, LSMB_OK);
    ck_assert_uint_eq(a.heads, 1);
    ck_assert(!a.finished);
    ck_assert_uint_eq(a.len, 0);
    asked_free(&b);
    world_free(&w);
}
END_TEST

START_TEST(a_client_can_be_freed_with_requests_on_their_way)
{
    struct world w;
    struct asked a[3];

    world_init(&w, say_nothing, 2);
    for (unsigned i = 0; i < 3; i++) {
        begin(&w, &a[i], "GET", "/");
    }
    turn_for(&w, 50);
    world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/http", an_answer_comes_with_its_head_and_body,
        the_request_is_what_was_asked_for_and_no_more, a_header_stays_one_header,
        an_empty_body_of_a_post_has_a_length, a_body_in_pieces_arrives_in_order,
        what_is_not_taken_comes_again, what_is_paused_is_not_silent_and_costs_no_turns,
        a_chunked_answer_is_put_together, a_head_may_be_large_but_not_beyond_limits,
        interim_answers_are_overlooked, heads_that_do_not_end_or_contradict_themselves_are_refused,
        who_knows_no_expectations_is_asked_without, a_long_body_is_not_sent_to_who_refuses_the_head,
        a_long_body_is_sent_to_who_says_nothing_about_the_head,
        who_says_nothing_about_the_head_is_not_asked_again, a_connection_is_used_again,
        twenty_requests_go_over_four_connections,
        what_is_stored_does_not_wait_for_answers_that_nobody_takes,
        a_kept_connection_that_was_closed_costs_nothing, a_reset_before_the_answer_is_told,
        an_end_within_the_head_is_told, an_end_within_the_body_is_told,
        an_end_within_a_chunk_is_told, silence_before_the_answer_ends_it,
        silence_within_the_body_ends_it, slowness_is_not_silence, a_slow_reader_is_not_silent,
        nobody_there_is_told_in_the_words_of_the_aws_tools, who_is_not_found_is_looked_for_again,
        the_next_address_is_tried, what_is_no_url_is_a_usage_error,
        what_is_given_up_says_nothing_more, a_request_may_be_given_up_while_it_tells_something,
        a_client_can_be_freed_with_requests_on_their_way);
}
