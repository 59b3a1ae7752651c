/* nbss_session.h: open a NetBIOS session on a connected stream (RFC 1002 4.3, 5.3.1; port 139). */
#ifndef LSMB_TRANSPORT_NBSS_SESSION_H
#define LSMB_TRANSPORT_NBSS_SESSION_H

#include "base/op.h"
#include "proto/nbss.h"
#include "transport/stream.h"

enum { NBSS_SESSION_ANSWER_MAX = 6 }; /* bytes after the prefix: RETARGET (RFC 1002 4.3.5) */

/* Embedded in the operation that connects; its fields are transport/nbss_session.c's own. */
struct nbss_session_op {
    struct op op;          /* first */
    struct stream *stream; /* borrowed */
    struct hook receive, flush;
    uint8_t request[NBSS_REQUEST_LEN];
    size_t request_len; /* 0: a name does not fit */
    size_t sent;        /* bytes of it */
    struct nbss_name called;
    uint8_t answer[NBSS_PREFIX_LEN + NBSS_SESSION_ANSWER_MAX];
    size_t got;          /* bytes of it */
    unsigned keepalives; /* that came instead of an answer */

    /* For whoever connects, when it has failed: */
    uint8_t refusal;         /* enum nbss_error: refused for that; 0: not refused */
    bool retargeted;         /* sent on: */
    struct nbss_retarget to; /* there */
};

/* Start as a child of `parent`: ask the server for a session between `calling` and `called` (copied;
 * "*SMBSERVER", 0x20 reaches servers whose name is not known).  `stream` is borrowed until the operation
 * has ended; it is not attached then, and on success its framing is FRAMING_NETBIOS.  Keepalives that come
 * before the answer are dropped, a few of them.
 *
 * Fails with LSMB_E_NETWORK (refused: the reason says why; told to go elsewhere: the reason says where;
 * connection lost), LSMB_E_PROTOCOL, LSMB_E_TIMEOUT, or LSMB_E_USAGE if a name is too long. */
void nbss_session_start(struct nbss_session_op *session, struct op *parent, struct loop *loop,
                        struct stream *stream, const struct nbss_name *called,
                        const struct nbss_name *calling);

#endif
