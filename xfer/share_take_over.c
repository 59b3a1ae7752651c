/* share_take_over.c: a source on the same server is copied there; its bytes do not come here.
 *
 * They go where WRITEs would have gone, so everything before and after is as with any other source. */
#include "xfer/share_sink.h"
#include "xfer/source_share.h"

static enum op_next start_copy(struct op *op);
static enum op_next take_copy(struct op *op);
static enum op_next take_end(struct op *op);

enum { ST_COPY, ST_COPIED, ST_CUT_OFF };

static const struct op_step take_over_steps[] = {
    [ST_COPY] = {"copy within the server", start_copy, 0},
    [ST_COPIED] = {"copy within the server", take_copy, 0},
    [ST_CUT_OFF] = {"set the target's length", take_end, 0},
};

static const struct op_kind take_over_kind = {"take over a source", take_over_steps, NULL};

static enum op_next start_copy(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    server_copy_start(&s->general->copying, op, s->from, s->written, s->bytes);
    return op_go(op, ST_COPIED);
}

/* The server says that it cannot, before it has begun: then the bytes pass through us. */
static bool cannot(const struct server_copy_op *copying)
{
    const struct lsmb_error *err = &copying->op.err;

    return copying->done == 0 && err->nt_status != 0 && err->code != LSMB_E_SECURITY;
}

/* A target that is written itself still has what was longer in it. */
static enum op_next take_copy(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->general->copying.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child)) {
        return cannot(&s->general->copying) ? OP_DONE : op_fail_as(op, &child->err);
    }
    *s->taken = true;
    if (!s->uncleared) {
        return OP_DONE;
    }
    set_end_start(&s->setting, op, s->written, s->bytes);
    return op_go(op, ST_CUT_OFF);
}

static enum op_next take_end(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    enum op_next next = op_await(op, &s->setting.op);

    if (next != OP_AGAIN) {
        return next;
    }
    s->uncleared = false;
    return OP_DONE;
}

/* An empty source has nothing to be taken over; commit() sees to the target. */
void share_take_over(struct lsmb_sink *sink, struct lsmb_source *source, bool *taken,
                     struct lsmb_wait *wait)
{
    struct share_sink *s = CONTAINER_OF(sink, struct share_sink, sink);
    struct lsmb_error err;

    *taken = false;
    s->from = source_share_open(source);
    if (!s->from || s->bytes == 0 || !server_copy_between(s->from->share, s->end.share, &err)) {
        lsmb_wait_done(wait, NULL);
        return;
    }
    s->taken = taken;
    share_end_begin(&s->end, &take_over_kind, wait, share_end_ended);
}

uint64_t share_taken_over(struct lsmb_sink *sink)
{
    const struct share_sink *s = CONTAINER_OF(sink, struct share_sink, sink);
    bool copies =
        s->end.op_running && s->end.op.kind == &take_over_kind && s->end.op.step > ST_COPY;

    return copies ? s->general->copying.done : 0;
}
