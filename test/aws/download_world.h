/* download_world.h: a source of S3, asked as the engine does it, and a service that has one object.
 *
 *     struct download_world w;
 *
 *     download_begin(&w, 20 << 20, NULL);      // an object of that length
 *     download_get(&w);                        // copy it to memory, by the engine
 *     download_is_right(&w);                   // all of it is what the service has
 *     download_end(&w);
 *
 * Or by hand: download_opened(), download_lend(), download_serve(), download_finished(). */
#ifndef LSMB_TEST_AWS_DOWNLOAD_WORLD_H
#define LSMB_TEST_AWS_DOWNLOAD_WORLD_H

#include "aws/crc.h"
#include "aws/source.h"
#include "test/aws/calls_script.h"
#include "test/script.h"
#include "xfer/xfer.h"

#include <inttypes.h>
#include <stdio.h>

#define KIB UINT64_C(1024)
#define MIB UINT64_C(1048576)

enum { PATTERN = 65521, LENT_MAX = 128, ASKED_MAX = 64, TAKEN = 16384 };

struct stored {
    uint64_t bytes;
    const char *etag, *version, *mtime;
    enum crc_kind kind; /* checksum: CRC_NONE: none */
    bool wrong;         /* it is that of something else */
    bool composite, get_says, head_denied;
    bool no_ranges, no_conditions;
    bool replaced;     /* from the second answer on it is another one */
    uint64_t cut;      /* the next answer that is so long is lost there; 0: none */
    bool cut_for_good; /* and is not tried again by the same call */
    unsigned refusal;  /* status of the next answer; 0: none */
    const char *code;  /* what it says */
    unsigned gets, heads;
    char asked[ASKED_MAX][48]; /* Range of each GetObject, "" without */
    char versions[ASKED_MAX][16];
};

struct download_lent {
    struct lsmb_range range;
    struct lsmb_wait wait;
    struct lsmb_error err;
    uint64_t offset;
    size_t wanted;
};

struct download_world {
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb *smb;
    struct lsmb_s3 s3;
    struct lsmb_source *source; /* NULL: the engine's */
    struct stored service;
    struct lsmb_stat stat;
    struct lsmb_wait wait; /* of open(), fetch() and finish() */
    struct lsmb_error err;
    struct download_lent lent[LENT_MAX];
    unsigned count;
    void *got; /* of a copy */
    size_t len;
    bool finished;
    void (*starve)(bool on); /* NULL, or memory may run out: only while it is us who are called */
    char log[4096];
};

static uint8_t pattern_bytes[PATTERN + 2 * TAKEN];

static inline const uint8_t *pattern_at(uint64_t offset)
{
    if (pattern_bytes[1] == 0) {
        for (size_t i = 0; i < sizeof pattern_bytes; i++) {
            size_t n = i % PATTERN;
            pattern_bytes[i] = (uint8_t)(n * 7 + n / 251 + (n > 0));
        }
    }
    return pattern_bytes + offset % PATTERN;
}

static inline uint64_t pattern_crc(enum crc_kind kind, uint64_t bytes)
{
    uint64_t crc = 0;

    for (uint64_t at = 0; at < bytes; at += TAKEN) {
        crc = crc_add(kind, crc, pattern_at(at), bytes - at < TAKEN ? (size_t)(bytes - at) : TAKEN);
    }
    return crc;
}

/* ---------------------------------------------------------------- the world */

static inline void download_log(void *arg, enum lsmb_log_level level, const char *line)
{
    struct download_world *w = arg;
    size_t len = strlen(w->log);

    (void)level;
    (void)snprintf(w->log + len, sizeof w->log - len, "%s\n", line);
}

static inline void download_world(struct download_world *w, uint64_t bytes)
{
    struct lsmb_options opt = {.size = sizeof opt, .log = download_log, .log_arg = w};
    struct lsmb_world world = {&w->clock.clock, &w->random.random, &w->jobs.runner};

    memset(w, 0, sizeof *w);
    memset(&scripted, 0, sizeof scripted);
    opt.log_level = LSMB_LOG_INFO;
    opt.memory_bytes = 96 << 20;
    script_clock_init(&w->clock);
    script_random_init(&w->random);
    w->smb = lsmb_new_in(&world, &opt, NULL);
    ck_assert_ptr_nonnull(w->smb);
    script_jobs_init(&w->jobs, &w->smb->env.ready);
    ck_assert(host_init(&w->s3.host, w->smb));
    w->s3.smb = w->smb;
    w->s3.concurrency = 16;
    w->s3.settings.ignore_endpoints = true; /* AWS's own */
    w->service = (struct stored){.bytes = bytes, .etag = "\"e1\"", .kind = CRC_64NVME};
    (void)pattern_at(0);
}

static inline void download_begin(struct download_world *w, uint64_t bytes, const char *version)
{
    download_world(w, bytes);
    w->source = lsmb_s3_source(&w->s3, "bucket", "a key", version);
    ck_assert_ptr_nonnull(w->source);
}

static inline void download_starve(const struct download_world *w, bool on)
{
    if (w->starve) {
        w->starve(on);
    }
}

static inline void download_turn(struct download_world *w)
{
    for (unsigned i = 0; i < 4; i++) {
        download_starve(w, true);
        enum lsmb_code code = lsmb_turn(w->smb, 0);
        download_starve(w, false);
        ck_assert_int_eq(code, LSMB_OK);
    }
}

static inline void download_pass_ms(struct download_world *w, uint32_t ms)
{
    w->clock.now_ns += ms * NS_PER_MS;
    download_turn(w);
}

static inline void download_end(struct download_world *w)
{
    if (w->source) {
        w->source->ops->close(w->source);
    }
    ck_assert_uint_eq(scripted.count, 0);
    for (unsigned i = 0; i < w->count; i++) {
        free(w->lent[i].range.data);
    }
    free(w->got);
    host_free(&w->s3.host);
    lsmb_free(w->smb);
}

/* ---------------------------------------------------------------- the service */

static inline void service_say_crc(const struct stored *s, struct call *call)
{
    char text[CRC_TEXT_ROOM + 2];

    if (s->kind == CRC_NONE || !scripted_header(call, "x-amz-checksum-mode")) {
        return;
    }
    crc_text(s->kind, pattern_crc(s->kind, s->bytes) ^ s->wrong, text);
    if (s->composite) {
        (void)strncat(text, "-2", 3);
    }
    scripted_say(call, crc_header(s->kind), text);
    scripted_say(call, "x-amz-checksum-type", s->composite ? "COMPOSITE" : "FULL_OBJECT");
}

static inline void service_say(const struct stored *s, struct call *call)
{
    scripted_say(call, "ETag", s->replaced && s->gets > 1 ? "\"e2\"" : s->etag);
    scripted_say(call, "Last-Modified", "Wed, 12 Oct 2009 17:50:00 GMT");
    if (s->version) {
        scripted_say(call, "x-amz-version-id", s->version);
    }
    if (s->mtime) {
        scripted_say(call, "x-amz-meta-mtime", s->mtime);
    }
}

/* True: it was refused. */
static inline bool service_refuses(struct stored *s, struct call *call, const char *range)
{
    const char *match = scripted_header(call, "If-Match");
    unsigned status = s->refusal;

    s->refusal = 0;
    if (status) {
        scripted_refuse(call, status, s->code);
    } else if (match && s->replaced && !s->no_conditions) {
        scripted_refuse(call, 412, "PreconditionFailed");
    } else if (range && s->bytes == 0) {
        scripted_refuse(call, 416, "InvalidRange");
    } else {
        return false;
    }
    return true;
}

static inline void service_begin_get(struct download_world *w, struct call *call)
{
    struct stored *s = &w->service;
    const char *range = scripted_header(call, "Range");
    const char *version = scripted_query(call, "versionId");
    struct call_try *t = call->attempt;
    char text[80];

    ck_assert_uint_lt(s->gets, ASKED_MAX);
    (void)snprintf(s->asked[s->gets], sizeof s->asked[0], "%s", range ? range : "");
    (void)snprintf(s->versions[s->gets], sizeof s->versions[0], "%s", version ? version : "");
    s->gets++;
    if (service_refuses(s, call, range)) {
        return;
    }
    t->begun = true;
    t->at = 0;
    t->end = s->bytes;
    service_say(s, call);
    t->status = 200;
    if (range && !s->no_ranges) {
        char *dash;
        ck_assert_int_eq(strncmp(range, "bytes=", 6), 0);
        t->at = strtoull(range + 6, &dash, 10);
        ck_assert_int_eq(*dash, '-');
        uint64_t last = strtoull(dash + 1, NULL, 10);
        t->end = last + 1 < s->bytes ? last + 1 : s->bytes;
        t->status = 206;
        (void)snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, t->at,
                       t->end - 1, s->bytes);
        scripted_say(call, "Content-Range", text);
    }
    (void)snprintf(text, sizeof text, "%" PRIu64, t->end - t->at);
    scripted_say(call, "Content-Length", text);
    if (t->status == 200 || s->get_says) {
        service_say_crc(s, call);
    }
    download_starve(w, true);
    call->want.reader->head(call);
    download_starve(w, false);
}

/* The connection is lost in the middle of an answer. */
static inline void service_lose(struct stored *s, struct call *call)
{
    s->cut = 0;
    if (!s->cut_for_good && call->want.reader->again(call)) {
        call->attempt->begun = false;
        call->attempt->headers = 0;
    } else {
        scripted_lose(call);
    }
}

/* False: nothing can be done now. */
static inline bool service_get(struct download_world *w, struct call *call)
{
    struct stored *s = &w->service;
    struct call_try *t = call->attempt;
    uint64_t from = t ? t->at : 0;

    if (!t || t->answered) {
        return false;
    }
    if (!t->begun) {
        service_begin_get(w, call);
        return true;
    }
    while (t->at < t->end) {
        uint64_t left = t->end - t->at;
        size_t n = left < TAKEN ? (size_t)left : TAKEN;
        if (s->cut && t->at >= s->cut) {
            service_lose(s, call);
            return true;
        }
        download_starve(w, true);
        size_t taken = call->want.reader->body(call, (struct span){pattern_at(t->at), n});
        download_starve(w, false);
        t->at += taken;
        if (taken < n) {
            return t->at > from;
        }
    }
    t->answered = true;
    op_wake(&call->op);
    return true;
}

static inline bool service_head(struct stored *s, struct call *call)
{
    char text[32];

    if (!call->attempt || call->attempt->answered) {
        return false;
    }
    s->heads++;
    if (s->head_denied) {
        scripted_refuse(call, 403, "AccessDenied");
        return true;
    }
    service_say(s, call);
    (void)snprintf(text, sizeof text, "%" PRIu64, s->bytes);
    scripted_say(call, "Content-Length", text);
    service_say_crc(s, call);
    scripted_answer(call, "");
    return true;
}

/* Whether there was such a GetObject. */
static inline bool download_asked(const struct download_world *w, const char *range)
{
    for (unsigned i = 0; i < w->service.gets; i++) {
        if (strcmp(w->service.asked[i], range) == 0) {
            return true;
        }
    }
    return false;
}

/* The newest first, so that nothing comes in order; until nothing can be done. */
static inline void download_serve(struct download_world *w)
{
    bool more = true;

    while (more) {
        download_turn(w);
        more = false;
        for (unsigned i = scripted.count; i-- > 0;) {
            struct call *call = scripted.open[i];
            more = (call->want.reader ? service_get(w, call) : service_head(&w->service, call)) ||
                   more;
        }
    }
    download_turn(w);
}

/* ---------------------------------------------------------------- by the engine */

static inline void download_done(void *arg, const struct lsmb_error *err)
{
    struct download_world *w = arg;

    w->finished = true;
    w->err = err ? *err : (struct lsmb_error){0};
}

static inline struct lsmb_job *download_start(struct download_world *w)
{
    struct lsmb_source *source = w->source;

    w->source = NULL;
    w->finished = false;
    download_starve(w, true);
    struct lsmb_sink *sink = lsmb_sink_memory(w->smb, &w->got, &w->len, SIZE_MAX);
    struct lsmb_job *job = lsmb_copy_start(w->smb, source, sink, NULL, NULL, download_done, w);
    download_starve(w, false);
    return job;
}

static inline enum lsmb_code download_get(struct download_world *w)
{
    ck_assert_ptr_nonnull(download_start(w));
    for (unsigned i = 0; i < 1000 && !w->finished; i++) {
        download_serve(w);
    }
    ck_assert(w->finished);
    return w->err.code;
}

static inline void download_is_right(const struct download_world *w)
{
    ck_assert_msg(w->err.code == LSMB_OK, "%s", w->err.reason);
    ck_assert_uint_eq(w->len, w->service.bytes);
    for (uint64_t at = 0; at < w->len; at += TAKEN) {
        size_t n = w->len - at < TAKEN ? (size_t)(w->len - at) : TAKEN;
        ck_assert_int_eq(memcmp((const uint8_t *)w->got + at, pattern_at(at), n), 0);
    }
}

/* ---------------------------------------------------------------- by hand */

static inline void download_ignore(struct ready *ready)
{
    (void)ready;
}

static inline struct lsmb_wait *download_call(struct download_world *w)
{
    w->err = (struct lsmb_error){0};
    wait_begin(&w->wait, &w->smb->env, download_ignore, &w->err);
    return &w->wait;
}

/* open(); false: it was not well. */
static inline bool download_opened(struct download_world *w)
{
    w->source->ops->open(w->source, &w->stat, download_call(w));
    download_serve(w);
    ck_assert(!w->wait.open);
    return !w->wait.failed;
}

static inline struct download_lent *download_lend(struct download_world *w, uint64_t offset,
                                                  size_t len)
{
    struct download_lent *lent = &w->lent[w->count++];

    ck_assert_uint_le(w->count, LENT_MAX);
    lent->offset = offset;
    lent->wanted = len;
    lent->range = (struct lsmb_range){.offset = offset, .data = malloc(len), .len = len};
    ck_assert_ptr_nonnull(lent->range.data);
    wait_begin(&lent->wait, &w->smb->env, download_ignore, &lent->err);
    w->source->ops->read(w->source, &lent->range, &lent->wait);
    return lent;
}

static inline void download_lend_all(struct download_world *w, uint64_t begin, uint64_t end)
{
    for (uint64_t at = begin; at < end; at += MIB) {
        (void)download_lend(w, at, end - at < MIB ? (size_t)(end - at) : MIB);
    }
}

/* All that was lent has come as it should. */
static inline void download_all_came(const struct download_world *w)
{
    for (unsigned i = 0; i < w->count; i++) {
        const struct download_lent *lent = &w->lent[i];
        ck_assert(!lent->wait.open && !lent->wait.failed);
        ck_assert_uint_eq(lent->range.len, lent->wanted);
        for (size_t at = 0; at < lent->wanted; at += TAKEN) {
            size_t n = lent->wanted - at < TAKEN ? lent->wanted - at : TAKEN;
            ck_assert_int_eq(memcmp(lent->range.data + at, pattern_at(lent->offset + at), n), 0);
        }
    }
}

/* finish(); false: it was not well. */
static inline bool download_finished(struct download_world *w)
{
    w->source->ops->finish(w->source, download_call(w));
    download_serve(w);
    ck_assert(!w->wait.open);
    return !w->wait.failed;
}

#endif
