/* cmd_mkdir.c: make directories. */
#include "tools/connect.h"

static void make_one(struct run *run, size_t i)
{
    struct location where;
    struct lsmb_share *share = NULL;

    if (connect_parse(run, i, true, &where)) {
        share = connect_share(run, &where);
    }
    if (share && !run_wait(run, lsmb_mkdir_start(share, where.path, run->opt->make_parents,
                                                 run_done, run))) {
        run_fail(run);
    }
    location_free(&where);
}

void cmd_mkdir(struct run *run)
{
    for (size_t i = 0; i < run->opt->n_args && (i == 0 || run_may_go_on(run)); i++) {
        make_one(run, i);
    }
}
