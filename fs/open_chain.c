/* open_chain.c: the frame that opens a file. */
#include "fs/open_chain.h"

#include <assert.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "fs/attach.h"
#include "proto/negotiate.h"
#include "proto/tree.h"

enum {
    FAILED_MAX = 3,  /* frames in a row that were taken apart before a lane sends no more of them */
    REPEATS_MAX = 3, /* of a frame that the end of a logon kept from being done */
};

/* ---------------------------------------------------------------- going out */

static bool has_tail(const struct open_op *o)
{
    /* Whether a snapshot is there is found out with the file open (fs/snapshot_find).  Servers that speak 2.0.2
     * and nothing newer are small ones: impacket's signs what it answers to a compound wrongly. */
    return o->want.tail && !o->no_tail && o->when == 0 &&
           share_dialect(o->share) != SMB2_DIALECT_202 &&
           o->share->lane->chains_failed < FAILED_MAX;
}

static void drop_tail(struct open_tail *tail)
{
    for (unsigned i = 0; i < tail->count; i++) {
        request_drop(tail->parts[i].request);
    }
}

/* Lay the tail into `parts`; how many they are, 0: none. */
static unsigned lay_tail(struct open_op *o, struct compound_part *parts)
{
    struct open_tail *tail = o->want.tail;

    tail->count = 0;
    if (!tail->lay(tail->arg, tail)) {
        drop_tail(tail);
        return 0;
    }
    assert(tail->count <= OPEN_TAIL_MAX);
    for (unsigned i = 0; i < tail->count; i++) {
        parts[i] = tail->parts[i];
        parts[i].waiter = &o->op.ready;
    }
    return tail->count;
}

/* False: the CREATE goes alone. */
static bool send_tailed(struct open_op *o, const struct compound_part *create)
{
    struct compound_part parts[1 + OPEN_TAIL_MAX] = {*create};
    unsigned count = lay_tail(o, parts + 1);

    if (count == 0) {
        return false;
    }
    if (!compound_send(parts, 1 + count, true)) {
        drop_tail(o->want.tail);
        return false;
    }
    return true;
}

/* Where there are keys the frame is sealed, or does not go.  It has the file's name in it, and the share has not yet
 * said that it wants to be asked encrypted.  And a Samba 4.17 mangles its answer to such a frame where a CREATE has
 * to wait for an oplock: NextCommand is wrong, and so are the signatures, which looks like an attack.  In an
 * encrypted frame it is known to come from the server, so a wrong signature is always what it looks like. */
static bool can_seal_if_must(const struct channel *channel)
{
    return channel->session->to_server || !channel->signer;
}

bool open_chain_may_attach(const struct open_op *o)
{
    const struct lsmb_share *share = o->share;

    /* Nobody else is on a connection that may end over this. */
    return has_tail(o) && !o->tree_apart && !share->server->attach_apart &&
           share->lane->refs == 1 && !o->want.pipe && open_only_reads(&o->want) &&
           !share->attaching && share_dialect(share) == SMB2_DIALECT_311 &&
           can_seal_if_must(&share->lane->channel);
}

static bool only_reads(const struct compound_part *parts, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint16_t command = parts[i].spec.command;
        if (command != SMB2_READ && command != SMB2_QUERY_INFO && command != SMB2_QUERY_DIRECTORY &&
            command != SMB2_CLOSE) {
            return false;
        }
    }
    return true;
}

/* Lay all of a frame that connects to the share first; how many they are, 0: they cannot go together. */
static unsigned lay_attaching(struct open_op *o, struct compound_part *parts)
{
    struct channel *channel = &o->share->lane->channel;
    struct lsmb_error err; /* will be said of the one that goes by itself */

    parts[0].request = &o->tree_request;
    parts[0].waiter = &o->op.ready;
    if (!tree_connect_put(&parts[0], channel, o->share->unc, &err)) {
        return 0;
    }
    unsigned count = lay_tail(o, parts + 2);
    for (unsigned i = 0; i < 2 + count; i++) {
        parts[i].spec.seal = true; /* MS-SMB2 3.3.5.2.1.1: taken, whether demanded or not */
        parts[i].spec.tree_id = i > 0 ? SMB2_TREE_ID_RELATED : 0;
    }
    return count > 0 && only_reads(parts + 2, count) ? 2 + count : 0;
}

/* False: TREE_CONNECT goes by itself. */
static bool send_attaching(struct open_op *o, const struct compound_part *create)
{
    struct compound_part parts[2 + OPEN_TAIL_MAX] = {{0}, *create};
    unsigned count = lay_attaching(o, parts);

    if (count == 0 || !compound_send(parts, count, true)) {
        drop_tail(o->want.tail);
        request_drop(&o->tree_request);
        o->tree_apart = true;
        return false;
    }
    attach_claim(o->share, &o->op);
    return true;
}

bool open_chain_send(struct open_op *o, const struct wr *w, const struct request_spec *spec)
{
    struct compound_part create = {
        .request = &o->request, .w = *w, .spec = *spec, .waiter = &o->op.ready};

    o->attaching = !share_attached(o->share);
    if (o->attaching) {
        o->tailed = send_attaching(o, &create);
        return o->tailed;
    }
    o->tailed = has_tail(o) && send_tailed(o, &create);
    if (!o->tailed) {
        request_send(&o->request, w, spec, &o->op.ready);
    }
    return true;
}

/* ---------------------------------------------------------------- coming back */

bool open_chain_spoiled(const struct request *request)
{
    uint32_t status = request->status;

    if (request_fell_apart(request)) {
        return true;
    }
    return request->compounded && request->believed &&
           (nt_status_is(status, STATUS_NOT_SUPPORTED) ||
            nt_status_is(status, STATUS_NOT_IMPLEMENTED) ||
            nt_status_is(status, STATUS_INTERNAL_ERROR) ||
            nt_status_is(status, STATUS_INVALID_PARAMETER));
}

/* MS-SMB2 3.2.5.1.6: a request of a compound is not repeated by itself (conn/request). */
static bool is_about_logon(const struct open_op *o, const struct request *request)
{
    return nt_status_is(request->status, STATUS_NETWORK_SESSION_EXPIRED) && request->believed &&
           o->repeats < REPEATS_MAX;
}

/* The share is connected to now, or is to be asked for once more (open_chain_goes_again), or cannot be had. */
static enum op_next take_tree(struct open_op *o)
{
    struct lsmb_share *share = o->share;
    struct lsmb_error err;

    if (tree_connect_get(&o->tree_request, &share->tree, &err)) {
        attach_settle(share, &o->op, NULL);
        return OP_AGAIN;
    }
    if (open_chain_spoiled(&o->tree_request) || is_about_logon(o, &o->tree_request)) {
        return OP_AGAIN;
    }
    error_step(&err, "connect to the share");
    error_path(&err, share->unc);
    attach_settle(share, &o->op, &err);
    o->at_share = true;
    return op_fail_as(&o->op, &err);
}

/* Let go of all that left in the frame, but not of the claim to connect. */
static void forget(struct open_op *o)
{
    request_drop(&o->tree_request);
    if (o->tailed) {
        drop_tail(o->want.tail);
        o->tailed = false;
    }
    o->attaching = false;
}

/* A server that says nothing is not asked a second time, and what was let go of is not wanted.  Who has changed what
 * came is told of, and gets no second logon to look at: LSMB_E_SECURITY is final. */
static bool is_taken_amiss(const struct lsmb_error *why)
{
    return why->code == LSMB_E_NETWORK || why->code == LSMB_E_PROTOCOL;
}

bool open_chain_lost(struct open_op *o)
{
    struct lsmb_share *share = o->share;
    struct lsmb_error why;

    if (!o->attaching || share_attached(share) || share_up(share) || share->lane->refs > 1) {
        return false;
    }
    share_why_lost(share, &why);
    if (!is_taken_amiss(&why)) {
        return false;
    }
    /* No warning: nothing was believed, and all of it is verified on the other connection. */
    log_line(&o->op.env->log, LSMB_LOG_INFO, "%s: connecting once more, and to the share first: %s",
             share->server->host, why.reason);
    forget(o);
    request_drop(&o->request);
    o->tree_apart = share->server->attach_apart = true;
    return true;
}

enum op_next open_chain_await(struct open_op *o)
{
    const struct open_tail *tail = o->want.tail;

    if (request_fell_apart(&o->request)) {
        return OP_AGAIN;
    }
    enum op_next next = await_answer(&o->op, &o->request);

    for (unsigned i = 0; o->tailed && next == OP_AGAIN && i < tail->count; i++) {
        next = await_answer(&o->op, tail->parts[i].request);
    }
    if (o->attaching && next == OP_AGAIN) {
        next = await_answer(&o->op, &o->tree_request);
    }
    return o->attaching && next == OP_AGAIN ? take_tree(o) : next;
}

/* What was asked before the share said how it wants to be asked (MS-SMB2 2.2.10): by whole paths, or for something
 * else than files.  That it wants to be asked encrypted is seen to before. */
static bool asked_wrongly(const struct open_op *o)
{
    const struct tree *tree = &o->share->tree;

    return (tree->capabilities & SMB2_SHARE_CAP_DFS) || tree->share_type != SMB2_SHARE_TYPE_DISK;
}

static bool attaching_goes_again(struct open_op *o)
{
    const struct request *create = &o->request;

    if (!share_attached(o->share)) { /* take_tree() found that */
        o->tree_apart = open_chain_spoiled(&o->tree_request);
        o->repeats += !o->tree_apart;
        return true;
    }
    return asked_wrongly(o) || open_chain_spoiled(create) ||
           (nt_status_is(create->status, STATUS_NETWORK_NAME_DELETED) && create->believed);
}

static bool tailed_goes_again(struct open_op *o)
{
    if (open_chain_spoiled(&o->request)) {
        o->no_tail = true;
        return true;
    }
    bool again = is_about_logon(o, &o->request);
    o->repeats += again;
    return again;
}

/* What was opened where it was asked for wrongly is nobody's. */
static void close_opened(struct open_op *o)
{
    struct smb2_create_reply reply;

    if (!o->request.failure && o->request.status == STATUS_SUCCESS && !open_chain_closed(o) &&
        smb2_create_reply_get(&reply, o->request.message)) {
        open_drop(&(struct open){.share = o->share, .id = reply.file});
    }
}

bool open_chain_goes_again(struct open_op *o)
{
    bool again = o->attaching && attaching_goes_again(o);

    if (!again && o->tailed) {
        again = tailed_goes_again(o);
    }
    if (again) {
        if (share_attached(o->share)) {
            close_opened(o);
        }
        open_chain_drop(o);
    }
    return again;
}

/* The server says, and may be believed, that it has not done it. */
static bool was_refused(const struct request *request)
{
    return request->status >> 30 == 3 && request->believed &&
           !nt_status_is(request->status, STATUS_INVALID_NETWORK_RESPONSE);
}

static bool all_refused(const struct open_tail *tail)
{
    for (unsigned i = 0; i < tail->count; i++) {
        if (!was_refused(tail->parts[i].request)) {
            return false;
        }
    }
    return true;
}

void open_chain_settle(struct open_op *o)
{
    struct open_tail *tail = o->want.tail;
    unsigned *failed = &o->share->lane->chains_failed;

    if (!tail) {
        return;
    }
    if (o->tailed) {
        *failed = open_chain_spoiled(tail->parts[0].request) ? *failed + 1 : 0;
    } else if (o->no_tail) { /* and now it went well */
        ++*failed;
    }
    tail->sent = o->tailed && !all_refused(tail);
    if (!tail->sent) {
        open_chain_drop(o);
    }
}

bool open_chain_closed(const struct open_op *o)
{
    const struct open_tail *tail = o->want.tail;

    for (unsigned i = 0; o->tailed && i < tail->count; i++) {
        const struct request *request = tail->parts[i].request;
        if (request_done(request) && !request->failure && request->spec.command == SMB2_CLOSE &&
            request->status == STATUS_SUCCESS) {
            return true;
        }
    }
    return false;
}

void open_chain_adopt(struct open_op *o)
{
    const struct request *request = &o->tree_request;
    struct lsmb_error err;

    if (o->attaching && !share_attached(o->share) && request_done(request) && !request->failure) {
        (void)tree_connect_get(request, &o->share->tree, &err);
    }
    attach_settle(o->share, &o->op, NULL);
}

void open_chain_drop(struct open_op *o)
{
    forget(o);
    attach_settle(o->share, &o->op, NULL);
}
