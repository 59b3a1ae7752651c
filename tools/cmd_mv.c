/* cmd_mv.c: rename or move within a share. */
#include "tools/connect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct mv {
    struct run *run;
    struct lsmb_share *share;
    struct location to;
    bool to_directory;
    uint64_t to_id; /* 0: not known, or not there */
};

/* Two spellings of one directory: then its name is changed, and it does not move into itself. */
static bool is_target_itself(struct mv *mv, const struct location *from)
{
    struct lsmb_stat st = {.file_id = 0};

    return mv->to_id != 0 && strcasecmp(from->path, mv->to.path) == 0 &&
           run_wait(mv->run, lsmb_stat_start(mv->share, from->path, &st, run_done, mv->run)) &&
           st.file_id == mv->to_id;
}

static void move(struct mv *mv, const struct location *from)
{
    struct run *run = mv->run;
    bool into = mv->to_directory && !is_target_itself(mv, from);

    if (!run_may_go_on(run)) {
        run_fail(run);
        return;
    }
    char *path = into ? location_join(mv->to.path, location_base(from->path)) : strdup(mv->to.path);
    if (!path) {
        run_no_memory(run);
        return;
    }
    if (!run_wait(run, lsmb_rename_start(mv->share, from->path, path, true, run_done, run))) {
        run_fail(run);
    }
    free(path);
}

/* Is the target a directory?  That it is not there is fine. */
static bool look_at_target(struct mv *mv)
{
    struct lsmb_stat st = {.attributes = 0};

    mv->to_directory = mv->to.path[0] == '\0';
    if (mv->to_directory) {
        return true;
    }
    if (run_wait(mv->run, lsmb_stat_start(mv->share, mv->to.path, &st, run_done, mv->run))) {
        mv->to_directory = (st.attributes & LSMB_ATTR_DIRECTORY) != 0;
        mv->to_id = st.file_id;
    } else if (mv->run->err.code != LSMB_E_NOT_FOUND) {
        run_fail(mv->run);
        return false;
    }
    if (!mv->to_directory && mv->run->opt->n_args > 2) {
        run_fail_at(mv->run, LSMB_E_STATUS, &mv->to,
                    "is no directory, so that only one file can be moved there");
        return false;
    }
    return true;
}

static void move_argument(struct mv *mv, size_t i)
{
    struct location from;
    struct refusal why = {""};

    if (!connect_parse(mv->run, i, true, &from)) {
        goto done;
    }
    /* A target without a user means the user of the source. */
    if (!location_adopt_user(&mv->to, &from)) {
        run_no_memory(mv->run);
        goto done;
    }
    if (!location_same_share(&from, &mv->to)) {
        (void)refuse(&why, "both must be on one share, with one user; moving between shares is not "
                           "built yet");
        run_refuse(mv->run, &why);
        goto done;
    }
    if (from.path[0] == '\0') {
        run_fail_at(mv->run, LSMB_E_STATUS, &from, "the root of a share cannot be moved");
        goto done;
    }
    if (!mv->share) {
        mv->share = connect_share(mv->run, &mv->to);
        if (!mv->share || !look_at_target(mv)) {
            mv->share = NULL;
            goto done;
        }
    }
    move(mv, &from);
done:
    location_free(&from);
}

void cmd_mv(struct run *run)
{
    struct mv mv = {.run = run};
    size_t last = run->opt->n_args - 1;

    if (connect_parse(run, last, true, &mv.to)) {
        move_argument(&mv, 0);
        for (size_t i = 1; i < last && mv.share && run_may_go_on(run); i++) {
            move_argument(&mv, i);
        }
    }
    location_free(&mv.to);
}
