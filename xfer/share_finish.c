/* share_finish.c: a temporary on a share comes to a name that is free, in one frame. */
#include "xfer/share_finish.h"

#include "proto/fscc.h"
#include "proto/info.h"
#include "xfer/share_sink.h"

enum { FINISH_MAX = 4 };

bool share_finish_send(struct share_sink *s, struct share_finish *finish)
{
    struct compound_part parts[FINISH_MAX];
    struct share_frame frame = {
        .share = s->end.share, .parts = parts, .file = s->temp.id, .waiter = &s->end.op.ready};

    if (s->doomed) {
        share_frame_mark(&frame, &finish->unmark, false);
        if (!share_seen(s->end.share)->unmarks) {
            share_frame_query(&frame, &finish->query);
        }
    }
    share_frame_rename(&frame, &finish->rename, &s->target);
    share_frame_close(&frame, &finish->close);
    if (frame.no_memory || !compound_send(parts, frame.count, true)) {
        share_finish_drop(s, finish);
        return false;
    }
    s->publishing = true;
    s->doomed = false; /* as far as we can tell until the answer comes */
    return true;
}

bool share_finish_waits(struct share_sink *s, const struct share_finish *finish)
{
    if (share_said(&finish->unmark) == SHARE_WAITS || share_said(&finish->query) == SHARE_WAITS ||
        share_said(&finish->rename) == SHARE_WAITS || share_said(&finish->close) == SHARE_WAITS) {
        return true;
    }
    s->publishing = false;
    if (share_said(&finish->close) == SHARE_DONE) {
        s->temp.share = NULL;
    }
    return false;
}

bool share_finish_fell_apart(struct share_sink *s, struct share_finish *finish)
{
    if (!request_fell_apart(&finish->rename)) {
        return false;
    }
    s->doomed = share_said(&finish->unmark) != SHARE_NOT_ASKED;
    share_finish_drop(s, finish);
    return true;
}

/* Whether the mark is known to be gone, as far as the server can say. */
static bool is_unmarked(struct share_sink *s, const struct share_finish *finish)
{
    struct share_seen *seen = share_seen(s->end.share);
    struct file_standard_information info;
    struct smb2_query_info_reply reply;

    if (!share_done_if_asked(&finish->unmark) || share_said(&finish->query) == SHARE_UNSURE) {
        return false;
    }
    if (share_said(&finish->query) != SHARE_DONE ||
        !smb2_query_info_reply_get(&reply, finish->query.message, SHARE_FRAME_STANDARD_ROOM) ||
        !file_standard_information_get(&info, reply.data)) {
        return true; /* a server that cannot say is taken at its first word */
    }
    seen->unmarks = !info.delete_pending;
    seen->unmarks_not = info.delete_pending;
    return !info.delete_pending;
}

enum op_next share_finish_unsure(struct share_sink *s, const struct request *request)
{
    struct op *op = &s->end.op;
    struct lsmb_error err;

    share_said_why(request, &err);
    enum op_next next = op_fail_as(op, &err);
    error_advise(&op->err, "it may or may not be in its place; look before you repeat it");
    return next;
}

enum op_next share_finish_judge(struct share_sink *s, struct share_finish *finish)
{
    if (is_unmarked(s, finish)) {
        open_drop(&s->temp); /* if CLOSE was refused, it is in its place nevertheless */
        return OP_AGAIN;
    }
    if (!share_done_if_asked(&finish->unmark)) {
        return share_finish_unsure(s, &finish->unmark);
    }
    if (share_said(&finish->query) == SHARE_UNSURE) {
        return share_finish_unsure(s, &finish->query);
    }
    return s->temp.share ? share_keep_refused(&s->end.op) : OP_DONE;
}

void share_finish_drop(struct share_sink *s, struct share_finish *finish)
{
    if (finish->close.state == REQUEST_IN_FLIGHT) {
        s->temp.share = NULL; /* one CLOSE is enough */
    }
    request_drop(&finish->unmark);
    request_drop(&finish->query);
    request_drop(&finish->rename);
    request_drop(&finish->close);
}
