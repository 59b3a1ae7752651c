/* Requests that fail, or seem to. */
#include "test/aws/http_world.h"

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

int main(void)
{
    return RUN_TESTS(
        "aws/http, failures", a_reset_before_the_answer_is_told, an_end_within_the_head_is_told,
        an_end_within_the_body_is_told, an_end_within_a_chunk_is_told,
        silence_before_the_answer_ends_it, silence_within_the_body_ends_it, slowness_is_not_silence,
        a_slow_reader_is_not_silent, nobody_there_is_told_in_the_words_of_the_aws_tools,
        who_is_not_found_is_looked_for_again, the_next_address_is_tried,
        what_is_no_url_is_a_usage_error);
}
