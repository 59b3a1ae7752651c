/* srvsvc.h: the arguments of NetrShareEnum at level 1 (MS-SRVS 3.1.4.8) in NDR (C706 14).
 *
 * Everything here is the stub of a call or of its answer (proto/rpc.h). */
#ifndef LSMB_PROTO_SRVSVC_H
#define LSMB_PROTO_SRVSVC_H

#include "proto/rpc.h"

enum { SRVSVC_NETR_SHARE_ENUM = 15 }; /* opnum, MS-SRVS 3.1.4 */

#define SRVSVC_PREFERRED_MAX UINT32_MAX /* MAX_PREFERRED_LENGTH: as many bytes as it takes */

/* MS-ERREF 2.2: what calls of this interface return. */
enum srvsvc_status {
    SRVSVC_SUCCESS = 0,
    SRVSVC_ACCESS_DENIED = 5,
    SRVSVC_MORE_DATA = 234, /* call again with the resume handle */
};

/* srvsvc 3.0 (MS-SRVS 1.9). */
extern const struct rpc_syntax srvsvc_interface;

struct srvsvc_share_enum {
    const char *server;       /* "\\server", UTF-8, at most 260 characters */
    uint32_t level;           /* of information: 1 */
    uint32_t preferred_bytes; /* of the answer */
    uint32_t resume;          /* the resume handle; 0 at first */
};
void srvsvc_share_enum_put(struct wr *w, const struct srvsvc_share_enum *q);

/* `server` is not given out: NULL. */
bool srvsvc_share_enum_get(struct srvsvc_share_enum *out, struct span stub);

/* SHARE_INFO_1 (MS-SRVS 2.2.4.23); names are UTF-16LE. */
struct srvsvc_share {
    struct span name;
    uint32_t type; /* MS-SRVS 2.2.2.4 */
    struct span comment;
};

struct srvsvc_share_enum_reply {
    uint32_t count;             /* shares that srvsvc_share_next() gives out */
    uint32_t total;             /* that there are */
    uint32_t resume;            /* the resume handle to go on with */
    uint32_t status;            /* enum srvsvc_status, or another Windows error code */
    struct rd entries, strings; /* where the next share is */
};

/* All of it is checked here, every share too. */
bool srvsvc_share_enum_reply_get(struct srvsvc_share_enum_reply *out, struct span stub);

/* The next share; false after the last. */
bool srvsvc_share_next(struct srvsvc_share_enum_reply *reply, struct srvsvc_share *out);

/* Write an answer with `count` shares: reply->count of them. */
void srvsvc_share_enum_reply_put(struct wr *w, const struct srvsvc_share_enum_reply *reply,
                                 const struct srvsvc_share *shares);

#endif
