/* Objects that are got in pieces: what is asked for, and where what comes goes. */
#include "aws/download.h"
#include "test/aws/download_world.h"
#include "test/failmalloc.h"

static struct download_world w;

static const uint64_t five = 5 * MIB + 3, many = 20 * MIB + 3;

/* ---------------------------------------------------------------- whole objects */

START_TEST(objects_of_all_lengths_come)
{
    static const uint64_t lengths[] = {0,           1,           256 * KIB,   256 * KIB + 1,
                                       8 * MIB - 1, 8 * MIB,     8 * MIB + 1, 9 * MIB,
                                       20 * MIB,    50 * MIB + 1};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        download_begin(&w, lengths[i], NULL);
        (void)download_get(&w);
        download_is_right(&w);
        download_end(&w);
    }
}
END_TEST

START_TEST(a_small_object_is_one_request_where_that_says_its_checksum)
{
    download_begin(&w, 1000, NULL);
    w.service.get_says = true;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    ck_assert_uint_eq(w.service.gets, 1);
    ck_assert_uint_eq(w.service.heads, 0);
    ck_assert_str_eq(w.service.asked[0], "bytes=0-8388607");
    download_end(&w);
}
END_TEST

/* RFC 9110 15.5.17: an empty object has no first byte. */
START_TEST(an_empty_object_is_asked_for_as_a_whole)
{
    download_begin(&w, 0, NULL);
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    ck_assert_uint_eq(w.service.gets, 2);
    ck_assert_str_eq(w.service.asked[1], "");
    download_end(&w);
}
END_TEST

START_TEST(what_was_listed_as_short_is_asked_for_as_a_whole)
{
    static const uint64_t lengths[] = {0, 1000, 8 * MIB};

    for (size_t i = 0; i < 3; i++) {
        download_world(&w, lengths[i]);
        w.source = s3_source_listed(&w.s3, "bucket", "a key", lengths[i]);
        ck_assert_int_eq(download_get(&w), LSMB_OK);
        download_is_right(&w);
        ck_assert_uint_eq(w.service.gets, 1);
        ck_assert_uint_eq(w.service.heads, 0);
        ck_assert_str_eq(w.service.asked[0], "");
        download_end(&w);
    }
}
END_TEST

START_TEST(what_is_longer_than_it_was_listed_comes_whole)
{
    download_world(&w, many);
    w.source = s3_source_listed(&w.s3, "bucket", "a key", 10);
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    ck_assert_uint_eq(w.service.gets, 1);
    download_end(&w);
}
END_TEST

START_TEST(a_service_without_ranges_sends_it_as_one)
{
    download_begin(&w, many, NULL);
    w.service.no_ranges = true;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    ck_assert_uint_eq(w.service.gets, 1);
    download_end(&w);
}
END_TEST

START_TEST(it_says_when_it_was_written)
{
    download_begin(&w, five, NULL);
    ck_assert(download_opened(&w));
    ck_assert_uint_eq(w.stat.bytes, five);
    ck_assert_int_eq(w.stat.written, 1255369800 * (int64_t)NS_PER_S);
    download_end(&w);
    download_begin(&w, five, NULL);
    w.service.mtime = "1354040105.123456700";
    ck_assert(download_opened(&w));
    ck_assert_int_eq(w.stat.written, 1354040105123456700);
    download_end(&w);
}
END_TEST

START_TEST(without_a_bucket_or_a_key_nothing_is_asked)
{
    for (int i = 0; i < 2; i++) {
        download_world(&w, five);
        w.source = lsmb_s3_source(&w.s3, i ? "bucket" : "", i ? "" : "key", NULL);
        ck_assert(!download_opened(&w));
        ck_assert_int_eq(w.err.code, LSMB_E_USAGE);
        ck_assert_uint_eq(scripted.begun, 0);
        download_end(&w);
    }
}
END_TEST

/* ---------------------------------------------------------------- pieces */

START_TEST(pieces_share_what_may_be_on_its_way)
{
    download_begin(&w, 100 * MIB, NULL);
    ck_assert(download_opened(&w));
    download_lend_all(&w, 0, 48 * MIB);
    download_serve(&w);
    download_lend_all(&w, 48 * MIB, 90 * MIB);
    download_turn(&w);
    ck_assert_uint_eq(scripted.count, 5 + 1); /* 48 to 56, ... 80 to 88, and 88 to 96 */
    download_serve(&w);
    download_all_came(&w);
    ck_assert(
        download_asked(&w, "bytes=54525952-62914559")); /* 8 MiB, where the first were short */
    download_end(&w);
}
END_TEST

START_TEST(with_little_on_its_way_pieces_are_short)
{
    download_begin(&w, 100 * MIB, NULL);
    ck_assert(download_opened(&w));
    for (uint64_t at = 0; at < 12 * MIB; at += 3 * MIB) {
        download_lend_all(&w, at, at + 3 * MIB);
        download_serve(&w);
    }
    download_all_came(&w);
    ck_assert_uint_eq(w.service.gets, 1 + 4);
    ck_assert_str_eq(w.service.asked[1], "bytes=8388608-9437183");
    download_end(&w);
}
END_TEST

START_TEST(no_more_are_asked_for_at_a_time_than_s3_bears)
{
    download_begin(&w, 100 * MIB, NULL);
    ck_assert(download_opened(&w));
    w.s3.concurrency = 2;
    (void)download_lend(&w, 0, MIB); /* its piece is paused then, and not in the way */
    download_serve(&w);
    download_lend_all(&w, 8 * MIB, 48 * MIB);
    download_turn(&w);
    ck_assert_uint_eq(scripted.count, 1 + 2);
    download_serve(&w);
    download_all_came(&w);
    download_end(&w);
}
END_TEST

START_TEST(ranges_that_span_two_pieces_come_from_both)
{
    download_begin(&w, five * 4, NULL);
    ck_assert(download_opened(&w));
    (void)download_lend(&w, 8 * MIB - 5, 10);
    (void)download_lend(&w, 8 * MIB + 5, MIB);
    download_serve(&w);
    download_all_came(&w);
    ck_assert_uint_eq(w.service.gets, 3);
    download_end(&w);
}
END_TEST

START_TEST(bytes_beyond_the_end_are_not_asked_for)
{
    download_begin(&w, five, NULL);
    ck_assert(download_opened(&w));
    struct download_lent *last = download_lend(&w, 5 * MIB, MIB);
    struct download_lent *beyond = download_lend(&w, five, MIB);
    download_turn(&w);
    download_serve(&w);
    ck_assert(!beyond->wait.open && !beyond->wait.failed);
    ck_assert_uint_eq(beyond->range.len, 0);
    ck_assert(!last->wait.open && !last->wait.failed);
    ck_assert_uint_eq(last->range.len, 3);
    download_end(&w);
}
END_TEST

/* As when a sink took only a part of it. */
START_TEST(what_has_come_can_be_read_once_more)
{
    download_begin(&w, many, NULL);
    ck_assert(download_opened(&w));
    download_lend_all(&w, 0, 10 * MIB);
    download_serve(&w);
    (void)download_lend(&w, MIB + 100, 1000);
    download_serve(&w);
    ck_assert_str_eq(w.service.asked[w.service.gets - 1], "bytes=1048676-1049675");
    download_lend_all(&w, 10 * MIB, many);
    download_serve(&w);
    download_all_came(&w);
    ck_assert(download_finished(&w)); /* and counts once */
    download_end(&w);
}
END_TEST

START_TEST(a_service_without_ranges_is_stopped_where_nobody_wants_the_rest)
{
    download_begin(&w, many, NULL);
    w.service.no_ranges = true;
    ck_assert(download_opened(&w));
    download_lend_all(&w, 0, 3 * MIB);
    download_serve(&w);
    (void)download_lend(&w, MIB, 1000);
    download_serve(&w);
    download_all_came(&w);
    ck_assert_uint_eq(scripted.dropped, 1);
    download_lend_all(&w, 3 * MIB, many);
    download_serve(&w);
    download_all_came(&w);
    ck_assert(download_finished(&w));
    download_end(&w);
}
END_TEST

START_TEST(nothing_comes_that_nobody_takes)
{
    download_begin(&w, many, NULL);
    ck_assert(download_opened(&w));
    (void)download_lend(&w, 0, MIB);
    download_serve(&w);
    download_all_came(&w);
    ck_assert_uint_eq(scripted.open[0]->attempt->at, MIB);
    download_lend_all(&w, MIB, many);
    download_serve(&w);
    download_all_came(&w);
    download_end(&w);
}
END_TEST

START_TEST(a_piece_that_nobody_takes_gives_its_connection_back)
{
    download_begin(&w, many, NULL);
    ck_assert(download_opened(&w));
    (void)download_lend(&w, 0, MIB);
    download_serve(&w);
    download_pass_ms(&w, DOWNLOAD_PAUSE_MS);
    ck_assert_uint_eq(scripted.count, 0);
    download_lend_all(&w, MIB, many);
    download_serve(&w);
    download_all_came(&w);
    ck_assert(download_asked(&w, "bytes=1048576-8388607"));
    ck_assert(download_finished(&w));
    download_end(&w);
}
END_TEST

START_TEST(it_says_how_much_it_likes_on_its_way)
{
    download_begin(&w, 100 * MIB, NULL);
    ck_assert(download_opened(&w));
    ck_assert_uint_eq(w.source->ops->ahead(w.source), 48 * MIB);
    w.s3.concurrency = 2;
    ck_assert_uint_eq(w.source->ops->ahead(w.source), 16 * MIB);
    download_end(&w);
    download_begin(&w, five, NULL);
    ck_assert(download_opened(&w));
    ck_assert_uint_eq(w.source->ops->ahead(w.source), five);
    download_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- lost connections */

START_TEST(what_was_lost_goes_on_from_the_last_byte)
{
    download_begin(&w, five, NULL);
    w.service.cut = 3 * MIB;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    ck_assert_uint_eq(w.service.gets, 2);
    ck_assert_str_eq(w.service.asked[1], "bytes=3145728-5242882");
    download_end(&w);
}
END_TEST

START_TEST(an_answer_that_gets_on_may_be_lost_again_and_again)
{
    download_begin(&w, five, NULL);
    w.service.cut_for_good = true;
    w.service.cut = MIB;
    ck_assert(download_opened(&w));
    download_lend_all(&w, 0, five);
    for (unsigned i = 2; i < 5; i++) {
        download_serve(&w);
        w.service.cut = i * (uint64_t)MIB;
    }
    download_serve(&w);
    download_all_came(&w);
    ck_assert(download_finished(&w));
    download_end(&w);
}
END_TEST

START_TEST(who_brings_next_to_nothing_is_not_asked_at_once)
{
    download_begin(&w, five, NULL);
    w.service.cut_for_good = true;
    w.service.cut = TAKEN;
    ck_assert(download_opened(&w));
    download_lend_all(&w, 0, five);
    download_serve(&w);
    ck_assert_uint_eq(w.service.gets, 1);
    download_pass_ms(&w, 100);
    w.service.cut = MIB;
    download_serve(&w); /* which is more, and so it goes on */
    download_all_came(&w);
    ck_assert_uint_eq(w.service.gets, 3);
    ck_assert(download_finished(&w));
    download_end(&w);
}
END_TEST

START_TEST(one_that_brings_nothing_at_all_fails)
{
    download_begin(&w, five, NULL);
    w.service.refusal = 503;
    w.service.code = "SlowDown";
    ck_assert_int_eq(download_get(&w), LSMB_E_DENIED); /* as the script says it */
    ck_assert_str_eq(w.err.path, "s3://bucket/a key");
    download_end(&w);
}
END_TEST

START_TEST(a_service_without_ranges_begins_anew_and_is_not_heard_twice)
{
    download_begin(&w, five, NULL);
    w.service.no_ranges = true;
    w.service.cut = 3 * MIB;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    ck_assert_uint_eq(w.service.gets, 2);
    download_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- one version */

START_TEST(all_further_pieces_are_of_what_was_found)
{
    download_begin(&w, many, NULL);
    w.service.replaced = true;
    ck_assert_int_eq(download_get(&w), LSMB_E_CHANGED);
    ck_assert_str_eq(w.err.reason, "it was replaced while it was read");
    ck_assert_str_eq(w.err.path, "s3://bucket/a key");
    download_end(&w);
}
END_TEST

START_TEST(another_etag_is_another_object_whatever_the_service_heeds)
{
    download_begin(&w, many, NULL);
    w.service.replaced = w.service.no_conditions = true;
    ck_assert_int_eq(download_get(&w), LSMB_E_CHANGED);
    ck_assert_str_eq(w.err.reason, "it was replaced while it was read");
    download_end(&w);
}
END_TEST

START_TEST(what_anybody_can_say_is_no_object)
{
    download_begin(&w, many, NULL);
    w.service.etag = "";
    ck_assert_int_eq(download_get(&w), LSMB_E_PROTOCOL);
    ck_assert_str_eq(w.err.reason, "the answer has no ETag: it is not that of an object");
    download_end(&w);
}
END_TEST

START_TEST(one_that_goes_while_it_is_read_is_an_error)
{
    download_begin(&w, many, NULL);
    ck_assert(download_opened(&w));
    w.service.refusal = 404;
    w.service.code = "NoSuchKey";
    (void)download_lend(&w, 8 * MIB, MIB);
    download_serve(&w);
    ck_assert_int_eq(w.lent[0].err.code, LSMB_E_CHANGED);
    ck_assert_str_eq(w.lent[0].err.reason, "it was deleted while it was read");
    download_end(&w);
}
END_TEST

START_TEST(the_version_that_was_found_is_asked_for)
{
    download_begin(&w, many, NULL);
    w.service.version = "v1";
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    ck_assert_str_eq(w.service.versions[0], "");
    ck_assert_str_eq(w.service.versions[1], "v1");
    download_end(&w);
}
END_TEST

/* s3:GetObjectVersion is a permission of its own. */
START_TEST(where_versions_may_not_be_asked_for_the_object_is)
{
    download_begin(&w, many, NULL);
    w.service.version = "v1";
    ck_assert(download_opened(&w));
    w.service.refusal = 403;
    w.service.code = "AccessDenied";
    download_lend_all(&w, 0, many);
    download_serve(&w);
    download_all_came(&w);
    ck_assert_str_eq(w.service.versions[w.service.gets - 1], "");
    download_end(&w);
}
END_TEST

START_TEST(a_version_that_is_wanted_is_asked_for_from_the_beginning)
{
    download_begin(&w, many, "v 7");
    w.service.version = "v 7";
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    for (unsigned i = 0; i < w.service.gets; i++) {
        ck_assert_str_eq(w.service.versions[i], "v 7");
    }
    download_end(&w);
}
END_TEST

START_TEST(an_object_in_an_archive_says_what_to_do)
{
    download_begin(&w, five, NULL);
    w.service.refusal = 403;
    w.service.code = "InvalidObjectState";
    (void)download_get(&w);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "restore it first"));
    download_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- checksums */

START_TEST(the_checksum_of_an_object_in_pieces_is_asked_for_once)
{
    static const enum crc_kind kinds[] = {CRC_32, CRC_32C, CRC_64NVME};

    for (size_t i = 0; i < 3; i++) {
        download_begin(&w, many, NULL);
        w.service.kind = kinds[i];
        ck_assert_int_eq(download_get(&w), LSMB_OK);
        download_is_right(&w);
        ck_assert_uint_eq(w.service.heads, 1);
        download_end(&w);
    }
}
END_TEST

START_TEST(where_the_first_answer_says_it_nobody_asks)
{
    download_begin(&w, many, NULL);
    w.service.get_says = true;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    ck_assert_uint_eq(w.service.heads, 0);
    download_end(&w);
}
END_TEST

START_TEST(what_has_another_checksum_is_no_copy)
{
    static const uint64_t lengths[] = {1000, 5 * MIB, 20 * MIB};

    for (size_t i = 0; i < 3; i++) {
        download_begin(&w, lengths[i], NULL);
        w.service.wrong = w.service.get_says = true;
        w.service.kind = CRC_32;
        ck_assert_int_eq(download_get(&w), LSMB_E_CHANGED);
        ck_assert_ptr_nonnull(strstr(w.err.reason, "what came has the CRC-32 "));
        ck_assert_ptr_nonnull(w.err.advice[0] ? w.err.advice : NULL);
        download_end(&w);
    }
}
END_TEST

START_TEST(nor_is_what_a_head_says_to_be_another)
{
    download_begin(&w, many, NULL);
    w.service.wrong = true;
    ck_assert_int_eq(download_get(&w), LSMB_E_CHANGED);
    ck_assert_ptr_nonnull(strstr(w.err.reason, "CRC-64/NVME"));
    download_end(&w);
}
END_TEST

START_TEST(nor_is_a_small_one)
{
    for (unsigned wrong = 0; wrong < 2; wrong++) {
        download_begin(&w, 1000, NULL);
        w.service.wrong = wrong;
        ck_assert_int_eq(download_get(&w), wrong ? LSMB_E_CHANGED : LSMB_OK);
        ck_assert_uint_eq(w.service.heads, 1);
        download_end(&w);
    }
}
END_TEST

static void get_another(uint64_t bytes)
{
    free(w.got);
    w.got = NULL;
    w.service.gets = 0;
    w.service.bytes = bytes;
    w.source = lsmb_s3_source(&w.s3, "bucket", "a key", NULL);
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
}

START_TEST(a_store_without_checksums_is_not_asked_for_those_of_small_objects)
{
    static char url[] = "http://store.example";

    for (unsigned foreign = 0; foreign < 2; foreign++) {
        download_world(&w, 1000);
        w.s3.settings.endpoint = foreign ? url : NULL;
        w.service.kind = CRC_NONE;
        get_another(1000);
        get_another(1001);
        ck_assert_uint_eq(w.service.heads, foreign ? 1 : 2);
        w.service.heads = 0;
        w.service.kind = CRC_32;
        get_another(many); /* which may say that it knows them after all */
        ck_assert_uint_eq(w.service.heads, 1);
        get_another(1000);
        ck_assert_uint_eq(w.service.heads, 2);
        download_end(&w);
    }
}
END_TEST

START_TEST(what_was_asked_for_as_a_whole_has_said_its_checksum)
{
    download_world(&w, 1000);
    w.service.kind = CRC_NONE;
    w.source = s3_source_listed(&w.s3, "bucket", "a key", 1000);
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    ck_assert_uint_eq(w.service.heads, 0);
    download_end(&w);
}
END_TEST

START_TEST(one_that_was_made_of_those_of_parts_is_not_compared)
{
    download_begin(&w, many, NULL);
    w.service.composite = w.service.wrong = true;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_end(&w);
}
END_TEST

START_TEST(an_object_without_a_checksum_is_copied)
{
    download_begin(&w, many, NULL);
    w.service.kind = CRC_NONE;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    download_is_right(&w);
    download_end(&w);
    download_begin(&w, many, NULL);
    w.service.head_denied = true;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    ck_assert_ptr_nonnull(strstr(w.log, "its checksum is not known"));
    download_end(&w);
}
END_TEST

START_TEST(who_wants_no_comparison_asks_for_no_checksum)
{
    download_begin(&w, many, NULL);
    w.s3.settings.verify_when_required = true;
    w.service.wrong = true;
    ck_assert_int_eq(download_get(&w), LSMB_OK);
    ck_assert_uint_eq(w.service.heads, 0);
    download_end(&w);
}
END_TEST

/* ---------------------------------------------------------------- ends */

START_TEST(cancelling_answers_what_is_open)
{
    download_begin(&w, many, NULL);
    w.source->ops->open(w.source, &w.stat, download_call(&w));
    download_turn(&w);
    w.source->ops->cancel(w.source);
    w.source->ops->cancel(w.source);
    download_turn(&w);
    ck_assert(!w.wait.open && w.wait.failed);
    ck_assert_int_eq(w.err.code, LSMB_E_CANCELLED);
    download_end(&w);
}
END_TEST

START_TEST(ranges_are_given_back_when_it_is_cancelled)
{
    download_begin(&w, many, NULL);
    ck_assert(download_opened(&w));
    download_lend_all(&w, 0, many);
    download_turn(&w);
    w.source->ops->cancel(w.source);
    download_turn(&w);
    for (unsigned i = 0; i < w.count; i++) {
        ck_assert(!w.lent[i].wait.open && w.lent[i].wait.failed);
    }
    struct download_lent *late = download_lend(&w, 0, 10);
    ck_assert(!late->wait.open && late->wait.failed);
    ck_assert(!download_finished(&w));
    download_end(&w);
}
END_TEST

static void gone(void *arg)
{
    struct download_world *world = arg;

    host_free(&world->s3.host);
}

START_TEST(it_can_be_closed_at_any_moment)
{
    for (unsigned turns = 0; turns < 12; turns++) {
        download_begin(&w, many, NULL);
        struct lsmb_job *job = download_start(&w);
        ck_assert_ptr_nonnull(lsmb_bind(w.smb, gone, &w));
        for (unsigned i = 0; i < turns; i++) {
            ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
            for (unsigned n = scripted.count; n-- > 0;) {
                struct call *call = scripted.open[n];
                (void)(call->want.reader ? service_get(&w, call) : service_head(&w.service, call));
            }
        }
        if (turns % 2 && !w.finished) {
            lsmb_job_cancel(job, NULL);
            download_turn(&w);
            download_turn(&w);
            ck_assert(w.finished);
        }
        lsmb_free(w.smb); /* drops the copy, and with it the source */
        ck_assert_uint_eq(scripted.count, 0);
        free(w.got);
    }
}
END_TEST

static void starve(bool on)
{
    fail_malloc_pause(!on);
}

/* Each allocation of a copy fails in turn: it fails, or goes without. */
static void sweep(uint64_t bytes, bool for_good)
{
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        download_begin(&w, bytes, NULL);
        w.starve = starve;
        fail_malloc(skip, for_good);
        fail_malloc_pause(true);
        bool begun = download_start(&w) != NULL;
        for (unsigned i = 0; begun && i < 100 && !w.finished; i++) {
            download_serve(&w);
        }
        failed = fail_malloc_off();
        ck_assert(!begun || w.finished);
        if (begun && w.err.code == LSMB_OK) {
            download_is_right(&w);
        }
        ck_assert(failed || w.err.code == LSMB_OK);
        download_end(&w);
    }
}

START_TEST(memory_may_run_out_anywhere)
{
    sweep(1000, false);
    sweep(9 * MIB, false);
    sweep(9 * MIB, true);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/download", objects_of_all_lengths_come,
        a_small_object_is_one_request_where_that_says_its_checksum,
        an_empty_object_is_asked_for_as_a_whole, what_was_listed_as_short_is_asked_for_as_a_whole,
        what_is_longer_than_it_was_listed_comes_whole, a_service_without_ranges_sends_it_as_one,
        it_says_when_it_was_written, without_a_bucket_or_a_key_nothing_is_asked,
        pieces_share_what_may_be_on_its_way, with_little_on_its_way_pieces_are_short,
        no_more_are_asked_for_at_a_time_than_s3_bears, ranges_that_span_two_pieces_come_from_both,
        bytes_beyond_the_end_are_not_asked_for, what_has_come_can_be_read_once_more,
        a_service_without_ranges_is_stopped_where_nobody_wants_the_rest,
        nothing_comes_that_nobody_takes, a_piece_that_nobody_takes_gives_its_connection_back,
        it_says_how_much_it_likes_on_its_way, what_was_lost_goes_on_from_the_last_byte,
        an_answer_that_gets_on_may_be_lost_again_and_again,
        who_brings_next_to_nothing_is_not_asked_at_once, one_that_brings_nothing_at_all_fails,
        a_service_without_ranges_begins_anew_and_is_not_heard_twice,
        all_further_pieces_are_of_what_was_found,
        another_etag_is_another_object_whatever_the_service_heeds,
        what_anybody_can_say_is_no_object, one_that_goes_while_it_is_read_is_an_error,
        the_version_that_was_found_is_asked_for, where_versions_may_not_be_asked_for_the_object_is,
        a_version_that_is_wanted_is_asked_for_from_the_beginning,
        an_object_in_an_archive_says_what_to_do,
        the_checksum_of_an_object_in_pieces_is_asked_for_once,
        where_the_first_answer_says_it_nobody_asks, what_has_another_checksum_is_no_copy,
        nor_is_what_a_head_says_to_be_another, nor_is_a_small_one,
        a_store_without_checksums_is_not_asked_for_those_of_small_objects,
        what_was_asked_for_as_a_whole_has_said_its_checksum,
        one_that_was_made_of_those_of_parts_is_not_compared, an_object_without_a_checksum_is_copied,
        who_wants_no_comparison_asks_for_no_checksum, cancelling_answers_what_is_open,
        ranges_are_given_back_when_it_is_cancelled, it_can_be_closed_at_any_moment,
        memory_may_run_out_anywhere);
}
