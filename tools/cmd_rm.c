/* cmd_rm.c: delete files and trees. */
#include "tools/connect.h"
#include "tools/tree.h"

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

static void remove_tree(struct rm *rm, const struct location *where)
{
    static const struct tree_visitor visitor = {.file = remove_file, .leave = remove_directory};

    (void)tree_walk(rm->run, rm->share, where->path, &visitor, rm);
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
    if (!tree_descends(&st)) {
        if (!run_wait(run, lsmb_remove_start(rm.share, where.path, run_done, run))) {
            run_fail(run);
        }
    } else if (run->opt->recursive) {
        remove_tree(&rm, &where);
    } else {
        run_fail_at(run, LSMB_E_STATUS, &where, "is a directory (-R deletes it with all in it)");
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
