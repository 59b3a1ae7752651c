#include "xfer/file_write.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "xfer/local_io.h"

/* A range that waits for the helper. */
struct waiting {
    struct list node; /* first */
    const struct lsmb_range *range;
    struct lsmb_wait *wait;
};

enum disk_state {
    DISK_WAITS,    /* may be given up */
    DISK_BEGUN,    /* not any more */
    DISK_GIVEN_UP, /* is not begun */
};

/* What the helper works on is its own: it may outlive the writer. */
struct disk_job {
    struct job job; /* first */
    _Atomic int state;
    int fd; /* owned */
    int failed_errno;
    uint64_t offset;
    size_t len; /* 0: what was written goes to the disk */
    uint8_t bytes[];
};

static struct disk_job *job_of(struct job *job)
{
    return CONTAINER_OF(job, struct disk_job, job);
}

static void release(struct job *job)
{
    struct disk_job *d = job_of(job);

    (void)close(d->fd);
    free(d);
}

/* From waiting to another state; false: it is in that or another already. */
static bool leave_wait(struct disk_job *d, int to)
{
    int from = DISK_WAITS;

    return atomic_compare_exchange_strong(&d->state, &from, to);
}

/* On the helper's thread.  That the disk gets it sooner is for speed alone: the end asks whether it has. */
static void work(struct job *job)
{
    struct disk_job *d = job_of(job);

    if (!leave_wait(d, DISK_BEGUN)) {
        return;
    }
    if (d->len > 0) {
        d->failed_errno = local_write(d->fd, d->bytes, d->len, d->offset);
    } else {
        (void)sync_file_range(d->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
}

/* A job, taken by a helper; NULL when none can be had. */
static struct disk_job *submit(const struct file_writer *w, const struct lsmb_range *range,
                               struct ready *done)
{
    size_t len = range ? range->len : 0;
    struct disk_job *d = malloc(sizeof *d + len);

    if (!d) {
        return NULL;
    }
    *d = (struct disk_job){.job = {.work = work, .release = release, .done = done}, .len = len};
    d->fd = fcntl(w->fd, F_DUPFD_CLOEXEC, 3); /* above the standard streams */
    if (d->fd < 0) {
        free(d);
        return NULL;
    }
    if (range) {
        d->offset = range->offset;
        memcpy(d->bytes, range->data, len);
    }
    if (!w->env->jobs->submit(w->env->jobs, &d->job)) {
        release(&d->job);
        return NULL;
    }
    return d;
}

/* ---------------------------------------------------------------- to the disk */

static void behind_ended(struct ready *ready)
{
    struct file_writer *w = CONTAINER_OF(ready, struct file_writer, behind_done);

    job_release(&w->behind->job);
    w->behind = NULL;
}

static void hand_on(struct file_writer *w, size_t len)
{
    w->held += len;
    if (w->on_disk && !w->behind && w->held >= FILE_WRITE_BEHIND_BYTES) {
        w->held = 0;
        w->behind_done.run = behind_ended;
        w->behind = submit(w, NULL, &w->behind_done);
    }
}

/* ---------------------------------------------------------------- ranges */

static void tell(struct file_writer *w, struct lsmb_wait *wait, int failed_errno, size_t len)
{
    struct lsmb_error err;

    if (failed_errno) {
        error_errno(&err, failed_errno, "write");
    } else {
        hand_on(w, len);
    }
    w->answer(w, wait, failed_errno ? &err : NULL);
}

/* Here and now; how long it takes decides who writes the next one. */
static void write_now(struct file_writer *w, const struct lsmb_range *range, struct lsmb_wait *wait)
{
    uint64_t began_ns = env_now(w->env);
    int failed_errno = local_write(w->fd, range->data, range->len, range->offset);

    if (env_now(w->env) - began_ns > FILE_WRITE_SLOW_MS * NS_PER_MS) {
        w->slow = true;
        w->quick = 0;
    }
    tell(w, wait, failed_errno, range->len);
}

static void job_ended(struct ready *ready);

/* The next range goes to the helper; without one it is written here, slow or not. */
static void write_next(struct file_writer *w)
{
    while (!w->job && !list_empty(&w->waiting)) {
        struct waiting *next = CONTAINER_OF(list_pop_front(&w->waiting), struct waiting, node);
        struct waiting one = *next;

        free(next);
        w->job_done.run = job_ended;
        w->job_began_ns = env_now(w->env);
        w->job = submit(w, one.range, &w->job_done);
        if (w->job) {
            w->job_wait = one.wait;
        } else {
            write_now(w, one.range, one.wait);
        }
    }
}

static void job_ended(struct ready *ready)
{
    struct file_writer *w = CONTAINER_OF(ready, struct file_writer, job_done);
    struct disk_job *d = w->job;
    bool quick = env_now(w->env) - w->job_began_ns <= FILE_WRITE_QUICK_MS * NS_PER_MS;

    w->job = NULL;
    w->quick = quick ? w->quick + 1 : 0;
    w->slow = w->quick < FILE_WRITE_QUICK_RANGES;
    tell(w, w->job_wait, d->failed_errno, d->len);
    job_release(&d->job);
    write_next(w);
}

void file_writer_write(struct file_writer *w, const struct lsmb_range *range,
                       struct lsmb_wait *wait)
{
    struct waiting *one = NULL;

    if (w->slow || w->job) {
        one = malloc(sizeof *one);
    }
    if (!one) {
        write_now(w, range, wait);
        return;
    }
    *one = (struct waiting){.range = range, .wait = wait};
    list_push_back(&w->waiting, &one->node);
    write_next(w);
}

/* ---------------------------------------------------------------- room */

static bool in_memory(const struct statfs *fs)
{
    return fs->f_type == TMPFS_MAGIC || fs->f_type == RAMFS_MAGIC;
}

/* In memory, to take the room is to get every page twice: it is only looked at.  A ramfs has no limit, and
 * says that it has no blocks. */
static int look_at_room(int fd, const struct statfs *fs, uint64_t bytes)
{
    struct stat st;

    if (fs->f_blocks == 0 || fstat(fd, &st)) {
        return 0;
    }
    uint64_t block = (uint64_t)fs->f_bsize;
    uint64_t own = (uint64_t)st.st_blocks * 512;
    bytes = bytes > own ? bytes - own : 0;
    return bytes / block > fs->f_bavail ? ENOSPC : 0;
}

int file_writer_room(const struct file_writer *w, uint64_t bytes)
{
    struct statfs fs;

    if (bytes == 0 || bytes == LSMB_SIZE_UNKNOWN || bytes > INT64_MAX) {
        return 0;
    }
    if (fstatfs(w->fd, &fs) == 0 && in_memory(&fs)) {
        return look_at_room(w->fd, &fs, bytes);
    }
    if (fallocate(w->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) == 0 ||
        (errno != ENOSPC && errno != EDQUOT && errno != EFBIG)) {
        return 0;
    }
    return errno;
}

/* ---------------------------------------------------------------- life */

void file_writer_init(struct file_writer *w, struct env *env, int fd,
                      void (*answer)(struct file_writer *, struct lsmb_wait *, struct lsmb_error *))
{
    struct statfs fs;

    *w = (struct file_writer){.env = env, .fd = fd, .answer = answer};
    w->on_disk = fstatfs(fd, &fs) || !in_memory(&fs);
    list_init(&w->waiting);
}

/* One that has not begun never will. */
static void drop_job(struct disk_job **job, struct ready *done)
{
    if (*job) {
        (void)leave_wait(*job, DISK_GIVEN_UP);
        ready_forget(done);
        job_release(&(*job)->job);
        *job = NULL;
    }
}

void file_writer_cancel(struct file_writer *w, const struct lsmb_error *err)
{
    struct lsmb_error why = *err;

    if (!w->env) {
        return;
    }
    /* What a helper has begun to write to the target itself would land after whatever comes next there. */
    if (w->job && (leave_wait(w->job, DISK_GIVEN_UP) || !w->straight)) {
        drop_job(&w->job, &w->job_done);
        w->answer(w, w->job_wait, &why);
    }
    for (struct list *node; (node = list_pop_front(&w->waiting));) {
        struct waiting *one = CONTAINER_OF(node, struct waiting, node);
        why = *err;
        w->answer(w, one->wait, &why);
        free(one);
    }
}

void file_writer_drop(struct file_writer *w)
{
    if (!w->env) {
        return;
    }
    drop_job(&w->job, &w->job_done);
    drop_job(&w->behind, &w->behind_done);
    for (struct list *node; (node = list_pop_front(&w->waiting));) {
        free(CONTAINER_OF(node, struct waiting, node));
    }
    w->env = NULL;
}
