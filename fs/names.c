/* names.c: what the operations on names have in common. */
#include "fs/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *name_job_new(struct lsmb_share *share, size_t bytes, const char *path, lsmb_done_fn *done,
                   void *arg)
{
    struct name_job *j = job_new(share_context(share), bytes, done, arg);

    if (!j) {
        return NULL;
    }
    j->share = share;
    j->path = strdup(path);
    if (!j->path) {
        free(j);
        return NULL;
    }
    return j;
}

void name_job_release(struct op *op)
{
    struct name_job *j = name_job_of(op);

    if (op_failed(op)) {
        share_error_path(j->share, j->path, &op->err);
    }
    query_info_drop(&j->asking);
    open_drop(&j->open);
    free(j->path);
    j->path = NULL;
}

enum op_next name_open(struct op *op)
{
    struct name_job *j = name_job_of(op);

    open_start(&j->opening, op, j->share, j->path, &j->want, &j->open);
    return op_go(op, op->step + 1);
}

enum op_next name_await(struct op *op, const struct op *child)
{
    enum op_next next = op_await(op, child);

    if (next == OP_FAIL) {
        (void)snprintf(op->err.step, sizeof op->err.step, "%s", name_job_of(op)->want.step);
    }
    return next;
}

enum op_next name_told(struct op *op)
{
    enum op_next next = name_await(op, &name_job_of(op)->setting.op);

    return next == OP_AGAIN ? name_close(op) : next;
}

enum op_next name_close(struct op *op)
{
    struct name_job *j = name_job_of(op);

    close_start(&j->closing, op, &j->open, NULL);
    return op_go(op, op->step + 1);
}

enum op_next name_closed(struct op *op)
{
    enum op_next next = op_await(op, &name_job_of(op)->closing.op);

    return next == OP_AGAIN ? OP_DONE : next;
}
