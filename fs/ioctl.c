/* ioctl.c: one IOCTL on an open file as a child operation. */
#include "fs/ioctl.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "proto/error.h"
#include "proto/ioctl.h"

enum { IOCTL_ROOM = 64 }; /* before the input */

static enum op_next send_ioctl(struct op *op);
static enum op_next take_ioctl(struct op *op);

enum { ST_IOCTL, ST_IOCTL_REPLY };

static const struct op_step ioctl_steps[] = {
    [ST_IOCTL] = {"ask for a file system control", send_ioctl, 0},
    [ST_IOCTL_REPLY] = {"ask for a file system control", take_ioctl, 0},
};

static struct ioctl_op *ioctl_of(struct op *op)
{
    return CONTAINER_OF(op, struct ioctl_op, op);
}

/* What was answered is the user's to look at. */
static void release(struct op *op)
{
    struct ioctl_op *i = ioctl_of(op);

    free(i->input);
    i->input = NULL;
    if (!request_done(&i->request)) {
        ioctl_drop(i);
    }
}

static const struct op_kind ioctl_kind = {"ioctl", ioctl_steps, release};

void ioctl_start(struct ioctl_op *op, struct op *parent, struct open *open, uint32_t ctl_code,
                 struct span input, uint32_t max_output)
{
    *op = (struct ioctl_op){.open = open, .ctl_code = ctl_code, .max_output = max_output};
    op->input = malloc(input.len + 1);
    if (op->input) {
        struct wr w = wr_from(op->input, input.len);
        wr_span(&w, input);
        op->input_len = input.len;
    }
    op_start_child(parent, &op->op, &ioctl_kind);
}

void ioctl_drop(struct ioctl_op *op)
{
    request_drop(&op->request);
    op->output = (struct span){0};
}

static enum op_next send_ioctl(struct op *op)
{
    struct ioctl_op *i = ioctl_of(op);
    struct wr w;

    if (!share_up(i->open->share)) {
        return share_lost(op, i->open->share);
    }
    if (!i->input || !request_body(&i->request, op->env, IOCTL_ROOM + i->input_len, &w)) {
        return fail_no_buffer(op);
    }
    /* MS-SMB2 3.2.4.20: the charge pays for what goes there or what comes back, whichever is more. */
    uint32_t payload = i->input_len > i->max_output ? (uint32_t)i->input_len : i->max_output;
    struct request_spec spec = share_spec(i->open->share, SMB2_IOCTL, payload, false);
    smb2_ioctl_request_put(&w, &(struct smb2_ioctl_request){
                                   .ctl_code = i->ctl_code,
                                   .file = i->open->id,
                                   .input = {i->input, i->input_len},
                                   .max_output_response = i->max_output,
                                   .flags = SMB2_0_IOCTL_IS_FSCTL,
                               });
    request_send(&i->request, &w, &spec, &op->ready);
    return op_go(op, ST_IOCTL_REPLY);
}

/* Read the command's own body; a failure may have one, too. */
static bool take_output(struct ioctl_op *i)
{
    struct smb2_ioctl_reply reply;

    if (!smb2_ioctl_reply_get(&reply, i->request.message, i->max_output) ||
        reply.ctl_code != i->ctl_code) {
        return false;
    }
    i->output = reply.output;
    return true;
}

static enum op_next take_ioctl(struct op *op)
{
    struct ioctl_op *i = ioctl_of(op);
    enum op_next next = await_answer(op, &i->request);

    if (next != OP_AGAIN) {
        return next;
    }
    uint32_t status = i->request.status;
    i->cut = nt_status_is(status, STATUS_BUFFER_OVERFLOW);
    if (!i->request.believed || !smb2_reply_has_body(SMB2_IOCTL, status, i->request.message)) {
        return fail_refused(op, &i->request);
    }
    if (!take_output(i)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to IOCTL");
    }
    return status == STATUS_SUCCESS || i->cut ? OP_DONE : fail_refused(op, &i->request);
}
