/* share_store.c: a small file comes to its name on a share in two round trips. */
#include "xfer/share_store.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "proto/negotiate.h"
#include "proto/write.h"

enum { OCCUPIED_MAX = 4 }; /* names in a row that were taken: the next one will be, too */

static enum op_next start(struct op *op);
static enum op_next take_written(struct op *op);
static enum op_next take_finished(struct op *op);
static enum op_next take_removed(struct op *op);

enum { ST_START, ST_WRITTEN, ST_FINISHED, ST_REMOVED };

static const struct op_step store_steps[] = {
    [ST_START] = {"make a temporary file", start, 0},
    [ST_WRITTEN] = {"write a temporary file", take_written, 0},
    [ST_FINISHED] = {"rename the temporary file", take_finished, 0},
    [ST_REMOVED] = {"remove the temporary file", take_removed, 0},
};

static void drop_requests(struct share_sink *s)
{
    struct share_store *st = s->store;

    request_drop(&st->mark);
    request_drop(&st->write);
    request_drop(&st->times);
    request_drop(&st->flush);
    request_drop(&st->close);
    share_finish_drop(s, &st->finish);
}

static void release(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    drop_requests(s);
    free(s->store);
    s->store = NULL;
}

const struct op_kind share_store_kind = {"store a file", store_steps, release};

bool share_store_new(struct share_sink *s, const struct lsmb_range *range, bool *taken)
{
    s->store = calloc(1, sizeof *s->store);
    if (!s->store) {
        return false;
    }
    s->store->range = range;
    s->store->taken = taken;
    return true;
}

/* Whether nothing speaks against it that the name is free. */
static bool may_be_free(const struct share_sink *s)
{
    switch (s->name) {
    case SHARE_NAME_UNKNOWN: return share_seen(s->end.share)->occupied < OCCUPIED_MAX;
    case SHARE_NAME_FREE: return true;
    case SHARE_NAME_TAKEN:
    case SHARE_NAME_SPELT: break;
    }
    return false;
}

bool share_store_fits(struct share_sink *s, size_t len)
{
    struct lsmb_share *share = s->end.share;

    return s->how != LSMB_PUBLISH_IN_PLACE && share_dialect(share) != SMB2_DIALECT_202 &&
           len <= SHARE_STORE_MAX && may_be_free(s) &&
           (!share_up(share) || len <= share_write_limit(share));
}

/* ---------------------------------------------------------------- the first frame */

/* MS-SMB2 3.3.5.2.7.2: what fails takes all behind it along, so FLUSH, which may be refused, comes last; there
 * Samba may take its time over it, too. */
static bool lay_tail(void *arg, struct open_tail *tail)
{
    struct share_sink *s = arg;
    struct share_store *st = s->store;
    struct span bytes = {st->range->data, st->range->len};
    struct share_frame frame = {
        .share = s->end.share, .parts = tail->parts, .file = SMB2_FILE_ID_NONE};

    if (bytes.len > share_write_limit(s->end.share)) {
        return false;
    }
    if (!share_cannot_unmark(s->end.share)) {
        share_frame_mark(&frame, &st->mark, true);
    }
    if (bytes.len > 0) {
        share_frame_write(&frame, &st->write, bytes);
    }
    if (s->written_at != 0) {
        share_frame_written(&frame, &st->times, s->written_at);
    }
    share_frame_flush(&frame, &st->flush);
    tail->count = frame.count;
    return !frame.no_memory;
}

static enum op_next start(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    struct share_store *st = s->store;
    struct lsmb_error err;

    if (!share_name_target(s, &err)) {
        return op_fail_as(op, &err);
    }
    if (share_names_stream(s)) {
        return OP_DONE;
    }
    if (!share_name_temp(s, &err)) {
        return op_fail_as(op, &err);
    }
    st->tail = (struct open_tail){.lay = lay_tail, .arg = s};
    struct open_want want = share_temp_want(s);
    want.tail = &st->tail;
    open_start(&s->opening, op, s->end.share, s->temp_text, &want, &s->temp);
    return op_go(op, ST_WRITTEN);
}

/* A server that has nothing to flush may say so. */
static bool is_flushed(const struct request *flush)
{
    return share_said(flush) == SHARE_DONE ||
           (share_said(flush) == SHARE_REFUSED && share_flush_unknown(flush->status));
}

static bool wrote_all(const struct share_store *st)
{
    struct smb2_write_reply reply;
    uint32_t sent = (uint32_t)st->range->len;

    return sent == 0 ||
           (share_said(&st->write) == SHARE_DONE &&
            smb2_write_reply_get(&reply, st->write.message, sent) && reply.count == sent);
}

/* Where links have led the temporary, the target's name leads nowhere. */
static bool is_ready(const struct share_sink *s)
{
    const struct share_store *st = s->store;

    return st->tail.sent && !s->led_to.utf16 && share_done_if_asked(&st->mark) && wrote_all(st) &&
           share_done_if_asked(&st->times) && is_flushed(&st->flush);
}

static enum op_next fail_unwanted(struct op *op)
{
    return op_fail(op, LSMB_E_CANCELLED, "cancelled");
}

/* The temporary is of no use any more. */
static void let_go(struct share_sink *s)
{
    if (s->led_to.utf16) {
        share_refuse_temps(s); /* the target is elsewhere, too */
    }
    path_free(&s->led_to);
    if (s->doomed) {
        open_drop(&s->temp);
        s->doomed = false;
    }
    s->useless = s->temp.share != NULL;
}

/* ---------------------------------------------------------------- the second frame */

static enum op_next finish(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (!share_up(s->end.share)) {
        return share_lost(op, s->end.share);
    }
    if (!share_finish_send(s, &s->store->finish)) {
        let_go(s);
        return OP_DONE;
    }
    return op_go(op, ST_FINISHED);
}

/* Why a name is refused is found out in the general way; where it is the share, that would only be told once
 * more. */
static bool may_go_on(const struct share_sink *s)
{
    const struct open_op *opening = &s->opening;

    return opening->op.err.nt_status != 0 && !opening->at_share && !share_forged(&opening->op) &&
           share_up(s->end.share);
}

static enum op_next take_written(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->opening.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child)) {
        share_refuse_temps(s);
        return may_go_on(s) ? OP_DONE : op_fail_as(op, &child->err);
    }
    s->doomed = share_said(&s->store->mark) == SHARE_DONE;
    if (s->store->unwanted) {
        return fail_unwanted(op);
    }
    if (is_ready(s)) {
        return finish(op);
    }
    if (s->doomed || share_said(&s->store->mark) == SHARE_UNSURE) {
        let_go(s);
    }
    return OP_DONE; /* one that is not marked will do for the general way */
}

/* The file has the target's name, which was free.  One that is still marked goes when it is closed: then it comes
 * again in the general way, without a mark. */
static enum op_next end_renamed(struct share_sink *s)
{
    enum op_next next = share_finish_judge(s, &s->store->finish);

    if (next != OP_AGAIN) {
        return next;
    }
    share_seen(s->end.share)->occupied = 0;
    share_seen(s->end.share)->moves |= s->in_temps;
    *s->store->taken = true;
    return OP_DONE;
}

static enum op_next end_unrenamed(struct share_sink *s)
{
    const struct request *rename = &s->store->finish.rename;

    if (share_said(rename) != SHARE_REFUSED) {
        return share_finish_unsure(s, rename);
    }
    if (nt_status_is(rename->status, STATUS_OBJECT_NAME_COLLISION)) {
        share_seen(s->end.share)->occupied++;
    } else {
        share_refuse_temps(s);
    }
    let_go(s);
    return OP_DONE;
}

static bool lay_removal(void *arg, struct open_tail *tail)
{
    struct share_sink *s = arg;
    struct share_frame frame = {
        .share = s->end.share, .parts = tail->parts, .file = SMB2_FILE_ID_NONE};

    share_frame_mark(&frame, &s->store->mark, true);
    share_frame_close(&frame, &s->store->close);
    tail->count = frame.count;
    return !frame.no_memory;
}

/* The server has gone on behind a refusal, as Samba does, and closed the temporary, which is not marked any more. */
static enum op_next remove_temp(struct share_sink *s)
{
    struct share_store *st = s->store;
    const struct open_want want = {
        .access = ACCESS_DELETE,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE,
        .step = "remove the temporary file",
        .linkless = share_temp_linkless(s),
        .tail = &st->tail,
    };

    request_drop(&st->mark);
    st->tail = (struct open_tail){.lay = lay_removal, .arg = s};
    open_start(&s->opening, &s->end.op, s->end.share, s->temp_text, &want, &s->temp);
    return op_go(&s->end.op, ST_REMOVED);
}

static enum op_next take_finished(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct share_finish *finished = &s->store->finish;

    if (share_finish_waits(s, finished)) {
        return OP_WAIT;
    }
    if (share_finish_fell_apart(s, &s->store->finish)) { /* as if it had not been sent */
        let_go(s);
        return OP_DONE;
    }
    if (share_said(&finished->rename) == SHARE_DONE) {
        return end_renamed(s);
    }
    if (share_said(&finished->close) == SHARE_UNSURE) {
        open_drop(&s->temp);
    }
    return s->temp.share ? end_unrenamed(s) : remove_temp(s);
}

static enum op_next take_removed(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct share_store *st = s->store;
    const struct op *child = &s->opening.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    s->doomed = share_said(&st->mark) == SHARE_DONE;
    if (op_failed(child) ? child->err.code != LSMB_E_NOT_FOUND : st->tail.sent && !s->doomed) {
        share_warn_left(s, s->temp_text, "may be left");
    }
    return share_said(&st->finish.rename) == SHARE_NOT_ASKED ? fail_unwanted(op) : end_unrenamed(s);
}

/* ---------------------------------------------------------------- cancelled */

/* Whether the temporary goes when it is closed, which happens as soon as it is known what it is (conn/request). */
static bool goes_by_itself(const struct share_store *st)
{
    enum share_said said = share_said(&st->mark);

    return said == SHARE_DONE || said == SHARE_WAITS;
}

void share_store_cancel(struct share_sink *s, const struct lsmb_error *why)
{
    struct share_store *st = s->store;
    struct op *op = &s->end.op;
    bool again = st->unwanted;

    st->unwanted = true;
    if (op_failed(op) || op->step == ST_FINISHED) {
        return;
    }
    if (op->step == ST_WRITTEN && !goes_by_itself(st)) {
        op_abort(&s->opening.op);
        (void)remove_temp(s);
    } else if (op->step != ST_REMOVED) {
        op_cancel(op, why);
    } else if (again) {
        share_warn_left(s, s->temp_text, "may be left");
        op_cancel(op, why);
    }
}
