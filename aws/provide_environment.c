/* provide_environment.c: AWS_ACCESS_KEY_ID and what goes with it. */
#include <stdlib.h>
#include <string.h>

#include "aws/iso_time.h"
#include "aws/provider.h"

static enum op_next no_memory(struct op *op)
{
    return op_fail(op, LSMB_E_NOMEM, "no memory for credentials");
}

/* Each is copied before the next is asked for: a variable's value is good no longer. */
static enum op_next take_token(struct provider_op *p)
{
    const char *token = provider_setting(p, "AWS_SESSION_TOKEN", NULL);

    if (!token) {
        token = provider_setting(p, "AWS_SECURITY_TOKEN", NULL); /* its name in former days */
    }
    p->found.token = token ? strdup(token) : NULL;
    if (token && !p->found.token) {
        return no_memory(&p->op);
    }
    const char *expires = provider_setting(p, "AWS_CREDENTIAL_EXPIRATION", NULL);
    if (expires && !iso_time_read(expires, &p->found.expires_s)) {
        return op_fail(&p->op, LSMB_E_USAGE, "AWS_CREDENTIAL_EXPIRATION \"%s\" is no time",
                       expires);
    }
    return OP_DONE;
}

static enum op_next look(struct op *op)
{
    struct provider_op *p = provider_of(op);
    const char *value = provider_setting(p, "AWS_ACCESS_KEY_ID", NULL);

    if (!value) {
        return OP_DONE;
    }
    p->found.access_key = strdup(value);
    if (!p->found.access_key) {
        return no_memory(op);
    }
    value = provider_setting(p, "AWS_SECRET_ACCESS_KEY", NULL);
    if (!value) {
        return provider_partial(p, "AWS_SECRET_ACCESS_KEY");
    }
    if (!secret_set(&p->found.secret_key, span_of(value))) {
        return no_memory(op);
    }
    return take_token(p);
}

static const struct op_step steps[] = {{"read the environment", look, 0}};

const struct provider provider_environment = {
    "env", sizeof(struct provider_op), {"credentials of the environment", steps, NULL}};
