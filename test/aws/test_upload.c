/* Objects on their way to S3, in parts and as one request. */
#include "test/aws/upload_world.h"

START_TEST(a_small_object_is_one_request_that_waits_for_commit)
{
    struct upload_world w;

    upload_begin(&w, NULL);
    upload_source(&w, 8 * MIB);
    upload_write_all(&w, 4 * MIB, 8 * MIB, MIB);
    upload_write_all(&w, 0, 4 * MIB, MIB);
    w.sink->ops->ended(w.sink, 8 * MIB);
    upload_turn(&w);
    ck_assert_uint_eq(scripted.begun, 0); /* it would appear */
    upload_commit_it(&w, 8 * MIB);
    ck_assert_uint_eq(upload_answered(&w, true), 0);
    ck_assert_str_eq(scripted_one("PutObject")->want.method, "PUT");
    upload_serve(&w);
    upload_is_stored(&w, 8 * MIB);
    ck_assert_uint_eq(scripted.begun, 1);
    upload_end(&w);
}
END_TEST

START_TEST(an_empty_object_is_one_request)
{
    for (unsigned known = 0; known < 2; known++) {
        struct upload_world w;
        upload_begin(&w, NULL);
        upload_source(&w, known ? 0 : LSMB_SIZE_UNKNOWN);
        upload_commit_it(&w, 0);
        ck_assert_str_eq(scripted_header(scripted_one("PutObject"), "x-amz-checksum-crc32"),
                         "AAAAAA==");
        upload_serve(&w);
        upload_is_stored(&w, 0);
        ck_assert_uint_eq(scripted.begun, 1);
        upload_end(&w);
    }
}
END_TEST

START_TEST(a_large_object_goes_in_parts)
{
    const uint64_t bytes = 20 * MIB + 5;
    struct upload_world w;

    upload_begin(&w, NULL);
    upload_source(&w, bytes);
    upload_write_all(&w, 0, bytes, MIB);
    upload_serve(&w);
    ck_assert_uint_eq(upload_answered(&w, true), w.count); /* they did not wait for commit() */
    ck_assert(!w.service.exists);
    upload_commit_it(&w, bytes);
    upload_serve(&w);
    upload_is_stored(&w, bytes);
    ck_assert_uint_eq(w.service.created, 1);
    ck_assert_uint_eq(w.service.parts, 3);
    ck_assert_uint_eq(w.service.part_bytes[2], 4 * MIB + 5);
    ck_assert_str_eq(w.service.said_bytes, "20971525");
    char crc[CRC_TEXT_ROOM];
    crc_text(CRC_32, upload_crc(bytes), crc);
    ck_assert_str_eq(w.service.said_crc, crc);
    ck_assert_ptr_nonnull(strstr(w.service.list, "<Part><PartNumber>2</PartNumber><ETag>&quot;&lt;"
                                                 "p2&gt;&quot;</ETag></Part><Part>"));
    upload_end(&w);
}
END_TEST

/* Ranges that no part begins or ends with, the last ones first. */
START_TEST(ranges_may_span_parts_and_come_in_any_order)
{
    enum { EACH = MIB + 12345, COUNT = 26 };
    const uint64_t bytes = 25 * (uint64_t)EACH + 7;
    struct upload_world w;

    upload_begin(&w, NULL);
    upload_source(&w, bytes);
    for (unsigned i = COUNT; i > 0; i--) {
        uint64_t at = (i - 1) * (uint64_t)EACH;
        (void)upload_write(&w, at, bytes - at < EACH ? (size_t)(bytes - at) : EACH);
    }
    upload_commit_it(&w, bytes);
    upload_serve(&w);
    upload_is_stored(&w, bytes);
    ck_assert_uint_eq(w.service.parts, 4);
    upload_end(&w);
}
END_TEST

START_TEST(a_range_may_be_longer_than_a_part)
{
    struct upload_world w;
    struct upload_range *r = &w.ranges[0];
    const uint64_t bytes = 20 * MIB;

    upload_begin(&w, NULL);
    upload_source(&w, bytes);
    uint8_t *all = calloc(1, bytes);
    ck_assert_ptr_nonnull(all);
    r->range = (struct lsmb_range){0, all, bytes};
    wait_begin(&r->wait, &w.smb->env, upload_ignore, &r->err);
    w.sink->ops->write(w.sink, &r->range, &r->wait);
    w.count = 1;
    upload_commit_it(&w, bytes);
    upload_serve(&w);
    ck_assert(!r->wait.open && !r->wait.failed);
    ck_assert_uint_eq(w.service.bytes, bytes);
    free(all);
    upload_end(&w);
}
END_TEST

START_TEST(an_object_of_unknown_length_is_one_request_if_it_ends_within_a_part)
{
    const uint64_t bytes = 8 * MIB - 1;
    struct upload_world w;

    upload_begin(&w, NULL);
    upload_source(&w, LSMB_SIZE_UNKNOWN);
    upload_write_all(&w, 0, bytes, 64 << 10);
    upload_commit_it(&w, bytes);
    upload_serve(&w);
    upload_is_stored(&w, bytes);
    ck_assert_uint_eq(w.service.puts, 1);
    upload_end(&w);
}
END_TEST

START_TEST(an_object_of_unknown_length_goes_in_parts_once_the_first_is_whole)
{
    for (unsigned more = 0; more < 2; more++) {
        const uint64_t bytes = 16 * MIB + (more ? 3 : 0);
        struct upload_world w;
        upload_begin(&w, NULL);
        upload_source(&w, LSMB_SIZE_UNKNOWN);
        upload_write_all(&w, 0, 8 * MIB - 1, 1023U << 10);
        upload_turn(&w);
        ck_assert_uint_eq(scripted.begun, 0);
        upload_write_all(&w, 8 * MIB - 1, bytes, MIB);
        upload_turn(&w);
        ck_assert_ptr_nonnull(scripted_find("CreateMultipartUpload"));
        upload_commit_it(&w, bytes);
        upload_serve(&w);
        upload_is_stored(&w, bytes);
        ck_assert_uint_eq(w.service.parts, 2 + more);
        upload_end(&w);
    }
}
END_TEST

START_TEST(parts_wait_for_the_uploads_id_and_go_a_few_at_a_time)
{
    const uint64_t bytes = 40 * MIB;
    struct upload_world w;

    upload_begin(&w, NULL);
    w.s3.concurrency = 3;
    upload_source(&w, bytes);
    (void)upload_write(&w, 0, MIB);
    upload_turn(&w);
    struct call *create = scripted_one("CreateMultipartUpload"); /* while it is read */
    upload_write_all(&w, MIB, bytes, MIB);
    upload_turn(&w);
    ck_assert_uint_eq(scripted.count, 1);
    service_answer(&w.service, create);
    upload_turn(&w);
    ck_assert_uint_eq(scripted.count, 3);
    upload_commit_it(&w, bytes);
    upload_serve(&w);
    upload_is_stored(&w, bytes);
    upload_end(&w);
}
END_TEST

START_TEST(what_is_kept_is_a_part_and_wanted_are_several)
{
    struct upload_world w;
    struct lsmb_hold hold;

    upload_begin(&w, NULL);
    upload_source(&w, 100 * MIB);
    w.sink->ops->hold(w.sink, 9 * MIB, &hold);
    ck_assert_uint_eq(hold.least, 8 * MIB);
    ck_assert_uint_eq(hold.wanted, 64 * MIB);
    ck_assert_uint_eq(hold.until, 16 * MIB);
    w.s3.concurrency = 1; /* one is read while the other is sent */
    w.sink->ops->hold(w.sink, 0, &hold);
    ck_assert_uint_eq(hold.wanted, 16 * MIB);
    w.sink->ops->hold(w.sink, 99 * MIB, &hold);
    ck_assert_uint_eq(hold.least, 4 * MIB);
    ck_assert_uint_eq(hold.wanted, 16 * MIB); /* others are still being sent */
    ck_assert_uint_eq(hold.until, 100 * MIB);
    upload_end(&w);
}
END_TEST

START_TEST(a_small_source_is_stored_in_one_go)
{
    struct upload_world w;
    struct lsmb_stat stat = {.bytes = 1000, .written = -1500000000};
    bool taken = false;

    upload_begin(&w, NULL);
    w.sink->ops->keep_times(w.sink);
    (void)upload_bytes(0);
    const struct lsmb_range range = {0, upload_pattern, 1000};
    w.sink->ops->store(w.sink, &stat, &range, &taken, upload_call(&w));
    upload_turn(&w);
    ck_assert_str_eq(scripted_header(scripted_one("PutObject"), "x-amz-meta-mtime"), "-1.5");
    upload_serve(&w);
    upload_is_stored(&w, 1000);
    ck_assert(taken);
    upload_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- what is said of it */

START_TEST(encryption_and_time_are_said_where_the_object_begins)
{
    static const struct lsmb_s3_put puts[] = {{.size = sizeof puts[0], .kms_key_id = ""},
                                              {.size = sizeof puts[0], .kms_key_id = "alias/k"}};

    for (unsigned i = 0; i < 2; i++) {
        struct upload_world w;
        upload_begin(&w, &puts[i]);
        w.sink->ops->keep_times(w.sink);
        upload_source(&w, 9 * MIB);
        upload_write_all(&w, 0, 9 * MIB, MIB);
        upload_turn(&w);
        const struct call *create = scripted_one("CreateMultipartUpload");
        ck_assert_str_eq(scripted_header(create, "x-amz-server-side-encryption"),
                         i ? "aws:kms" : "AES256");
        const char *key = scripted_header(create, "x-amz-server-side-encryption-aws-kms-key-id");
        ck_assert_str_eq(key ? key : "none", i ? "alias/k" : "none");
        ck_assert_str_eq(scripted_header(create, "x-amz-meta-mtime"), "1354040105.1234567");
        ck_assert_str_eq(scripted_header(create, "x-amz-checksum-type"), "FULL_OBJECT");
        service_answer(&w.service, scripted.open[0]);
        upload_turn(&w);
        ck_assert_uint_eq(scripted_one("UploadPart")->want.header_count, 1); /* the checksum */
        upload_commit_it(&w, 9 * MIB);
        upload_serve(&w);
        upload_end(&w);
    }
}
END_TEST

START_TEST(no_checksum_is_said_where_none_is_wanted)
{
    for (unsigned why = 0; why < 2; why++) {
        struct upload_world w;
        upload_begin(&w, NULL);
        w.sink->ops->close(w.sink);
        w.s3.settings.checksums_when_required = why == 0;
        w.s3.no_checksums = why == 1;
        w.sink = lsmb_s3_sink(&w.s3, "bucket", "a key", NULL);
        ck_assert_ptr_nonnull(w.sink);
        upload_source(&w, 9 * MIB);
        upload_write_all(&w, 0, 9 * MIB, MIB);
        upload_turn(&w);
        ck_assert_uint_eq(scripted_one("CreateMultipartUpload")->want.header_count, 1);
        service_answer(&w.service, scripted.open[0]);
        upload_turn(&w);
        ck_assert_uint_eq(scripted_one("UploadPart")->want.header_count, 0);
        upload_commit_it(&w, 9 * MIB);
        upload_serve(&w);
        upload_is_stored(&w, 9 * MIB);
        ck_assert_str_eq(w.service.said_crc, "");
        upload_end(&w);
    }
}
END_TEST

/* ---------------------------------------------------------------- by the engine */

struct copied {
    bool finished;
    struct lsmb_error err;
};

static void copy_ended(void *arg, const struct lsmb_error *err)
{
    struct copied *c = arg;

    c->finished = true;
    c->err = err ? *err : (struct lsmb_error){0};
}

START_TEST(the_engine_copies_to_it)
{
    static const uint64_t sizes[] = {0,       1,           300 << 10,   8 * MIB - 1,
                                     8 * MIB, 8 * MIB + 1, 50 * MIB + 7};

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct upload_world w;
        struct copied c = {0};
        struct lsmb_copy_options opt = {.size = sizeof opt, .verify = true};
        uint8_t *all = malloc(sizes[i] + 1);
        ck_assert_ptr_nonnull(all);
        for (uint64_t at = 0; at < sizes[i]; at++) {
            all[at] = *upload_bytes(at);
        }
        upload_begin(&w, NULL);
        ck_assert_ptr_nonnull(lsmb_copy_start(w.smb,
                                              lsmb_source_memory(w.smb, all, (size_t)sizes[i]),
                                              w.sink, &opt, NULL, copy_ended, &c));
        for (unsigned turns = 0; !c.finished; turns++) {
            ck_assert_uint_lt(turns, 1000);
            upload_serve(&w);
        }
        ck_assert_msg(c.err.code == LSMB_OK, "%s", c.err.reason);
        upload_is_stored(&w, sizes[i]);
        ck_assert_uint_eq(w.service.puts, sizes[i] <= 8 * MIB);
        host_free(&w.s3.host);
        lsmb_free(w.smb);
        free(all);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/upload", a_small_object_is_one_request_that_waits_for_commit,
                     an_empty_object_is_one_request, a_large_object_goes_in_parts,
                     ranges_may_span_parts_and_come_in_any_order, a_range_may_be_longer_than_a_part,
                     an_object_of_unknown_length_is_one_request_if_it_ends_within_a_part,
                     an_object_of_unknown_length_goes_in_parts_once_the_first_is_whole,
                     parts_wait_for_the_uploads_id_and_go_a_few_at_a_time,
                     what_is_kept_is_a_part_and_wanted_are_several,
                     a_small_source_is_stored_in_one_go,
                     encryption_and_time_are_said_where_the_object_begins,
                     no_checksum_is_said_where_none_is_wanted, the_engine_copies_to_it);
}
