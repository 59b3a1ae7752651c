/* snapshot_find.c: asked of what was opened, and of the share's root before it is given up: which files have a
 * list, and whether those in a snapshot have one, is the server's affair.  One that lists snapshots anywhere
 * knows what the time in a CREATE means. */
#include "fs/snapshot_find.h"

static enum op_next ask_here(struct op *op);
static enum op_next take_here(struct op *op);
static enum op_next ask_root(struct op *op);
static enum op_next take_root(struct op *op);

enum { ST_ASK, ST_HERE, ST_ROOT_OPENED, ST_ROOT };

static const struct op_step find_steps[] = {
    [ST_ASK] = {"look for the snapshot", ask_here, 0},
    [ST_HERE] = {"look for the snapshot", take_here, 0},
    [ST_ROOT_OPENED] = {"look for the snapshot", ask_root, 0},
    [ST_ROOT] = {"look for the snapshot", take_root, 0},
};

static struct snapshot_find_op *find_of(struct op *op)
{
    return CONTAINER_OF(op, struct snapshot_find_op, op);
}

static void release(struct op *op)
{
    struct snapshot_find_op *f = find_of(op);

    snapshot_list_drop(&f->listing);
    open_drop(&f->root);
}

static const struct op_kind find_kind = {"find a snapshot", find_steps, release};

void snapshot_find_start(struct snapshot_find_op *op, struct op *parent, struct open *open,
                         uint64_t when)
{
    *op = (struct snapshot_find_op){.open = open, .when = when};
    op_start_child(parent, &op->op, &find_kind);
}

/* The server itself has refused. */
static bool was_refused(const struct op *child)
{
    return child->err.nt_status != 0 && child->err.code != LSMB_E_SECURITY;
}

static enum op_next fail_not_listed(struct op *op)
{
    return op_fail(op, LSMB_E_NOT_FOUND,
                   find_of(op)->listed ? "the server has no snapshot of that time"
                                       : "the server has no snapshots, only what is there today");
}

/* OP_AGAIN: it is not in the list of what was asked last, or there is none. */
static enum op_next look(struct op *op)
{
    struct snapshot_find_op *f = find_of(op);
    const struct op *child = &f->listing.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child)) {
        return was_refused(child) ? OP_AGAIN : op_fail_as(op, &child->err);
    }
    f->listed = f->listed || f->listing.count > 0;
    return snapshot_list_has(&f->listing, f->when) ? OP_DONE : OP_AGAIN;
}

static enum op_next ask_here(struct op *op)
{
    struct snapshot_find_op *f = find_of(op);

    snapshot_list_start(&f->listing, op, f->open);
    return op_go(op, ST_HERE);
}

static enum op_next take_here(struct op *op)
{
    static const struct open_want want = {
        .access = SNAPSHOT_LIST_ACCESS | FILE_READ_ATTRIBUTES,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_DIRECTORY_FILE,
    };
    struct snapshot_find_op *f = find_of(op);
    enum op_next next = look(op);

    if (next != OP_AGAIN) {
        return next;
    }
    open_start(&f->opening, op, f->open->share, "", &want, &f->root);
    return op_go(op, ST_ROOT_OPENED);
}

static enum op_next ask_root(struct op *op)
{
    struct snapshot_find_op *f = find_of(op);
    const struct op *child = &f->opening.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child)) {
        return was_refused(child) ? fail_not_listed(op) : op_fail_as(op, &child->err);
    }
    snapshot_list_drop(&f->listing);
    snapshot_list_start(&f->listing, op, &f->root);
    return op_go(op, ST_ROOT);
}

static enum op_next take_root(struct op *op)
{
    enum op_next next = look(op);

    return next == OP_AGAIN ? fail_not_listed(op) : next;
}
