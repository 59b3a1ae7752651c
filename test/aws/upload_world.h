/* upload_world.h: a sink of S3, handed ranges as the engine does it, and a service that keeps what it gets.
 *
 *     struct upload_world w;
 *
 *     upload_begin(&w, NULL);
 *     upload_source(&w, 20 << 20);             // open() with that length
 *     upload_write(&w, 0, 1 << 20);            // a range; w.answered counts those that are answered well
 *     upload_serve(&w);                        // answer what is asked for, until nothing is
 *     upload_commit_all(&w, 20 << 20);
 *     upload_end(&w);                          // checks that all calls have been answered
 */
#ifndef LSMB_TEST_AWS_UPLOAD_WORLD_H
#define LSMB_TEST_AWS_UPLOAD_WORLD_H

#include "aws/crc.h"
#include "test/aws/calls_script.h"
#include "test/script.h"
#include "xfer/xfer.h"

#include <stdio.h>
#include <zlib.h>

#define MIB UINT64_C(0x100000)

enum {
    RANGES_MAX = 1024,
    SERVICE_PARTS = 32,
    PATTERN = 65521, /* bytes after which it begins again: a prime */
    UPLOAD_LEN = 1 << 15,
};

struct upload_range {
    struct lsmb_range range;
    struct lsmb_wait wait;
    struct lsmb_error err;
};

static bool tags_are_md5; /* of parts; else they are texts that have to be escaped */

/* What the service has. */
struct upload_service {
    unsigned created, aborted, puts;
    uint64_t part_bytes[SERVICE_PARTS];
    uint32_t part_crc[SERVICE_PARTS]; /* by number - 1 */
    unsigned parts;
    bool exists;
    uint64_t bytes;
    uint32_t crc;
    char said_crc[CRC_TEXT_ROOM], said_bytes[24];
    char list[UPLOAD_LEN]; /* what CompleteMultipartUpload was sent */
};

struct upload_world {
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb *smb;
    struct lsmb_s3 s3;
    struct lsmb_sink *sink;
    struct upload_range ranges[RANGES_MAX];
    unsigned count;
    struct lsmb_wait wait; /* of open(), commit(), abort(), store() */
    struct lsmb_error err;
    struct upload_service service;
    char log[4096];
};

static uint8_t upload_pattern[PATTERN + 2 * MIB];

static inline const uint8_t *upload_bytes(uint64_t offset)
{
    if (upload_pattern[1] == 0) {
        for (size_t i = 0; i < sizeof upload_pattern; i++) {
            upload_pattern[i] =
                (uint8_t)((i % PATTERN) * 7 + (i % PATTERN) / 251 + (i % PATTERN > 0));
        }
    }
    return upload_pattern + offset % PATTERN;
}

/* CRC-32 of the first `len` bytes. */
static inline uint32_t upload_crc(uint64_t len)
{
    uLong crc = crc32(0, NULL, 0);

    for (uint64_t at = 0; at < len; at += MIB) {
        crc = crc32(crc, upload_bytes(at), (uInt)(len - at < MIB ? len - at : MIB));
    }
    return (uint32_t)crc;
}

static inline void upload_log(void *arg, enum lsmb_log_level level, const char *line)
{
    struct upload_world *w = arg;
    size_t len = strlen(w->log);

    if (level <= LSMB_LOG_WARNING) {
        (void)snprintf(w->log + len, sizeof w->log - len, "%s\n", line);
    }
}

static inline void upload_begin(struct upload_world *w, const struct lsmb_s3_put *put)
{
    struct lsmb_options opt = {.size = sizeof opt, .log = upload_log, .log_arg = w};
    struct lsmb_world world = {&w->clock.clock, &w->random.random, &w->jobs.runner};

    memset(w, 0, sizeof *w);
    memset(&scripted, 0, sizeof scripted);
    opt.log_level = LSMB_LOG_WARNING;
    script_clock_init(&w->clock);
    script_random_init(&w->random);
    w->smb = lsmb_new_in(&world, &opt, NULL);
    ck_assert_ptr_nonnull(w->smb);
    script_jobs_init(&w->jobs, &w->smb->env.ready);
    ck_assert(host_init(&w->s3.host, w->smb));
    w->s3.smb = w->smb;
    w->s3.concurrency = 8;
    w->sink = lsmb_s3_sink(&w->s3, "bucket", "a key", put);
    ck_assert_ptr_nonnull(w->sink);
}

static inline void upload_ignore(struct ready *ready)
{
    (void)ready;
}

static inline void upload_turn(struct upload_world *w)
{
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_int_eq(lsmb_turn(w->smb, 0), LSMB_OK);
    }
}

/* Begin a call to the sink that is none of a range. */
static inline struct lsmb_wait *upload_call(struct upload_world *w)
{
    w->err = (struct lsmb_error){0};
    wait_begin(&w->wait, &w->smb->env, upload_ignore, &w->err);
    return &w->wait;
}

static inline void upload_source(struct upload_world *w, uint64_t bytes)
{
    struct lsmb_stat stat = {.bytes = bytes, .written = 1354040105123456700};

    w->sink->ops->open(w->sink, &stat, upload_call(w));
    upload_turn(w);
    ck_assert(!w->wait.open);
}

static inline struct upload_range *upload_write(struct upload_world *w, uint64_t offset, size_t len)
{
    static uint8_t *bytes;
    struct upload_range *r = &w->ranges[w->count++];

    ck_assert_uint_le(w->count, RANGES_MAX);
    ck_assert_uint_le(len, 2 * MIB);
    (void)upload_bytes(0);
    bytes = upload_pattern + offset % PATTERN;
    r->range = (struct lsmb_range){offset, bytes, len};
    wait_begin(&r->wait, &w->smb->env, upload_ignore, &r->err);
    w->sink->ops->write(w->sink, &r->range, &r->wait);
    return r;
}

/* All from `begin` to `end` in ranges of `each` bytes. */
static inline void upload_write_all(struct upload_world *w, uint64_t begin, uint64_t end,
                                    size_t each)
{
    for (uint64_t at = begin; at < end; at += each) {
        (void)upload_write(w, at, end - at < each ? (size_t)(end - at) : each);
    }
}

/* How many ranges have been answered, well or not. */
static inline unsigned upload_answered(const struct upload_world *w, bool well)
{
    unsigned count = 0;

    for (unsigned i = 0; i < w->count; i++) {
        count += !w->ranges[i].wait.open && w->ranges[i].wait.failed == !well;
    }
    return count;
}

static inline void upload_abort_it(struct upload_world *w)
{
    w->sink->ops->abort(w->sink, upload_call(w));
    upload_turn(w);
}

static inline void upload_commit_it(struct upload_world *w, uint64_t bytes)
{
    if (bytes > 0) {
        w->sink->ops->ended(w->sink, bytes);
    }
    w->sink->ops->commit(w->sink, bytes, upload_call(w));
    upload_turn(w);
}

static inline void upload_end(struct upload_world *w)
{
    upload_turn(w);
    ck_assert(!w->wait.open);
    ck_assert_uint_eq(upload_answered(w, true) + upload_answered(w, false), w->count);
    w->sink->ops->close(w->sink);
    ck_assert_uint_eq(scripted.count, 0);
    host_free(&w->s3.host);
    lsmb_free(w->smb);
}

/* ---------------------------------------------------------------- the service */

/* CRC-32 and length of what is sent. */
static inline uint32_t service_sum(const struct call *call, uint64_t *bytes)
{
    uLong crc = crc32(0, NULL, 0);

    *bytes = 0;
    for (size_t i = 0; i < call->want.body_count; i++) {
        crc = crc32(crc, call->want.body[i].ptr, (uInt)call->want.body[i].len);
        *bytes += call->want.body[i].len;
    }
    return (uint32_t)crc;
}

/* The checksum that goes with a request, if one does, is that of its body. */
static inline void service_check(const struct call *call, uint32_t crc)
{
    const char *said = scripted_header(call, "x-amz-checksum-crc32");
    uint64_t theirs = 0;

    if (said) {
        ck_assert(crc_parse(CRC_32, said, &theirs));
        ck_assert_uint_eq(theirs, crc);
    }
}

static inline void service_part(struct upload_service *s, struct call *call)
{
    unsigned number = (unsigned)strtoul(scripted_query(call, "partNumber"), NULL, 10);
    char etag[40];

    ck_assert_str_eq(scripted_query(call, "uploadId"), "id&1");
    ck_assert(number >= 1 && number <= SERVICE_PARTS);
    s->part_crc[number - 1] = service_sum(call, &s->part_bytes[number - 1]);
    service_check(call, s->part_crc[number - 1]);
    s->parts = number > s->parts ? number : s->parts;
    if (tags_are_md5) {
        (void)snprintf(etag, sizeof etag, "\"%032x\"", number);
    } else {
        (void)snprintf(etag, sizeof etag, "\"<p%u>\"", number);
    }
    scripted_say(call, "ETag", etag);
    scripted_answer(call, "");
}

static inline void service_complete(struct upload_service *s, struct call *call)
{
    const char *crc = scripted_header(call, "x-amz-checksum-crc32");
    uLong sum = crc32(0, NULL, 0);

    (void)snprintf(s->list, sizeof s->list, "%.*s", (int)call->want.body->len,
                   (const char *)call->want.body->ptr);
    (void)snprintf(s->said_crc, sizeof s->said_crc, "%s", crc ? crc : "");
    (void)snprintf(s->said_bytes, sizeof s->said_bytes, "%s",
                   scripted_header(call, "x-amz-mp-object-size"));
    for (unsigned i = 0; i < s->parts; i++) {
        s->bytes += s->part_bytes[i];
        sum = crc32_combine(sum, s->part_crc[i], (z_off_t)s->part_bytes[i]);
    }
    s->crc = (uint32_t)sum;
    s->exists = true;
    scripted_answer(call, "\n <Done><ETag>&quot;x-3&quot;</ETag></Done>");
}

static inline void service_show(const struct upload_service *s, struct call *call)
{
    char text[24];

    if (!s->exists) {
        scripted_refuse(call, 404, "404");
        return;
    }
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)s->bytes);
    scripted_say(call, "Content-Length", text);
    crc_text(CRC_32, s->crc, text);
    scripted_say(call, "x-amz-checksum-crc32", text);
    scripted_answer(call, "");
}

static inline void service_answer(struct upload_service *s, struct call *call)
{
    const char *operation = call->want.operation;

    if (strcmp(operation, "CreateMultipartUpload") == 0) {
        s->created++;
        scripted_answer(call, "<R><Bucket>b</Bucket><UploadId>id&amp;1</UploadId></R>");
    } else if (strcmp(operation, "UploadPart") == 0) {
        service_part(s, call);
    } else if (strcmp(operation, "CompleteMultipartUpload") == 0) {
        service_complete(s, call);
    } else if (strcmp(operation, "AbortMultipartUpload") == 0) {
        s->aborted++;
        scripted_answer(call, "");
    } else if (strcmp(operation, "HeadObject") == 0) {
        service_show(s, call);
    } else {
        ck_assert_str_eq(operation, "PutObject");
        s->puts++;
        s->crc = service_sum(call, &s->bytes);
        service_check(call, s->crc);
        s->exists = true;
        scripted_say(call, "ETag", "\"x\"");
        scripted_answer(call, "");
    }
}

/* Answer the newest first, so that nothing comes in order. */
static inline void upload_serve(struct upload_world *w)
{
    upload_turn(w);
    while (scripted.count > 0) {
        service_answer(&w->service, scripted.open[scripted.count - 1]);
        upload_turn(w);
    }
}

/* All that was written is what is stored. */
static inline void upload_is_stored(const struct upload_world *w, uint64_t bytes)
{
    ck_assert_msg(!w->wait.open && !w->wait.failed, "%s", w->err.reason);
    ck_assert_uint_eq(upload_answered(w, true), w->count);
    ck_assert(w->service.exists);
    ck_assert_uint_eq(w->service.bytes, bytes);
    ck_assert_uint_eq(w->service.crc, upload_crc(bytes));
}

#endif
