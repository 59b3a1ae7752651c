#include "aws/provider.h"

#include <stdlib.h>

#include "aws/document.h"
#include "aws/iso_time.h"

struct provider_op *provider_start(struct op *parent, const struct provider *provider,
                                   const struct provider_want *want)
{
    struct provider_op *p = calloc(1, provider->bytes);

    if (!p) {
        return NULL;
    }
    p->want = *want;
    p->by = provider;
    op_start_child(parent, &p->op, &provider->kind);
    return p;
}

void provider_free(struct provider_op *op)
{
    if (op) {
        op_abort(&op->op);
        credentials_free(&op->found);
        free(op);
    }
}

const char *provider_setting(const struct provider_op *p, const char *variable, const char *key)
{
    const struct settings *settings = &p->want.s3->settings;
    const char *value = NULL;

    if (variable && !p->want.no_variables) {
        value = settings_env(settings, variable);
    }
    if (!value && key) {
        value = settings_profile(settings, p->want.profile, key);
    }
    return value && value[0] != '\0' ? value : NULL;
}

enum op_next provider_partial(struct provider_op *p, const char *missing)
{
    return op_fail(&p->op, LSMB_E_AUTH, "Partial credentials found in %s, missing: %s", p->by->name,
                   missing);
}

enum op_next provider_found(struct provider_op *p, const char *access_key, const char *secret_key,
                            const char *token, const char *missing)
{
    if (!secret_key || secret_key[0] == '\0') {
        return provider_partial(p, missing);
    }
    if (token && token[0] == '\0') {
        token = NULL;
    }
    if (!credentials_copy(&p->found, access_key, secret_key, token)) {
        return op_fail(&p->op, LSMB_E_NOMEM, "no memory for credentials");
    }
    return OP_DONE;
}

enum op_next provider_fail(struct provider_op *p, const struct lsmb_error *why)
{
    struct lsmb_error err;

    if (why->code == LSMB_E_NOMEM) {
        return op_fail_as(&p->op, why);
    }
    error_set(&err, LSMB_E_AUTH, "Error when retrieving credentials from %s: %s%s%s", p->by->name,
              why->path, why->path[0] ? ": " : "", why->reason);
    error_advise(&err, "%s", why->advice);
    return op_fail_as(&p->op, &err);
}

static enum op_next take_document(struct provider_op *p, const json_t *document,
                                  const char *token_name)
{
    const char *access_key = document_text(document, "AccessKeyId");
    const char *secret_key = document_text(document, "SecretAccessKey");
    const char *expires = document_text(document, "Expiration");
    int64_t expires_s = 0;
    struct lsmb_error err;

    if (!access_key || !secret_key || access_key[0] == '\0' || secret_key[0] == '\0') {
        error_set(&err, LSMB_E_PROTOCOL, "the answer has no %s",
                  access_key && access_key[0] ? "SecretAccessKey" : "AccessKeyId");
        return provider_fail(p, &err);
    }
    if (expires && !iso_time_read(expires, &expires_s)) {
        error_set(&err, LSMB_E_PROTOCOL, "the answer's Expiration \"%.40s\" is no time", expires);
        return provider_fail(p, &err);
    }
    enum op_next next = provider_found(p, access_key, secret_key,
                                       document_text(document, token_name), "SecretAccessKey");
    p->found.expires_s = next == OP_DONE ? expires_s : 0;
    return next;
}

enum op_next provider_found_json(struct provider_op *p, const char *text, size_t len,
                                 const char *token_name)
{
    struct lsmb_error err;
    json_t *document = document_read(text, len, &err);

    if (!document) {
        return provider_fail(p, &err);
    }
    enum op_next next = take_document(p, document, token_name);
    document_free(document);
    return next;
}

/* ---------------------------------------------------------------- one after the other */

struct search_op {
    struct provider_op base; /* first */
    unsigned at;             /* in want.places */
    struct provider_op *trying;
};

enum { ST_TRY, ST_TRIED };

static struct search_op *search_of(struct op *op)
{
    return CONTAINER_OF(op, struct search_op, base.op);
}

static enum op_next try_next(struct op *op)
{
    struct search_op *s = search_of(op);
    const struct provider *place = s->base.want.places[s->at];

    if (!place) {
        return OP_DONE;
    }
    s->trying = provider_start(op, place, &s->base.want);
    if (!s->trying) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to look for credentials");
    }
    return op_go(op, ST_TRIED);
}

static enum op_next take_tried(struct op *op)
{
    struct search_op *s = search_of(op);
    struct provider_op *p = s->trying;
    enum op_next next = op_await(op, &p->op);

    if (next != OP_AGAIN) {
        return next;
    }
    bool found = p->found.access_key != NULL;
    log_line(&op->env->log, LSMB_LOG_DEBUG, "credentials: %s: %s", p->by->name,
             found ? "found" : "none");
    if (found) {
        credentials_move(&s->base.found, &p->found);
        s->base.by = p->by;
        s->base.steady = p->steady;
    }
    s->trying = NULL;
    provider_free(p);
    s->at++;
    return found ? OP_DONE : op_go(op, ST_TRY);
}

static void search_release(struct op *op)
{
    struct search_op *s = search_of(op);

    provider_free(s->trying);
    s->trying = NULL;
}

static const struct op_step search_steps[] = {
    [ST_TRY] = {"look for credentials", try_next, 0},
    [ST_TRIED] = {"look for credentials", take_tried, 0},
};

const struct provider provider_search = {
    "search", sizeof(struct search_op), {"look for credentials", search_steps, search_release}};
