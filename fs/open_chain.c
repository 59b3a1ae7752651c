/* open_chain.c: the frame that opens a file. */
#include "fs/open_chain.h"

#include <assert.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "fs/holding.h"

enum {
    FAILED_MAX = 3,  /* frames in a row that were taken apart before a lane sends no more of them */
    REPEATS_MAX = 3, /* of a frame that the end of a logon kept from being done */
};

/* ---------------------------------------------------------------- going out */

static bool has_tail(const struct open_op *o)
{
    /* Whether a snapshot is there is found out with the file open (fs/snapshot_find). */
    return o->want.tail && !o->alone && o->when == 0 && o->share->lane->chains_failed < FAILED_MAX;
}

static void drop_parts(struct open_tail *tail)
{
    for (unsigned i = 0; i < tail->count; i++) {
        request_drop(tail->parts[i].request);
    }
}

/* False: the CREATE goes alone. */
static bool send_tailed(struct open_op *o, const struct compound_part *create)
{
    struct compound_part parts[1 + OPEN_TAIL_MAX] = {*create};
    struct open_tail *tail = o->want.tail;

    tail->count = 0;
    bool laid = tail->lay(tail->arg, tail);
    assert(tail->count <= OPEN_TAIL_MAX);
    for (unsigned i = 0; i < tail->count; i++) {
        parts[1 + i] = tail->parts[i];
        parts[1 + i].waiter = &o->op.ready;
    }
    if (!laid || tail->count == 0 || !compound_send(parts, 1 + tail->count, true)) {
        drop_parts(tail);
        return false;
    }
    return true;
}

void open_chain_send(struct open_op *o, const struct wr *w, const struct request_spec *spec)
{
    struct compound_part create = {
        .request = &o->request, .w = *w, .spec = *spec, .waiter = &o->op.ready};

    o->tailed = has_tail(o) && send_tailed(o, &create);
    if (!o->tailed) {
        request_send(&o->request, w, spec, &o->op.ready);
    }
}

/* ---------------------------------------------------------------- coming back */

enum op_next open_chain_await(struct open_op *o)
{
    const struct open_tail *tail = o->want.tail;
    enum op_next next = await_answer(&o->op, &o->request);

    for (unsigned i = 0; o->tailed && next == OP_AGAIN && i < tail->count; i++) {
        next = await_answer(&o->op, tail->parts[i].request);
    }
    return next;
}

/* What servers say to a request that they would do if it came alone. */
static bool is_about_company(uint32_t status)
{
    return nt_status_is(status, STATUS_NOT_SUPPORTED) ||
           nt_status_is(status, STATUS_NOT_IMPLEMENTED) ||
           nt_status_is(status, STATUS_INTERNAL_ERROR) ||
           nt_status_is(status, STATUS_INVALID_PARAMETER);
}

bool open_chain_goes_again(struct open_op *o)
{
    uint32_t status = o->request.status;

    if (!o->tailed) {
        return false;
    }
    if (is_about_company(status)) {
        o->alone = true;
        return true;
    }
    /* MS-SMB2 3.2.5.1.6: a request of a compound is not repeated by itself (conn/request). */
    return nt_status_is(status, STATUS_NETWORK_SESSION_EXPIRED) && o->request.believed &&
           o->repeats++ < REPEATS_MAX;
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
        *failed = is_about_company(tail->parts[0].request->status) ? *failed + 1 : 0;
    } else if (o->alone) { /* and now it went well */
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

void open_chain_drop(struct open_op *o)
{
    if (o->tailed) {
        drop_parts(o->want.tail);
        o->tailed = false;
    }
}
