/* stat.c: what an object is: HeadObject. */
#include <stdlib.h>
#include <string.h>

#include "aws/job.h"
#include "aws/object.h"

struct stat_job {
    struct s3_job base; /* first */
    char *bucket, *key; /* owned */
    struct lsmb_stat *out;
    struct call call;
};

static struct stat_job *stat_of(struct op *op)
{
    return CONTAINER_OF(op, struct stat_job, base.op);
}

static enum op_next ask(struct op *op);
static enum op_next take(struct op *op);

enum { ST_ASK, ST_TAKE };

static const struct op_step steps[] = {
    [ST_ASK] = {"look at the object", ask, 0},
    [ST_TAKE] = {"look at the object", take, 0},
};

static void release(struct op *op)
{
    struct stat_job *s = stat_of(op);

    call_free(&s->call);
    free(s->bucket);
    free(s->key);
}

static const struct op_kind kind = {"look at an object", steps, release};

static enum op_next ask(struct op *op)
{
    struct stat_job *s = stat_of(op);
    const struct call_want want = {
        .service = SERVICE_S3,
        .operation = "HeadObject",
        .method = "HEAD",
        .bucket = s->bucket,
        .key = s->key,
    };

    if (s->bucket[0] == '\0' || s->key[0] == '\0') {
        return op_fail(op, LSMB_E_USAGE, "an object has a bucket and a key");
    }
    call_start(&s->call, op, s->base.s3, &want, NULL);
    return op_go(op, ST_TAKE);
}

static enum op_next refused(struct stat_job *s)
{
    char *name = object_name(s->bucket, s->key);
    struct lsmb_error err;

    object_refused(&err, &s->call, name);
    free(name);
    return op_fail_as(&s->base.op, &err);
}

static enum op_next no_object(struct stat_job *s)
{
    char *name = object_name(s->bucket, s->key);
    struct lsmb_error err;

    error_set(&err, LSMB_E_PROTOCOL, "the answer has no ETag: it is not that of an object");
    error_advise(&err, "check the endpoint, and the proxy");
    if (name) {
        error_path(&err, name);
    }
    free(name);
    return op_fail_as(&s->base.op, &err);
}

static enum op_next take(struct op *op)
{
    struct stat_job *s = stat_of(op);
    struct object_head head;

    if (!op_finished(&s->call.op)) {
        return OP_WAIT;
    }
    if (op_failed(&s->call.op)) {
        return refused(s);
    }
    if (!object_head_get(&head, &s->call)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the answer does not say how long the object is");
    }
    if (!call_header(&s->call, "ETag")) { /* anybody can say 200: a portal's page, say */
        return no_object(s);
    }
    *s->out = object_stat(&head);
    return OP_DONE;
}

/* NULL when out of memory. */
static struct s3_job *job_new(struct lsmb_s3 *s3, const char *bucket, const char *key,
                              struct lsmb_stat *out)
{
    struct stat_job *s = s3_job_new(s3, sizeof *s);

    if (!s) {
        return NULL;
    }
    s->out = out;
    s->bucket = strdup(bucket);
    s->key = strdup(key);
    if (!s->bucket || !s->key) {
        release(&s->base.op);
        free(s);
        return NULL;
    }
    return &s->base;
}

struct lsmb_job *lsmb_s3_stat_start(struct lsmb_s3 *s3, const char *bucket, const char *key,
                                    struct lsmb_stat *out, lsmb_done_fn *done, void *arg)
{
    return s3_job_start(job_new(s3, bucket, key, out), &kind, done, arg);
}

enum lsmb_code lsmb_s3_stat(struct lsmb_s3 *s3, const char *bucket, const char *key,
                            struct lsmb_stat *out, struct lsmb_error *err)
{
    return s3_job_run(job_new(s3, bucket, key, out), &kind, err);
}
