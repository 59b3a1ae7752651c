/* secrets.c: secrets of AWS Secrets Manager.  AWS Secrets Manager API Reference, "GetSecretValue". */
#include "aws/json_call.h"

static bool take(json_t *answer, char **out, struct lsmb_error *err)
{
    if (!json_object_get(answer, "SecretString") && json_object_get(answer, "SecretBinary")) {
        error_set(err, LSMB_E_USAGE, "the secret is binary, and a text is needed");
        return false;
    }
    return json_call_text(answer, "SecretString", out, err);
}

static const struct json_service get_secret_value = {
    .service = SERVICE_SECRETS,
    .operation = "GetSecretValue",
    .target = "secretsmanager.GetSecretValue",
    .type = "application/x-amz-json-1.1",
    .take = take,
};

static json_t *question(const char *id)
{
    return json_pack("{s:s}", "SecretId", id);
}

struct lsmb_job *lsmb_s3_secret_start(struct lsmb_s3 *s3, const char *id, char **value,
                                      lsmb_done_fn *done, void *arg)
{
    return json_call_start(s3, &get_secret_value, question(id), value, done, arg);
}

enum lsmb_code lsmb_s3_secret(struct lsmb_s3 *s3, const char *id, char **value,
                              struct lsmb_error *err)
{
    return json_call_run(s3, &get_secret_value, question(id), value, err);
}
