/* close.c: the way out of a file: CLOSE (MS-SMB2 3.2.4.5). */
#include "fs/open.h"

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "fs/stat.h"

#include "proto/close.h"

enum { CLOSE_ROOM = 32 };

static enum op_next send_close(struct op *op);
static enum op_next take_close(struct op *op);

enum { ST_CLOSE, ST_CLOSE_REPLY };

static const struct op_step close_steps[] = {
    [ST_CLOSE] = {"close the file", send_close, 0},
    [ST_CLOSE_REPLY] = {"close the file", take_close, 0},
};

static void release_close(struct op *op)
{
    struct close_op *c = CONTAINER_OF(op, struct close_op, op);

    if (c->request.state == REQUEST_IN_FLIGHT || c->request.state == REQUEST_DONE) {
        c->open->share = NULL; /* also when nobody waits for the answer: one CLOSE is enough */
    }
    request_drop(&c->request);
}

static const struct op_kind close_kind = {"close", close_steps, release_close};

void close_start(struct close_op *op, struct op *parent, struct open *open, struct lsmb_stat *stat)
{
    *op = (struct close_op){.open = open, .stat = stat};
    op_start_child(parent, &op->op, &close_kind);
}

static enum op_next send_close(struct op *op)
{
    struct close_op *c = CONTAINER_OF(op, struct close_op, op);
    struct request_spec spec = share_spec(c->open->share, SMB2_CLOSE, 0, false);
    struct wr w;

    if (!share_up(c->open->share)) {
        const struct lsmb_share *share = c->open->share;
        c->open->share = NULL; /* the server has closed it long ago */
        return share_lost(op, share);
    }
    if (!request_body(&c->request, op->env, CLOSE_ROOM, &w)) {
        return fail_no_buffer(op);
    }
    smb2_close_request_put(&w, &(struct smb2_close_request){
                                   .flags = c->stat ? SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB : 0,
                                   .file = c->open->id,
                               });
    request_send(&c->request, &w, &spec, &op->ready);
    return op_go(op, ST_CLOSE_REPLY);
}

static enum op_next take_close(struct op *op)
{
    struct close_op *c = CONTAINER_OF(op, struct close_op, op);
    struct smb2_close_reply reply;

    if (!request_done(&c->request)) {
        return OP_WAIT;
    }
    c->open->share = NULL; /* whatever the answer: there is nothing left to close */
    if (c->request.failure) {
        return op_fail_as(op, c->request.failure);
    }
    if (c->request.status != STATUS_SUCCESS) {
        return fail_refused(op, &c->request);
    }
    if (!smb2_close_reply_get(&reply, c->request.message)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to CLOSE");
    }
    if (c->stat && !(reply.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB)) {
        *c->stat = (struct lsmb_stat){.bytes = LSMB_SIZE_UNKNOWN}; /* the server does not say */
    } else if (c->stat) {
        *c->stat = STAT_FROM(&reply);
    }
    return OP_DONE;
}

void open_drop(struct open *open)
{
    uint8_t body[CLOSE_ROOM];
    struct wr w = wr_from(body, sizeof body);

    if (open->share && share_up(open->share)) {
        struct request_spec spec = share_spec(open->share, SMB2_CLOSE, 0, false);
        smb2_close_request_put(&w, &(struct smb2_close_request){.file = open->id});
        request_post(&spec, wr_written(&w));
    }
    open->share = NULL;
}
