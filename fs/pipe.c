/* pipe.c: named pipes: a message there and its answer back. */
#include "fs/pipe.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "proto/ioctl.h"
#include "proto/read.h"

enum { PIPE_CHUNK = 4280 }; /* bytes asked for at a time: a fragment of RPC, as Windows sizes it */

void pipe_open_start(struct open_op *op, struct op *parent, struct lsmb_share *share,
                     const char *name, struct open *open)
{
    static const struct open_want want = {
        .pipe = true,
        .step = "open the pipe",
        .access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_READ_EA |
                  FILE_WRITE_EA | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES |
                  ACCESS_READ_CONTROL | ACCESS_SYNCHRONIZE,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE,
        .disposition = FILE_OPEN,
    };

    open_start(op, parent, share, name, &want, open);
}

/* ---------------------------------------------------------------- an exchange */

static enum op_next take_answer(struct op *op);
static enum op_next send_read(struct op *op);
static enum op_next take_read(struct op *op);

enum { ST_ANSWER, ST_READ, ST_READ_REPLY };

static const struct op_step pipe_steps[] = {
    [ST_ANSWER] = {"ask through the pipe", take_answer, 0},
    [ST_READ] = {"read from the pipe", send_read, 0},
    [ST_READ_REPLY] = {"read from the pipe", take_read, 0},
};

static struct pipe_op *pipe_of(struct op *op)
{
    return CONTAINER_OF(op, struct pipe_op, op);
}

/* The message is the user's to look at after success. */
static void release(struct op *op)
{
    struct pipe_op *p = pipe_of(op);

    ioctl_drop(&p->ioctl);
    request_drop(&p->request);
    if (!p->whole) {
        pipe_drop(p);
    }
}

static const struct op_kind pipe_kind = {"pipe", pipe_steps, release};

void pipe_transact_start(struct pipe_op *op, struct op *parent, struct open *open,
                         struct span message)
{
    *op = (struct pipe_op){.open = open, .asks = true};
    op_start_child(parent, &op->op, &pipe_kind);
    ioctl_start(&op->ioctl, &op->op, open, FSCTL_PIPE_TRANSCEIVE, message, PIPE_CHUNK);
}

void pipe_read_start(struct pipe_op *op, struct op *parent, struct open *open)
{
    *op = (struct pipe_op){.open = open};
    op_start_child(parent, &op->op, &pipe_kind);
}

void pipe_drop(struct pipe_op *op)
{
    free(op->got);
    op->got = NULL;
    op->got_len = 0;
}

/* A piece of the message has come; read on when there are more. */
static enum op_next take_piece(struct pipe_op *p, struct span piece, bool more)
{
    /* A piece of nothing with more to come would come for ever. */
    if ((more && piece.len == 0) || piece.len > PIPE_MESSAGE_MAX - p->got_len) {
        return op_fail(&p->op, LSMB_E_PROTOCOL,
                       "the server sent a message through the pipe that %s",
                       piece.len == 0 ? "has no end" : "is too long");
    }
    uint8_t *got = realloc(p->got, p->got_len + piece.len + 1);
    if (!got) {
        return op_fail(&p->op, LSMB_E_NOMEM, "no memory for what came through the pipe");
    }
    p->got = got;
    struct wr w = wr_from(got + p->got_len, piece.len);
    wr_span(&w, piece);
    p->got_len += piece.len;
    p->whole = !more;
    return more ? op_go(&p->op, ST_READ) : OP_DONE;
}

static enum op_next take_answer(struct op *op)
{
    struct pipe_op *p = pipe_of(op);

    if (!p->asks) {
        return op_go(op, ST_READ);
    }
    if (!op_finished(&p->ioctl.op)) {
        return OP_WAIT;
    }
    if (op_failed(&p->ioctl.op)) {
        p->ioctl.op.err.step[0] = '\0'; /* our own says more */
        return op_fail_as(op, &p->ioctl.op.err);
    }
    return take_piece(p, p->ioctl.output, p->ioctl.cut);
}

/* MS-SMB2 3.2.4.6: a pipe has no offsets. */
static enum op_next send_read(struct op *op)
{
    struct pipe_op *p = pipe_of(op);
    struct wr w;

    if (!share_up(p->open->share)) {
        return share_lost(op, p->open->share);
    }
    struct request_spec spec = share_spec(p->open->share, SMB2_READ, PIPE_CHUNK, false);
    if (!request_body(&p->request, op->env, SMB2_READ_REQUEST_LEN, &w)) {
        return fail_no_buffer(op);
    }
    smb2_read_request_put(&w,
                          &(struct smb2_read_request){.file = p->open->id, .length = PIPE_CHUNK});
    request_send(&p->request, &w, &spec, &op->ready);
    return op_go(op, ST_READ_REPLY);
}

/* MS-SMB2 3.2.5.11: STATUS_BUFFER_OVERFLOW when the message goes on. */
static enum op_next take_read(struct op *op)
{
    struct pipe_op *p = pipe_of(op);
    struct smb2_read_reply reply;
    enum op_next next = await_answer(op, &p->request);

    if (next != OP_AGAIN) {
        return next;
    }
    bool more = nt_status_is(p->request.status, STATUS_BUFFER_OVERFLOW);
    if (!p->request.believed || (p->request.status != STATUS_SUCCESS && !more)) {
        return fail_refused(op, &p->request);
    }
    if (!smb2_read_reply_get(&reply, p->request.message, PIPE_CHUNK)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to READ");
    }
    return take_piece(p, reply.data, more);
}
