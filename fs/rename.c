/* rename.c: giving a file or directory another name in its share (MS-FSCC 2.4.37). */
#include <stdlib.h>
#include <string.h>

#include "fs/names.h"

struct rename_job {
    struct name_job base; /* first */
    char *to;             /* owned: as given */
    struct path target;
    bool replace;
};

static enum op_next begin(struct op *op);
static enum op_next set_name(struct op *op);
static enum op_next take_name(struct op *op);

enum { ST_BEGIN, ST_OPENED, ST_RENAMED, ST_CLOSED };

static const struct op_step rename_steps[] = {
    [ST_BEGIN] = {"rename", begin, 0},
    [ST_OPENED] = {"rename", set_name, 0},
    [ST_RENAMED] = {"rename", take_name, 0},
    [ST_CLOSED] = {"rename", name_closed, 0},
};

static struct rename_job *rename_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct rename_job, base);
}

static void release(struct op *op)
{
    struct rename_job *j = rename_of(op);

    path_free(&j->target);
    free(j->to);
    j->to = NULL;
    name_job_release(op);
}

static const struct op_kind rename_kind = {"rename", rename_steps, release};

/* It is the new name that something is wrong with. */
static enum op_next blame_target(struct op *op)
{
    const struct rename_job *j = rename_of(op);

    share_error_path(j->base.share, j->to, &op->err);
    return OP_FAIL;
}

static enum op_next begin(struct op *op)
{
    struct rename_job *j = rename_of(op);
    struct lsmb_error err;

    if (!j->to) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the new name");
    }
    if (!path_set_to_make(&j->target, j->to, &err)) {
        (void)op_fail_as(op, &err);
        return blame_target(op);
    }
    if (j->target.len == 0) {
        (void)op_fail(op, LSMB_E_USAGE, "the new name is that of the share itself");
        return blame_target(op);
    }
    return name_open(op);
}

static enum op_next set_name(struct op *op)
{
    struct rename_job *j = rename_of(op);
    enum op_next next = op_await(op, &j->base.opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    rename_start(&j->base.setting, op, &j->base.open, &j->target, j->replace);
    return op_go(op, ST_RENAMED);
}

static enum op_next take_name(struct op *op)
{
    struct rename_job *j = rename_of(op);
    enum op_next next = op_await(op, &j->base.setting.op);

    if (next == OP_FAIL) {
        return blame_target(op);
    }
    return next == OP_AGAIN ? name_close(op) : next;
}

struct lsmb_job *lsmb_rename_start(struct lsmb_share *share, const char *from, const char *to,
                                   bool replace, lsmb_done_fn *done, void *arg)
{
    struct rename_job *j = name_job_new(share, sizeof *j, from, done, arg);

    if (!j) {
        return NULL;
    }
    j->to = strdup(to);
    j->replace = replace;
    /* Windows insists on DELETE (MS-FSA 2.1.5.15.11). */
    j->base.want = name_want(ACCESS_DELETE | FILE_READ_ATTRIBUTES, "rename");
    j->base.want.options = FILE_OPEN_REPARSE_POINT;
    return job_begin(&j->base.job, &rename_kind);
}

enum lsmb_code lsmb_rename(struct lsmb_share *share, const char *from, const char *to, bool replace,
                           struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_rename_start(share, from, to, replace, job_wait_done, &wait), &wait, err);
}
