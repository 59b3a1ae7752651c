#include "tools/tree.h"

#include <stdlib.h>
#include <string.h>

/* Deeper than any name can be that a server takes (32,760 characters, two for each level). */
enum { DEPTH_MAX = 16384 };

/* A directory on the way down. */
struct level {
    struct level *above;
    char *path; /* owned */
    struct listing entries;
    uint64_t id, parent_id; /* of "." and ".."; 0: not known */
    size_t next;            /* the entry to visit next */
    bool entered;
    bool whole; /* nothing below it has failed so far */
};

struct walk {
    struct run *run;
    struct lsmb_share *share;
    const struct tree_visitor *visitor;
    void *arg;
    struct level *level; /* owned: the deepest one */
    unsigned depth;
    size_t held;             /* entries of all levels: a server has them as deep as it likes */
    uint64_t root_parent_id; /* of the directory above the first one; 0: of no interest */
};

bool tree_descends(const struct lsmb_stat *stat)
{
    return (stat->attributes & LSMB_ATTR_DIRECTORY) && !(stat->attributes & LSMB_ATTR_REPARSE);
}

static void drop_level(struct walk *w)
{
    struct level *level = w->level;
    bool whole = level->whole;

    w->level = level->above;
    w->depth--;
    if (w->level) {
        w->level->whole = w->level->whole && whole;
    }
    listing_free(&level->entries);
    free(level->path);
    free(level);
}

static void fail(struct walk *w)
{
    if (w->depth == 1) {
        run_fail(w->run);
    } else {
        run_fail_partly(w->run);
    }
    w->level->whole = false;
}

/* What a visitor has said: whether the walk goes on. */
static bool told(struct walk *w, enum tree_next next)
{
    if (next == TREE_FAILED) {
        w->level->whole = false;
    }
    return next != TREE_END;
}

/* A lsmb_entry_fn with a level as its argument. */
static bool add_entry(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct level *level = arg;

    if (strcmp(name, ".") == 0) {
        level->id = stat->file_id;
    } else if (strcmp(name, "..") == 0) {
        level->parent_id = stat->file_id;
    } else {
        return listing_add(&level->entries, name, stat);
    }
    return true;
}

/* Does the directory lie elsewhere than in the one it was found in?  Then the server followed a link. */
static bool lies_elsewhere(const struct walk *w)
{
    uint64_t above = w->level->above ? w->level->above->id : w->root_parent_id;

    return above != 0 && w->level->parent_id != 0 && w->level->parent_id != above;
}

static bool visit_file(struct walk *w, const char *path, const struct lsmb_stat *stat)
{
    return !w->visitor->file || told(w, w->visitor->file(w->arg, path, stat));
}

/* The level just entered is a link: visit it as one, and leave it again. */
static bool step_back(struct walk *w)
{
    struct lsmb_stat stat = {.attributes = LSMB_ATTR_DIRECTORY | LSMB_ATTR_REPARSE};
    bool go_on = visit_file(w, w->level->path, &stat);

    drop_level(w);
    return go_on;
}

/* Make the directory `path` (copied) the deepest level.  False without memory. */
static bool add_level(struct walk *w, const char *path)
{
    struct level *level = calloc(1, sizeof *level);
    char *copy = strdup(path);

    if (!level || !copy) {
        free(level);
        free(copy);
        run_no_memory(w->run);
        return false;
    }
    *level = (struct level){.above = w->level,
                            .path = copy,
                            .entries = {.most = w->visitor->most, .held = &w->held},
                            .whole = true};
    w->level = level;
    w->depth++;
    return true;
}

/* List the deepest level.  False if that failed: reported. */
static bool list_level(struct walk *w)
{
    static const struct lsmb_list_options all = {.size = sizeof all, .dots = true};
    struct run *run = w->run;
    struct level *level = w->level;
    const char *why = NULL;

    if (w->depth > DEPTH_MAX) {
        why = "lies too deep";
    } else if (!run_wait(run, lsmb_list_start(w->share, level->path, &all, add_entry, level,
                                              run_done, run))) {
        fail(w);
        return false;
    } else if (level->entries.no_memory) {
        why = "no memory for the listing";
    } else if (level->entries.too_long) {
        why = "the listing is too long";
    }
    if (why) {
        message_set(&run->err, level->entries.no_memory ? LSMB_E_NOMEM : LSMB_E_STATUS, level->path,
                    why);
        fail(w);
    }
    return !why;
}

/* Go down into a directory.  False ends the walk. */
static bool descend(struct walk *w, const char *path)
{
    if (!add_level(w, path)) {
        return false;
    }
    if (!list_level(w)) {
        return run_may_go_on(w->run);
    }
    if (lies_elsewhere(w)) {
        return step_back(w);
    }
    listing_sort(&w->level->entries);
    w->level->entered = true;
    return !w->visitor->enter || told(w, w->visitor->enter(w->arg, path, &w->level->entries));
}

static bool visit(struct walk *w, const struct listing_entry *entry)
{
    char *path = location_join(w->level->path, entry->name);

    if (!path) {
        run_no_memory(w->run);
        return false;
    }
    bool go_on = tree_descends(&entry->stat) ? descend(w, path) : visit_file(w, path, &entry->stat);
    free(path);
    return go_on;
}

/* The next entry of the deepest level, or the way up. */
static bool step(struct walk *w)
{
    struct level *level = w->level;
    bool go_on = true;

    if (level->next < level->entries.n) {
        return visit(w, &level->entries.entries[level->next++]);
    }
    if (w->visitor->leave && level->entered) {
        go_on = told(w, w->visitor->leave(w->arg, level->path, level->whole));
    }
    drop_level(w);
    return go_on;
}

bool tree_walk(struct run *run, struct lsmb_share *share, const char *path,
               const struct tree_visitor *visitor, void *arg)
{
    struct walk w = {.run = run,
                     .share = share,
                     .visitor = visitor,
                     .arg = arg,
                     .root_parent_id = visitor->parent_id};
    bool go_on = descend(&w, path);

    while (go_on && w.level) {
        go_on = step(&w);
    }
    while (w.level) {
        drop_level(&w);
    }
    return go_on;
}
