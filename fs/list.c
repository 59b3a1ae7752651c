/* list.c: listing a directory for the host. */
#include <string.h>

#include "base/options.h"
#include "fs/dir.h"
#include "fs/job.h"

struct list_job {
    struct lsmb_job job; /* first */
    struct dir_op dir;
    bool dots; /* are handed out */
    bool stopped;
    lsmb_entry_fn *each;
    void *each_arg;
    struct dir_entry entry;
};

static enum op_next hand_out(struct op *op);

static const struct op_step list_steps[] = {{"list", hand_out, 0}};
static const struct op_kind list_kind = {"list", list_steps, NULL};

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum op_next hand_out(struct op *op)
{
    struct list_job *j = CONTAINER_OF(op, struct list_job, job.op);

    while (!j->stopped && dir_next(&j->dir, &j->entry)) {
        if ((j->dots || !is_dots(j->entry.name)) &&
            !j->each(j->each_arg, j->entry.name, &j->entry.stat)) {
            j->stopped = true;
            dir_stop(&j->dir);
        }
    }
    enum op_next next = op_await(op, &j->dir.op);
    return next == OP_AGAIN ? OP_DONE : next;
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_list_start(struct lsmb_share *share, const char *path,
                                 const struct lsmb_list_options *opt, lsmb_entry_fn *each,
                                 void *each_arg, lsmb_done_fn *done, void *arg)
{
    struct list_job *j = job_new(share_context(share), sizeof *j, done, arg);
    struct lsmb_list_options mine = {.size = sizeof mine};

    if (!j) {
        return NULL;
    }
    if (opt) {
        options_take(&mine, sizeof mine, opt, opt->size);
    }
    j->dots = mine.dots;
    j->each = each;
    j->each_arg = each_arg;
    (void)job_begin(&j->job, &list_kind);
    dir_start(&j->dir, &j->job.op, share, path, mine.pattern ? mine.pattern : "*");
    return &j->job;
}

enum lsmb_code lsmb_list(struct lsmb_share *share, const char *path,
                         const struct lsmb_list_options *opt, lsmb_entry_fn *each, void *each_arg,
                         struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_list_start(share, path, opt, each, each_arg, job_wait_done, &wait), &wait,
                    err);
}
