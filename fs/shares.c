/* shares.c: what a server shares (NetrShareEnum, MS-SRVS 3.1.4.8). */
#include <stdio.h>
#include <stdlib.h>

#include "fs/holding.h"
#include "fs/job.h"
#include "fs/rpc.h"
#include "proto/srvsvc.h"

enum {
    STUB_ROOM = 1024,
    ROUNDS_MAX = 1000, /* answers in pieces; what servers share fits into one */
};

struct shares_job {
    struct lsmb_job job; /* first */
    struct lsmb_share *ipc;
    lsmb_share_fn *each;
    void *each_arg;
    struct rpc rpc;
    struct rpc_bind_op binding;
    struct rpc_call_op calling;
    struct close_op closing;
    uint32_t resume;
    unsigned rounds;
};

static enum op_next bind_interface(struct op *op);
static enum op_next send_call(struct op *op);
static enum op_next take_call(struct op *op);
static enum op_next take_close(struct op *op);

enum { ST_BIND, ST_CALL, ST_CALLED, ST_CLOSED };

static const struct op_step shares_steps[] = {
    [ST_BIND] = {"list the shares", bind_interface, 0},
    [ST_CALL] = {"list the shares", send_call, 0},
    [ST_CALLED] = {"list the shares", take_call, 0},
    [ST_CLOSED] = {"list the shares", take_close, 0},
};

static struct shares_job *shares_of(struct op *op)
{
    return CONTAINER_OF(op, struct shares_job, job.op);
}

static void release(struct op *op)
{
    struct shares_job *j = shares_of(op);

    if (op_failed(op)) {
        share_error_path(j->ipc, "srvsvc", &op->err);
    }
    rpc_call_drop(&j->calling);
    open_drop(&j->rpc.open);
}

static const struct op_kind shares_kind = {"shares", shares_steps, release};

static enum op_next bind_interface(struct op *op)
{
    struct shares_job *j = shares_of(op);

    rpc_bind_start(&j->binding, op, j->ipc, "srvsvc", &srvsvc_interface, &j->rpc);
    return op_go(op, ST_CALL);
}

static enum op_next send_call(struct op *op)
{
    struct shares_job *j = shares_of(op);
    char server[sizeof j->ipc->server->host + 2];
    uint8_t room[STUB_ROOM];
    struct wr w = wr_from(room, sizeof room);
    enum op_next next = op_await(op, &j->binding.op);

    if (next != OP_AGAIN) {
        return next;
    }
    (void)snprintf(server, sizeof server, "\\\\%s", j->ipc->server->host);
    srvsvc_share_enum_put(&w, &(struct srvsvc_share_enum){.server = server,
                                                          .level = 1,
                                                          .preferred_bytes = SRVSVC_PREFERRED_MAX,
                                                          .resume = j->resume});
    if (!wr_ok(&w)) {
        return op_fail(op, LSMB_E_USAGE, "the name of the server is not UTF-8");
    }
    rpc_call_drop(&j->calling);
    rpc_call_start(&j->calling, op, &j->rpc, SRVSVC_NETR_SHARE_ENUM, wr_written(&w));
    return op_go(op, ST_CALLED);
}

/* Hand one share to the user: OP_AGAIN when he wants more, OP_DONE when not. */
static enum op_next hand_on(struct shares_job *j, const struct srvsvc_share *share)
{
    char *name = utf8_new(share->name), *comment = utf8_new(share->comment);
    enum op_next next;

    if (!name || !comment) {
        next = op_fail(&j->job.op, LSMB_E_NOMEM, "no memory for the name of a share");
    } else {
        next = j->each(j->each_arg, &(struct lsmb_share_entry){.name = name,
                                                               .comment = comment,
                                                               .type = share->type})
                   ? OP_AGAIN
                   : OP_DONE;
    }
    free(name);
    free(comment);
    return op_failed(&j->job.op) ? OP_FAIL : next; /* he may have cancelled the job */
}

static enum op_next hand_all_on(struct shares_job *j, struct srvsvc_share_enum_reply *reply)
{
    struct srvsvc_share share;
    enum op_next next = OP_AGAIN;

    while (next == OP_AGAIN && srvsvc_share_next(reply, &share)) {
        next = hand_on(j, &share);
    }
    return next;
}

/* MS-SRVS 3.1.4.8: the call returns a Windows error code, no NTSTATUS. */
static enum op_next refused(struct op *op, uint32_t status)
{
    if (status == SRVSVC_ACCESS_DENIED) {
        enum op_next next =
            op_fail(op, LSMB_E_DENIED, "the server does not tell this user what it shares");
        error_advise(&op->err, "log on as a user who may know, or name the share");
        return next;
    }
    return op_fail(op, LSMB_E_STATUS, "the server does not tell what it shares: Windows error %u",
                   (unsigned)status);
}

/* An answer in pieces goes on where the last one ended; one that does not get on would go on for ever. */
static enum op_next ask_again(struct shares_job *j, uint32_t count, uint32_t resume)
{
    if (count == 0 || resume == j->resume || ++j->rounds == ROUNDS_MAX) {
        return op_fail(&j->job.op, LSMB_E_PROTOCOL, "the server's list of shares has no end");
    }
    j->resume = resume;
    return op_go(&j->job.op, ST_CALL);
}

static enum op_next take_call(struct op *op)
{
    struct shares_job *j = shares_of(op);
    struct srvsvc_share_enum_reply reply;
    enum op_next next = op_await(op, &j->calling.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!srvsvc_share_enum_reply_get(&reply, (struct span){j->calling.stub, j->calling.stub_len})) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed list of shares");
    }
    bool more = reply.status == SRVSVC_MORE_DATA;
    if (reply.status != SRVSVC_SUCCESS && !more) {
        return refused(op, reply.status);
    }
    uint32_t count = reply.count, resume = reply.resume;
    next = hand_all_on(j, &reply);
    if (next == OP_FAIL) {
        return next;
    }
    if (next == OP_AGAIN && more) {
        return ask_again(j, count, resume);
    }
    close_start(&j->closing, op, &j->rpc.open, NULL);
    return op_go(op, ST_CLOSED);
}

static enum op_next take_close(struct op *op)
{
    enum op_next next = op_await(op, &shares_of(op)->closing.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

struct lsmb_job *lsmb_shares_start(struct lsmb_share *ipc, lsmb_share_fn *each, void *each_arg,
                                   lsmb_done_fn *done, void *arg)
{
    struct shares_job *j = job_new(share_context(ipc), sizeof *j, done, arg);

    if (!j) {
        return NULL;
    }
    j->ipc = ipc;
    j->each = each;
    j->each_arg = each_arg;
    return job_begin(&j->job, &shares_kind);
}

enum lsmb_code lsmb_shares(struct lsmb_share *ipc, lsmb_share_fn *each, void *each_arg,
                           struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(ipc),
                    lsmb_shares_start(ipc, each, each_arg, job_wait_done, &wait), &wait, err);
}
