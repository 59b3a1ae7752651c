/* sink_fd.c: a descriptor as a sink: written to where it stands, in order, on the helper pool. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "xfer/fd.h"
#include "xfer/fdio.h"

struct fd_sink {
    struct lsmb_sink sink;          /* first */
    struct env *env;                /* borrowed */
    int fd;                         /* the host's; -1 = by name */
    char *path;                     /* owned; NULL = not by name */
    struct fdio *io;                /* owned; NULL until open() */
    struct ready done;              /* of the call that the helper makes */
    struct lsmb_wait *wait;         /* who waits for it; NULL = nobody */
    const struct lsmb_range *range; /* that is being written; NULL: another call */
    size_t written;                 /* bytes of the range */
};

static struct fd_sink *fd_sink_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct fd_sink, sink);
}

static void answer(struct fd_sink *f, struct lsmb_error *err)
{
    struct lsmb_wait *wait = f->wait;

    f->wait = NULL;
    f->range = NULL;
    if (err) {
        error_path(err, f->path ? f->path : "(standard output or a descriptor)");
    }
    lsmb_wait_done(wait, err);
}

/* Write the next piece of the range, which may be longer than the helper's buffer. */
static void write_piece(struct fd_sink *f)
{
    size_t left = f->range->len - f->written;

    fdio_write(f->io, f->env, f->range->data + f->written, left < FDIO_BYTES ? left : FDIO_BYTES,
               &f->done);
}

static void call_ended(struct ready *ready)
{
    struct fd_sink *f = CONTAINER_OF(ready, struct fd_sink, done);
    struct lsmb_error err;
    const uint8_t *data = NULL;
    size_t len = 0;

    if (!f->wait) {
        return; /* given up in the meantime */
    }
    bool ok = fdio_result(f->io, &data, &len, &err);
    if (ok && f->range) {
        f->written += len;
        if (f->written < f->range->len) {
            write_piece(f);
            return;
        }
    }
    answer(f, ok ? NULL : &err);
}

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    struct fd_sink *f = fd_sink_of(sink);
    struct lsmb_error err;

    (void)source;
    f->wait = wait;
    f->io = fdio_new(f->fd, f->path, O_WRONLY);
    if (!f->io) {
        error_errno(&err, errno, "open");
        answer(f, &err);
    } else if (f->path) {
        fdio_open(f->io, f->env, &f->done); /* a FIFO opens when its reader has come */
    } else {
        answer(f, NULL);
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

    f->wait = wait;
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

/* The helper keeps its descriptor and buffer until the system lets go of it. */
static void cancel(struct lsmb_sink *sink)
{
    struct fd_sink *f = fd_sink_of(sink);
    struct lsmb_error err;

    if (f->wait) {
        fdio_free(f->io);
        f->io = NULL;
        ready_forget(&f->done);
        error_set(&err, LSMB_E_CANCELLED, "cancelled");
        answer(f, &err);
    }
}

static void close_sink(struct lsmb_sink *sink)
{
    struct fd_sink *f = fd_sink_of(sink);

    ready_forget(&f->done);
    fdio_free(f->io);
    free(f->path);
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
    f->env = &smb->env;
    f->fd = fd;
    f->done.run = call_ended;
    if (fd < 0) {
        f->path = strdup(path);
        if (!f->path) {
            free(f);
            return NULL;
        }
    }
    return &f->sink;
}

struct lsmb_sink *lsmb_sink_fd(struct lsmb *smb, int fd)
{
    return sink_fd_new(smb, fd, "");
}
