/* server_copy.h: copying within a server (MS-SMB2 3.2.4.20.2): its bytes never come here. */
#ifndef LSMB_FS_SERVER_COPY_H
#define LSMB_FS_SERVER_COPY_H

#include "fs/ioctl.h"
#include "proto/copychunk.h"

enum { SERVER_COPY_PARTS = 4 }; /* requests in flight at most */

/* A range on its way: what is left of it. */
struct server_copy_part {
    uint64_t at, end;             /* [at, end) */
    uint32_t asked, asked_chunks; /* bytes and chunks of the request */
    bool knew;                    /* the server's own limits, when it was sent */
    bool busy;
    struct ioctl_op ioctl;
};

/* Copy the first `bytes` of one open file over those of another. */
struct server_copy_op {
    struct op op; /* first */
    struct open *from, *to;
    uint64_t bytes, done;
    uint64_t next;             /* where the next part begins */
    struct srv_resume_key key; /* of `from` */
    /* The most in one request: what servers take as a rule, until this one says otherwise. */
    uint32_t chunks_max, chunk_bytes_max, total_bytes_max;
    bool told;                      /* it has */
    bool proven;                    /* it has copied something */
    unsigned busy;                  /* parts */
    struct server_copy_part *parts; /* owned: SERVER_COPY_PARTS */
    struct ioctl_op asking;         /* for the key */
    struct lsmb_error failure;      /* why it fails as soon as no part is busy any more */
};

/* Start as a child of `parent`.  `from` was opened with FILE_READ_DATA, `to` with FILE_WRITE_DATA, which is
 * enough; both must be of one session.  Neither the end of `to` nor a change of `from` is looked after here.
 * When it has failed the server is at work no more, unless that was from outside or for want of an answer.
 * STATUS_NOT_SUPPORTED, STATUS_INVALID_DEVICE_REQUEST and the like: the server cannot. */
void server_copy_start(struct server_copy_op *op, struct op *parent, struct open *from,
                       struct open *to, uint64_t bytes);

/* Whether two shares are of one session, so that files can be copied between them; if not,
 * STATUS_NOT_SUPPORTED. */
bool server_copy_between(const struct lsmb_share *a, const struct lsmb_share *b,
                         struct lsmb_error *err);

#endif
