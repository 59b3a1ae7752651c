/* file_write.h: the ranges of a local file, written as they come.
 *
 * A write is a copy into the system's cache as long as the disk keeps up: it is made at once, while the bytes
 * are in the processor's.  A disk that does not keep up makes its writers wait, for seconds, and with them
 * every other copy and the connections.  Then a helper writes, one range after the other, until that goes
 * quickly again; the engine's window keeps the source from running ahead.
 *
 * What has been written is handed to the disk now and then, also by a helper, so that little is left to wait
 * for when the file is to be safe. */
#ifndef LSMB_XFER_FILE_WRITE_H
#define LSMB_XFER_FILE_WRITE_H

#include "xfer/xfer.h"

enum {
    FILE_WRITE_SLOW_MS = 50,           /* a range that took so long made everybody wait */
    FILE_WRITE_QUICK_MS = 10,          /* one that did not */
    FILE_WRITE_QUICK_RANGES = 8,       /* so many quick ones, and the helper is not needed */
    FILE_WRITE_BEHIND_BYTES = 16 << 20 /* are handed to the disk at a time */
};

struct disk_job;

struct file_writer {
    struct env *env; /* borrowed */
    int fd;          /* borrowed; -1 = not open */
    bool on_disk;    /* there is one to hand it to */
    bool straight;   /* it is the target itself, not a temporary; false until somebody says so */
    uint64_t held;   /* bytes written since the disk got the last */
    struct disk_job *behind;
    struct ready behind_done;

    bool slow;
    unsigned quick;       /* ranges that were, in a row */
    struct list waiting;  /* ranges for the helper */
    struct disk_job *job; /* the one that it writes; NULL: none */
    struct lsmb_wait *job_wait;
    uint64_t job_began_ns;
    struct ready job_done;
    /* A range has been written, or `err` says why not (NULL: it was). */
    void (*answer)(struct file_writer *, struct lsmb_wait *, struct lsmb_error *err);
};

/* Begin to write to `fd`. */
void file_writer_init(struct file_writer *writer, struct env *env, int fd,
                      void (*answer)(struct file_writer *, struct lsmb_wait *,
                                     struct lsmb_error *));

/* See to it that there is room for `bytes` (LSMB_SIZE_UNKNOWN: nobody knows), so that a full disk is known
 * at the start: it is taken, where that costs nothing.  0 or an errno. */
int file_writer_room(const struct file_writer *writer, uint64_t bytes);

/* Write a range: it is answered, maybe before this returns. */
void file_writer_write(struct file_writer *writer, const struct lsmb_range *range,
                       struct lsmb_wait *wait);

/* Nobody wants what is not written yet: it is answered with `err`; but not what a helper is writing at the moment to the
 * target itself, which is answered when that has ended. */
void file_writer_cancel(struct file_writer *writer, const struct lsmb_error *err);

/* Forget everything; nobody is told.  Harmless when it has not begun. */
void file_writer_drop(struct file_writer *writer);

#endif
