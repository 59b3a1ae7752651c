/* file_read.h: the ranges of a local file, read in order.
 *
 * What is in the system's cache is there at once.  The first range that is not shows that the file must come
 * from the disk: from then on the disk is told what will be wanted, so that it reads while the network sends,
 * and the loop hardly waits for it. */
#ifndef LSMB_XFER_FILE_READ_H
#define LSMB_XFER_FILE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { FILE_READ_AHEAD = 8 << 20 }; /* bytes that the disk is told of beforehand */

/* Zeroed before the first range. */
struct file_reader {
    bool cold;      /* something was not in the cache */
    uint64_t ahead; /* where what the disk was told of ends */
};

/* Up to `len` bytes at `offset`: how many there are, 0 at the end, -1 with errno set. */
ssize_t file_read(struct file_reader *reader, int fd, void *bytes, size_t len, uint64_t offset);

#endif
