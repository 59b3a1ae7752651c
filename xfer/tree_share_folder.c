/* tree_share_folder.c: the folders of a share that files of a tree are put into. */
#include "xfer/tree_share_folder.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "xfer/share_sink.h"

enum {
    HASHES_MAX = 1 << 17,     /* two for each name: to list more costs more than it saves */
    ALL_HASHES_MAX = 1 << 21, /* of all folders: then no more are listed */
    FILES_FEW = 64,           /* in a folder: one for their temporaries is not worth it */
};

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
    struct target_folder *folder = calloc(1, sizeof *folder + path.len + 1);

    if (!folder) {
        return NULL;
    }
    list_init(&folder->temps);
    folder->all = folders;
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

/* The one of a path; NULL when there is no memory. */
static struct target_folder *have(struct target_folders *folders, struct span path)
{
    struct target_folder *folder = find(folders, path);

    return folder ? folder : add(folders, path);
}

/* ---------------------------------------------------------------- what was there before */

static enum op_next take_names(struct op *op);

static const struct op_step list_steps[] = {{"list the directory", take_names, 0}};

static void end_listing(struct op *op)
{
    struct target_folder *folder = CONTAINER_OF(op, struct target_folder, listing);

    free(folder->dir);
    free(folder->entry);
    folder->dir = NULL;
    folder->entry = NULL;
}

static const struct op_kind list_kind = {"list a target", list_steps, end_listing};

static bool add_hash(struct target_folder *folder, const char *name, bool fold)
{
    enum name_added added = name_set_add(&folder->names, name_hash(&folder->key, name, fold));

    folder->all->hashes += added == NAME_NEW;
    return added != NAME_NO_MEMORY;
}

/* Both forms are in one set: they are hashed as different bytes. */
static bool add_name(struct target_folder *folder, const char *name)
{
    return folder->names.count < HASHES_MAX && folder->all->hashes < ALL_HASHES_MAX &&
           add_hash(folder, name, true) && add_hash(folder, name, false);
}

static void forget_names(struct target_folder *folder)
{
    folder->all->hashes -= folder->names.count;
    name_set_free(&folder->names);
}

static enum op_next take_names(struct op *op)
{
    struct target_folder *folder = CONTAINER_OF(op, struct target_folder, listing);
    struct dir_op *dir = folder->dir;

    while (dir_next(dir, folder->entry)) {
        if (!add_name(folder, folder->entry->name)) {
            forget_names(folder);
            return OP_DONE;
        }
    }
    if (!op_finished(&dir->op)) {
        return OP_WAIT;
    }
    folder->listed = !op_failed(&dir->op);
    return OP_DONE;
}

static void listed(struct op *op)
{
    struct target_folder *folder = CONTAINER_OF(op, struct target_folder, listing);

    folder->done(folder->arg);
}

void target_folders_list(struct target_folders *folders, const char *path, struct lsmb_share *share,
                         void (*done)(void *arg), void *arg)
{
    struct env *env = &share_context(share)->env;
    struct target_folder *folder = have(folders, span_of(path));

    if (!folder || !env->random->fill(env->random, &folder->key, sizeof folder->key)) {
        done(arg);
        return;
    }
    folder->dir = calloc(1, sizeof *folder->dir);
    folder->entry = calloc(1, sizeof *folder->entry);
    if (!folder->dir || !folder->entry) {
        end_listing(&folder->listing);
        done(arg);
        return;
    }
    folder->done = done;
    folder->arg = arg;
    op_start(&folder->listing, env, &list_kind, listed);
    dir_start(folder->dir, &folder->listing, share, folder->path, "*");
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

static void make_temps(struct target_folder *folder, unsigned parts, struct lsmb_share *share)
{
    struct share_temps *temps = share_temps_new(share, folder->path, parts);

    if (temps) {
        list_push_back(&folder->temps, &temps->node);
    }
}

/* The name of a file on the share, among those that were there before. */
static enum share_name look_up(const struct target_folder *folder, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;

    if (!name_set_has(&folder->names, name_hash(&folder->key, name, true))) {
        return SHARE_NAME_FREE;
    }
    return name_set_has(&folder->names, name_hash(&folder->key, name, false)) ? SHARE_NAME_SPELT
                                                                              : SHARE_NAME_TAKEN;
}

/* Want of memory is no failure: then a file goes as it does elsewhere. */
void target_folders_put(struct target_folders *folders, const char *path, unsigned parts,
                        struct lsmb_share *share, struct lsmb_sink *sink)
{
    struct target_folder *folder = have(folders, folder_of(path));

    if (!folder) {
        return;
    }
    if (folder->listed) {
        sink_share_tell_name(sink, look_up(folder, path));
    }
    if (++folder->files <= FILES_FEW) {
        return;
    }
    struct share_temps *temps = find_temps(folder, share);
    if (temps) {
        sink_share_use_temps(sink, temps);
    } else {
        make_temps(folder, parts - 1, share);
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
    if (folder->dir) {
        op_abort(&folder->listing);
    }
    for (struct list *node; (node = list_pop_front(&folder->temps));) {
        share_temps_drop(temps_of(node));
    }
    forget_names(folder);
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
