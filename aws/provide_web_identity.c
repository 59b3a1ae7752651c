/* provide_web_identity.c: a token of somebody else's (a cluster's, a pipeline's) is exchanged for a role.
 * AWS STS API Reference, "AssumeRoleWithWebIdentity". */
#include <stdlib.h>
#include <string.h>

#include "aws/provider.h"
#include "aws/small_file.h"
#include "aws/sts.h"

struct web_op {
    struct provider_op base; /* first */
    char *role, *session, *token;
    struct sts sts;
};

enum { ST_ASK, ST_ANSWER };

static struct web_op *web_of(struct op *op)
{
    return CONTAINER_OF(op, struct web_op, base.op);
}

/* A copy, since a variable's value is good until the next is asked for.  False without memory. */
static bool copy_setting(const struct provider_op *p, const char *variable, const char *key,
                         char **out)
{
    const char *value = provider_setting(p, variable, key);

    *out = value ? strdup(value) : NULL;
    return *out || !value;
}

static enum op_next ask(struct op *op)
{
    struct web_op *w = web_of(op);
    struct provider_op *p = &w->base;
    struct lsmb_error err;

    if (!copy_setting(p, "AWS_ROLE_ARN", "role_arn", &w->role) ||
        !copy_setting(p, "AWS_ROLE_SESSION_NAME", "role_session_name", &w->session)) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to ask for a role");
    }
    const char *path =
        provider_setting(p, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (!path) {
        return OP_DONE;
    }
    if (!w->role) {
        return op_fail(op, LSMB_E_USAGE,
                       "The provided profile or the current environment is configured to assume "
                       "role with web identity but has no role ARN configured (role_arn, or "
                       "AWS_ROLE_ARN)");
    }
    w->token =
        small_file_read(path, &err); /* anew at every time: it is replaced before it expires */
    if (!w->token) {
        return provider_fail(p, &err);
    }
    struct sts_want want = {.action = "AssumeRoleWithWebIdentity",
                            .role_arn = w->role,
                            .session = w->session,
                            .more = {{"WebIdentityToken", w->token}},
                            .more_count = 1};
    if (!sts_start(&w->sts, op, p->want.s3, &want)) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to ask for a role");
    }
    return op_go(op, ST_ANSWER);
}

static enum op_next take_answer(struct op *op)
{
    struct web_op *w = web_of(op);
    enum op_next next = op_await(op, &w->sts.call.op);
    struct lsmb_error err;

    if (next != OP_AGAIN) {
        return next;
    }
    if (!sts_take(&w->sts, &w->base.found, &err)) {
        return provider_fail(&w->base, &err);
    }
    return OP_DONE;
}

static void release(struct op *op)
{
    struct web_op *w = web_of(op);

    sts_free(&w->sts);
    small_text_free(w->token);
    free(w->role);
    free(w->session);
    w->token = w->role = w->session = NULL;
}

static const struct op_step steps[] = {
    [ST_ASK] = {"assume the role", ask, 0},
    [ST_ANSWER] = {"assume the role", take_answer, 0},
};

const struct provider provider_web_identity = {
    "assume-role-with-web-identity", sizeof(struct web_op), {"web identity", steps, release}};
