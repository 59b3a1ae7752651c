/* snapshots.c: which snapshots there are (FSCTL_SRV_ENUMERATE_SNAPSHOTS, MS-SMB2 3.2.4.20.1). */
#include "proto/snapshot.h"

#include "fs/ioctl.h"
#include "fs/names.h"
#include "proto/ioctl.h"

enum {
    COUNT_ROOM = 16,     /* with which a server only says how many there are */
    NAMES_MAX = 1 << 20, /* bytes; Windows has at most 512 snapshots of 50 */
    TRIES_MAX = 4,       /* for all names, while snapshots are being made */
};

struct snapshots_job {
    struct name_job base; /* first */
    lsmb_snapshot_fn *each;
    void *each_arg;
    struct ioctl_op ioctl;
    unsigned tries;
};

static enum op_next ask_size(struct op *op);
static enum op_next take_size(struct op *op);
static enum op_next take_names(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_SIZE, ST_NAMES, ST_CLOSED };

static const struct op_step snapshots_steps[] = {
    [ST_OPEN] = {"list the snapshots", name_open, 0},
    [ST_OPENED] = {"list the snapshots", ask_size, 0},
    [ST_SIZE] = {"list the snapshots", take_size, 0},
    [ST_NAMES] = {"list the snapshots", take_names, 0},
    [ST_CLOSED] = {"list the snapshots", name_closed, 0},
};

static struct snapshots_job *snapshots_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct snapshots_job, base);
}

static void release(struct op *op)
{
    ioctl_drop(&snapshots_of(op)->ioctl);
    name_job_release(op);
}

static const struct op_kind snapshots_kind = {"snapshots", snapshots_steps, release};

static void ask(struct op *op, uint32_t room)
{
    struct snapshots_job *j = snapshots_of(op);

    ioctl_drop(&j->ioctl);
    ioctl_start(&j->ioctl, op, &j->base.open, FSCTL_SRV_ENUMERATE_SNAPSHOTS, (struct span){0},
                room);
}

static enum op_next ask_size(struct op *op)
{
    enum op_next next = op_await(op, &snapshots_of(op)->base.opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    ask(op, COUNT_ROOM);
    return op_go(op, ST_SIZE);
}

/* OP_AGAIN: `array` is what the server has answered. */
static enum op_next take_array(struct op *op, struct srv_snapshot_array *array)
{
    struct snapshots_job *j = snapshots_of(op);
    enum op_next next = name_await(op, &j->ioctl.op);

    if (next == OP_AGAIN && (j->ioctl.cut || !srv_snapshot_array_get(array, j->ioctl.output))) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed list of snapshots");
    }
    return next;
}

/* Ask for all names, which take `bytes`. */
static enum op_next ask_names(struct op *op, uint32_t bytes)
{
    struct snapshots_job *j = snapshots_of(op);
    uint32_t limit = share_transact_limit(j->base.share);

    if (bytes > NAMES_MAX || bytes > limit - COUNT_ROOM) {
        return op_fail(op, LSMB_E_PROTOCOL, "the list of snapshots is too long");
    }
    if (++j->tries > TRIES_MAX) {
        return op_fail(op, LSMB_E_PROTOCOL,
                       "the server's list of snapshots never has the size that it says");
    }
    ask(op, bytes + COUNT_ROOM);
    return op_go(op, ST_NAMES);
}

static enum op_next take_size(struct op *op)
{
    struct srv_snapshot_array array = {0};
    enum op_next next = take_array(op, &array);

    if (next != OP_AGAIN) {
        return next;
    }
    if (array.count > 0) {
        return ask_names(op, array.array_size);
    }
    struct name_job *j = name_job_of(op);
    close_start(&j->closing, op, &j->open, NULL);
    return op_go(op, ST_CLOSED);
}

static enum op_next take_names(struct op *op)
{
    struct snapshots_job *j = snapshots_of(op);
    char name[SNAPSHOT_NAME_LEN + 1];
    struct srv_snapshot_array array = {0};
    enum op_next next = take_array(op, &array);
    bool wanted = true;

    if (next != OP_AGAIN) {
        return next;
    }
    if (array.returned < array.count) { /* MS-SMB2 3.3.5.15.1: all or none */
        return ask_names(op, array.array_size);
    }
    for (uint32_t i = 0; wanted && i < array.returned; i++) {
        if (!srv_snapshot_next(&array.names, name)) {
            return op_fail(op, LSMB_E_PROTOCOL, "the server lists a snapshot that cannot be one");
        }
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
    /* The control's own number says that it takes the right to read (MS-FSCC 2.3). */
    j->base.want = name_want(FILE_READ_DATA | FILE_READ_ATTRIBUTES, "list the snapshots");
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
