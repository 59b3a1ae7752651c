/* cmd_cat.c: write files to standard output. */
#include "tools/connect.h"
#include "tools/copy.h"

#include <unistd.h>

static void cat_one(struct run *run, size_t i)
{
    struct location where;
    struct lsmb_share *share = NULL;

    if (connect_parse(run, i, true, &where)) {
        share = connect_share(run, &where);
    }
    if (share && where.path[0] == '\0') {
        run_fail_at(run, LSMB_E_STATUS, &where, "is a directory");
    } else if (share) {
        struct lsmb_source *source = lsmb_source_share(share, where.path, run->opt->allow_growth);
        struct lsmb_sink *sink = lsmb_sink_fd(run->smb, STDOUT_FILENO);
        if (!copy_run(run, source, sink, &where)) {
            run_fail(run);
        }
    }
    location_free(&where);
}

void cmd_cat(struct run *run)
{
    for (size_t i = 0; i < run->opt->n_args && (i == 0 || run_may_go_on(run)); i++) {
        cat_one(run, i);
    }
}
