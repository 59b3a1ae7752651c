/* provide_keys.c: keys that stand in the shared files: first those of the credentials file, later, when nothing else of the
 * profile has given any, those of the config file. */
#include "aws/provider.h"

typedef const char *key_fn(const struct provider_op *p, const char *key);

static const char *shared_key(const struct provider_op *p, const char *key)
{
    return ini_get(&p->want.s3->settings.credentials, p->want.profile, key);
}

/* The credentials file has been looked into before, so what is found now stands in the config file. */
static const char *config_key(const struct provider_op *p, const char *key)
{
    return provider_setting(p, NULL, key);
}

static enum op_next look(struct provider_op *p, key_fn *get)
{
    const char *access_key = get(p, "aws_access_key_id");

    if (!access_key || access_key[0] == '\0') {
        return OP_DONE;
    }
    const char *token = get(p, "aws_session_token");
    if (!token) {
        token = get(p, "aws_security_token"); /* its name in former days */
    }
    return provider_found(p, access_key, get(p, "aws_secret_access_key"), token,
                          "aws_secret_access_key");
}

static enum op_next look_shared(struct op *op)
{
    return look(provider_of(op), shared_key);
}

static enum op_next look_config(struct op *op)
{
    return look(provider_of(op), config_key);
}

static const struct op_step shared_steps[] = {{"read the credentials file", look_shared, 0}};
static const struct op_step config_steps[] = {{"read the config file", look_config, 0}};

const struct provider provider_shared = {
    "shared-credentials-file",
    sizeof(struct provider_op),
    {"credentials of the credentials file", shared_steps, NULL}};

const struct provider provider_config = {"config-file",
                                         sizeof(struct provider_op),
                                         {"credentials of the config file", config_steps, NULL}};
