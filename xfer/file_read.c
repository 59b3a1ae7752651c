#include "xfer/file_read.h"

#include <fcntl.h>
#include <sys/uio.h>

#include "xfer/local_io.h"

/* Whether all of it is in the cache, and so has been read.  A file system that cannot tell has it not. */
static bool read_cached(int fd, void *bytes, size_t len, uint64_t offset)
{
    struct iovec iov = {bytes, len};

    return preadv2(fd, &iov, 1, (off_t)offset, RWF_NOWAIT) == (ssize_t)len;
}

/* Keep at least half of what the disk is to know before the reader.  It is advice: no matter if not taken. */
static void look_ahead(struct file_reader *r, int fd, uint64_t from)
{
    uint64_t told = r->ahead > from ? r->ahead : from;
    uint64_t until = from + FILE_READ_AHEAD;

    if (told < until && until - told >= FILE_READ_AHEAD / 2) {
        (void)posix_fadvise(fd, (off_t)told, (off_t)(until - told), POSIX_FADV_WILLNEED);
        r->ahead = until;
    }
}

ssize_t file_read(struct file_reader *r, int fd, void *bytes, size_t len, uint64_t offset)
{
    if (!r->cold && read_cached(fd, bytes, len, offset)) {
        return (ssize_t)len;
    }
    r->cold = true;
    look_ahead(r, fd, offset);
    return local_read(fd, bytes, len, offset);
}
