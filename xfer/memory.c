/* memory.c: memory as a source and as a sink. */
#include <stdlib.h>
#include <string.h>

#include "xfer/window.h"
#include "xfer/xfer.h"

/* ---------------------------------------------------------------- the source */

struct memory_source {
    struct lsmb_source source; /* first */
    const uint8_t *bytes;      /* borrowed */
    size_t len;
};

static struct memory_source *source_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct memory_source, source);
}

static void source_open(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    *out = (struct lsmb_stat){.bytes = source_of(source)->len};
    lsmb_wait_done(wait, NULL);
}

static size_t source_chunk(struct lsmb_source *source)
{
    (void)source;
    return WINDOW_LARGE;
}

static void source_read(struct lsmb_source *source, struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    const struct memory_source *m = source_of(source);
    size_t left = range->offset < m->len ? m->len - (size_t)range->offset : 0;

    if (range->len > left) {
        range->len = left;
    }
    if (range->len > 0) {
        memcpy(range->data, m->bytes + range->offset, range->len);
    }
    lsmb_wait_done(wait, NULL);
}

static void source_fetch(struct lsmb_source *source, struct lsmb_stat *out,
                         struct lsmb_range *range, bool *whole, struct lsmb_wait *wait)
{
    size_t len = source_of(source)->len;

    *whole = len <= range->len;
    if (*whole) {
        out->bytes = len;
        source_read(source, range, wait);
    } else {
        source_open(source, out, wait);
    }
}

static void source_finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    (void)source;
    lsmb_wait_done(wait, NULL);
}

static void source_close(struct lsmb_source *source)
{
    free(source_of(source));
}

static const struct lsmb_source_ops source_ops = {
    .size = sizeof source_ops,
    .open = source_open,
    .chunk = source_chunk,
    .read = source_read,
    .finish = source_finish,
    .close = source_close,
    .fetch = source_fetch,
};

struct lsmb_source *lsmb_source_memory(struct lsmb *smb, const void *bytes, size_t len)
{
    struct memory_source *m = calloc(1, sizeof *m);

    (void)smb;
    if (!m) {
        return NULL;
    }
    *m = (struct memory_source){.source = {&source_ops}, .bytes = bytes, .len = len};
    return &m->source;
}

/* ---------------------------------------------------------------- the sink */

enum {
    MEMORY_START = 4096
}; /* first allocation for a source of unknown size; doubled from there */

struct memory_sink {
    struct lsmb_sink sink; /* first */
    void **bytes;          /* the caller's */
    size_t *len;           /* likewise */
    size_t limit, cap;
    uint64_t end; /* of what was written */
};

static struct memory_sink *sink_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct memory_sink, sink);
}

static bool too_large(const struct memory_sink *m, uint64_t bytes, struct lsmb_error *err)
{
    if (bytes <= m->limit) {
        return false;
    }
    error_set(err, LSMB_E_NOMEM, "it is larger than the limit of %zu bytes", m->limit);
    return true;
}

static bool grow(struct memory_sink *m, size_t cap, struct lsmb_error *err)
{
    void *bytes = realloc(*m->bytes, cap > 0 ? cap : 1);

    if (!bytes) {
        error_set(err, LSMB_E_NOMEM, "no memory for %zu bytes", cap);
        return false;
    }
    *m->bytes = bytes;
    m->cap = cap;
    return true;
}

static void sink_open(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    struct memory_sink *m = sink_of(sink);
    uint64_t bytes = source->bytes == LSMB_SIZE_UNKNOWN ? 0 : source->bytes;
    struct lsmb_error err;

    *m->len = 0;
    bool ok = !too_large(m, bytes, &err) && grow(m, (size_t)bytes, &err);
    lsmb_wait_done(wait, ok ? NULL : &err);
}

static size_t sink_chunk(struct lsmb_sink *sink)
{
    (void)sink;
    return WINDOW_LARGE;
}

/* Room up to `end`; doubled, so that growing costs no more than writing. */
static bool make_room(struct memory_sink *m, uint64_t end, struct lsmb_error *err)
{
    size_t cap = m->cap > MEMORY_START / 2 ? m->cap : MEMORY_START / 2;

    if (end <= m->cap) {
        return true;
    }
    if (too_large(m, end, err)) {
        return false;
    }
    cap = cap > m->limit / 2 ? m->limit : cap * 2;
    return grow(m, cap > end ? cap : (size_t)end, err);
}

static void sink_write(struct lsmb_sink *sink, const struct lsmb_range *range,
                       struct lsmb_wait *wait)
{
    struct memory_sink *m = sink_of(sink);
    struct lsmb_error err;

    if (!make_room(m, range->offset + range->len, &err)) {
        lsmb_wait_done(wait, &err);
        return;
    }
    memcpy((uint8_t *)*m->bytes + range->offset, range->data, range->len);
    m->end = m->end > range->offset + range->len ? m->end : range->offset + range->len;
    lsmb_wait_done(wait, NULL);
}

static void sink_commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    *sink_of(sink)->len = (size_t)bytes;
    lsmb_wait_done(wait, NULL);
}

static void sink_store(struct lsmb_sink *sink, const struct lsmb_stat *source,
                       const struct lsmb_range *range, bool *taken, struct lsmb_wait *wait)
{
    struct memory_sink *m = sink_of(sink);
    struct lsmb_error err;

    (void)source;
    *m->len = 0;
    *taken = !too_large(m, range->len, &err) && grow(m, range->len, &err);
    if (*taken && range->len > 0) {
        memcpy(*m->bytes, range->data, range->len);
        *m->len = range->len;
    }
    lsmb_wait_done(wait, *taken ? NULL : &err);
}

/* The memory itself is the caller's to free, however it ended. */
static void sink_abort(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    *sink_of(sink)->len = 0;
    lsmb_wait_done(wait, NULL);
}

static void sink_close(struct lsmb_sink *sink)
{
    free(sink_of(sink));
}

static struct lsmb_source *sink_reread(struct lsmb_sink *sink)
{
    const struct memory_sink *m = sink_of(sink);

    return lsmb_source_memory(NULL, *m->bytes, (size_t)m->end);
}

static const struct lsmb_sink_ops sink_ops = {
    .size = sizeof sink_ops,
    .open = sink_open,
    .chunk = sink_chunk,
    .write = sink_write,
    .commit = sink_commit,
    .abort = sink_abort,
    .close = sink_close,
    .store = sink_store,
    .reread = sink_reread,
};

/* NOLINTNEXTLINE(readability-non-const-parameter): `len` is kept, and written by commit() */
struct lsmb_sink *lsmb_sink_memory(struct lsmb *smb, void **bytes, size_t *len, size_t limit_bytes)
{
    struct memory_sink *m = calloc(1, sizeof *m);

    (void)smb;
    if (!m) {
        return NULL;
    }
    *m =
        (struct memory_sink){.sink = {&sink_ops}, .bytes = bytes, .len = len, .limit = limit_bytes};
    return &m->sink;
}
