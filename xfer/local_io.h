/* local_io.h: reading and writing files of this machine, on the caller's thread. */
#ifndef LSMB_XFER_LOCAL_IO_H
#define LSMB_XFER_LOCAL_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Up to `len` bytes at `offset`: how many there are, 0 at the end, -1 with errno set. */
ssize_t local_read(int fd, void *bytes, size_t len, uint64_t offset);

/* All of `len` bytes at `offset`; 0 or an errno. */
int local_write(int fd, const uint8_t *bytes, size_t len, uint64_t offset);

#endif
