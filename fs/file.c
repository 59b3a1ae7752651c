/* file.c: opening a file, keeping it, flushing and closing it (MS-SMB2 3.2.4.3, 3.2.4.5, 3.2.4.16). */
#include "fs/file.h"

#include <assert.h>
#include <stdlib.h>

#include "fs/info.h"
#include "fs/names.h"

/* ---------------------------------------------------------------- jobs on a file */

void *file_job_new(struct lsmb_file *file, size_t bytes, lsmb_done_fn *done, void *arg)
{
    struct file_job *j = job_new(share_context(file->share), bytes, done, arg);

    if (j) {
        j->file = file;
        file->jobs++;
    }
    return j;
}

void file_job_release(struct op *op)
{
    struct file_job *j = file_job_of(op);

    if (op_failed(op)) {
        share_error_path(j->file->share, j->file->path, &op->err);
    }
    assert(j->file->jobs > 0);
    j->file->jobs--;
}

/* ---------------------------------------------------------------- open */

struct open_job {
    struct name_job base;   /* first */
    unsigned flags;         /* enum lsmb_open_flag */
    struct lsmb_file *file; /* owned until it is the caller's */
    struct lsmb_file **out;
};

static enum op_next start_open(struct op *op);
static enum op_next take_open(struct op *op);

enum { ST_OPEN, ST_OPENED };

static const struct op_step open_steps[] = {
    [ST_OPEN] = {"open", start_open, 0},
    [ST_OPENED] = {"open", take_open, 0},
};

static struct open_job *open_job_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct open_job, base);
}

static void release_open(struct op *op)
{
    struct open_job *j = open_job_of(op);

    name_job_release(op);
    free(j->file);
    j->file = NULL;
}

static const struct op_kind open_kind = {"open a file", open_steps, release_open};

/* What makes no sense; NULL: all of it does. */
static const char *nonsense(unsigned flags)
{
    static const unsigned known = LSMB_OPEN_READ | LSMB_OPEN_WRITE | LSMB_OPEN_CREATE |
                                  LSMB_OPEN_EXCLUSIVE | LSMB_OPEN_TRUNCATE | LSMB_OPEN_DENY_READ |
                                  LSMB_OPEN_DENY_WRITE | LSMB_OPEN_DENY_DELETE;

    if (flags & ~known) {
        return "a flag of opening is not known";
    }
    if (!(flags & (LSMB_OPEN_READ | LSMB_OPEN_WRITE))) {
        return "a file is opened to read or to write it, or both";
    }
    if ((flags & LSMB_OPEN_TRUNCATE) && !(flags & LSMB_OPEN_WRITE)) {
        return "only a file that is opened to write can be emptied";
    }
    if ((flags & LSMB_OPEN_EXCLUSIVE) && !(flags & LSMB_OPEN_CREATE)) {
        return "only a file that is made can be there for nobody else";
    }
    return NULL;
}

/* MS-SMB2 2.2.13.1.1. */
static uint32_t access_of(unsigned flags)
{
    uint32_t access = FILE_READ_ATTRIBUTES;

    access |= flags & LSMB_OPEN_READ ? (uint32_t)FILE_READ_DATA : 0u;
    access |= flags & LSMB_OPEN_WRITE ? (uint32_t)(FILE_WRITE_DATA | FILE_APPEND_DATA) : 0u;
    return access;
}

/* MS-SMB2 2.2.13: what others may do meanwhile. */
static uint32_t share_access_of(unsigned flags)
{
    uint32_t share_access = 0;

    share_access |= flags & LSMB_OPEN_DENY_READ ? 0u : (uint32_t)FILE_SHARE_READ;
    share_access |= flags & LSMB_OPEN_DENY_WRITE ? 0u : (uint32_t)FILE_SHARE_WRITE;
    share_access |= flags & LSMB_OPEN_DENY_DELETE ? 0u : (uint32_t)FILE_SHARE_DELETE;
    return share_access;
}

/* MS-SMB2 2.2.13. */
static uint32_t disposition_of(unsigned flags)
{
    if (flags & LSMB_OPEN_EXCLUSIVE) {
        return FILE_CREATE;
    }
    if (flags & LSMB_OPEN_CREATE) {
        return flags & LSMB_OPEN_TRUNCATE ? FILE_OVERWRITE_IF : FILE_OPEN_IF;
    }
    return flags & LSMB_OPEN_TRUNCATE ? FILE_OVERWRITE : FILE_OPEN;
}

static enum op_next start_open(struct op *op)
{
    struct open_job *j = open_job_of(op);
    const char *why = nonsense(j->flags);

    if (why) {
        return op_fail(op, LSMB_E_USAGE, "%s", why);
    }
    j->base.want = (struct open_want){
        .access = access_of(j->flags),
        .share_access = share_access_of(j->flags),
        .disposition = disposition_of(j->flags),
        .options = FILE_NON_DIRECTORY_FILE,
        .want_id = true,
    };
    return name_open(op);
}

static enum op_next take_open(struct op *op)
{
    struct open_job *j = open_job_of(op);
    enum op_next next = op_await(op, &j->base.opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    j->file->share = j->base.share;
    j->file->path = j->base.path;
    j->file->open = j->base.open;
    j->base.path = NULL;
    j->base.open.share = NULL;
    list_push_back(&share_context(j->base.share)->files, &j->file->node);
    *j->out = j->file;
    j->file = NULL;
    return OP_DONE;
}

struct lsmb_job *lsmb_file_open_start(struct lsmb_share *share, const char *path, unsigned flags,
                                      struct lsmb_file **file, lsmb_done_fn *done, void *arg)
{
    struct open_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->file = calloc(1, sizeof *j->file);
    if (!j->file) {
        free(j->base.path);
        free(j);
        return NULL;
    }
    j->flags = flags;
    j->out = file;
    return job_begin(&j->base.job, &open_kind);
}

enum lsmb_code lsmb_file_open(struct lsmb_share *share, const char *path, unsigned flags,
                              struct lsmb_file **file, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_file_open_start(share, path, flags, file, job_wait_done, &wait), &wait,
                    err);
}

void lsmb_file_stat(const struct lsmb_file *file, struct lsmb_stat *out)
{
    *out = file->open.stat;
}

/* ---------------------------------------------------------------- flush */

struct flush_job {
    struct file_job base; /* first */
    struct flush_op flushing;
};

static enum op_next start_flush(struct op *op);
static enum op_next take_flush(struct op *op);

enum { ST_FLUSH, ST_FLUSHED };

static const struct op_step flush_steps[] = {
    [ST_FLUSH] = {"flush the file to disk", start_flush, 0},
    [ST_FLUSHED] = {"flush the file to disk", take_flush, 0},
};

static const struct op_kind flush_kind = {"flush a file", flush_steps, file_job_release};

static struct flush_job *flush_of(struct op *op)
{
    return CONTAINER_OF(file_job_of(op), struct flush_job, base);
}

static enum op_next start_flush(struct op *op)
{
    struct flush_job *j = flush_of(op);

    flush_start(&j->flushing, op, &j->base.file->open);
    return op_go(op, ST_FLUSHED);
}

static enum op_next take_flush(struct op *op)
{
    enum op_next next = op_await(op, &flush_of(op)->flushing.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

struct lsmb_job *lsmb_file_flush_start(struct lsmb_file *file, lsmb_done_fn *done, void *arg)
{
    struct flush_job *j = file_job_new(file, sizeof *j, done, arg);

    return j ? job_begin(&j->base.job, &flush_kind) : NULL;
}

enum lsmb_code lsmb_file_flush(struct lsmb_file *file, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(file->share), lsmb_file_flush_start(file, job_wait_done, &wait),
                    &wait, err);
}

/* ---------------------------------------------------------------- close */

static enum op_next start_close(struct op *op);
static enum op_next take_close(struct op *op);

enum { ST_CLOSE, ST_CLOSED };

static const struct op_step close_steps[] = {
    [ST_CLOSE] = {"close the file", start_close, 0},
    [ST_CLOSED] = {"close the file", take_close, 0},
};

static struct lsmb_file *file_of(struct op *op)
{
    return CONTAINER_OF(op, struct lsmb_file, job.op);
}

/* All but the memory of the file itself, which goes with its job. */
static void let_go(struct lsmb_file *file)
{
    list_remove(&file->node);
    open_drop(&file->open);
    free(file->path);
    file->path = NULL;
}

static void release_close(struct op *op)
{
    struct lsmb_file *file = file_of(op);

    if (op_failed(op)) {
        share_error_path(file->share, file->path, &op->err);
    }
    let_go(file);
}

static const struct op_kind close_kind = {"close a file", close_steps, release_close};

static enum op_next start_close(struct op *op)
{
    struct lsmb_file *file = file_of(op);

    close_start(&file->closing, op, &file->open, NULL);
    return op_go(op, ST_CLOSED);
}

static enum op_next take_close(struct op *op)
{
    enum op_next next = op_await(op, &file_of(op)->closing.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

struct lsmb_job *lsmb_file_close_start(struct lsmb_file *file, lsmb_done_fn *done, void *arg)
{
    if (!file) {
        return NULL;
    }
    assert(file->jobs == 0); /* a host closes a file when nothing runs on it */
    list_remove(&file->node);
    file->job.smb = share_context(file->share);
    file->job.done = done;
    file->job.arg = arg;
    return job_begin(&file->job, &close_kind);
}

enum lsmb_code lsmb_file_close(struct lsmb_file *file, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    if (!file) {
        if (err) {
            *err = wait.err;
        }
        return LSMB_OK;
    }
    return job_wait(share_context(file->share), lsmb_file_close_start(file, job_wait_done, &wait),
                    &wait, err);
}

void files_free(struct lsmb *smb)
{
    struct list *node;

    while ((node = list_pop_front(&smb->files))) {
        struct lsmb_file *file = CONTAINER_OF(node, struct lsmb_file, node);
        let_go(file);
        free(file);
    }
}
