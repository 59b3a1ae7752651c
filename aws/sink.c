/* sink.c: an object of S3 as a sink. */
#include <stdlib.h>

#include "aws/upload.h"
#include "base/options.h"

enum { CHUNK = 1 << 20 }; /* bytes; of what a part is made of */

struct s3_sink {
    struct lsmb_sink sink; /* first */
    struct upload upload;
};

static struct upload *upload_of(struct lsmb_sink *sink)
{
    return &CONTAINER_OF(sink, struct s3_sink, sink)->upload;
}

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    struct upload *u = upload_of(sink);

    lsmb_wait_done(wait, upload_open(u, source) ? NULL : &u->err);
}

static size_t chunk(struct lsmb_sink *sink)
{
    (void)sink;
    return CHUNK;
}

static void hold(struct lsmb_sink *sink, uint64_t offset, struct lsmb_hold *out)
{
    upload_hold(upload_of(sink), offset, out);
}

static void write_range(struct lsmb_sink *sink, const struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    upload_take(upload_of(sink), range, wait);
}

static void ended(struct lsmb_sink *sink, uint64_t bytes)
{
    upload_ended(upload_of(sink), bytes);
}

static void commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    struct upload *u = upload_of(sink);

    upload_ended(u, bytes);
    upload_commit(u, wait);
}

static void abort_sink(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    upload_abort(upload_of(sink), wait);
}

/* What cannot be stopped any more has a little time left for its answer. */
static void cancel(struct lsmb_sink *sink)
{
    struct upload *u = upload_of(sink);
    struct lsmb_error err;

    error_set(&err, LSMB_E_CANCELLED, "the copy was given up");
    u->hurried = true;
    upload_fail(u, &err);
}

static void store(struct lsmb_sink *sink, const struct lsmb_stat *source,
                  const struct lsmb_range *range, bool *taken, struct lsmb_wait *wait)
{
    struct upload *u = upload_of(sink);
    struct lsmb_stat stat = *source;

    stat.bytes = range->len;
    if (range->len > PART_LEAST) {
        *taken = false;
        lsmb_wait_done(wait, NULL);
        return;
    }
    if (!upload_open(u, &stat)) {
        lsmb_wait_done(wait, &u->err);
        return;
    }
    u->taken = taken;
    upload_take(u, range, NULL);
    upload_ended(u, range->len);
    upload_commit(u, wait);
}

static void keep_times(struct lsmb_sink *sink)
{
    upload_of(sink)->keep_times = true;
}

static void close_sink(struct lsmb_sink *sink)
{
    struct s3_sink *s = CONTAINER_OF(sink, struct s3_sink, sink);

    upload_free(&s->upload);
    free(s);
}

static const struct lsmb_sink_ops ops = {
    .size = sizeof ops,
    .open = open_sink,
    .chunk = chunk,
    .write = write_range,
    .commit = commit,
    .abort = abort_sink,
    .close = close_sink,
    .cancel = cancel,
    .store = store,
    .keep_times = keep_times,
    .hold = hold,
    .ended = ended,
    .proves = true,
};

struct lsmb_sink *lsmb_s3_sink(struct lsmb_s3 *s3, const char *bucket, const char *key,
                               const struct lsmb_s3_put *put)
{
    struct s3_sink *s = calloc(1, sizeof *s);
    struct lsmb_s3_put opt;

    if (!s) {
        return NULL;
    }
    options_take(&opt, sizeof opt, put, put ? put->size : 0);
    s->sink.ops = &ops;
    if (!upload_init(&s->upload, s3, bucket, key, opt.kms_key_id)) {
        upload_free(&s->upload);
        free(s);
        return NULL;
    }
    return &s->sink;
}
