#include "xfer/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TRIES = 8, NAME_BYTES = 256 };

static int open_at_once(const struct beneath *b, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_DIRECTORY | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
    };
    long fd = -1;

    /* openat2(2): EAGAIN while somebody renames around there. */
    for (unsigned i = 0; i < TRIES && fd < 0; i++) {
        fd = syscall(SYS_openat2, b->root, path[0] ? path : ".", &how, sizeof how);
        if (fd < 0 && errno != EAGAIN && errno != EINTR) {
            break;
        }
    }
    return (int)fd;
}

/* Open the folder `name` in `dir`. */
static int open_one(int dir, const char *name, int flags)
{
    struct stat st;
    int fd = openat(dir, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOTDIR && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
    }
    return fd;
}

/* Copy the first name of `path`; false when it is none that leads downwards. */
static bool first_name(char name[static NAME_BYTES], const char *path, size_t len)
{
    if (len == 0 || len >= NAME_BYTES) {
        errno = len == 0 ? ENOENT : ENAMETOOLONG;
        return false;
    }
    memcpy(name, path, len);
    name[len] = '\0';
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        errno = EXDEV; /* as openat2(2) says it */
        return false;
    }
    return true;
}

/* Name by name; only the last one has to be readable. */
static int open_by_hand(const struct beneath *b, const char *path, int flags)
{
    char name[NAME_BYTES];
    int fd = open_one(b->root, ".", path[0] ? O_PATH : flags);

    while (fd >= 0 && path[0]) {
        size_t len = strcspn(path, "/");
        bool last = path[len] == '\0';
        int next = first_name(name, path, len) ? open_one(fd, name, last ? flags : O_PATH) : -1;
        int failed_errno = errno;
        (void)close(fd);
        errno = failed_errno;
        fd = next;
        path += last ? len : len + 1;
    }
    return fd;
}

static int open_with(struct beneath *b, const char *path, int flags)
{
    if (!b->by_hand) {
        int fd = open_at_once(b, path, flags);
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
            return fd;
        }
        b->by_hand = true; /* an older kernel, or a filter for system calls */
    }
    return open_by_hand(b, path, flags);
}

int beneath_open(struct beneath *beneath, const char *path)
{
    int fd = open_with(beneath, path, O_RDONLY);

    return fd < 0 && errno == EACCES ? open_with(beneath, path, O_PATH) : fd;
}
