/* ioctl.h: one IOCTL on an open file as a child operation (MS-SMB2 3.2.4.20). */
#ifndef LSMB_FS_IOCTL_H
#define LSMB_FS_IOCTL_H

#include "fs/open.h"

/* An FSCTL and its answer.  `output` points into the request's reply, which stays until ioctl_drop().  It is
 * also there after a failure that came with the command's own body (smb2_reply_has_body): COPYCHUNK tells
 * its limits that way. */
struct ioctl_op {
    struct op op; /* first */
    struct open *open;
    uint32_t ctl_code;   /* enum smb2_fsctl */
    uint8_t *input;      /* owned until it has been sent */
    size_t input_len;    /* bytes */
    uint32_t max_output; /* bytes */
    bool cut;            /* STATUS_BUFFER_OVERFLOW: there would have been more output */
    struct span output;
    struct request request;
};

/* Start as a child of `parent`; `input` is copied at once.  `max_output` is at most share_transact_limit().
 * What concerns no file goes to a struct open of the share with SMB2_FILE_ID_NONE.  Any status but
 * success and STATUS_BUFFER_OVERFLOW is a failure. */
void ioctl_start(struct ioctl_op *op, struct op *parent, struct open *open, uint32_t ctl_code,
                 struct span input, uint32_t max_output);

/* Let go of the answer: to be called whatever the outcome was.  Harmless when there is none. */
void ioctl_drop(struct ioctl_op *op);

#endif
