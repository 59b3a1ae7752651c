/* share_commit.c: a finished target on a share comes to its name. */
#include <stdlib.h>

#include "base/ntstatus.h"
#include "proto/filetime.h"
#include "proto/fscc.h"
#include "xfer/pump.h"
#include "xfer/share_sink.h"
#include "xfer/source_share.h"

enum { RENAME_TRIES = 3, RENAME_PAUSE_MS = 500 }; /* three in a second */

static enum op_next clear_unwritten(struct op *op);
static enum op_next take_cleared(struct op *op);
static enum op_next start_times(struct op *op);
static enum op_next take_times(struct op *op);
static enum op_next take_flush(struct op *op);
static enum op_next take_finished(struct op *op);
static enum op_next take_reopened(struct op *op);
static enum op_next take_kept(struct op *op);
static enum op_next send_rename(struct op *op);
static enum op_next take_rename(struct op *op);
static enum op_next end_pause(struct op *op);
static enum op_next take_doom(struct op *op);
static enum op_next open_target(struct op *op);
static enum op_next start_copy(struct op *op);
static enum op_next take_copy(struct op *op);
static enum op_next end_move(struct op *op);
static enum op_next take_length(struct op *op);
static enum op_next take_target_times(struct op *op);
static enum op_next take_target_flush(struct op *op);
static enum op_next close_written(struct op *op);
static enum op_next close_temp(struct op *op);
static enum op_next end(struct op *op);

/* From ST_FLUSHED on there are three ways (enum share_way):
 *   rename    FINISHED, where the name was free; if it is not any more, REOPENED and as where it was not:
 *             KEPT, RENAME, RENAMED, and again after a PAUSE; CLOSE
 *   copy      TARGET, COPY, COPIED, and MOVED if the bytes must pass through us; LENGTH, TARGET_TIMED,
 *             TARGET_FLUSHED, CLOSE.  A rename that is given up comes here by DOOMED.
 *   straight  CLOSE */
enum {
    ST_CLEAR,
    ST_CLEARED,
    ST_TIMES,
    ST_TIMED,
    ST_FLUSHED,
    ST_FINISHED,
    ST_REOPENED,
    ST_KEPT,
    ST_RENAME,
    ST_RENAMED,
    ST_PAUSE,
    ST_DOOMED,
    ST_TARGET,
    ST_COPY,
    ST_COPIED,
    ST_MOVED,
    ST_LENGTH,
    ST_TARGET_TIMED,
    ST_TARGET_FLUSHED,
    ST_CLOSE,
    ST_CLOSE_TEMP,
    ST_END,
};

static const struct op_step commit_steps[] = {
    [ST_CLEAR] = {"empty the target", clear_unwritten, 0},
    [ST_CLEARED] = {"empty the target", take_cleared, 0},
    [ST_TIMES] = {"set the time of writing", start_times, 0},
    [ST_TIMED] = {"set the time of writing", take_times, 0},
    [ST_FLUSHED] = {"flush the file to disk", take_flush, 0},
    [ST_FINISHED] = {"rename the temporary file", take_finished, 0},
    [ST_REOPENED] = {"rename the temporary file", take_reopened, 0},
    [ST_KEPT] = {"keep the temporary file", take_kept, 0},
    [ST_RENAME] = {"rename the temporary file", send_rename, 0},
    [ST_RENAMED] = {"rename the temporary file", take_rename, 0},
    [ST_PAUSE] = {"rename the temporary file", end_pause, 0},
    [ST_DOOMED] = {"open the target", take_doom, 0},
    [ST_TARGET] = {"open the target", open_target, 0},
    [ST_COPY] = {"open the target", start_copy, 0},
    [ST_COPIED] = {"copy the temporary file into the target", take_copy, 0},
    [ST_MOVED] = {"copy the temporary file into the target", end_move, 0},
    [ST_LENGTH] = {"set the target's length", take_length, 0},
    [ST_TARGET_TIMED] = {"set the time of writing", take_target_times, 0},
    [ST_TARGET_FLUSHED] = {"flush the target to disk", take_target_flush, 0},
    [ST_CLOSE] = {"close the file", close_written, 0},
    [ST_CLOSE_TEMP] = {"close the file", close_temp, 0},
    [ST_END] = {"close the file", end, 0},
};

static void release(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    timer_stop(&s->pause);
    share_finish_drop(s, &s->general->finish);
    if (s->pump) {
        share_ios_drop(&s->end);
        s->reader->ops->close(s->reader);
        pump_free(s->pump);
        free(s->pump);
        s->pump = NULL;
        s->reader = NULL;
    }
}

const struct op_kind share_commit_kind = {"commit a target", commit_steps, release};

/* ---------------------------------------------------------------- clear */

static enum op_next start_clear(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    set_end_start(&s->setting, op, &s->final, 0);
    return op_go(op, ST_CLEARED);
}

static enum op_next end_clear(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    enum op_next next = op_await(op, &s->setting.op);

    if (next != OP_AGAIN) {
        return next;
    }
    s->uncleared = false;
    return OP_DONE;
}

static const struct op_step clear_steps[] = {
    [ST_CLEAR] = {"empty the target", start_clear, 0},
    [ST_CLEARED] = {"empty the target", end_clear, 0},
};

const struct op_kind share_clear_kind = {"empty a target", clear_steps, NULL};

/* An empty source has written nothing that would have cleared the target. */
static enum op_next clear_unwritten(struct op *op)
{
    return share_sink_of(op)->uncleared ? start_clear(op) : op_go(op, ST_TIMES);
}

static enum op_next take_cleared(struct op *op)
{
    enum op_next next = end_clear(op);

    return next == OP_DONE ? op_go(op, ST_TIMES) : next;
}

/* ---------------------------------------------------------------- times */

/* SET_INFO FileBasicInformation of what was written (MS-FSCC 2.4.7): a time that was set is not changed by what was
 * written before. */
static void set_times(struct share_sink *s)
{
    uint8_t room[40];
    struct wr w = wr_from(room, sizeof room);

    file_basic_information_put(
        &w, &(struct file_basic_information){.written = filetime_from_ns(s->written_at)});
    set_info_start(&s->setting, &s->end.op, s->written, FILE_BASIC_INFORMATION, wr_written(&w));
}

/* OP_AGAIN when it is over.  A file system that cannot do it keeps nobody from having his file. */
static enum op_next await_times(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->setting.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child) && (child->err.nt_status == 0 || share_forged(child))) {
        return op_fail_as(op, &child->err);
    }
    if (op_failed(child)) {
        char unc[512];
        share_path_text(s->end.share, s->end.path, unc, sizeof unc);
        log_line(&op->env->log, LSMB_LOG_WARNING, "%s does not keep its time of writing: %s", unc,
                 child->err.reason);
    }
    return OP_AGAIN;
}

/* FLUSH goes behind it at once. */
static enum op_next start_times(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    bool sets = s->written_at != 0 && s->way != SHARE_COPY;

    if (sets) {
        set_times(s);
    }
    flush_start(&s->general->flushing, op, s->written);
    return op_go(op, sets ? ST_TIMED : ST_FLUSHED);
}

static enum op_next take_times(struct op *op)
{
    enum op_next next = await_times(op);

    return next == OP_AGAIN ? op_go(op, ST_FLUSHED) : next;
}

/* ---------------------------------------------------------------- flush */

bool share_flush_unknown(uint32_t status)
{
    return nt_status_is(status, STATUS_NOT_SUPPORTED) ||
           nt_status_is(status, STATUS_INVALID_DEVICE_REQUEST);
}

/* Not where the frame that made the temporary had to be taken apart. */
static bool start_finish(struct share_sink *s)
{
    return !s->exists && s->general->tail.sent && share_up(s->end.share) &&
           share_finish_send(s, &s->general->finish);
}

static enum op_next keep(struct share_sink *s)
{
    s->doomed = false; /* as far as we can tell until the answer comes */
    share_keep_start(&s->general->keep, &s->end.op, &s->temp);
    return op_go(&s->end.op, ST_KEPT);
}

/* A rename that replaces waits until the mark is seen to be gone: else the old file would be lost, and the new one. */
static enum op_next rename_apart(struct share_sink *s)
{
    return s->doomed ? keep(s) : op_go(&s->end.op, ST_RENAME);
}

static enum op_next take_flush(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->general->flushing.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child) && !share_flush_unknown(child->err.nt_status)) {
        return op_fail_as(op, &child->err);
    }
    switch (s->way) {
    case SHARE_RENAME: break;
    case SHARE_COPY: return op_go(op, ST_TARGET);
    case SHARE_STRAIGHT: return op_go(op, ST_CLOSE);
    }
    if (start_finish(s)) {
        return op_go(op, ST_FINISHED);
    }
    return rename_apart(s);
}

/* ---------------------------------------------------------------- a name that was free */

/* Somebody has taken the name meanwhile, or the server refuses only what comes in one frame: then one by one.  It may
 * have gone on behind the refusal, as Samba does, and closed the temporary, which is not marked any more. */
static enum op_next go_on_one_by_one(struct share_sink *s)
{
    const struct share_finish *finished = &s->general->finish;
    struct open_want want = share_temp_want(s);

    if (s->temp.share && share_said(&finished->close) == SHARE_REFUSED) {
        return share_said(&finished->unmark) == SHARE_NOT_ASKED ? op_go(&s->end.op, ST_RENAME)
                                                                : keep(s);
    }
    open_drop(&s->temp);
    s->making_temp = true;
    want.disposition = FILE_OPEN;
    want.led_to = NULL;
    open_start(&s->opening, &s->end.op, s->end.share, s->temp_text, &want, &s->temp);
    return op_go(&s->end.op, ST_REOPENED);
}

static enum op_next end_finished(struct share_sink *s)
{
    enum op_next next = share_finish_judge(s, &s->general->finish);

    if (next == OP_DONE) {
        return share_keep_refused(&s->end.op);
    }
    return next == OP_AGAIN ? OP_DONE : next;
}

static enum op_next take_finished(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    struct share_finish *finished = &s->general->finish;

    if (share_finish_waits(s, finished)) {
        return OP_WAIT;
    }
    if (share_finish_fell_apart(s, finished)) {
        return rename_apart(s);
    }
    switch (share_said(&finished->rename)) {
    case SHARE_DONE: return end_finished(s);
    case SHARE_REFUSED: return go_on_one_by_one(s);
    case SHARE_NOT_ASKED:
    case SHARE_WAITS:
    case SHARE_UNSURE: break;
    }
    s->may_be_target = true;
    if (!s->temp.share) {
        share_warn_left(s, s->temp_text, "may be left");
    }
    return share_finish_unsure(s, &finished->rename);
}

static enum op_next take_reopened(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->opening.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    s->making_temp = false;
    if (!op_failed(child)) {
        return op_go(op, ST_RENAME);
    }
    if (child->err.code != LSMB_E_NOT_FOUND) {
        share_warn_left(s, s->temp_text, "may be left");
    }
    return op_fail_as(op, &child->err);
}

/* ---------------------------------------------------------------- rename */

static enum op_next take_kept(struct op *op)
{
    enum op_next next = op_await(op, &share_sink_of(op)->general->keep.op);

    return next == OP_AGAIN ? op_go(op, ST_RENAME) : next;
}

static enum op_next send_rename(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    s->publishing = true;
    s->may_be_target = true;
    s->renames_tried++;
    rename_start(&s->setting, op, &s->temp, &s->target, true);
    return op_go(op, ST_RENAMED);
}

/* The target is open, by whomever and however shared, or may not be replaced: servers tell the two
 * apart by nothing (MS-FSA 2.1.5.15.11). */
static bool is_in_use(const struct op *child)
{
    return nt_status_is(child->err.nt_status, STATUS_ACCESS_DENIED) ||
           nt_status_is(child->err.nt_status, STATUS_SHARING_VIOLATION);
}

static enum op_next give_up_rename(struct op *op, const struct op *child)
{
    struct share_sink *s = share_sink_of(op);

    s->why = "it is open elsewhere, or may not be replaced";
    if (!s->exists) {
        return op_fail_as(op, &child->err);
    }
    if (s->how == LSMB_PUBLISH_ATOMIC) {
        enum op_next next = op_fail_as(op, &child->err);
        error_advise(&op->err, "it is open elsewhere, or may not be replaced: close it, or write "
                               "into it with --in-place");
        return next;
    }
    s->way = SHARE_COPY;
    share_warn(s);
    dispose_start(&s->setting, op, &s->temp, true);
    return op_go(op, ST_DOOMED);
}

/* The server has not renamed it: it says so itself, or was never asked. */
static bool is_not_done(const struct op *child)
{
    return child->err.code == LSMB_E_NOMEM || (child->err.nt_status != 0 && !share_forged(child));
}

static enum op_next fail_rename(struct op *op, const struct op *child)
{
    enum op_next next = op_fail_as(op, &child->err);

    if (share_sink_of(op)->may_be_target) {
        error_advise(&op->err, "it may or may not be in its place; look before you repeat it");
    }
    return next;
}

static enum op_next take_rename(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->setting.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (!op_failed(child)) {
        return op_go(op, ST_CLOSE);
    }
    s->publishing = false;
    s->may_be_target = !is_not_done(child);
    if (s->may_be_target || !is_in_use(child)) {
        return fail_rename(op, child);
    }
    if (s->renames_tried >= RENAME_TRIES) {
        return give_up_rename(op, child);
    }
    env_arm(op->env, &s->pause, RENAME_PAUSE_MS, &op->ready);
    return op_go(op, ST_PAUSE);
}

static enum op_next end_pause(struct op *op)
{
    return timer_armed(&share_sink_of(op)->pause) ? OP_WAIT : op_go(op, ST_RENAME);
}

static enum op_next take_doom(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (!op_finished(&s->setting.op)) {
        return OP_WAIT;
    }
    s->doomed = !op_failed(&s->setting.op);
    return op_go(op, ST_TARGET);
}

/* ---------------------------------------------------------------- copy */

static enum op_next open_target(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct open_want want = share_target_want(s);

    open_start(&s->opening, op, s->end.share, s->target_text, &want, &s->final);
    return op_go(op, ST_COPY);
}

/* From here on the target is neither old nor new until all is done. */
static enum op_next start_copy(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    enum op_next next = op_await(op, &s->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    s->publishing = true;
    s->written = &s->final;
    server_copy_start(&s->general->copying, op, &s->temp, &s->final, s->bytes);
    return op_go(op, ST_COPIED);
}

/* The bytes pass through us. */
static enum op_next start_move(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    s->temp.stat.bytes = s->bytes;
    s->reader = source_share_of(&s->temp, s->temp_text);
    s->pump = s->reader ? malloc(sizeof *s->pump) : NULL;
    if (!s->pump) {
        if (s->reader) {
            s->reader->ops->close(s->reader);
            s->reader = NULL;
        }
        return op_fail(op, LSMB_E_NOMEM, "no memory to copy it");
    }
    pump_init(s->pump, share_context(s->end.share), op, &s->general->pump_err, 0);
    pump_start(s->pump, s->reader, &s->sink, s->bytes);
    return op_go(op, ST_MOVED);
}

static enum op_next set_length(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    set_end_start(&s->setting, op, &s->final, s->bytes);
    return op_go(op, ST_LENGTH);
}

/* Whatever the server has against copying: moving the bytes writes all of them, and if that does not work
 * either says better why. */
static enum op_next take_copy(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->general->copying.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (!op_failed(child)) {
        return set_length(op);
    }
    return share_up(s->end.share) ? start_move(op) : op_fail_as(op, &child->err);
}

static enum op_next end_move(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    enum op_next next = pump_await(s->pump);

    if (next != OP_AGAIN) {
        return next;
    }
    return s->general->pump_err.code != LSMB_OK ? op_fail_as(op, &s->general->pump_err)
                                                : set_length(op);
}

static enum op_next flush_target(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    flush_start(&s->general->flushing, op, &s->final);
    return op_go(op, ST_TARGET_FLUSHED);
}

static enum op_next take_length(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    enum op_next next = op_await(op, &s->setting.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (s->written_at == 0) {
        return flush_target(op);
    }
    set_times(s);
    return op_go(op, ST_TARGET_TIMED);
}

static enum op_next take_target_times(struct op *op)
{
    enum op_next next = await_times(op);

    return next == OP_AGAIN ? flush_target(op) : next;
}

static enum op_next take_target_flush(struct op *op)
{
    const struct op *child = &share_sink_of(op)->general->flushing.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child) && !share_flush_unknown(child->err.nt_status)) {
        return op_fail_as(op, &child->err);
    }
    return op_go(op, ST_CLOSE);
}

/* ---------------------------------------------------------------- close */

/* By now the target is whole, under its name and on the disk: whatever CLOSE says, that stays so. */
static enum op_next close_written(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    close_start(&s->closing, op, s->written, NULL);
    return op_go(op, ST_CLOSE_TEMP);
}

/* A temporary that is not marked for deletion outlives us. */
static enum op_next close_temp(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (!op_finished(&s->closing.op)) {
        return OP_WAIT;
    }
    if (!s->temp.share) {
        return OP_DONE;
    }
    if (!s->doomed) {
        share_warn_left(s, s->temp_text, "is left: the server did not delete it");
    }
    close_start(&s->closing, op, &s->temp, NULL);
    return op_go(op, ST_END);
}

static enum op_next end(struct op *op)
{
    return op_finished(&share_sink_of(op)->closing.op) ? OP_DONE : OP_WAIT;
}
