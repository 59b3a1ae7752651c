/* set.c: times and attributes (FileBasicInformation, MS-FSCC 2.4.7). */
#include "base/options.h"
#include "fs/names.h"
#include "proto/filetime.h"
#include "proto/fscc.h"

struct set_job {
    struct name_job base; /* first */
    struct lsmb_set set;
};

static enum op_next set_basic(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_SET, ST_CLOSED };

static const struct op_step set_steps[] = {
    [ST_OPEN] = {"set times and attributes", name_open, 0},
    [ST_OPENED] = {"set times and attributes", set_basic, 0},
    [ST_SET] = {"set times and attributes", name_told, 0},
    [ST_CLOSED] = {"set times and attributes", name_closed, 0},
};

static const struct op_kind set_kind = {"set", set_steps, name_job_release};

static enum op_next set_basic(struct op *op)
{
    struct name_job *j = name_job_of(op);
    const struct lsmb_set *set = &CONTAINER_OF(j, struct set_job, base)->set;
    enum op_next next = op_await(op, &j->opening.op);
    uint8_t room[40];
    struct wr w = wr_from(room, sizeof room);

    if (next != OP_AGAIN) {
        return next;
    }
    file_basic_information_put(&w, &(struct file_basic_information){
                                       .created = filetime_from_ns(set->created),
                                       .accessed = filetime_from_ns(set->accessed),
                                       .written = filetime_from_ns(set->written),
                                       .changed = filetime_from_ns(set->changed),
                                       .file_attributes = set->attributes,
                                   });
    set_info_start(&j->setting, op, &j->open, FILE_BASIC_INFORMATION, wr_written(&w));
    return op_go(op, ST_SET);
}

struct lsmb_job *lsmb_set_start(struct lsmb_share *share, const char *path,
                                const struct lsmb_set *set, lsmb_done_fn *done, void *arg)
{
    struct set_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    options_take(&j->set, sizeof j->set, set, set->size);
    j->base.want = name_want(FILE_WRITE_ATTRIBUTES, "set times and attributes");
    return job_begin(&j->base.job, &set_kind);
}

enum lsmb_code lsmb_set(struct lsmb_share *share, const char *path, const struct lsmb_set *set,
                        struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share), lsmb_set_start(share, path, set, job_wait_done, &wait),
                    &wait, err);
}
