/* mkdir.c: making a directory, and those above it that are missing.
 *
 * The whole path is tried first.  While its parent is missing one component is left off; from the first
 * one that is there, or can be made, the way leads down again.  So a user who may not look at the top of a
 * share can still make directories further down, and the usual case costs one round trip. */
#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "fs/names.h"

enum { DEPTH_MAX = 512 };

struct mkdir_job {
    struct name_job base; /* first */
    bool parents;
    bool descending;
    size_t ends[DEPTH_MAX]; /* where each component of base.path ends */
    unsigned depth, at;     /* components in all; the one that is tried */
    char *prefix;           /* owned: base.path up to ends[at] */
};

static enum op_next begin(struct op *op);
static enum op_next try_one(struct op *op);
static enum op_next take_one(struct op *op);
static enum op_next take_close(struct op *op);

enum { ST_BEGIN, ST_TRY, ST_TRIED, ST_CLOSED };

static const struct op_step mkdir_steps[] = {
    [ST_BEGIN] = {"make the directory", begin, 0},
    [ST_TRY] = {"make the directory", try_one, 0},
    [ST_TRIED] = {"make the directory", take_one, 0},
    [ST_CLOSED] = {"make the directory", take_close, 0},
};

static struct mkdir_job *mkdir_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct mkdir_job, base);
}

static void release(struct op *op)
{
    free(mkdir_of(op)->prefix);
    mkdir_of(op)->prefix = NULL;
    name_job_release(op);
}

static const struct op_kind mkdir_kind = {"mkdir", mkdir_steps, release};

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* One component of the path, which ends at `end`.  False when the path is deeper than anybody's. */
static bool add_component(struct mkdir_job *j, struct span name, size_t end)
{
    if (span_equal(name, span_of("."))) {
        return true;
    }
    if (span_equal(name, span_of("..")) && j->depth > 0) {
        j->depth--; /* and is not made only to be left again; one that leaves the share is refused later */
        return true;
    }
    if (j->depth == DEPTH_MAX) {
        return false;
    }
    j->ends[j->depth++] = end;
    return true;
}

static bool find_components(struct mkdir_job *j)
{
    const char *path = j->base.path;
    size_t at = 0;

    while (path[at]) {
        size_t start = at;
        while (path[at] && !is_separator(path[at])) {
            at++;
        }
        struct span name = {(const uint8_t *)path + start, at - start};
        if (name.len > 0 && !add_component(j, name, at)) {
            return false;
        }
        at += path[at] ? 1 : 0;
    }
    return true;
}

static enum op_next begin(struct op *op)
{
    struct mkdir_job *j = mkdir_of(op);

    if (!j->prefix) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the path");
    }
    if (!find_components(j)) {
        return op_fail(op, LSMB_E_USAGE, "the path has more than %d components", DEPTH_MAX);
    }
    if (j->depth == 0) { /* the root of the share is always there */
        if (j->parents) {
            return OP_DONE;
        }
        return op_fail_status(op, (uint32_t)STATUS_OBJECT_NAME_COLLISION);
    }
    j->at = j->depth - 1;
    return op_go(op, ST_TRY);
}

static enum op_next try_one(struct op *op)
{
    struct mkdir_job *j = mkdir_of(op);

    memcpy(j->prefix, j->base.path, j->ends[j->at]);
    j->prefix[j->ends[j->at]] = '\0';
    open_start(&j->base.opening, op, j->base.share, j->prefix, &j->base.want, &j->base.open);
    return op_go(op, ST_TRIED);
}

static enum op_next next_down(struct op *op)
{
    struct mkdir_job *j = mkdir_of(op);

    if (j->at + 1 == j->depth) {
        return OP_DONE;
    }
    j->at++;
    j->descending = true;
    return op_go(op, ST_TRY);
}

static enum op_next take_one(struct op *op)
{
    struct mkdir_job *j = mkdir_of(op);
    uint32_t status = j->base.opening.op.err.nt_status;

    if (!op_finished(&j->base.opening.op)) {
        return OP_WAIT;
    }
    if (!op_failed(&j->base.opening.op)) {
        close_start(&j->base.closing, op, &j->base.open, NULL);
        return op_go(op, ST_CLOSED);
    }
    if (j->parents && nt_status_is(status, STATUS_OBJECT_PATH_NOT_FOUND) && !j->descending &&
        j->at > 0) {
        j->at--;
        return op_go(op, ST_TRY);
    }
    return op_fail_as(op, &j->base.opening.op.err);
}

static enum op_next take_close(struct op *op)
{
    enum op_next next = op_await(op, &mkdir_of(op)->base.closing.op);

    return next == OP_AGAIN ? next_down(op) : next;
}

struct lsmb_job *lsmb_mkdir_start(struct lsmb_share *share, const char *path, bool parents,
                                  lsmb_done_fn *done, void *arg)
{
    struct mkdir_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->parents = parents;
    j->prefix = malloc(strlen(path) + 1);
    j->base.want = name_want(FILE_READ_ATTRIBUTES, "make the directory");
    /* One that is there already is opened, and proves to be a directory by that. */
    j->base.want.disposition = parents ? FILE_OPEN_IF : FILE_CREATE;
    j->base.want.options = FILE_DIRECTORY_FILE;
    j->base.want.attributes = LSMB_ATTR_DIRECTORY;
    return job_begin(&j->base.job, &mkdir_kind);
}

enum lsmb_code lsmb_mkdir(struct lsmb_share *share, const char *path, bool parents,
                          struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_mkdir_start(share, path, parents, job_wait_done, &wait), &wait, err);
}
