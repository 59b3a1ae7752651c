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
    size_t next; /* the entry to visit next */
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

/* List a directory, which becomes the deepest level.  `path` (NULL: no memory) is consumed.  False ends the
 * walk. */
static bool descend(struct walk *w, char *path)
{
    struct run *run = w->run;
    struct level *level = calloc(1, sizeof *level);

    if (!path || !level) {
        free(path);
        free(level);
        run_no_memory(run);
        return false;
    }
    *level = (struct level){.above = w->level, .path = path, .whole = true};
    w->level = level;
    w->depth++;
    if (w->depth > DEPTH_MAX) {
        message_set(&run->err, LSMB_E_STATUS, path, "lies too deep");
        fail(w);
        return true;
    }
    if (!run_wait(run, lsmb_list_start(w->share, path, NULL, listing_add, &level->entries, run_done,
                                       run))) {
        fail(w);
        return run_may_go_on(run);
    }
    if (level->entries.no_memory) {
        run_no_memory(run);
        return false;
    }
    if (level->entries.too_long) {
        message_set(&run->err, LSMB_E_STATUS, path, "the listing is too long");
        fail(w);
        return true;
    }
    listing_sort(&level->entries);
    level->entered = true;
    return !w->visitor->enter || told(w, w->visitor->enter(w->arg, path, &level->entries));
}

static bool visit_file(struct walk *w, char *path, const struct lsmb_stat *stat)
{
    if (!path) {
        run_no_memory(w->run);
        return false;
    }
    bool go_on = !w->visitor->file || told(w, w->visitor->file(w->arg, path, stat));
    free(path);
    return go_on;
}

/* The next entry of the deepest level, or the way up. */
static bool step(struct walk *w)
{
    struct level *level = w->level;
    bool go_on = true;

    if (level->next < level->entries.n) {
        const struct listing_entry *e = &level->entries.entries[level->next++];
        char *path = location_join(level->path, e->name);
        return tree_descends(&e->stat) ? descend(w, path) : visit_file(w, path, &e->stat);
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
    struct walk w = {.run = run, .share = share, .visitor = visitor, .arg = arg};
    bool go_on = descend(&w, strdup(path));

    while (go_on && w.level) {
        go_on = step(&w);
    }
    while (w.level) {
        drop_level(&w);
    }
    return go_on;
}
