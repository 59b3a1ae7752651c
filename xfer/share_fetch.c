/* share_fetch.c: a file on a share in one round trip: CREATE, READ and CLOSE in one frame (MS-SMB2 3.2.4.1.4). */
#include "base/ntstatus.h"
#include "base/number.h"
#include "fs/stat.h"
#include "proto/close.h"
#include "proto/read.h"
#include "xfer/share_frame.h"
#include "xfer/share_source.h"

/* ---------------------------------------------------------------- out */

static bool lay(void *arg, struct open_tail *tail)
{
    struct share_source *s = arg;
    struct share_fetch *f = &s->fetch;
    struct share_frame frame = {
        .share = s->end.share, .parts = tail->parts, .file = SMB2_FILE_ID_NONE};
    uint32_t limit = least32(f->limit, share_read_limit(s->end.share));

    f->asked = limit > 0 ? limit : 1; /* READ of nothing means different things to servers */
    share_frame_read(&frame, &f->read, f->asked);
    share_frame_close_stat(&frame, &f->close);
    tail->count = frame.count;
    return !frame.no_memory;
}

/* ---------------------------------------------------------------- back */

enum fetched {
    FETCHED,         /* READ and CLOSE went well */
    FETCHED_NOT,     /* they did not; alone they may */
    FETCHED_NEITHER, /* the server broke a rule: never */
};

static enum fetched malformed(struct lsmb_error *err, const char *command)
{
    error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed answer to %s", command);
    return FETCHED_NEITHER;
}

/* Nobody knows whether it was the server who refused. */
static enum fetched refused(const struct request *request, struct lsmb_error *err)
{
    if (request->believed) {
        return FETCHED_NOT;
    }
    request_error(request, err);
    return FETCHED_NEITHER;
}

/* `data` is borrowed from f->read; nothing of an empty file. */
static enum fetched take_data(const struct share_fetch *f, struct span *data,
                              struct lsmb_error *err)
{
    struct smb2_read_reply reply;

    *data = (struct span){0};
    if (nt_status_is(f->read.status, STATUS_END_OF_FILE) && f->read.believed) {
        return FETCHED;
    }
    if (f->read.status != STATUS_SUCCESS) {
        return refused(&f->read, err);
    }
    if (!smb2_read_reply_get(&reply, f->read.message, f->asked)) {
        return malformed(err, "READ");
    }
    *data = reply.data;
    return FETCHED;
}

/* `at_close`: what it was like at its end; with bytes LSMB_SIZE_UNKNOWN where the server does not say. */
static enum fetched take_close(const struct share_fetch *f, struct lsmb_stat *at_close,
                               struct lsmb_error *err)
{
    struct smb2_close_reply reply;

    if (f->close.status != STATUS_SUCCESS) {
        return refused(&f->close, err);
    }
    if (!smb2_close_reply_get(&reply, f->close.message)) {
        return malformed(err, "CLOSE");
    }
    *at_close = STAT_FROM(&reply);
    if (!(reply.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB)) {
        *at_close = (struct lsmb_stat){.bytes = LSMB_SIZE_UNKNOWN}; /* MS-SMB2 2.2.16 */
    }
    return FETCHED;
}

/* What has come with the tail, which was sent. */
static enum fetched take_tail(struct share_source *s, struct lsmb_error *err)
{
    enum fetched got = take_data(&s->fetch, &s->fetch.data, err);

    return got == FETCHED ? take_close(&s->fetch, &s->at_close, err) : got;
}

/* ---------------------------------------------------------------- the call */

static enum op_next start_fetch(struct op *op);
static enum op_next take_fetched(struct op *op);
static enum op_next take_fetch_closed(struct op *op);
static enum op_next take_fetch_again(struct op *op);
static enum op_next reopen(struct op *op);

enum { ST_FETCH, ST_FETCHED, ST_FETCH_CLOSED, ST_FETCH_AGAIN, ST_REOPEN, ST_REOPENED };

static const struct op_step fetch_steps[] = {
    [ST_FETCH] = {"open the source", start_fetch, 0},
    [ST_FETCHED] = {"open the source", take_fetched, 0},
    [ST_FETCH_CLOSED] = {"check the source", take_fetch_closed, 0},
    [ST_FETCH_AGAIN] = {"check the source", take_fetch_again, 0},
    [ST_REOPEN] = {"open the source", reopen, 0},
    [ST_REOPENED] = {"open the source", share_source_opened, 0},
};

static void release_fetch(struct op *op)
{
    struct share_fetch *f = &share_source_of(op)->fetch;

    request_drop(&f->read);
    request_drop(&f->close);
    f->tail.count = 0;
}

static const struct op_kind fetch_kind = {"fetch a source", fetch_steps, release_fetch};

static enum op_next start_fetch(struct op *op)
{
    struct share_source *s = share_source_of(op);

    s->fetch.limit = s->fetch.range->len;
    s->fetch.tail = (struct open_tail){.lay = lay, .arg = s};
    share_source_open(s, &s->fetch.tail);
    return op_go(op, ST_FETCHED);
}

/* Whether what READ brought is all that the file had when it was opened; what it has grown by since is left
 * away, where that is allowed. */
static bool is_whole(struct share_source *s)
{
    struct share_fetch *f = &s->fetch;

    if (s->allow_growth && f->data.len > s->before.bytes) {
        f->data.len = (size_t)s->before.bytes;
    }
    return f->data.len == s->before.bytes && f->data.len <= f->limit && !share_source_difference(s);
}

/* All that can be known is known: it is the whole, or it is opened once more and read as files are that do not
 * come in one piece. */
static enum op_next end_fetch(struct op *op)
{
    struct share_source *s = share_source_of(op);
    struct share_fetch *f = &s->fetch;

    if (!is_whole(s)) {
        return op_go(op, ST_REOPEN);
    }
    *f->whole = true;
    f->range->len = f->data.len;
    if (f->data.len > 0) {
        share_source_hand_on(slot_of(f->range), &f->read, f->data);
    }
    return OP_DONE;
}

static enum op_next check_fetched(struct op *op)
{
    struct share_source *s = share_source_of(op);

    if (s->at_close.bytes != LSMB_SIZE_UNKNOWN || s->fetch.data.len != s->before.bytes) {
        return end_fetch(op);
    }
    share_source_look(s);
    return op_go(op, ST_FETCH_AGAIN);
}

/* The file is open.  An empty one is read already. */
static enum op_next take_unfetched(struct op *op)
{
    struct share_source *s = share_source_of(op);

    if (s->before.bytes > 0) {
        return OP_DONE;
    }
    close_start(&s->closing, op, s->open, &s->at_close);
    return op_go(op, ST_FETCH_CLOSED);
}

static enum op_next take_fetched(struct op *op)
{
    struct share_source *s = share_source_of(op);
    enum op_next next = op_await(op, &s->opening.op);
    struct lsmb_error err;

    if (next != OP_AGAIN) {
        return next;
    }
    *s->out = s->before = s->open->stat;
    if (!s->fetch.tail.sent) {
        return take_unfetched(op);
    }
    switch (take_tail(s, &err)) {
    case FETCHED: return check_fetched(op);
    case FETCHED_NOT: return s->open->share ? OP_DONE : op_go(op, ST_REOPEN);
    case FETCHED_NEITHER: break;
    }
    return op_fail_as(op, &err);
}

static enum op_next take_fetch_closed(struct op *op)
{
    struct share_source *s = share_source_of(op);
    enum op_next next = op_await(op, &s->closing.op);

    return next == OP_AGAIN ? check_fetched(op) : next;
}

static enum op_next take_fetch_again(struct op *op)
{
    enum op_next next = share_source_await_look(share_source_of(op));

    return next == OP_AGAIN ? end_fetch(op) : next;
}

static enum op_next reopen(struct op *op)
{
    share_source_open(share_source_of(op), NULL);
    return op_go(op, ST_REOPENED);
}

void share_source_fetch(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_range *range,
                        bool *whole, struct lsmb_wait *wait)
{
    struct share_source *s = CONTAINER_OF(source, struct share_source, source);

    s->out = out;
    s->fetch.range = range;
    s->fetch.whole = whole;
    s->fetch.data = (struct span){0};
    *whole = false;
    share_end_begin(&s->end, &fetch_kind, wait, share_end_ended);
}
