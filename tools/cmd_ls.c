/* cmd_ls.c: list directories and files, the files first. */
#include "tools/connect.h"
#include "tools/listing.h"
#include "tools/show.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ls {
    struct run *run;
    bool safe;
    bool printed;         /* something stands above: a blank line comes before a heading */
    struct listing files; /* named on the command line */
    bool *directories;    /* for each argument */
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

static bool list_directory(struct ls *ls, size_t i)
{
    struct run *run = ls->run;
    struct listing list = {.entries = NULL};
    struct location where;
    struct lsmb_share *share = NULL;
    bool ok = false;

    if (connect_parse(run, i, true, &where)) {
        share = connect_share(run, &where);
    }
    if (share) {
        ok = run_wait(run,
                      lsmb_list_start(share, where.path, NULL, listing_add, &list, run_done, run));
        if (!ok) {
            run_fail(run);
        } else if (list.no_memory) {
            run_no_memory(run);
        }
    }
    if (ok && run->opt->n_args > 1) {
        (void)fputs(ls->printed ? "\n" : "", stdout);
        show_name(stdout, run->opt->args[i], ls->safe);
        (void)fputs(":\n", stdout);
    }
    listing_sort(&list);
    listing_print(&list, stdout, run->opt->long_list, ls->safe);
    ls->printed = ls->printed || ok;
    listing_free(&list);
    location_free(&where);
    return run_may_go_on(run);
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
    listing_sort(&ls.files);
    listing_print(&ls.files, stdout, run->opt->long_list, ls.safe);
    ls.printed = ls.files.n > 0;
    for (size_t i = 0; i < n && go_on; i++) {
        go_on = !ls.directories[i] || list_directory(&ls, i);
    }
    listing_free(&ls.files);
    free(ls.directories);
}
