/* Requests that end well: what goes out, what comes in, and over which connections. */
#include "test/aws/http_world.h"

/* ---------------------------------------------------------------- what goes out and comes in */

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
    return RUN_TESTS("aws/http", an_answer_comes_with_its_head_and_body,
                     the_request_is_what_was_asked_for_and_no_more, a_header_stays_one_header,
                     an_empty_body_of_a_post_has_a_length, a_body_in_pieces_arrives_in_order,
                     what_is_not_taken_comes_again, what_is_paused_is_not_silent_and_costs_no_turns,
                     a_chunked_answer_is_put_together, a_connection_is_used_again,
                     twenty_requests_go_over_four_connections,
                     what_is_stored_does_not_wait_for_answers_that_nobody_takes,
                     a_kept_connection_that_was_closed_costs_nothing,
                     what_is_given_up_says_nothing_more,
                     a_request_may_be_given_up_while_it_tells_something,
                     a_client_can_be_freed_with_requests_on_their_way);
}
