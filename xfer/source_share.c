/* source_share.c: a file on a share as a source (MS-SMB2 3.2.4.6).
 *
 * A READ's answer stays in the buffer it came in: the slot gets the buffer, the range points into it. */
#include "xfer/source_share.h"

#include <assert.h>
#include <stdlib.h>

#include "base/ntstatus.h"
#include "proto/read.h"
#include "xfer/share_source.h"
#include "xfer/window.h"

static struct share_source *share_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct share_source, source);
}

static struct share_source *io_source(const struct share_io *io)
{
    return CONTAINER_OF(io->end, struct share_source, end);
}

/* ---------------------------------------------------------------- open */

static enum op_next start_open(struct op *op);

enum { ST_OPEN, ST_OPENED };

static const struct op_step open_steps[] = {
    [ST_OPEN] = {"open the source", start_open, 0},
    [ST_OPENED] = {"open the source", share_source_opened, 0},
};

static const struct op_kind open_kind = {"open a source", open_steps, NULL};

/* All sharing: who writes to it is noticed at the end instead of being kept out. */
void share_source_open(struct share_source *s, struct open_tail *tail)
{
    const struct open_want want = {
        .access = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE,
        .want_id = true,
        .tail = tail,
    };

    open_start(&s->opening, &s->end.op, s->end.share, s->end.path, &want, s->open);
}

static enum op_next start_open(struct op *op)
{
    share_source_open(share_source_of(op), NULL);
    return op_go(op, ST_OPENED);
}

enum op_next share_source_opened(struct op *op)
{
    struct share_source *s = share_source_of(op);
    enum op_next next = op_await(op, &s->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    *s->out = s->before = s->open->stat;
    return OP_DONE;
}

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    struct share_source *s = share_of(source);

    s->out = out;
    share_end_begin(&s->end, &open_kind, wait, share_end_ended);
}

/* ---------------------------------------------------------------- read */

static size_t chunk(struct lsmb_source *source)
{
    const struct share_source *s = share_of(source);

    if (!share_up(s->end.share)) {
        return WINDOW_LARGE; /* the READ will say what has happened */
    }
    return share_wants_data(s->end.share) ? share_read_limit(s->end.share) : 0;
}

/* Hand the payload of an answer to READ on where it landed. */
void share_source_hand_on(struct slot *slot, struct request *request, struct span data)
{
    struct buf *buf = request->reply;

    request->reply = NULL;
    buf_consume(buf, (size_t)(data.ptr - buf_data(buf)));
    buf->len = data.len;
    slot->buf = buf;
    slot->range.data = buf_data(buf);
    slot->range.len = data.len;
}

/* Nothing comes at this place, where there was something once: no range lies behind the end. */
static bool fail_short(const struct share_io *io, struct lsmb_error *err)
{
    uint64_t size = io_source(io)->open->stat.bytes;

    error_set(err, LSMB_E_CHANGED, "it ended after %llu of %llu bytes",
              (unsigned long long)io->slot->range.offset, (unsigned long long)size);
    error_advise(err, "somebody made it shorter while it was read; try again");
    return false;
}

static bool take_read(struct share_io *io, struct lsmb_error *err)
{
    const struct request *request = &io->request;
    struct smb2_read_reply reply;

    if (!request->failure && nt_status_is(request->status, STATUS_END_OF_FILE)) {
        return fail_short(io, err);
    }
    if (request->failure || request->status != STATUS_SUCCESS) {
        request_error(request, err);
        error_step(err, "read");
        return false;
    }
    if (!smb2_read_reply_get(&reply, request->message, (uint32_t)io->slot->range.len)) {
        error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed answer to READ");
        return false;
    }
    if (reply.data.len == 0) {
        return fail_short(io, err);
    }
    share_source_hand_on(io->slot, &io->request, reply.data);
    return true;
}

static void read_answered(struct ready *ready)
{
    struct share_io *io = CONTAINER_OF(ready, struct share_io, answered);
    struct lsmb_error err;

    bool ok = take_read(io, &err);
    share_io_end(io, ok ? NULL : &err);
}

static void read_range(struct lsmb_source *source, struct lsmb_range *range, struct lsmb_wait *wait)
{
    struct share_source *s = share_of(source);
    struct share_io *io = share_io_begin(&s->end, range, wait, read_answered);
    struct wr w;

    if (!share_io_up(io)) {
        return;
    }
    /* It belongs to the range's ticket: a READ must not fail because others ask for much. */
    struct buf *body = pool_take_ticketed(&s->end.op.env->pool, SMB2_READ_REQUEST_LEN);
    if (!body) {
        share_io_no_memory(io, "request");
        return;
    }
    request_body_before(&io->request, body, SMB2_READ_REQUEST_LEN, &w);
    struct request_spec spec = share_spec(s->end.share, SMB2_READ, (uint32_t)range->len, true);
    smb2_read_request_put(&w, &(struct smb2_read_request){
                                  .file = s->open->id,
                                  .offset = range->offset,
                                  .length = (uint32_t)range->len,
                              });
    request_send(&io->request, &w, &spec, &io->answered);
}

/* ---------------------------------------------------------------- finish */

static enum op_next start_close(struct op *op);
static enum op_next take_close(struct op *op);
static enum op_next take_again(struct op *op);

enum { ST_CLOSE, ST_CLOSED, ST_AGAIN };

static const struct op_step finish_steps[] = {
    [ST_CLOSE] = {"check the source", start_close, 0},
    [ST_CLOSED] = {"check the source", take_close, 0},
    [ST_AGAIN] = {"check the source", take_again, 0},
};

static const struct op_kind finish_kind = {"close a source", finish_steps, NULL};

static enum op_next start_close(struct op *op)
{
    struct share_source *s = share_source_of(op);

    close_start(&s->closing, op, s->open, &s->at_close);
    return op_go(op, ST_CLOSED);
}

/* What is different now; NULL = nothing that matters. */
const char *share_source_difference(const struct share_source *s)
{
    const struct lsmb_stat *before = &s->before, *now = &s->at_close;

    if (now->file_id && before->file_id && now->file_id != before->file_id) {
        return "another file took its name while it was read";
    }
    if (s->allow_growth) {
        return now->bytes < before->bytes ? "it was made shorter while it was read" : NULL;
    }
    if (now->bytes != before->bytes) {
        return "its length changed while it was read";
    }
    if (now->written != before->written || now->changed != before->changed) {
        return "it was written to while it was read";
    }
    return NULL;
}

static enum op_next compare(struct op *op)
{
    const struct share_source *s = share_source_of(op);
    const char *why = share_source_difference(s);

    if (!why) {
        return OP_DONE;
    }
    enum op_next next = op_fail(op, LSMB_E_CHANGED, "%s", why);
    error_advise(&op->err, "%s",
                 s->allow_growth ? "try again when nobody writes to it"
                                 : "try again when nobody writes to it, or with --allow-growth if "
                                   "it only grows");
    return next;
}

/* A server need not say with CLOSE what the file was like (MS-SMB2 2.2.16): then what has its name now is
 * looked at. */
void share_source_look(struct share_source *s)
{
    static const struct open_want want = {
        .access = FILE_READ_ATTRIBUTES,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .want_id = true,
    };

    open_start(&s->opening, &s->end.op, s->end.share, s->end.path, &want, s->open);
}

static enum op_next take_close(struct op *op)
{
    struct share_source *s = share_source_of(op);
    enum op_next next = op_await(op, &s->closing.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (s->at_close.bytes != LSMB_SIZE_UNKNOWN) {
        return compare(op);
    }
    share_source_look(s);
    return op_go(op, ST_AGAIN);
}

enum op_next share_source_await_look(struct share_source *s)
{
    enum op_next next = op_await(&s->end.op, &s->opening.op);

    if (next == OP_AGAIN) {
        s->at_close = s->open->stat;
        open_drop(s->open);
    }
    return next;
}

static enum op_next take_again(struct op *op)
{
    enum op_next next = share_source_await_look(share_source_of(op));

    return next == OP_AGAIN ? compare(op) : next;
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    share_end_begin(&share_of(source)->end, &finish_kind, wait, share_end_ended);
}

/* ---------------------------------------------------------------- the end */

static void cancel(struct lsmb_source *source)
{
    struct share_end *end = &share_of(source)->end;
    struct lsmb_error err;

    error_set(&err, LSMB_E_CANCELLED, "cancelled");
    if (end->op_running) {
        op_cancel(&end->op, &err);
    }
    share_ios_cancel(end, &err);
}

static void close_source(struct lsmb_source *source)
{
    struct share_source *s = share_of(source);

    share_end_free(&s->end);
    open_drop(&s->own);
    free(s);
}

static const struct lsmb_source_ops ops = {
    .size = sizeof ops,
    .open = open_source,
    .chunk = chunk,
    .read = read_range,
    .finish = finish,
    .close = close_source,
    .brings_data = true,
    .cancel = cancel,
    .fetch = share_source_fetch,
};

static struct share_source *source_new(struct lsmb_share *share, const char *path)
{
    struct share_source *s = calloc(1, sizeof *s);

    if (!s) {
        return NULL;
    }
    if (!share_end_init(&s->end, share, path)) {
        free(s);
        return NULL;
    }
    s->source.ops = &ops;
    s->open = &s->own;
    return s;
}

struct lsmb_source *lsmb_source_share(struct lsmb_share *share, const char *path, bool allow_growth)
{
    struct share_source *s = source_new(share, path);

    if (!s) {
        return NULL;
    }
    s->allow_growth = allow_growth;
    return &s->source;
}

struct lsmb_source *source_share_of(struct open *open, const char *path)
{
    struct share_source *s = source_new(open->share, path);

    if (!s) {
        return NULL;
    }
    s->open = open;
    return &s->source;
}

struct open *source_share_open(struct lsmb_source *source)
{
    struct share_source *s = source->ops == &ops ? share_of(source) : NULL;

    return s && s->open->share ? s->open : NULL;
}

const struct lsmb_share *source_share_where(struct lsmb_source *source)
{
    return source->ops == &ops ? CONTAINER_OF(source, struct share_source, source)->end.share
                               : NULL;
}
