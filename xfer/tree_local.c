/* tree_local.c: a folder of this machine as a tree.
 *
 * Everything in it is reached from its descriptor and without following a symbolic link (xfer/beneath).  The
 * folders that were opened last stay open, so that a file costs no walk over its path. */
#include "xfer/tree_local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "fs/lsmb.h"
#include "xfer/beneath.h"
#include "xfer/fdio.h"
#include "xfer/folder.h"
#include "xfer/local_stat.h"
#include "xfer/refused.h"

enum { FOLDERS_MAX = 64 };

struct local_tree {
    struct lsmb_tree tree;  /* first */
    struct lsmb *smb;       /* borrowed */
    char *path;             /* owned */
    struct beneath beneath; /* its root is owned; -1: not opened yet */
    struct list folders;    /* struct folder: the one that was opened last first */
    unsigned count;
    struct list calls; /* struct sync_call */
};

static struct local_tree *tree_of(struct lsmb_tree *tree)
{
    return CONTAINER_OF(tree, struct local_tree, tree);
}

/* For errors: where `path` is.  The caller's to free(); NULL when there is no memory. */
static char *shown(const struct local_tree *t, const char *path)
{
    size_t room = strlen(t->path) + strlen(path) + 2;
    char *text = malloc(room);

    if (text) {
        (void)snprintf(text, room, "%s%s%s", t->path, *path ? "/" : "", path);
    }
    return text;
}

/* Fill in `err` for `path`; returns false. */
static bool fail(const struct local_tree *t, int os_errno, const char *step, const char *path,
                 struct lsmb_error *err)
{
    char *text = shown(t, path);

    local_folder_error(err, os_errno, step, text ? text : path);
    free(text);
    return false;
}

/* ---------------------------------------------------------------- folders */

/* 0 or an errno. */
static int open_root(struct local_tree *t)
{
    if (t->beneath.root < 0) {
        t->beneath.root = open(t->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    return t->beneath.root < 0 ? errno : 0;
}

static void forget(struct local_tree *t, struct folder *folder)
{
    list_remove(&folder->node);
    t->count--;
    folder_drop(folder);
}

static struct folder *find(struct local_tree *t, const char *path, size_t len)
{
    LIST_EACH(node, &t->folders)
    {
        struct folder *folder = CONTAINER_OF(node, struct folder, node);
        if (strncmp(folder->path, path, len) == 0 && folder->path[len] == '\0') {
            return folder;
        }
    }
    return NULL;
}

/* The folder that the first `len` bytes of `path` name, kept by the tree: valid until the next call.  NULL with
 * errno. */
static struct folder *folder_at(struct local_tree *t, const char *path, size_t len)
{
    struct folder *folder = find(t, path, len);

    if (folder) {
        return folder;
    }
    int failed_errno = open_root(t);
    if (failed_errno) {
        errno = failed_errno;
        return NULL;
    }
    char *name = strndup(path, len);
    int fd = name ? beneath_open(&t->beneath, name) : -1;
    folder = fd >= 0 ? folder_new(fd, name) : NULL;
    failed_errno = fd < 0 && name ? errno : ENOMEM;
    free(name);
    if (!folder) {
        errno = failed_errno;
        return NULL;
    }
    list_push_front(&t->folders, &folder->node);
    if (++t->count > FOLDERS_MAX) {
        forget(t, CONTAINER_OF(t->folders.prev, struct folder, node));
    }
    return folder;
}

/* The folder that `path` is in, and its name there.  NULL with errno. */
static struct folder *folder_of(struct local_tree *t, const char *path, const char **leaf)
{
    const char *slash = strrchr(path, '/');

    *leaf = slash ? slash + 1 : path;
    if (!**leaf || strcmp(*leaf, ".") == 0 || strcmp(*leaf, "..") == 0) {
        errno = EXDEV;
        return NULL;
    }
    return folder_at(t, path, slash ? (size_t)(slash - path) : 0);
}

/* ---------------------------------------------------------------- listing */

static void *list(struct lsmb_tree *tree, const char *path)
{
    struct local_tree *t = tree_of(tree);
    int os_errno = open_root(t);
    int fd = os_errno ? -1 : beneath_open(&t->beneath, path);
    char *text = shown(t, path);

    if (!os_errno && fd < 0) {
        os_errno = errno;
    }
    if (!text) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return NULL;
    }
    void *lister = local_lister_new(&t->smb->env, fd, os_errno, text);
    free(text);
    return lister;
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
static void more(struct lsmb_tree *tree, void *lister, lsmb_entry_fn *each, void *each_arg,
                 bool *end, struct lsmb_wait *wait)
{
    (void)tree;
    local_lister_more(lister, each, each_arg, end, wait);
}

static void list_end(struct lsmb_tree *tree, void *lister)
{
    (void)tree;
    local_lister_free(lister);
}

/* ---------------------------------------------------------------- files */

static struct lsmb_source *source(struct lsmb_tree *tree, const char *path,
                                  const struct lsmb_stat *stat)
{
    struct local_tree *t = tree_of(tree);
    const char *leaf;
    struct lsmb_error err;

    if (stat->attributes & LSMB_ATTR_DEVICE) { /* opening a device may do something already */
        char *text = shown(t, path);
        error_set(&err, LSMB_E_LOCAL, "it is no regular file");
        error_path(&err, text ? text : path);
        free(text);
        return source_refused(&err);
    }
    struct folder *folder = folder_of(t, path, &leaf);
    if (!folder) {
        (void)fail(t, errno, "open the directory of", path, &err);
        return source_refused(&err);
    }
    char *text = shown(t, path);
    struct lsmb_source *made = text ? source_file_in(t->smb, folder, leaf, text) : NULL;
    free(text);
    return made;
}

static struct lsmb_sink *sink(struct lsmb_tree *tree, const char *path,
                              const struct lsmb_stat *stat, enum lsmb_publish how)
{
    struct local_tree *t = tree_of(tree);
    const char *leaf;
    struct lsmb_error err;
    struct folder *folder = folder_of(t, path, &leaf);

    (void)stat;
    if (!folder) {
        (void)fail(t, errno, "open the directory of", path, &err);
        return sink_refused(&err);
    }
    char *text = shown(t, path);
    struct lsmb_sink *made = text ? sink_file_in(t->smb, folder, leaf, text, how) : NULL;
    free(text);
    return made;
}

/* ---------------------------------------------------------------- making and ending folders */

/* The root, with what is missing above it; 0 or an errno. */
static int make_root(struct local_tree *t)
{
    char *path = strdup(t->path);
    int failed_errno = path ? 0 : ENOMEM;

    for (char *at = path; path && *at; at++) {
        if (*at == '/' && at > path) {
            *at = '\0';
            (void)mkdir(path, 0777); /* the last one tells */
            *at = '/';
        }
    }
    if (path && mkdir(path, 0777) && errno != EEXIST) {
        failed_errno = errno;
    }
    free(path);
    return failed_errno ? failed_errno : open_root(t);
}

static int make(struct local_tree *t, const char *path)
{
    const char *leaf;

    if (!path[0]) {
        return make_root(t);
    }
    struct folder *in = folder_of(t, path, &leaf);
    if (!in || (mkdirat(in->fd, leaf, 0777) && errno != EEXIST)) {
        return errno;
    }
    return folder_at(t, path, strlen(path)) ? 0 : errno; /* which a file or a link is not */
}

static void make_folder(struct lsmb_tree *tree, const char *path, struct lsmb_wait *wait)
{
    struct local_tree *t = tree_of(tree);
    struct lsmb_error err;
    int failed_errno = make(t, path);
    bool ok = !failed_errno || fail(t, failed_errno, "make the directory", path, &err);

    lsmb_wait_done(wait, ok ? NULL : &err);
}

/* 0 or an errno. */
static int set_time(const struct folder *folder, int64_t written)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, local_time(written)};

    /* Not futimens(): the descriptor of one that may not be read is for paths alone. */
    return utimensat(folder->fd, ".", times, 0) ? errno : 0;
}

/* Let a helper see to it that a folder is on the disk, with the names that it was given. */
struct sync_call {
    struct list node; /* of the tree */
    struct local_tree *tree;
    struct fdio *io;    /* owned */
    struct ready ready; /* it is */
    struct lsmb_wait *wait;
};

static void forget_call(struct sync_call *call)
{
    list_remove(&call->node);
    ready_forget(&call->ready);
    fdio_free(call->io);
    free(call);
}

/* What is in it has its name by now; that a disk might forget it is worth a word, not a failure. */
static void synced(struct ready *ready)
{
    struct sync_call *call = CONTAINER_OF(ready, struct sync_call, ready);
    struct lsmb_wait *wait = call->wait;
    struct lsmb_error err;
    const uint8_t *data = NULL;
    size_t len = 0;

    if (!fdio_result(call->io, &data, &len, &err)) {
        log_line(&call->tree->smb->env.log, LSMB_LOG_WARNING, "a directory in %s: %s",
                 call->tree->path, err.reason);
    }
    forget_call(call);
    lsmb_wait_done(wait, NULL);
}

/* False when there is nothing to do it with. */
static bool sync_folder(struct local_tree *t, const struct folder *folder, struct lsmb_wait *wait)
{
    struct sync_call *call = calloc(1, sizeof *call);

    if (!call) {
        return false;
    }
    call->io = fdio_new(folder->fd, NULL, 0);
    if (!call->io) {
        free(call);
        return false;
    }
    call->tree = t;
    call->wait = wait;
    call->ready.run = synced;
    list_push_back(&t->calls, &call->node);
    fdio_sync(call->io, &t->smb->env, &call->ready);
    return true;
}

static void end_folder(struct lsmb_tree *tree, const char *path, const struct lsmb_stat *stat,
                       struct lsmb_wait *wait)
{
    struct local_tree *t = tree_of(tree);
    struct folder *folder = folder_at(t, path, strlen(path));
    struct lsmb_error err;

    if (!folder) {
        (void)fail(t, errno, "open the directory", path, &err);
        lsmb_wait_done(wait, &err);
        return;
    }
    int failed_errno = stat && stat->written != 0 ? set_time(folder, stat->written) : 0;
    if (failed_errno) {
        (void)fail(t, failed_errno, "set the times of", path, &err);
        lsmb_wait_done(wait, &err);
        forget(t, folder);
        return;
    }
    if (!sync_folder(t, folder, wait)) {
        (void)fail(t, ENOMEM, "write to the disk", path, &err);
        lsmb_wait_done(wait, &err);
    }
    forget(t, folder);
}

/* ---------------------------------------------------------------- the tree */

static void close_tree(struct lsmb_tree *tree)
{
    struct local_tree *t = tree_of(tree);

    for (struct list *node; (node = list_pop_front(&t->calls));) {
        forget_call(CONTAINER_OF(node, struct sync_call, node));
    }
    for (struct list *node; (node = list_pop_front(&t->folders));) {
        folder_drop(CONTAINER_OF(node, struct folder, node));
    }
    if (t->beneath.root >= 0) {
        (void)close(t->beneath.root);
    }
    free(t->path);
    free(t);
}

static const struct lsmb_tree_ops ops = {
    .size = sizeof ops,
    .list = list,
    .more = more,
    .list_end = list_end,
    .source = source,
    .make_folder = make_folder,
    .sink = sink,
    .end_folder = end_folder,
    .close = close_tree,
};

struct lsmb_tree *lsmb_tree_local(struct lsmb *smb, const char *path)
{
    struct local_tree *t = calloc(1, sizeof *t);

    if (!t) {
        return NULL;
    }
    t->path = strdup(path[0] ? path : ".");
    if (!t->path) {
        free(t);
        return NULL;
    }
    t->tree.ops = &ops;
    t->smb = smb;
    t->beneath.root = -1;
    list_init(&t->folders);
    list_init(&t->calls);
    return &t->tree;
}
