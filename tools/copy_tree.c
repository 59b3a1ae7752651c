#include "tools/copy_tree.h"
#include "tools/copy_target.h"
#include "tools/pattern.h"
#include "tools/s3.h"
#include "tools/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tree_copy {
    struct copy *copy;
    const char *pattern; /* of the names at the top; NULL: all */
    struct lsmb_stat
        target;         /* where it may lie in the source; file_id 0: not known, or elsewhere */
    uint64_t unmatched; /* names that the pattern is not for */
    struct lsmb_tree_result result;
};

/* ---------------------------------------------------------------- on the way */

/* The target in the source: it would be copied into itself for ever.  Other disks of the same server have the
 * same ids, hardly from the same moment. */
static bool is_target(const struct tree_copy *t, const struct lsmb_stat *stat)
{
    return t->target.file_id != 0 && stat->file_id == t->target.file_id &&
           stat->created == t->target.created;
}

static bool wanted(void *arg, const char *path, const struct lsmb_stat *stat)
{
    struct tree_copy *t = arg;
    const struct options *opt = t->copy->run->opt;
    bool folder = (stat->attributes & LSMB_ATTR_DIRECTORY) != 0;

    if (t->pattern && !strchr(path, '/') &&
        ((folder && !opt->recursive) || !pattern_matches(t->pattern, path, strlen(path)))) {
        t->unmatched++;
        return false;
    }
    if (folder && is_target(t, stat)) {
        logger_line(&t->copy->run->log, LEVEL_WARNING,
                    "the target lies in the source, and is not copied into itself");
        return false;
    }
    return filter_wants(&opt->filter, path, folder);
}

static void failed(void *arg, const char *path, const struct lsmb_error *err)
{
    const struct tree_copy *t = arg;
    struct lsmb_error named = *err;
    char text[2048];

    if (named.path[0] == '\0') {
        (void)snprintf(named.path, sizeof named.path, "%s", path);
    }
    s3_phrase(&named, &t->copy->from, &t->copy->to);
    logger_failure(&t->copy->run->log, lsmb_error_text(&named, text, sizeof text));
}

static void progress(void *arg, const struct lsmb_tree_result *so_far)
{
    const struct tree_copy *t = arg;

    progress_tree(&t->copy->run->progress, so_far);
}

/* ---------------------------------------------------------------- both ends */

/* What it is called while it is copied; the root of a share has no name of its own. */
static const char *shown_name(const struct location *where)
{
    const char *base = location_base(where->path);

    if (base[0] != '\0') {
        return base;
    }
    return where->share ? where->share : where->path;
}

static struct lsmb_tree *open_tree(const struct copy *c, struct lsmb_share *share, const char *path)
{
    struct lsmb_tree_share_options options = {.size = sizeof options,
                                              .names = c->run->opt->names,
                                              .connections = c->run->opt->connections};

    return share ? lsmb_tree_share(share, path, &options) : lsmb_tree_local(c->run->smb, path);
}

static struct lsmb_tree *open_target(const struct copy *c)
{
    return c->to.kind == LOCATION_S3 ? s3_tree(c->run, &c->to)
                                     : open_tree(c, c->to_share, c->to.path);
}

static struct lsmb_tree *open_source(const struct tree_copy *t)
{
    const struct copy *c = t->copy;
    struct lsmb_tree *tree = NULL;

    if (c->from.kind == LOCATION_S3) {
        return s3_tree(c->run, &c->from);
    }
    if (!t->pattern) {
        return open_tree(c, c->from_share, c->from.path);
    }
    char *parent = location_parent(c->from.path);
    if (parent) {
        tree = open_tree(c, c->from_share, parent);
    }
    free(parent);
    return tree;
}

/* Whether both are on one server, whatever it is called and whoever logs on (MS-SMB2 2.2.4, ServerGuid). */
static bool is_one_server(const struct copy *c)
{
    struct lsmb_share_info from = {.size = sizeof from}, to = {.size = sizeof to};

    if (!c->from_share || !c->to_share) {
        return false;
    }
    lsmb_share_info(c->from_share, &from);
    lsmb_share_info(c->to_share, &to);
    return memcmp(from.server_guid, to.server_guid, sizeof from.server_guid) == 0;
}

/* On one server the target may lie in what is to be copied, or be it.  False: reported. */
static bool look_at_target(struct tree_copy *t)
{
    static const char same[] = "is the directory that is to be copied";
    struct copy *c = t->copy;
    struct lsmb_stat st = {.file_id = 0};

    if (s3_lies_in(&c->to, &c->from)) { /* in a list of names there is no directory to leave out */
        run_fail_at(c->run, LSMB_E_STATUS, &c->to,
                    strcmp(c->to.path, c->from.path) == 0
                        ? same
                        : "lies in what is to be copied: no directory is copied into itself");
        return false;
    }
    if (!is_one_server(c) || !copy_target_is_folder(c, &t->target) || t->target.file_id == 0 ||
        t->pattern) {
        return true;
    }
    if (run_wait(c->run, lsmb_stat_start(c->from_share, c->from.path, &st, run_done, c->run)) &&
        is_target(t, &st)) {
        run_fail_at(c->run, LSMB_E_STATUS, &c->to, same);
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- the copy */

static void report(const struct tree_copy *t, bool ok)
{
    struct run *run = t->copy->run;
    struct lsmb_tree_result told = t->result;
    char text[128];

    told.skipped -= t->unmatched; /* nobody has asked for them */
    if (told.found > 0 || ok) {
        summary_tree(run, &t->copy->from, &told);
    }
    if (!ok && run->err.code == LSMB_E_PARTLY) {
        (void)snprintf(text, sizeof text, "%" PRIu64 " of what was found could not be copied",
                       t->result.failed);
        run_fail_at(run, LSMB_E_PARTLY, &t->copy->from, text);
    } else if (!ok) {
        if (run->err.path[0] == '\0') {
            (void)location_show(&t->copy->from, run->err.path, sizeof run->err.path);
        }
        copy_phrase(t->copy);
        run_fail(run);
    }
}

void copy_tree(struct copy *copy, const char *pattern)
{
    struct run *run = copy->run;
    struct tree_copy t = {.copy = copy, .pattern = pattern};
    struct lsmb_copy_options each = copy_options(run->opt, true);
    bool made = false;
    const struct lsmb_tree_options options = {
        .size = sizeof options,
        .wanted = wanted,
        .failed = failed,
        .progress = progress,
        .arg = &t,
        .how = copy_publish(run->opt),
        .copy = &each,
        .files_max = s3_is_used(run->opt) ? S3_FILES_MAX : 0,
    };

    if (!copy_target_make(copy, &made) || !look_at_target(&t)) {
        return;
    }
    progress_begin(&run->progress, shown_name(&copy->from));
    bool ok = run_wait(run, lsmb_tree_copy_start(run->smb, open_source(&t), open_target(copy),
                                                 &options, &t.result, run_done, run));
    progress_tree(&run->progress, &t.result);
    progress_end(&run->progress, ok || run->err.code == LSMB_E_PARTLY);
    if (!ok && made && run->err.code == LSMB_E_NOT_FOUND && copy->from.kind == LOCATION_S3) {
        copy_target_unmake(copy); /* nothing is stored there, which shows only when it is listed */
    }
    report(&t, ok);
}
