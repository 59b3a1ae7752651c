/* source_fd.c: a descriptor as a source: read from where it stands, in order, on the helper pool. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xfer/fd.h"
#include "xfer/fdio.h"

struct fd_source {
    struct lsmb_source source; /* first */
    struct env *env;           /* borrowed */
    int fd;                    /* the host's; -1 = by name */
    char *path;                /* owned; NULL = not by name */
    struct fdio *io;           /* owned; NULL until open() */
    struct stat before;        /* as of open() */
    struct ready done;         /* of the call that the helper makes */
    struct lsmb_wait *wait;    /* who waits for it; NULL = nobody */
    struct lsmb_stat *out;     /* of open() */
    struct lsmb_range *range;  /* of read() */
};

static struct fd_source *fd_source_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct fd_source, source);
}

struct lsmb_stat stat_of_file(const struct stat *st)
{
    return (struct lsmb_stat){
        .bytes = (uint64_t)st->st_size,
        .allocated_bytes = (uint64_t)st->st_blocks * 512, /* stat(2): the unit of st_blocks */
        .accessed = st->st_atim.tv_sec * (int64_t)NS_PER_S + st->st_atim.tv_nsec,
        .written = st->st_mtim.tv_sec * (int64_t)NS_PER_S + st->st_mtim.tv_nsec,
        .changed = st->st_ctim.tv_sec * (int64_t)NS_PER_S + st->st_ctim.tv_nsec,
        .file_id = st->st_ino,
    };
}

bool file_changed(const struct stat *before, const struct stat *now)
{
    return before->st_size != now->st_size || before->st_ino != now->st_ino ||
           before->st_dev != now->st_dev || before->st_mtim.tv_sec != now->st_mtim.tv_sec ||
           before->st_mtim.tv_nsec != now->st_mtim.tv_nsec ||
           before->st_ctim.tv_sec != now->st_ctim.tv_sec ||
           before->st_ctim.tv_nsec != now->st_ctim.tv_nsec;
}

/* ---------------------------------------------------------------- answers */

static void answer(struct fd_source *f, struct lsmb_error *err)
{
    struct lsmb_wait *wait = f->wait;

    f->wait = NULL;
    if (err) {
        error_path(err, f->path ? f->path : "(standard input or a descriptor)");
    }
    lsmb_wait_done(wait, err);
}

/* What is left of a regular file has a size; a pipe has none. */
static bool describe(struct fd_source *f, struct lsmb_error *err)
{
    int fd = fdio_fd(f->io);
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
    *f->out = stat_of_file(&f->before);
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
    struct fd_source *f = CONTAINER_OF(ready, struct fd_source, done);
    struct lsmb_error err;
    const uint8_t *data = NULL;
    size_t len = 0;

    if (!f->wait) {
        return; /* given up in the meantime */
    }
    bool ok = fdio_result(f->io, &data, &len, &err);
    if (ok && f->out) {
        ok = describe(f, &err);
        f->out = NULL;
    } else if (ok) {
        take_read(f, data, len);
    }
    answer(f, ok ? NULL : &err);
}

/* ---------------------------------------------------------------- calls */

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    struct fd_source *f = fd_source_of(source);
    struct lsmb_error err;

    f->wait = wait;
    f->out = out;
    f->io = fdio_new(f->fd, f->path, O_RDONLY);
    if (!f->io) {
        error_errno(&err, errno, "open");
        answer(f, &err);
    } else if (f->path) {
        fdio_open(f->io, f->env, &f->done); /* a FIFO opens when its writer has come */
    } else {
        bool ok = describe(f, &err);
        f->out = NULL;
        answer(f, ok ? NULL : &err);
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

    f->wait = wait;
    f->range = range;
    fdio_read(f->io, f->env, range->len, &f->done);
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    struct fd_source *f = fd_source_of(source);
    struct lsmb_error err;
    struct stat now;
    bool ok = true;

    f->wait = wait;
    if (S_ISREG(f->before.st_mode) &&
        (fstat(fdio_fd(f->io), &now) || file_changed(&f->before, &now))) {
        error_set(&err, LSMB_E_CHANGED, "it was changed while it was read");
        ok = false;
    }
    answer(f, ok ? NULL : &err);
}

/* The helper keeps its descriptor and buffer until the system lets go of it. */
static void cancel(struct lsmb_source *source)
{
    struct fd_source *f = fd_source_of(source);
    struct lsmb_error err;

    if (f->wait) {
        fdio_free(f->io);
        f->io = NULL;
        ready_forget(&f->done);
        error_set(&err, LSMB_E_CANCELLED, "cancelled");
        answer(f, &err);
    }
}

static void close_source(struct lsmb_source *source)
{
    struct fd_source *f = fd_source_of(source);

    ready_forget(&f->done);
    fdio_free(f->io);
    free(f->path);
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
    return &f->source;
}

struct lsmb_source *lsmb_source_fd(struct lsmb *smb, int fd)
{
    return source_fd_new(smb, fd, "");
}
