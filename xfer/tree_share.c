/* tree_share.c: a folder of a share as a tree.
 *
 * Names are mapped here (xfer/names_map), and only here.  Files go over several connections where there are
 * many: each has its own session, so what one waits for does not hold up the others. */
#include "xfer/tree_share.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "fs/dir.h"
#include "fs/job.h"
#include "fs/server_copy.h"
#include "fs/share.h"
#include "xfer/names_map.h"
#include "xfer/refused.h"
#include "xfer/share_folder.h"
#include "xfer/share_sink.h"
#include "xfer/tree_share_folder.h"
#include "xfer/xfer.h"

/* The bit of a reparse tag that says that it stands for another name (MS-FSCC 2.1.2.1). */
#define REPARSE_NAME_SURROGATE 0x20000000u

enum {
    FILES_EACH = 128,      /* that are worth a connection more */
    LEARN_NS = 50000000,   /* of copying, before it is said what it waits for */
    BUSY_PART = 3,         /* who works so much of the time is busy */
    PAGES_BYTES = 1 << 20, /* of all listings together, and as much on its way */
};

/* Another connection for files. */
struct more_share {
    struct lsmb_share *share; /* owned; NULL: not yet, or it cannot be had */
    struct lsmb_job *opening; /* makes it; NULL: over */
};

struct share_tree {
    struct lsmb_tree tree;    /* first */
    struct lsmb_share *share; /* borrowed */
    char *root;               /* owned */
    enum lsmb_names names;
    struct list calls; /* struct folder_call */
    struct target_folders targets;
    unsigned listers;

    struct more_share more[LSMB_CONNECTIONS_MAX - 1]; /* the first `begun` of them */
    unsigned connections;                             /* most to use */
    bool chosen;                                      /* by us: only while they help */
    unsigned begun, turn;
    bool paired; /* the other tree is one of the same server */
};

static const struct lsmb_tree_ops ops;

static struct share_tree *tree_of(struct lsmb_tree *tree)
{
    return CONTAINER_OF(tree, struct share_tree, tree);
}

/* ---------------------------------------------------------------- paths */

/* `path` on the share, the caller's to free(); NULL when there is no memory. */
static char *join(const struct share_tree *t, const char *path)
{
    size_t root_len = strlen(t->root);
    char *joined = malloc(root_len + 3 * strlen(path) + 2);

    if (!joined) {
        return NULL;
    }
    memcpy(joined, t->root, root_len);
    if (root_len > 0 && path[0]) {
        joined[root_len++] = '/';
    }
    (void)names_to_share(joined + root_len, path, t->names);
    return joined;
}

/* Whether one of its names would be taken for a snapshot (path_set_at). */
static bool names_snapshot(const char *path)
{
    for (const char *at = path; *at;) {
        size_t len = strcspn(at, "/");
        if (len == PATH_SNAPSHOT_LEN && path_snapshot_time(at) != 0) {
            return true;
        }
        at += len + (at[len] == '/');
    }
    return false;
}

/* False when there is no such name on a share, or none that can be asked for. */
static bool may_be(const struct share_tree *t, const char *path, struct lsmb_error *err)
{
    if (names_snapshot(path)) {
        error_set(err, LSMB_E_USAGE, "it has the name of a snapshot, which means another time");
        error_path(err, path);
        return false;
    }
    if (names_mislead(path, t->names)) {
        error_set(err, LSMB_E_USAGE, "a share takes '\\' and ':' in a name for something else");
        error_path(err, path);
        error_advise(err, "let names be mapped (--names sfm)");
        return false;
    }
    return true;
}

/* How many components of a path on the share lie in the tree. */
static unsigned count_parts(const char *path)
{
    unsigned count = *path != '\0';

    for (const char *at = path; (at = strchr(at, '/')); at++) {
        count++;
    }
    return count;
}

static void answer_no_memory(struct lsmb_wait *wait)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NOMEM, "no memory for the directory");
    lsmb_wait_done(wait, &err);
}

/* ---------------------------------------------------------------- connections */

static bool is_live(const struct lsmb_share *share)
{
    return share && share_up(share);
}

/* Where a file goes that the server may copy by itself: only within a session. */
static bool is_for_server(const struct share_tree *t, const struct lsmb_stat *stat)
{
    return t->paired && stat->bytes > COPY_WHOLE_MAX;
}

/* The share by its connection `n`: the host's own, then clones; NULL: there is none, or not yet. */
static struct lsmb_share *by_connection(const struct share_tree *t, unsigned n)
{
    const struct more_share *more = n > 0 ? &t->more[n - 1] : NULL;

    if (!more) {
        return t->share;
    }
    return more->opening ? NULL : more->share;
}

/* For what comes next: the live ones in turn. */
static struct lsmb_share *choose(struct share_tree *t)
{
    for (unsigned tries = 0; tries <= t->begun; tries++) {
        struct lsmb_share *share = by_connection(t, t->turn++ % (t->begun + 1));
        if (is_live(share)) {
            return share;
        }
    }
    return t->share; /* will say why it is not */
}

/* For folders, of which there are few: the host's own while it is live. */
static struct lsmb_share *choose_first(struct share_tree *t)
{
    return is_live(t->share) ? t->share : choose(t);
}

/* For a file. */
static struct lsmb_share *choose_for(struct share_tree *t, const struct lsmb_stat *stat)
{
    return is_for_server(t, stat) ? choose_first(t) : choose(t);
}

/* ---------------------------------------------------------------- listing */

struct share_lister {
    struct op op; /* first */
    struct share_tree *tree;
    char *path; /* owned */
    struct dir_op dir;
    struct dir_entry entry;
    char name[DIR_NAME_BYTES];
    lsmb_entry_fn *each;
    void *each_arg;
    bool *end;
    struct lsmb_wait *wait;    /* NULL: nobody asks */
    struct lsmb_error refused; /* LSMB_OK: it is listed */
};

static enum op_next hand_out(struct op *op);

static const struct op_step list_steps[] = {{"list", hand_out, 0}};
static const struct op_kind list_kind = {"list", list_steps, NULL};

static void answer_lister(struct share_lister *l, const struct lsmb_error *err)
{
    struct lsmb_wait *wait = l->wait;

    l->wait = NULL;
    lsmb_wait_done(wait, err);
}

static bool give(struct share_lister *l)
{
    struct lsmb_stat *stat = &l->entry.stat;

    /* Only a name surrogate is a link; others are files that are kept in another way. */
    if ((stat->attributes & LSMB_ATTR_REPARSE) && l->entry.reparse_tag != 0 &&
        !(l->entry.reparse_tag & REPARSE_NAME_SURROGATE)) {
        stat->attributes &= ~LSMB_ATTR_REPARSE;
    }
    name_from_share(l->name, l->entry.name, l->tree->names);
    return l->each(l->each_arg, l->name, stat);
}

/* It stays until the listing is ended by whoever began it. */
static enum op_next hand_out(struct op *op)
{
    struct share_lister *l = CONTAINER_OF(op, struct share_lister, op);
    bool given = false, go_on = true;

    if (!l->wait) {
        return OP_WAIT;
    }
    if (l->refused.code != LSMB_OK) {
        answer_lister(l, &l->refused);
        return OP_WAIT;
    }
    dir_limit_pages(&l->dir, PAGES_BYTES / l->tree->listers);
    while (go_on && dir_next(&l->dir, &l->entry)) {
        go_on = give(l);
        given = true;
    }
    if (op_finished(&l->dir.op) && op_failed(&l->dir.op)) {
        answer_lister(l, &l->dir.op.err);
    } else if (dir_at_end(&l->dir)) {
        *l->end = true;
        answer_lister(l, NULL);
    } else if (given) {
        answer_lister(l, NULL);
    }
    return OP_WAIT;
}

static void *list(struct lsmb_tree *tree, const char *path)
{
    struct share_tree *t = tree_of(tree);
    struct share_lister *l = calloc(1, sizeof *l);

    if (!l) {
        return NULL;
    }
    l->tree = t;
    l->path = join(t, path);
    if (!l->path) {
        free(l);
        return NULL;
    }
    t->listers++;
    op_start(&l->op, &share_context(t->share)->env, &list_kind, NULL);
    if (may_be(t, path, &l->refused)) {
        dir_start(&l->dir, &l->op, choose_first(t), l->path, "*");
    }
    return l;
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
static void more(struct lsmb_tree *tree, void *lister, lsmb_entry_fn *each, void *each_arg,
                 bool *end, struct lsmb_wait *wait)
{
    struct share_lister *l = lister;

    (void)tree;
    l->each = each;
    l->each_arg = each_arg;
    l->end = end;
    l->wait = wait;
    op_wake(&l->op);
}

static void list_end(struct lsmb_tree *tree, void *lister)
{
    struct share_lister *l = lister;

    tree_of(tree)->listers--;
    op_abort(&l->op);
    free(l->path);
    free(l);
}

/* ---------------------------------------------------------------- files */

static void opened(void *arg, const struct lsmb_error *err)
{
    struct more_share *more = arg;

    (void)err; /* it goes without */
    more->opening = NULL;
}

/* Whether the copies of the context have mostly waited so far, and not only for a moment.  Where one connection
 * keeps us busy more of them bring nothing. */
static bool copies_wait(const struct share_tree *t)
{
    const struct stats *stats = &share_context(t->share)->env.stats;
    uint64_t work_ns = stats->sum.bound_ns[LSMB_BOUND_CPU], all_ns = 0;

    for (unsigned i = 0; i < LSMB_BOUNDS; i++) {
        all_ns += stats->sum.bound_ns[i];
    }
    return all_ns >= LEARN_NS && work_ns < all_ns / BUSY_PART;
}

static void expect(struct share_tree *t, size_t files)
{
    if (t->chosen && !copies_wait(t)) {
        return;
    }
    while (t->begun + 1 < t->connections && files > FILES_EACH * (size_t)(t->begun + 1)) {
        struct more_share *more = &t->more[t->begun++];
        more->opening = lsmb_share_clone_start(t->share, &more->share, opened, more);
    }
}

static struct lsmb_source *source(struct lsmb_tree *tree, const char *path,
                                  const struct lsmb_stat *stat)
{
    struct share_tree *t = tree_of(tree);
    struct lsmb_error err;

    if (!may_be(t, path, &err)) {
        return source_refused(&err);
    }
    char *joined = join(t, path);
    struct lsmb_source *made =
        joined ? lsmb_source_share(choose_for(t, stat), joined, false) : NULL;
    free(joined);
    return made;
}

static struct lsmb_sink *sink(struct lsmb_tree *tree, const char *path,
                              const struct lsmb_stat *stat, enum lsmb_publish how)
{
    struct share_tree *t = tree_of(tree);
    struct lsmb_error err;

    if (!may_be(t, path, &err)) {
        return sink_refused(&err);
    }
    char *joined = join(t, path);
    struct lsmb_share *share = choose_for(t, stat);
    struct lsmb_sink *made =
        joined ? sink_share_in_tree(share, joined, count_parts(path), how) : NULL;
    if (made && how != LSMB_PUBLISH_IN_PLACE) {
        target_folders_put(&t->targets, joined, count_parts(path), share, made);
    }
    free(joined);
    return made;
}

/* ---------------------------------------------------------------- folders */

struct folder_call {
    struct list node;
    struct share_tree *tree;
    struct lsmb_wait *wait;
    char *joined;         /* owned: the folder on the share */
    unsigned parts;       /* of its path that lie in the tree */
    struct lsmb_job *job; /* makes the root; NULL: over, or `op` does it */
    struct share_folder_op op;
    struct target_folder *target; /* owned: what is to be ended before */
    struct lsmb_stat times;       /* and then set */
};

static void free_call(struct folder_call *call)
{
    target_folder_free(call->target);
    free(call->joined);
    free(call);
}

static void end_call(struct folder_call *call, const struct lsmb_error *err)
{
    struct lsmb_wait *wait = call->wait;

    lsmb_wait_done(wait, err);
    list_remove(&call->node);
    free_call(call);
}

static void names_known(void *arg)
{
    end_call(arg, NULL);
}

/* What is in a folder that was there may be in the way of what comes. */
static void list_names(struct folder_call *call)
{
    struct share_tree *t = call->tree;

    target_folders_list(&t->targets, call->joined, choose_first(t), names_known, call);
}

/* A lsmb_done_fn.  Nobody says whether it was there. */
static void root_made(void *arg, const struct lsmb_error *err)
{
    struct folder_call *call = arg;

    call->job = NULL;
    if (err) {
        end_call(call, err);
    } else {
        list_names(call);
    }
}

static void made(struct op *op)
{
    struct folder_call *call = CONTAINER_OF(op, struct folder_call, op.op);

    if (op_failed(op)) {
        end_call(call, &op->err);
    } else if (call->op.open.action == FILE_CREATED) {
        end_call(call, NULL);
    } else {
        list_names(call);
    }
}

static void called(struct op *op)
{
    end_call(CONTAINER_OF(op, struct folder_call, op.op), op_failed(op) ? &op->err : NULL);
}

/* Begin a call for `path`; NULL: `wait` has been answered. */
static struct folder_call *begin_call(struct share_tree *t, const char *path,
                                      struct lsmb_wait *wait)
{
    struct lsmb_error err;

    if (!may_be(t, path, &err)) {
        lsmb_wait_done(wait, &err);
        return NULL;
    }
    struct folder_call *call = calloc(1, sizeof *call);
    char *joined = call ? join(t, path) : NULL;
    if (!joined) {
        free(call);
        answer_no_memory(wait);
        return NULL;
    }
    call->tree = t;
    call->joined = joined;
    call->parts = count_parts(path);
    call->wait = wait;
    list_push_back(&t->calls, &call->node);
    return call;
}

/* With all that is missing above it. */
static void make_root(struct share_tree *t, struct folder_call *call)
{
    call->job = lsmb_mkdir_start(choose_first(t), t->root, true, root_made, call);
    if (!call->job) {
        struct lsmb_error err;
        error_set(&err, LSMB_E_NOMEM, "no memory for the directory");
        end_call(call, &err);
    }
}

static void make_folder(struct lsmb_tree *tree, const char *path, struct lsmb_wait *wait)
{
    struct share_tree *t = tree_of(tree);
    struct folder_call *call = begin_call(t, path, wait);

    if (call && path[0]) {
        share_folder_make(&call->op, choose_first(t), call->joined, call->parts, made);
    } else if (call) {
        make_root(t, call);
    }
}

/* Not before all in it has gone that was made for it, which changes its times. */
static void target_ended(void *arg)
{
    struct folder_call *call = arg;

    if (call->times.created == 0 && call->times.written == 0) {
        end_call(call, NULL);
    } else {
        share_folder_set_times(&call->op, choose_first(call->tree), call->joined, call->parts,
                               &call->times, called);
    }
}

static void end_folder(struct lsmb_tree *tree, const char *path, const struct lsmb_stat *stat,
                       struct lsmb_wait *wait)
{
    struct share_tree *t = tree_of(tree);
    struct folder_call *call = begin_call(t, path, wait);

    if (!call) {
        return;
    }
    if (stat) {
        call->times = *stat;
    }
    call->target = target_folders_take(&t->targets, call->joined);
    if (call->target) {
        target_folder_end(call->target, target_ended, call);
    } else {
        target_ended(call);
    }
}

static void drop_call(struct folder_call *call)
{
    if (call->job) {
        job_abandon(call->job);
    } else if (call->op.op.kind) {
        op_abort(&call->op.op);
    }
    free_call(call);
}

/* ---------------------------------------------------------------- the tree */

static void close_tree(struct lsmb_tree *tree)
{
    struct share_tree *t = tree_of(tree);

    for (struct list *node; (node = list_pop_front(&t->calls));) {
        drop_call(CONTAINER_OF(node, struct folder_call, node));
    }
    target_folders_free(&t->targets);
    for (unsigned i = 0; i < t->begun; i++) {
        if (t->more[i].opening) {
            job_abandon(t->more[i].opening);
        } else {
            lsmb_share_close(t->more[i].share);
        }
    }
    free(t->root);
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

static unsigned connections_of(unsigned wanted)
{
    if (wanted == 0) {
        return LSMB_CONNECTIONS_DEFAULT;
    }
    return wanted < LSMB_CONNECTIONS_MAX ? wanted : LSMB_CONNECTIONS_MAX;
}

struct lsmb_tree *lsmb_tree_share(struct lsmb_share *share, const char *path,
                                  const struct lsmb_tree_share_options *opt)
{
    struct lsmb_tree_share_options mine;
    struct share_tree *t = calloc(1, sizeof *t);

    if (!t) {
        return NULL;
    }
    t->root = strdup(path);
    if (!t->root) {
        free(t);
        return NULL;
    }
    options_take(&mine, sizeof mine, opt, opt ? opt->size : 0);
    t->tree.ops = &ops;
    t->share = share;
    t->names = mine.names;
    t->connections = connections_of(mine.connections);
    t->chosen = mine.connections == 0;
    list_init(&t->calls);
    return &t->tree;
}

/* ---------------------------------------------------------------- for the copy */

uint64_t tree_share_hash(const struct lsmb_tree *to, const struct name_key *key, const char *name)
{
    char room[4 * DIR_NAME_BYTES];

    if (to->ops != &ops || 3 * strlen(name) >= sizeof room) {
        return name_hash(key, name, to->ops == &ops);
    }
    const struct share_tree *t = (const void *)to; /* its first member */
    (void)names_to_share(room, name, t->names);
    return name_hash(key, room, true);
}

void tree_share_expect(struct lsmb_tree *from, struct lsmb_tree *to, size_t files)
{
    struct lsmb_error err;

    if (from->ops == &ops && to->ops == &ops) {
        tree_of(from)->paired = tree_of(to)->paired =
            server_copy_between(tree_of(from)->share, tree_of(to)->share, &err);
    }
    if (from->ops == &ops) {
        expect(tree_of(from), files);
    }
    if (to->ops == &ops) {
        expect(tree_of(to), files);
    }
}

static bool is_up(const struct lsmb_tree *tree)
{
    const struct share_tree *t = (const void *)tree; /* its first member */

    if (tree->ops != &ops) {
        return true;
    }
    for (unsigned n = 0; n <= t->begun; n++) {
        if (is_live(by_connection(t, n))) {
            return true;
        }
    }
    return false;
}

bool tree_share_up(const struct lsmb_tree *from, const struct lsmb_tree *to)
{
    return is_up(from) && is_up(to);
}
