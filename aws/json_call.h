/* json_call.h: one question to a service that speaks JSON (DynamoDB, SSM, Secrets Manager), as a job.
 * AWS JSON 1.0 and 1.1 protocols (Smithy). */
#ifndef LSMB_AWS_JSON_CALL_H
#define LSMB_AWS_JSON_CALL_H

#include <jansson.h>

#include "aws/call.h"
#include "aws/job.h"

/* What a service is asked: a constant of its file. */
struct json_service {
    enum service service;
    const char *operation; /* "GetItem" */
    const char *target;    /* "DynamoDB_20120810.GetItem" */
    const char *type;      /* "application/x-amz-json-1.0" */
    /* Take what is wanted out of the answer: `*out` is the caller's to free, or NULL where there is none.  False with
     * `err` filled in. */
    bool (*take)(json_t *answer, char **out, struct lsmb_error *err);
};

/* The question itself is consumed; it may be NULL for want of memory.  As every start form and blocking form. */
struct lsmb_job *json_call_start(struct lsmb_s3 *s3, const struct json_service *service,
                                 json_t *question, char **out, lsmb_done_fn *done, void *arg);
enum lsmb_code json_call_run(struct lsmb_s3 *s3, const struct json_service *service,
                             json_t *question, char **out, struct lsmb_error *err);

/* For `take`: a copy of the string at `object`'s `key`.  False with `err` filled in: there is none, it has a zero byte in
 * it, or memory lacks. */
bool json_call_text(const json_t *object, const char *key, char **out, struct lsmb_error *err);

#endif
