/* tree.c: the copy of a tree: the job.
 *
 * Listing, making folders, copying and ending folders go on at the same time; each says when it has ended, and
 * then all are looked at once.  It is over when the last folder has been freed. */
#include "xfer/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "base/options.h"
#include "xfer/tree_share.h"

enum { FILES_DEFAULT = 256, PATH_ROOM_FIRST = 256 };

static enum op_next begin(struct op *op);
static enum op_next copy_on(struct op *op);
static enum op_next give_up(struct op *op);

enum { ST_BEGIN, ST_COPY, ST_GIVE_UP };

static const struct op_step tree_steps[] = {
    [ST_BEGIN] = {"copy the tree", begin, 0},
    [ST_COPY] = {"copy the tree", copy_on, 0},
    [ST_GIVE_UP] = {"copy the tree", give_up, 0},
};

static struct tree_copy *copy_of(struct op *op)
{
    return CONTAINER_OF(op, struct tree_copy, job.op);
}

static void release(struct op *op)
{
    struct tree_copy *t = copy_of(op);

    tree_walk_stop(t);
    tree_files_free(t);
    tree_folders_free(t);
    t->from->ops->close(t->from);
    t->to->ops->close(t->to);
    free(t->path);
    t->path = NULL;
    if (t->result) {
        *t->result = t->got;
    }
}

static const struct op_kind tree_kind = {"copy a tree", tree_steps, release};

/* ---------------------------------------------------------------- paths */

/* A buffer for `bytes` at least; false when there is no memory. */
static bool make_room(struct tree_copy *t, size_t bytes)
{
    size_t room = t->path_room ? t->path_room : PATH_ROOM_FIRST;

    while (room < bytes) {
        room *= 2;
    }
    if (room == t->path_room) {
        return true;
    }
    char *path = realloc(t->path, room);
    if (path) {
        t->path = path;
        t->path_room = room;
    }
    return path != NULL;
}

const char *tree_path(struct tree_copy *t, const struct tree_folder *folder, const char *name)
{
    size_t bytes = strlen(name) + 1;

    for (const struct tree_folder *f = folder; f; f = f->above) {
        bytes += strlen(f->name) + 1;
    }
    if (!make_room(t, bytes)) {
        tree_no_memory(t);
        return NULL;
    }
    char *at = t->path + bytes - 1;
    *at = '\0';
    at -= strlen(name);
    memcpy(at, name, strlen(name));
    for (const struct tree_folder *f = folder; f->above; f = f->above) {
        if (*at) {
            *--at = '/';
        }
        at -= strlen(f->name);
        memcpy(at, f->name, strlen(f->name));
    }
    return at;
}

/* ---------------------------------------------------------------- what goes wrong */

void tree_end_all(struct tree_copy *t, const struct lsmb_error *err)
{
    if (!tree_ending(t)) {
        t->err = *err;
    }
    tree_wake(t);
}

void tree_no_memory(struct tree_copy *t)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NOMEM, "no memory for the tree");
    tree_end_all(t, &err);
}

bool tree_goes_elsewhere(struct tree_copy *t, const struct lsmb_error *err, bool *again)
{
    if (err->code != LSMB_E_NETWORK || *again || tree_ending(t) || !tree_share_up(t->from, t->to)) {
        return false;
    }
    *again = true;
    return true;
}

/* Whether what has happened to one file would happen to all. */
static bool ends_all(const struct tree_copy *t, const struct lsmb_error *err)
{
    switch (err->code) {
    case LSMB_E_NETWORK: return !tree_share_up(t->from, t->to);
    case LSMB_E_NOMEM:
    case LSMB_E_TIMEOUT:
    case LSMB_E_SECURITY:
    case LSMB_E_POLICY:
    case LSMB_E_AUTH:
    case LSMB_E_CANCELLED: return true;
    case LSMB_E_LOCAL:
        return err->os_errno == ENOSPC || err->os_errno == EDQUOT || err->os_errno == EMFILE ||
               err->os_errno == ENFILE || err->os_errno == EROFS;
    case LSMB_E_STATUS: return nt_status_is(err->nt_status, STATUS_DISK_FULL);
    case LSMB_OK:
    case LSMB_E_USAGE:
    case LSMB_E_PROTOCOL:
    case LSMB_E_DENIED:
    case LSMB_E_NOT_FOUND:
    case LSMB_E_CHANGED:
    case LSMB_E_PARTLY: break;
    }
    return false;
}

void tree_failed(struct tree_copy *t, const struct tree_folder *folder, const char *name,
                 const struct lsmb_error *err)
{
    bool root = !folder->above && !name;

    if (tree_ending(t)) {
        return; /* what is given up does not count */
    }
    if (root || ends_all(t, err)) {
        tree_end_all(t, err);
        return;
    }
    t->got.failed++;
    t->changed = true;
    if (t->opt.failed) {
        const char *path = tree_path(t, folder, name ? name : "");
        if (path) {
            t->opt.failed(t->opt.arg, path, err);
        }
    }
}

/* ---------------------------------------------------------------- steps */

static enum op_next begin(struct op *op)
{
    struct tree_copy *t = copy_of(op);
    struct random *random = op->env->random;

    if (tree_ending(t)) {
        return op_go(op, ST_GIVE_UP);
    }
    if (!random->fill(random, &t->key, sizeof t->key)) {
        return op_fail(op, LSMB_E_LOCAL, "the system gives no random numbers");
    }
    tree_folder_add(t, NULL, "", &(struct lsmb_stat){.attributes = LSMB_ATTR_DIRECTORY});
    return op_go(op, ST_COPY);
}

static void tell(struct tree_copy *t)
{
    t->got.listed = list_empty(&t->stack) && t->listers == 0;
    if (t->changed && t->opt.progress) {
        t->opt.progress(t->opt.arg, &t->got);
    }
    t->changed = false;
}

static enum op_next copy_on(struct op *op)
{
    struct tree_copy *t = copy_of(op);

    if (!tree_ending(t)) {
        tree_walk_run(t);
        tree_folders_run(t);
        tree_files_run(t);
        tell(t);
    }
    if (tree_ending(t)) {
        return op_go(op, ST_GIVE_UP);
    }
    if (!list_empty(&t->every)) {
        return OP_WAIT;
    }
    if (t->got.failed > 0) {
        return op_fail(op, LSMB_E_PARTLY, "%llu of the files and directories could not be copied",
                       (unsigned long long)t->got.failed);
    }
    return OP_DONE;
}

/* Copies take their temporaries away.  Folders that are made or ended have nothing to take away, and nobody can say
 * how long a server or a disk takes over them: when the copies have ended they are let go of. */
static enum op_next give_up(struct op *op)
{
    struct tree_copy *t = copy_of(op);

    tree_walk_stop(t);
    tree_files_cancel(t);
    return t->running_count > 0 ? OP_WAIT : op_fail_as(op, &t->err);
}

/* ---------------------------------------------------------------- the public form */

static void cancel(struct lsmb_job *job, const struct lsmb_error *why)
{
    tree_end_all(CONTAINER_OF(job, struct tree_copy, job), why);
}

static void close_tree(struct lsmb_tree *tree)
{
    if (tree) {
        tree->ops->close(tree);
    }
}

static void take_options(struct tree_copy *t, const struct lsmb_tree_options *opt)
{
    const struct lsmb_copy_options *copy;

    options_take(&t->opt, sizeof t->opt, opt, opt ? opt->size : 0);
    copy = t->opt.copy;
    options_take(&t->copy, sizeof t->copy, copy, copy ? copy->size : 0);
    t->copy.size = sizeof t->copy;
    t->opt.copy = NULL;
    if (t->opt.files_max == 0) {
        t->opt.files_max = FILES_DEFAULT;
    }
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_tree_copy_start(struct lsmb *smb, struct lsmb_tree *from,
                                      struct lsmb_tree *to, const struct lsmb_tree_options *opt,
                                      struct lsmb_tree_result *result, lsmb_done_fn *done,
                                      void *arg)
{
    struct tree_copy *t = from && to ? job_new(smb, sizeof *t, done, arg) : NULL;

    if (result) {
        *result = (struct lsmb_tree_result){0};
    }
    if (!t) {
        close_tree(from); /* one that is NULL could not be made for want of memory */
        close_tree(to);
        return NULL;
    }
    t->job.cancel = cancel;
    t->from = from;
    t->to = to;
    t->result = result;
    take_options(t, opt);
    list_init(&t->every);
    list_init(&t->stack);
    list_init(&t->idle);
    list_init(&t->busy);
    list_init(&t->to_make);
    list_init(&t->to_end);
    list_init(&t->calls);
    list_init(&t->files);
    list_init(&t->running);
    return job_begin(&t->job, &tree_kind);
}

enum lsmb_code lsmb_tree_copy(struct lsmb *smb, struct lsmb_tree *from, struct lsmb_tree *to,
                              const struct lsmb_tree_options *opt, struct lsmb_tree_result *result,
                              struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(smb, lsmb_tree_copy_start(smb, from, to, opt, result, job_wait_done, &wait),
                    &wait, err);
}
