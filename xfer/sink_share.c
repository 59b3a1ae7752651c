/* sink_share.c: a file on a share as a sink (MS-SMB2 3.2.4.7): the engine's calls, and writing.
 *
 * A WRITE's body is laid before the payload in the buffer that the payload is in. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/write.h"
#include "xfer/share_reread.h"
#include "xfer/share_sink.h"
#include "xfer/share_store.h"
#include "xfer/window.h"

static struct share_sink *sink_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct share_sink, sink);
}

void share_warn(const struct share_sink *s)
{
    char unc[512];

    share_path_text(s->end.share, s->end.path, unc, sizeof unc);
    log_line(&share_context(s->end.share)->env.log, LSMB_LOG_WARNING,
             "%s is written in place, because %s", unc, s->why);
}

void share_warn_left(const struct share_sink *s, const char *name, const char *how)
{
    char unc[512];

    share_path_text(s->end.share, name, unc, sizeof unc);
    log_line(&share_context(s->end.share)->env.log, LSMB_LOG_WARNING,
             "the temporary file %s %s; delete it when nothing is being copied there", unc, how);
}

/* ---------------------------------------------------------------- the control plane */

static void open_undone(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    s->end.op_running = s->useless = s->doomed = false;
    share_end_answer(&s->end, s->end.wait, s->open_err.code != LSMB_OK ? &s->open_err : NULL);
}

/* abort() follows only an open() that went well: one that did not, or a store(), takes away itself what it had
 * made. */
static void open_ended(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if ((op_failed(op) || s->useless) && (s->temp.share || s->final.share)) {
        s->open_err = op->err;
        share_end_begin(&s->end, &share_abort_kind, s->end.wait, open_undone);
    } else {
        share_end_ended(op);
    }
}

static void open_sink(struct lsmb_sink *sink, const struct lsmb_stat *source,
                      struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);
    struct lsmb_error err;

    s->general = calloc(1, sizeof *s->general);
    if (!s->general) {
        error_set(&err, LSMB_E_NOMEM, "no memory to open it");
        share_end_answer(&s->end, wait, &err);
        return;
    }
    s->bytes = source->bytes;
    s->written_at = s->keep_times ? source->written : 0;
    s->source = *source;
    share_end_begin(&s->end, &share_place_kind, wait, open_ended);
}

static void store(struct lsmb_sink *sink, const struct lsmb_stat *source,
                  const struct lsmb_range *range, bool *taken, struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);
    struct lsmb_error err;

    *taken = false;
    s->written_at = s->keep_times ? source->written : 0;
    if (!share_store_fits(s, range->len)) {
        lsmb_wait_done(wait, NULL);
    } else if (!share_store_new(s, range, taken)) {
        error_set(&err, LSMB_E_NOMEM, "no memory to store it");
        share_end_answer(&s->end, wait, &err);
    } else {
        share_end_begin(&s->end, &share_store_kind, wait, open_ended);
    }
}

static void keep_times(struct lsmb_sink *sink)
{
    sink_of(sink)->keep_times = true;
}

static void commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);

    s->bytes = bytes;
    share_end_begin(&s->end, &share_commit_kind, wait, share_end_ended);
}

static void abort_sink(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    share_end_begin(&sink_of(sink)->end, &share_abort_kind, wait, share_end_ended);
}

/* ---------------------------------------------------------------- writing */

static size_t chunk(struct lsmb_sink *sink)
{
    const struct share_sink *s = sink_of(sink);

    if (!share_up(s->end.share)) {
        return WINDOW_LARGE; /* the WRITE will say what has happened */
    }
    return share_write_limit(s->end.share);
}

/* The range as a buffer of its own: the engine's, or a copy of what a host's source brought. */
static struct buf *take_payload(struct slot *slot, struct pool *pool)
{
    const struct lsmb_range *range = &slot->range;
    struct buf *buf = slot->buf;

    if (buf) {
        assert(buf_data(buf) == range->data && buf->len == range->len);
        slot->buf = NULL;
        return buf;
    }
    buf = pool_take_ticketed(pool, range->len);
    if (buf) {
        memcpy(buf_data(buf), range->data, range->len);
        buf->len = range->len;
    }
    return buf;
}

/* MS-SMB2 2.2.22: fewer bytes than were sent may have been taken; the engine brings the rest again. */
static bool take_write(struct share_io *io, struct lsmb_error *err)
{
    const struct request *request = &io->request;
    uint32_t sent = (uint32_t)io->slot->range.len;
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
    io->slot->undone = sent - reply.count;
    return true;
}

static void write_answered(struct ready *ready)
{
    struct share_io *io = CONTAINER_OF(ready, struct share_io, answered);
    struct lsmb_error err;

    bool ok = take_write(io, &err);
    share_io_end(io, ok ? NULL : &err);
}

static void send_write(struct share_sink *s, struct share_io *io)
{
    const struct lsmb_range *range = &io->slot->range;
    struct wr w;

    if (!share_io_up(io)) {
        return;
    }
    struct buf *payload = take_payload(io->slot, &share_context(s->end.share)->env.pool);
    if (!payload) {
        share_io_no_memory(io, "data");
        return;
    }
    struct request_spec spec = share_spec(s->end.share, SMB2_WRITE, (uint32_t)range->len, true);
    request_body_before(&io->request, payload, SMB2_WRITE_REQUEST_LEN, &w);
    smb2_write_request_put(&w, &(struct smb2_write_request){
                                   .length = (uint32_t)range->len,
                                   .offset = range->offset,
                                   .file = s->written->id,
                               });
    request_send(&io->request, &w, &spec, &io->answered);
}

/* The target is empty: what has waited for that is written. */
static void clear_ended(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    s->end.op_running = false;
    LIST_EACH(node, &s->end.ios)
    {
        struct share_io *io = CONTAINER_OF(node, struct share_io, node);
        if (op_failed(op)) {
            share_io_end(io, &op->err);
        } else {
            send_write(s, io);
        }
    }
}

/* What a target had in it goes when the first bytes have come: an early failure leaves it as it was. */
static void write_range(struct lsmb_sink *sink, const struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    struct share_sink *s = sink_of(sink);
    struct share_io *io = share_io_begin(&s->end, range, wait, write_answered);

    if (!s->uncleared) {
        send_write(s, io);
    } else if (!s->end.op_running) {
        share_end_begin(&s->end, &share_clear_kind, NULL, clear_ended);
    }
}

/* ---------------------------------------------------------------- the end */

static void cancel(struct lsmb_sink *sink)
{
    struct share_sink *s = sink_of(sink);
    struct op *op = &s->end.op;
    struct lsmb_error err;

    if (s->pump && s->general->pump_err.code == LSMB_OK) {
        return; /* the WRITEs are commit's own: without them the target would be half old, half new */
    }
    error_set(&err, LSMB_E_CANCELLED, "cancelled");
    if (s->end.op_running && op->kind == &share_clear_kind) {
        s->end.op_running = false;
        op_abort(op);
    } else if (s->store) {
        share_store_cancel(s, &err);
    } else if (s->end.op_running && !s->making_temp && !s->publishing &&
               op->kind != &share_abort_kind) {
        op_cancel(op, &err);
    }
    share_ios_cancel(&s->end, &err);
}

static void close_sink(struct lsmb_sink *sink)
{
    struct share_sink *s = sink_of(sink);

    if (s->in_temps && (s->end.op_running || s->temp.share)) {
        share_temps_unsettle(s->temps);
    }
    share_end_free(&s->end);
    if (s->temp.share && !s->doomed && !s->may_be_target) {
        dispose_post(&s->temp);
    }
    if (s->general) {
        share_look_drop(&s->general->look);
    }
    open_drop(&s->temp);
    open_drop(&s->final);
    path_free(&s->target);
    path_free(&s->led_to);
    free(s->target_text);
    free(s->temp_text);
    free(s->probe_text);
    free(s->general);
    share_temps_drop(s->temps);
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
    .store = store,
    .reread = share_reread,
    .keep_times = keep_times,
    .take_over = share_take_over,
    .taken_over = share_taken_over,
};

size_t sink_store_bytes(const struct lsmb_sink *sink, size_t len)
{
    return sink->ops == &ops ? share_store_bytes(len) : 0;
}

struct lsmb_sink *sink_share_in_tree(struct lsmb_share *share, const char *path, unsigned linkless,
                                     enum lsmb_publish how)
{
    struct share_sink *s = calloc(1, sizeof *s);

    if (!s) {
        return NULL;
    }
    if (!share_end_init(&s->end, share, path)) {
        free(s);
        return NULL;
    }
    s->sink.ops = &ops;
    s->end.writes = true;
    s->how = how;
    s->linkless = linkless;
    return &s->sink;
}

struct lsmb_sink *lsmb_sink_share(struct lsmb_share *share, const char *path, enum lsmb_publish how)
{
    return sink_share_in_tree(share, path, 0, how);
}

void sink_share_use_temps(struct lsmb_sink *sink, struct share_temps *temps)
{
    assert(sink->ops == &ops && !sink_of(sink)->temps);
    sink_of(sink)->temps = share_temps_hold(temps);
}

void sink_share_tell_name(struct lsmb_sink *sink, enum share_name name)
{
    assert(sink->ops == &ops);
    sink_of(sink)->name = name;
}

const struct lsmb_share *sink_share_where(struct lsmb_sink *sink)
{
    return sink->ops == &ops ? CONTAINER_OF(sink, struct share_sink, sink)->end.share : NULL;
}
