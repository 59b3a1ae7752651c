/* cmd_rm.c: delete files and trees. */
#include "tools/connect.h"
#include "tools/tree.h"

#include <stdlib.h>
#include <string.h>

struct rm {
    struct run *run;
    struct lsmb_share *share;
};

static enum tree_next remove_name(struct rm *rm, const char *path)
{
    if (run_wait(rm->run, lsmb_remove_start(rm->share, path, run_done, rm->run))) {
        return TREE_GO_ON;
    }
    run_fail_partly(rm->run);
    return run_may_go_on(rm->run) ? TREE_FAILED : TREE_END;
}

static enum tree_next remove_file(void *arg, const char *path, const struct lsmb_stat *stat)
{
    (void)stat;
    return remove_name(arg, path);
}

/* One that is not empty would only be refused: what is left in it has been reported. */
static enum tree_next remove_directory(void *arg, const char *path, bool whole)
{
    return whole ? remove_name(arg, path) : TREE_FAILED;
}

/* What the directory above the one to be deleted says of it. */
struct above {
    uint64_t wanted_id; /* of that one */
    uint64_t id;        /* its own */
    unsigned names;     /* that lead to the one to be deleted */
};

/* A lsmb_entry_fn. */
static bool look_at_name(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct above *above = arg;

    if (strcmp(name, ".") == 0) {
        above->id = stat->file_id;
    } else if (strcmp(name, "..") != 0 && stat->file_id == above->wanted_id) {
        above->names++;
    }
    return true;
}

/* Links that a server follows by itself look like the directory they lead to.  One that leads elsewhere
 * shows while the tree is walked through; one that leads to its neighbour shows here, by the same file id
 * under two names.  False if the tree should not be touched: reported. */
static bool look_above(struct rm *rm, const struct location *where, struct above *above)
{
    static const struct lsmb_list_options all = {.size = sizeof all, .dots = true};
    char *parent = location_parent(where->path);

    if (!parent) {
        run_no_memory(rm->run);
        return false;
    }
    bool ok = run_wait(
        rm->run, lsmb_list_start(rm->share, parent, &all, look_at_name, above, run_done, rm->run));
    free(parent);
    if (!ok) {
        run_fail(rm->run);
    } else if (above->wanted_id != 0 && above->names > 1) {
        run_fail_at(rm->run, LSMB_E_STATUS, where,
                    "stands under another name in the same directory, so one of them is a link; "
                    "delete the link on the server");
        ok = false;
    }
    return ok;
}

static void remove_tree(struct rm *rm, const struct location *where, uint64_t file_id)
{
    struct above above = {.wanted_id = file_id};

    if (look_above(rm, where, &above)) {
        const struct tree_visitor visitor = {
            .file = remove_file, .leave = remove_directory, .parent_id = above.id};
        (void)tree_walk(rm->run, rm->share, where->path, &visitor, rm); /* reports its failures */
    }
}

/* What a directory says of a name in it. */
struct entry {
    const char *name;
    unsigned found; /* that the server takes for it: spelt so, or otherwise */
    bool exact;     /* one is spelt so: */
    uint32_t attributes;
};

/* A lsmb_entry_fn. */
static bool take_entry(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct entry *entry = arg;

    entry->found++;
    if (!entry->exact) {
        entry->exact = strcmp(name, entry->name) == 0;
        entry->attributes = stat->attributes;
    }
    return true;
}

/* A link that the server leaves to its client to follow is, once that is done, the directory it leads to.
 * What it is itself, its own directory says.  False if that does not: reported. */
static bool find_entry(struct rm *rm, const struct location *where, struct entry *entry)
{
    struct lsmb_list_options opt = {.size = sizeof opt, .pattern = location_base(where->path)};
    char *parent = location_parent(where->path);

    if (!parent) {
        run_no_memory(rm->run);
        return false;
    }
    *entry = (struct entry){.name = opt.pattern};
    bool ok = run_wait(
        rm->run, lsmb_list_start(rm->share, parent, &opt, take_entry, entry, run_done, rm->run));
    free(parent);
    if (!ok) {
        run_fail(rm->run);
    } else if (entry->found != 1 && !entry->exact) {
        run_fail_at(
            rm->run, LSMB_E_STATUS, where,
            "cannot be told from a link, since its directory does not list it by this name");
        ok = false;
    }
    return ok;
}

static void remove_whole(struct rm *rm, const struct location *where)
{
    if (!run_wait(rm->run, lsmb_remove_start(rm->share, where->path, run_done, rm->run))) {
        run_fail(rm->run);
    }
}

/* What opens as a directory. */
static void remove_opened(struct rm *rm, const struct location *where, uint64_t file_id)
{
    struct entry entry;

    if (!find_entry(rm, where, &entry)) {
        return;
    }
    if (entry.attributes & LSMB_ATTR_REPARSE) {
        remove_whole(rm, where);
    } else if (rm->run->opt->recursive) {
        remove_tree(rm, where, file_id);
    } else {
        run_fail_at(rm->run, LSMB_E_STATUS, where, "is a directory (-R deletes it with all in it)");
    }
}

static void remove_one(struct run *run, size_t i)
{
    struct location where;
    struct lsmb_stat st = {.attributes = LSMB_ATTR_DIRECTORY};
    struct rm rm = {.run = run};

    if (connect_parse(run, i, true, &where)) {
        rm.share = connect_share(run, &where);
    }
    if (!rm.share) {
        goto done;
    }
    if (where.path[0] == '\0') {
        run_fail_at(run, LSMB_E_STATUS, &where, "the root of a share cannot be deleted");
        goto done;
    }
    if (!run_wait(run, lsmb_stat_start(rm.share, where.path, &st, run_done, run))) {
        run_fail(run);
        goto done;
    }
    if (tree_descends(&st)) {
        remove_opened(&rm, &where, st.file_id);
    } else {
        remove_whole(&rm, &where);
    }
done:
    location_free(&where);
}

void cmd_rm(struct run *run)
{
    for (size_t i = 0; i < run->opt->n_args && (i == 0 || run_may_go_on(run)); i++) {
        remove_one(run, i);
    }
}
