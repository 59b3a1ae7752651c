/* file_pipe.h: local files that prove to be no regular ones (a FIFO, a device): an end for descriptors does it all.
 *
 * Each is the first member of a file's own structure, and says who answers the engine's calls. */
#ifndef LSMB_XFER_FILE_PIPE_H
#define LSMB_XFER_FILE_PIPE_H

#include "xfer/xfer.h"

struct piped_source {
    struct lsmb_source source;        /* first */
    const struct lsmb_source_ops *of; /* the file's own calls, of which close() goes on */
    struct lsmb_source *pipe;         /* owned: what does it all; NULL: it is a regular file */
};

struct piped_sink {
    struct lsmb_sink sink;
    const struct lsmb_sink_ops *of;
    struct lsmb_sink *pipe;
};

/* Open what `path` leads to, and pass all calls on to it from now on. */
void piped_source_open(struct piped_source *file, struct lsmb *smb, const char *path,
                       struct lsmb_stat *out, struct lsmb_wait *wait);
void piped_sink_open(struct piped_sink *file, struct lsmb *smb, const char *path,
                     const struct lsmb_stat *source, struct lsmb_wait *wait);

/* Harmless when it is a regular file. */
void piped_source_close(struct piped_source *file);
void piped_sink_close(struct piped_sink *file);

#endif
