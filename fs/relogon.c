/* relogon.c: logging on once more on a lane whose logon has run out. */
#include "fs/relogon.h"

#include "fs/connect.h"

static enum op_next begin(struct op *op);
static enum op_next take_logon(struct op *op);

enum { ST_BEGIN, ST_LOGGED_ON };

static const struct op_step relogon_steps[] = {
    [ST_BEGIN] = {"log on again", begin, 0},
    [ST_LOGGED_ON] = {"log on again", take_logon, 0}, /* the child has limits of its own */
};

static struct relogon *relogon_of(struct op *op)
{
    return CONTAINER_OF(op, struct relogon, op);
}

static void release(struct op *op)
{
    struct relogon *r = relogon_of(op);

    mech_free(r->mech);
    r->mech = NULL;
    r->running = false;
    if (op_failed(op)) {
        session_die(&r->lane->session, &op->err);
    }
}

static const struct op_kind relogon_kind = {"log on again", relogon_steps, release};

static enum op_next begin(struct op *op)
{
    struct relogon *r = relogon_of(op);

    r->mech = lane_mech(r->lane);
    if (!r->mech) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to log on");
    }
    logon_again_start(&r->logon, op, &r->lane->channel, r->mech);
    return op_go(op, ST_LOGGED_ON);
}

static enum op_next take_logon(struct op *op)
{
    enum op_next next = op_await(op, &relogon_of(op)->logon.op);

    if (next != OP_AGAIN) {
        return next;
    }
    op->env->stats.sum.logons++;
    return OP_DONE;
}

static void on_expired(struct ready *ready)
{
    struct relogon *r = CONTAINER_OF(ready, struct relogon, expired);
    struct env *env = r->lane->session.env;

    if (!r->running) {
        log_line(&env->log, LSMB_LOG_INFO, "%s: the logon has run out", r->lane->server->host);
        r->running = true;
        op_start(&r->op, env, &relogon_kind, NULL);
    }
}

void relogon_watch(struct relogon *relogon, struct lane *lane)
{
    relogon->lane = lane;
    relogon->expired = (struct ready){.run = on_expired};
    lane->session.expired = &relogon->expired;
}

void relogon_stop(struct relogon *relogon)
{
    if (relogon->running) {
        op_abort(&relogon->op);
    }
    ready_forget(&relogon->expired);
}
