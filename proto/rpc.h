/* rpc.h: remote procedure calls over a connection (C706 12.6, MS-RPCE 2.2.2): what goes through a named pipe.
 *
 * A message of the pipe is one PDU.  Calls are not authenticated here: the session of the pipe is.  Only
 * little-endian PDUs of version 5 are spoken, as every server of Windows networks does (MS-RPCE 2.2.2.11).
 *
 *   rpc_pdu_get(&pdu, message)     what it is, and whose call it belongs to
 *   rpc_response_get(&answer, &pdu) what it carries, by kind */
#ifndef LSMB_PROTO_RPC_H
#define LSMB_PROTO_RPC_H

#include "proto/bytes.h"

enum {
    RPC_HEADER_LEN = 16,
    RPC_FRAGMENT_MIN = 1432, /* bytes that everybody takes (C706 12.6.3.1, MustRecvFragSize) */
    RPC_FRAGMENT_MAX = 4280, /* bytes of a PDU as we send and want them, as Windows does */
};

/* C706 12.6.4. */
enum rpc_type {
    RPC_REQUEST = 0,
    RPC_RESPONSE = 2,
    RPC_FAULT = 3,
    RPC_BIND = 11,
    RPC_BIND_ACK = 12,
    RPC_BIND_NAK = 13,
};

/* C706 12.6.3.1. */
enum rpc_flags {
    RPC_FIRST_FRAG = 0x01,
    RPC_LAST_FRAG = 0x02,
    RPC_OBJECT_UUID = 0x80,
};

struct rpc_pdu {
    uint8_t type;  /* enum rpc_type */
    uint8_t flags; /* enum rpc_flags */
    uint32_t call_id;
    struct span body; /* behind the header */
};

/* False unless `message` is one PDU and nothing else. */
bool rpc_pdu_get(struct rpc_pdu *out, struct span message);

/* What is spoken on a context: an interface or a way to encode (C706 12.6.3.1, p_syntax_id_t). */
struct rpc_syntax {
    uint8_t uuid[16]; /* little-endian, as it is sent */
    uint32_t version; /* minor version in the upper 16 bits */
};

/* NDR 2.0 (C706 I, Protocol Identifiers). */
extern const struct rpc_syntax rpc_ndr;

bool rpc_syntax_equal(const struct rpc_syntax *a, const struct rpc_syntax *b);

/* C706 12.6.4.3; one context with one transfer syntax. */
struct rpc_bind {
    uint32_t call_id;
    uint16_t max_transmit, max_receive; /* bytes of a PDU */
    uint16_t context_id;
    struct rpc_syntax interface, transfer;
};
void rpc_bind_put(struct wr *w, const struct rpc_bind *q);
bool rpc_bind_get(struct rpc_bind *out, const struct rpc_pdu *pdu);

/* C706 12.6.4.4; the answer to one context. */
struct rpc_bind_ack {
    uint32_t call_id;
    uint16_t max_transmit, max_receive; /* the server's */
    uint16_t result, reason;            /* 0: accepted */
    struct rpc_syntax transfer;
};
void rpc_bind_ack_put(struct wr *w, const struct rpc_bind_ack *a);
bool rpc_bind_ack_get(struct rpc_bind_ack *out, const struct rpc_pdu *pdu);

/* C706 12.6.4.5. */
struct rpc_bind_nak {
    uint32_t call_id;
    uint16_t reason;
};
void rpc_bind_nak_put(struct wr *w, const struct rpc_bind_nak *a);
bool rpc_bind_nak_get(struct rpc_bind_nak *out, const struct rpc_pdu *pdu);

/* C706 12.6.4.9; in one fragment. */
struct rpc_request {
    uint32_t call_id;
    uint16_t context_id, opnum;
    struct span stub; /* the arguments */
};
void rpc_request_put(struct wr *w, const struct rpc_request *q);
bool rpc_request_get(struct rpc_request *out, const struct rpc_pdu *pdu);

/* One fragment of an answer.  C706 12.6.4.10. */
struct rpc_response {
    uint32_t call_id;
    uint8_t flags; /* RPC_FIRST_FRAG and RPC_LAST_FRAG */
    uint16_t context_id;
    struct span stub;
};
void rpc_response_put(struct wr *w, const struct rpc_response *a);
bool rpc_response_get(struct rpc_response *out, const struct rpc_pdu *pdu);

/* The call came to nothing.  C706 12.6.4.7. */
struct rpc_fault {
    uint32_t call_id;
    uint16_t context_id;
    uint32_t status; /* C706 E; 5 = access denied */
};
void rpc_fault_put(struct wr *w, const struct rpc_fault *a);
bool rpc_fault_get(struct rpc_fault *out, const struct rpc_pdu *pdu);

#endif
