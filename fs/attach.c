/* attach.c: connecting to the share itself when it is needed first. */
#include "fs/attach.h"

#include <assert.h>

static enum op_next begin(struct op *op);
static enum op_next take_tree(struct op *op);

enum { ST_BEGIN, ST_CONNECTED };

static const struct op_step attach_steps[] = {
    [ST_BEGIN] = {"connect to the share", begin, 0},
    [ST_CONNECTED] = {"connect to the share", take_tree, 0},
};

static struct attach_op *attach_of(struct op *op)
{
    return CONTAINER_OF(op, struct attach_op, op);
}

static void release(struct op *op)
{
    struct attach_op *a = attach_of(op);

    if (op_failed(op)) {
        error_path(&op->err, a->share->unc);
    }
    if (!share_attached(a->share) && share_up(a->share)) {
        tree_disconnect(&a->tree, &a->share->lane->channel); /* harmless where there is none */
    }
    list_remove(&a->node);
    attach_settle(a->share, op, op_failed(op) ? &op->err : NULL);
}

static const struct op_kind attach_kind = {"attach", attach_steps, release};

void attach_start(struct attach_op *attach, struct op *parent, struct lsmb_share *share)
{
    *attach = (struct attach_op){.share = share};
    op_start_child(parent, &attach->op, &attach_kind);
}

static enum op_next begin(struct op *op)
{
    struct attach_op *a = attach_of(op);
    struct lsmb_share *share = a->share;

    if (share_attached(share)) {
        return OP_DONE;
    }
    if (share->attaching) { /* who may be at a connection, too */
        if (!list_linked(&a->node)) {
            list_push_back(&share->waiting, &a->node);
        }
        return OP_WAIT;
    }
    if (!share_up(share)) {
        return share_lost(op, share);
    }
    attach_claim(share, op);
    tree_connect_start(&a->connect, op, &share->lane->channel, &a->tree, share->unc);
    return op_go(op, ST_CONNECTED);
}

/* The share has its tree when NEGOTIATE has been validated there, too. */
static enum op_next take_tree(struct op *op)
{
    struct attach_op *a = attach_of(op);
    enum op_next next = op_await(op, &a->connect.op);

    if (next != OP_AGAIN) {
        return next;
    }
    a->share->tree = a->tree;
    return OP_DONE;
}

/* ---------------------------------------------------------------- the one who connects */

void attach_claim(struct lsmb_share *share, struct op *op)
{
    assert(!share->attaching && !share_attached(share));
    share->attaching = op;
    list_init(&share->waiting);
}

void attach_settle(struct lsmb_share *share, const struct op *op, const struct lsmb_error *err)
{
    if (share->attaching != op) {
        return;
    }
    share->attaching = NULL;
    LIST_EACH(node, &share->waiting)
    {
        struct attach_op *other = CONTAINER_OF(node, struct attach_op, node);
        list_remove(&other->node);
        if (err) {
            op_cancel(&other->op, err);
        } else {
            op_wake(&other->op); /* it is done, or the first of them takes over */
        }
    }
}
