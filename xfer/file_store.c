/* file_store.c: a whole file in one go: a temporary, written at once, which a helper then brings to the disk
 * and renames.
 *
 * Many are on their way at a time, so what blocks is one job, and no turn of the loop lies between its
 * parts.  Whatever is not a plain rename is left to the general way. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xfer/file_sink.h"
#include "xfer/local_io.h"

enum store_state {
    STORE_OPEN,     /* may be given up */
    STORE_RENAMING, /* not any more */
    STORE_GIVEN_UP, /* is not renamed */
};

/* What the helper works on is its own: it may outlive the sink. */
struct store_job {
    struct job job;   /* first */
    int fd, dir;      /* owned: the temporary; its folder */
    bool sync_folder; /* or somebody does it for many files */
    char temp[TEMP_NAME_MAX + 1];
    char leaf[NAME_MAX + 1];
    _Atomic int state;
    /* 0 or an errno, of each part. */
    int sync_errno, rename_errno, folder_errno;
};

static struct store_job *job_of(struct job *job)
{
    return CONTAINER_OF(job, struct store_job, job);
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static void release(struct job *job)
{
    struct store_job *s = job_of(job);

    close_fd(&s->fd);
    close_fd(&s->dir);
    free(s);
}

/* From one state to another, if it is that one. */
static bool step(struct store_job *s, int from, int to)
{
    return atomic_compare_exchange_strong(&s->state, &from, to);
}

/* On the helper's thread. */
static void work(struct job *job)
{
    struct store_job *s = job_of(job);

    s->sync_errno = fdio_sync_now(s->fd);
    close_fd(&s->fd);
    if (s->sync_errno || !step(s, STORE_OPEN, STORE_RENAMING)) {
        return;
    }
    if (renameat(s->dir, s->temp, s->dir, s->leaf)) {
        s->rename_errno = errno;
    } else if (s->sync_folder) {
        s->folder_errno = fdio_sync_now(s->dir);
    }
}

/* ---------------------------------------------------------------- the outcome */

static void fail(struct file_sink *f, int failed_errno, const char *purpose)
{
    struct lsmb_error err;

    error_errno(&err, failed_errno, purpose);
    place_free(&f->place);
    file_sink_answer(f, f->wait, &err);
}

static void not_taken(struct file_sink *f)
{
    *f->taken = false;
    place_free(&f->place);
    file_sink_answer(f, f->wait, NULL);
}

static void take_rename(struct file_sink *f, const struct store_job *s)
{
    struct lsmb_error err;

    if (place_renamed(&f->place, s->rename_errno, f->how, &err)) {
        if (s->folder_errno) { /* that a disk might forget it is worth a word, not a failure */
            error_errno(&err, s->folder_errno, "write to the disk");
            log_line(&f->smb->env.log, LSMB_LOG_WARNING, "%s: its directory: %s", f->path,
                     err.reason);
        }
        *f->taken = true;
        place_free(&f->place);
        file_sink_answer(f, f->wait, NULL);
    } else if (f->place.way == PLACE_COPY) {
        not_taken(f);
    } else {
        place_free(&f->place);
        file_sink_answer(f, f->wait, &err);
    }
}

static void stored(struct ready *ready)
{
    struct file_sink *f = CONTAINER_OF(ready, struct file_sink, stored);
    struct store_job *s = f->storing;

    f->storing = NULL;
    if (s->sync_errno) {
        fail(f, s->sync_errno, "write to the disk");
    } else {
        take_rename(f, s);
    }
    job_release(&s->job);
}

/* ---------------------------------------------------------------- the calls */

/* NULL with errno set; `fd` is the job's then. */
static struct store_job *job_new_for(const struct file_sink *f, int fd)
{
    struct store_job *s = calloc(1, sizeof *s);

    if (!s) {
        return NULL;
    }
    s->job = (struct job){.work = work, .release = release};
    s->dir = fcntl(f->place.dir, F_DUPFD_CLOEXEC, 3); /* above the standard streams */
    if (s->dir < 0 || strlen(f->place.leaf) > NAME_MAX) {
        int failed_errno = s->dir < 0 ? errno : ENAMETOOLONG;
        s->fd = -1;
        release(&s->job);
        errno = failed_errno;
        return NULL;
    }
    s->fd = fd;
    s->sync_folder = !f->folder;
    (void)snprintf(s->temp, sizeof s->temp, "%s", f->place.temp);
    (void)snprintf(s->leaf, sizeof s->leaf, "%s", f->place.leaf);
    return s;
}

static void submit(struct file_sink *f)
{
    struct env *env = &f->smb->env;
    struct job *job = &f->storing->job;

    f->stored.run = stored;
    job->done = &f->stored;
    if (!env->jobs->submit(env->jobs, job)) {
        work(job);
        ready_wake(&env->ready, &f->stored);
    }
}

static void write_temp(struct file_sink *f, int fd, const struct lsmb_range *range)
{
    int failed_errno = local_write(fd, range->data, range->len, 0);

    if (failed_errno) {
        (void)close(fd);
        fail(f, failed_errno, "write");
        return;
    }
    file_sink_set_time(f, fd);
    f->storing = job_new_for(f, fd);
    if (!f->storing) {
        failed_errno = errno;
        (void)close(fd);
        fail(f, failed_errno, "hand it to a helper");
        return;
    }
    submit(f);
}

void file_store(struct lsmb_sink *sink, const struct lsmb_stat *source,
                const struct lsmb_range *range, bool *taken, struct lsmb_wait *wait)
{
    struct file_sink *f = file_sink_of(sink);
    struct lsmb_error err;
    int fd = -1;

    f->written = source->written;
    f->wait = wait;
    f->taken = taken;
    *taken = false;
    bool found = file_sink_find(f, &err);
    if (found && f->place.way == PLACE_RENAME) {
        fd = place_open(&f->place, f->how, &f->smb->env, &err);
    }
    if (!found || (fd < 0 && f->place.way == PLACE_RENAME)) {
        place_free(&f->place);
        file_sink_answer(f, wait, &err);
    } else if (f->place.way != PLACE_RENAME) {
        close_fd(&fd); /* the target, as it was: it takes no temporary beside it */
        not_taken(f);
    } else {
        write_temp(f, fd, range);
    }
}

void file_store_drop(struct file_sink *f)
{
    struct store_job *s = f->storing;

    if (s) {
        (void)step(s, STORE_OPEN, STORE_GIVEN_UP);
        ready_forget(&f->stored);
        f->storing = NULL;
        job_release(&s->job);
    }
}

void file_store_cancel(struct file_sink *f)
{
    struct lsmb_error err;

    if (f->storing && step(f->storing, STORE_OPEN, STORE_GIVEN_UP)) {
        file_store_drop(f);
        place_free(&f->place);
        error_set(&err, LSMB_E_CANCELLED, "cancelled");
        file_sink_answer(f, f->wait, &err);
    }
}
