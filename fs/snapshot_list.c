/* snapshot_list.c: one question, and more only where there are very many snapshots. */
#include "fs/snapshot_list.h"

#include "base/ntstatus.h"
#include "fs/path.h"
#include "proto/ioctl.h"
#include "proto/snapshot.h"

enum {
    COUNT_ROOM = 16, /* with which a server only says how many there are */
    FIRST_ROOM =
        1 << 16,         /* one credit pays for it; Windows has at most 512 snapshots of 50 bytes */
    NAMES_MAX = 1 << 20, /* bytes */
    TRIES_MAX = 4,       /* for all names, while snapshots are being made */
};

static enum op_next ask_first(struct op *op);
static enum op_next take_names(struct op *op);
static enum op_next take_size(struct op *op);

enum { ST_ASK, ST_NAMES, ST_SIZE };

static const struct op_step list_steps[] = {
    [ST_ASK] = {"list the snapshots", ask_first, 0},
    [ST_NAMES] = {"list the snapshots", take_names, 0},
    [ST_SIZE] = {"list the snapshots", take_size, 0}, /* and back */
};

static struct snapshot_list_op *list_of(struct op *op)
{
    return CONTAINER_OF(op, struct snapshot_list_op, op);
}

static void release(struct op *op)
{
    if (op_failed(op)) {
        snapshot_list_drop(list_of(op));
    }
}

static const struct op_kind list_kind = {"snapshots", list_steps, release};

void snapshot_list_start(struct snapshot_list_op *op, struct op *parent, struct open *open)
{
    *op = (struct snapshot_list_op){.open = open};
    op_start_child(parent, &op->op, &list_kind);
}

void snapshot_list_drop(struct snapshot_list_op *op)
{
    ioctl_drop(&op->ioctl);
    op->names = (struct span){0};
    op->count = 0;
}

/* ---------------------------------------------------------------- steps */

static enum op_next ask(struct op *op, uint32_t room, unsigned step)
{
    struct snapshot_list_op *l = list_of(op);

    if (++l->tries > TRIES_MAX) {
        return op_fail(op, LSMB_E_PROTOCOL,
                       "the server's list of snapshots never has the size that it says");
    }
    ioctl_drop(&l->ioctl);
    ioctl_start(&l->ioctl, op, l->open, FSCTL_SRV_ENUMERATE_SNAPSHOTS, (struct span){0}, room);
    return op_go(op, step);
}

static enum op_next ask_first(struct op *op)
{
    const struct lsmb_share *share = list_of(op)->open->share;

    if (!share_up(share)) {
        return share_lost(op, share);
    }
    uint32_t limit = share_transact_limit(share);
    return ask(op, limit < FIRST_ROOM ? limit : FIRST_ROOM, ST_NAMES);
}

/* Ask for all names, which take `bytes`. */
static enum op_next ask_names(struct op *op, uint32_t bytes)
{
    const struct lsmb_share *share = list_of(op)->open->share;

    if (!share_up(share)) {
        return share_lost(op, share);
    }
    if (bytes > NAMES_MAX || bytes > share_transact_limit(share) - COUNT_ROOM) {
        return op_fail(op, LSMB_E_PROTOCOL, "the list of snapshots is too long");
    }
    return ask(op, bytes + COUNT_ROOM, ST_NAMES);
}

/* OP_AGAIN: `array` is what the server has answered. */
static enum op_next take_array(struct op *op, struct srv_snapshot_array *array)
{
    struct snapshot_list_op *l = list_of(op);
    enum op_next next = op_await(op, &l->ioctl.op);

    if (next == OP_AGAIN && (l->ioctl.cut || !srv_snapshot_array_get(array, l->ioctl.output))) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed list of snapshots");
    }
    return next;
}

/* Samba fails where all names do not fit, and tells how many there are only to who asks for no more. */
static bool room_was_short(const struct op *child)
{
    return op_finished(child) && child->err.code != LSMB_E_SECURITY &&
           nt_status_is(child->err.nt_status, STATUS_BUFFER_TOO_SMALL);
}

static bool all_are_names(const struct srv_snapshot_array *array)
{
    struct span names = array->names;
    char name[SNAPSHOT_NAME_LEN + 1];
    uint32_t count = 0;

    while (count < array->returned && srv_snapshot_next(&names, name)) {
        count++;
    }
    return count == array->returned;
}

static enum op_next take_names(struct op *op)
{
    struct snapshot_list_op *l = list_of(op);
    struct srv_snapshot_array array = {0};

    if (room_was_short(&l->ioctl.op)) {
        return ask(op, COUNT_ROOM, ST_SIZE);
    }
    enum op_next next = take_array(op, &array);
    if (next != OP_AGAIN) {
        return next;
    }
    if (array.returned < array.count) { /* MS-SMB2 3.3.5.15.1: all or none */
        return ask_names(op, array.array_size);
    }
    if (!all_are_names(&array)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server lists a snapshot that cannot be one");
    }
    l->names = array.names;
    l->count = array.returned;
    return OP_DONE;
}

static enum op_next take_size(struct op *op)
{
    struct srv_snapshot_array array = {0};
    enum op_next next = take_array(op, &array);

    if (next != OP_AGAIN) {
        return next;
    }
    return array.count > 0 ? ask_names(op, array.array_size) : OP_DONE;
}

/* ---------------------------------------------------------------- what has come */

bool snapshot_list_has(const struct snapshot_list_op *op, uint64_t when)
{
    struct span names = op->names;
    char name[SNAPSHOT_NAME_LEN + 1];

    for (uint32_t i = 0; i < op->count && srv_snapshot_next(&names, name); i++) {
        if (path_snapshot_time(name) == when) {
            return true;
        }
    }
    return false;
}
