#include "tools/glob.h"
#include "tools/copy_target.h"
#include "tools/pattern.h"

#include <stdlib.h>
#include <string.h>

struct glob {
    const char *pattern, *spelt;
    bool folders;
    bool exact;     /* there is a name as it is spelt */
    uint64_t found; /* names that match */
    char *first;    /* of them; owned */
    bool no_memory;
};

/* A lsmb_entry_fn. */
static bool look_at(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct glob *glob = arg;
    bool folder = (stat->attributes & LSMB_ATTR_DIRECTORY) != 0;
    bool link = (stat->attributes & LSMB_ATTR_REPARSE) != 0;

    if (strcmp(name, glob->spelt) == 0) {
        glob->exact = true;
        return false;
    }
    if (link || (folder && !glob->folders) || !pattern_matches(glob->pattern, name, strlen(name))) {
        return true;
    }
    glob->found++;
    if (!glob->first) {
        glob->first = strdup(name);
        glob->no_memory = !glob->first;
    }
    return !glob->no_memory;
}

/* List the directory that the names are in.  The server may leave out what cannot match; it has its own
 * idea of sets, and of what a character is. */
static bool list(struct copy *c, struct glob *glob)
{
    bool simple = strpbrk(glob->pattern, "?[\\") == NULL;
    struct lsmb_list_options opt = {.size = sizeof opt, .pattern = simple ? glob->pattern : NULL};
    char *parent = location_parent(c->from.path);

    if (!parent) {
        run_no_memory(c->run);
        return false;
    }
    bool ok = run_wait(
        c->run, lsmb_list_start(c->from_share, parent, &opt, look_at, glob, run_done, c->run));
    free(parent);
    if (!ok) {
        run_fail(c->run);
    } else if (glob->no_memory) {
        run_no_memory(c->run);
        ok = false;
    }
    return ok;
}

/* The one file that matches takes the place of the pattern. */
static enum glob_found take_one(struct copy *c, const char *name)
{
    char *parent = location_parent(c->from.path);
    char *path = parent ? location_join(parent, name) : NULL;

    free(parent);
    if (!path) {
        run_no_memory(c->run);
        return GLOB_FAILED;
    }
    free(c->from.path);
    c->from.path = path;
    return GLOB_ONE;
}

static enum glob_found judge(struct copy *c, const struct glob *glob)
{
    if (glob->exact) {
        return GLOB_ONE;
    }
    if (glob->found == 0) {
        run_fail_at(c->run, LSMB_E_NOT_FOUND, &c->from, "nothing matches");
        return GLOB_FAILED;
    }
    if (copy_target_is_folder(c, NULL)) {
        return GLOB_MANY;
    }
    if (!run_may_go_on(c->run) && c->run->err.code != LSMB_E_NOT_FOUND) {
        run_fail(c->run);
        return GLOB_FAILED;
    }
    if (glob->found > 1 && c->run->err.code == LSMB_E_NOT_FOUND) {
        run_fail_at(c->run, LSMB_E_NOT_FOUND, &c->to,
                    "is not there: several files match, and go into a directory that is");
        return GLOB_FAILED;
    }
    if (glob->found > 1) {
        run_fail_at(c->run, LSMB_E_STATUS, &c->to,
                    "is no directory, so that not all that match can be copied there");
        return GLOB_FAILED;
    }
    return take_one(c, glob->first);
}

enum glob_found glob_look(struct copy *copy)
{
    struct glob glob = {.pattern = copy->from.pattern,
                        .spelt = location_base(copy->from.path),
                        .folders = copy->run->opt->recursive};
    enum glob_found found = list(copy, &glob) ? judge(copy, &glob) : GLOB_FAILED;

    free(glob.first);
    return found;
}
