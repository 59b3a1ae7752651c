/* tree_local_list.c: listing a folder of this machine. */
#include "xfer/tree_local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "xfer/local_stat.h"

enum { PAGE_ENTRIES = 128 };

struct local_entry {
    struct lsmb_stat stat;
    char name[sizeof(((struct dirent *)0)->d_name)];
};

/* It belongs to the helper while that works, and goes when both have let it go. */
struct local_lister {
    struct job job;     /* first */
    struct ready ready; /* the page has come */
    struct env *env;    /* borrowed */
    char *path;         /* owned */
    int fd;             /* owned until there is `dir`; -1 */
    DIR *dir;           /* owned */
    int os_errno;       /* what failed; 0: nothing */
    bool begun, end;
    size_t count; /* of `entries` */

    lsmb_entry_fn *each;
    void *each_arg;
    bool *each_end;
    struct lsmb_wait *wait;
    struct local_entry entries[PAGE_ENTRIES];
};

static struct local_lister *lister_of(struct job *job)
{
    return CONTAINER_OF(job, struct local_lister, job);
}

static void release(struct job *job)
{
    struct local_lister *l = lister_of(job);

    if (l->dir) {
        (void)closedir(l->dir);
    } else if (l->fd >= 0) {
        (void)close(l->fd);
    }
    free(l->path);
    free(l);
}

/* ---------------------------------------------------------------- on the helper's thread */

static uint32_t attributes_of(const struct stat *st)
{
    if (S_ISDIR(st->st_mode)) {
        return LSMB_ATTR_DIRECTORY;
    }
    if (S_ISREG(st->st_mode)) {
        return 0;
    }
    return S_ISLNK(st->st_mode) ? LSMB_ATTR_REPARSE : LSMB_ATTR_DEVICE;
}

static void add(struct local_lister *l, const char *name, const struct stat *st)
{
    struct local_entry *entry = &l->entries[l->count++];

    entry->stat = local_stat(st);
    entry->stat.attributes = attributes_of(st);
    memcpy(entry->name, name, strlen(name) + 1);
}

static bool begin(struct local_lister *l)
{
    struct stat st;

    l->begun = true;
    l->dir = fdopendir(l->fd);
    if (!l->dir || fstat(l->fd, &st)) {
        l->os_errno = errno;
        return false;
    }
    add(l, ".", &st);
    return true;
}

static void work(struct job *job)
{
    struct local_lister *l = lister_of(job);

    if (!l->begun && !begin(l)) {
        return;
    }
    while (l->count < PAGE_ENTRIES) {
        struct stat st;
        errno = 0;
        const struct dirent *entry = readdir(l->dir); /* one thread at a time has it */
        if (!entry) {
            l->os_errno = errno;
            l->end = errno == 0;
            return;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (fstatat(l->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
            add(l, entry->d_name, &st);
        } else if (errno != ENOENT) { /* gone meanwhile */
            l->os_errno = errno;
            return;
        }
    }
}

/* ---------------------------------------------------------------- on the loop's thread */

void local_folder_error(struct lsmb_error *err, int os_errno, const char *step, const char *path)
{
    if (os_errno == ELOOP) {
        error_set(err, LSMB_E_LOCAL, "a symbolic link is in the way, which is not followed");
        err->os_errno = os_errno;
    } else if (os_errno == EXDEV) {
        error_set(err, LSMB_E_LOCAL, "the path leads out of the directory");
        err->os_errno = os_errno;
    } else {
        error_errno_step(err, os_errno, step);
    }
    if (os_errno == EACCES) {
        err->code = LSMB_E_DENIED;
    }
    error_step(err, step);
    error_path(err, path);
}

static void answer(struct local_lister *l)
{
    struct lsmb_wait *wait = l->wait;
    struct lsmb_error err;

    l->wait = NULL;
    if (l->os_errno != 0) {
        local_folder_error(&err, l->os_errno, "list", l->path);
    }
    *l->each_end = l->end;
    lsmb_wait_done(wait, l->os_errno != 0 ? &err : NULL);
}

static void page_came(struct ready *ready)
{
    struct local_lister *l = CONTAINER_OF(ready, struct local_lister, ready);

    for (size_t i = 0; i < l->count; i++) {
        if (!l->each(l->each_arg, l->entries[i].name, &l->entries[i].stat)) {
            break;
        }
    }
    l->count = 0;
    answer(l);
}

struct local_lister *local_lister_new(struct env *env, int fd, int os_errno, const char *path)
{
    struct local_lister *l = malloc(sizeof *l);
    char *copy = strdup(path);

    if (!l || !copy) {
        if (fd >= 0) {
            (void)close(fd);
        }
        free(l);
        free(copy);
        return NULL;
    }
    l->job = (struct job){.work = work, .release = release};
    l->ready = (struct ready){.run = page_came};
    l->env = env;
    l->path = copy;
    l->fd = fd;
    l->dir = NULL;
    l->os_errno = fd < 0 ? os_errno : 0;
    l->begun = l->end = false;
    l->count = 0;
    l->wait = NULL;
    return l;
}

void local_lister_more(struct local_lister *lister, lsmb_entry_fn *each, void *each_arg, bool *end,
                       struct lsmb_wait *wait)
{
    struct job *job = &lister->job;

    lister->each = each;
    lister->each_arg = each_arg;
    lister->each_end = end;
    lister->wait = wait;
    if (lister->os_errno != 0) {
        answer(lister);
        return;
    }
    job->done = &lister->ready;
    job->submitted = job->finished = false;
    if (!lister->env->jobs->submit(lister->env->jobs, job)) {
        work(job);
        ready_wake(&lister->env->ready, &lister->ready);
    }
}

void local_lister_free(struct local_lister *lister)
{
    ready_forget(&lister->ready);
    job_release(&lister->job);
}
