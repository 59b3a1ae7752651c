/* provide_process.c: a program of the user's choice says who we are.
 * AWS SDKs and Tools Reference Guide, "Process credential provider". */
#include "aws/document.h"
#include "aws/program.h"
#include "aws/provider.h"
#include "aws/words.h"

enum { LIMIT_MS = 120000 }; /* it may be waiting for somebody's finger */

struct process_op {
    struct provider_op base; /* first */
    struct program *program;
};

enum { ST_RUN, ST_ENDED };

static struct process_op *process_of(struct op *op)
{
    return CONTAINER_OF(op, struct process_op, base.op);
}

static enum op_next run(struct op *op)
{
    struct process_op *x = process_of(op);
    const char *line = provider_setting(&x->base, NULL, "credential_process");
    struct lsmb_error err;

    if (!line) {
        return OP_DONE;
    }
    char **argv = words_split(line, &err);
    if (!argv) {
        return provider_fail(&x->base, &err);
    }
    x->program = program_start(op->env, argv, LIMIT_MS, &op->ready);
    if (!x->program) {
        return op_fail(op, LSMB_E_NOMEM, "no helper for the credential process");
    }
    return op_go(op, ST_ENDED);
}

/* "Version": of what it says; there is one only. */
static bool version_known(const struct program *program, struct lsmb_error *err)
{
    json_t *document = document_read(program->says, program->says_len, err);

    if (!document) {
        return false;
    }
    const json_t *version = json_object_get(document, "Version");
    bool known = json_is_integer(version) && json_integer_value(version) == 1;
    if (!known) {
        error_set(err, LSMB_E_PROTOCOL, "the \"Version\" of what it said is not 1");
    }
    document_free(document);
    return known;
}

static enum op_next take_said(struct op *op)
{
    struct process_op *x = process_of(op);
    struct lsmb_error err;

    if (!x->program->job.finished) {
        return OP_WAIT;
    }
    if (!program_succeeded(x->program, &err) || !version_known(x->program, &err)) {
        return provider_fail(&x->base, &err);
    }
    return provider_found_json(&x->base, x->program->says, x->program->says_len, "SessionToken");
}

static void release(struct op *op)
{
    struct process_op *x = process_of(op);

    program_drop(x->program);
    x->program = NULL;
}

static const struct op_step steps[] = {
    [ST_RUN] = {"run the credential process", run, 0},
    [ST_ENDED] = {"run the credential process", take_said, 0},
};

const struct provider provider_process = {
    "custom-process", sizeof(struct process_op), {"credential process", steps, release}};
