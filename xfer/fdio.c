/* fdio.c: blocking calls on the helper pool. */
#include "xfer/fdio.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum call { CALL_OPEN, CALL_READ, CALL_WRITE, CALL_SYNC, CALL_COPY };

struct fdio {
    struct job job; /* first */
    int fd;         /* owned */
    int from;       /* owned: what fdio_copy() copies from; -1 = none yet */
    char *path;     /* owned; NULL: not by name */
    int flags;
    enum call call;
    uint64_t offset;     /* of fdio_copy() */
    uint64_t len, moved; /* bytes asked for, and done */
    int failed_errno;    /* 0 = well */
    uint8_t bytes[FDIO_BYTES];
};

static struct fdio *fdio_of(struct job *job)
{
    return CONTAINER_OF(job, struct fdio, job);
}

static void release(struct job *job)
{
    struct fdio *io = fdio_of(job);

    if (io->fd >= 0) {
        (void)close(io->fd);
    }
    if (io->from >= 0) {
        (void)close(io->from);
    }
    free(io->path);
    free(io);
}

/* ---------------------------------------------------------------- on the helper's thread */

/* A descriptor that its owner made non-blocking is waited for. */
static bool may_go_on(const struct fdio *io, short events)
{
    struct pollfd pfd = {.fd = io->fd, .events = events};

    if (errno == EINTR) {
        return true;
    }
    return errno == EAGAIN && (poll(&pfd, 1, -1) >= 0 || errno == EINTR);
}

static void read_all(struct fdio *io)
{
    while (io->moved < io->len) {
        ssize_t n = read(io->fd, io->bytes + io->moved, (size_t)(io->len - io->moved));
        if (n == 0) {
            return;
        }
        if (n > 0) {
            io->moved += (size_t)n;
        } else if (!may_go_on(io, POLLIN)) {
            io->failed_errno = errno;
            return;
        }
    }
}

static void write_all(struct fdio *io)
{
    while (io->moved < io->len) {
        ssize_t n = write(io->fd, io->bytes + io->moved, (size_t)(io->len - io->moved));
        if (n > 0) {
            io->moved += (size_t)n;
        } else if (n == 0 || !may_go_on(io, POLLOUT)) {
            io->failed_errno = n == 0 ? EIO : errno;
            return;
        }
    }
}

/* What a broken pipe raises is for whoever wrote, and nobody there wants it; the host's own handling of
 * SIGPIPE is not touched.  Helpers block all signals, but a host's job runner may be any thread. */
static void write_without_signal(struct fdio *io)
{
    static const struct timespec now = {0, 0};
    sigset_t pipe, before, pending;

    (void)sigemptyset(&pipe);
    (void)sigaddset(&pipe, SIGPIPE);
    (void)sigpending(&pending);
    (void)pthread_sigmask(SIG_BLOCK, &pipe, &before);
    write_all(io);
    if (io->failed_errno == EPIPE && !sigismember(&pending, SIGPIPE)) {
        (void)sigtimedwait(&pipe, NULL, &now);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void open_path(struct fdio *io)
{
    do {
        io->fd = open(io->path, io->flags | O_CLOEXEC | O_NOCTTY, 0666);
    } while (io->fd < 0 && errno == EINTR);
    io->failed_errno = io->fd < 0 ? errno : 0;
}

int fdio_sync_now(int fd)
{
    /* EINVAL and EROFS: nothing that could be on a disk (fsync(2)); EBADF: a directory opened by O_PATH. */
    if (fsync(fd) && errno != EINVAL && errno != EROFS && errno != ENOTSUP && errno != EBADF) {
        return errno;
    }
    return 0;
}

/* Through the helper's buffer, where the system cannot copy by itself. */
static ssize_t copy_by_hand(struct fdio *io, off_t at, size_t len)
{
    ssize_t n = pread(io->from, io->bytes, len < FDIO_BYTES ? len : FDIO_BYTES, at);

    return n > 0 ? pwrite(io->fd, io->bytes, (size_t)n, at) : n;
}

static void copy_range(struct fdio *io)
{
    bool by_hand = false;

    while (io->moved < io->len) {
        off_t at = (off_t)(io->offset + io->moved), at_too = at;
        size_t left = (size_t)(io->len - io->moved);
        ssize_t n = by_hand ? copy_by_hand(io, at, left)
                            : copy_file_range(io->from, &at, io->fd, &at_too, left, 0);
        if (n > 0) {
            io->moved += (size_t)n;
        } else if (n == 0) {
            return;
        } else if (!by_hand && errno != ENOSPC && errno != EDQUOT && errno != EIO) {
            by_hand = true; /* two file systems, or one that has no such thing */
        } else if (errno != EINTR) {
            io->failed_errno = errno;
            return;
        }
    }
}

static void work(struct job *job)
{
    struct fdio *io = fdio_of(job);

    switch (io->call) {
    case CALL_OPEN: open_path(io); break;
    case CALL_READ: read_all(io); break;
    case CALL_WRITE: write_without_signal(io); break;
    case CALL_SYNC: io->failed_errno = fdio_sync_now(io->fd); break;
    case CALL_COPY: copy_range(io); break;
    }
}

/* ---------------------------------------------------------------- on the loop's thread */

struct fdio *fdio_new(int fd, const char *path, int flags)
{
    struct fdio *io = malloc(sizeof *io);

    if (!io) {
        return NULL;
    }
    io->job = (struct job){.work = work, .release = release};
    io->path = NULL;
    io->from = -1;
    io->flags = flags;
    io->moved = 0;
    io->failed_errno = 0;
    io->fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1; /* above the standard streams */
    if (fd < 0) {
        io->path = strdup(path);
    }
    if (io->fd < 0 && !io->path) {
        int failed_errno = errno;
        free(io);
        errno = failed_errno;
        return NULL;
    }
    return io;
}

static void submit(struct fdio *io, struct env *env, enum call call, uint64_t len,
                   struct ready *done)
{
    struct job *job = &io->job;

    assert(!fdio_busy(io)); /* one call at a time */
    io->call = call;
    io->len = len;
    io->moved = 0;
    io->failed_errno = 0;
    job->done = done;
    job->submitted = job->finished = false;
    if (!env->jobs->submit(env->jobs, job)) {
        work(job);
        ready_wake(&env->ready, done);
    }
}

void fdio_open(struct fdio *io, struct env *env, struct ready *done)
{
    assert(io->path && io->fd < 0);
    submit(io, env, CALL_OPEN, 0, done);
}

void fdio_read(struct fdio *io, struct env *env, size_t len, struct ready *done)
{
    assert(len <= FDIO_BYTES);
    submit(io, env, CALL_READ, len, done);
}

void fdio_write(struct fdio *io, struct env *env, const void *bytes, size_t len, struct ready *done)
{
    assert(len <= FDIO_BYTES);
    memcpy(io->bytes, bytes, len);
    submit(io, env, CALL_WRITE, len, done);
}

void fdio_sync(struct fdio *io, struct env *env, struct ready *done)
{
    submit(io, env, CALL_SYNC, 0, done);
}

bool fdio_copy(struct fdio *io, struct env *env, int from, uint64_t offset, uint64_t len,
               struct ready *done)
{
    if (io->from < 0) {
        io->from = fcntl(from, F_DUPFD_CLOEXEC, 3);
    }
    if (io->from < 0) {
        return false;
    }
    io->offset = offset;
    submit(io, env, CALL_COPY, len, done);
    return true;
}

bool fdio_busy(const struct fdio *io)
{
    return io->job.submitted && !io->job.finished;
}

static const char *purpose(enum call call)
{
    switch (call) {
    case CALL_OPEN: return "open";
    case CALL_READ: return "read";
    case CALL_WRITE: return "write";
    case CALL_SYNC: return "write to the disk";
    case CALL_COPY: return "copy into the target";
    }
    return "";
}

bool fdio_result(struct fdio *io, const uint8_t **data, size_t *len, struct lsmb_error *err)
{
    *data = io->bytes;
    *len = (size_t)io->moved;
    if (io->failed_errno == EPIPE) { /* of a pipe: nothing to do with the network */
        error_set(err, LSMB_E_LOCAL, "whoever read from the pipe has stopped reading");
        err->os_errno = EPIPE;
    } else if (io->failed_errno != 0) {
        error_errno(err, io->failed_errno, purpose(io->call));
    }
    return io->failed_errno == 0;
}

int fdio_fd(const struct fdio *io)
{
    return io->fd;
}

void fdio_free(struct fdio *io)
{
    if (io) {
        job_release(&io->job);
    }
}
