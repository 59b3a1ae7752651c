/* cmd_rm.c: delete files. */
#include "tools/connect.h"

/* A link to a directory is a link: it may go, since what it leads to stays. */
static bool is_directory(const struct lsmb_stat *st)
{
    return (st->attributes & LSMB_ATTR_DIRECTORY) && !(st->attributes & LSMB_ATTR_REPARSE);
}

static void remove_one(struct run *run, size_t i)
{
    struct location where;
    struct lsmb_stat st = {.attributes = LSMB_ATTR_DIRECTORY};
    struct lsmb_share *share = NULL;

    if (connect_parse(run, i, true, &where)) {
        share = connect_share(run, &where);
    }
    if (!share) {
        goto done;
    }
    if (where.path[0] != '\0' &&
        !run_wait(run, lsmb_stat_start(share, where.path, &st, run_done, run))) {
        run_fail(run);
        goto done;
    }
    if (is_directory(&st)) {
        run_fail_at(run, LSMB_E_STATUS, &where, "is a directory (rm -R is not built yet)");
        goto done;
    }
    if (!run_wait(run, lsmb_remove_start(share, where.path, run_done, run))) {
        run_fail(run);
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
