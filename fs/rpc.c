/* rpc.c: remote procedure calls through a named pipe. */
#include "fs/rpc.h"

#include <assert.h>
#include <stdlib.h>

enum {
    CONTEXT_ID = 0,
    BIND_ROOM = 128,
    FAULT_ACCESS_DENIED = 5, /* C706 E */
};

/* ---------------------------------------------------------------- what comes back */

/* The PDU that answers call `call_id`: OP_AGAIN when it is of this type. */
static enum op_next take_pdu(struct op *op, const struct pipe_op *exchange, uint32_t call_id,
                             enum rpc_type type, struct rpc_pdu *pdu)
{
    struct span message = {exchange->got, exchange->got_len};
    struct rpc_fault fault;

    if (!rpc_pdu_get(pdu, message) || pdu->call_id != call_id) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to a remote call");
    }
    if (pdu->type == RPC_FAULT && rpc_fault_get(&fault, pdu)) {
        return fault.status == FAULT_ACCESS_DENIED
                   ? op_fail(op, LSMB_E_DENIED, "the server's service denies access")
                   : op_fail(op, LSMB_E_STATUS, "the server's service failed with fault 0x%08x",
                             (unsigned)fault.status);
    }
    return pdu->type == type ? OP_AGAIN
                             : op_fail(op, LSMB_E_PROTOCOL,
                                       "the server answers a remote call with a PDU of type %u",
                                       (unsigned)pdu->type);
}

/* ---------------------------------------------------------------- bind */

static enum op_next open_pipe(struct op *op);
static enum op_next send_bind(struct op *op);
static enum op_next take_bind(struct op *op);

enum { ST_PIPE, ST_BIND, ST_BOUND };

static const struct op_step bind_steps[] = {
    [ST_PIPE] = {"open the pipe", open_pipe, 0},
    [ST_BIND] = {"bind the interface", send_bind, 0},
    [ST_BOUND] = {"bind the interface", take_bind, 0},
};

static struct rpc_bind_op *bind_of(struct op *op)
{
    return CONTAINER_OF(op, struct rpc_bind_op, op);
}

static void release_bind(struct op *op)
{
    pipe_drop(&bind_of(op)->exchange);
}

static const struct op_kind bind_kind = {"rpc bind", bind_steps, release_bind};

void rpc_bind_start(struct rpc_bind_op *op, struct op *parent, struct lsmb_share *share,
                    const char *name, const struct rpc_syntax *interface, struct rpc *rpc)
{
    *op = (struct rpc_bind_op){.share = share, .name = name, .interface = interface, .rpc = rpc};
    *rpc = (struct rpc){.call_id = 0};
    op_start_child(parent, &op->op, &bind_kind);
}

static enum op_next open_pipe(struct op *op)
{
    struct rpc_bind_op *b = bind_of(op);

    pipe_open_start(&b->opening, op, b->share, b->name, &b->rpc->open);
    return op_go(op, ST_BIND);
}

static enum op_next send_bind(struct op *op)
{
    struct rpc_bind_op *b = bind_of(op);
    uint8_t room[BIND_ROOM];
    struct wr w = wr_from(room, sizeof room);
    enum op_next next = op_await(op, &b->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    rpc_bind_put(&w, &(struct rpc_bind){
                         .call_id = ++b->rpc->call_id,
                         .max_transmit = RPC_FRAGMENT_MAX,
                         .max_receive = RPC_FRAGMENT_MAX,
                         .context_id = CONTEXT_ID,
                         .interface = *b->interface,
                         .transfer = rpc_ndr,
                     });
    pipe_transact_start(&b->exchange, op, &b->rpc->open, wr_written(&w));
    return op_go(op, ST_BOUND);
}

static enum op_next take_bind(struct op *op)
{
    struct rpc_bind_op *b = bind_of(op);
    struct rpc_bind_nak nak;
    struct rpc_bind_ack ack;
    struct rpc_pdu pdu;
    enum op_next next = op_await(op, &b->exchange.op);

    if (next != OP_AGAIN) {
        return next;
    }
    struct span message = {b->exchange.got, b->exchange.got_len};
    if (rpc_pdu_get(&pdu, message) && rpc_bind_nak_get(&nak, &pdu)) {
        return op_fail(op, LSMB_E_STATUS, "the server refuses to be called (reason %u)",
                       (unsigned)nak.reason);
    }
    next = take_pdu(op, &b->exchange, b->rpc->call_id, RPC_BIND_ACK, &pdu);
    if (next != OP_AGAIN) {
        return next;
    }
    if (!rpc_bind_ack_get(&ack, &pdu)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to a bind");
    }
    if (ack.result != 0) {
        return op_fail(op, LSMB_E_STATUS,
                       "the server does not offer the interface (result %u, reason %u)",
                       (unsigned)ack.result, (unsigned)ack.reason);
    }
    if (!rpc_syntax_equal(&ack.transfer, &rpc_ndr) || ack.max_receive < RPC_FRAGMENT_MIN) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server accepts what was not offered");
    }
    b->rpc->max_transmit = ack.max_receive;
    return OP_DONE;
}

/* ---------------------------------------------------------------- calls */

static enum op_next take_fragment(struct op *op);

enum { ST_FRAGMENT };

static const struct op_step call_steps[] = {
    [ST_FRAGMENT] = {"call the server", take_fragment, 0},
};

static struct rpc_call_op *call_of(struct op *op)
{
    return CONTAINER_OF(op, struct rpc_call_op, op);
}

/* The answer is the user's to look at after success. */
static void release_call(struct op *op)
{
    pipe_drop(&call_of(op)->exchange);
    if (!call_of(op)->whole) {
        rpc_call_drop(call_of(op));
    }
}

static const struct op_kind call_kind = {"rpc call", call_steps, release_call};

void rpc_call_start(struct rpc_call_op *op, struct op *parent, struct rpc *rpc, uint16_t opnum,
                    struct span stub)
{
    uint8_t room[RPC_FRAGMENT_MIN];
    struct wr w = wr_from(room, sizeof room);

    *op = (struct rpc_call_op){.rpc = rpc};
    rpc_request_put(
        &w, &(struct rpc_request){
                .call_id = ++rpc->call_id, .context_id = CONTEXT_ID, .opnum = opnum, .stub = stub});
    assert(wr_ok(&w));
    op_start_child(parent, &op->op, &call_kind);
    pipe_transact_start(&op->exchange, &op->op, &rpc->open, wr_written(&w));
}

void rpc_call_drop(struct rpc_call_op *op)
{
    free(op->stub);
    op->stub = NULL;
    op->stub_len = op->stub_room = 0;
}

/* Room for `more` bytes behind the others; it doubles, so that many fragments are not moved many times. */
static bool make_room(struct rpc_call_op *c, size_t more)
{
    size_t room = c->stub_room > 0 ? c->stub_room : RPC_FRAGMENT_MAX;

    while (room < c->stub_len + more) {
        room *= 2;
    }
    if (room == c->stub_room) {
        return true;
    }
    uint8_t *all = realloc(c->stub, room);
    if (!all) {
        return false;
    }
    c->stub = all;
    c->stub_room = room;
    return true;
}

static enum op_next append(struct rpc_call_op *c, struct span stub)
{
    if (stub.len > RPC_ANSWER_MAX - c->stub_len) {
        return op_fail(&c->op, LSMB_E_PROTOCOL, "the server's answer to a remote call is too long");
    }
    if (!make_room(c, stub.len)) {
        return op_fail(&c->op, LSMB_E_NOMEM, "no memory for the answer to a remote call");
    }
    struct wr w = wr_from(c->stub + c->stub_len, stub.len);
    wr_span(&w, stub);
    c->stub_len += stub.len;
    return OP_AGAIN;
}

/* C706 12.6.3.1: the first fragment, and only it, says that it is the first; likewise the last.  One in
 * between that brings nothing is refused, since it could come for ever. */
static bool fits(const struct rpc_call_op *c, const struct rpc_response *r)
{
    bool first = (r->flags & RPC_FIRST_FRAG) != 0, last = (r->flags & RPC_LAST_FRAG) != 0;

    return first == (c->stub == NULL) && (last || r->stub.len > 0) && r->context_id == CONTEXT_ID;
}

static enum op_next take_fragment(struct op *op)
{
    struct rpc_call_op *c = call_of(op);
    struct rpc_response response;
    struct rpc_pdu pdu;
    enum op_next next = op_await(op, &c->exchange.op);

    if (next == OP_AGAIN) {
        next = take_pdu(op, &c->exchange, c->rpc->call_id, RPC_RESPONSE, &pdu);
    }
    if (next != OP_AGAIN) {
        return next;
    }
    if (!rpc_response_get(&response, &pdu) || !fits(c, &response)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to a remote call");
    }
    next = append(c, response.stub);
    if (next != OP_AGAIN) {
        return next;
    }
    if (response.flags & RPC_LAST_FRAG) {
        c->whole = true;
        return OP_DONE;
    }
    pipe_drop(&c->exchange);
    pipe_read_start(&c->exchange, op, &c->rpc->open);
    return op_go(op, ST_FRAGMENT);
}
