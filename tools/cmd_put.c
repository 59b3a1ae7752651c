/* cmd_put.c: copy a file to a share. */
#include "tools/connect.h"
#include "tools/copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct put {
    struct run *run;
    struct location from, to;
    struct lsmb_share *share;
};

/* What can be seen to be wrong before a server is asked. */
static bool check_source(const struct put *p)
{
    struct stat st;

    if (p->from.kind == LOCATION_STREAM) {
        const char *file = p->run->opt->password_file;
        struct refusal why = {""};
        if (file && strcmp(file, "-") == 0) {
            (void)refuse(&why, "standard input cannot be both the file and the password");
            run_refuse(p->run, &why);
            return false;
        }
        return true;
    }
    if (stat(p->from.path, &st) != 0) {
        message_set_errno(&p->run->err, errno, p->from.path);
        run_fail(p->run);
        return false;
    }
    if (S_ISDIR(st.st_mode)) {
        run_fail_at(p->run, LSMB_E_LOCAL, &p->from, "is a directory (put -R is not built yet)");
        return false;
    }
    return true;
}

/* In a directory a file keeps its name; standard input has none to keep. */
static bool keep_name(struct put *p)
{
    struct refusal why = {""};

    if (p->from.kind == LOCATION_STREAM) {
        (void)refuse(&why, "give the target a name: what comes from standard input has none");
        run_refuse(p->run, &why);
        return false;
    }
    char *path = location_join(p->to.path, location_base(p->from.path));
    if (!path) {
        run_no_memory(p->run);
        return false;
    }
    free(p->to.path);
    p->to.path = path;
    return true;
}

static bool make_parents(struct put *p)
{
    char *parent = p->to.slash ? strdup(p->to.path) : location_parent(p->to.path);
    bool ok = true;

    if (!parent) {
        run_no_memory(p->run);
        return false;
    }
    if (parent[0] != '\0') {
        ok = run_wait(p->run, lsmb_mkdir_start(p->share, parent, true, run_done, p->run));
        if (!ok) {
            run_fail(p->run);
        }
    }
    free(parent);
    return ok;
}

/* Find out where the file goes, and change `to` into that.  False on failure, which has been
 * reported. */
static bool settle_target(struct put *p)
{
    struct lsmb_stat st = {.attributes = 0};

    if (p->to.path[0] == '\0') {
        return keep_name(p);
    }
    if (run_wait(p->run, lsmb_stat_start(p->share, p->to.path, &st, run_done, p->run))) {
        return st.attributes & LSMB_ATTR_DIRECTORY ? keep_name(p) : true;
    }
    if (!run_may_go_on(p->run)) {
        run_fail(p->run);
        return false;
    }
    if (p->run->err.code != LSMB_E_NOT_FOUND || !p->run->opt->make_parents) {
        /* Who may not look may still write: the copy will tell.  A name that ends in '/' and is not
         * there is the file's own, as the Python tool has it. */
        return true;
    }
    /* With -m such a name is a directory to be made. */
    return make_parents(p) && (!p->to.slash || keep_name(p));
}

static void put(struct put *p)
{
    struct lsmb_source *source = NULL;

    p->share = connect_share(p->run, &p->to);
    if (!p->share || !settle_target(p)) {
        return;
    }
    source = p->from.kind == LOCATION_STREAM
                 ? lsmb_source_fd(p->run->smb, STDIN_FILENO)
                 : lsmb_source_file(p->run->smb, p->from.path, p->run->opt->allow_growth);
    if (!copy_run(p->run, source, lsmb_sink_share(p->share, p->to.path, copy_publish(p->run->opt)),
                  &p->to)) {
        run_fail(p->run);
    }
}

void cmd_put(struct run *run)
{
    struct put p = {.run = run};

    if (connect_parse_local(run, 0, &p.from) && connect_parse(run, 1, true, &p.to) &&
        check_source(&p)) {
        put(&p);
    }
    location_free(&p.from);
    location_free(&p.to);
}
