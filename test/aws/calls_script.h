/* calls_script.h: the requests of aws/ without a service: what is asked for is kept until a test answers it.
 *
 * For one file of a test program, which gets it in the place of aws/call.c.
 *
 *     struct call *call = scripted_one("UploadPart");   // fails the test if none is open
 *     ck_assert_str_eq(scripted_query(call, "partNumber"), "3");
 *     scripted_say(call, "etag", "\"abc\"");
 *     scripted_answer(call, "");                        // a success with this body
 */
#ifndef LSMB_TEST_AWS_CALLS_SCRIPT_H
#define LSMB_TEST_AWS_CALLS_SCRIPT_H

#include "aws/call.h"
#include "test/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SCRIPTED_MAX = 64, SCRIPTED_HEADERS = 8 };

struct call_try {
    bool answered;
    struct lsmb_error err;
    unsigned status, headers;
    bool begun;       /* whoever has a reader was told of the head */
    uint64_t at, end; /* of what he reads */
    char names[SCRIPTED_HEADERS][64], values[SCRIPTED_HEADERS][256];
};

static struct {
    struct call *open[SCRIPTED_MAX]; /* oldest first */
    unsigned count;
    unsigned begun, dropped; /* in all; that nobody waited for any more */
} scripted;

static enum op_next scripted_wait(struct op *op)
{
    const struct call *call = CONTAINER_OF(op, struct call, op);

    if (!call->attempt) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for a request");
    }
    if (!call->attempt->answered) {
        return OP_WAIT;
    }
    return call->attempt->err.code != LSMB_OK ? op_fail_as(op, &call->attempt->err) : OP_DONE;
}

static void scripted_release(struct op *op)
{
    const struct call *call = CONTAINER_OF(op, struct call, op);

    for (unsigned i = 0; i < scripted.count; i++) {
        if (scripted.open[i] == call) {
            scripted.count--;
            memmove(scripted.open + i, scripted.open + i + 1,
                    (scripted.count - i) * sizeof(struct call *));
            scripted.dropped += call->attempt && !call->attempt->answered;
            return;
        }
    }
}

static const struct op_step scripted_steps[] = {{"ask the script", scripted_wait, 0}};
static const struct op_kind scripted_kind = {"request", scripted_steps, scripted_release};

void call_start(struct call *call, struct op *parent, struct lsmb_s3 *s3,
                const struct call_want *want, void (*on_done)(struct op *))
{
    call_free(call);
    *call = (struct call){.op = {.arg = call->op.arg}, .s3 = s3, .want = *want};
    call->attempt = calloc(1, sizeof *call->attempt);
    if (scripted.count == SCRIPTED_MAX) { /* no ck_assert: memory may have run out */
        ck_abort_msg("too many requests are open");
    }
    scripted.open[scripted.count++] = call;
    scripted.begun++;
    if (parent) {
        op_start_child(parent, &call->op, &scripted_kind);
    } else {
        op_start(&call->op, &s3->host.env, &scripted_kind, on_done);
    }
}

void call_resume(struct call *call)
{
    (void)call;
}

unsigned call_status(const struct call *call)
{
    return call->attempt->status;
}

const char *call_header(const struct call *call, const char *name)
{
    for (unsigned i = 0; i < call->attempt->headers; i++) {
        if (strcasecmp(call->attempt->names[i], name) == 0) {
            return call->attempt->values[i];
        }
    }
    return NULL;
}

void call_free(struct call *call)
{
    free(call->answer);
    free(call->attempt);
    call->answer = NULL;
    call->attempt = NULL;
}

/* ---------------------------------------------------------------- for tests */

/* The oldest request for `operation` that is open; NULL: there is none. */
static inline struct call *scripted_find(const char *operation)
{
    for (unsigned i = 0; i < scripted.count; i++) {
        if (strcmp(scripted.open[i]->want.operation, operation) == 0) {
            return scripted.open[i];
        }
    }
    return NULL;
}

static inline struct call *scripted_one(const char *operation)
{
    struct call *call = scripted_find(operation);

    ck_assert_msg(call != NULL, "no %s is open", operation);
    return call;
}

static inline const char *scripted_pair(const struct pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pairs[i].name, name) == 0) {
            return pairs[i].value;
        }
    }
    return NULL;
}

static inline const char *scripted_query(const struct call *call, const char *name)
{
    return scripted_pair(call->want.query, call->want.query_count, name);
}

static inline const char *scripted_header(const struct call *call, const char *name)
{
    return scripted_pair(call->want.headers, call->want.header_count, name);
}

/* Put a header into the answer that is to come. */
static inline void scripted_say(struct call *call, const char *name, const char *value)
{
    struct call_try *t = call->attempt;

    ck_assert_uint_lt(t->headers, SCRIPTED_HEADERS);
    (void)strncpy(t->names[t->headers], name, sizeof t->names[0] - 1);
    (void)strncpy(t->values[t->headers], value, sizeof t->values[0] - 1);
    t->headers++;
}

static inline void scripted_answer(struct call *call, const char *body)
{
    call->attempt->status = 200;
    call->attempt->answered = true;
    call->answer = strdup(body);
    call->answer_len = call->answer ? strlen(body) : 0;
    op_wake(&call->op);
}

static inline void scripted_refuse(struct call *call, unsigned status, const char *code)
{
    call->refused.status = status;
    (void)strncpy(call->refused.code, code, sizeof call->refused.code - 1);
    call->attempt->status = status;
    call->attempt->answered = true;
    error_set(&call->attempt->err, LSMB_E_DENIED, "An error occurred (%s)", code);
    op_wake(&call->op);
}

/* No try of it was answered, though one may have been heard. */
static inline void scripted_lose(struct call *call)
{
    call->lost = true;
    call->attempt->answered = true;
    error_set(&call->attempt->err, LSMB_E_NETWORK, "the connection was lost");
    op_wake(&call->op);
}

#endif
