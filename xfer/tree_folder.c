/* tree_folder.c: folders of the target: made when they have been seen, ended when all in them has been done. */
#include <stdlib.h>
#include <string.h>

#include "xfer/tree.h"

/* A folder that is made or ended. */
struct tree_call {
    struct list node;
    struct tree_copy *tree;
    struct tree_folder *folder; /* held */
    struct lsmb_wait wait;
    struct lsmb_error err;
    bool end;
};

static struct tree_folder *folder_of(struct list *node)
{
    return CONTAINER_OF(node, struct tree_folder, node);
}

void tree_folder_add(struct tree_copy *t, struct tree_folder *above, const char *name,
                     const struct lsmb_stat *stat)
{
    size_t bytes = strlen(name) + 1;
    struct tree_folder *folder = calloc(1, sizeof *folder + bytes);

    if (!folder) {
        tree_no_memory(t);
        return;
    }
    memcpy(folder->name, name, bytes);
    folder->above = above;
    folder->held = 1; /* by its listing */
    folder->id = stat->file_id;
    folder->stat = *stat;
    list_init(&folder->waiting);
    list_init(&folder->files);
    if (above) {
        above->held++;
        folder->depth = above->depth + 1;
    }
    list_push_back(&t->every, &folder->every);
    list_push_front(&t->stack, &folder->node);
    t->folder_bytes += tree_folder_bytes(name);
}

bool tree_folder_lost(const struct tree_folder *folder)
{
    return folder->made == TREE_LOST || (folder->above && folder->above->made == TREE_LOST);
}

static void free_folder(struct tree_folder *folder)
{
    name_set_free(&folder->names);
    free(folder);
}

void tree_folder_drop(struct tree_copy *t, struct tree_folder *folder)
{
    while (folder && --folder->held == 0) {
        struct tree_folder *above = folder->above;
        if (folder->made == TREE_MADE && !tree_ending(t)) {
            folder->made = TREE_WAITS;
            folder->held++;
            t->calls_waiting++;
            list_push_back(&t->to_end, &folder->node);
            return;
        }
        list_remove(&folder->every);
        free_folder(folder);
        folder = above;
    }
}

/* ---------------------------------------------------------------- made */

/* Let it be made.  Until it is, somebody holds it. */
static void want_made(struct tree_copy *t, struct tree_folder *folder)
{
    list_remove(&folder->node);
    list_push_back(&t->to_make, &folder->node);
}

void tree_folder_seen(struct tree_copy *t, struct tree_folder *folder)
{
    folder->made = TREE_WAITS;
    folder->held++;
    t->calls_waiting++;
    if (folder->above && folder->above->made != TREE_MADE) {
        list_push_back(&folder->above->waiting, &folder->node);
    } else {
        want_made(t, folder);
    }
}

/* It, and what waits for it, and what waits for that. */
void tree_folder_lose(struct tree_copy *t, struct tree_folder *folder)
{
    struct list todo;

    list_init(&todo);
    for (struct tree_folder *f = folder; f;
         f = list_empty(&todo) ? NULL : folder_of(list_pop_front(&todo))) {
        f->held +=
            f->made != TREE_WAITS; /* while it is looked at; one that waits is held for that */
        t->calls_waiting -= f->made == TREE_WAITS;
        f->made = TREE_LOST;
        tree_files_lose(t, f);
        while (!list_empty(&f->waiting)) {
            struct list *node = list_pop_front(&f->waiting);
            list_push_back(&todo, node);
        }
        tree_folder_drop(t, f);
    }
}

static void take_made(struct tree_copy *t, struct tree_folder *folder)
{
    folder->made = TREE_MADE;
    t->calls_waiting--;
    t->got.folders += folder->above != NULL;
    t->changed = true;
    tree_files_ready(t, folder);
    while (!list_empty(&folder->waiting)) {
        want_made(t, folder_of(folder->waiting.next));
    }
    tree_folder_drop(t, folder);
}

/* ---------------------------------------------------------------- calls */

static void answered(struct ready *ready)
{
    struct tree_call *call = CONTAINER_OF(ready, struct tree_call, wait.ready);
    struct tree_copy *t = call->tree;
    struct tree_folder *folder = call->folder;

    list_remove(&call->node);
    t->call_count--;
    tree_wake(t);
    if (call->wait.failed && tree_goes_elsewhere(t, &call->err, &folder->again)) {
        list_push_front(call->end ? &t->to_end : &t->to_make, &folder->node);
        free(call);
        return;
    }
    folder->again = false;
    if (call->wait.failed) {
        error_step(&call->err, call->end ? "set the times of the directory" : "make the directory");
        tree_failed(t, folder, NULL, &call->err);
    }
    if (call->end) {
        t->calls_waiting--;
        tree_folder_drop(t, folder);
    } else if (call->wait.failed) {
        tree_folder_lose(t, folder);
    } else {
        take_made(t, folder);
    }
    free(call);
}

static void start_call(struct tree_copy *t, struct tree_folder *folder, bool end)
{
    const char *path = tree_path(t, folder, "");
    struct tree_call *call = path ? calloc(1, sizeof *call) : NULL;

    if (!call) {
        tree_no_memory(t);
        return;
    }
    *call = (struct tree_call){.tree = t, .folder = folder, .end = end};
    list_push_back(&t->calls, &call->node);
    t->call_count++;
    wait_begin(&call->wait, t->job.op.env, answered, &call->err);
    if (end) {
        const struct lsmb_stat *stat = t->copy.keep_times ? &folder->stat : NULL;
        t->to->ops->end_folder(t->to, path, stat, &call->wait);
    } else {
        t->to->ops->make_folder(t->to, path, &call->wait);
    }
}

void tree_folders_run(struct tree_copy *t)
{
    while (!tree_ending(t) && t->call_count < TREE_CALLS_MAX) {
        bool end = list_empty(&t->to_make);
        struct list *node = list_pop_front(end ? &t->to_end : &t->to_make);
        if (!node) {
            return;
        }
        start_call(t, folder_of(node), end);
    }
}

void tree_folders_free(struct tree_copy *t)
{
    for (struct list *node; (node = list_pop_front(&t->calls));) {
        struct tree_call *call = CONTAINER_OF(node, struct tree_call, node);
        ready_forget(&call->wait.ready);
        free(call);
    }
    t->call_count = 0;
    /* Where they wait does not matter any more: the lists go with them. */
    for (struct list *node; (node = list_pop_front(&t->every));) {
        free_folder(CONTAINER_OF(node, struct tree_folder, every));
    }
}
