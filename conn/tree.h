/* tree.h: a share as the server gave it (MS-SMB2 3.2.1.4). */
#ifndef LSMB_CONN_TREE_H
#define LSMB_CONN_TREE_H

#include "base/op.h"
#include "conn/compound.h"
#include "conn/session.h"

struct tree {
    struct session *session; /* NULL while not connected */
    uint32_t id;
    uint8_t share_type;
    uint32_t share_flags, capabilities, maximal_access;
    bool seal; /* every request on it */
};

/* TREE_CONNECT, and FSCTL_VALIDATE_NEGOTIATE_INFO where NEGOTIATE needs it (MS-SMB2 3.2.4.2.4, 3.2.5.5). */
struct tree_op {
    struct op op; /* first */
    struct channel *channel;
    struct tree *tree;
    const char *unc; /* borrowed: "\\server\share", UTF-8 */
    struct request request;
};

/* Start as a child of `parent`; fills in `tree`. */
void tree_connect_start(struct tree_op *connect, struct op *parent, struct channel *channel,
                        struct tree *tree, const char *unc);

/* For who sends TREE_CONNECT in one frame with what is to be done on the share, in dialect 3.1.1: before it nothing
 * may be done on a share until NEGOTIATE has been validated there (MS-SMB2 3.2.5.5). */

/* Lay TREE_CONNECT out in part->request (idle); the part's writer and spec are filled in.  False with `err`
 * filled in: no memory, or a name that cannot be sent. */
bool tree_connect_put(struct compound_part *part, struct channel *channel, const char *unc,
                      struct lsmb_error *err);

/* Take the answer: fill in `tree`.  False with `err` filled in: refused, or the share demands encryption that
 * was not agreed. */
bool tree_connect_get(const struct request *request, struct tree *tree, struct lsmb_error *err);

/* Disconnect without waiting (MS-SMB2 3.2.4.22). */
void tree_disconnect(struct tree *tree, struct channel *channel);

#endif
