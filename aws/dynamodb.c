/* dynamodb.c: items of DynamoDB tables.  Amazon DynamoDB API Reference, "GetItem". */
#include "aws/attribute.h"
#include "aws/json_call.h"

/* {"Item": {...}}; where there is no such item, nothing is said of it. */
static bool take(json_t *answer, char **out, struct lsmb_error *err)
{
    json_t *item = json_object_get(answer, "Item");

    if (!item) {
        return true;
    }
    *out = attributes_write(item, err);
    return *out != NULL;
}

static const struct json_service get_item = {
    .service = SERVICE_DYNAMODB,
    .operation = "GetItem",
    .target = "DynamoDB_20120810.GetItem",
    .type = "application/x-amz-json-1.0",
    .take = take,
};

static json_t *question(const char *table, const char *key_name, const char *key)
{
    return json_pack("{s:s, s:{s:{s:s}}}", "TableName", table, "Key", key_name, "S", key);
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_s3_item_start(struct lsmb_s3 *s3, const char *table, const char *key_name,
                                    const char *key, char **json, lsmb_done_fn *done, void *arg)
{
    return json_call_start(s3, &get_item, question(table, key_name, key), json, done, arg);
}

enum lsmb_code lsmb_s3_item(struct lsmb_s3 *s3, const char *table, const char *key_name,
                            const char *key, char **json, struct lsmb_error *err)
{
    return json_call_run(s3, &get_item, question(table, key_name, key), json, err);
}
