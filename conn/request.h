/* request.h: one request and its answer (MS-SMB2 3.2.1.7, 3.2.4.1, 3.2.5.1).
 *
 * A request is embedded in whoever asks.  Its life: idle -> waiting (for credits or at the session's
 * gate) -> in flight -> done.  When it is done its waiter is made ready. */
#ifndef LSMB_CONN_REQUEST_H
#define LSMB_CONN_REQUEST_H

#include "base/env.h"
#include "base/error.h"
#include "proto/header.h"

struct channel;
struct conn;
struct preauth;
struct session;

enum request_state { REQUEST_IDLE, REQUEST_WAITING, REQUEST_IN_FLIGHT, REQUEST_DONE };

/* To whom, and how. */
struct request_spec {
    struct conn *conn;       /* NULL: the channel's */
    struct channel *channel; /* NULL: outside any session */
    uint32_t tree_id;        /* 0: outside any tree */
    bool seal;               /* sealed because its tree asks for it */
    uint16_t command;        /* enum smb2_command */
    uint32_t flags;          /* of the header: SMB2_FLAGS_DFS_OPERATIONS */
    bool data;               /* READ and WRITE: queue behind control requests */
    bool
        smb1; /* the body is the whole message: the multi-protocol NEGOTIATE (MS-SMB2 3.2.4.2.2.1) */
    bool must_sign;   /* signed although the session does not sign (TREE_CONNECT, VALIDATE) */
    uint32_t payload; /* bytes sent or expected, whichever is more: decides the CreditCharge */
    struct preauth *transcript; /* NEGOTIATE and SESSION_SETUP: the hash they belong to */
};

struct request {
    struct list node; /* conn's queue or bucket */
    struct request_spec spec;
    enum request_state state;
    uint16_t charge;    /* credits paid */
    bool owned_by_conn; /* its owner is gone: freed when answered */
    bool abandoned;     /* it is to end early: cancelled as soon as it has an AsyncId */
    bool compounded;    /* it left in a frame with others: it cannot go again by itself */
    uint8_t repeats;    /* how often it went again because the logon had run out */
    unsigned logons;    /* of the session, when it left */
    uint64_t message_id, async_id;
    uint64_t sent_ns;
    /* While it waits in a compound (conn/compound): the first of it, the one behind, of the first the frame
     * in which all will be laid (owned), and what follows its body (borrowed). */
    struct {
        struct request *lead, *next;
        struct buf *frame;
        struct span payload;
    } chain;
    struct buf *frame; /* owned: the request; while it is being sent the conn's output holds it */
    uint8_t signature[16];  /* as sent: a reply that merely echoes it is no signature */
    struct ready *waiter;   /* borrowed */
    bool pending;           /* an interim STATUS_PENDING has come */
    bool is_signed, sealed; /* how it went out */

    /* The outcome. */
    /* Signed or sealed by the server, or nothing protects this exchange.  Else it came without the
     * protection it should have, and nothing but its error may be believed. */
    bool believed;
    uint32_t status;
    const struct lsmb_error *failure; /* no answer, and why; borrowed.  NULL: answered */
    struct buf *reply;                /* owned: holds `message` */
    struct span message;              /* the whole SMB2 message, header first */
};

/* Begin a request's body: a writer at the first byte after the header, with `room` bytes.  False when
 * memory is short.  An unfinished earlier body or answer is dropped. */
bool request_body(struct request *request, struct env *env, size_t room, struct wr *w);

/* Lay a fixed body before a payload: `payload` (consumed) holds the bytes to send, and has room before
 * them.  The writer must be filled completely with `fixed` bytes. */
void request_body_before(struct request *request, struct buf *payload, size_t fixed, struct wr *w);

/* Send it.  `w` is the body's writer; one that is bad (the body did not fit) is a bug of ours.  `waiter`
 * is made ready when the request is done, also when the connection is dead already. */
void request_send(struct request *request, const struct wr *w, const struct request_spec *spec,
                  struct ready *waiter);

static inline bool request_done(const struct request *request)
{
    return request->state == REQUEST_DONE;
}

/* Whether a request of a compound is done without having left, because the server has taken credits back: who sent it
 * asks one by one, as if compound_send() had said no. */
bool request_fell_apart(const struct request *request);

/* Ask the server to end a request early (MS-SMB2 3.2.4.24); what it answers is still awaited.  One that the
 * server has not put off is left alone until it does: its answer is due anyway.  Harmless when not in
 * flight. */
void request_cancel(struct request *request);

/* Drop whatever it holds.  A request in flight is cancelled (MS-SMB2 3.2.4.24) and left to the conn,
 * which awaits its answer alone.  Idle afterwards; harmless when idle. */
void request_drop(struct request *request);

/* Send a request whose answer nobody waits for (LOGOFF, TREE_DISCONNECT, CLOSE on the way out); the body
 * begins at `body`.  Consumed; lost without a word when memory or the connection is gone. */
void request_post(const struct request_spec *spec, struct span body);

/* The server's status as an error, or the reason why there is no answer.  An error that came without the
 * session's protection is LSMB_E_SECURITY, whatever it says. */
void request_error(const struct request *request, struct lsmb_error *err);

/* For conn/: */

/* Credits that a request costs: every one takes a MessageId, even when its CreditCharge is 0 (MS-SMB2
 * 3.2.4.1.5). */
uint32_t request_cost(const struct conn *conn, uint32_t payload);

/* The first half of request_send(): settle everything but when it goes.  False: conn or session is dead, and
 * the request is done. */
bool request_admit(struct request *request, const struct wr *w, const struct request_spec *spec,
                   struct ready *waiter);

/* And the second: queue it, and send what can go. */
void request_wait(struct request *request);

/* Take a request from its queue into flight: MessageId, credits, and its header before its body. */
void request_take_off(struct request *request);

/* Put the length before what is signed or sealed and hand it to the output. */
void request_frame_out(struct request *request);

/* Send what waits, as far as credits and gates allow. */
void requests_issue(struct conn *conn);

/* Whether requests wait though their sessions' gates are open: for want of credits. */
bool requests_starve(const struct conn *conn);

/* The request that a MessageId belongs to, or NULL. */
struct request *request_find(struct conn *conn, uint64_t message_id);

/* An interim answer has come. */
void request_interim(struct request *request, uint64_t async_id);

/* The answer has come: `reply` (consumed) holds `message`. */
void request_answer(struct request *request, uint32_t status, bool believed, struct buf *reply,
                    struct span message);

/* End every request of the conn with its error. */
void requests_fail(struct conn *conn);

/* End every request that waits at the session's gate with `failure` (borrowed). */
void requests_fail_at_gate(struct conn *conn, const struct session *session,
                           const struct lsmb_error *failure);

#endif
