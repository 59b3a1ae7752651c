#include "aws/json_call.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "aws/document.h"
#include "aws/small_file.h"

enum { TRIES = 3, ANSWER_MAX = 1 << 20 };

struct json_job {
    struct s3_job base; /* first */
    const struct json_service *service;
    char **out;
    char *body; /* owned */
    struct span piece;
    struct call call;
    unsigned tries;
};

enum { ST_ASK, ST_ANSWER };

static struct json_job *job_of(struct op *op)
{
    return CONTAINER_OF(op, struct json_job, base.op);
}

static enum op_next ask(struct op *op)
{
    struct json_job *j = job_of(op);
    struct call_want want = {
        .service = j->service->service,
        .operation = j->service->operation,
        .method = "POST",
        .headers = {{"content-type", j->service->type}, {"x-amz-target", j->service->target}},
        .header_count = 2,
        .body = &j->piece,
        .body_count = 1,
        .answer_max = ANSWER_MAX,
    };

    j->tries++;
    j->piece = span_of(j->body);
    call_free(&j->call);
    j->call = (struct call){.s3 = j->base.s3};
    call_start(&j->call, op, j->base.s3, &want, NULL);
    return op_go(op, ST_ANSWER);
}

/* DynamoDB sends along what CRC-32 its answer has. */
static bool arrived_whole(const struct call *call)
{
    const char *said = call_header(call, "x-amz-crc32");

    if (!said) {
        return true;
    }
    char *end;
    unsigned long long crc = strtoull(said, &end, 10);
    return end != said && *end == '\0' &&
           crc == crc32_z(0, (const Bytef *)call->answer, call->answer_len);
}

/* What cannot be read may not come from the service at all. */
static enum op_next fail_with(struct op *op, const struct lsmb_error *why)
{
    struct lsmb_error err;

    error_set(&err, why->code, "%s: %s", job_of(op)->service->operation, why->reason);
    if (why->code == LSMB_E_PROTOCOL) {
        error_advise(&err, "check the endpoint, and the proxy");
    }
    return op_fail_as(op, &err);
}

static enum op_next take_answer(struct op *op)
{
    struct json_job *j = job_of(op);
    enum op_next next = op_await(op, &j->call.op);
    struct lsmb_error err;

    if (next != OP_AGAIN) {
        return next;
    }
    if (!arrived_whole(&j->call)) {
        if (j->tries < TRIES) {
            log_line(&op->env->log, LSMB_LOG_INFO, "%s: the answer's checksum is wrong: once more",
                     j->service->operation);
            return op_go(op, ST_ASK);
        }
        return op_fail(op, LSMB_E_PROTOCOL, "the answer's checksum (x-amz-crc32) is wrong");
    }
    json_t *answer = document_read(j->call.answer ? j->call.answer : "", j->call.answer_len, &err);
    if (!answer) {
        return fail_with(op, &err);
    }
    bool taken = j->service->take(answer, j->out, &err);
    document_free(answer);
    return taken ? OP_DONE : fail_with(op, &err);
}

static void release(struct op *op)
{
    struct json_job *j = job_of(op);

    call_free(&j->call);
    free(j->body);
    j->body = NULL;
}

static const struct op_step steps[] = {
    [ST_ASK] = {"ask the service", ask, 0},
    [ST_ANSWER] = {"ask the service", take_answer, 0},
};

static const struct op_kind kind = {"question to a service", steps, release};

static struct json_job *new_job(struct lsmb_s3 *s3, const struct json_service *service,
                                json_t *question, char **out)
{
    struct json_job *j = question ? s3_job_new(s3, sizeof *j) : NULL;

    *out = NULL;
    if (j) {
        j->service = service;
        j->out = out;
        j->body = json_dumps(question, JSON_COMPACT);
    }
    json_decref(question);
    if (j && !j->body) {
        free(j);
        return NULL;
    }
    return j;
}

struct lsmb_job *json_call_start(struct lsmb_s3 *s3, const struct json_service *service,
                                 json_t *question, char **out, lsmb_done_fn *done, void *arg)
{
    struct json_job *j = new_job(s3, service, question, out);

    return j ? s3_job_start(&j->base, &kind, done, arg) : NULL;
}

enum lsmb_code json_call_run(struct lsmb_s3 *s3, const struct json_service *service,
                             json_t *question, char **out, struct lsmb_error *err)
{
    struct json_job *j = new_job(s3, service, question, out);

    return s3_job_run(j ? &j->base : NULL, &kind, err);
}

bool json_call_text(const json_t *object, const char *key, char **out, struct lsmb_error *err)
{
    const char *text = document_text(object, key);

    if (!text) {
        error_set(err, LSMB_E_PROTOCOL, "the answer has no %s that is a text", key);
        return false;
    }
    *out = strdup(text);
    if (!*out) {
        error_set(err, LSMB_E_NOMEM, "no memory for the answer");
    }
    return *out != NULL;
}

void lsmb_s3_text_free(char *text)
{
    small_text_free(text);
}
