/* file_reread.c: what was written to a local target, read back from the disk: flushed first, and then taken
 * out of the system's cache, as far as it does that. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "xfer/file_sink.h"
#include "xfer/local_io.h"
#include "xfer/local_stat.h"
#include "xfer/window.h"

struct file_reread {
    struct lsmb_source source;    /* first */
    const struct file_sink *sink; /* borrowed: it outlives us */
    int fd;                       /* owned; -1 = not open */
    struct fdio *io;              /* owned */
    struct ready synced;
    struct lsmb_stat *out;  /* of open() */
    struct lsmb_wait *wait; /* NULL: nobody waits */
};

static struct file_reread *reread_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct file_reread, source);
}

static void answer(struct file_reread *r, struct lsmb_error *err)
{
    struct lsmb_wait *wait = r->wait;

    r->wait = NULL;
    file_sink_answer(r->sink, wait, err);
}

static void answer_errno(struct file_reread *r, int os_errno, const char *purpose)
{
    struct lsmb_error err;

    error_errno(&err, os_errno, purpose);
    answer(r, &err);
}

/* A target that is written itself is open for writing alone; 0 or an errno. */
static int open_to_read(struct file_reread *r)
{
    const struct place *p = &r->sink->place;
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct stat written, now;

    if (p->way != PLACE_STRAIGHT) {
        r->fd = fcntl(r->sink->fd, F_DUPFD_CLOEXEC, 3); /* above the standard streams */
        return r->fd < 0 ? errno : 0;
    }
    r->fd = p->lent ? openat(p->dir, p->leaf, flags | O_NOFOLLOW) : open(p->path, flags);
    if (r->fd < 0 || fstat(r->sink->fd, &written) || fstat(r->fd, &now)) {
        return errno;
    }
    return written.st_dev == now.st_dev && written.st_ino == now.st_ino ? 0 : ESTALE;
}

static void synced(struct ready *ready)
{
    struct file_reread *r = CONTAINER_OF(ready, struct file_reread, synced);
    struct lsmb_error err;
    const uint8_t *data = NULL;
    struct stat st;
    size_t len = 0;

    if (!fdio_result(r->io, &data, &len, &err)) {
        answer(r, &err);
    } else if (fstat(r->fd, &st)) {
        answer_errno(r, errno, "look at it");
    } else {
        (void)posix_fadvise(r->fd, 0, 0, POSIX_FADV_DONTNEED); /* no matter if not taken */
        (void)posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        *r->out = local_stat(&st);
        r->out->bytes = r->sink->begun ? r->out->bytes : 0; /* what is there is old */
        answer(r, NULL);
    }
}

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    struct file_reread *r = reread_of(source);

    r->out = out;
    r->wait = wait;
    int failed_errno = open_to_read(r);
    if (failed_errno) {
        answer_errno(r, failed_errno, "open it to read it back");
        return;
    }
    r->io = fdio_new(r->fd, NULL, 0);
    if (!r->io) {
        answer_errno(r, errno, "hand it to a helper");
        return;
    }
    r->synced.run = synced;
    fdio_sync(r->io, &r->sink->smb->env, &r->synced);
}

static size_t chunk(struct lsmb_source *source)
{
    (void)source;
    return WINDOW_CHUNK_MAX;
}

static void read_range(struct lsmb_source *source, struct lsmb_range *range, struct lsmb_wait *wait)
{
    const struct file_reread *r = reread_of(source);
    ssize_t n = local_read(r->fd, range->data, range->len, range->offset);
    struct lsmb_error err;

    if (n < 0) {
        error_errno(&err, errno, "read it back");
    } else {
        range->len = (size_t)n;
    }
    file_sink_answer(r->sink, wait, n < 0 ? &err : NULL);
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    (void)source;
    lsmb_wait_done(wait, NULL);
}

static void let_go(struct file_reread *r)
{
    fdio_free(r->io);
    r->io = NULL;
    ready_forget(&r->synced);
}

static void cancel(struct lsmb_source *source)
{
    struct file_reread *r = reread_of(source);
    struct lsmb_error err;

    if (r->wait) {
        let_go(r);
        error_set(&err, LSMB_E_CANCELLED, "cancelled");
        answer(r, &err);
    }
}

static void close_source(struct lsmb_source *source)
{
    struct file_reread *r = reread_of(source);

    let_go(r);
    if (r->fd >= 0) {
        (void)close(r->fd);
    }
    free(r);
}

static const struct lsmb_source_ops ops = {
    .size = sizeof ops,
    .open = open_source,
    .chunk = chunk,
    .read = read_range,
    .finish = finish,
    .close = close_source,
    .cancel = cancel,
};

struct lsmb_source *file_reread(struct lsmb_sink *sink)
{
    struct file_reread *r = calloc(1, sizeof *r);

    if (!r) {
        return NULL;
    }
    *r = (struct file_reread){.source = {&ops}, .sink = file_sink_of(sink), .fd = -1};
    return &r->source;
}
