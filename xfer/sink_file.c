/* sink_file.c: a local file as a sink. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xfer/file_sink.h"
#include "xfer/local_stat.h"
#include "xfer/window.h"

enum { COPY_BYTES = 16 << 20 }; /* copied into the target at a time */

void file_sink_answer(const struct file_sink *f, struct lsmb_wait *wait, struct lsmb_error *err)
{
    error_path(err, f->path);
    lsmb_wait_done(wait, err);
}

static void warn(struct file_sink *f)
{
    log_line(&f->smb->env.log, LSMB_LOG_WARNING, "%s is written in place, because %s", f->path,
             f->place.why);
}

void file_sink_set_time(const struct file_sink *f, int fd)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, local_time(f->written)};

    if (f->keeps_times && f->written != 0) {
        (void)futimens(fd, times);
    }
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static void close_sink(struct lsmb_sink *sink)
{
    struct file_sink *f = file_sink_of(sink);

    if (f->committing) {
        op_abort(&f->op);
    }
    file_store_drop(f);
    file_writer_drop(&f->writer);
    piped_sink_close(&f->end);
    close_fd(&f->fd);
    place_free(&f->place);
    folder_drop(f->folder);
    free(f->leaf);
    free(f->path);
    free(f);
}

/* ---------------------------------------------------------------- opening and writing */

static void written(struct file_writer *writer, struct lsmb_wait *wait, struct lsmb_error *err)
{
    file_sink_answer(CONTAINER_OF(writer, struct file_sink, writer), wait, err);
}

bool file_sink_find(struct file_sink *f, struct lsmb_error *err)
{
    return f->folder ? place_find_in(&f->place, f->folder->fd, f->leaf, f->how, err)
                     : place_find(&f->place, f->path, f->how, err);
}

static bool begin_writing(struct file_sink *f, uint64_t bytes, struct lsmb_error *err)
{
    file_writer_init(&f->writer, &f->smb->env, f->fd, written);
    f->writer.straight = f->place.way == PLACE_STRAIGHT;
    int failed_errno = file_writer_room(&f->writer, bytes);
    if (failed_errno) {
        error_errno(err, failed_errno, "make room for it");
    }
    return failed_errno == 0;
}

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    struct file_sink *f = file_sink_of(sink);
    struct lsmb_error err;

    f->written = source->written;
    if (!file_sink_find(f, &err)) {
        file_sink_answer(f, wait, &err);
        return;
    }
    if (f->place.way == PLACE_PIPE) {
        piped_sink_open(&f->end, f->smb, f->path, source, wait);
        return;
    }
    f->fd = place_open(&f->place, f->how, &f->smb->env, &err);
    if (f->fd >= 0 && f->place.why && f->how == LSMB_PUBLISH_AUTO) {
        warn(f);
    }
    bool ok = f->fd >= 0 && begin_writing(f, source->bytes, &err);
    file_sink_answer(f, wait, ok ? NULL : &err);
}

static size_t chunk(struct lsmb_sink *sink)
{
    (void)sink;
    return WINDOW_LARGE;
}

/* What a target had in it goes when the first bytes have come: an early failure leaves it as it was. */
static int clear_once(struct file_sink *f)
{
    if (!f->begun && f->place.way == PLACE_STRAIGHT && ftruncate(f->fd, 0)) {
        return errno;
    }
    f->begun = true;
    return 0;
}

static void write_range(struct lsmb_sink *sink, const struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    struct file_sink *f = file_sink_of(sink);
    struct lsmb_error err;
    int failed_errno = clear_once(f);

    if (failed_errno) {
        error_errno(&err, failed_errno, "write");
        file_sink_answer(f, wait, &err);
    } else {
        file_writer_write(&f->writer, range, wait);
    }
}

/* ---------------------------------------------------------------- commit */

static enum op_next start_sync(struct op *op);
static enum op_next put_in_place(struct op *op);
static enum op_next end_folder_sync(struct op *op);
static enum op_next open_target(struct op *op);
static enum op_next copy_on(struct op *op);
static enum op_next end_target_sync(struct op *op);

enum { ST_SYNC, ST_PUT, ST_FOLDER, ST_TARGET, ST_COPY, ST_TARGET_SYNC };

static const struct op_step commit_steps[] = {
    [ST_SYNC] = {"write it to the disk", start_sync, 0},
    [ST_PUT] = {"put it in its place", put_in_place, 0},
    [ST_FOLDER] = {"write its directory to the disk", end_folder_sync, 0},
    [ST_TARGET] = {"copy it into its place", open_target, 0},
    [ST_COPY] = {"copy it into its place", copy_on, 0},
    [ST_TARGET_SYNC] = {"write it to the disk", end_target_sync, 0},
};

static struct file_sink *sink_of(struct op *op)
{
    return CONTAINER_OF(op, struct file_sink, op);
}

static void release_commit(struct op *op)
{
    struct file_sink *f = sink_of(op);

    fdio_free(f->io);
    f->io = NULL;
    close_fd(&f->target);
}

static const struct op_kind commit_kind = {"commit a file", commit_steps, release_commit};

/* Let the helper see to it that what `fd` stands for is on the disk.  False: no descriptor for it. */
static bool start_sync_of(struct op *op, int fd)
{
    struct file_sink *f = sink_of(op);

    fdio_free(f->io);
    f->io = fdio_new(fd, NULL, 0);
    if (!f->io) {
        return false;
    }
    fdio_sync(f->io, op->env, &op->ready);
    return true;
}

static enum op_next sync_fd(struct op *op, int fd, unsigned next)
{
    if (!start_sync_of(op, fd)) {
        return op_fail(op, LSMB_E_LOCAL, "no descriptor for the helper");
    }
    (void)op_go(op, next);
    return OP_WAIT;
}

static enum op_next await_io(struct op *op)
{
    struct file_sink *f = sink_of(op);
    struct lsmb_error err;
    const uint8_t *data = NULL;
    size_t len = 0;

    if (fdio_busy(f->io)) {
        return OP_WAIT;
    }
    if (!fdio_result(f->io, &data, &len, &err)) {
        return op_fail_as(op, &err);
    }
    f->copied += len;
    return OP_AGAIN;
}

static enum op_next start_sync(struct op *op)
{
    struct file_sink *f = sink_of(op);

    /* Longer only in a target that is written straight and was empty of our bytes so far. */
    if (clear_once(f) || ftruncate(f->fd, (off_t)f->bytes)) {
        struct lsmb_error err;
        error_errno(&err, errno, "set its length");
        return op_fail_as(op, &err);
    }
    file_sink_set_time(f, f->fd);
    return sync_fd(op, f->fd, ST_PUT);
}

/* The file has its name by now; that a disk might forget it is worth a word, not a failure. */
static enum op_next warn_folder(struct op *op, const char *why)
{
    log_line(&op->env->log, LSMB_LOG_WARNING, "%s: its directory: %s", sink_of(op)->path, why);
    return OP_DONE;
}

static enum op_next sync_folder(struct op *op)
{
    if (sink_of(op)->folder) {
        return OP_DONE;
    }
    if (!start_sync_of(op, sink_of(op)->place.dir)) {
        return warn_folder(op, "no descriptor for the helper");
    }
    (void)op_go(op, ST_FOLDER);
    return OP_WAIT;
}

static enum op_next put_in_place(struct op *op)
{
    struct file_sink *f = sink_of(op);
    enum op_next next = await_io(op);
    struct lsmb_error err;

    if (next != OP_AGAIN) {
        return next;
    }
    switch (f->place.way) {
    case PLACE_RENAME:
        if (place_rename(&f->place, f->how, &err)) {
            return sync_folder(op);
        }
        if (f->place.way != PLACE_COPY) {
            return op_fail_as(op, &err);
        }
        warn(f);
        return op_go(op, ST_TARGET);
    case PLACE_COPY: return op_go(op, ST_TARGET);
    case PLACE_STRAIGHT:
    case PLACE_PIPE: break;
    }
    return OP_DONE;
}

static enum op_next end_folder_sync(struct op *op)
{
    struct file_sink *f = sink_of(op);
    struct lsmb_error err;
    const uint8_t *data = NULL;
    size_t len = 0;

    if (fdio_busy(f->io)) {
        return OP_WAIT;
    }
    if (!fdio_result(f->io, &data, &len, &err)) {
        log_line(&op->env->log, LSMB_LOG_WARNING, "%s: its directory: %s", f->path, err.reason);
    }
    return OP_DONE;
}

static enum op_next copy_piece(struct op *op)
{
    struct file_sink *f = sink_of(op);
    uint64_t left = f->bytes - f->copied;

    if (!fdio_copy(f->io, op->env, f->fd, f->copied, left < COPY_BYTES ? left : COPY_BYTES,
                   &op->ready)) {
        return op_fail(op, LSMB_E_LOCAL, "no descriptor for the helper");
    }
    (void)op_go(op, ST_COPY);
    return OP_WAIT;
}

static enum op_next open_target(struct op *op)
{
    struct file_sink *f = sink_of(op);
    struct lsmb_error err;

    f->target = place_open_target(&f->place, &err);
    if (f->target < 0) {
        return op_fail_as(op, &err);
    }
    fdio_free(f->io);
    f->io = fdio_new(f->target, NULL, 0);
    if (!f->io) {
        return op_fail(op, LSMB_E_LOCAL, "no descriptor for the helper");
    }
    f->copied = 0;
    return copy_piece(op);
}

static enum op_next copy_on(struct op *op)
{
    struct file_sink *f = sink_of(op);
    uint64_t before = f->copied;
    enum op_next next = await_io(op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (f->copied < f->bytes && f->copied > before) {
        return copy_piece(op);
    }
    if (f->copied < f->bytes) {
        return op_fail(op, LSMB_E_LOCAL, "the temporary file has become shorter");
    }
    if (ftruncate(f->target, (off_t)f->bytes)) {
        struct lsmb_error err;
        error_errno(&err, errno, "set its length");
        return op_fail_as(op, &err);
    }
    file_sink_set_time(f, f->target);
    return sync_fd(op, f->target, ST_TARGET_SYNC);
}

static enum op_next end_target_sync(struct op *op)
{
    enum op_next next = await_io(op);

    return next == OP_AGAIN ? OP_DONE : next; /* the temporary goes when the sink is closed */
}

static void committed(struct op *op)
{
    struct file_sink *f = sink_of(op);
    struct lsmb_wait *wait = f->wait;

    f->committing = false;
    file_sink_answer(f, wait, op_failed(op) ? &op->err : NULL);
}

static void commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    struct file_sink *f = file_sink_of(sink);

    f->wait = wait;
    f->bytes = bytes;
    f->committing = true;
    op_start(&f->op, &f->smb->env, &commit_kind, committed);
}

/* Before the target is touched. */
static void cancel(struct lsmb_sink *sink)
{
    struct file_sink *f = file_sink_of(sink);
    struct lsmb_error err;

    error_set(&err, LSMB_E_CANCELLED, "cancelled");
    if (f->committing && f->op.step <= ST_PUT) {
        op_cancel(&f->op, &err);
    }
    file_writer_cancel(&f->writer, &err);
    file_store_cancel(f);
}

static void abort_sink(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    place_free(&file_sink_of(sink)->place);
    lsmb_wait_done(wait, NULL);
}

static void keep_times(struct lsmb_sink *sink)
{
    file_sink_of(sink)->keeps_times = true;
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
    .store = file_store,
    .reread = file_reread,
    .keep_times = keep_times,
};

static struct file_sink *sink_new(struct lsmb *smb, const char *path, enum lsmb_publish how)
{
    struct file_sink *f = calloc(1, sizeof *f);

    if (!f) {
        return NULL;
    }
    f->path = strdup(path);
    if (!f->path) {
        free(f);
        return NULL;
    }
    f->end.sink.ops = &ops;
    f->smb = smb;
    f->how = how;
    f->fd = f->target = f->place.dir = -1;
    return f;
}

struct lsmb_sink *lsmb_sink_file(struct lsmb *smb, const char *path, enum lsmb_publish how)
{
    struct file_sink *f = sink_new(smb, path, how);

    return f ? &f->end.sink : NULL;
}

struct lsmb_sink *sink_file_in(struct lsmb *smb, struct folder *folder, const char *leaf,
                               const char *shown, enum lsmb_publish how)
{
    struct file_sink *f = sink_new(smb, shown, how);

    if (!f) {
        return NULL;
    }
    f->leaf = strdup(leaf);
    if (!f->leaf) {
        close_sink(&f->end.sink);
        return NULL;
    }
    f->folder = folder_hold(folder);
    return &f->end.sink;
}
