/* verify.c: what was written is read back and compared with what was read, by CRC-32, before the target gets
 * its name. */
#include "xfer/copy.h"
#include "xfer/window.h"

/* ---------------------------------------------------------------- where it goes */

static size_t nowhere_chunk(struct lsmb_sink *sink)
{
    (void)sink;
    return WINDOW_CHUNK_MAX;
}

static void nowhere_write(struct lsmb_sink *sink, const struct lsmb_range *range,
                          struct lsmb_wait *wait)
{
    (void)sink;
    (void)range;
    lsmb_wait_done(wait, NULL);
}

/* What a pump needs of a sink. */
static const struct lsmb_sink_ops nowhere_ops = {
    .size = sizeof nowhere_ops,
    .chunk = nowhere_chunk,
    .write = nowhere_write,
};

/* ---------------------------------------------------------------- steps */

bool verify_possible(struct xfer *x)
{
    if (x->opt.verify && END_HAS(x->sink->ops, proves)) {
        x->opt.verify = false; /* its commit() has seen to that */
    }
    if (!x->opt.verify || (END_HAS(x->sink->ops, reread) && !END_HAS(x->sink->ops, hold))) {
        return true;
    }
    error_set(&x->err, LSMB_E_USAGE, "what goes there cannot be read back and compared");
    error_advise(&x->err, "write it to a file, or do without the comparison");
    return false;
}

enum op_next verify_begin(struct op *op)
{
    struct xfer *x = xfer_of(op);

    x->back = x->sink->ops->reread(x->sink);
    if (!x->back) {
        error_set(&x->err, LSMB_E_NOMEM, "no memory to read it back");
        error_step(&x->err, "read the target back");
        return copy_go_wrong(x, COPY_ABORT);
    }
    x->back->ops->open(x->back, &x->back_stat, copy_call(x));
    return op_go(op, COPY_BACK_OPENED);
}

enum op_next verify_await_open(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (copy_failed(x) || !copy_make_pump(x, &x->back_sum)) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    x->nowhere.ops = &nowhere_ops;
    pump_start(x->pump, x->back, &x->nowhere, x->back_stat.bytes);
    return op_go(op, COPY_BACK_READ);
}

enum op_next verify_await_pump(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = pump_await(x->pump);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!copy_failed(x) &&
        (x->pump->done != x->moved || checksum_crc32(&x->back_sum) != checksum_crc32(&x->sum))) {
        error_set(&x->err, LSMB_E_CHANGED, "what was written reads back differently");
        error_advise(&x->err, "try again, and look after the disk that it lies on");
    }
    if (copy_failed(x)) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    copy_pump_free(x);
    x->back->ops->finish(x->back, copy_call(x));
    return op_go(op, COPY_BACK_CHECKED);
}

enum op_next verify_await_finish(struct op *op)
{
    struct xfer *x = xfer_of(op);
    enum op_next next = copy_await(x);

    if (next != OP_AGAIN) {
        return next;
    }
    if (copy_failed(x)) {
        return copy_go_wrong(x, COPY_ABORT);
    }
    x->back->ops->close(x->back);
    x->back = NULL;
    return op_go(op, COPY_COMMIT);
}
