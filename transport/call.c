#include "transport/call.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "transport/address.h"

static const char any_server[] = "*SMBSERVER";

enum { ST_DIAL, ST_DIALLED, ST_FOUND, ST_ANSWERED, ST_LEARNED };

static struct call_op *call_of(struct op *op)
{
    return CONTAINER_OF(op, struct call_op, op);
}

static struct log *log_of(struct call_op *call)
{
    return &call->op.env->log;
}

/* ---------------------------------------------------------------- calling */

static enum op_next start_session(struct call_op *call, struct stream *stream)
{
    call->stream = stream;
    if (!stream) {
        return op_fail(&call->op, LSMB_E_NETWORK, "nobody answers");
    }
    nbss_session_start(&call->session, &call->op, call->spec.loop, stream, &call->called,
                       &call->spec.calling);
    return op_go(&call->op, ST_ANSWERED);
}

static enum op_next dial(struct op *op)
{
    struct call_op *call = call_of(op);
    const struct call_spec *spec = &call->spec;

    if (spec->dial) {
        return start_session(call, spec->dial(spec->dial_arg, spec->host, spec->port));
    }
    dial_start(&call->dial, op, spec->loop, spec->host, spec->port);
    return op_go(op, ST_DIALLED);
}

/* Dial these addresses. */
static enum op_next dial_at(struct call_op *call, const struct sockaddr_storage *addresses,
                            unsigned count)
{
    dial_start_at(&call->dial, &call->op, call->spec.loop, addresses, count);
    return op_go(&call->op, ST_DIALLED);
}

/* ---------------------------------------------------------------- finding a host by its NetBIOS name */

/* A name with dots is one for DNS; what is longer than a NetBIOS name is none. */
static bool may_be_netbios(struct nbss_name *out, const char *host)
{
    return !strchr(host, '.') && !strchr(host, ':') && strlen(host) <= NBSS_NAME_TEXT_MAX &&
           nbss_name_make(out, host, NBSS_FILE_SERVER);
}

static enum op_next find(struct call_op *call)
{
    struct nbns_query_asked networks;
    struct nbss_name name;

    call->first = call->dial.op.err;
    if (!may_be_netbios(&name, call->spec.host)) {
        return op_fail_as(&call->op, &call->first);
    }
    if (!call->spec.asked) {
        nbns_query_broadcasts(&networks);
    }
    nbns_query_start(&call->names, &call->op, call->spec.loop, &name,
                     call->spec.asked ? call->spec.asked : &networks);
    return op_go(&call->op, ST_FOUND);
}

static enum op_next fail_not_found(struct call_op *call)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NETWORK, "%s; %s", call->first.reason, call->names.op.err.reason);
    error_advise(&err, "check the spelling of the server's name, or give its address");
    return op_fail_as(&call->op, &err);
}

static enum op_next take_found(struct op *op)
{
    struct call_op *call = call_of(op);
    struct nbns_query_op *names = &call->names;
    char text[ADDRESS_TEXT_LEN];

    if (!op_finished(&names->op)) {
        return OP_WAIT;
    }
    if (op_failed(&names->op)) {
        return fail_not_found(call);
    }
    for (unsigned i = 0; i < names->address_count; i++) {
        address_set_port(&names->addresses[i], call->spec.port);
        log_line(log_of(call), LSMB_LOG_WARNING,
                 "%s: not known to DNS, found by NetBIOS at %s: any machine of this network can "
                 "answer so, and is sent our logon",
                 call->spec.host, address_text(text, &names->addresses[i]));
    }
    if (!call->spec.called.text[0]) {
        call->called = names->question.question.name;
    }
    return dial_at(call, names->addresses, names->address_count);
}

static enum op_next fail_undialled(struct call_op *call)
{
    struct lsmb_error *err = &call->dial.op.err;

    if (err->os_errno == ECONNREFUSED) {
        error_advise(err,
                     "nobody takes NetBIOS sessions there: try SMB without NetBIOS, on port 445");
    }
    return op_fail_as(&call->op, err);
}

static enum op_next take_dialled(struct op *op)
{
    struct call_op *call = call_of(op);

    if (!op_finished(&call->dial.op)) {
        return OP_WAIT;
    }
    if (op_failed(&call->dial.op)) {
        return call->dial.unknown ? find(call) : fail_undialled(call);
    }
    call->peer = call->dial.peer;
    return start_session(call, dial_take(&call->dial));
}

/* ---------------------------------------------------------------- another place, another name */

static void hang_up(struct call_op *call)
{
    stream_close(call->stream);
    call->stream = NULL;
}

/* RFC 1002 5.3.1.4: connect again, there.  Never to a place where no server of others can be, and from
 * elsewhere not to this machine. */
static enum op_next go_elsewhere(struct call_op *call)
{
    const struct nbss_retarget *to = &call->session.to;
    struct sockaddr_storage there = address_v4(to->address, to->port);
    char text[ADDRESS_TEXT_LEN], host[INET_ADDRSTRLEN];
    bool home = address_is_loopback(&call->peer) && address_is_loopback(&there);

    if (call->retargeted || to->port == 0 || (!address_v4_is_elsewhere(to->address) && !home)) {
        return op_fail_as(&call->op, &call->session.op.err);
    }
    call->retargeted = true;
    log_line(log_of(call), LSMB_LOG_WARNING,
             "%s sends us on to %s; who that is shows in the logon and in signatures",
             call->stream->peer, address_text(text, &there));
    hang_up(call);
    if (!call->spec.dial) {
        return dial_at(call, &there, 1);
    }
    text_format(host, sizeof host, "%u.%u.%u.%u", to->address >> 24, to->address >> 16 & 0xFF,
                to->address >> 8 & 0xFF, to->address & 0xFF);
    return start_session(call, call->spec.dial(call->spec.dial_arg, host, to->port));
}

/* Call it once more where it was, by another name. */
static enum op_next call_again(struct call_op *call)
{
    if (call->spec.dial) {
        return dial(&call->op);
    }
    return dial_at(call, &call->peer, 1);
}

/* There is no such name: ask for the right one. */
static enum op_next ask_name(struct call_op *call)
{
    struct sockaddr_storage host = call->peer;

    call->first = call->session.op.err;
    call->renamed = true;
    hang_up(call);
    address_set_port(&host, call->spec.name_port ? call->spec.name_port : NBNS_PORT);
    nbns_query_status_start(&call->names, &call->op, call->spec.loop, &host);
    return op_go(&call->op, ST_LEARNED);
}

/* The name that it says it has; else what has not been tried yet: the name for any server, then the
 * first part of the host's.  False: there is none left. */
static bool next_name(struct call_op *call)
{
    struct nbss_name name = call->names.learned, refused = call->called;
    size_t label = strcspn(call->spec.host, ".");
    char first[NBSS_NAME_TEXT_MAX + 1];
    struct sockaddr_storage numeric;

    if (op_failed(&call->names.op)) {
        (void)nbss_name_make(&name, any_server, NBSS_FILE_SERVER);
    }
    if (nbss_name_equal(&name, &refused) && label < sizeof first &&
        !lookup_numeric(&numeric, call->spec.host, call->spec.port)) {
        text_format(first, sizeof first, "%.*s", (int)label, call->spec.host);
        (void)may_be_netbios(&name, first);
    }
    call->called = name;
    return name.text[0] && !nbss_name_equal(&name, &refused);
}

static enum op_next fail_unnamed(struct call_op *call)
{
    struct lsmb_error err = call->first;

    error_set(&err, LSMB_E_NETWORK, "%s; asked for its name: %s", call->first.reason,
              op_failed(&call->names.op) ? call->names.op.err.reason : "it gives the same");
    error_advise(&err, "%s", call->first.advice);
    return op_fail_as(&call->op, &err);
}

static enum op_next take_learned(struct op *op)
{
    struct call_op *call = call_of(op);

    if (!op_finished(&call->names.op)) {
        return OP_WAIT;
    }
    if (!next_name(call)) {
        return fail_unnamed(call);
    }
    log_line(log_of(call), LSMB_LOG_INFO, "%s; calling it %s", call->first.reason,
             call->called.text);
    return call_again(call);
}

static bool name_refused(const struct nbss_session_op *session)
{
    return session->refusal == NBSS_NOT_LISTENING_ON_CALLED_NAME ||
           session->refusal == NBSS_CALLED_NAME_NOT_PRESENT;
}

static enum op_next take_answer(struct op *op)
{
    struct call_op *call = call_of(op);
    struct nbss_session_op *session = &call->session;

    if (!op_finished(&session->op)) {
        return OP_WAIT;
    }
    if (!op_failed(&session->op)) {
        return OP_DONE;
    }
    if (session->retargeted) {
        return go_elsewhere(call);
    }
    if (name_refused(session) && !call->renamed) {
        return ask_name(call);
    }
    return op_fail_as(op, &session->op.err);
}

static void call_release(struct op *op)
{
    stream_close(dial_take(&call_of(op)->dial));
}

static const struct op_step steps[] = {
    [ST_DIAL] = {"connect", dial, 0},
    [ST_DIALLED] = {"connect", take_dialled, 0}, /* the children have limits of their own */
    [ST_FOUND] = {"look the server up by NetBIOS", take_found, 0},
    [ST_ANSWERED] = {"open a NetBIOS session", take_answer, 0},
    [ST_LEARNED] = {"ask the server for its NetBIOS name", take_learned, 0},
};

static const struct op_kind call_kind = {"call", steps, call_release};

void call_op_start(struct call_op *call, struct op *parent, const struct call_spec *spec)
{
    assert(!call->stream); /* taken, if it has been used before */
    *call = (struct call_op){.spec = *spec, .called = spec->called};
    if (!spec->called.text[0]) {
        (void)nbss_name_make(&call->called, any_server, NBSS_FILE_SERVER);
    }
    op_start_child(parent, &call->op, &call_kind);
}

struct stream *call_take(struct call_op *call)
{
    struct stream *stream = call->stream;

    call->stream = NULL;
    return stream;
}
