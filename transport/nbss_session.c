#include "transport/nbss_session.h"

#include <assert.h>
#include <errno.h>

enum { KEEPALIVES_MAX = 4 };

enum { ST_SEND, ST_ANSWER };

static struct nbss_session_op *session_of(struct op *op)
{
    return CONTAINER_OF(op, struct nbss_session_op, op);
}

/* The stream may go on; the operation looks at it in its own phase. */
static void receive_joined(struct hook *hook)
{
    struct nbss_session_op *session = CONTAINER_OF(hook, struct nbss_session_op, receive);

    loop_leave(session->stream->loop, hook);
    op_wake(&session->op);
}

static void flush_joined(struct hook *hook)
{
    struct nbss_session_op *session = CONTAINER_OF(hook, struct nbss_session_op, flush);

    loop_leave(session->stream->loop, hook);
    op_wake(&session->op);
}

static enum op_next fail_errno(struct op *op, ssize_t result)
{
    struct lsmb_error err;

    error_errno(&err, (int)-result, session_of(op)->stream->peer);
    return op_fail_as(op, &err);
}

static enum op_next send_request(struct op *op)
{
    struct nbss_session_op *session = session_of(op);
    struct stream *stream = session->stream;

    if (session->request_len == 0) {
        return op_fail(op, LSMB_E_USAGE, "a NetBIOS name is longer than 15 bytes");
    }
    while (session->sent < session->request_len) {
        struct iovec iov = {session->request + session->sent, session->request_len - session->sent};
        ssize_t n = stream->ops->send(stream, &iov, 1);
        if (n < 0) {
            return n == -EAGAIN ? OP_WAIT : fail_errno(op, n);
        }
        session->sent += (size_t)n;
    }
    return op_go(op, ST_ANSWER);
}

static const char *refusal_text(uint8_t error) /* RFC 1002 4.3.4 */
{
    switch (error) {
    case NBSS_NOT_LISTENING_ON_CALLED_NAME: return "not listening on the called name";
    case NBSS_NOT_LISTENING_FOR_CALLING_NAME: return "not listening for the calling name";
    case NBSS_CALLED_NAME_NOT_PRESENT: return "the called name is not present";
    case NBSS_INSUFFICIENT_RESOURCES: return "insufficient resources";
    case NBSS_UNSPECIFIED_ERROR: return "unspecified error";
    default: return "unknown error";
    }
}

static const char *refusal_advice(uint8_t error)
{
    switch (error) {
    case NBSS_NOT_LISTENING_ON_CALLED_NAME:
    case NBSS_CALLED_NAME_NOT_PRESENT: return "give the server's own NetBIOS name";
    case NBSS_NOT_LISTENING_FOR_CALLING_NAME: return "give a NetBIOS name of ours that it accepts";
    case NBSS_INSUFFICIENT_RESOURCES: return "the server has too many sessions: try again later";
    default: return "";
    }
}

static enum op_next take_negative(struct op *op, struct span body)
{
    struct nbss_session_op *session = session_of(op);
    struct lsmb_error err;

    if (!nbss_negative_get(&session->refusal, body)) {
        return op_fail(op, LSMB_E_PROTOCOL, "malformed NEGATIVE SESSION RESPONSE");
    }
    error_set(&err, LSMB_E_NETWORK, "%s, called %s: refused with 0x%02x: %s", session->stream->peer,
              session->called.text, session->refusal, refusal_text(session->refusal));
    error_advise(&err, "%s", refusal_advice(session->refusal));
    return op_fail_as(op, &err);
}

static enum op_next take_retarget(struct op *op, struct span body)
{
    struct nbss_session_op *session = session_of(op);
    const struct nbss_retarget *to = &session->to;

    session->retargeted = nbss_retarget_get(&session->to, body);
    if (!session->retargeted) {
        return op_fail(op, LSMB_E_PROTOCOL, "malformed RETARGET SESSION RESPONSE");
    }
    return op_fail(op, LSMB_E_NETWORK, "the server asks to go to %u.%u.%u.%u:%u instead",
                   to->address >> 24, to->address >> 16 & 0xFF, to->address >> 8 & 0xFF,
                   to->address & 0xFF, to->port);
}

/* One that comes before the answer says nothing (RFC 1002 4.3.6), and does not prolong the wait much. */
static enum op_next drop_keepalive(struct op *op)
{
    struct nbss_session_op *session = session_of(op);

    session->got = 0;
    session->keepalives++;
    return session->keepalives <= KEEPALIVES_MAX
               ? OP_AGAIN
               : op_fail(op, LSMB_E_PROTOCOL, "the server sends keepalives instead of an answer");
}

/* The answer is whole.  RFC 1002 5.3.1.4. */
static enum op_next take_whole(struct op *op, enum nbss_type type, struct span body)
{
    switch (type) {
    case NBSS_POSITIVE_RESPONSE: session_of(op)->stream->framing = FRAMING_NETBIOS; return OP_DONE;
    case NBSS_NEGATIVE_RESPONSE: return take_negative(op, body);
    case NBSS_RETARGET_RESPONSE: return take_retarget(op, body);
    case NBSS_KEEPALIVE: return drop_keepalive(op);
    case NBSS_MESSAGE:
    case NBSS_SESSION_REQUEST: break;
    }
    return op_fail(op, LSMB_E_PROTOCOL, "unexpected packet of type 0x%02x", (unsigned)type);
}

/* So does a server that wants SMB without NetBIOS, as on port 445. */
static enum op_next fail_closed(struct op *op)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NETWORK, "%s: the server closed the connection",
              session_of(op)->stream->peer);
    error_advise(&err, "this port may be one for SMB without NetBIOS");
    return op_fail_as(op, &err);
}

/* Receive up to `want` bytes of the answer in all.  OP_AGAIN: they are there. */
static enum op_next receive_up_to(struct op *op, size_t want)
{
    struct nbss_session_op *session = session_of(op);
    struct stream *stream = session->stream;

    assert(want <= sizeof session->answer);
    while (session->got < want) {
        struct iovec iov = {session->answer + session->got, want - session->got};
        ssize_t n = stream->ops->receive(stream, &iov, 1);
        if (n == 0) {
            return fail_closed(op);
        }
        if (n < 0) {
            return n == -EAGAIN ? OP_WAIT : fail_errno(op, n);
        }
        session->got += (size_t)n;
    }
    return OP_AGAIN;
}

static enum op_next take_answer(struct op *op)
{
    struct nbss_session_op *session = session_of(op);
    struct span prefix = {session->answer, NBSS_PREFIX_LEN};
    enum nbss_type type;
    size_t length;

    enum op_next next = receive_up_to(op, NBSS_PREFIX_LEN);
    if (next != OP_AGAIN) {
        return next;
    }
    if (!nbss_session_get(&type, &length, prefix) || length > NBSS_SESSION_ANSWER_MAX) {
        return op_fail(op, LSMB_E_PROTOCOL, "%s: not an answer to a SESSION REQUEST",
                       session->stream->peer);
    }
    next = receive_up_to(op, NBSS_PREFIX_LEN + length);
    if (next != OP_AGAIN) {
        return next;
    }
    return take_whole(op, type, (struct span){session->answer + NBSS_PREFIX_LEN, length});
}

static void session_release(struct op *op)
{
    stream_detach(session_of(op)->stream);
}

static const struct op_step steps[] = {
    [ST_SEND] = {"send the NetBIOS session request", send_request, OP_SILENCE},
    [ST_ANSWER] = {"wait for the NetBIOS session response", take_answer, OP_SILENCE},
};

static const struct op_kind session_kind = {"nbss_session", steps, session_release};

void nbss_session_start(struct nbss_session_op *session, struct op *parent, struct loop *loop,
                        struct stream *stream, const struct nbss_name *called,
                        const struct nbss_name *calling)
{
    struct wr w = {.ptr = session->request, .cap = sizeof session->request};

    *session = (struct nbss_session_op){.stream = stream,
                                        .called = *called,
                                        .receive = {.run = receive_joined},
                                        .flush = {.run = flush_joined}};
    nbss_request_put(&w, called, calling);
    session->request_len = wr_ok(&w) ? w.pos : 0;
    op_start_child(parent, &session->op, &session_kind);
    stream_attach(stream, loop, &session->receive, &session->flush);
}
