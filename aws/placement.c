#include "aws/placement.h"

#include <stdlib.h>
#include <string.h>

enum { ST_BEGIN, ST_TOKEN, ST_REGION, REGION_MAX = 31 };

static struct placement *placement_of(struct op *op)
{
    return CONTAINER_OF(op, struct placement, op);
}

static enum op_next begin(struct op *op)
{
    struct placement *p = placement_of(op);
    struct lsmb_error err;

    if (imds_disabled(p->imds.s3)) {
        return OP_DONE;
    }
    if (!imds_init(&p->imds, p->imds.s3, p->imds.s3->settings.profile, &err)) {
        return op_fail_as(op, &err);
    }
    imds_ask_token(&p->imds, op);
    return op_go(op, ST_TOKEN);
}

/* Where there is no answer yet, and where there will be none. */
static enum op_next without(struct op *op, enum imds_said said)
{
    if (said == IMDS_NOT_YET) {
        return OP_WAIT;
    }
    return said == IMDS_BROKEN ? op_fail_as(op, &placement_of(op)->imds.fetch.op.err) : OP_DONE;
}

static enum op_next take_token(struct op *op)
{
    struct placement *p = placement_of(op);
    enum imds_said said = imds_answer(&p->imds);

    if (said != IMDS_SAID) {
        return without(op, said);
    }
    if (!imds_take_token(&p->imds)) {
        return OP_DONE;
    }
    imds_ask(&p->imds, op, "/latest/meta-data/placement/region", "");
    return op_go(op, ST_REGION);
}

static bool is_region(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= REGION_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static enum op_next take_region(struct op *op)
{
    struct placement *p = placement_of(op);
    struct settings *settings = &p->imds.s3->settings;
    enum imds_said said = imds_answer(&p->imds);

    if (said != IMDS_SAID) {
        return without(op, said);
    }
    if (is_region(p->imds.fetch.text) && !settings->region) {
        settings->region = strdup(p->imds.fetch.text);
        if (!settings->region) {
            return op_fail(op, LSMB_E_NOMEM, "no memory for the region");
        }
        log_line(&op->env->log, LSMB_LOG_DEBUG, "region: the instance's, %s", settings->region);
    }
    return OP_DONE;
}

static void release(struct op *op)
{
    imds_free(&placement_of(op)->imds);
}

static const struct op_step steps[] = {
    [ST_BEGIN] = {"ask the instance for its region", begin, 0},
    [ST_TOKEN] = {"ask the instance for its region", take_token, 0},
    [ST_REGION] = {"ask the instance for its region", take_region, 0},
};

static const struct op_kind kind = {"find the region", steps, release};

void placement_start(struct placement *placement, struct op *parent, struct lsmb_s3 *s3)
{
    *placement = (struct placement){.imds = {.s3 = s3}};
    op_start_child(parent, &placement->op, &kind);
}
