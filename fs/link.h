/* link.h: a conn on a stream: frames in and out (MS-SMB2 2.1). */
#ifndef LSMB_FS_LINK_H
#define LSMB_FS_LINK_H

#include "conn/conn.h"
#include "transport/stream.h"

enum {
    LINK_STAGE_BYTES = 32768,
    LINK_STAGE_BEHIND = 4096, /* of it, behind a frame that is larger than all of it */
    LINK_IOV_MAX = 64,
};

struct link {
    struct conn conn;
    struct loop *loop;     /* borrowed */
    struct stream *stream; /* owned; NULL when closed */
    struct hook receive, flush;
    bool stuck; /* not all that was to be sent went: the socket is full */
    /* The stage holds what came in behind the frame that is being received: the next prefix, and small
     * frames, many with one call.  A large frame's own bytes go straight into its buffer, and so that the
     * next one's do, too, little is taken of what comes behind it. */
    uint8_t stage[LINK_STAGE_BYTES];
    size_t stage_start, stage_len;
    struct buf *frame;  /* owned: being received, filled up to frame->len; NULL between frames */
    size_t frame_bytes; /* its whole length */
};

/* Begin: `stream` is consumed, conn is ready for NEGOTIATE. */
void link_open(struct link *link, struct loop *loop, struct stream *stream,
               const struct policy *policy, const uint8_t *client_guid);

/* Send what is queued as far as that goes without waiting, then close the stream and end the conn.
 * Harmless when closed already.  Sessions must have left the conn afterwards, before link_free(). */
void link_close(struct link *link);
void link_free(struct link *link);

#endif
