/* tree_share_folder.c: the folders of a share that files of a tree are put into. */
#include "xfer/tree_share_folder.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "xfer/share_sink.h"

enum { FILES_FEW = 64 }; /* in a folder: a folder for their temporaries is not worth it */

static struct share_temps *temps_of(struct list *node)
{
    return CONTAINER_OF(node, struct share_temps, node);
}

/* ---------------------------------------------------------------- by path */

/* For tsearch(3). */
static int compare(const void *left, const void *right)
{
    const struct span *a = left, *b = right;

    if (a->len != b->len) {
        return a->len < b->len ? -1 : 1;
    }
    return a->len > 0 ? memcmp(a->ptr, b->ptr, a->len) : 0;
}

static struct target_folder *find(const struct target_folders *folders, struct span path)
{
    void *found = tfind(&path, &folders->by_path, compare);

    return found ? *(struct target_folder **)found : NULL;
}

static struct target_folder *add(struct target_folders *folders, struct span path)
{
    struct target_folder *folder = calloc(1, sizeof *folder + path.len);

    if (!folder) {
        return NULL;
    }
    list_init(&folder->temps);
    memcpy(folder->path, path.ptr, path.len);
    folder->name = (struct span){(const uint8_t *)folder->path, path.len};
    if (!tsearch(folder, &folders->by_path, compare)) {
        free(folder);
        return NULL;
    }
    return folder;
}

/* The part of a path that names the folder. */
static struct span folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return (struct span){(const uint8_t *)path, slash ? (size_t)(slash - path) : 0};
}

static unsigned count_parts(struct span path)
{
    unsigned count = path.len > 0;

    for (size_t i = 0; i < path.len; i++) {
        count += path.ptr[i] == '/';
    }
    return count;
}

/* ---------------------------------------------------------------- folders for temporaries */

static struct share_temps *find_temps(const struct target_folder *folder,
                                      const struct lsmb_share *share)
{
    LIST_EACH(node, &folder->temps)
    {
        if (temps_of(node)->share == share) {
            return temps_of(node);
        }
    }
    return NULL;
}

static void make_temps(struct target_folder *folder, const char *joined, struct lsmb_share *share)
{
    char *above = strndup(joined, folder_of(joined).len);
    struct share_temps *temps =
        above ? share_temps_new(share, above, count_parts(folder->name)) : NULL;

    free(above);
    if (temps) {
        list_push_back(&folder->temps, &temps->node);
    }
}

/* Want of memory is no failure: then a file goes as it does elsewhere. */
void target_folders_put(struct target_folders *folders, const char *path, const char *joined,
                        struct lsmb_share *share, struct lsmb_sink *sink)
{
    struct span name = folder_of(path);
    struct target_folder *folder = find(folders, name);

    if (!folder) {
        folder = add(folders, name);
    }
    if (!folder || ++folder->files <= FILES_FEW) {
        return;
    }
    struct share_temps *temps = find_temps(folder, share);
    if (temps) {
        sink_share_use_temps(sink, temps);
    } else {
        make_temps(folder, joined, share);
    }
}

/* ---------------------------------------------------------------- the end */

struct target_folder *target_folders_take(struct target_folders *folders, const char *path)
{
    struct target_folder *folder = find(folders, span_of(path));

    if (folder) {
        (void)tdelete(folder, &folders->by_path, compare);
    }
    return folder;
}

static void temps_ended(struct op *op)
{
    struct target_folder *folder = op->arg;
    struct share_temps *temps = CONTAINER_OF(op, struct share_temps, op);

    list_remove(&temps->node);
    share_temps_drop(temps);
    if (list_empty(&folder->temps)) {
        folder->done(folder->arg);
    }
}

void target_folder_end(struct target_folder *folder, void (*done)(void *arg), void *arg)
{
    folder->done = done;
    folder->arg = arg;
    if (list_empty(&folder->temps)) {
        done(arg); /* which may free it */
        return;
    }
    LIST_EACH(node, &folder->temps)
    {
        share_temps_end(temps_of(node), temps_ended, folder);
    }
}

void target_folder_free(struct target_folder *folder)
{
    if (!folder) {
        return;
    }
    for (struct list *node; (node = list_pop_front(&folder->temps));) {
        share_temps_drop(temps_of(node));
    }
    free(folder);
}

static void free_one(void *folder)
{
    target_folder_free(folder);
}

void target_folders_free(struct target_folders *folders)
{
    tdestroy(folders->by_path, free_one);
    folders->by_path = NULL;
}
