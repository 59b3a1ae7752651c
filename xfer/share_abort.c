/* share_abort.c: nothing came of a target on a share: its temporary goes. */
#include "xfer/share_sink.h"

static enum op_next start_abort(struct op *op);
static enum op_next doom(struct op *op);
static enum op_next close_aborted(struct op *op);
static enum op_next close_target(struct op *op);
static enum op_next end(struct op *op);

enum { ST_ABORT, ST_DOOM, ST_DOOMED, ST_CLOSED, ST_END };

static const struct op_step abort_steps[] = {
    [ST_ABORT] = {"remove the temporary file", start_abort, 0},
    [ST_DOOM] = {"remove the temporary file", doom, 0},
    [ST_DOOMED] = {"remove the temporary file", close_aborted, 0},
    [ST_CLOSED] = {"close the file", close_target, 0},
    [ST_END] = {"close the file", end, 0},
};

const struct op_kind share_abort_kind = {"abort a target", abort_steps, NULL};

static enum op_next start_abort(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (!share_up(s->end.share)) {
        /* Then the server closes, and deletes what is marked, by itself. */
        if (s->temp.share && !s->doomed) {
            share_warn_left(s, s->temp_text, "may be left");
        }
        return OP_DONE;
    }
    if (!s->temp.share) {
        return op_go(op, ST_CLOSED);
    }
    if (s->may_be_target) { /* marked, the target itself would go */
        share_warn_left(s, s->temp_text, "may be left");
    } else if (!s->doomed) {
        /* Samba 4.17 ends with a panic where a file is marked that has been renamed and marked already. */
        dispose_start(&s->setting, op, &s->temp, !s->doomed_unsure);
        return op_go(op, s->doomed_unsure ? ST_DOOM : ST_DOOMED);
    }
    close_start(&s->closing, op, &s->temp, NULL);
    return op_go(op, ST_CLOSED);
}

/* Now it is not marked, whatever the answer is. */
static enum op_next doom(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (!op_finished(&s->setting.op)) {
        return OP_WAIT;
    }
    dispose_start(&s->setting, op, &s->temp, true);
    return op_go(op, ST_DOOMED);
}

static enum op_next close_aborted(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (!op_finished(&s->setting.op)) {
        return OP_WAIT;
    }
    if (op_failed(&s->setting.op)) {
        share_warn_left(s, s->temp_text, "is left: the server did not delete it");
    }
    close_start(&s->closing, op, &s->temp, NULL);
    return op_go(op, ST_CLOSED);
}

static enum op_next close_target(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    if (s->temp.share && !op_finished(&s->closing.op)) {
        return OP_WAIT;
    }
    if (!s->final.share) {
        return OP_DONE;
    }
    close_start(&s->closing, op, &s->final, NULL);
    return op_go(op, ST_END);
}

static enum op_next end(struct op *op)
{
    return op_finished(&share_sink_of(op)->closing.op) ? OP_DONE : OP_WAIT;
}
