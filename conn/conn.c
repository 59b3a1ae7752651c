/* conn.c: frames in, frames out, and the life of a connection (MS-SMB2 3.2.5.1). */
#include "conn/conn.h"

#include <assert.h>
#include <stdlib.h>

#include "base/ntstatus.h"
#include "base/trace.h"
#include "conn/oplock_break.h"
#include "conn/secure.h"
#include "proto/error.h"
#include "proto/misc.h"

static void silence_is_over(struct ready *ready);

void conn_init(struct conn *conn, struct env *env, const struct policy *policy,
               const uint8_t *client_guid)
{
    *conn = (struct conn){
        .env = env,
        .policy = policy,
        .credits = 1, /* MS-SMB2 3.2.4.1.2: enough for NEGOTIATE */
        .credits_peak = 1,
        .asked_peak = SMB2_CREDIT_BYTES,
        .silence_over = {.run = silence_is_over},
        .progress_ns = env_now(env),
    };
    memcpy(conn->client_guid, client_guid, sizeof conn->client_guid);
    list_init(&conn->waiting_control);
    list_init(&conn->waiting_data);
    list_init(&conn->channels);
    list_init(&conn->output);
    for (size_t i = 0; i < CONN_BUCKETS; i++) {
        list_init(&conn->in_flight[i]);
    }
}

void conn_free(struct conn *conn)
{
    struct list *node;

    conn->on_output = NULL;
    if (!conn_dead(conn)) {
        conn_fail_with(conn, LSMB_E_CANCELLED, "the connection was let go");
    }
    timer_stop(&conn->silence);
    ready_forget(&conn->silence_over);
    while ((node = list_pop_front(&conn->output))) {
        struct buf *frame = CONTAINER_OF(node, struct buf, node);
        if (frame->orphan) {
            buf_free(frame);
        }
    }
    assert(list_empty(&conn->channels));
}

/* ---------------------------------------------------------------- out */

void conn_queue(struct conn *conn, struct buf *frame)
{
    list_push_back(&conn->output, &frame->node);
    if (conn->on_output) {
        conn->on_output(conn->owner);
    }
}

void conn_sent(struct conn *conn, size_t bytes)
{
    conn_progress(conn);
    conn->output_sent += bytes;
    while (!list_empty(&conn->output)) {
        struct buf *frame = CONTAINER_OF(conn->output.next, struct buf, node);
        if (conn->output_sent < frame->len) {
            return;
        }
        conn->output_sent -= frame->len;
        list_remove(&frame->node);
        if (frame->orphan) {
            buf_free(frame);
        }
    }
    assert(conn->output_sent == 0);
}

/* ---------------------------------------------------------------- in */

size_t conn_frame_limit(const struct conn *conn)
{
    return (size_t)conn->asked_peak + CONN_OVERHEAD;
}

/* MS-SMB2 3.3.1.2 leaves the number open; real servers grant more than the field can count. */
static void grant(struct conn *conn, uint32_t credits)
{
    conn->credits += credits;
    if (conn->credits > SMB2_CREDITS_MAX) {
        conn->credits = SMB2_CREDITS_MAX;
    }
    if (conn->credits > conn->credits_peak) {
        conn->credits_peak = conn->credits;
        stats_peak32(&conn->env->stats.sum.credits_peak, conn->credits_peak);
    }
}

/* MS-SMB2 3.2.5.1.5: an interim reply gives the AsyncId and credits, and proves nothing. */
static void take_interim(struct conn *conn, struct request *request,
                         const struct smb2_header *header, const struct session *sealed_by)
{
    if (!secure_interim_ok(request, sealed_by)) {
        conn_fail_with(conn, LSMB_E_SECURITY,
                       "the server answered %s in plain text inside an encrypted session",
                       smb2_command_name(header->command));
        return;
    }
    if (!(header->flags & SMB2_FLAGS_ASYNC_COMMAND) || request->pending) {
        conn_fail_with(conn, LSMB_E_PROTOCOL, "the server sent a second interim answer to %s",
                       smb2_command_name(header->command));
        return;
    }
    grant(conn, header->credits);
    request_interim(request, header->async_id);
}

/* Answers that fit no request, and breaks of what is not held, are discarded (MS-SMB2 3.2.5.1.2,
 * 3.2.5.19), but not for ever. */
static void discard_stray(struct conn *conn)
{
    if (++conn->strays > CONN_STRAY_MAX) {
        conn_fail_with(conn, LSMB_E_PROTOCOL, "the server keeps sending what was never asked for");
    }
}

static bool fits_request(struct conn *conn, const struct request *request,
                         const struct smb2_header *header)
{
    if (header->command != request->spec.command) {
        conn_fail_with(conn, LSMB_E_PROTOCOL, "the server answered %s to a request for %s",
                       smb2_command_name(header->command),
                       smb2_command_name(request->spec.command));
        return false;
    }
    if (request->pending && header->status != (uint32_t)STATUS_PENDING &&
        (header->flags & SMB2_FLAGS_ASYNC_COMMAND) && header->async_id != request->async_id) {
        conn_fail_with(conn, LSMB_E_PROTOCOL, "the server changed the AsyncId of a request");
        return false;
    }
    return true;
}

static void measure(struct conn *conn, const struct request *request, uint32_t status)
{
    struct stats *stats = &conn->env->stats;
    uint64_t took_ns = env_now(conn->env) - request->sent_ns;

    stats_answered(stats, request->spec.command, status, request->pending, took_ns);
    trace_request_answered(conn, request->spec.command, request->message_id, status, took_ns);
    if (!request->pending && (conn->round_trip_ns == 0 || took_ns < conn->round_trip_ns)) {
        conn->round_trip_ns = took_ns > 0 ? took_ns : 1;
        if (stats->sum.round_trip_ns == 0 || conn->round_trip_ns < stats->sum.round_trip_ns) {
            stats->sum.round_trip_ns = conn->round_trip_ns;
        }
    }
}

static void take_unsolicited(struct conn *conn, const struct smb2_header *header,
                             struct span message, struct session *sealed_by)
{
    if (header->command != SMB2_OPLOCK_BREAK) {
        conn_fail_with(conn, LSMB_E_PROTOCOL, "the server sent %s unasked",
                       smb2_command_name(header->command));
    } else if (!break_take(conn, header, message, sealed_by)) {
        discard_stray(conn);
    }
}

/* MS-SMB2 3.3.4.4: an error whose body is not the command's own has that of ERROR.  A refused SESSION_SETUP
 * may hold a last token in the form of its own (RFC 4178 4.2.2, RFC 4121 4.1), which looks the same; and
 * impacket refuses with whatever body the command has, of which nobody reads anything. */
static bool body_fits(const struct smb2_header *header, struct span message)
{
    struct smb2_error_reply error;

    return header->status >> 30 != 3 || header->command == SMB2_SESSION_SETUP ||
           smb2_reply_has_body(header->command, header->status, message) ||
           !smb2_is_error_body(message) || smb2_error_reply_get(&error, message);
}

/* The answer to a request; `reply` is consumed. */
static void take_final(struct conn *conn, struct request *request, const struct smb2_header *header,
                       struct buf *reply, const struct session *sealed_by)
{
    struct span message = buf_span(reply);
    enum secure_verdict verdict = secure_judge(request, header, message, sealed_by);

    if (verdict == SECURE_REJECT) {
        buf_free(reply);
        return;
    }
    if (verdict == SECURE_BELIEVE) {
        conn->strays = 0;
    }
    grant(conn, header->credits);
    measure(conn, request, header->status);
    uint32_t status =
        body_fits(header, message) ? header->status : (uint32_t)STATUS_INVALID_NETWORK_RESPONSE;
    request_answer(request, status, verdict == SECURE_BELIEVE, reply, message);
}

/* One message; `reply` (consumed) holds it and nothing else. */
static void take_message(struct conn *conn, const struct smb2_header *header, struct buf *reply,
                         struct session *sealed_by)
{
    struct request *request = NULL;

    if (header->message_id == SMB2_MESSAGE_ID_UNSOLICITED) {
        take_unsolicited(conn, header, buf_span(reply), sealed_by);
    } else if (!(request = request_find(conn, header->message_id))) {
        discard_stray(conn);
    } else if (fits_request(conn, request, header)) {
        if (!nt_status_is(header->status, STATUS_PENDING)) {
            take_final(conn, request, header, reply, sealed_by);
            return;
        }
        take_interim(conn, request, header, sealed_by);
    }
    buf_free(reply);
}

/* Copy a part of a compound, so that each answer has a buffer of its own. */
static struct buf *copy_part(struct conn *conn, struct span part)
{
    struct buf *copy = pool_take_frame(&conn->env->pool, part.len);

    if (!copy) {
        conn_fail_with(conn, LSMB_E_NOMEM, "no memory for the server's answer");
        return NULL;
    }
    memcpy(buf_data(copy), part.ptr, part.len);
    copy->len = part.len;
    return copy;
}

/* One message of a frame, which stays in it where that is less to copy than what is behind it: `*rest`, for
 * which `*frame` is another one then.  A READ's payload is not moved. */
static struct buf *own_element(struct conn *conn, struct buf **frame, struct span message,
                               struct span *rest)
{
    struct buf *own = *frame, *behind = NULL;

    if (message.len <= rest->len) {
        return copy_part(conn, message);
    }
    if (rest->len > 0) {
        behind = copy_part(conn, *rest);
        if (!behind) {
            return NULL;
        }
        *rest = buf_span(behind);
    }
    *frame = behind;
    buf_consume(own, (size_t)(message.ptr - buf_data(own)));
    own->len = message.len;
    return own;
}

void conn_receive(struct conn *conn, struct buf *frame)
{
    struct session *sealed_by = NULL;
    struct smb2_header header;
    struct span chain, message;

    if (conn_dead(conn) || !secure_open_frame(conn, frame, &sealed_by)) {
        buf_free(frame);
        return;
    }
    chain = buf_span(frame);
    while (!conn_dead(conn) && chain.len > 0) {
        if (!smb2_chain_take(&chain, &header, &message)) {
            conn_fail_with(conn, LSMB_E_PROTOCOL, "the server sent a malformed message");
        } else if (!(header.flags & SMB2_FLAGS_SERVER_TO_REDIR)) {
            conn_fail_with(conn, LSMB_E_PROTOCOL, "the server sent a request, not an answer");
        } else {
            struct buf *own = own_element(conn, &frame, message, &chain);
            if (own) {
                take_message(conn, &header, own, sealed_by);
            }
        }
    }
    buf_free(frame);
    requests_issue(conn); /* credits may have come */
}

/* ---------------------------------------------------------------- credits for data */

bool conn_wants_data(const struct conn *conn)
{
    return !conn_dead(conn) && list_empty(&conn->waiting_data) &&
           (conn->credits > 1 || conn->in_flight_count == 0); /* one that waits shows the want */
}

uint32_t conn_payload_limit(const struct conn *conn, uint32_t server_limit)
{
    uint32_t credits = conn->got.large_mtu ? conn->credits_peak / 2 : 1;
    uint64_t paid = (uint64_t)(credits > 0 ? credits : 1) * SMB2_CREDIT_BYTES;

    return paid < server_limit ? (uint32_t)paid : server_limit;
}

/* ---------------------------------------------------------------- silence */

void conn_progress(struct conn *conn)
{
    conn->progress_ns = env_now(conn->env);
    conn->unprobed = false;
}

static uint64_t silence_ends_ns(const struct conn *conn)
{
    return conn->progress_ns + conn->env->silence_ms * NS_PER_MS;
}

void conn_watch(struct conn *conn)
{
    if (!timer_armed(&conn->silence) && !conn_dead(conn)) {
        conn_progress(conn);
        timer_arm(&conn->env->timers, &conn->silence, silence_ends_ns(conn), &conn->silence_over);
    }
}

/* Whether it is the server's turn: to read, to answer, or to grant credits. */
static bool waits_for_server(const struct conn *conn)
{
    return conn->unanswered_count > 0 || !list_empty(&conn->output) ||
           (conn->in_flight_count == 0 && requests_starve(conn));
}

/* Everything in flight is PENDING: the server may take its time, but is it alive?  (MS-SMB2 2.2.28)
 * Without a credit it cannot be asked: then it has one more silence to say something. */
static void probe(struct conn *conn)
{
    uint8_t body[SMB2_EMPTY_LEN];
    struct wr w = wr_from(body, sizeof body);
    struct request_spec spec = {.conn = conn, .command = SMB2_ECHO};

    conn->unprobed = true;
    if (conn->credits == 0) {
        return;
    }
    LIST_EACH(node, &conn->channels)
    {
        struct channel *channel = CONTAINER_OF(node, struct channel, in_conn);
        if (channel->session->gate == SESSION_OPEN) {
            spec.channel = channel; /* signed or sealed, where that can be had */
        }
    }
    smb2_empty_put(&w);
    request_post(&spec, wr_written(&w));
    conn->unprobed = conn->unanswered_count == 0; /* lost for want of memory */
}

static void silence_is_over(struct ready *ready)
{
    struct conn *conn = CONTAINER_OF(ready, struct conn, silence_over);

    if (conn_dead(conn) || (conn->in_flight_count == 0 && !waits_for_server(conn))) {
        return; /* nobody waits; the next request arms the timer again */
    }
    if (env_now(conn->env) >= silence_ends_ns(conn)) {
        if (waits_for_server(conn) || conn->unprobed) {
            conn_fail_with(conn, LSMB_E_TIMEOUT, "the server has been silent for %g s",
                           (double)conn->env->silence_ms / 1000);
            return;
        }
        conn_progress(conn);
        probe(conn);
    }
    timer_arm(&conn->env->timers, &conn->silence, silence_ends_ns(conn), &conn->silence_over);
}

/* ---------------------------------------------------------------- the end */

void conn_fail(struct conn *conn, const struct lsmb_error *err)
{
    assert(err->code != LSMB_OK);
    if (conn_dead(conn)) {
        return;
    }
    conn->err = *err;
    conn->env->stats.sum.lost += err->code != LSMB_E_CANCELLED;
    trace_conn_ended(conn, err->code);
    timer_stop(&conn->silence);
    requests_fail(conn);
    if (conn->on_output) {
        conn->on_output(conn->owner);
    }
}

void conn_fail_with(struct conn *conn, enum lsmb_code code, const char *fmt, ...)
{
    struct lsmb_error err;
    va_list ap;

    va_start(ap, fmt);
    error_vset(&err, code, fmt, ap);
    va_end(ap);
    conn_fail(conn, &err);
}
