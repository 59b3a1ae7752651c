/* tree_file.c: the files of a tree: copied many at a time.
 *
 * How many are on the way is limited in number, and in bytes: large files would only take memory from each
 * other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xfer/tree.h"
#include "xfer/tree_share.h"

enum { WEIGHT_MAX = 4 << 20 }; /* bytes that a large file may well have in flight */

struct tree_file {
    struct list node;
    struct tree_copy *tree;
    struct tree_folder *folder; /* held */
    struct lsmb_job *job;       /* that copies it */
    struct lsmb_stat stat;      /* as listed */
    struct lsmb_copy_result result;
    uint64_t told; /* bytes that are counted */
    bool again;    /* it has gone over another connection */
    char name[];
};

static struct tree_file *file_of(struct list *node)
{
    return CONTAINER_OF(node, struct tree_file, node);
}

void tree_file_add(struct tree_copy *t, struct tree_folder *folder, const char *name,
                   const struct lsmb_stat *stat)
{
    size_t bytes = strlen(name) + 1;
    struct tree_file *file = malloc(sizeof *file + bytes);

    if (!file) {
        tree_no_memory(t);
        return;
    }
    *file = (struct tree_file){.tree = t, .folder = folder, .stat = *stat};
    memcpy(file->name, name, bytes);
    folder->held++;
    list_push_back(folder->made == TREE_MADE ? &t->files : &folder->files, &file->node);
    t->files_waiting++;
    t->got.found++;
    t->got.found_bytes += stat->bytes;
}

void tree_files_ready(struct tree_copy *t, struct tree_folder *folder)
{
    for (struct list *node; (node = list_pop_front(&folder->files));) {
        list_push_back(&t->files, node);
    }
}

void tree_files_lose(struct tree_copy *t, struct tree_folder *folder)
{
    for (struct list *node; (node = list_pop_front(&folder->files));) {
        struct tree_file *file = file_of(node);
        t->files_waiting--;
        t->got.found--;
        t->got.found_bytes -= file->stat.bytes;
        tree_folder_drop(t, folder);
        free(file);
    }
}

/* ---------------------------------------------------------------- copying */

static uint64_t weight(const struct tree_file *file)
{
    return file->stat.bytes < WEIGHT_MAX ? file->stat.bytes : WEIGHT_MAX;
}

/* So many bytes of it have come; all of them when it is done, none when it has failed. */
static void count(struct tree_file *file, uint64_t bytes)
{
    struct tree_copy *t = file->tree;

    t->got.bytes += bytes - file->told;
    file->told = bytes;
    t->changed = true;
    tree_wake(t);
}

static void progress(void *arg, uint64_t bytes, uint64_t total)
{
    (void)total;
    count(arg, bytes);
}

/* There are no descriptors for so many at a time. */
static bool may_go_later(const struct tree_file *file, const struct lsmb_error *err)
{
    struct tree_copy *t = file->tree;

    if ((err->os_errno != EMFILE && err->os_errno != ENFILE) || t->running_count == 0) {
        return false;
    }
    if (t->opt.files_max > t->running_count) {
        t->opt.files_max = t->running_count;
    }
    return true;
}

static bool try_again(struct tree_file *file, const struct lsmb_error *err)
{
    struct tree_copy *t = file->tree;

    if (tree_ending(t) ||
        (!may_go_later(file, err) && !tree_goes_elsewhere(t, err, &file->again))) {
        return false;
    }
    file->job = NULL;
    list_push_front(&t->files, &file->node);
    t->files_waiting++;
    return true;
}

static void done(void *arg, const struct lsmb_error *err)
{
    struct tree_file *file = arg;
    struct tree_copy *t = file->tree;

    list_remove(&file->node);
    t->running_count--;
    t->flying -= weight(file);
    count(file, err ? 0 : file->result.bytes);
    if (err && try_again(file, err)) {
        return;
    }
    if (err) {
        tree_failed(t, file->folder, file->name, err);
    } else {
        t->got.files++;
    }
    tree_folder_drop(t, file->folder);
    free(file);
}

static void start(struct tree_copy *t, struct tree_file *file)
{
    const char *path = tree_path(t, file->folder, file->name);
    struct lsmb_copy_options opt = t->copy;

    if (!path) {
        return;
    }
    if (t->opt.progress) {
        opt.progress = progress;
        opt.progress_arg = file;
    }
    struct copy_want want = {
        .source = t->from->ops->source(t->from, path, &file->stat),
        .sink = t->to->ops->sink(t->to, path, &file->stat, t->opt.how),
        .opt = &opt,
        .result = &file->result,
        .listed_bytes = file->stat.bytes,
    };
    file->job = copy_start(t->job.smb, &want, done, file);
    if (!file->job) {
        tree_no_memory(t);
        return;
    }
    list_remove(&file->node);
    list_push_back(&t->running, &file->node);
    t->files_waiting--;
    t->running_count++;
    t->flying += weight(file);
}

void tree_files_run(struct tree_copy *t)
{
    size_t limit = t->copy.window_bytes ? t->copy.window_bytes : t->job.op.env->pool.limit;

    tree_share_expect(t->from, t->to, t->files_waiting + t->running_count);
    while (!tree_ending(t) && !list_empty(&t->files) && t->running_count < t->opt.files_max) {
        struct tree_file *file = file_of(t->files.next);
        if (t->running_count > 0 && t->flying + weight(file) > limit) {
            return;
        }
        start(t, file);
    }
    if (t->files_waiting < TREE_FILES_WAIT) {
        tree_walk_run(t); /* what was full may go on */
    }
}

void tree_files_cancel(struct tree_copy *t)
{
    LIST_EACH(node, &t->running)
    {
        lsmb_job_cancel(file_of(node)->job, &t->err);
    }
}

static void free_all(struct list *files)
{
    for (struct list *node; (node = list_pop_front(files));) {
        struct tree_file *file = file_of(node);
        if (file->job) {
            job_abandon(file->job);
        }
        free(file);
    }
}

void tree_files_free(struct tree_copy *t)
{
    free_all(&t->running);
    free_all(&t->files);
    LIST_EACH(node, &t->every)
    {
        free_all(&CONTAINER_OF(node, struct tree_folder, every)->files);
    }
}
