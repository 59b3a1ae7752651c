/* server_copy_job.c: a file copied within its server, from name to name. */
#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "fs/names.h"
#include "fs/server_copy.h"
#include "fs/stat.h"
#include "proto/fscc.h"

struct copy_job {
    struct lsmb_job job; /* first */
    struct lsmb_share *from_share, *to_share;
    char *from_path, *to_path; /* owned */
    struct open from, to;
    bool doomed; /* `to` is new, and goes unless the mark is taken away */
    struct lsmb_stat at_close;
    struct open_op opening;
    struct server_copy_op copying;
    struct set_info_op setting;
    struct query_info_op query;
    struct flush_op flushing;
    struct close_op closing;
};

static enum op_next open_source(struct op *op);
static enum op_next make_target(struct op *op);
static enum op_next take_new(struct op *op);
static enum op_next take_doom(struct op *op);
static enum op_next take_old(struct op *op);
static enum op_next copy(struct op *op);
static enum op_next take_copy(struct op *op);
static enum op_next take_cut(struct op *op);
static enum op_next flush(struct op *op);
static enum op_next ask_size(struct op *op);
static enum op_next take_size(struct op *op);
static enum op_next take_source(struct op *op);
static enum op_next close_target(struct op *op);
static enum op_next take_target(struct op *op);

enum {
    ST_SOURCE,
    ST_TARGET,
    ST_MADE,
    ST_DOOMED,
    ST_OPENED,
    ST_COPY,
    ST_COPIED,
    ST_CUT_OFF,
    ST_FLUSH,
    ST_FLUSHED,
    ST_SIZE,
    ST_SOURCE_CLOSED,
    ST_KEPT,
    ST_TARGET_CLOSED,
};

static const struct op_step copy_steps[] = {
    [ST_SOURCE] = {"open the source", open_source, 0},
    [ST_TARGET] = {"open the target", make_target, 0},
    [ST_MADE] = {"open the target", take_new, 0},
    [ST_DOOMED] = {"open the target", take_doom, 0},
    [ST_OPENED] = {"open the target", take_old, 0},
    [ST_COPY] = {"copy within the server", copy, 0},
    [ST_COPIED] = {"copy within the server", take_copy, 0},
    [ST_CUT_OFF] = {"set the target's end", take_cut, 0},
    [ST_FLUSH] = {"flush the target to disk", flush, 0},
    [ST_FLUSHED] = {"flush the target to disk", ask_size, 0},
    [ST_SIZE] = {"look at the target", take_size, 0},
    [ST_SOURCE_CLOSED] = {"close the source", take_source, 0},
    [ST_KEPT] = {"keep the target", close_target, 0},
    [ST_TARGET_CLOSED] = {"close the target", take_target, 0},
};

static struct copy_job *copy_job_of(struct op *op)
{
    return CONTAINER_OF(op, struct copy_job, job.op);
}

static void release(struct op *op)
{
    struct copy_job *j = copy_job_of(op);

    if (op_failed(op)) {
        share_error_path(j->to_share, j->to_path, &op->err);
    }
    query_info_drop(&j->query);
    open_drop(&j->from);
    open_drop(&j->to);
    free(j->from_path);
    free(j->to_path);
    j->from_path = j->to_path = NULL;
}

static const struct op_kind copy_kind = {"copy on the server", copy_steps, release};

/* ---------------------------------------------------------------- source and target */

static enum op_next open_source(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    struct open_want want = name_want(FILE_READ_DATA | FILE_READ_ATTRIBUTES, "open the source");
    struct lsmb_error err;

    want.options = FILE_NON_DIRECTORY_FILE;
    want.want_id = true;
    if (!server_copy_between(j->from_share, j->to_share, &err)) {
        return op_fail_as(op, &err);
    }
    open_start(&j->opening, op, j->from_share, j->from_path, &want, &j->from);
    return op_go(op, ST_TARGET);
}

static void open_target(struct copy_job *j, uint32_t access, uint32_t disposition)
{
    struct open_want want =
        name_want(FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | access, "open the target");

    want.disposition = disposition;
    want.options = FILE_NON_DIRECTORY_FILE;
    want.want_id = true;
    open_start(&j->opening, &j->job.op, j->to_share, j->to_path, &want, &j->to);
}

/* One that is not there yet is made so that it goes again if nothing comes of it. */
static enum op_next make_target(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    enum op_next next = op_await(op, &j->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    open_target(j, ACCESS_DELETE, FILE_CREATE);
    return op_go(op, ST_MADE);
}

/* It is there, or may not be made by one who could take it away again. */
static bool worth_another_try(const struct lsmb_error *err)
{
    return err->code != LSMB_E_SECURITY &&
           (nt_status_is(err->nt_status, STATUS_OBJECT_NAME_COLLISION) ||
            nt_status_is(err->nt_status, STATUS_ACCESS_DENIED));
}

static enum op_next take_new(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    const struct op *child = &j->opening.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (!op_failed(child)) {
        dispose_start(&j->setting, op, &j->to, true);
        return op_go(op, ST_DOOMED);
    }
    if (!worth_another_try(&child->err)) {
        return op_fail_as(op, &child->err);
    }
    open_target(j, 0, FILE_OPEN_IF);
    return op_go(op, ST_OPENED);
}

/* Without the mark it stays if something fails: no reason to fail now. */
static enum op_next take_doom(struct op *op)
{
    struct copy_job *j = copy_job_of(op);

    if (!op_finished(&j->setting.op)) {
        return OP_WAIT;
    }
    if (op_failed(&j->setting.op) && j->setting.op.err.code == LSMB_E_SECURITY) {
        return op_fail_as(op, &j->setting.op.err);
    }
    j->doomed = !op_failed(&j->setting.op);
    return op_go(op, ST_COPY);
}

static enum op_next take_old(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    enum op_next next = op_await(op, &j->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (stat_same_file(&j->from.stat, &j->to.stat)) {
        return op_fail(op, LSMB_E_USAGE, "it is the very file that is to be copied");
    }
    return op_go(op, ST_COPY);
}

/* ---------------------------------------------------------------- the copy */

static enum op_next copy(struct op *op)
{
    struct copy_job *j = copy_job_of(op);

    server_copy_start(&j->copying, op, &j->from, &j->to, j->from.stat.bytes);
    return op_go(op, ST_COPIED);
}

/* A target that was longer is cut off. */
static enum op_next take_copy(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    enum op_next next = op_await(op, &j->copying.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (j->to.stat.bytes <= j->from.stat.bytes) {
        return op_go(op, ST_FLUSH);
    }
    set_end_start(&j->setting, op, &j->to, j->from.stat.bytes);
    return op_go(op, ST_CUT_OFF);
}

static enum op_next take_cut(struct op *op)
{
    enum op_next next = op_await(op, &copy_job_of(op)->setting.op);

    return next == OP_AGAIN ? op_go(op, ST_FLUSH) : next;
}

static enum op_next flush(struct op *op)
{
    struct copy_job *j = copy_job_of(op);

    flush_start(&j->flushing, op, &j->to);
    return op_go(op, ST_FLUSHED);
}

/* ---------------------------------------------------------------- is it a copy? */

static enum op_next ask_size(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    enum op_next next = op_await(op, &j->flushing.op);

    if (next != OP_AGAIN) {
        return next;
    }
    query_standard_start(&j->query, op, &j->to);
    return op_go(op, ST_SIZE);
}

static enum op_next take_size(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    struct file_standard_information info;
    enum op_next next = op_await(op, &j->query.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!file_standard_information_get(&info, j->query.data)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent malformed file information");
    }
    if (info.end_of_file != j->from.stat.bytes) {
        return op_fail(op, LSMB_E_CHANGED, "it has %llu bytes after %llu were copied",
                       (unsigned long long)info.end_of_file,
                       (unsigned long long)j->from.stat.bytes);
    }
    close_start(&j->closing, op, &j->from, &j->at_close);
    return op_go(op, ST_SOURCE_CLOSED);
}

/* A server that does not say what the source looks like now leaves it at that (MS-SMB2 2.2.16). */
static bool source_changed(const struct copy_job *j)
{
    const struct lsmb_stat *before = &j->from.stat, *now = &j->at_close;

    return now->bytes != LSMB_SIZE_UNKNOWN &&
           (now->bytes != before->bytes || now->written != before->written ||
            now->changed != before->changed);
}

static enum op_next take_source(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    enum op_next next = op_await(op, &j->closing.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (source_changed(j)) {
        next = op_fail(op, LSMB_E_CHANGED, "it was written to while it was copied");
        share_error_path(j->from_share, j->from_path, &op->err);
        error_advise(&op->err, "try again when nobody writes to it");
        return next;
    }
    if (j->doomed) {
        dispose_start(&j->setting, op, &j->to, false);
    }
    return op_go(op, ST_KEPT);
}

static enum op_next close_target(struct op *op)
{
    struct copy_job *j = copy_job_of(op);
    enum op_next next = j->doomed ? op_await(op, &j->setting.op) : OP_AGAIN;

    if (next != OP_AGAIN) {
        return next;
    }
    close_start(&j->closing, op, &j->to, NULL);
    return op_go(op, ST_TARGET_CLOSED);
}

static enum op_next take_target(struct op *op)
{
    enum op_next next = op_await(op, &copy_job_of(op)->closing.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

/* ---------------------------------------------------------------- from outside */

struct lsmb_job *lsmb_server_copy_start(struct lsmb_share *from_share, const char *from,
                                        struct lsmb_share *to_share, const char *to,
                                        lsmb_done_fn *done, void *arg)
{
    struct copy_job *j = job_new(share_context(to_share), sizeof *j, done, arg);

    if (!j) {
        return NULL;
    }
    j->from_share = from_share;
    j->to_share = to_share;
    j->from_path = strdup(from);
    j->to_path = strdup(to);
    if (!j->from_path || !j->to_path) {
        free(j->from_path);
        free(j->to_path);
        free(j);
        return NULL;
    }
    return job_begin(&j->job, &copy_kind);
}

enum lsmb_code lsmb_server_copy(struct lsmb_share *from_share, const char *from,
                                struct lsmb_share *to_share, const char *to, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(to_share),
                    lsmb_server_copy_start(from_share, from, to_share, to, job_wait_done, &wait),
                    &wait, err);
}
