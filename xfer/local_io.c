#include "xfer/local_io.h"

#include <errno.h>
#include <unistd.h>

ssize_t local_read(int fd, void *bytes, size_t len, uint64_t offset)
{
    ssize_t n;

    do {
        n = pread(fd, bytes, len, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return n;
}

int local_write(int fd, const uint8_t *bytes, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, (off_t)offset);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return n == 0 ? EIO : errno;
        }
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
            offset += (uint64_t)n;
        }
    }
    return 0;
}
