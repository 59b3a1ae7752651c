#include "xfer/refused.h"

#include <stdlib.h>

#include "base/list.h"

struct refused_source {
    struct lsmb_source source; /* first */
    struct lsmb_error why;
};

struct refused_sink {
    struct lsmb_sink sink; /* first */
    struct lsmb_error why;
};

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    (void)out;
    lsmb_wait_done(wait, &CONTAINER_OF(source, struct refused_source, source)->why);
}

static void close_source(struct lsmb_source *source)
{
    free(CONTAINER_OF(source, struct refused_source, source));
}

/* Nothing is called after an open() that failed. */
static const struct lsmb_source_ops source_ops = {
    .size = sizeof source_ops,
    .open = open_source,
    .close = close_source,
};

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    (void)source;
    lsmb_wait_done(wait, &CONTAINER_OF(sink, struct refused_sink, sink)->why);
}

static void close_sink(struct lsmb_sink *sink)
{
    free(CONTAINER_OF(sink, struct refused_sink, sink));
}

/* It never comes to it; but without it a copy that is to be verified would fail for another reason. */
static struct lsmb_source *reread(struct lsmb_sink *sink)
{
    (void)sink;
    return NULL;
}

static const struct lsmb_sink_ops sink_ops = {
    .size = sizeof sink_ops,
    .open = open_sink,
    .close = close_sink,
    .reread = reread,
};

struct lsmb_source *source_refused(const struct lsmb_error *why)
{
    struct refused_source *r = calloc(1, sizeof *r);

    if (!r) {
        return NULL;
    }
    r->source.ops = &source_ops;
    r->why = *why;
    return &r->source;
}

struct lsmb_sink *sink_refused(const struct lsmb_error *why)
{
    struct refused_sink *r = calloc(1, sizeof *r);

    if (!r) {
        return NULL;
    }
    r->sink.ops = &sink_ops;
    r->why = *why;
    return &r->sink;
}
