/* attach.c: connecting to the share itself when it is needed first. */
#include "fs/attach.h"

#include <assert.h>
#include <stdlib.h>

#include "fs/connect.h"

static enum op_next begin(struct op *op);
static enum op_next take_lane(struct op *op);
static enum op_next take_tree(struct op *op);

enum { ST_BEGIN, ST_UP, ST_CONNECTED };

static const struct op_step attach_steps[] = {
    [ST_BEGIN] = {"connect to the share", begin, 0},
    [ST_UP] = {"connect once more", take_lane, 0},
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
    free(a->lane);
    a->lane = NULL;
    attach_settle(a->share, op, op_failed(op) ? &op->err : NULL);
}

static const struct op_kind attach_kind = {"attach", attach_steps, release};

void attach_start(struct attach_op *attach, struct op *parent, struct lsmb_share *share)
{
    *attach = (struct attach_op){.share = share};
    op_start_child(parent, &attach->op, &attach_kind);
}

/* The lane is up, and the claim is ours. */
static enum op_next start_tree(struct attach_op *a)
{
    struct lsmb_share *share = a->share;

    tree_connect_start(&a->connect, &a->op, &share->lane->channel, &a->tree, share->unc);
    return op_go(&a->op, ST_CONNECTED);
}

static enum op_next start_lane(struct attach_op *a)
{
    a->lane = malloc(sizeof *a->lane);
    if (!a->lane) {
        return op_fail(&a->op, LSMB_E_NOMEM, "no memory for a connection");
    }
    connect_start(a->lane, &a->op, &a->share->lane);
    return op_go(&a->op, ST_UP);
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
    if (!attach_possible(share)) {
        return share_lost(op, share);
    }
    attach_claim(share, op);
    return share_up(share) ? start_tree(a) : start_lane(a);
}

/* Who gives up leaves it to the next one; who fails does not, for a password that is refused is not tried once
 * more for each file. */
static enum op_next take_lane(struct op *op)
{
    struct attach_op *a = attach_of(op);
    enum op_next next = op_await(op, &a->lane->op);

    if (next == OP_WAIT) {
        return next;
    }
    a->share->anew = false;
    return next == OP_AGAIN ? start_tree(a) : next;
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

bool attach_anew(struct lsmb_share *share, struct lsmb_error *err)
{
    struct lane *fresh = lane_new(share->server, err);

    assert(!share->lost && !share_attached(share));
    if (!fresh) {
        return false;
    }
    share->lost = share->lane;
    share->lane = fresh;
    share->anew = true;
    return true;
}

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
