/* file_io.c: reading and writing ranges of an open file (MS-SMB2 3.2.4.6, 3.2.4.7).
 *
 * A range is moved in pieces, several in flight, each as large as one request may be.  Nothing is
 * allocated for a piece but the buffer its payload travels in, which comes from the pool, and for which
 * it holds a ticket like the ranges of a copy do.  However many transfers a host starts, those that find
 * no memory wait in line until a piece of another one ends. */
#include <assert.h>
#include <string.h>

#include "base/ntstatus.h"
#include "base/number.h"
#include "conn/exchange.h"
#include "fs/file.h"
#include "proto/read.h"
#include "proto/write.h"

enum {
    PIECES = 8,          /* in flight at most */
    PIECE_MAX = 1 << 20, /* bytes; larger ones are no faster, and cost memory and balance */
};

struct piece {
    struct request request;
    bool busy;
    size_t ticket;  /* bytes that the pool was asked for */
    size_t at, len; /* what is left of it, in the caller's memory */
    uint32_t asked; /* bytes of `len` that the request is about */
};

struct transfer {
    struct file_job base; /* first */
    bool writes;
    uint8_t *into;       /* borrowed: what is read goes here */
    const uint8_t *from; /* borrowed: what is written comes from here */
    uint64_t offset;     /* in the file, of all of it */
    size_t len;          /* bytes in all; read: less, once the end of the file was seen */
    size_t next;         /* where the next piece begins */
    size_t *got;
    struct list hungry; /* in lsmb.hungry, while it has no piece and gets none */
    unsigned busy;      /* pieces */
    struct piece pieces[PIECES];
};

static enum op_next move(struct op *op);

static const struct op_step read_steps[] = {{"read", move, 0}};
static const struct op_step write_steps[] = {{"write", move, 0}};

static struct transfer *transfer_of(struct op *op)
{
    return CONTAINER_OF(file_job_of(op), struct transfer, base);
}

/* There may be memory for who waits longest; he stays in line until he has it. */
static void wake_hungry(struct lsmb *smb)
{
    if (!list_empty(&smb->hungry)) {
        op_wake(&CONTAINER_OF(smb->hungry.next, struct transfer, hungry)->base.job.op);
    }
}

static void leave_line(struct transfer *t)
{
    if (list_linked(&t->hungry)) {
        list_remove(&t->hungry);
        wake_hungry(t->base.job.smb);
    }
}

static void end_piece(struct transfer *t, struct piece *p)
{
    struct lsmb *smb = t->base.job.smb;

    request_drop(&p->request);
    pool_unreserve(&smb->env.pool, p->ticket);
    p->busy = false;
    t->busy--;
    smb->pieces--;
    wake_hungry(smb);
}

static void release(struct op *op)
{
    struct transfer *t = transfer_of(op);

    for (unsigned i = 0; i < PIECES; i++) {
        if (t->pieces[i].busy) {
            end_piece(t, &t->pieces[i]);
        }
    }
    leave_line(t);
    file_job_release(op);
}

static const struct op_kind read_kind = {"read a file", read_steps, release};
static const struct op_kind write_kind = {"write a file", write_steps, release};

static size_t piece_limit(const struct transfer *t)
{
    const struct lsmb_share *share = t->base.file->share;
    size_t limit = t->writes ? share_write_limit(share) : share_read_limit(share);

    /* So that all pieces together stay within what transfers may hold. */
    return least_size(limit, least_size(PIECE_MAX, t->base.job.smb->env.pool.limit / PIECES));
}

/* ---------------------------------------------------------------- one piece */

static bool lay_out_read(struct transfer *t, struct piece *p, struct wr *w)
{
    struct buf *body = pool_take_ticketed(&t->base.job.smb->env.pool, SMB2_READ_REQUEST_LEN);

    if (!body) {
        return false;
    }
    request_body_before(&p->request, body, SMB2_READ_REQUEST_LEN, w);
    smb2_read_request_put(w, &(struct smb2_read_request){
                                 .file = t->base.file->open.id,
                                 .offset = t->offset + p->at,
                                 .length = p->asked,
                             });
    return true;
}

static bool lay_out_write(struct transfer *t, struct piece *p, struct wr *w)
{
    struct buf *payload = pool_take_ticketed(&t->base.job.smb->env.pool, p->asked);

    if (!payload) {
        return false;
    }
    struct wr data = buf_wr_after(payload);
    wr_bytes(&data, t->from + p->at, p->asked);
    bool fits = buf_wr_done(payload, &data);
    assert(fits);
    (void)fits;
    request_body_before(&p->request, payload, SMB2_WRITE_REQUEST_LEN, w);
    smb2_write_request_put(w, &(struct smb2_write_request){
                                  .length = p->asked,
                                  .offset = t->offset + p->at,
                                  .file = t->base.file->open.id,
                              });
    return true;
}

/* Ask for, or send, what is left of a piece. */
static enum op_next send_piece(struct transfer *t, struct piece *p)
{
    struct op *op = &t->base.job.op;
    const struct lsmb_share *share = t->base.file->share;
    struct wr w;

    if (!share_up(share)) {
        return share_lost(op, share);
    }
    p->asked = (uint32_t)least_size(p->len, piece_limit(t));
    request_drop(&p->request);
    if (!(t->writes ? lay_out_write(t, p, &w) : lay_out_read(t, p, &w))) {
        return fail_no_buffer(op);
    }
    struct request_spec spec =
        share_spec(share, t->writes ? SMB2_WRITE : SMB2_READ, p->asked, true);
    request_send(&p->request, &w, &spec, &op->ready);
    return OP_AGAIN;
}

/* The file ends here, or before: what comes behind is not asked for any more. */
static void end_at(struct transfer *t, struct piece *p)
{
    t->len = least_size(t->len, p->at);
    p->len = 0;
}

static enum op_next take_read(struct transfer *t, struct piece *p)
{
    struct op *op = &t->base.job.op;
    struct smb2_read_reply reply;

    if (nt_status_is(p->request.status, STATUS_END_OF_FILE)) {
        end_at(t, p);
        return OP_AGAIN;
    }
    if (p->request.status != STATUS_SUCCESS) {
        return fail_refused(op, &p->request);
    }
    if (!smb2_read_reply_get(&reply, p->request.message, p->asked)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to READ");
    }
    if (reply.data.len == 0) {
        end_at(t, p);
        return OP_AGAIN;
    }
    memcpy(t->into + p->at, reply.data.ptr, reply.data.len);
    p->at += reply.data.len;
    p->len -= reply.data.len;
    return OP_AGAIN;
}

static enum op_next take_write(struct transfer *t, struct piece *p)
{
    struct op *op = &t->base.job.op;
    struct smb2_write_reply reply;

    if (p->request.status != STATUS_SUCCESS) {
        return fail_refused(op, &p->request);
    }
    if (!smb2_write_reply_get(&reply, p->request.message, p->asked)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to WRITE");
    }
    p->at += reply.count;
    p->len -= reply.count;
    return OP_AGAIN;
}

/* A piece's answer has come; one that was answered in part goes on with the rest. */
static enum op_next take_piece(struct transfer *t, struct piece *p)
{
    enum op_next next = await_answer(&t->base.job.op, &p->request);

    if (next == OP_AGAIN) {
        next = t->writes ? take_write(t, p) : take_read(t, p);
    }
    if (next == OP_AGAIN && p->len > 0 && p->at < t->len) {
        return send_piece(t, p);
    }
    if (next == OP_AGAIN) {
        end_piece(t, p);
    }
    return next;
}

/* ---------------------------------------------------------------- all of them */

/* Take a ticket for the first piece.  When nobody has one, there is none to wait for: it is granted beyond
 * the limit. */
static bool take_first(struct transfer *t, size_t bytes)
{
    struct lsmb *smb = t->base.job.smb;
    bool next_in_line = list_empty(&smb->hungry) || smb->hungry.next == &t->hungry;

    if (smb->pieces == 0) {
        pool_reserve_first(&smb->env.pool, bytes);
    } else if (!next_in_line || !pool_reserve(&smb->env.pool, bytes)) {
        if (!list_linked(&t->hungry)) {
            list_push_back(&smb->hungry, &t->hungry);
        }
        return false;
    }
    leave_line(t);
    return true;
}

/* A further piece must not keep others from their first, nor just wait for credits. */
static bool take_ticket(struct transfer *t, size_t bytes)
{
    struct lsmb *smb = t->base.job.smb;

    if (t->busy == 0) {
        return take_first(t, bytes);
    }
    return list_empty(&smb->hungry) && share_wants_data(t->base.file->share) &&
           pool_reserve(&smb->env.pool, bytes);
}

static enum op_next begin_pieces(struct transfer *t)
{
    const struct lsmb_share *share = t->base.file->share;

    for (unsigned i = 0; i < PIECES && t->next < t->len; i++) {
        struct piece *p = &t->pieces[i];
        if (p->busy) {
            continue;
        }
        if (!share_up(share)) {
            return share_lost(&t->base.job.op, share);
        }
        size_t bytes = least_size(t->len - t->next, piece_limit(t));
        if (!take_ticket(t, bytes)) {
            break;
        }
        p->busy = true;
        p->ticket = bytes;
        p->at = t->next;
        p->len = bytes;
        t->busy++;
        t->base.job.smb->pieces++;
        t->next += bytes;
        enum op_next next = send_piece(t, p);
        if (next != OP_AGAIN) {
            return next;
        }
    }
    return OP_AGAIN;
}

static enum op_next move(struct op *op)
{
    struct transfer *t = transfer_of(op);

    /* No file has a place behind this (MS-FSA 2.1.5.3, 2.1.5.4: offsets are signed). */
    if (t->offset > INT64_MAX || t->len > INT64_MAX - t->offset) {
        return op_fail(op, LSMB_E_USAGE, "no file is as long as that");
    }
    for (unsigned i = 0; i < PIECES; i++) {
        struct piece *p = &t->pieces[i];
        if (!p->busy || !request_done(&p->request)) {
            continue;
        }
        enum op_next next = take_piece(t, p);
        if (next != OP_AGAIN) {
            return next;
        }
    }
    enum op_next next = begin_pieces(t);
    if (next != OP_AGAIN) {
        return next;
    }
    if (t->busy > 0 || t->next < t->len) {
        return OP_WAIT;
    }
    if (t->got) {
        *t->got = t->len;
    }
    return OP_DONE;
}

/* ---------------------------------------------------------------- the calls */

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_file_read_start(struct lsmb_file *file, void *bytes, size_t len,
                                      uint64_t offset, size_t *got, lsmb_done_fn *done, void *arg)
{
    struct transfer *t = file_job_new(file, sizeof *t, done, arg);

    if (!t) {
        return NULL;
    }
    t->into = bytes;
    t->len = len;
    t->offset = offset;
    t->got = got;
    return job_begin(&t->base.job, &read_kind);
}

enum lsmb_code lsmb_file_read(struct lsmb_file *file, void *bytes, size_t len, uint64_t offset,
                              size_t *got, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(file->share),
                    lsmb_file_read_start(file, bytes, len, offset, got, job_wait_done, &wait),
                    &wait, err);
}

struct lsmb_job *lsmb_file_write_start(struct lsmb_file *file, const void *bytes, size_t len,
                                       uint64_t offset, lsmb_done_fn *done, void *arg)
{
    struct transfer *t = file_job_new(file, sizeof *t, done, arg);

    if (!t) {
        return NULL;
    }
    t->writes = true;
    t->from = bytes;
    t->len = len;
    t->offset = offset;
    return job_begin(&t->base.job, &write_kind);
}

enum lsmb_code lsmb_file_write(struct lsmb_file *file, const void *bytes, size_t len,
                               uint64_t offset, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(file->share),
                    lsmb_file_write_start(file, bytes, len, offset, job_wait_done, &wait), &wait,
                    err);
}
