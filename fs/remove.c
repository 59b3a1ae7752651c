/* remove.c: deleting a name: open it for deletion, mark it, close it (MS-SMB2 3.2.4.9, MS-FSCC 2.4.11). */
#include "fs/names.h"

static enum op_next mark(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_MARKED, ST_CLOSED };

static const struct op_step remove_steps[] = {
    [ST_OPEN] = {"delete", name_open, 0},
    [ST_OPENED] = {"delete", mark, 0},
    [ST_MARKED] = {"delete", name_told, 0},
    [ST_CLOSED] = {"delete", name_closed, 0},
};

static const struct op_kind remove_kind = {"remove", remove_steps, name_job_release};

static enum op_next mark(struct op *op)
{
    struct name_job *j = name_job_of(op);
    enum op_next next = op_await(op, &j->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    dispose_start(&j->setting, op, &j->open, true);
    return op_go(op, ST_MARKED);
}

struct lsmb_job *lsmb_remove_start(struct lsmb_share *share, const char *path, lsmb_done_fn *done,
                                   void *arg)
{
    struct name_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->want = name_want(ACCESS_DELETE | FILE_READ_ATTRIBUTES, "delete");
    j->want.options = FILE_OPEN_REPARSE_POINT; /* a link goes, not what it leads to */
    return job_begin(&j->job, &remove_kind);
}

enum lsmb_code lsmb_remove(struct lsmb_share *share, const char *path, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share), lsmb_remove_start(share, path, job_wait_done, &wait),
                    &wait, err);
}
