/* sink_share.c: a file on a share as a sink (MS-SMB2 3.2.4.7): the engine's calls, and writing.
 *
 * A WRITE's body is laid before the payload in the buffer that the payload is in. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/fscc.h"
#include "proto/info.h"
#include "proto/write.h"
#include "xfer/share_sink.h"
#include "xfer/window.h"

static struct share_sink *sink_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct share_sink, sink);
}

static void answer(const struct share_sink *s, struct lsmb_wait *wait, struct lsmb_error *err)
{
    char unc[512];

    if (err) {
        share_path_text(s->share, s->path, unc, sizeof unc);
        error_path(err, unc);
    }
    lsmb_wait_done(wait, err);
}

void share_warn(const struct share_sink *s)
{
    char unc[512];

    share_path_text(s->share, s->path, unc, sizeof unc);
    log_line(&share_context(s->share)->env.log, LSMB_LOG_WARNING,
             "%s is written in place, because %s", unc, s->why);
}

/* ---------------------------------------------------------------- the control plane */

static void op_ended(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    s->op_running = false;
    answer(s, s->wait, op_failed(op) ? &op->err : NULL);
}

static void begin(struct share_sink *s, const struct op_kind *kind, void (*ended)(struct op *))
{
    s->op_running = true;
    op_start(&s->op, &share_context(s->share)->env, kind, ended);
}

static void open_undone(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    s->op_running = false;
    answer(s, s->wait, &s->open_err);
}

/* abort() follows only an open() that went well: one that did not takes away what it had made itself. */
static void open_ended(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (op_failed(op) && (s->temp.share || s->final.share)) {
        s->open_err = op->err;
        begin(s, &share_abort_kind, open_undone);
    } else {
        op_ended(op);
    }
}

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);

    s->bytes = source->bytes;
    s->wait = wait;
    begin(s, &share_place_kind, open_ended);
}

static void commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);

    s->bytes = bytes;
    s->wait = wait;
    begin(s, &share_commit_kind, op_ended);
}

static void abort_sink(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);

    s->wait = wait;
    begin(s, &share_abort_kind, op_ended);
}

/* ---------------------------------------------------------------- writing */

static size_t chunk(struct lsmb_sink *sink)
{
    const struct share_sink *s = sink_of(sink);

    if (!share_up(s->share)) {
        return WINDOW_CHUNK_MAX; /* the WRITE will say what has happened */
    }
    return share_write_limit(s->share);
}

/* The range as a buffer of its own: the engine's, or a copy of what a host's source brought. */
static struct buf *take_payload(struct share_sink *s, const struct lsmb_range *range)
{
    struct slot *slot = slot_of(range);
    struct buf *buf = slot->buf;

    if (buf) {
        assert(buf_data(buf) == range->data && buf->len == range->len);
        slot->buf = NULL;
        return buf;
    }
    buf = pool_take(&share_context(s->share)->env.pool, range->len);
    if (buf) {
        memcpy(buf_data(buf), range->data, range->len);
        buf->len = range->len;
    }
    return buf;
}

/* MS-SMB2 2.2.22: fewer bytes than were sent may have been taken; the engine brings the rest again. */
static bool take_write(struct writing *r, struct lsmb_error *err)
{
    const struct request *request = &r->request;
    uint32_t sent = (uint32_t)r->range->len;
    struct smb2_write_reply reply;

    if (request->failure || request->status != 0) {
        request_error(request, err);
        error_step(err, "write");
        return false;
    }
    if (!smb2_write_reply_get(&reply, request->message, sent)) {
        error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed answer to WRITE");
        return false;
    }
    slot_of(r->range)->undone = sent - reply.count;
    return true;
}

static void answer_write(struct writing *r, struct lsmb_error *err)
{
    struct lsmb_wait *wait = r->wait;

    r->wait = NULL;
    answer(r->s, wait, err);
}

static void write_answered(struct ready *ready)
{
    struct writing *r = CONTAINER_OF(ready, struct writing, answered);
    struct lsmb_error err;

    assert(r->wait);
    bool ok = take_write(r, &err);
    request_drop(&r->request); /* its buffers are wanted for the next range */
    answer_write(r, ok ? NULL : &err);
}

static void send_write(struct writing *r)
{
    struct share_sink *s = r->s;
    const struct lsmb_range *range = r->range;
    struct request_spec spec = share_spec(s->share, SMB2_WRITE, (uint32_t)range->len, true);
    struct lsmb_error err;
    struct wr w;

    if (!share_up(s->share)) {
        share_why_lost(s->share, &err);
        answer_write(r, &err);
        return;
    }
    struct buf *payload = take_payload(s, range);
    if (!payload) {
        error_set(&err, LSMB_E_NOMEM, "no memory for the data");
        answer_write(r, &err);
        return;
    }
    request_body_before(&r->request, payload, SMB2_WRITE_REQUEST_LEN, &w);
    smb2_write_request_put(&w, &(struct smb2_write_request){
                                   .length = (uint32_t)range->len,
                                   .offset = range->offset,
                                   .file = s->written->id,
                               });
    request_send(&r->request, &w, &spec, &r->answered);
}

/* The target is empty: what has waited for that is written. */
static void clear_ended(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    s->op_running = false;
    for (unsigned i = 0; i < XFER_SLOTS; i++) {
        struct writing *r = &s->writings[i];
        if (r->wait && op_failed(op)) {
            answer_write(r, &op->err);
        } else if (r->wait) {
            send_write(r);
        }
    }
}

/* What a target had in it goes when the first bytes have come: an early failure leaves it as it was. */
static void write_range(struct lsmb_sink *sink, const struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);
    struct writing *r = &s->writings[slot_of(range)->index];

    r->s = s;
    r->range = range;
    r->wait = wait;
    r->answered.run = write_answered;
    if (!s->uncleared) {
        send_write(r);
    } else if (!s->op_running) {
        begin(s, &share_clear_kind, clear_ended);
    }
}

/* ---------------------------------------------------------------- the end */

static void drop_writing(struct writing *r)
{
    request_drop(&r->request); /* which may end the connection, and wake us */
    ready_forget(&r->answered);
}

void share_drop_writes(struct share_sink *s)
{
    for (unsigned i = 0; i < XFER_SLOTS; i++) {
        s->writings[i].wait = NULL;
        drop_writing(&s->writings[i]);
    }
}

static void cancel(struct lsmb_sink *sink)
{
    struct share_sink *s = sink_of(sink);
    struct lsmb_error err;

    if (s->pump && s->pump_err.code == LSMB_OK) {
        return; /* the WRITEs are commit's own: without them the target would be half old, half new */
    }
    error_set(&err, LSMB_E_CANCELLED, "cancelled");
    if (s->op_running && s->op.kind == &share_clear_kind) {
        s->op_running = false;
        op_abort(&s->op);
    } else if (s->op_running && !s->making_temp && !s->publishing &&
               s->op.kind != &share_abort_kind) {
        op_cancel(&s->op, &err);
    }
    for (unsigned i = 0; i < XFER_SLOTS; i++) {
        struct lsmb_wait *wait = s->writings[i].wait;
        if (wait) {
            s->writings[i].wait = NULL;
            drop_writing(&s->writings[i]);
            lsmb_wait_done(wait, &err);
        }
    }
}

/* Mark it without waiting for the answer, for whoever frees the context does not wait. */
static void doom_unasked(struct share_sink *s)
{
    uint8_t data[8], body[64];
    struct wr d = wr_from(data, sizeof data), w = wr_from(body, sizeof body);

    if (!s->temp.share || s->doomed || s->may_be_target || !share_up(s->share)) {
        return;
    }
    struct request_spec spec = share_spec(s->share, SMB2_SET_INFO, 1, false);
    file_disposition_information_put(&d, &(struct file_disposition_information){true});
    smb2_set_info_request_put(&w, &(struct smb2_set_info_request){
                                      .info_type = SMB2_0_INFO_FILE,
                                      .info_class = FILE_DISPOSITION_INFORMATION,
                                      .file = s->temp.id,
                                      .data = wr_written(&d),
                                  });
    request_post(&spec, wr_written(&w));
}

static void close_sink(struct lsmb_sink *sink)
{
    struct share_sink *s = sink_of(sink);

    if (s->op_running) {
        op_abort(&s->op);
    }
    share_drop_writes(s);
    doom_unasked(s);
    open_drop(&s->looked);
    open_drop(&s->temp);
    open_drop(&s->final);
    path_free(&s->target);
    free(s->target_text);
    free(s->temp_text);
    free(s->path);
    free(s);
}

static const struct lsmb_sink_ops ops = {
    .size = sizeof ops,
    .open = open_sink,
    .chunk = chunk,
    .write = write_range,
    .commit = commit,
    .abort = abort_sink,
    .close = close_sink,
    .cancel = cancel,
};

struct lsmb_sink *lsmb_sink_share(struct lsmb_share *share, const char *path, enum lsmb_publish how)
{
    struct share_sink *s = calloc(1, sizeof *s);

    if (!s) {
        return NULL;
    }
    s->path = strdup(path);
    if (!s->path) {
        free(s);
        return NULL;
    }
    s->sink.ops = &ops;
    s->share = share;
    s->how = how;
    return &s->sink;
}
