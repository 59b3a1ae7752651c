/* snapshots.c: which snapshots there are, for a user (MS-SMB2 3.2.4.20.1). */
#include "proto/snapshot.h"

#include "fs/names.h"
#include "fs/snapshot_list.h"

struct snapshots_job {
    struct name_job base; /* first */
    lsmb_snapshot_fn *each;
    void *each_arg;
    struct snapshot_list_op listing;
};

static enum op_next start_list(struct op *op);
static enum op_next take_names(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_NAMES, ST_CLOSED };

static const struct op_step snapshots_steps[] = {
    [ST_OPEN] = {"list the snapshots", name_open, 0},
    [ST_OPENED] = {"list the snapshots", start_list, 0},
    [ST_NAMES] = {"list the snapshots", take_names, 0},
    [ST_CLOSED] = {"list the snapshots", name_closed, 0},
};

static struct snapshots_job *snapshots_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct snapshots_job, base);
}

static void release(struct op *op)
{
    snapshot_list_drop(&snapshots_of(op)->listing);
    name_job_release(op);
}

static const struct op_kind snapshots_kind = {"snapshots", snapshots_steps, release};

static enum op_next start_list(struct op *op)
{
    struct snapshots_job *j = snapshots_of(op);
    enum op_next next = op_await(op, &j->base.opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    snapshot_list_start(&j->listing, op, &j->base.open);
    return op_go(op, ST_NAMES);
}

static enum op_next take_names(struct op *op)
{
    struct snapshots_job *j = snapshots_of(op);
    char name[SNAPSHOT_NAME_LEN + 1];
    enum op_next next = name_await(op, &j->listing.op);
    bool wanted = true;

    if (next != OP_AGAIN) {
        return next;
    }
    struct span names = j->listing.names;
    for (uint32_t i = 0; wanted && i < j->listing.count && srv_snapshot_next(&names, name); i++) {
        wanted = j->each(j->each_arg, name);
    }
    return name_close(op);
}

struct lsmb_job *lsmb_snapshots_start(struct lsmb_share *share, const char *path,
                                      lsmb_snapshot_fn *each, void *each_arg, lsmb_done_fn *done,
                                      void *arg)
{
    struct snapshots_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->each = each;
    j->each_arg = each_arg;
    j->base.want = name_want(SNAPSHOT_LIST_ACCESS | FILE_READ_ATTRIBUTES, "list the snapshots");
    return job_begin(&j->base.job, &snapshots_kind);
}

enum lsmb_code lsmb_snapshots(struct lsmb_share *share, const char *path, lsmb_snapshot_fn *each,
                              void *each_arg, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_snapshots_start(share, path, each, each_arg, job_wait_done, &wait), &wait,
                    err);
}
