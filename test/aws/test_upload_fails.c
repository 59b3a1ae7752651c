/* Objects that do not get to S3, or of which nobody knows whether they did. */
#include "test/aws/upload_world.h"

/* Bring an upload of three parts to where `operation` is asked for. */
static struct call *until(struct upload_world *w, const char *operation)
{
    const uint64_t bytes = 20 * MIB;

    upload_begin(w, NULL);
    upload_source(w, bytes);
    upload_write_all(w, 0, bytes, MIB);
    upload_turn(w);
    if (strcmp(operation, "CreateMultipartUpload") == 0) {
        return scripted_one(operation);
    }
    service_answer(&w->service, scripted_one("CreateMultipartUpload"));
    upload_turn(w);
    if (strcmp(operation, "UploadPart") == 0) {
        return scripted_one(operation);
    }
    upload_serve(w);
    upload_commit_it(w, bytes);
    return scripted_one(operation);
}

/* The copy has failed: what the engine does then. */
static void give_up(struct upload_world *w)
{
    w->sink->ops->cancel(w->sink);
    upload_turn(w);
    w->sink->ops->abort(w->sink, upload_call(w));
    upload_turn(w);
}

START_TEST(a_part_that_is_refused_ends_all_of_it)
{
    struct upload_world w;

    scripted_refuse(until(&w, "UploadPart"), 403, "AccessDenied");
    upload_turn(&w);
    ck_assert_uint_eq(upload_answered(&w, false), w.count);
    ck_assert_uint_eq(scripted.count, 0); /* the others were dropped */
    ck_assert_str_eq(w.ranges[0].err.path, "s3://bucket/a key");
    ck_assert_int_eq(w.ranges[0].err.code, LSMB_E_DENIED);
    ck_assert_int_eq(upload_write(&w, 0, MIB)->err.code, LSMB_E_DENIED);
    give_up(&w);
    ck_assert_str_eq(scripted_query(scripted_one("AbortMultipartUpload"), "uploadId"), "id&1");
    upload_serve(&w);
    ck_assert(w.wait.open); /* a part may have slipped in */
    script_clock_init(&w.clock);
    w.clock.now_ns += NS_PER_S;
    upload_serve(&w);
    ck_assert_uint_eq(w.service.aborted, 2);
    ck_assert_str_eq(w.log, "");
    upload_end(&w);
}
END_TEST

START_TEST(an_upload_that_was_refused_needs_no_abort)
{
    struct upload_world w;

    scripted_refuse(until(&w, "CreateMultipartUpload"), 404, "NoSuchBucket");
    upload_turn(&w);
    ck_assert_uint_eq(upload_answered(&w, false), w.count);
    give_up(&w);
    ck_assert_uint_eq(scripted.begun, 1);
    ck_assert_str_eq(w.log, "");
    upload_end(&w);
}
END_TEST

START_TEST(an_upload_that_is_being_begun_is_aborted_when_its_id_comes)
{
    struct upload_world w;
    struct call *create = until(&w, "CreateMultipartUpload");

    give_up(&w);
    ck_assert(w.wait.open);
    ck_assert_uint_eq(upload_answered(&w, false), w.count);
    service_answer(&w.service, create);
    upload_turn(&w);
    ck_assert_str_eq(scripted_query(scripted_one("AbortMultipartUpload"), "uploadId"), "id&1");
    upload_serve(&w);
    ck_assert_uint_eq(w.service.aborted, 1); /* nothing was stored yet */
    upload_end(&w);
}
END_TEST

START_TEST(an_id_that_does_not_come_is_not_waited_for_long)
{
    struct upload_world w;

    (void)until(&w, "CreateMultipartUpload");
    give_up(&w);
    w.clock.now_ns += 6 * NS_PER_S;
    upload_turn(&w);
    ck_assert(!w.wait.open);
    ck_assert_ptr_nonnull(strstr(w.log, "AbortIncompleteMultipartUpload"));
    upload_end(&w);
}
END_TEST

START_TEST(an_abort_that_is_refused_is_only_a_warning)
{
    struct upload_world w;

    (void)until(&w, "UploadPart");
    give_up(&w);
    scripted_refuse(scripted_one("AbortMultipartUpload"), 403, "AccessDenied");
    upload_turn(&w);
    ck_assert(!w.wait.open && !w.wait.failed);
    ck_assert_ptr_nonnull(strstr(w.log, "s3://bucket/a key"));
    ck_assert_ptr_nonnull(strstr(w.log, "AccessDenied"));
    upload_end(&w);
}
END_TEST

START_TEST(an_abort_that_finds_nothing_is_well)
{
    struct upload_world w;

    scripted_refuse(until(&w, "CompleteMultipartUpload"), 400, "InvalidPart");
    upload_turn(&w);
    ck_assert(!w.wait.open && w.wait.failed);
    give_up(&w);
    scripted_refuse(scripted_one("AbortMultipartUpload"), 404, "NoSuchUpload");
    upload_turn(&w);
    ck_assert(!w.wait.open && !w.wait.failed);
    ck_assert_str_eq(w.log, "");
    upload_end(&w);
}
END_TEST

START_TEST(an_answer_without_what_is_needed_is_refused)
{
    static const char *const bodies[] = {"", "<R></R>", "<R><UploadId></UploadId></R>", "{}"};
    struct upload_world w;

    for (unsigned i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        scripted_answer(until(&w, "CreateMultipartUpload"), bodies[i]);
        upload_turn(&w);
        ck_assert_int_eq(w.ranges[0].err.code, LSMB_E_PROTOCOL);
        give_up(&w);
        ck_assert_ptr_nonnull(strstr(w.log, "AbortIncompleteMultipartUpload"));
        upload_end(&w);
    }
    scripted_answer(until(&w, "UploadPart"), ""); /* without an ETag */
    upload_turn(&w);
    ck_assert_int_eq(w.ranges[0].err.code, LSMB_E_PROTOCOL);
    give_up(&w);
    w.clock.now_ns += NS_PER_S;
    upload_serve(&w);
    w.clock.now_ns += NS_PER_S;
    upload_serve(&w);
    upload_end(&w);
}
END_TEST

START_TEST(another_checksum_than_ours_is_an_error)
{
    struct upload_world w;

    struct call *part = until(&w, "UploadPart");
    scripted_say(part, "ETag", "\"x\"");
    scripted_say(part, "x-amz-checksum-crc32", "AAAAAA==");
    scripted_answer(part, "");
    upload_turn(&w);
    ck_assert_int_eq(w.ranges[0].err.code, LSMB_E_CHANGED);
    w.sink->ops->cancel(w.sink);
    upload_end(&w);

    scripted_answer(until(&w, "CompleteMultipartUpload"),
                    "<R><ETag>x-3</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></R>");
    upload_turn(&w);
    ck_assert_int_eq(w.err.code, LSMB_E_CHANGED);
    upload_end(&w);

    upload_begin(&w, NULL);
    upload_source(&w, 10);
    (void)upload_write(&w, 0, 10);
    upload_commit_it(&w, 10);
    scripted_say(scripted_one("PutObject"), "x-amz-checksum-crc32", "AAAAAA==");
    scripted_answer(scripted_one("PutObject"), "");
    upload_turn(&w);
    ck_assert_int_eq(w.err.code, LSMB_E_CHANGED);
    upload_end(&w);
}
END_TEST

START_TEST(a_success_that_anybody_could_say_is_none)
{
    struct upload_world w;

    upload_begin(&w, NULL);
    upload_source(&w, 10);
    (void)upload_write(&w, 0, 10);
    upload_commit_it(&w, 10);
    scripted_answer(scripted_one("PutObject"), "<html>ok</html>");
    upload_turn(&w);
    ck_assert(!w.wait.open && w.wait.failed);
    ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
    upload_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- answers that were lost */

/* CompleteMultipartUpload was lost, and then there is no such upload: the object tells. */
static void look(struct upload_world *w, const char *length, const char *crc, const char *etag)
{
    struct call *complete = until(w, "CompleteMultipartUpload");

    complete->lost = true;
    scripted_refuse(complete, 404, "NoSuchUpload");
    upload_turn(w);
    struct call *head = scripted_one("HeadObject");
    ck_assert_str_eq(head->want.method, "HEAD");
    ck_assert_str_eq(scripted_header(head, "x-amz-checksum-mode"), "ENABLED");
    scripted_say(head, "Content-Length", length);
    scripted_say(head, "ETag", etag);
    if (crc) {
        scripted_say(head, "x-amz-checksum-crc32", crc);
    }
    scripted_answer(head, "");
    upload_turn(w);
    ck_assert(!w->wait.open);
}

/* MD5 of the tags of three parts, 00...01 to 00...03. */
#define OUR_TAG "\"ef2c5f0e74f5f9224fa8cec6c947d732-3\""

START_TEST(an_object_that_was_completed_though_the_answer_was_lost_is_recognized)
{
    struct upload_world w;
    char crc[CRC_TEXT_ROOM];

    crc_text(CRC_32, upload_crc(20 * MIB), crc);
    look(&w, "20971520", crc, "\"x-9\"");
    ck_assert(!w.wait.failed);
    upload_end(&w);
    tags_are_md5 = true; /* where nobody keeps checksums */
    look(&w, "20971520", NULL, OUR_TAG);
    tags_are_md5 = false;
    ck_assert(!w.wait.failed);
    upload_end(&w);
}
END_TEST

START_TEST(another_object_is_not_taken_for_ours)
{
    struct upload_world w;
    static const struct {
        const char *length, *crc, *etag;
    } others[] = {{"20971519", NULL, OUR_TAG},
                  {"20971520", "AAAAAA==", OUR_TAG},
                  {"20971520", NULL, "\"00000000000000000000000000000001-3\""},
                  {"20971520", NULL, "\"ef2c5f0e74f5f9224fa8cec6c947d732-4\""},
                  {"20971520", NULL, "\"ef2c5f0e74f5f9224fa8cec6c947d732\""},
                  {"20971520", NULL, "\"x-3\""}};

    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
        tags_are_md5 = true;
        look(&w, others[i].length, others[i].crc, others[i].etag);
        ck_assert(w.wait.failed);
        ck_assert_ptr_nonnull(strstr(w.err.reason, "NoSuchUpload"));
        ck_assert_ptr_nonnull(strstr(w.err.advice, "look at the object"));
        upload_end(&w);
    }
}
END_TEST

START_TEST(an_upload_that_is_gone_though_no_answer_was_lost_is_an_error)
{
    struct upload_world w;

    scripted_refuse(until(&w, "CompleteMultipartUpload"), 404, "NoSuchUpload");
    upload_turn(&w);
    ck_assert(w.wait.failed);
    ck_assert_ptr_null(scripted_find("HeadObject"));
    upload_end(&w);
}
END_TEST

START_TEST(an_answer_that_makes_no_sense_makes_us_look)
{
    struct upload_world w;

    scripted_answer(until(&w, "CompleteMultipartUpload"), "<html>ok</html>");
    upload_turn(&w);
    scripted_refuse(scripted_one("HeadObject"), 404, "404");
    upload_turn(&w);
    ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
    upload_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- cancelled */

static struct call *until_put(struct upload_world *w)
{
    upload_begin(w, NULL);
    upload_source(w, 1000);
    (void)upload_write(w, 0, 1000);
    upload_commit_it(w, 1000);
    return scripted_one("PutObject");
}

START_TEST(a_request_that_is_not_sent_yet_is_dropped_when_cancelled)
{
    struct upload_world w;

    until_put(&w)->http.sent = 999;
    w.sink->ops->cancel(w.sink);
    upload_turn(&w);
    ck_assert(w.wait.failed);
    ck_assert_int_eq(w.err.code, LSMB_E_CANCELLED);
    ck_assert_str_eq(w.err.advice, ""); /* it cannot appear any more */
    ck_assert_uint_eq(scripted.dropped, 1);
    upload_end(&w);
}
END_TEST

START_TEST(a_request_that_is_sent_may_still_end_well_when_cancelled)
{
    struct upload_world w;

    until_put(&w)->http.sent = 1000;
    w.sink->ops->cancel(w.sink);
    upload_turn(&w);
    ck_assert(w.wait.open);
    upload_serve(&w);
    upload_is_stored(&w, 1000);
    upload_end(&w);
}
END_TEST

START_TEST(a_request_that_is_sent_is_not_waited_for_long_when_cancelled)
{
    struct upload_world w;

    until_put(&w)->http.sent = 1000;
    w.sink->ops->cancel(w.sink);
    upload_turn(&w);
    w.clock.now_ns += 6 * NS_PER_S;
    upload_turn(&w);
    ck_assert(!w.wait.open && w.wait.failed);
    ck_assert_int_eq(w.err.code, LSMB_E_CANCELLED);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "the object may still appear"));
    upload_end(&w);
}
END_TEST

START_TEST(nor_is_completing)
{
    struct upload_world w;
    struct call *complete = until(&w, "CompleteMultipartUpload");

    complete->http.sent = complete->want.body->len;
    w.sink->ops->cancel(w.sink);
    upload_turn(&w);
    w.clock.now_ns += 6 * NS_PER_S;
    upload_turn(&w);
    ck_assert(!w.wait.open && w.wait.failed);
    ck_assert_int_eq(w.err.code, LSMB_E_CANCELLED);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "the object may still appear"));
    upload_end(&w);
}
END_TEST

/* What will be tried again after a while, so far as it is known. */
static void refuse_so_far(struct call *call)
{
    call->http.sent = 1000;
    call->http.ended = true;
    call->http.status = 503;
}

START_TEST(what_was_refused_is_not_waited_for_when_cancelled)
{
    struct upload_world w;

    refuse_so_far(until_put(&w));
    w.sink->ops->cancel(w.sink);
    upload_turn(&w);
    ck_assert(!w.wait.open);
    ck_assert_int_eq(w.err.code, LSMB_E_CANCELLED);
    upload_end(&w);

    refuse_so_far(until(&w, "CreateMultipartUpload"));
    give_up(&w);
    ck_assert(!w.wait.open);
    ck_assert_str_eq(w.log, "");
    upload_end(&w);
}
END_TEST

START_TEST(completing_may_still_end_well_when_cancelled)
{
    struct upload_world w;
    struct call *complete = until(&w, "CompleteMultipartUpload");

    complete->http.sent = complete->want.body->len;
    w.sink->ops->cancel(w.sink);
    upload_turn(&w);
    upload_serve(&w);
    upload_is_stored(&w, 20 * MIB);
    upload_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- what cannot be */

START_TEST(what_can_be_no_object_is_refused_when_it_is_opened)
{
    static char longer[1026];
    const char *const keys[] = {"", longer, "key", "key"};
    const struct lsmb_s3_put put = {.size = sizeof put,
                                    .kms_key_id = "k\r\nx-amz-acl: public-read"};
    struct lsmb_stat stat = {.bytes = 1};

    memset(longer, 'k', sizeof longer - 1);
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct upload_world w;
        upload_begin(&w, NULL);
        w.sink->ops->close(w.sink);
        stat.bytes = i == 2 ? LSMB_SIZE_UNKNOWN - 1 : 1;
        w.sink = lsmb_s3_sink(&w.s3, "bucket", keys[i], i == 3 ? &put : NULL);
        ck_assert_ptr_nonnull(w.sink);
        w.sink->ops->open(w.sink, &stat, upload_call(&w));
        ck_assert_int_eq(w.err.code, LSMB_E_USAGE);
        upload_end(&w);
    }
}
END_TEST

START_TEST(a_key_of_kms_stays_one_header)
{
    struct lsmb_s3_put put = {.size = sizeof put, .kms_key_id = "k\nx-amz-acl: public-read"};
    struct upload_world w;

    upload_begin(&w, &put);
    upload_source(&w, 10);
    ck_assert_int_eq(w.err.code, LSMB_E_USAGE);
    upload_end(&w);
}
END_TEST

START_TEST(bytes_that_are_missing_or_came_twice_are_refused)
{
    struct upload_world w;

    upload_begin(&w, NULL);
    upload_source(&w, 1000);
    (void)upload_write(&w, 0, 500);
    upload_commit_it(&w, 1000);
    ck_assert_int_eq(w.err.code, LSMB_E_USAGE);
    upload_end(&w);

    upload_begin(&w, NULL);
    upload_source(&w, 1000);
    (void)upload_write(&w, 0, 500);
    ck_assert_int_eq(upload_write(&w, 499, 501)->err.code, LSMB_E_USAGE);
    ck_assert_int_eq(w.ranges[0].err.code, LSMB_E_USAGE);
    ck_assert_uint_eq(scripted.begun, 0);
    upload_end(&w);
}
END_TEST

START_TEST(what_is_endless_is_refused_where_the_parts_end)
{
    struct upload_world w;
    struct lsmb_hold hold;
    const uint64_t limit = (uint64_t)2500 * 15 * (8 * MIB);

    upload_begin(&w, NULL);
    upload_source(&w, LSMB_SIZE_UNKNOWN);
    w.sink->ops->hold(w.sink, limit, &hold);
    ck_assert_uint_eq(hold.least, 0);
    const struct lsmb_error *err = &upload_write(&w, limit, 1)->err;
    ck_assert_int_eq(err->code, LSMB_E_USAGE);
    ck_assert_ptr_nonnull(strstr(err->reason, "292 GiB"));
    upload_end(&w);
}
END_TEST

START_TEST(closing_answers_nobody)
{
    static const char *const operations[] = {"CreateMultipartUpload", "UploadPart",
                                             "CompleteMultipartUpload"};

    for (unsigned i = 0; i < 3; i++) {
        struct upload_world w;
        (void)until(&w, operations[i]);
        bool open = w.ranges[0].wait.open;
        w.sink->ops->close(w.sink);
        ck_assert_uint_eq(scripted.count, 0);
        ck_assert_int_eq(w.ranges[0].wait.open, open);
        upload_turn(&w);
        host_free(&w.s3.host);
        lsmb_free(w.smb);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/upload: failures", a_part_that_is_refused_ends_all_of_it,
        an_upload_that_was_refused_needs_no_abort,
        an_upload_that_is_being_begun_is_aborted_when_its_id_comes,
        an_id_that_does_not_come_is_not_waited_for_long, an_abort_that_is_refused_is_only_a_warning,
        an_abort_that_finds_nothing_is_well, an_answer_without_what_is_needed_is_refused,
        another_checksum_than_ours_is_an_error, a_success_that_anybody_could_say_is_none,
        an_object_that_was_completed_though_the_answer_was_lost_is_recognized,
        another_object_is_not_taken_for_ours,
        an_upload_that_is_gone_though_no_answer_was_lost_is_an_error,
        an_answer_that_makes_no_sense_makes_us_look,
        a_request_that_is_not_sent_yet_is_dropped_when_cancelled,
        a_request_that_is_sent_may_still_end_well_when_cancelled,
        a_request_that_is_sent_is_not_waited_for_long_when_cancelled, nor_is_completing,
        what_was_refused_is_not_waited_for_when_cancelled,
        completing_may_still_end_well_when_cancelled,
        what_can_be_no_object_is_refused_when_it_is_opened, a_key_of_kms_stays_one_header,
        bytes_that_are_missing_or_came_twice_are_refused,
        what_is_endless_is_refused_where_the_parts_end, closing_answers_nobody);
}
