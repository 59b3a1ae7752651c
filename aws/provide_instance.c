/* provide_instance.c: the role of the EC2 instance that we run on.  Nobody being there is no error: it is where one looks
 * last.  Amazon EC2 User Guide, "Retrieve security credentials from instance metadata". */
#include <string.h>

#include "aws/document.h"
#include "aws/imds.h"
#include "aws/provider.h"

struct instance_op {
    struct provider_op base; /* first */
    struct imds imds;
};

enum { ST_BEGIN, ST_TOKEN, ST_ROLE, ST_KEYS };

static const char keys_path[] = "/latest/meta-data/iam/security-credentials/";

static struct instance_op *instance_of(struct op *op)
{
    return CONTAINER_OF(op, struct instance_op, base.op);
}

static enum op_next begin(struct op *op)
{
    struct instance_op *x = instance_of(op);
    struct lsmb_error err;

    if (imds_disabled(x->base.want.s3)) {
        return OP_DONE;
    }
    if (!imds_init(&x->imds, x->base.want.s3, x->base.want.profile, &err)) {
        return op_fail_as(op, &err);
    }
    imds_ask_token(&x->imds, op);
    return op_go(op, ST_TOKEN);
}

/* Where there is no answer yet, and where there will be none. */
static enum op_next without(struct op *op, enum imds_said said)
{
    if (said == IMDS_NOT_YET) {
        return OP_WAIT;
    }
    return said == IMDS_BROKEN ? op_fail_as(op, &instance_of(op)->imds.fetch.op.err) : OP_DONE;
}

static enum op_next take_token(struct op *op)
{
    struct instance_op *x = instance_of(op);
    enum imds_said said = imds_answer(&x->imds);

    if (said != IMDS_SAID) {
        return without(op, said);
    }
    if (!imds_take_token(&x->imds)) {
        return OP_DONE;
    }
    imds_ask(&x->imds, op, keys_path, "");
    return op_go(op, ST_ROLE);
}

/* The first line is the role's name. */
static enum op_next take_role(struct op *op)
{
    struct instance_op *x = instance_of(op);
    enum imds_said said = imds_answer(&x->imds);
    char role[128];

    if (said != IMDS_SAID) {
        return without(op, said);
    }
    size_t len = strcspn(x->imds.fetch.text, "\r\n");
    if (len == 0 || len >= sizeof role) {
        return OP_DONE;
    }
    memcpy(role, x->imds.fetch.text, len);
    role[len] = '\0';
    /* IAM API Reference, "CreateInstanceProfile": what a name is made of; all of it goes into a URL as it is. */
    if (strspn(role, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-") !=
        len) {
        return OP_DONE;
    }
    imds_ask(&x->imds, op, keys_path, role);
    return op_go(op, ST_KEYS);
}

/* "Code": "Success", else there is a reason why there are none. */
static bool successful(struct op *op, const json_t *document)
{
    const char *code = document_text(document, "Code");

    if (!code || strcmp(code, "Success") == 0) {
        return document_text(document, "AccessKeyId") != NULL;
    }
    log_line(&op->env->log, LSMB_LOG_INFO, "instance metadata: no credentials: %.80s", code);
    return false;
}

static enum op_next take_keys(struct op *op)
{
    struct instance_op *x = instance_of(op);
    enum imds_said said = imds_answer(&x->imds);
    const struct fetch *f = &x->imds.fetch;
    struct lsmb_error err;

    if (said != IMDS_SAID) {
        return without(op, said);
    }
    json_t *document = document_read(f->text, f->len, &err);
    if (!document) {
        return provider_fail(&x->base, &err);
    }
    bool good = successful(op, document);
    document_free(document);
    if (!good) {
        return OP_DONE;
    }
    x->base.steady = true;
    return provider_found_json(&x->base, f->text, f->len, "Token");
}

static void release(struct op *op)
{
    imds_free(&instance_of(op)->imds);
}

static const struct op_step steps[] = {
    [ST_BEGIN] = {"ask the instance for credentials", begin, 0},
    [ST_TOKEN] = {"ask the instance for credentials", take_token, 0},
    [ST_ROLE] = {"ask the instance for credentials", take_role, 0},
    [ST_KEYS] = {"ask the instance for credentials", take_keys, 0},
};

const struct provider provider_instance = {
    "iam-role", sizeof(struct instance_op), {"credentials of the instance", steps, release}};
