/* sink_fd.c: a descriptor as a sink: written to where it stands, in order, on the helper pool. */
#include <fcntl.h>
#include <stdlib.h>

#include "xfer/fd.h"
#include "xfer/fd_call.h"

struct fd_sink {
    struct lsmb_sink sink; /* first */
    struct fd_call call;
    const struct lsmb_range *range; /* that is being written; NULL: the call is another */
    size_t written;                 /* bytes of the range */
};

static struct fd_sink *fd_sink_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct fd_sink, sink);
}

/* Write the next piece of the range, which may be longer than the helper's buffer. */
static void write_piece(struct fd_sink *f)
{
    size_t left = f->range->len - f->written;

    fdio_write(f->call.io, f->call.env, f->range->data + f->written,
               left < FDIO_BYTES ? left : FDIO_BYTES, &f->call.done);
}

static void call_ended(struct ready *ready)
{
    struct fd_sink *f = CONTAINER_OF(ready, struct fd_sink, call.done);
    struct lsmb_error err;
    const uint8_t *data = NULL;
    size_t len = 0;

    if (!f->call.wait) {
        return; /* given up in the meantime */
    }
    bool ok = fdio_result(f->call.io, &data, &len, &err);
    if (ok && f->range) {
        f->written += len;
        if (f->written < f->range->len) {
            write_piece(f);
            return;
        }
    }
    f->range = NULL;
    fd_call_answer(&f->call, ok ? NULL : &err);
}

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    struct fd_sink *f = fd_sink_of(sink);

    (void)source;
    if (fd_call_open(&f->call, O_WRONLY, wait)) {
        fd_call_answer(&f->call, NULL);
    }
}

static size_t chunk(struct lsmb_sink *sink)
{
    (void)sink;
    return FDIO_BYTES;
}

static void write_range(struct lsmb_sink *sink, const struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    struct fd_sink *f = fd_sink_of(sink);

    f->call.wait = wait;
    f->range = range;
    f->written = 0;
    write_piece(f);
}

/* A pipe or a device has nothing to put anywhere; a file behind a descriptor is its owner's to sync. */
static void commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    (void)sink;
    (void)bytes;
    lsmb_wait_done(wait, NULL);
}

static void abort_sink(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    (void)sink;
    lsmb_wait_done(wait, NULL); /* what has gone down a pipe is gone */
}

static void cancel(struct lsmb_sink *sink)
{
    struct fd_sink *f = fd_sink_of(sink);

    f->range = NULL;
    fd_call_cancel(&f->call);
}

static void close_sink(struct lsmb_sink *sink)
{
    struct fd_sink *f = fd_sink_of(sink);

    fd_call_free(&f->call);
    free(f);
}

static const struct lsmb_sink_ops ops = {
    .size = sizeof ops,
    .open = open_sink,
    .chunk = chunk,
    .write = write_range,
    .commit = commit,
    .abort = abort_sink,
    .close = close_sink,
    .in_order = true,
    .cancel = cancel,
};

struct lsmb_sink *sink_fd_new(struct lsmb *smb, int fd, const char *path)
{
    struct fd_sink *f = calloc(1, sizeof *f);

    if (!f) {
        return NULL;
    }
    f->sink.ops = &ops;
    f->call.nameless = "(standard output or a descriptor)";
    if (!fd_call_init(&f->call, smb, fd, path, call_ended)) {
        free(f);
        return NULL;
    }
    return &f->sink;
}

struct lsmb_sink *lsmb_sink_fd(struct lsmb *smb, int fd)
{
    return sink_fd_new(smb, fd, "");
}
