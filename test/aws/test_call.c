/* Calls to a service that refuses, fails and hangs up as told. */
#include "test/aws/call_world.h"

#include <time.h>

#include "aws/sigv4.h"

static void expect_well(const struct call_world *w, const char *answer)
{
    ck_assert_msg(!op_failed(&w->call.op), "%s", w->call.op.err.reason);
    ck_assert_str_eq(w->call.answer ? w->call.answer : "", answer);
}

static void expect_failed(const struct call_world *w, enum lsmb_code code, const char *reason)
{
    ck_assert_int_eq(w->call.op.err.code, code);
    ck_assert_str_eq(w->call.op.err.reason, reason);
}

static const char *sent(const struct call_world *w, unsigned request, const char *name)
{
    static char value[1024];

    return heard_header(&w->server.heard[request], name, value, sizeof value) ? value : "(none)";
}

/* ---------------------------------------------------------------- one try */

static bool answer_well(struct talk *talk)
{
    say_ok(talk, "answer");
    return true;
}

START_TEST(an_answer_is_collected)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, answer_well);
    ask(&w, &want);
    expect_well(&w, "answer");
    ck_assert_uint_eq(w.call.answer_len, 6);
    ck_assert_uint_eq(call_status(&w.call), 200);
    ck_assert_str_eq(call_header(&w.call, "ETag"), "\"e\"");
    ck_assert(!w.call.lost);
    ck_assert(strstr(w.server.heard[0].head, "GET /bucket/a%20key HTTP/1.1\r\n") != NULL);
    call_world_free(&w);
}
END_TEST

/* That the signature is right the known answers of test_sigv4 and the gateway of the lab say; here, that all of it
 * is there. */
START_TEST(a_request_is_signed_with_all_that_it_says)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, answer_well);
    w.token = "TOKEN";
    want.headers[want.header_count++] = (struct pair){"Range", "bytes=0-9"};
    want.query[want.query_count++] = (struct pair){"versionId", "v"};
    ask(&w, &want);
    expect_well(&w, "answer");
    ck_assert(strstr(w.server.heard[0].head, "GET /bucket/a%20key?versionId=v HTTP/1.1\r\n"));
    ck_assert_str_eq(sent(&w, 0, "Range"), "bytes=0-9");
    ck_assert_str_eq(sent(&w, 0, "x-amz-security-token"), "TOKEN");
    ck_assert_ptr_nonnull(
        strstr(sent(&w, 0, "Authorization"),
               "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token, "));
    ck_assert_ptr_nonnull(strstr(sent(&w, 0, "Authorization"), "/eu-west-1/s3/aws4_request"));
    call_world_free(&w);
}
END_TEST

START_TEST(an_unsigned_call_needs_nobody)
{
    struct call_world w;
    struct span body = span_of("Action=AssumeRoleWithWebIdentity");
    struct call_want want = {.service = SERVICE_STS,
                             .operation = "AssumeRoleWithWebIdentity",
                             .method = "POST",
                             .body = &body,
                             .body_count = 1,
                             .unsigned_call = true};

    call_world_init(&w, answer_well);
    ask(&w, &want);
    expect_well(&w, "answer");
    ck_assert(strstr(w.server.heard[0].head, "POST / HTTP/1.1\r\n") != NULL);
    ck_assert_str_eq(sent(&w, 0, "Authorization"), "(none)");
    ck_assert_str_eq(sent(&w, 0, "x-amz-date"), "(none)");
    call_world_free(&w);
}
END_TEST

static void expect_hash(size_t len, const char *payload, const char *want_hash)
{
    struct call_world w;
    uint8_t *bytes = calloc(1, len + 1);
    struct span pieces[] = {{bytes, len / 3}, {bytes + len / 3, len - len / 3}};
    struct call_want want = want_object("PutObject", "PUT");

    call_world_init(&w, answer_well);
    if (payload) {
        w.s3->settings.payload = PAYLOAD_UNSIGNED;
    }
    want.body = pieces;
    want.body_count = 2;
    ask(&w, &want);
    expect_well(&w, "answer");
    ck_assert_str_eq(sent(&w, 0, "x-amz-content-sha256"), want_hash);
    ck_assert_uint_eq(w.server.heard[0].body_len, len);
    call_world_free(&w);
    free(bytes);
}

START_TEST(a_body_in_the_clear_is_signed_however_long_it_is)
{
    char hash[SIGV4_HASH_ROOM];
    static const uint8_t zeros[3 << 20];
    struct span all = {zeros, sizeof zeros};

    ck_assert(sigv4_hash(hash, &all, 1));
    expect_hash(sizeof zeros, NULL, hash);
    ck_assert(sigv4_hash(hash, NULL, 0));
    expect_hash(0, NULL, hash);
}
END_TEST

START_TEST(a_body_goes_unsigned_where_settings_say_so)
{
    expect_hash(100, "unsigned", "UNSIGNED-PAYLOAD");
}
END_TEST

static bool answer_much(struct talk *talk)
{
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n");
    for (unsigned i = 0; i < 10000; i++) {
        talk_say(talk, "0123456789");
    }
    talk_say(talk, "!");
    return true;
}

START_TEST(an_answer_that_is_too_long_is_refused)
{
    struct call_world w;
    struct call_want want = want_object("ListObjectsV2", "GET");

    call_world_init(&w, answer_much);
    want.answer_max = 100000;
    ask(&w, &want);
    expect_failed(&w, LSMB_E_PROTOCOL, "The answer to ListObjectsV2 is too long");
    want.answer_max = 100001;
    ask(&w, &want);
    ck_assert(!op_failed(&w.call.op));
    ck_assert_uint_eq(w.call.answer_len, 100001);
    ck_assert(w.call.answer[100000] == '!');
    call_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- trying again */

static bool fail_twice(struct talk *talk)
{
    if (talk->request < 2) {
        say_error(talk, "503 Slow Down", "", "SlowDown", "Please reduce your request rate.");
    } else {
        say_ok(talk, "at last");
    }
    return true;
}

START_TEST(what_fails_twice_is_tried_three_times)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, fail_twice);
    ask(&w, &want);
    expect_well(&w, "at last");
    ck_assert_uint_eq(w.server.requests, 3);
    /* Once for both, unless the machine takes a second for the second. */
    ck_assert_uint_le(w.s3->concurrency, w.s3->concurrency_max / 2);
    ck_assert_uint_ge(w.s3->concurrency, w.s3->concurrency_max / 4);
    ck_assert_uint_lt(w.s3->retry_tokens, 500);
    ck_assert_ptr_nonnull(strstr(w.log, "I GetObject: SlowDown: Please reduce your request rate.; "
                                        "trying again in 0 ms (1 of 10 tries)"));
    ck_assert_ptr_nonnull(strstr(w.log, "D GetObject: SlowDown: Please reduce your request rate.; "
                                        "trying again in 0 ms (2 of 10 tries)"));
    call_world_free(&w);
}
END_TEST

START_TEST(logs_tell_one_part_and_one_range_from_others)
{
    struct call_world w;
    struct call_want want = want_object("UploadPart", "PUT");

    call_world_init(&w, fail_twice);
    want.query[want.query_count++] = (struct pair){"partNumber", "7"};
    ask(&w, &want);
    expect_well(&w, "at last");
    ck_assert_ptr_nonnull(strstr(w.log, "D AWS request: UploadPart 7, try 3\n"));
    ck_assert_ptr_nonnull(strstr(w.log, "I UploadPart 7: SlowDown: "));
    want = want_object("GetObject", "GET");
    want.headers[want.header_count++] = (struct pair){"Range", "bytes=0-9"};
    ask(&w, &want);
    expect_well(&w, "at last");
    ck_assert_ptr_nonnull(strstr(w.log, "D AWS request: GetObject bytes=0-9, try 1\n"));
    call_world_free(&w);
}
END_TEST

static bool fail_always(struct talk *talk)
{
    say_error(talk, "500 Internal Server Error", "", "InternalError", "We made a mistake.");
    return true;
}

START_TEST(tries_have_an_end)
{
    struct call_world w;
    struct call_want want = want_object("PutObject", "PUT");

    call_world_init(&w, fail_always);
    want.attempts = 3;
    ask(&w, &want);
    ck_assert(op_failed(&w.call.op));
    ck_assert_ptr_nonnull(strstr(w.call.op.err.reason, "An error occurred (InternalError)"));
    ck_assert_str_eq(w.call.refused.code, "InternalError");
    ck_assert_uint_eq(w.server.requests, 3);
    ck_assert(w.call.lost);
    ck_assert_ptr_nonnull(strstr(w.log, "I PutObject: InternalError"));
    call_world_free(&w);
}
END_TEST

START_TEST(without_a_quota_nothing_is_tried_again)
{
    struct call_world w;
    struct call_want want = want_object("PutObject", "PUT");

    call_world_init(&w, fail_always);
    w.s3->retry_tokens = 4;
    ask(&w, &want);
    ck_assert(op_failed(&w.call.op));
    ck_assert_uint_eq(w.server.requests, 1);
    call_world_free(&w);
}
END_TEST

static bool refuse(struct talk *talk)
{
    say_error(talk, "403 Forbidden", "", "AccessDenied", "Access Denied");
    return true;
}

START_TEST(a_refusal_is_told_in_the_words_of_the_aws_tools)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, refuse);
    ask(&w, &want);
    expect_failed(&w, LSMB_E_DENIED,
                  "An error occurred (AccessDenied) when calling the GetObject operation: Access "
                  "Denied");
    ck_assert_uint_eq(w.call.refused.status, 403);
    ck_assert_uint_eq(w.server.requests, 1);
    ck_assert(!w.call.lost);
    call_world_free(&w);
}
END_TEST

static bool reset_twice(struct talk *talk)
{
    talk_body(talk);
    if (talk->request < 2) {
        return talk_reset(talk);
    }
    say_ok(talk, "");
    return true;
}

START_TEST(a_lost_connection_is_made_anew)
{
    struct call_world w;
    struct call_want want = want_object("CompleteMultipartUpload", "POST");

    call_world_init(&w, reset_twice);
    ask(&w, &want);
    expect_well(&w, "");
    ck_assert(w.call.lost); /* it may have been done the first time */
    call_world_free(&w);
}
END_TEST

static bool hide_an_error(struct talk *talk)
{
    if (talk->request == 0) {
        say_error(talk, "200 OK", "", "InternalError", "We made a mistake.");
    } else if (talk->request == 1) {
        say_ok(talk, "<CompleteMultipartUploadResult/>");
    } else {
        say_error(talk, "200 OK", "", "InvalidPart", "No such part.");
    }
    return true;
}

START_TEST(an_error_may_come_as_a_success)
{
    struct call_world w;
    struct call_want want = want_object("CompleteMultipartUpload", "POST");

    call_world_init(&w, hide_an_error);
    want.may_hide = true;
    ask(&w, &want);
    expect_well(&w, "<CompleteMultipartUploadResult/>");
    ck_assert_uint_eq(w.server.requests, 2);
    ask(&w, &want);
    ck_assert(op_failed(&w.call.op));
    ck_assert_str_eq(w.call.refused.code, "InvalidPart");
    call_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- readers */

static struct {
    char text[64], range[32];
    size_t len;
    unsigned heads;
    bool agrees;
} read_so_far;

static void reader_head(struct call *call)
{
    read_so_far.heads++;
    ck_assert_uint_eq(call_status(call), 200);
}

static size_t reader_body(struct call *call, struct span data)
{
    (void)call;
    memcpy(read_so_far.text + read_so_far.len, data.ptr, data.len);
    read_so_far.len += data.len;
    return data.len;
}

static bool reader_again(struct call *call)
{
    (void)snprintf(read_so_far.range, sizeof read_so_far.range, "bytes=%zu-", read_so_far.len);
    call->want.headers[0] = (struct pair){"Range", read_so_far.range};
    call->want.header_count = 1;
    return read_so_far.agrees;
}

static const struct call_reader reader = {reader_head, reader_body, reader_again};

static bool lose_the_rest(struct talk *talk)
{
    char range[32];

    if (talk->request == 0) {
        say_error(talk, "500 Oh", "", "InternalError", "not for the reader");
        return true;
    }
    bool first = !heard_header(talk->heard, "Range", range, sizeof range);
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", first ? 10 : 5,
             first ? "01234" : "56789");
    return !first;
}

START_TEST(what_was_lost_on_its_way_is_gone_on_with)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    memset(&read_so_far, 0, sizeof read_so_far);
    read_so_far.agrees = true;
    call_world_init(&w, lose_the_rest);
    want.reader = &reader;
    ask(&w, &want);
    ck_assert(!op_failed(&w.call.op));
    ck_assert_str_eq(read_so_far.text, "0123456789");
    ck_assert_uint_eq(read_so_far.heads, 2);
    ck_assert_str_eq(sent(&w, 2, "Range"), "bytes=5-");
    call_world_free(&w);
}
END_TEST

START_TEST(who_cannot_go_on_is_told_why_it_ended)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    memset(&read_so_far, 0, sizeof read_so_far);
    call_world_init(&w, lose_the_rest);
    want.reader = &reader;
    ask(&w, &want);
    ck_assert_int_eq(w.call.op.err.code, LSMB_E_NETWORK);
    ck_assert_uint_eq(w.server.requests, 2);
    call_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- putting right */

static bool be_ahead(struct talk *talk)
{
    char date[64];
    time_t then = time(NULL) + 3600;
    struct tm tm;

    if (talk->request > 0) {
        say_ok(talk, "");
        return true;
    }
    (void)strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&then, &tm));
    say_error(talk, "403 Forbidden", date, "RequestTimeTooSkewed", "The difference is too large.");
    return true;
}

START_TEST(a_clock_that_is_wrong_is_put_right)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");
    char first[32];

    call_world_init(&w, be_ahead);
    ask(&w, &want);
    expect_well(&w, "");
    ck_assert_int_ge(w.s3->skew_s, 3590);
    ck_assert_int_le(w.s3->skew_s, 3610);
    (void)snprintf(first, sizeof first, "%.31s", sent(&w, 0, "x-amz-date"));
    ck_assert_int_lt(strcmp(first, sent(&w, 1, "x-amz-date")), 0);
    ck_assert_ptr_nonnull(strstr(w.log, "W GetObject: the clock of this machine is"));
    call_world_free(&w);
}
END_TEST

/* By its header, in its body, or only to who asks for the bucket. */
static bool be_elsewhere(struct talk *talk)
{
    const struct call_world *w = talk->server->arg;

    talk_body(talk);
    if (strstr(talk->heard->head, "/eu-central-1/s3/")) {
        say_ok(talk, "here");
    } else if (strncmp(talk->heard->head, "HEAD /bucket HTTP", 17) == 0) {
        talk_say(talk, "HTTP/1.1 400 Bad Request\r\nx-amz-bucket-region: eu-central-1\r\n"
                       "Connection: close\r\n\r\n");
        return false;
    } else if (strncmp(talk->heard->head, "HEAD", 4) == 0) {
        talk_say(talk, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    } else {
        say_error(talk, "301 Moved Permanently",
                  w->call.want.checksums_optional ? "" : "x-amz-bucket-region: eu-central-1\r\n",
                  "PermanentRedirect</Code><Region>eu-central-1</Region><Code>", "elsewhere");
    }
    return true;
}

START_TEST(a_bucket_is_followed_to_its_region)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, be_elsewhere);
    ask(&w, &want);
    expect_well(&w, "here");
    ck_assert_uint_eq(w.server.requests, 2);
    ask(&w, &want);
    expect_well(&w, "here");
    ck_assert_uint_eq(w.server.requests, 3); /* it is known by now */
    ck_assert_ptr_nonnull(strstr(w.log, "D GetObject: bucket bucket is in eu-central-1"));
    call_world_free(&w);
}
END_TEST

START_TEST(a_refusal_without_words_makes_it_ask_for_the_bucket)
{
    struct call_world w;
    struct call_want want = want_object("HeadObject", "HEAD");

    call_world_init(&w, be_elsewhere);
    ask(&w, &want);
    ck_assert(!op_failed(&w.call.op));
    ck_assert_uint_eq(w.server.requests, 3);
    call_world_free(&w);
}
END_TEST

static bool be_nowhere(struct talk *talk)
{
    talk_body(talk);
    talk_say(talk, "HTTP/1.1 400 Bad Request\r\nx-amz-bucket-region: eu-west-1\r\n"
                   "Content-Length: 0\r\n\r\n");
    return true;
}

START_TEST(a_bucket_that_is_where_we_asked_is_not_looked_for)
{
    struct call_world w;
    struct call_want want = want_object("HeadObject", "HEAD");

    call_world_init(&w, be_nowhere);
    ask(&w, &want);
    ck_assert(op_failed(&w.call.op));
    ck_assert_uint_eq(w.server.requests, 1);
    call_world_free(&w);
}
END_TEST

static bool want_new_token(struct talk *talk)
{
    char token[32];

    if (heard_header(talk->heard, "x-amz-security-token", token, sizeof token) &&
        strcmp(token, "new") == 0) {
        say_ok(talk, "");
    } else {
        say_error(talk, "400 Bad Request", "", "ExpiredToken", "The provided token has expired.");
    }
    return true;
}

START_TEST(credentials_that_expired_are_fetched_anew)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, want_new_token);
    w.token = "old";
    w.later_token = "new";
    ask(&w, &want);
    expect_well(&w, "");
    ck_assert_uint_eq(w.server.requests, 2);
    call_world_free(&w);
}
END_TEST

START_TEST(but_only_once)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, want_new_token);
    w.token = "old";
    ask(&w, &want);
    ck_assert_str_eq(w.call.refused.code, "ExpiredToken");
    ck_assert_uint_le(w.server.requests, 2);
    call_world_free(&w);
}
END_TEST

static bool know_no_checksums(struct talk *talk)
{
    char value[32];

    if (heard_header(talk->heard, "x-amz-checksum-crc32", value, sizeof value)) {
        say_error(talk, "501 Not Implemented", "", "NotImplemented",
                  "A header is not implemented.");
    } else {
        say_ok(talk, "");
    }
    return true;
}

START_TEST(checksums_that_a_store_does_not_know_are_left_out)
{
    struct call_world w;
    struct call_want want = want_object("PutObject", "PUT");

    call_world_init(&w, know_no_checksums);
    want.headers[want.header_count++] = (struct pair){"x-amz-checksum-crc32", "AAAAAA=="};
    want.headers[want.header_count++] = (struct pair){"x-amz-server-side-encryption", "AES256"};
    ask(&w, &want);
    ck_assert_str_eq(w.call.refused.code, "NotImplemented"); /* unless they may be */
    want.checksums_optional = true;
    ask(&w, &want);
    expect_well(&w, "");
    ck_assert_uint_eq(w.server.requests, 3);
    ck_assert(w.s3->no_checksums);
    ck_assert_str_eq(sent(&w, 2, "x-amz-server-side-encryption"), "AES256");
    ask(&w, &want);
    ck_assert_uint_eq(w.server.requests, 4);
    call_world_free(&w);
}
END_TEST

static bool implement_nothing(struct talk *talk)
{
    say_error(talk, "501 Not Implemented", "", "NotImplemented", "A header is not implemented.");
    return true;
}

START_TEST(what_is_refused_without_checksums_too_says_nothing_of_them)
{
    struct call_world w;
    struct call_want want = want_object("PutObject", "PUT");

    call_world_init(&w, implement_nothing);
    want.headers[want.header_count++] = (struct pair){"x-amz-checksum-crc32", "AAAAAA=="};
    want.checksums_optional = true;
    ask(&w, &want);
    ck_assert_str_eq(w.call.refused.code, "NotImplemented");
    ck_assert_uint_eq(w.server.requests, 2);
    ck_assert_str_eq(sent(&w, 0, "x-amz-checksum-crc32"), "AAAAAA==");
    ck_assert_str_eq(sent(&w, 1, "x-amz-checksum-crc32"), "(none)");
    want.header_count = 0;
    ask(&w, &want); /* nothing can be left out of that */
    ck_assert_uint_eq(w.server.requests, 3);
    ck_assert(!w.s3->no_checksums);
    ck_assert_ptr_null(strstr(w.log, "does not know the checksums"));
    call_world_free(&w);
}
END_TEST

START_TEST(without_a_region_the_aws_tools_words_are_said)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, answer_well);
    lsmb_s3_free(w.s3);
    lsmb_free(w.smb);
    w.region = NULL;
    call_world_open(&w);
    ask(&w, &want);
    ck_assert_str_eq(w.call.op.err.reason, "You must specify a region.");
    ck_assert_uint_eq(w.server.requests, 0);
    call_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- giving up */

static bool hang(struct talk *talk)
{
    talk_wait_for_end(talk);
    return false;
}

START_TEST(a_call_can_be_given_up_at_any_moment)
{
    static const uint32_t moments_ms[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 5, 20, 150};
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, hang);
    for (unsigned i = 0; i < sizeof moments_ms / sizeof moments_ms[0]; i++) {
        world_begin(&w, &want);
        world_turn_for(&w, moments_ms[i]);
        ck_assert(!w.finished);
        op_abort(&w.call.op);
        call_free(&w.call);
    }
    world_turn_for(&w, 20);
    ck_assert(!w.finished);
    call_world_free(&w);
}
END_TEST

START_TEST(silence_ends_a_try)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, hang);
    want.silence_ms = 400;
    want.attempts = 2;
    ask(&w, &want);
    ck_assert_int_eq(w.call.op.err.code, LSMB_E_TIMEOUT);
    ck_assert_uint_eq(w.call.refused.status, 0);
    world_await_requests(&w, 2);
    call_world_free(&w);
}
END_TEST

START_TEST(an_endpoint_where_nobody_is_is_not_tried_for_long)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, answer_well);
    lsmb_s3_free(w.s3);
    lsmb_free(w.smb);
    (void)snprintf(w.endpoint, sizeof w.endpoint, "http://127.0.0.1:1");
    call_world_open(&w);
    ask(&w, &want);
    ck_assert_int_eq(w.call.op.err.code, LSMB_E_NETWORK);
    ck_assert_ptr_nonnull(strstr(w.call.op.err.reason, "Could not connect to the endpoint URL: "
                                                       "\"http://127.0.0.1:1/bucket/a%20key\""));
    ck_assert_ptr_nonnull(strstr(w.log, "(4 of 5 tries)"));
    ck_assert(!w.call.lost);
    call_world_free(&w);
}
END_TEST

START_TEST(a_client_goes_with_its_context)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, answer_well);
    ask(&w, &want);
    call_free(&w.call);
    lsmb_free(w.smb); /* and not lsmb_s3_free() */
    http_server_stop(&w.server);
}
END_TEST

START_TEST(concurrency_grows_again)
{
    struct call_world w;
    struct call_want want = want_object("GetObject", "GET");

    call_world_init(&w, answer_well);
    s3_slow_down(w.s3);
    s3_slow_down(w.s3); /* of the same moment */
    ck_assert_uint_eq(w.s3->concurrency, 4);
    for (unsigned i = 0; i < 10; i++) {
        ask(&w, &want);
    }
    ck_assert_uint_eq(w.s3->concurrency, 5);
    call_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/call", an_answer_is_collected, a_request_is_signed_with_all_that_it_says,
        an_unsigned_call_needs_nobody, a_body_in_the_clear_is_signed_however_long_it_is,
        a_body_goes_unsigned_where_settings_say_so, an_answer_that_is_too_long_is_refused,
        what_fails_twice_is_tried_three_times, tries_have_an_end,
        without_a_quota_nothing_is_tried_again, a_refusal_is_told_in_the_words_of_the_aws_tools,
        a_lost_connection_is_made_anew, an_error_may_come_as_a_success,
        what_was_lost_on_its_way_is_gone_on_with, who_cannot_go_on_is_told_why_it_ended,
        a_clock_that_is_wrong_is_put_right, a_bucket_is_followed_to_its_region,
        a_refusal_without_words_makes_it_ask_for_the_bucket,
        a_bucket_that_is_where_we_asked_is_not_looked_for,
        credentials_that_expired_are_fetched_anew, but_only_once,
        checksums_that_a_store_does_not_know_are_left_out,
        what_is_refused_without_checksums_too_says_nothing_of_them,
        without_a_region_the_aws_tools_words_are_said, a_call_can_be_given_up_at_any_moment,
        silence_ends_a_try, logs_tell_one_part_and_one_range_from_others,
        an_endpoint_where_nobody_is_is_not_tried_for_long, a_client_goes_with_its_context,
        concurrency_grows_again);
}
