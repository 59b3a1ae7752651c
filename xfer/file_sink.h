/* file_sink.h: what the parts of a sink on a local file have in common.
 *
 *   sink_file.c    the calls of the engine; commit in steps
 *   file_write.c   ranges, by whom they are written
 *   file_store.c   a whole file in one go
 *   file_reread.c  what was written, read back
 *   file_pipe.c    what is no regular file
 *
 * Until it is whole it lives beside its place (xfer/place.h). */
#ifndef LSMB_XFER_FILE_SINK_H
#define LSMB_XFER_FILE_SINK_H

#include "xfer/fdio.h"
#include "xfer/file_pipe.h"
#include "xfer/file_write.h"
#include "xfer/folder.h"
#include "xfer/place.h"
#include "xfer/xfer.h"

struct store_job;

struct file_sink {
    struct piped_sink end; /* first */
    struct lsmb *smb;      /* borrowed */
    char *path;            /* owned */
    struct folder *folder; /* held: where it is to be; NULL: `path` says */
    char *leaf;            /* owned: its name there */
    enum lsmb_publish how;
    bool keeps_times; /* the target gets `written` as its time */
    int64_t written;  /* of the source; ns since 1970, 0 = not known */
    struct place place;
    int fd;     /* owned: what is written; -1 = not open */
    bool begun; /* something was written to it */
    struct file_writer writer;

    struct op op; /* of commit() */
    bool committing;
    struct lsmb_wait *wait;
    struct fdio *io; /* owned */
    int target;      /* owned: what a finished temporary is copied into; -1 = none */
    uint64_t bytes, copied;

    struct store_job *storing; /* held until it has ended; NULL: none */
    struct ready stored;
    bool *taken; /* of store() */
};

static inline struct file_sink *file_sink_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct file_sink, end.sink);
}

/* A call of the engine has ended; an error (NULL: none) gets the path. */
void file_sink_answer(const struct file_sink *f, struct lsmb_wait *wait, struct lsmb_error *err);

/* Look at where it is to be: place_find(), or place_find_in() its folder. */
bool file_sink_find(struct file_sink *f, struct lsmb_error *err);

/* Give what `fd` stands for the time that is to be kept, if one is.  A file system that cannot is none to
 * fail for. */
void file_sink_set_time(const struct file_sink *f, int fd);

/* ---------------------------------------------------------------- file_store.c */

/* lsmb_sink_ops.store: where the target comes to its name by a rename. */
void file_store(struct lsmb_sink *sink, const struct lsmb_stat *source,
                const struct lsmb_range *range, bool *taken, struct lsmb_wait *wait);

/* Give it up, unless the rename has begun; who waits for it is told. */
void file_store_cancel(struct file_sink *f);

/* Forget it; nobody is told. */
void file_store_drop(struct file_sink *f);

/* ---------------------------------------------------------------- file_reread.c */

/* lsmb_sink_ops.reread. */
struct lsmb_source *file_reread(struct lsmb_sink *sink);

#endif
