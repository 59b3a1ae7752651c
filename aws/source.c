/* source.c: an object as a source: struct lsmb_source_ops over aws/download. */
#include "aws/source.h"

#include <stdlib.h>

#include "aws/download.h"

struct s3_source {
    struct lsmb_source source; /* first */
    struct download download;
};

static struct download *download_of(struct lsmb_source *source)
{
    return &CONTAINER_OF(source, struct s3_source, source)->download;
}

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    download_open(download_of(source), out, NULL, NULL, wait);
}

static void fetch(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_range *range,
                  bool *whole, struct lsmb_wait *wait)
{
    download_open(download_of(source), out, range, whole, wait);
}

static size_t chunk(struct lsmb_source *source)
{
    (void)source;
    return DOWNLOAD_RANGE_MOST;
}

static void read_range(struct lsmb_source *source, struct lsmb_range *range, struct lsmb_wait *wait)
{
    download_read(download_of(source), range, wait);
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    download_finish(download_of(source), wait);
}

static size_t ahead(struct lsmb_source *source)
{
    return download_ahead(download_of(source));
}

static void cancel(struct lsmb_source *source)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_CANCELLED, "cancelled");
    download_fail(download_of(source), &err);
}

static void close_source(struct lsmb_source *source)
{
    struct s3_source *s = CONTAINER_OF(source, struct s3_source, source);

    download_free(&s->download);
    free(s);
}

static const struct lsmb_source_ops ops = {
    .size = sizeof ops,
    .open = open_source,
    .chunk = chunk,
    .read = read_range,
    .finish = finish,
    .close = close_source,
    .cancel = cancel,
    .fetch = fetch,
    .ahead = ahead,
};

static struct lsmb_source *source_new(struct lsmb_s3 *s3, const char *bucket, const char *key,
                                      const char *version, uint64_t listed)
{
    struct s3_source *s = calloc(1, sizeof *s);

    if (!s) {
        return NULL;
    }
    s->source.ops = &ops;
    if (!download_init(&s->download, s3, bucket, key, version, listed)) {
        free(s);
        return NULL;
    }
    return &s->source;
}

struct lsmb_source *lsmb_s3_source(struct lsmb_s3 *s3, const char *bucket, const char *key,
                                   const char *version)
{
    return source_new(s3, bucket, key, version, LSMB_SIZE_UNKNOWN);
}

struct lsmb_source *s3_source_listed(struct lsmb_s3 *s3, const char *bucket, const char *key,
                                     uint64_t bytes)
{
    return source_new(s3, bucket, key, NULL, bytes);
}
