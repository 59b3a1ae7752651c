/* source_fd.c: a descriptor as a source: read from where it stands, in order, on the helper pool. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xfer/fd.h"
#include "xfer/fd_call.h"
#include "xfer/local_stat.h"

struct fd_source {
    struct lsmb_source source; /* first */
    struct fd_call call;
    struct stat before;       /* as of open() */
    struct lsmb_stat *out;    /* of open() */
    struct lsmb_range *range; /* of read() */
};

static struct fd_source *fd_source_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct fd_source, source);
}

/* What is left of a regular file has a size; a pipe has none. */
static bool describe(struct fd_source *f, struct lsmb_error *err)
{
    int fd = fdio_fd(f->call.io);
    off_t at = lseek(fd, 0, SEEK_CUR);

    if (fstat(fd, &f->before)) {
        error_errno(err, errno, "look at it");
        return false;
    }
    if (S_ISDIR(f->before.st_mode)) {
        error_set(err, LSMB_E_LOCAL, "it is a directory");
        err->os_errno = EISDIR;
        return false;
    }
    *f->out = local_stat(&f->before);
    if (!S_ISREG(f->before.st_mode) || at < 0) {
        f->out->bytes = LSMB_SIZE_UNKNOWN;
    } else {
        f->out->bytes -= at < f->before.st_size ? (uint64_t)at : f->out->bytes;
    }
    return true;
}

static void take_read(struct fd_source *f, const uint8_t *data, size_t len)
{
    if (len > 0) {
        memcpy(f->range->data, data, len);
    }
    f->range->len = len;
}

static void call_ended(struct ready *ready)
{
    struct fd_source *f = CONTAINER_OF(ready, struct fd_source, call.done);
    struct lsmb_error err;
    const uint8_t *data = NULL;
    size_t len = 0;

    if (!f->call.wait) {
        return; /* given up in the meantime */
    }
    bool ok = fdio_result(f->call.io, &data, &len, &err);
    if (ok && f->out) {
        ok = describe(f, &err);
        f->out = NULL;
    } else if (ok) {
        take_read(f, data, len);
    }
    fd_call_answer(&f->call, ok ? NULL : &err);
}

/* ---------------------------------------------------------------- calls */

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    struct fd_source *f = fd_source_of(source);
    struct lsmb_error err;

    f->out = out;
    if (fd_call_open(&f->call, O_RDONLY, wait)) {
        bool ok = describe(f, &err);
        f->out = NULL;
        fd_call_answer(&f->call, ok ? NULL : &err);
    }
}

static size_t chunk(struct lsmb_source *source)
{
    (void)source;
    return FDIO_BYTES;
}

static void read_range(struct lsmb_source *source, struct lsmb_range *range, struct lsmb_wait *wait)
{
    struct fd_source *f = fd_source_of(source);

    f->call.wait = wait;
    f->range = range;
    fdio_read(f->call.io, f->call.env, range->len, &f->call.done);
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    struct fd_source *f = fd_source_of(source);
    struct lsmb_error err;
    struct stat now;
    bool ok = true;

    f->call.wait = wait;
    if (S_ISREG(f->before.st_mode) &&
        (fstat(fdio_fd(f->call.io), &now) || local_changed(&f->before, &now))) {
        error_set(&err, LSMB_E_CHANGED, "it was changed while it was read");
        ok = false;
    }
    fd_call_answer(&f->call, ok ? NULL : &err);
}

static void cancel(struct lsmb_source *source)
{
    fd_call_cancel(&fd_source_of(source)->call);
}

static void close_source(struct lsmb_source *source)
{
    struct fd_source *f = fd_source_of(source);

    fd_call_free(&f->call);
    free(f);
}

static const struct lsmb_source_ops ops = {
    .size = sizeof ops,
    .open = open_source,
    .chunk = chunk,
    .read = read_range,
    .finish = finish,
    .close = close_source,
    .sequential = true,
    .cancel = cancel,
};

struct lsmb_source *source_fd_new(struct lsmb *smb, int fd, const char *path)
{
    struct fd_source *f = calloc(1, sizeof *f);

    if (!f) {
        return NULL;
    }
    f->source.ops = &ops;
    f->call.nameless = "(standard input or a descriptor)";
    if (!fd_call_init(&f->call, smb, fd, path, call_ended)) {
        free(f);
        return NULL;
    }
    return &f->source;
}

struct lsmb_source *lsmb_source_fd(struct lsmb *smb, int fd)
{
    return source_fd_new(smb, fd, "");
}
