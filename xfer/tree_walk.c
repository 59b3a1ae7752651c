/* tree_walk.c: lists the folders of the source.
 *
 * Several are listed at a time, the deepest first.  While many files wait to be copied, or many folders to be
 * made, nothing is listed: they will have been by and by.  Folders that wait to be listed do not go away by
 * themselves, so while there are many of them the one on top is listed all the same, alone. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "xfer/tree.h"
#include "xfer/tree_share.h"

struct tree_lister {
    struct list node;
    struct tree_copy *tree;
    struct tree_folder *folder; /* held */
    void *lister;               /* the source's */
    struct lsmb_wait wait;
    struct lsmb_error err;
    bool end;  /* there is no more */
    bool seen; /* it is no link */
    bool link;
    bool taken; /* something in it, which must not be seen twice */
};

static void drop_lister(struct tree_lister *l)
{
    struct tree_copy *t = l->tree;

    t->from->ops->list_end(t->from, l->lister);
    ready_forget(&l->wait.ready);
    list_remove(&l->node);
    t->listers--;
    free(l);
}

/* The listing of a folder is over, for whatever reason. */
static void end_listing(struct tree_lister *l)
{
    struct tree_copy *t = l->tree;
    struct tree_folder *folder = l->folder;

    drop_lister(l);
    name_set_free(&folder->names);
    tree_folder_drop(t, folder);
}

/* ---------------------------------------------------------------- entries */

static bool is_name(const char *name)
{
    return name[0] && !strchr(name, '/');
}

static void refuse(struct tree_copy *t, struct tree_folder *folder, const char *name,
                   const char *why, const char *advice)
{
    const char *path = tree_path(t, folder, name);
    struct lsmb_error err;

    if (path) {
        error_set(&err, LSMB_E_USAGE, "%s", why);
        error_step(&err, "copy");
        error_path(&err, path);
        error_advise(&err, "%s", advice);
        tree_failed(t, folder, name, &err);
    }
}

/* Give `name` away in the target; false if somebody has it. */
static bool claim(struct tree_copy *t, struct tree_folder *folder, const char *name)
{
    switch (name_set_add(&folder->names, tree_share_hash(t->to, &t->key, name))) {
    case NAME_NEW: return true;
    case NAME_THERE:
        refuse(t, folder, name, "another name in this directory is the same to the target",
               "rename one of them");
        break;
    case NAME_NO_MEMORY: tree_no_memory(t); break;
    }
    return false;
}

static bool wanted(struct tree_copy *t, const struct tree_folder *folder, const char *name,
                   const struct lsmb_stat *stat)
{
    const char *path = t->opt.wanted ? tree_path(t, folder, name) : NULL;

    if (!path || t->opt.wanted(t->opt.arg, path, stat)) {
        return true;
    }
    t->got.skipped++;
    return false;
}

/* A device, pipe or socket: opening it might do something already. */
static void leave_alone(struct tree_copy *t, struct tree_folder *folder, const char *name)
{
    const char *path = tree_path(t, folder, name);

    if (path) {
        t->got.links++;
        log_line(&t->job.op.env->log, LSMB_LOG_INFO, "%s is no regular file, and is left alone",
                 path);
    }
}

static void take(struct tree_copy *t, struct tree_folder *folder, const char *name,
                 const struct lsmb_stat *stat)
{
    t->changed = true;
    if (!stat || !is_name(name)) {
        refuse(t, folder, name, "the name is none that a file can have", "");
        return;
    }
    if (stat->attributes & LSMB_ATTR_REPARSE) {
        t->got.links++;
        return;
    }
    if (!wanted(t, folder, name, stat)) {
        return;
    }
    if (stat->attributes & LSMB_ATTR_DEVICE) {
        leave_alone(t, folder, name);
    } else if (!(stat->attributes & LSMB_ATTR_DIRECTORY)) {
        if (claim(t, folder, name)) {
            tree_file_add(t, folder, name, stat);
        }
    } else if (folder->depth == TREE_DEPTH_MAX) {
        refuse(t, folder, name, "it lies too deep", "");
    } else if (t->folder_bytes + tree_folder_bytes(name) > TREE_FOLDERS_BYTES_MAX) {
        refuse(t, folder, name, "too many directories are listed", "copy it in parts");
    } else if (claim(t, folder, name)) {
        tree_folder_add(t, folder, name, stat);
    }
}

/* One that lies elsewhere than where it was found is a link that the server follows by itself. */
static bool lies_elsewhere(const struct tree_folder *folder, const struct lsmb_stat *above)
{
    return folder->above && folder->above->id != 0 && above->file_id != 0 &&
           above->file_id != folder->above->id;
}

/* A lsmb_entry_fn with a lister as its argument. */
static bool each(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct tree_lister *l = arg;
    struct tree_folder *folder = l->folder;

    if (stat && strcmp(name, ".") == 0) {
        folder->id = stat->file_id;
        if (!folder->above) {
            folder->stat = *stat; /* nobody has listed the root */
        }
    } else if (stat && strcmp(name, "..") == 0) {
        l->link = l->link || lies_elsewhere(folder, stat);
    } else if (!l->link && !tree_folder_lost(folder)) {
        l->taken = true;
        take(l->tree, folder, name, stat);
    }
    return !tree_ending(l->tree);
}

/* ---------------------------------------------------------------- listers */

/* The connection was lost before there was anything: it is listed over another one.  False: it has failed. */
static bool list_anew(struct tree_lister *l)
{
    struct tree_copy *t = l->tree;
    struct tree_folder *folder = l->folder;

    if (l->seen || l->taken || !tree_goes_elsewhere(t, &l->err, &folder->again)) {
        return false;
    }
    drop_lister(l);
    list_push_front(&t->stack, &folder->node);
    t->folder_bytes += tree_folder_bytes(folder->name);
    return true;
}

/* Before anything in it was copied it is left alone, as other links are; later it has failed. */
static void take_link(struct tree_lister *l)
{
    struct tree_copy *t = l->tree;
    const char *path = tree_path(t, l->folder, "");

    if (!path) {
        return;
    }
    if (l->seen) {
        error_set(&l->err, LSMB_E_CHANGED,
                  "it lies elsewhere than where it was found, as behind a link");
        error_step(&l->err, "list the folder");
        error_path(&l->err, path);
        tree_failed(t, l->folder, NULL, &l->err);
        return;
    }
    log_line(&t->job.op.env->log, LSMB_LOG_INFO, "%s is left alone: it is a link", path);
    t->got.links++;
    t->changed = true;
}

static void answered(struct ready *ready)
{
    struct tree_lister *l = CONTAINER_OF(ready, struct tree_lister, wait.ready);
    struct tree_copy *t = l->tree;
    struct tree_folder *folder = l->folder;

    list_remove(&l->node);
    list_push_front(&t->idle, &l->node);
    t->asked--;
    tree_wake(t);
    if (l->wait.failed && list_anew(l)) {
        return;
    }
    folder->again = false;
    if (l->wait.failed) {
        error_step(&l->err, "list the directory");
        tree_failed(t, folder, NULL, &l->err);
    } else if (l->link) {
        take_link(l);
    }
    if (!l->seen && (l->wait.failed || l->link || tree_folder_lost(folder))) {
        tree_folder_lose(t, folder);
    } else if (!l->seen) {
        l->seen = true;
        tree_folder_seen(t, folder);
    }
    if (l->wait.failed || l->end || l->link || tree_folder_lost(folder)) {
        end_listing(l);
    }
}

static void ask(struct tree_lister *l)
{
    struct tree_copy *t = l->tree;

    list_remove(&l->node);
    list_push_front(&t->busy, &l->node);
    t->asked++;
    wait_begin(&l->wait, t->job.op.env, answered, &l->err);
    t->from->ops->more(t->from, l->lister, each, l, &l->end, &l->wait);
}

/* Begin to list the folder on top of the stack. */
static void begin(struct tree_copy *t)
{
    struct list *node = list_pop_front(&t->stack);
    assert(node);
    struct tree_folder *folder = CONTAINER_OF(node, struct tree_folder, node);

    t->folder_bytes -= tree_folder_bytes(folder->name);
    if (tree_folder_lost(folder)) {
        tree_folder_lose(t, folder);
        tree_folder_drop(t, folder);
        return;
    }
    const char *path = tree_path(t, folder, "");
    struct tree_lister *l = path ? calloc(1, sizeof *l) : NULL;
    void *lister = l ? t->from->ops->list(t->from, path) : NULL;
    if (!lister) {
        free(l);
        tree_no_memory(t);
        return;
    }
    *l = (struct tree_lister){.tree = t, .folder = folder, .lister = lister};
    list_push_front(&t->idle, &l->node);
    t->listers++;
    ask(l);
}

/* Whether another folder may be listed now. */
static bool may_list(const struct tree_copy *t)
{
    if (t->asked >= TREE_LISTED_MAX || t->files_waiting >= TREE_FILES_WAIT ||
        t->calls_waiting >= TREE_CALLS_WAIT) {
        return false;
    }
    return t->folder_bytes < TREE_FOLDERS_BYTES || t->asked == 0;
}

void tree_walk_run(struct tree_copy *t)
{
    while (!tree_ending(t) && may_list(t)) {
        bool crowded = t->folder_bytes >= TREE_FOLDERS_BYTES;
        bool open_one = !list_empty(&t->stack) && t->listers < TREE_LISTERS_MAX;
        if (!list_empty(&t->idle) && !(crowded && open_one)) {
            ask(CONTAINER_OF(t->idle.next, struct tree_lister, node));
        } else if (open_one) {
            begin(t);
        } else {
            return;
        }
    }
}

static void stop(struct list *listers)
{
    for (struct list *node; (node = list_pop_front(listers));) {
        drop_lister(CONTAINER_OF(node, struct tree_lister, node));
    }
}

void tree_walk_stop(struct tree_copy *t)
{
    stop(&t->idle);
    stop(&t->busy);
    t->asked = 0;
}
