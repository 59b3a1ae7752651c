/* rpc.c: remote procedure calls over a connection (C706 12.6, MS-RPCE 2.2.2). */
#include "proto/rpc.h"

enum {
    RPC_VERS = 5,
    DREP_LITTLE_ENDIAN = 0x10, /* ASCII and IEEE 754 in the same octets (C706 14.1) */
    FRAG_LENGTH_AT = 8,
    WHOLE = RPC_FIRST_FRAG | RPC_LAST_FRAG,
};

const struct rpc_syntax rpc_ndr = {
    .uuid = {0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10,
             0x48, 0x60},
    .version = 2,
};

bool rpc_syntax_equal(const struct rpc_syntax *a, const struct rpc_syntax *b)
{
    return memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0 && a->version == b->version;
}

/* ---------------------------------------------------------------- the header */

bool rpc_pdu_get(struct rpc_pdu *out, struct span message)
{
    struct rd r = rd_from(message, 0);

    rd_require(&r, rd_u8(&r) == RPC_VERS);
    rd_require(&r, rd_u8(&r) <= 1); /* rpc_vers_minor */
    out->type = rd_u8(&r);
    out->flags = rd_u8(&r);
    rd_require(&r, rd_u8(&r) == DREP_LITTLE_ENDIAN);
    rd_skip(&r, 3); /* floating point, which nobody sends here, and reserved */
    uint16_t length = rd_u16(&r);
    uint16_t auth_length = rd_u16(&r);
    out->call_id = rd_u32(&r);
    rd_require(&r, length == message.len && auth_length == 0);
    out->body = rd_take(&r, rd_left(&r));
    return rd_ok(&r);
}

/* Begin a PDU; returns where, for end(). */
static size_t begin(struct wr *w, enum rpc_type type, uint8_t flags, uint32_t call_id)
{
    size_t start = w->pos;

    wr_u8(w, RPC_VERS);
    wr_u8(w, 0); /* rpc_vers_minor */
    wr_u8(w, (uint8_t)type);
    wr_u8(w, flags);
    wr_u32(w, DREP_LITTLE_ENDIAN);
    wr_u16(w, 0); /* frag_length */
    wr_u16(w, 0); /* auth_length */
    wr_u32(w, call_id);
    return start;
}

static void end(struct wr *w, size_t start)
{
    wr_patch(w, start + FRAG_LENGTH_AT, w->pos - start, 2);
}

/* A cursor over the body of a PDU of this type. */
static struct rd body_of(const struct rpc_pdu *pdu, enum rpc_type type)
{
    struct rd r = rd_from(pdu->body, 0);

    rd_require(&r, pdu->type == type);
    return r;
}

static void put_syntax(struct wr *w, const struct rpc_syntax *syntax)
{
    wr_bytes(w, syntax->uuid, sizeof syntax->uuid);
    wr_u32(w, syntax->version);
}

static void get_syntax(struct rd *r, struct rpc_syntax *out)
{
    rd_bytes(r, out->uuid, sizeof out->uuid);
    out->version = rd_u32(r);
}

/* ---------------------------------------------------------------- bind */

void rpc_bind_put(struct wr *w, const struct rpc_bind *q)
{
    size_t start = begin(w, RPC_BIND, WHOLE, q->call_id);

    wr_u16(w, q->max_transmit);
    wr_u16(w, q->max_receive);
    wr_u32(w, 0);  /* assoc_group_id: a new one */
    wr_u8(w, 1);   /* n_context_elem */
    wr_zero(w, 3); /* reserved */
    wr_u16(w, q->context_id);
    wr_u8(w, 1); /* n_transfer_syn */
    wr_u8(w, 0); /* reserved */
    put_syntax(w, &q->interface);
    put_syntax(w, &q->transfer);
    end(w, start);
}

bool rpc_bind_get(struct rpc_bind *out, const struct rpc_pdu *pdu)
{
    struct rd r = body_of(pdu, RPC_BIND);

    out->call_id = pdu->call_id;
    out->max_transmit = rd_u16(&r);
    out->max_receive = rd_u16(&r);
    rd_skip(&r, 4); /* assoc_group_id */
    rd_require(&r, rd_u8(&r) == 1);
    rd_skip(&r, 3); /* reserved */
    out->context_id = rd_u16(&r);
    rd_require(&r, rd_u8(&r) == 1);
    rd_skip(&r, 1); /* reserved */
    get_syntax(&r, &out->interface);
    get_syntax(&r, &out->transfer);
    return rd_ok(&r);
}

/* The secondary address is a pipe's name, which the client knows; what follows is aligned to 4. */
void rpc_bind_ack_put(struct wr *w, const struct rpc_bind_ack *a)
{
    size_t start = begin(w, RPC_BIND_ACK, WHOLE, a->call_id);

    wr_u16(w, a->max_transmit);
    wr_u16(w, a->max_receive);
    wr_u32(w, 1);      /* assoc_group_id */
    wr_u16(w, 1);      /* length of the secondary address, with its NUL */
    wr_zero(w, 1 + 1); /* the NUL, and what aligns */
    wr_u8(w, 1);       /* n_results */
    wr_zero(w, 3);     /* reserved */
    wr_u16(w, a->result);
    wr_u16(w, a->reason);
    put_syntax(w, &a->transfer);
    end(w, start);
}

bool rpc_bind_ack_get(struct rpc_bind_ack *out, const struct rpc_pdu *pdu)
{
    struct rd r = body_of(pdu, RPC_BIND_ACK);

    out->call_id = pdu->call_id;
    out->max_transmit = rd_u16(&r);
    out->max_receive = rd_u16(&r);
    rd_skip(&r, 4); /* assoc_group_id */
    uint16_t address = rd_u16(&r);
    rd_skip(&r, address);
    rd_skip(&r, (4 - r.pos % 4) % 4);
    rd_require(&r, rd_u8(&r) == 1); /* n_results: as many as contexts were offered */
    rd_skip(&r, 3);                 /* reserved */
    out->result = rd_u16(&r);
    out->reason = rd_u16(&r);
    get_syntax(&r, &out->transfer);
    return rd_ok(&r);
}

void rpc_bind_nak_put(struct wr *w, const struct rpc_bind_nak *a)
{
    size_t start = begin(w, RPC_BIND_NAK, WHOLE, a->call_id);

    wr_u16(w, a->reason);
    wr_u8(w, 1); /* n_protocols */
    wr_u8(w, RPC_VERS);
    wr_u8(w, 0); /* its minor version */
    end(w, start);
}

bool rpc_bind_nak_get(struct rpc_bind_nak *out, const struct rpc_pdu *pdu)
{
    struct rd r = body_of(pdu, RPC_BIND_NAK);

    out->call_id = pdu->call_id;
    out->reason = rd_u16(&r);
    return rd_ok(&r); /* the list of versions is of no use */
}

/* ---------------------------------------------------------------- calls */

void rpc_request_put(struct wr *w, const struct rpc_request *q)
{
    size_t start = begin(w, RPC_REQUEST, WHOLE, q->call_id);

    wr_size32(w, q->stub.len); /* alloc_hint */
    wr_u16(w, q->context_id);
    wr_u16(w, q->opnum);
    wr_span(w, q->stub);
    end(w, start);
}

bool rpc_request_get(struct rpc_request *out, const struct rpc_pdu *pdu)
{
    struct rd r = body_of(pdu, RPC_REQUEST);

    rd_require(&r, (pdu->flags & (WHOLE | RPC_OBJECT_UUID)) == WHOLE);
    out->call_id = pdu->call_id;
    rd_skip(&r, 4); /* alloc_hint */
    out->context_id = rd_u16(&r);
    out->opnum = rd_u16(&r);
    out->stub = rd_take(&r, rd_left(&r));
    return rd_ok(&r);
}

void rpc_response_put(struct wr *w, const struct rpc_response *a)
{
    size_t start = begin(w, RPC_RESPONSE, a->flags, a->call_id);

    wr_size32(w, a->stub.len); /* alloc_hint */
    wr_u16(w, a->context_id);
    wr_u8(w, 0); /* cancel_count */
    wr_u8(w, 0); /* reserved */
    wr_span(w, a->stub);
    end(w, start);
}

/* alloc_hint is the server's guess, and nothing to allocate by. */
bool rpc_response_get(struct rpc_response *out, const struct rpc_pdu *pdu)
{
    struct rd r = body_of(pdu, RPC_RESPONSE);

    out->call_id = pdu->call_id;
    out->flags = pdu->flags & WHOLE;
    rd_skip(&r, 4); /* alloc_hint */
    out->context_id = rd_u16(&r);
    rd_skip(&r, 2); /* cancel_count, reserved */
    out->stub = rd_take(&r, rd_left(&r));
    return rd_ok(&r);
}

void rpc_fault_put(struct wr *w, const struct rpc_fault *a)
{
    size_t start = begin(w, RPC_FAULT, WHOLE, a->call_id);

    wr_u32(w, 0); /* alloc_hint */
    wr_u16(w, a->context_id);
    wr_zero(w, 2); /* cancel_count, reserved */
    wr_u32(w, a->status);
    wr_u32(w, 0); /* reserved */
    end(w, start);
}

bool rpc_fault_get(struct rpc_fault *out, const struct rpc_pdu *pdu)
{
    struct rd r = body_of(pdu, RPC_FAULT);

    out->call_id = pdu->call_id;
    rd_skip(&r, 4); /* alloc_hint */
    out->context_id = rd_u16(&r);
    rd_skip(&r, 2); /* cancel_count, reserved */
    out->status = rd_u32(&r);
    return rd_ok(&r); /* some end here, others have 4 bytes more */
}
