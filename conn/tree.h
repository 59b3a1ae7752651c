/* tree.h: a share as the server gave it (MS-SMB2 3.2.1.4). */
#ifndef LSMB_CONN_TREE_H
#define LSMB_CONN_TREE_H

#include "base/op.h"
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

/* Disconnect without waiting (MS-SMB2 3.2.4.22). */
void tree_disconnect(struct tree *tree, struct channel *channel);

#endif
