/* source_file.c: a local file as a source; what is none (a FIFO, a device) is read as xfer/source_fd does. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xfer/file_pipe.h"
#include "xfer/file_read.h"
#include "xfer/folder.h"
#include "xfer/local_io.h"
#include "xfer/local_stat.h"
#include "xfer/window.h"

struct file_source {
    struct piped_source end; /* first */
    struct lsmb *smb;        /* borrowed */
    char *path;              /* owned */
    struct folder *folder;   /* held: where it is; NULL: `path` says */
    char *leaf;              /* owned: its name there */
    int fd;                  /* owned; -1 = not open */
    struct stat before;      /* as of open() */
    struct file_reader reader;
    bool allow_growth;
};

static struct file_source *file_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct file_source, end.source);
}

static void close_source(struct lsmb_source *source)
{
    struct file_source *f = file_of(source);

    piped_source_close(&f->end);
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
    folder_drop(f->folder);
    free(f->leaf);
    free(f->path);
    free(f);
}

/* ---------------------------------------------------------------- a regular file */

static void answer(const struct file_source *f, struct lsmb_wait *wait, struct lsmb_error *err)
{
    error_path(err, f->path);
    lsmb_wait_done(wait, err);
}

static void answer_errno(const struct file_source *f, struct lsmb_wait *wait, int os_errno,
                         const char *step)
{
    struct lsmb_error err;

    error_errno_step(&err, os_errno, step);
    answer(f, wait, &err);
}

/* Open without waiting, should it have become a FIFO since it was looked at; 0 or an errno. */
static int open_regular(struct file_source *f)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    f->fd = f->folder ? openat(f->folder->fd, f->leaf, flags | O_NOFOLLOW) : open(f->path, flags);
    if (f->fd < 0 || fstat(f->fd, &f->before)) {
        return errno;
    }
    if (!S_ISREG(f->before.st_mode)) {
        return EAGAIN;
    }
    return 0;
}

/* Where it is no regular file, `*other` becomes true; 0 or an errno. */
static int open_file(struct file_source *f, bool *other)
{
    struct stat st;

    if (!f->folder) {
        if (stat(f->path, &st)) {
            return errno;
        }
        if (S_ISDIR(st.st_mode)) {
            return EISDIR;
        }
        *other = !S_ISREG(st.st_mode);
    }
    return *other ? 0 : open_regular(f);
}

/* True: it is open.  False: another is asked to open it, or it has failed; `wait` will be answered. */
static bool opened(struct file_source *f, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    bool other = false;
    int failed_errno = open_file(f, &other);

    if (failed_errno) {
        answer_errno(f, wait, failed_errno, "open the source");
        return false;
    }
    if (other) {
        piped_source_open(&f->end, f->smb, f->path, out, wait);
        return false;
    }
    *out = local_stat(&f->before);
    if (out->bytes == 0) {
        out->bytes = LSMB_SIZE_UNKNOWN; /* empty, or made up while it is read (/proc) */
    }
    return true;
}

/* Ranges of it will be read, more or less in order. */
static void expect_ranges(const struct file_source *f)
{
    (void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* no matter if not taken */
}

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    struct file_source *f = file_of(source);

    if (opened(f, out, wait)) {
        expect_ranges(f);
        lsmb_wait_done(wait, NULL);
    }
}

static size_t chunk(struct lsmb_source *source)
{
    (void)source;
    return WINDOW_LARGE;
}

static void ended_early(const struct file_source *f, struct lsmb_wait *wait, uint64_t at)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_CHANGED, "it ended after %llu of %llu bytes", (unsigned long long)at,
              (unsigned long long)f->before.st_size);
    error_advise(&err, "somebody made it shorter while it was read; try again");
    answer(f, wait, &err);
}

static void read_range(struct lsmb_source *source, struct lsmb_range *range, struct lsmb_wait *wait)
{
    struct file_source *f = file_of(source);
    ssize_t n = file_read(&f->reader, f->fd, range->data, range->len, range->offset);

    if (n < 0) {
        answer_errno(f, wait, errno, "read the source");
    } else if (n == 0 && f->before.st_size > 0) {
        ended_early(f, wait, range->offset);
    } else {
        range->len = (size_t)n;
        lsmb_wait_done(wait, NULL);
    }
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    struct file_source *f = file_of(source);
    struct lsmb_error err;
    struct stat now;

    if (fstat(f->fd, &now)) {
        answer_errno(f, wait, errno, "check the source");
    } else if (f->allow_growth ? now.st_size < f->before.st_size
                               : local_changed(&f->before, &now)) {
        error_set(&err, LSMB_E_CHANGED, "it was changed while it was read");
        error_advise(&err, "try again when nobody writes to it%s",
                     f->allow_growth ? "" : ", or with --allow-growth if it only grows");
        answer(f, wait, &err);
    } else {
        lsmb_wait_done(wait, NULL);
    }
}

/* In one piece.  What says that it has nothing may be made up while it is read: it is whole if nothing comes
 * indeed. */
static void fetch(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_range *range,
                  bool *whole, struct lsmb_wait *wait)
{
    struct file_source *f = file_of(source);

    *whole = false;
    if (!opened(f, out, wait)) {
        return;
    }
    uint64_t bytes = (uint64_t)f->before.st_size;
    ssize_t n = bytes <= range->len ? local_read(f->fd, range->data, range->len, 0) : -1;
    if (n < 0 || (uint64_t)n != bytes) {
        expect_ranges(f);
        lsmb_wait_done(wait, NULL); /* ranges say what is wrong with it, if anything is */
        return;
    }
    *whole = true;
    out->bytes = bytes;
    range->len = (size_t)n;
    finish(source, wait);
    (void)close(f->fd); /* hundreds may be on their way to the sink */
    f->fd = -1;
}

static const struct lsmb_source_ops ops = {
    .size = sizeof ops,
    .open = open_source,
    .chunk = chunk,
    .read = read_range,
    .finish = finish,
    .close = close_source,
    .fetch = fetch,
};

static struct file_source *source_new(struct lsmb *smb, const char *path)
{
    struct file_source *f = calloc(1, sizeof *f);

    if (!f) {
        return NULL;
    }
    f->path = strdup(path);
    if (!f->path) {
        free(f);
        return NULL;
    }
    f->end.source.ops = &ops;
    f->smb = smb;
    f->fd = -1;
    return f;
}

struct lsmb_source *lsmb_source_file(struct lsmb *smb, const char *path, bool allow_growth)
{
    struct file_source *f = source_new(smb, path);

    if (!f) {
        return NULL;
    }
    f->allow_growth = allow_growth;
    return &f->end.source;
}

struct lsmb_source *source_file_in(struct lsmb *smb, struct folder *folder, const char *leaf,
                                   const char *shown)
{
    struct file_source *f = source_new(smb, shown);

    if (!f) {
        return NULL;
    }
    f->leaf = strdup(leaf);
    if (!f->leaf) {
        close_source(&f->end.source);
        return NULL;
    }
    f->folder = folder_hold(folder);
    return &f->end.source;
}
