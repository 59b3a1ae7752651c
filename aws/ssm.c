/* ssm.c: parameters of AWS Systems Manager.  AWS Systems Manager API Reference, "GetParameter". */
#include "aws/json_call.h"

/* {"Parameter": {"Value": ...}} */
static bool take(json_t *answer, char **out, struct lsmb_error *err)
{
    return json_call_text(json_object_get(answer, "Parameter"), "Value", out, err);
}

static const struct json_service get_parameter = {
    .service = SERVICE_SSM,
    .operation = "GetParameter",
    .target = "AmazonSSM.GetParameter",
    .type = "application/x-amz-json-1.1",
    .take = take,
};

static json_t *question(const char *name)
{
    return json_pack("{s:s, s:b}", "Name", name, "WithDecryption", 1);
}

struct lsmb_job *lsmb_s3_parameter_start(struct lsmb_s3 *s3, const char *name, char **value,
                                         lsmb_done_fn *done, void *arg)
{
    return json_call_start(s3, &get_parameter, question(name), value, done, arg);
}

enum lsmb_code lsmb_s3_parameter(struct lsmb_s3 *s3, const char *name, char **value,
                                 struct lsmb_error *err)
{
    return json_call_run(s3, &get_parameter, question(name), value, err);
}
