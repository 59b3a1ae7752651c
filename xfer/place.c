/* place.c: how a local target can come to its name. */
#include "xfer/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEMP_TRIES = 8, MODE_BITS = 07777 };

/* ---------------------------------------------------------------- looking */

/* 0 or an errno. */
static int look(const char *path, struct stat *st, bool *exists)
{
    *exists = stat(path, st) == 0;
    return *exists || errno == ENOENT ? 0 : errno;
}

static void choose(struct place *p, bool is_link)
{
    if (p->exists && !S_ISREG(p->before.st_mode)) {
        p->way = PLACE_PIPE;
        p->why = "it is no regular file";
    } else if (is_link) {
        p->way = p->exists ? PLACE_COPY : PLACE_STRAIGHT;
        p->why = "it is a symbolic link";
    } else if (p->exists && p->before.st_nlink > 1) {
        p->way = PLACE_COPY;
        p->why = "it has more than one name (hard links)";
    }
}

static bool refuse_atomic(const struct place *p, struct lsmb_error *err)
{
    error_set(err, LSMB_E_LOCAL, "it cannot be replaced atomically: %s", p->why);
    error_advise(err, "leave --atomic away, or write into it with --in-place");
    return false;
}

/* Follow a link, so that the temporary stands beside the file itself; 0 or an errno. */
static int resolve(struct place *p, const char *path, bool is_link)
{
    if (is_link && p->exists && S_ISREG(p->before.st_mode)) {
        p->path = realpath(path, NULL);
        if (p->path || errno == ENOMEM) {
            return p->path ? 0 : ENOMEM;
        }
        p->way = PLACE_STRAIGHT; /* the file is open somewhere, but has no name any more */
    }
    p->path = strdup(path);
    return p->path ? 0 : ENOMEM;
}

static int open_folder(struct place *p)
{
    char *slash = strrchr(p->path, '/');
    char *folder =
        slash ? strndup(p->path, slash == p->path ? 1 : (size_t)(slash - p->path)) : NULL;

    p->leaf = slash ? slash + 1 : p->path;
    if (!*p->leaf || (slash && !folder)) {
        free(folder);
        return *p->leaf ? ENOMEM : EISDIR;
    }
    p->dir = open(folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->dir < 0 && errno == EACCES) { /* may be entered, but not listed */
        p->dir = open(folder ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    int failed_errno = p->dir < 0 ? errno : 0;
    free(folder);
    return failed_errno;
}

static bool fail_errno(struct lsmb_error *err, int os_errno, const char *step)
{
    error_errno_step(err, os_errno, step);
    return false;
}

bool place_find(struct place *p, const char *path, enum lsmb_publish how, struct lsmb_error *err)
{
    struct stat itself;

    *p = (struct place){.dir = -1};
    bool is_link = lstat(path, &itself) == 0 && S_ISLNK(itself.st_mode);
    int failed_errno = look(path, &p->before, &p->exists);
    if (!failed_errno && p->exists && S_ISDIR(p->before.st_mode)) {
        failed_errno = EISDIR;
    }
    if (failed_errno) {
        return fail_errno(err, failed_errno, "open the target");
    }
    choose(p, is_link);
    failed_errno = resolve(p, path, is_link);
    if (failed_errno) {
        return fail_errno(err, failed_errno, "open the target");
    }
    if (p->why && how == LSMB_PUBLISH_ATOMIC) {
        return refuse_atomic(p, err);
    }
    if (how == LSMB_PUBLISH_IN_PLACE && p->way != PLACE_PIPE) {
        p->way = PLACE_STRAIGHT;
    }
    if (p->way == PLACE_RENAME || p->way == PLACE_COPY) {
        failed_errno = open_folder(p);
    }
    return failed_errno ? fail_errno(err, failed_errno, "open the directory of") : true;
}

/* What stands in the folder; 0 or an errno, EINVAL for what is no file. */
static int look_in(struct place *p)
{
    if (fstatat(p->dir, p->leaf, &p->before, AT_SYMLINK_NOFOLLOW)) {
        return errno == ENOENT ? 0 : errno;
    }
    if (S_ISLNK(p->before.st_mode)) {
        return 0; /* the rename replaces it; what it leads to is nobody's business */
    }
    p->exists = true;
    if (!S_ISREG(p->before.st_mode)) {
        return S_ISDIR(p->before.st_mode) ? EISDIR : EINVAL;
    }
    choose(p, false);
    return 0;
}

bool place_find_in(struct place *p, int dir, const char *leaf, enum lsmb_publish how,
                   struct lsmb_error *err)
{
    *p = (struct place){.dir = dir, .lent = true, .path = strdup(leaf)};
    if (!p->path) {
        return fail_errno(err, ENOMEM, "open the target");
    }
    p->leaf = p->path;
    int failed_errno = look_in(p);
    if (failed_errno == EINVAL) {
        error_set(err, LSMB_E_LOCAL, "there is something that is no regular file");
        return false;
    }
    if (failed_errno) {
        return fail_errno(err, failed_errno, "open the target");
    }
    if (p->why && how == LSMB_PUBLISH_ATOMIC) {
        return refuse_atomic(p, err);
    }
    if (how == LSMB_PUBLISH_IN_PLACE) {
        p->way = PLACE_STRAIGHT;
    }
    return true;
}

/* ---------------------------------------------------------------- the temporary */

/* As who writes the target knows it: its mode, and its owner where we may give files away.  Not before
 * the owner is right, for a foreign set-user-ID bit would be one of ours. */
static void dress(const struct place *p, int fd)
{
    mode_t mode = p->before.st_mode & MODE_BITS;

    if (fchown(fd, p->before.st_uid, p->before.st_gid)) {
        mode &= 0777;
    }
    (void)fchmod(fd, mode); /* a file system without modes has nothing to lose */
}

static int make_temp(struct place *p, struct env *env, struct lsmb_error *err)
{
    int fd = -1;

    for (unsigned tries = 0; fd < 0 && tries < TEMP_TRIES; tries++) {
        if (!temp_name(p->temp, p->leaf, env->random)) {
            error_set(err, LSMB_E_LOCAL, "the system gives no random numbers");
            break;
        }
        fd = openat(p->dir, p->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    p->exists ? 0600 : 0666);
        if (fd < 0 && errno != EEXIST && errno != EINTR) {
            (void)fail_errno(err, errno, "make a temporary file beside");
            break;
        }
    }
    if (fd < 0) {
        p->temp[0] = '\0';
    } else if (p->exists) {
        dress(p, fd);
    }
    return fd;
}

static bool takes_no_names(const struct lsmb_error *err)
{
    return err->os_errno == EACCES || err->os_errno == EROFS || err->os_errno == EPERM;
}

/* What was opened is what was looked at, or what nobody else has: 0 or an errno.  A pipe or another's file may have
 * been put in its place. */
static int check_opened(const struct place *p, int fd)
{
    struct stat st;

    if (fstat(fd, &st)) {
        return errno;
    }
    bool same = p->exists ? st.st_dev == p->before.st_dev && st.st_ino == p->before.st_ino
                          : st.st_nlink <= 1;
    return S_ISREG(st.st_mode) && same ? 0 : ESTALE;
}

/* The descriptor, which is closed if it is the wrong one; -1 with `err` filled in. */
static int take_opened(const struct place *p, int fd, struct lsmb_error *err)
{
    int failed_errno = fd < 0 ? errno : check_opened(p, fd);

    if (!failed_errno) {
        return fd;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (failed_errno == ESTALE) {
        error_set(err, LSMB_E_CHANGED, "something else has been put in its place");
    } else {
        (void)fail_errno(err, failed_errno, "open the target");
    }
    return -1;
}

static int open_straight(const struct place *p, struct lsmb_error *err)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd =
        p->lent ? openat(p->dir, p->leaf, flags | O_NOFOLLOW, 0666) : open(p->path, flags, 0666);

    return take_opened(p, fd, err);
}

int place_open(struct place *p, enum lsmb_publish how, struct env *env, struct lsmb_error *err)
{
    if (p->way == PLACE_STRAIGHT) {
        return open_straight(p, err);
    }
    error_set(err, LSMB_E_LOCAL, "no free name for a temporary file was found");
    int fd = make_temp(p, env, err);
    if (fd >= 0 || !p->exists || !takes_no_names(err)) {
        return fd;
    }
    p->why = err->os_errno == EROFS
                 ? "a temporary file cannot be made beside it (read-only file system)"
                 : "a temporary file cannot be made beside it (permission denied)";
    if (how == LSMB_PUBLISH_ATOMIC) {
        (void)refuse_atomic(p, err);
        return -1;
    }
    p->way = PLACE_STRAIGHT;
    return open_straight(p, err);
}

/* ---------------------------------------------------------------- the end */

bool place_rename(struct place *p, enum lsmb_publish how, struct lsmb_error *err)
{
    bool ok = renameat(p->dir, p->temp, p->dir, p->leaf) == 0;

    return place_renamed(p, ok ? 0 : errno, how, err);
}

bool place_renamed(struct place *p, int failed_errno, enum lsmb_publish how, struct lsmb_error *err)
{
    if (failed_errno == 0) {
        p->temp[0] = '\0';
        return true;
    }
    (void)fail_errno(err, failed_errno, "rename the temporary file to");
    /* A sticky folder and another's file; a mount point. */
    if (p->exists && how == LSMB_PUBLISH_AUTO &&
        (failed_errno == EACCES || failed_errno == EPERM || failed_errno == EBUSY)) {
        p->way = PLACE_COPY;
        p->why = failed_errno == EBUSY ? "something is mounted on it"
                                       : "its directory does not let it be replaced";
    }
    return false;
}

int place_open_target(struct place *p, struct lsmb_error *err)
{
    int fd = openat(p->dir, p->leaf, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    return take_opened(p, fd, err);
}

void place_free(struct place *p)
{
    if (p->temp[0]) {
        (void)unlinkat(p->dir, p->temp, 0);
        p->temp[0] = '\0';
    }
    if (p->dir >= 0 && !p->lent) {
        (void)close(p->dir);
    }
    p->dir = -1;
    free(p->path);
    p->path = NULL;
}
