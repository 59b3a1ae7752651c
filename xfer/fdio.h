/* fdio.h: reading and writing descriptors that may block for ever (pipes, terminals), one call at a time,
 * on the helper pool.
 *
 * A call that nobody waits for any more cannot be interrupted.  So the helper works on a descriptor and a
 * buffer of its own, and takes them with it: whoever gives up is rid of it at once. */
#ifndef LSMB_XFER_FDIO_H
#define LSMB_XFER_FDIO_H

#include "base/env.h"
#include "base/error.h"

enum { FDIO_BYTES = 256 << 10 }; /* most per call: four times what a pipe holds */

struct fdio;

/* On a copy of `fd`, or, if that is -1, on `path` (copied), which fdio_open() opens with `flags`.
 * NULL with errno set. */
struct fdio *fdio_new(int fd, const char *path, int flags);

/* Start; `done` is made ready when the call has ended (also when no helper could be had: then it was
 * made on this thread). */
void fdio_open(struct fdio *io, struct env *env, struct ready *done);
/* Up to FDIO_BYTES: until as many have come, or the end. */
void fdio_read(struct fdio *io, struct env *env, size_t len, struct ready *done);
/* Up to FDIO_BYTES, all of them; copied. */
void fdio_write(struct fdio *io, struct env *env, const void *bytes, size_t len,
                struct ready *done);
/* What was written is on the disk, where there is one. */
void fdio_sync(struct fdio *io, struct env *env, struct ready *done);

/* Copy up to `len` bytes, at `offset` in both files, from `from` (a copy of it is kept) to the
 * descriptor.  False with errno set when `from` cannot be kept; then nothing was started. */
bool fdio_copy(struct fdio *io, struct env *env, int from, uint64_t offset, uint64_t len,
               struct ready *done);

/* Whether a call is on its way. */
bool fdio_busy(const struct fdio *io);

/* The bytes that the call moved; fdio_read() has put them at `*data`.  False with `err` filled in when it
 * failed. */
bool fdio_result(struct fdio *io, const uint8_t **data, size_t *len, struct lsmb_error *err);

/* The descriptor, -1 before fdio_open(). */
int fdio_fd(const struct fdio *io);

/* See to it, on this thread, that what `fd` stands for is on the disk, where there is one; 0 or an errno. */
int fdio_sync_now(int fd);

/* Let go; NULL is fine. */
void fdio_free(struct fdio *io);

#endif
