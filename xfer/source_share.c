/* source_share.c: a file on a share as a source (MS-SMB2 3.2.4.6).
 *
 * A READ's answer stays in the buffer it came in: the slot gets the buffer, the range points into it. */
#include "xfer/source_share.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "proto/read.h"
#include "xfer/pump.h"
#include "xfer/window.h"

struct share_source;

/* A READ of one slot. */
struct reading {
    struct request request;
    struct ready answered;
    struct share_source *s; /* borrowed, like the rest */
    struct lsmb_range *range;
    struct lsmb_wait *wait; /* NULL: nobody waits */
};

struct share_source {
    struct lsmb_source source; /* first */
    struct lsmb_share *share;  /* borrowed */
    char *path;                /* owned: as the user gave it */
    bool allow_growth;
    struct open own;   /* what open() opened */
    struct open *open; /* it, or another's */
    struct lsmb_stat at_close;
    struct op op; /* of open() and finish() */
    bool op_running;
    struct open_op opening;
    struct close_op closing;
    struct lsmb_stat *out;
    struct lsmb_wait *wait; /* who waits for `op` */
    struct reading readings[XFER_SLOTS];
};

static struct share_source *share_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct share_source, source);
}

static struct share_source *op_source(struct op *op)
{
    return CONTAINER_OF(op, struct share_source, op);
}

static void answer(const struct share_source *s, struct lsmb_wait *wait, struct lsmb_error *err)
{
    char unc[512];

    if (err) {
        share_path_text(s->share, s->path, unc, sizeof unc);
        error_path(err, unc);
    }
    lsmb_wait_done(wait, err);
}

static void op_ended(struct op *op)
{
    struct share_source *s = op_source(op);

    s->op_running = false;
    answer(s, s->wait, op_failed(op) ? &op->err : NULL);
}

static void begin(struct share_source *s, const struct op_kind *kind, struct lsmb_wait *wait)
{
    s->wait = wait;
    s->op_running = true;
    op_start(&s->op, &share_context(s->share)->env, kind, op_ended);
}

/* ---------------------------------------------------------------- open */

static enum op_next start_open(struct op *op);
static enum op_next take_open(struct op *op);

enum { ST_OPEN, ST_OPENED };

static const struct op_step open_steps[] = {
    [ST_OPEN] = {"open the source", start_open, 0},
    [ST_OPENED] = {"open the source", take_open, 0},
};

static const struct op_kind open_kind = {"open a source", open_steps, NULL};

/* All sharing: who writes to it is noticed at the end instead of being kept out. */
static enum op_next start_open(struct op *op)
{
    static const struct open_want want = {
        .access = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE,
        .want_id = true,
    };
    struct share_source *s = op_source(op);

    open_start(&s->opening, op, s->share, s->path, &want, s->open);
    return op_go(op, ST_OPENED);
}

static enum op_next take_open(struct op *op)
{
    struct share_source *s = op_source(op);
    enum op_next next = op_await(op, &s->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    *s->out = s->open->stat;
    return OP_DONE;
}

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    struct share_source *s = share_of(source);

    s->out = out;
    begin(s, &open_kind, wait);
}

/* ---------------------------------------------------------------- read */

static size_t chunk(struct lsmb_source *source)
{
    const struct share_source *s = share_of(source);

    if (!share_up(s->share)) {
        return WINDOW_CHUNK_MAX; /* the READ will say what has happened */
    }
    return share_wants_data(s->share) ? share_read_limit(s->share) : 0;
}

/* Hand the payload on where it landed. */
static void hand_on(struct reading *r, struct span data)
{
    struct slot *slot = slot_of(r->range);
    struct buf *buf = r->request.reply;

    r->request.reply = NULL;
    buf_consume(buf, (size_t)(data.ptr - buf_data(buf)));
    buf->len = data.len;
    slot->buf = buf;
    r->range->data = buf_data(buf);
    r->range->len = data.len;
}

/* Nothing comes at this place, where there was something once: no range lies behind the end. */
static bool fail_short(const struct reading *r, struct lsmb_error *err)
{
    uint64_t size = r->s->open->stat.bytes;

    error_set(err, LSMB_E_CHANGED, "it ended after %llu of %llu bytes",
              (unsigned long long)r->range->offset, (unsigned long long)size);
    error_advise(err, "somebody made it shorter while it was read; try again");
    return false;
}

static bool take_read(struct reading *r, struct lsmb_error *err)
{
    const struct request *request = &r->request;
    struct smb2_read_reply reply;

    if (!request->failure && nt_status_is(request->status, STATUS_END_OF_FILE)) {
        return fail_short(r, err);
    }
    if (request->failure || request->status != STATUS_SUCCESS) {
        request_error(request, err);
        error_step(err, "read");
        return false;
    }
    if (!smb2_read_reply_get(&reply, request->message, (uint32_t)r->range->len)) {
        error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed answer to READ");
        return false;
    }
    if (reply.data.len == 0) {
        return fail_short(r, err);
    }
    hand_on(r, reply.data);
    return true;
}

static void read_answered(struct ready *ready)
{
    struct reading *r = CONTAINER_OF(ready, struct reading, answered);
    struct lsmb_wait *wait = r->wait;
    struct lsmb_error err;

    assert(wait);
    r->wait = NULL;
    bool ok = take_read(r, &err);
    answer(r->s, wait, ok ? NULL : &err);
}

static void read_range(struct lsmb_source *source, struct lsmb_range *range, struct lsmb_wait *wait)
{
    struct share_source *s = share_of(source);
    struct reading *r = &s->readings[slot_of(range)->index];
    struct request_spec spec = share_spec(s->share, SMB2_READ, (uint32_t)range->len, true);
    struct lsmb_error err;
    struct wr w;

    r->s = s;
    r->range = range;
    r->answered.run = read_answered;
    if (!share_up(s->share)) {
        share_why_lost(s->share, &err);
        answer(s, wait, &err);
        return;
    }
    if (!request_body(&r->request, s->op.env, SMB2_READ_REQUEST_LEN, &w)) {
        error_set(&err, LSMB_E_NOMEM, "no memory for the request");
        answer(s, wait, &err);
        return;
    }
    smb2_read_request_put(&w, &(struct smb2_read_request){
                                  .file = s->open->id,
                                  .offset = range->offset,
                                  .length = (uint32_t)range->len,
                              });
    r->wait = wait;
    request_send(&r->request, &w, &spec, &r->answered);
}

/* ---------------------------------------------------------------- finish */

static enum op_next start_close(struct op *op);
static enum op_next take_close(struct op *op);

enum { ST_CLOSE, ST_CLOSED };

static const struct op_step finish_steps[] = {
    [ST_CLOSE] = {"check the source", start_close, 0},
    [ST_CLOSED] = {"check the source", take_close, 0},
};

static const struct op_kind finish_kind = {"close a source", finish_steps, NULL};

static enum op_next start_close(struct op *op)
{
    struct share_source *s = op_source(op);

    close_start(&s->closing, op, s->open, &s->at_close);
    return op_go(op, ST_CLOSED);
}

/* What is different now; NULL = nothing that matters. */
static const char *difference(const struct share_source *s)
{
    const struct lsmb_stat *before = &s->open->stat, *now = &s->at_close;

    if (now->bytes == LSMB_SIZE_UNKNOWN) {
        return NULL; /* the server does not say (MS-SMB2 2.2.16) */
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

static enum op_next take_close(struct op *op)
{
    struct share_source *s = op_source(op);
    enum op_next next = op_await(op, &s->closing.op);

    if (next != OP_AGAIN) {
        return next;
    }
    const char *why = difference(s);
    if (!why) {
        return OP_DONE;
    }
    next = op_fail(op, LSMB_E_CHANGED, "%s", why);
    error_advise(&op->err, "%s",
                 s->allow_growth ? "try again when nobody writes to it"
                                 : "try again when nobody writes to it, or with --allow-growth if "
                                   "it only grows");
    return next;
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    begin(share_of(source), &finish_kind, wait);
}

/* ---------------------------------------------------------------- the end */

static void drop_reading(struct reading *r)
{
    request_drop(&r->request); /* which may end the connection, and wake us */
    ready_forget(&r->answered);
}

static void cancel(struct lsmb_source *source)
{
    struct share_source *s = share_of(source);
    struct lsmb_error err;

    error_set(&err, LSMB_E_CANCELLED, "cancelled");
    if (s->op_running) {
        op_cancel(&s->op, &err);
    }
    for (unsigned i = 0; i < XFER_SLOTS; i++) {
        struct lsmb_wait *wait = s->readings[i].wait;
        if (wait) {
            s->readings[i].wait = NULL;
            drop_reading(&s->readings[i]);
            lsmb_wait_done(wait, &err);
        }
    }
}

static void close_source(struct lsmb_source *source)
{
    struct share_source *s = share_of(source);

    if (s->op_running) {
        op_abort(&s->op);
    }
    for (unsigned i = 0; i < XFER_SLOTS; i++) {
        drop_reading(&s->readings[i]);
    }
    open_drop(&s->own);
    free(s->path);
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
};

static struct share_source *source_new(struct lsmb_share *share, const char *path)
{
    struct share_source *s = calloc(1, sizeof *s);

    if (!s) {
        return NULL;
    }
    s->path = strdup(path);
    if (!s->path) {
        free(s);
        return NULL;
    }
    s->source.ops = &ops;
    s->share = share;
    s->open = &s->own;
    s->op.env = &share_context(share)->env;
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
