/* provide_sso.c: profiles that somebody logs in to with a browser.  Their tokens are the AWS CLI's own, so it is asked for
 * credentials, by the user.  Looked at after the keys of a profile: where both are there, the keys were put in for
 * programs that cannot do it. */
#include "aws/provider.h"

static enum op_next look(struct op *op)
{
    static const char *const keys[] = {"sso_session", "sso_start_url", "sso_account_id",
                                       "login_session"};
    struct provider_op *p = provider_of(op);
    const char *found = NULL;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && !found; i++) {
        found = provider_setting(p, NULL, keys[i]) ? keys[i] : NULL;
    }
    if (!found) {
        return OP_DONE;
    }
    (void)op_fail(op, LSMB_E_AUTH,
                  "profile \"%s\" is logged in to with a browser (%s), which cannot be done here",
                  p->want.profile, found);
    error_advise(&op->err,
                 "set the variables that 'aws configure export-credentials --profile %s --format "
                 "env' prints, or use a profile with: credential_process = aws configure "
                 "export-credentials --profile %s",
                 p->want.profile, p->want.profile);
    return OP_FAIL;
}

static const struct op_step steps[] = {{"log in", look, 0}};

const struct provider provider_sso = {
    "sso", sizeof(struct provider_op), {"credentials of a login", steps, NULL}};
