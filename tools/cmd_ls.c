/* cmd_ls.c: list directories and files, the files first. */
#include "tools/connect.h"
#include "tools/entry_json.h"
#include "tools/show.h"
#include "tools/tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ls {
    struct run *run;
    bool safe;
    bool printed;         /* something stands above: a blank line comes before a heading */
    struct json json;     /* with --json */
    struct listing files; /* named on the command line */
    bool *directories;    /* for each argument */
    const char *root;     /* the directory that is walked through: its path in the share */
    const char *base;     /* and what stands for that where paths are printed */
};

/* Which kind an argument is; files are kept for later.  Returns false if no other should be tried. */
static bool look_at(struct ls *ls, size_t i)
{
    struct run *run = ls->run;
    struct location where;
    struct lsmb_stat st = {.attributes = 0};
    struct lsmb_share *share = NULL;

    if (connect_parse(run, i, true, &where)) {
        share = connect_share(run, &where);
    }
    if (share && where.path[0] == '\0') {
        ls->directories[i] = true;
    } else if (share && !run_wait(run, lsmb_stat_start(share, where.path, &st, run_done, run))) {
        run_fail(run);
    } else if (share) {
        ls->directories[i] = (st.attributes & LSMB_ATTR_DIRECTORY) != 0;
        if (!ls->directories[i] && !listing_add(&ls->files, run->opt->args[i], &st)) {
            run_no_memory(run);
        }
    }
    location_free(&where);
    return run_may_go_on(run);
}

/* A path within the share as it is printed.  The caller's to free; NULL without memory. */
static char *shown_path(const struct ls *ls, const char *path)
{
    const char *below = path + strlen(ls->root);

    below += *below == '/';
    return below[0] == '\0' ? strdup(ls->base) : location_join(ls->base, below);
}

/* Directories that are walked through below a heading of their own, with their names only; in JSON every
 * entry has its path. */
static bool print_entries(struct ls *ls, const char *directory, const struct listing *entries)
{
    const struct options *opt = ls->run->opt;

    if (!opt->json) {
        if (opt->n_args > 1 || opt->recursive) {
            (void)fputs(ls->printed ? "\n" : "", stdout);
            show_name(stdout, directory, ls->safe);
            (void)fputs(":\n", stdout);
        }
        listing_print(entries, stdout, opt->long_list, ls->safe);
        return true;
    }
    for (size_t i = 0; i < entries->n; i++) {
        char *path = location_join(directory, entries->entries[i].name);
        if (!path) {
            return false;
        }
        entry_json(&ls->json, path, &entries->entries[i].stat);
        free(path);
    }
    return true;
}

static enum tree_next print_directory(void *arg, const char *path, const struct listing *entries)
{
    struct ls *ls = arg;
    char *shown = shown_path(ls, path);
    bool ok = shown && print_entries(ls, shown, entries);

    free(shown);
    if (!ok) {
        run_no_memory(ls->run);
        return TREE_END;
    }
    ls->printed = true;
    return ls->run->opt->recursive ? TREE_GO_ON : TREE_END;
}

static bool list_directory(struct ls *ls, size_t i)
{
    static const struct tree_visitor visitor = {.enter = print_directory};
    struct run *run = ls->run;
    struct location where;
    struct lsmb_share *share = NULL;

    if (connect_parse(run, i, true, &where)) {
        share = connect_share(run, &where);
    }
    if (share) {
        /* In JSON the paths are relative to the one directory that was asked for. */
        ls->base = run->opt->json && run->opt->n_args == 1 ? "" : run->opt->args[i];
        ls->root = where.path;
        (void)tree_walk(run, share, where.path, &visitor, ls); /* failures are reported there */
    }
    location_free(&where);
    return run_may_go_on(run);
}

static void print_files(struct ls *ls)
{
    listing_sort(&ls->files);
    if (!ls->run->opt->json) {
        listing_print(&ls->files, stdout, ls->run->opt->long_list, ls->safe);
    }
    for (size_t i = 0; ls->run->opt->json && i < ls->files.n; i++) {
        entry_json(&ls->json, ls->files.entries[i].name, &ls->files.entries[i].stat);
    }
    ls->printed = ls->files.n > 0;
}

void cmd_ls(struct run *run)
{
    size_t n = run->opt->n_args;
    struct ls ls = {.run = run, .safe = isatty(STDOUT_FILENO) == 1};
    bool go_on = true;

    ls.directories = calloc(n, sizeof ls.directories[0]);
    if (!ls.directories) {
        run_no_memory(run);
        return;
    }
    for (size_t i = 0; i < n && go_on; i++) {
        go_on = look_at(&ls, i);
    }
    json_begin(&ls.json, stdout, run->opt->json);
    print_files(&ls);
    for (size_t i = 0; i < n && go_on; i++) {
        go_on = !ls.directories[i] || list_directory(&ls, i);
    }
    json_end(&ls.json);
    listing_free(&ls.files);
    free(ls.directories);
}
