/* rpc.h: remote procedure calls through a named pipe (MS-RPCE 2.1.1.2, C706 12). */
#ifndef LSMB_FS_RPC_H
#define LSMB_FS_RPC_H

#include "fs/pipe.h"
#include "proto/rpc.h"

enum { RPC_ANSWER_MAX = 8 << 20 }; /* bytes of an answer, all fragments together */

/* An interface that a server offers on a pipe, bound. */
struct rpc {
    struct open open;      /* the pipe; not open: open.share is NULL */
    uint32_t call_id;      /* of the last call */
    uint16_t max_transmit; /* bytes of a PDU that the server takes */
};

/* Open the pipe and bind the interface.  On success `*rpc` is to be closed with close_start() or
 * open_drop() of its pipe, after a failure too. */
struct rpc_bind_op {
    struct op op; /* first */
    struct lsmb_share *share;
    const char *name; /* borrowed */
    const struct rpc_syntax *interface;
    struct rpc *rpc;
    struct open_op opening;
    struct pipe_op exchange;
};
void rpc_bind_start(struct rpc_bind_op *op, struct op *parent, struct lsmb_share *share,
                    const char *name, const struct rpc_syntax *interface, struct rpc *rpc);

/* Call number `opnum` of the interface with the arguments `stub`, which are copied at once and fit into one
 * PDU.  On success `stub` holds the answer's, put together from its fragments, until rpc_call_drop(). */
struct rpc_call_op {
    struct op op; /* first */
    struct rpc *rpc;
    struct pipe_op exchange;
    uint8_t *stub;              /* owned */
    size_t stub_len, stub_room; /* bytes */
    bool whole;
};
void rpc_call_start(struct rpc_call_op *op, struct op *parent, struct rpc *rpc, uint16_t opnum,
                    struct span stub);
void rpc_call_drop(struct rpc_call_op *op);

#endif
