/* Heads of requests and of answers, and what is expected of them. */
#include "test/aws/http_world.h"

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

int main(void)
{
    return RUN_TESTS(
        "aws/http, heads", a_head_may_be_large_but_not_beyond_limits,
        interim_answers_are_overlooked, heads_that_do_not_end_or_contradict_themselves_are_refused,
        who_knows_no_expectations_is_asked_without, a_long_body_is_not_sent_to_who_refuses_the_head,
        a_long_body_is_sent_to_who_says_nothing_about_the_head,
        who_says_nothing_about_the_head_is_not_asked_again);
}
