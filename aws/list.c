#include "aws/list.h"

#include <stdlib.h>
#include <string.h>

#include "aws/object.h"

enum {
    ANSWER_MAX = 4 << 20, /* 1,000 keys of 1,024 bytes, each of which may be escaped */
    EMPTY_MAX = 1000,     /* S3 passes over what was deleted, but comes to an end */
};

static void settle(struct listing *l);

static void settle_ready(struct ready *ready)
{
    settle(CONTAINER_OF(ready, struct listing, ready));
}

static void fail(struct listing *l, const struct lsmb_error *err)
{
    l->err = *err;
    error_path(&l->err, l->name);
}

static void fail_with(struct listing *l, enum lsmb_code code, const char *why)
{
    struct lsmb_error err;

    error_set(&err, code, "%s", why);
    error_step(&err, "list the objects");
    fail(l, &err);
}

static void ended(struct op *op)
{
    struct call *call = CONTAINER_OF(op, struct call, op);
    struct listing *l = CONTAINER_OF(call, struct listing, call);

    l->asked = false;
    if (op_failed(op)) {
        fail(l, &op->err);
    } else {
        l->came = true;
    }
    settle(l);
}

/* Amazon S3 API Reference, ListObjectsV2. */
static void ask(struct listing *l)
{
    const struct call_want want = {
        .service = SERVICE_S3,
        .operation = "ListObjectsV2",
        .method = "GET",
        .bucket = l->bucket,
        .query = {{"list-type", "2"},
                  {"delimiter", "/"},
                  {"encoding-type", "url"},
                  {"prefix", l->prefix},
                  {"continuation-token", l->sent}},
        .query_count = l->sent ? 5 : 4,
        .answer_max = ANSWER_MAX,
    };

    l->asked = true;
    call_start(&l->call, NULL, l->s3, &want, ended);
}

/* A token that does not change, or pages that are empty without end, would go on for ever. */
static bool goes_on(struct listing *l)
{
    const char *token = l->page.token;

    l->empty = l->page.count > 0 ? 0 : l->empty + 1;
    return token && token[0] && (!l->sent || strcmp(token, l->sent) != 0) && l->empty < EMPTY_MAX;
}

static void read_page(struct listing *l)
{
    enum lsmb_code code = list_page_read(&l->page, l->call.answer, l->call.answer_len);

    l->came = false;
    call_free(&l->call);
    if (code != LSMB_OK) {
        fail_with(l, code,
                  code == LSMB_E_NOMEM ? "no memory for the list" : "the list is malformed");
        list_page_free(&l->page);
        return;
    }
    l->there = true;
    if (!l->page.more) {
        return;
    }
    if (!goes_on(l)) {
        fail_with(l, LSMB_E_PROTOCOL, "the list does not come to an end");
        return;
    }
    free(l->sent);
    l->sent = l->page.token;
    l->page.token = NULL;
    ask(l);
}

static void settle(struct listing *l)
{
    if (l->came && !l->there) {
        read_page(l);
    }
    if (l->wanted && (l->there || l->err.code != LSMB_OK)) {
        l->wanted = false;
        l->tell(l);
    }
}

bool listing_init(struct listing *l, struct lsmb_s3 *s3, const char *bucket, const char *prefix,
                  void (*tell)(struct listing *))
{
    *l = (struct listing){.s3 = s3, .bucket = bucket, .ready = {.run = settle_ready}, .tell = tell};
    l->prefix = strdup(prefix);
    l->name = object_name(bucket, prefix);
    if (!l->prefix || !l->name) {
        free(l->prefix);
        free(l->name);
        return false;
    }
    ask(l);
    return true;
}

void listing_next(struct listing *l)
{
    list_page_free(&l->page);
    l->there = false;
    l->wanted = true;
    ready_wake(&l->s3->host.env.ready, &l->ready);
}

void listing_free(struct listing *l)
{
    if (l->asked) {
        op_abort(&l->call.op);
    }
    ready_forget(&l->ready);
    call_free(&l->call);
    list_page_free(&l->page);
    free(l->prefix);
    free(l->name);
    free(l->sent);
}
