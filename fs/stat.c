/* stat.c: what a name stands for: CREATE tells, so CREATE and CLOSE are all it takes. */
#include "fs/names.h"

struct stat_job {
    struct name_job base; /* first */
    struct lsmb_stat *out;
};

static enum op_next take_open(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_CLOSED };

static const struct op_step stat_steps[] = {
    [ST_OPEN] = {"look at", name_open, 0},
    [ST_OPENED] = {"look at", take_open, 0},
    [ST_CLOSED] = {"look at", name_closed, 0},
};

static const struct op_kind stat_kind = {"stat", stat_steps, name_job_release};

static enum op_next take_open(struct op *op)
{
    struct name_job *j = name_job_of(op);
    enum op_next next = op_await(op, &j->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    *CONTAINER_OF(j, struct stat_job, base)->out = j->open.stat;
    return name_close(op);
}

struct lsmb_job *lsmb_stat_start(struct lsmb_share *share, const char *path, struct lsmb_stat *out,
                                 lsmb_done_fn *done, void *arg)
{
    struct stat_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->out = out;
    j->base.want = name_want(FILE_READ_ATTRIBUTES, "look at");
    j->base.want.want_id = true;
    return job_begin(&j->base.job, &stat_kind);
}

enum lsmb_code lsmb_stat(struct lsmb_share *share, const char *path, struct lsmb_stat *out,
                         struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share), lsmb_stat_start(share, path, out, job_wait_done, &wait),
                    &wait, err);
}
