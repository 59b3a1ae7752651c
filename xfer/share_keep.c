/* share_keep.c: taking a temporary's deletion mark back, and seeing that it is gone. */
#include "xfer/share_keep.h"

#include "fs/share.h"
#include "proto/fscc.h"
#include "proto/negotiate.h"
#include "xfer/share_look.h"

static enum op_next take_back(struct op *op);
static enum op_next see(struct op *op);

enum { ST_TAKE_BACK, ST_SEE };

static const struct op_step keep_steps[] = {
    [ST_TAKE_BACK] = {"keep the temporary file", take_back, 0},
    [ST_SEE] = {"keep the temporary file", see, 0},
};

static struct share_keep *keep_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_keep, op);
}

static void release(struct op *op)
{
    query_info_drop(&keep_of(op)->query);
}

static const struct op_kind keep_kind = {"keep a temporary", keep_steps, release};

void share_keep_start(struct share_keep *keep, struct op *parent, struct open *temp)
{
    *keep = (struct share_keep){.temp = temp};
    op_start_child(parent, &keep->op, &keep_kind);
}

bool share_cannot_unmark(struct lsmb_share *share)
{
    return share_seen(share)->unmarks_not || share_dialect(share) == SMB2_DIALECT_202;
}

enum op_next share_keep_refused(struct op *op)
{
    return op_fail(op, LSMB_E_PROTOCOL,
                   "the server does not take back that the temporary file is to be deleted");
}

/* Both go out together: servers do in order what comes in order, nearly always. */
static enum op_next take_back(struct op *op)
{
    struct share_keep *k = keep_of(op);

    dispose_start(&k->setting, op, k->temp, false);
    query_standard_start(&k->query, op, k->temp);
    return op_go(op, ST_SEE);
}

static enum op_next see(struct op *op)
{
    struct share_keep *k = keep_of(op);
    struct file_standard_information info;

    if (!op_finished(&k->setting.op) || !op_finished(&k->query.op)) {
        return OP_WAIT;
    }
    if (op_failed(&k->setting.op)) {
        return op_fail_as(op, &k->setting.op.err);
    }
    if (share_forged(&k->query.op)) {
        return op_fail_as(op, &k->query.op.err);
    }
    if (op_failed(&k->query.op) || !file_standard_information_get(&info, k->query.data)) {
        return OP_DONE; /* a server that cannot say is taken at its first word */
    }
    if (!info.delete_pending) {
        share_seen(k->temp->share)->unmarks = true;
        return OP_DONE;
    }
    if (k->asked_again) {
        share_seen(k->temp->share)->unmarks_not = true;
        return share_keep_refused(op);
    }
    k->asked_again = true;
    query_info_drop(&k->query);
    query_standard_start(&k->query, op, k->temp);
    return OP_WAIT;
}
