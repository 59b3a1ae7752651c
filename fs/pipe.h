/* pipe.h: named pipes: a message there and its answer back (MS-SMB2 3.2.4.3.1, 3.2.4.20.4). */
#ifndef LSMB_FS_PIPE_H
#define LSMB_FS_PIPE_H

#include "fs/ioctl.h"

enum {
    PIPE_MESSAGE_MAX = 65536
}; /* bytes; the PDUs that go through pipes count theirs in 16 bits */

/* Open a named pipe ("srvsvc") on a share that holds those (IPC$), for reading and writing. */
void pipe_open_start(struct open_op *op, struct op *parent, struct lsmb_share *share,
                     const char *name, struct open *open);

/* One exchange. */
struct pipe_op {
    struct op op; /* first */
    struct open *open;
    bool asks; /* the ioctl runs before anything is read */
    struct ioctl_op ioctl;
    struct request request;
    uint8_t *got; /* owned: the message that came */
    size_t got_len;
    bool whole;
};

/* Write a message and take the one that answers it (FSCTL_PIPE_TRANSCEIVE), whole: what does not come at
 * once is read.  `message` is copied at once.  On success `got` stays until pipe_drop(). */
void pipe_transact_start(struct pipe_op *op, struct op *parent, struct open *open,
                         struct span message);

/* Take a further message. */
void pipe_read_start(struct pipe_op *op, struct op *parent, struct open *open);

/* Let go of the message.  Harmless when there is none. */
void pipe_drop(struct pipe_op *op);

#endif
