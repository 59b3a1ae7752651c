/* connect.c: bringing a lane up. */
#include "fs/connect.h"

#include <stdio.h>
#include <stdlib.h>

#include "auth/ntlm.h"
#include "auth/spnego.h"
#include "base/text.h"
#include "base/trace.h"
#include "conn/exchange.h"
#include "proto/misc.h"

enum { ECHO_MS = 3000 }; /* a server that lives answers in far less */

static enum op_next begin(struct op *op);
static enum op_next take_echo(struct op *op);
static enum op_next take_stream(struct op *op);
static enum op_next take_negotiated(struct op *op);
static enum op_next take_logon(struct op *op);

enum { ST_BEGIN, ST_ASKED, ST_DIALLED, ST_NEGOTIATED, ST_LOGGED_ON };

static const struct op_step connect_steps[] = {
    [ST_BEGIN] = {"connect", begin, 0},
    [ST_ASKED] = {"ask whether the connection lives", take_echo, 0}, /* ECHO_MS limit it */
    [ST_DIALLED] = {"connect", take_stream, 0}, /* the children have limits of their own */
    [ST_NEGOTIATED] = {"negotiate", take_negotiated, 0},
    [ST_LOGGED_ON] = {"log on", take_logon, 0},
};

static struct connect_op *connect_of(struct op *op)
{
    return CONTAINER_OF(op, struct connect_op, op);
}

/* Those who waited go the same way; nobody tries a wrong password once more for each of them. */
static void tell_waiting(struct lane *lane, const struct op *op)
{
    LIST_EACH(node, &lane->waiting)
    {
        struct connect_op *other = CONTAINER_OF(node, struct connect_op, node);
        list_remove(&other->node);
        if (op_failed(op)) {
            op_cancel(&other->op, &op->err);
        } else {
            op_wake(&other->op);
        }
    }
}

static void release(struct op *op)
{
    struct connect_op *c = connect_of(op);
    struct lane *lane = c->lane;

    timer_stop(&c->patience);
    request_drop(&c->echo);
    stream_close(dial_take(&c->dial));
    stream_close(call_take(&c->call));
    negotiate_drop(&c->negotiate);
    mech_free(c->mech);
    c->mech = NULL;
    list_remove(&c->node);
    if (lane->connecting == c) {
        lane->connecting = NULL;
        if (!lane->was_up) {
            lane_hang_up(lane);
        }
        tell_waiting(lane, op);
    }
}

static const struct op_kind connect_kind = {"connect", connect_steps, release};

void connect_start(struct connect_op *connect, struct op *parent, struct lane **lane)
{
    *connect = (struct connect_op){.lane = *lane, .held = lane};
    op_start_child(parent, &connect->op, &connect_kind);
}

/* Put the conn on its stream and start to negotiate. */
static enum op_next talk(struct op *op, struct stream *stream)
{
    struct connect_op *c = connect_of(op);
    struct server *server = c->lane->server;

    if (!stream) {
        return op_fail(op, LSMB_E_NETWORK, "nobody answers");
    }
    c->lane->link = calloc(1, sizeof *c->lane->link);
    if (!c->lane->link) {
        stream_close(stream);
        return op_fail(op, LSMB_E_NOMEM, "no memory for a connection");
    }
    link_open(c->lane->link, &server->smb->loop, stream, &server->policy, c->lane->client_guid);
    negotiate_start(&c->negotiate, op, &c->lane->link->conn, server->host, c->form);
    return op_go(op, ST_NEGOTIATED);
}

/* Over NetBIOS: dial, and open a session. */
static enum op_next call_netbios(struct connect_op *c)
{
    const struct server *server = c->lane->server;
    struct call_spec spec = {
        .loop = &server->smb->loop,
        .host = server->host,
        .port = server->port,
        .called = server->called,
        .calling = server->calling,
        .dial = server->smb->dial,
        .dial_arg = server->smb->dial_arg,
    };

    call_op_start(&c->call, &c->op, &spec);
    return op_go(&c->op, ST_DIALLED);
}

static enum op_next call(struct op *op)
{
    struct connect_op *c = connect_of(op);
    struct server *server = c->lane->server;
    struct lsmb *smb = server->smb;

    if (server->netbios) {
        return call_netbios(c);
    }
    if (smb->dial) {
        return talk(op, smb->dial(smb->dial_arg, server->host, server->port));
    }
    if (c->lane->address.ss_family != AF_UNSPEC) {
        dial_start_at(&c->dial, op, &smb->loop, &c->lane->address, 1);
    } else {
        dial_start(&c->dial, op, &smb->loop, server->host, server->port);
    }
    return op_go(op, ST_DIALLED);
}

/* A lane that has been idle may be gone without a word: a cable, a firewall, a server that was switched
 * off.  Who comes now would wait for the whole silence limit. */
static enum op_next ask_for_echo(struct connect_op *c)
{
    const struct request_spec spec = {.channel = &c->lane->channel, .command = SMB2_ECHO};
    struct env *env = c->op.env;
    struct wr w;

    if (!request_body(&c->echo, env, SMB2_EMPTY_LEN, &w)) {
        return fail_no_buffer(&c->op);
    }
    smb2_empty_put(&w);
    request_send(&c->echo, &w, &spec, &c->op.ready);
    env_arm(env, &c->patience, ECHO_MS, &c->op.ready);
    return op_go(&c->op, ST_ASKED);
}

/* Leave the lane to those who are on it, and take another one. */
static enum op_next change_lanes(struct connect_op *c)
{
    struct lane *old = c->lane;
    struct lsmb_error err;

    request_drop(&c->echo);
    old->doubted = true;
    log_line(&c->op.env->log, LSMB_LOG_INFO, "%s: an idle connection is dead; connecting anew",
             old->server->host);
    struct lane *other = lane_get(old->server, &err);
    if (!other) {
        return op_fail_as(&c->op, &err);
    }
    c->lane = *c->held = other;
    lane_put(old);
    return op_go(&c->op, ST_BEGIN);
}

static enum op_next take_echo(struct op *op)
{
    struct connect_op *c = connect_of(op);

    if (!request_done(&c->echo)) {
        return timer_armed(&c->patience) ? OP_WAIT : change_lanes(c);
    }
    timer_stop(&c->patience);
    return c->echo.failure || !lane_up(c->lane) ? change_lanes(c) : OP_DONE;
}

static enum op_next begin(struct op *op)
{
    struct connect_op *c = connect_of(op);
    struct lsmb_error err;

    if (lane_up(c->lane)) {
        return lane_idle(c->lane) ? ask_for_echo(c) : OP_DONE;
    }
    if (c->lane->was_up) {
        lane_why_lost(c->lane, &err);
        return op_fail_as(op, &err);
    }
    if (c->lane->connecting) {
        if (!list_linked(&c->node)) {
            list_push_back(&c->lane->waiting, &c->node);
        }
        return OP_WAIT;
    }
    c->lane->connecting = c;
    return call(op);
}

static enum op_next take_stream(struct op *op)
{
    struct connect_op *c = connect_of(op);
    struct lane *lane = c->lane;
    bool netbios = lane->server->netbios;

    enum op_next next = op_await(op, netbios ? &c->call.op : &c->dial.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (netbios) {
        text_format(lane->netbios_name, sizeof lane->netbios_name, "%s", c->call.called.text);
    }
    return talk(op, netbios ? call_take(&c->call) : dial_take(&c->dial));
}

/* Today's one mechanism is NTLM; SPNEGO carries it, and whatever comes beside it. */
struct mech *lane_mech(const struct lane *lane)
{
    struct server *server = lane->server;
    struct env *env = &server->smb->env;
    struct mech *ntlm = server->policy.allow_ntlmv1
                            ? ntlm_v1_client_new(env, &server->who, server->host)
                            : ntlm_client_new(env, &server->who, server->host);

    return ntlm ? spnego_client_new(env, &ntlm, 1, (struct span){lane->hint, lane->hint_len})
                : NULL;
}

/* A server that hangs up on an SMB2 NEGOTIATE may still answer the multi-protocol one: once, on a fresh
 * link (MS-SMB2 3.2.4.2.2). */
static enum op_next ask_in_smb1(struct op *op)
{
    struct connect_op *c = connect_of(op);

    negotiate_drop(&c->negotiate);
    lane_hang_up(c->lane);
    c->form = NEGOTIATE_MULTI_PROTOCOL;
    return call(op);
}

static enum op_next negotiate_failed(struct op *op)
{
    struct connect_op *c = connect_of(op);

    if (c->negotiate.op.err.code == LSMB_E_NETWORK && c->form == NEGOTIATE_SMB2) {
        return ask_in_smb1(op);
    }
    enum op_next next = op_fail_as(op, &c->negotiate.op.err);

    if (op->err.code == LSMB_E_NETWORK) {
        error_advise(&op->err,
                     "the server may speak SMB1 only, or something else answers on port %u",
                     (unsigned)c->lane->server->port);
    }
    return next;
}

/* False when memory is short. */
static bool keep_hint(struct lane *lane, struct span hint)
{
    free(lane->hint);
    lane->hint_len = 0;
    lane->hint = malloc(hint.len + 1);
    if (lane->hint) {
        struct wr w = wr_from(lane->hint, hint.len);
        wr_span(&w, hint);
        lane->hint_len = hint.len;
    }
    return lane->hint != NULL;
}

static enum op_next take_negotiated(struct op *op)
{
    struct connect_op *c = connect_of(op);
    struct lane *lane = c->lane;

    if (!op_finished(&c->negotiate.op)) {
        return OP_WAIT;
    }
    if (op_failed(&c->negotiate.op)) {
        return negotiate_failed(op);
    }
    bool kept = keep_hint(lane, c->negotiate.blob);
    negotiate_drop(&c->negotiate);
    c->mech = kept ? lane_mech(lane) : NULL;
    if (!c->mech) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to log on");
    }
    session_init(&lane->session, op->env, &lane->server->policy);
    channel_join(&lane->channel, &lane->session, &lane->link->conn);
    logon_start(&c->logon, op, &lane->channel, c->mech);
    return op_go(op, ST_LOGGED_ON);
}

static enum op_next take_logon(struct op *op)
{
    struct connect_op *c = connect_of(op);
    struct lane *lane = c->lane;

    enum op_next next = op_await(op, &c->logon.op);

    if (next != OP_AGAIN) {
        return next;
    }
    const struct mech *chosen = spnego_chosen(c->mech);
    const struct ntlm_server_names *names = ntlm_server_names(chosen);
    (void)snprintf(lane->mechanism, sizeof lane->mechanism, "%s", chosen->ops->name);
    (void)snprintf(lane->server_name, sizeof lane->server_name, "%s", names->computer);
    (void)snprintf(lane->server_domain, sizeof lane->server_domain, "%s", names->domain);
    lane->address = c->dial.peer; /* over NetBIOS none */
    lane->was_up = true;
    trace_conn_up(&lane->link->conn, lane->link->conn.got.dialect);
    relogon_watch(&lane->relogon, lane);
    return OP_DONE;
}
