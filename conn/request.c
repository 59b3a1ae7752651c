/* request.c: the life of a request (MS-SMB2 3.2.4.1, 3.2.5.1). */
#include "conn/request.h"

#include <assert.h>
#include <stdlib.h>

#include "base/ntstatus.h"
#include "base/trace.h"
#include "conn/compound.h"
#include "conn/conn.h"
#include "conn/secure.h"
#include "proto/close.h"
#include "proto/create.h"
#include "proto/misc.h"
#include "proto/nbss.h"

enum { REPEATS_MAX = 3 }; /* of one request whose session runs out again and again */

static const struct lsmb_error fell_apart = {
    .code = LSMB_E_PROTOCOL,
    .reason = "the server has taken back the credits that a compound needs",
};

/* ---------------------------------------------------------------- building */

/* Let go of a buffer that the output may still be sending. */
static void release_frame(struct request *request)
{
    struct buf *frame = request->frame;

    request->frame = NULL;
    if (frame && list_linked(&frame->node)) {
        frame->orphan = true;
    } else {
        buf_free(frame);
    }
}

static void release(struct request *request)
{
    release_frame(request);
    buf_free(request->chain.frame);
    buf_free(request->reply);
    *request = (struct request){0};
}

bool request_body(struct request *request, struct env *env, size_t room, struct wr *w)
{
    assert(request->state == REQUEST_IDLE || request->state == REQUEST_DONE);
    release(request);
    request->frame = pool_take(&env->pool, room);
    if (!request->frame) {
        return false;
    }
    *w = buf_wr_after(request->frame);
    return true;
}

void request_body_before(struct request *request, struct buf *payload, size_t fixed, struct wr *w)
{
    assert(request->state == REQUEST_IDLE || request->state == REQUEST_DONE);
    assert(payload->start >= BUF_ROOM_BEFORE);
    release(request);
    request->frame = payload;
    *w = buf_wr_before(payload, fixed);
}

/* ---------------------------------------------------------------- the queues */

static struct list *bucket(struct conn *conn, uint64_t message_id)
{
    return &conn->in_flight[message_id % CONN_BUCKETS];
}

struct request *request_find(struct conn *conn, uint64_t message_id)
{
    LIST_EACH(node, bucket(conn, message_id))
    {
        struct request *request = CONTAINER_OF(node, struct request, node);
        if (request->message_id == message_id) {
            return request;
        }
    }
    return NULL;
}

static uint32_t cost(const struct request *request)
{
    return request->charge > 0 ? request->charge : 1;
}

static uint16_t credit_charge(const struct conn *conn, uint32_t payload)
{
    if (!conn->got.large_mtu) {
        return 0;
    }
    return payload > 0 ? (uint16_t)((payload - 1) / SMB2_CREDIT_BYTES + 1) : 1;
}

uint32_t request_cost(const struct conn *conn, uint32_t payload)
{
    uint16_t charge = credit_charge(conn, payload);

    return charge > 0 ? charge : 1;
}

/* Of a compound all must pass. */
static bool passes_gate(const struct request *request)
{
    const struct session *session = session_of(request);

    for (; session && request; request = request->chain.next) {
        if (!session_gate_passes(session, request->spec.command)) {
            return false;
        }
    }
    return true;
}

static void finish(struct request *request)
{
    request->state = REQUEST_DONE;
    if (request->waiter) {
        ready_wake(&request->spec.conn->env->ready, request->waiter);
    }
    if (request->owned_by_conn) {
        release(request);
        free(request);
    }
}

/* A compound that waits ends as one. */
static void finish_failed(struct request *request, const struct lsmb_error *failure)
{
    for (struct request *next; request; request = next) {
        next = request->chain.next;
        request->chain.lead = request->chain.next = NULL;
        list_remove(&request->node);
        request->failure = failure;
        finish(request);
    }
}

/* What was laid before a payload is part of the contents already; what was written behind them is not. */
static bool body_done(struct buf *frame, const struct wr *w)
{
    return frame->len > 0 ? w->pos == w->cap : buf_wr_done(frame, w);
}

bool request_admit(struct request *request, const struct wr *w, const struct request_spec *spec,
                   struct ready *waiter)
{
    assert(wr_ok(w));
    assert(request->state == REQUEST_IDLE && request->frame);
    bool complete = body_done(request->frame, w);
    assert(complete);
    (void)complete;
    request->spec = *spec;
    request->waiter = waiter;
    if (!request->spec.conn) {
        request->spec.conn = spec->channel->conn;
    }
    struct conn *conn = request->spec.conn;
    struct session *session = session_of(request);
    request->charge = credit_charge(conn, spec->payload);
    if (conn_dead(conn) || (session && session->gate == SESSION_DEAD)) {
        finish_failed(request, conn_dead(conn) ? &conn->err : &session->err);
        return false;
    }
    conn_expect(conn, spec->payload);
    request->state = REQUEST_WAITING;
    return true;
}

void request_wait(struct request *request)
{
    struct conn *conn = request->spec.conn;

    list_push_back(request->spec.data ? &conn->waiting_data : &conn->waiting_control,
                   &request->node);
    requests_issue(conn);
    conn_watch(conn);
}

void request_send(struct request *request, const struct wr *w, const struct request_spec *spec,
                  struct ready *waiter)
{
    if (request_admit(request, w, spec, waiter)) {
        request_wait(request);
    }
}

/* ---------------------------------------------------------------- going out */

/* As many as pay for all the data that there is memory for. */
static uint32_t credits_wanted(const struct conn *conn)
{
    size_t data = conn->env->pool.limit / SMB2_CREDIT_BYTES + CONN_CREDITS_SPARE;

    if (data > CONN_CREDITS_MOST) {
        return CONN_CREDITS_MOST;
    }
    return data > CONN_CREDITS_WANTED ? (uint32_t)data : CONN_CREDITS_WANTED;
}

/* Ask for what keeps the balance, and for more while we hold less than we would like. */
static uint16_t credit_request(const struct conn *conn, const struct request *request)
{
    uint32_t held = conn->credits + conn->credits_used;
    uint32_t more = held < credits_wanted(conn) ? credits_wanted(conn) - held : 0;

    return (uint16_t)(cost(request) + more);
}

static void put_header(struct request *request)
{
    const struct session *session = session_of(request);

    if (request->spec.smb1) {
        return;
    }
    secure_decide(request);
    struct smb2_header header = {
        .flags = request->spec.flags | (request->is_signed ? SMB2_FLAGS_SIGNED : 0u),
        .credit_charge = request->charge,
        .command = request->spec.command,
        .credits = credit_request(request->spec.conn, request),
        .message_id = request->message_id,
        .tree_id = request->spec.tree_id,
        .session_id = session ? session->id : 0,
    };
    struct wr w = buf_wr_before(request->frame, SMB2_HEADER_LEN);

    smb2_header_put(&w, &header);
    assert(wr_ok(&w));
}

void request_frame_out(struct request *request)
{
    struct conn *conn = request->spec.conn;
    size_t len = request->frame->len;
    struct wr w = buf_wr_before(request->frame, NBSS_PREFIX_LEN);

    if (conn->netbios) {
        nbss_session_put(&w, NBSS_MESSAGE, len);
    } else {
        nbss_direct_put(&w, len);
    }
    assert(wr_ok(&w));
    conn_queue(conn, request->frame);
}

/* Sign or seal what begins with an SMB2 header, and send it. */
static bool dispatch(struct request *request)
{
    struct conn *conn = request->spec.conn;

    if (!secure_outgoing(request)) {
        return false;
    }
    if (request->spec.transcript &&
        !preauth_add(request->spec.transcript, buf_span(request->frame))) {
        conn_fail_with(conn, LSMB_E_LOCAL, "the crypto library cannot compute SHA-512");
        return false;
    }
    request_frame_out(request);
    return true;
}

/* Whether there are credits for it.  Data leaves one for control requests while answers are due. */
static bool affordable(const struct conn *conn, const struct request *request)
{
    uint32_t needed = request->spec.data && conn->in_flight_count > 0 ? 1 : 0;

    for (; request; request = request->chain.next) {
        needed += cost(request);
    }
    return conn->credits >= needed;
}

void request_take_off(struct request *request)
{
    struct conn *conn = request->spec.conn;

    list_remove(&request->node);
    request->message_id = conn->next_message_id;
    request->sent_ns = env_now(conn->env);
    request->logons = session_of(request) ? session_of(request)->logons : 0;
    put_header(request);
    conn->next_message_id += cost(request);
    conn->credits -= cost(request);
    conn->credits_used += cost(request);
    conn->in_flight_count++;
    stats_peak32(&conn->env->stats.sum.in_flight_peak, conn->in_flight_count);
    conn->unanswered_count++;
    request->state = REQUEST_IN_FLIGHT;
    trace_request_sent(conn, request->spec.command, request->message_id, request->frame->len);
    list_push_back(bucket(conn, request->message_id), &request->node);
}

/* False when the conn has failed over it. */
static bool issue(struct request *request)
{
    if (request->chain.next) {
        return compound_issue(request);
    }
    request_take_off(request);
    return dispatch(request);
}

/* A compound cannot go in parts, and no answer is due that could bring what it costs: a server that takes credits
 * back, as it may (MS-SMB2 3.3.1.2), is asked for less at a time, and does not keep everybody waiting. */
static bool falls_apart(const struct conn *conn, const struct request *request)
{
    return request->chain.next && conn->unanswered_count == 0;
}

/* False when nothing more can go: there are no credits for the next one, or the conn has failed and the queue is not
 * to be touched any more. */
static bool issue_queue(struct conn *conn, struct list *queue)
{
    LIST_EACH(node, queue)
    {
        struct request *request = CONTAINER_OF(node, struct request, node);
        if (!passes_gate(request)) {
            continue;
        }
        if (!affordable(conn, request)) {
            if (falls_apart(conn, request)) {
                finish_failed(request, &fell_apart);
                continue;
            }
            return false; /* in order: nobody overtakes one that waits for credits */
        }
        if (!issue(request)) {
            return false;
        }
    }
    return true;
}

void requests_issue(struct conn *conn)
{
    if (!conn_dead(conn) && issue_queue(conn, &conn->waiting_control)) {
        (void)issue_queue(conn, &conn->waiting_data);
    }
}

static bool queue_starves(const struct list *queue)
{
    LIST_EACH(node, queue)
    {
        if (passes_gate(CONTAINER_OF(node, struct request, node))) {
            return true;
        }
    }
    return false;
}

bool requests_starve(const struct conn *conn)
{
    return queue_starves(&conn->waiting_control) || queue_starves(&conn->waiting_data);
}

/* ---------------------------------------------------------------- coming back */

static void leave_flight(struct request *request)
{
    struct conn *conn = request->spec.conn;

    list_remove(&request->node);
    conn->in_flight_count--;
    conn->credits_used -= cost(request);
    if (!request->pending || request->spec.command == SMB2_ECHO) {
        conn->unanswered_count--;
    }
}

/* A CREATE that nobody waits for any more has succeeded: close what it opened. */
static void close_unwanted(const struct request *request)
{
    struct smb2_create_reply created;
    struct smb2_header header;
    uint8_t body[32];
    struct wr w = wr_from(body, sizeof body);
    struct request_spec spec = request->spec;

    if (!smb2_create_reply_get(&created, request->message)) {
        return;
    }
    smb2_close_request_put(&w, &(struct smb2_close_request){.file = created.file});
    if (spec.tree_id == SMB2_TREE_ID_RELATED && smb2_header_get(&header, request->message)) {
        spec.tree_id = header.tree_id;
    }
    spec.command = SMB2_CLOSE;
    spec.flags = 0; /* SMB2_FLAGS_DFS_OPERATIONS was about the name */
    assert(wr_ok(&w));
    request_post(&spec, wr_written(&w));
}

/* MS-SMB2 3.2.5.1.6: the session and its opens are still there, so what was refused waits at the gate until
 * the user has logged on again.  Its body is what it was: the frame is kept until the answer. */
static bool goes_again(struct request *request)
{
    struct conn *conn = request->spec.conn;
    struct session *session = session_of(request);
    struct buf *frame = request->frame;

    if (!session || request->spec.command == SMB2_SESSION_SETUP ||
        !session_expire(session, request->logons) || request->compounded || request->abandoned ||
        request->repeats >= REPEATS_MAX || !frame || list_linked(&frame->node)) {
        return false;
    }
    buf_consume(frame, NBSS_PREFIX_LEN);
    if (!secure_reopen(request)) {
        return false;
    }
    buf_consume(frame, SMB2_HEADER_LEN);
    request->repeats++;
    conn->env->stats.sum.retries++;
    request->pending = false;
    request->async_id = 0;
    request->state = REQUEST_WAITING;
    list_push_front(request->spec.data ? &conn->waiting_data : &conn->waiting_control,
                    &request->node);
    return true;
}

void request_answer(struct request *request, uint32_t status, bool believed, struct buf *reply,
                    struct span message)
{
    struct conn *conn = request->spec.conn;
    struct session *session = session_of(request);

    leave_flight(request);
    if (believed && nt_status_is(status, STATUS_NETWORK_SESSION_EXPIRED) && goes_again(request)) {
        buf_free(reply);
        return;
    }
    release_frame(request);
    request->status = status;
    request->believed = believed;
    request->reply = reply;
    request->message = message;
    /* MS-SMB2 3.2.5.3: the reply that completes a logon is not part of its transcript. */
    if (request->spec.transcript &&
        (status != STATUS_SUCCESS || request->spec.command == SMB2_NEGOTIATE) &&
        !preauth_add(request->spec.transcript, message)) {
        conn_fail_with(conn, LSMB_E_LOCAL, "the crypto library cannot compute SHA-512");
    }
    if (session && nt_status_is(status, STATUS_USER_SESSION_DELETED)) {
        struct lsmb_error err;
        error_status(&err, status);
        session_die(session, &err);
    }
    if (request->owned_by_conn && request->spec.command == SMB2_CREATE &&
        status == STATUS_SUCCESS) {
        close_unwanted(request);
    }
    finish(request);
}

static void fail_all(struct list *queue, const struct lsmb_error *failure)
{
    struct list *node;

    while ((node = list_pop_front(queue))) {
        finish_failed(CONTAINER_OF(node, struct request, node), failure);
    }
}

void requests_fail(struct conn *conn)
{
    for (size_t i = 0; i < CONN_BUCKETS; i++) {
        fail_all(&conn->in_flight[i], &conn->err);
    }
    fail_all(&conn->waiting_control, &conn->err);
    fail_all(&conn->waiting_data, &conn->err);
    conn->in_flight_count = 0;
    conn->unanswered_count = 0;
    conn->credits_used = 0;
}

static void fail_queue_at_gate(struct list *queue, const struct session *session,
                               const struct lsmb_error *failure)
{
    LIST_EACH(node, queue)
    {
        struct request *request = CONTAINER_OF(node, struct request, node);
        if (session_of(request) == session) {
            finish_failed(request, failure);
        }
    }
}

void requests_fail_at_gate(struct conn *conn, const struct session *session,
                           const struct lsmb_error *failure)
{
    fail_queue_at_gate(&conn->waiting_control, session, failure);
    fail_queue_at_gate(&conn->waiting_data, session, failure);
}

bool request_fell_apart(const struct request *request)
{
    return request_done(request) && request->failure == &fell_apart;
}

void request_error(const struct request *request, struct lsmb_error *err)
{
    assert(request_done(request));
    if (request->failure) {
        *err = *request->failure;
        return;
    }
    error_status(err, request->status);
    if (!request->believed) {
        /* Anybody can have said this, and the server may have done what was asked: it must not be
         * taken for the server's word by whoever decides what to do next. */
        err->code = LSMB_E_SECURITY;
        error_advise(err,
                     "this error came without the protection that the session has, so what the "
                     "server really did is not known: look before you repeat it");
    }
}

/* ---------------------------------------------------------------- letting go */

/* MS-SMB2 3.2.4.24: a CANCEL takes no credit and no MessageId of its own, and is never answered. */
static void send_cancel(const struct request *target)
{
    struct conn *conn = target->spec.conn;
    struct request cancel = {
        .spec = target->spec, .message_id = target->message_id, .async_id = target->async_id};
    struct wr w;

    cancel.spec.command = SMB2_CANCEL;
    cancel.spec.transcript = NULL;
    cancel.frame = pool_take(&conn->env->pool, SMB2_EMPTY_LEN);
    if (!cancel.frame) {
        return;
    }
    cancel.frame->orphan = true; /* nobody waits for it */
    w = buf_wr_after(cancel.frame);
    smb2_empty_put(&w);
    bool fits = buf_wr_done(cancel.frame, &w);
    assert(fits);
    (void)fits;
    secure_decide(&cancel);
    struct smb2_header header = {
        .command = SMB2_CANCEL,
        .flags = SMB2_FLAGS_ASYNC_COMMAND | (cancel.is_signed ? SMB2_FLAGS_SIGNED : 0u),
        .message_id = target->message_id,
        .async_id = target->async_id,
        .session_id = session_of(target) ? session_of(target)->id : 0,
    };
    w = buf_wr_before(cancel.frame, SMB2_HEADER_LEN);
    smb2_header_put(&w, &header);
    if (!dispatch(&cancel)) {
        buf_free(cancel.frame);
    }
}

void request_cancel(struct request *request)
{
    if (request->state != REQUEST_IN_FLIGHT || request->abandoned) {
        return;
    }
    request->abandoned = true;
    if (request->pending) {
        send_cancel(request);
    }
}

void request_interim(struct request *request, uint64_t async_id)
{
    request->pending = true;
    request->async_id = async_id;
    if (request->spec.command != SMB2_ECHO) { /* to put off an ECHO is no sign of life */
        request->spec.conn->unanswered_count--;
    }
    if (request->abandoned) {
        send_cancel(request);
    }
}

/* Without a stand-in nobody could await the answer: the connection ends.  The request is gone before its
 * conn says so, for its owner is not to be woken any more. */
static void give_up(struct request *request)
{
    struct conn *conn = request->spec.conn;
    uint16_t command = request->spec.command;

    leave_flight(request);
    release(request);
    conn_fail_with(conn, LSMB_E_NOMEM, "no memory to await the answer to %s",
                   smb2_command_name(command));
}

/* Leave a request in flight to the conn: a stand-in awaits the answer.  What was sent is not kept: it may
 * be a payload, which counts for whoever laid it out. */
static void hand_over(struct request *request)
{
    struct request *stand_in = calloc(1, sizeof *stand_in);

    if (!stand_in) {
        give_up(request);
        return;
    }
    *stand_in = *request;
    stand_in->node = (struct list){0};
    stand_in->waiter = NULL;
    stand_in->owned_by_conn = true;
    release_frame(stand_in);
    list_insert_before(&request->node, &stand_in->node);
    list_remove(&request->node);
    *request = (struct request){0};
    request_cancel(stand_in);
}

/* What waits with it in a compound cannot go without it. */
static void leave_queue(struct request *request)
{
    static const struct lsmb_error fallen = {
        .code = LSMB_E_CANCELLED, .reason = "another request of the same compound was let go"};

    request->waiter = NULL;
    if (request->chain.lead) {
        finish_failed(request->chain.lead, &fallen);
    }
    list_remove(&request->node);
}

void request_drop(struct request *request)
{
    switch (request->state) {
    case REQUEST_WAITING: leave_queue(request); break;
    case REQUEST_IN_FLIGHT: hand_over(request); return;
    case REQUEST_IDLE:
    case REQUEST_DONE: break;
    }
    release(request);
}

void request_post(const struct request_spec *spec, struct span body)
{
    struct conn *conn = spec->conn ? spec->conn : spec->channel->conn;
    struct request *request;
    struct wr w;

    if (conn_dead(conn) || !(request = calloc(1, sizeof *request))) {
        return;
    }
    if (!request_body(request, conn->env, body.len, &w)) {
        free(request);
        return;
    }
    request->owned_by_conn = true;
    wr_span(&w, body);
    request_send(request, &w, spec, NULL);
}
