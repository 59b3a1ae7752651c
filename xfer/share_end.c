/* share_end.c: what a source and a sink on a share have in common. */
#include "xfer/share_end.h"

#include <stdlib.h>
#include <string.h>

bool share_end_init(struct share_end *end, struct lsmb_share *share, const char *path)
{
    end->path = strdup(path);
    end->share = share;
    end->op.env = &share_context(share)->env;
    list_init(&end->ios);
    return end->path != NULL;
}

void share_end_free(struct share_end *end)
{
    if (end->op_running) {
        op_abort(&end->op);
    }
    share_ios_drop(end);
    free(end->path);
}

/* ---------------------------------------------------------------- the control plane */

void share_end_answer(const struct share_end *end, struct lsmb_wait *wait, struct lsmb_error *err)
{
    if (err) {
        share_error_path(end->share, end->path, err);
    }
    lsmb_wait_done(wait, err);
}

void share_end_begin(struct share_end *end, const struct op_kind *kind, struct lsmb_wait *wait,
                     void (*ended)(struct op *))
{
    end->wait = wait;
    end->op_running = true;
    op_start(&end->op, &share_context(end->share)->env, kind, ended);
}

void share_end_ended(struct op *op)
{
    struct share_end *end = share_end_of(op);

    end->op_running = false;
    share_end_answer(end, end->wait, op_failed(op) ? &op->err : NULL);
}

/* ---------------------------------------------------------------- ranges */

struct share_io *share_io_begin(struct share_end *end, const struct lsmb_range *range,
                                struct lsmb_wait *wait, void (*answered)(struct ready *))
{
    struct slot *slot = slot_of(range);
    struct share_io *io = end->writes ? &slot->writing : &slot->reading;

    io->end = end;
    io->slot = slot;
    io->wait = wait;
    io->answered.run = answered;
    list_push_back(&end->ios, &io->node);
    return io;
}

bool share_io_up(struct share_io *io)
{
    struct lsmb_error err;

    if (share_up(io->end->share)) {
        io->round_trip_ns = share_round_trip_ns(io->end->share);
        return true;
    }
    share_why_lost(io->end->share, &err);
    share_io_end(io, &err);
    return false;
}

/* A slot outlives the ends, but holds nothing of theirs. */
static void drop(struct share_io *io)
{
    list_remove(&io->node);
    request_drop(&io->request); /* which may end the connection, and wake us */
    ready_forget(&io->answered);
}

void share_io_end(struct share_io *io, struct lsmb_error *err)
{
    drop(io);
    share_end_answer(io->end, io->wait, err);
}

void share_io_no_memory(struct share_io *io, const char *what)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NOMEM, "no memory for the %s", what);
    share_io_end(io, &err);
}

void share_ios_drop(struct share_end *end)
{
    while (!list_empty(&end->ios)) {
        drop(CONTAINER_OF(end->ios.next, struct share_io, node));
    }
}

void share_ios_cancel(struct share_end *end, const struct lsmb_error *err)
{
    while (!list_empty(&end->ios)) {
        struct share_io *io = CONTAINER_OF(end->ios.next, struct share_io, node);
        drop(io);
        lsmb_wait_done(io->wait, err);
    }
}
