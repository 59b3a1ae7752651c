/* cmd_get.c: copy a file from a share. */
#include "tools/connect.h"
#include "tools/copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NTSTATUS of an open that wanted a file.  MS-ERREF 2.3.1. */
#define STATUS_FILE_IS_A_DIRECTORY 0xC00000BAu

/* Where the file goes: into a directory under its own name.  The caller's to free. */
static char *target_path(struct run *run, const struct location *from, const struct location *to)
{
    struct stat st;
    bool there = stat(to->path, &st) == 0;

    if (there && S_ISDIR(st.st_mode)) {
        return location_join(to->path, location_base(from->path));
    }
    if (to->slash) {
        message_set_errno(&run->err, there ? ENOTDIR : errno, to->path);
        return NULL;
    }
    return strdup(to->path);
}

static struct lsmb_sink *open_sink(struct run *run, const struct location *to, const char *path)
{
    return to->kind == LOCATION_STREAM ? lsmb_sink_fd(run->smb, STDOUT_FILENO)
                                       : lsmb_sink_file(run->smb, path, copy_publish(run->opt));
}

static void get(struct run *run, const struct location *from, const struct location *to,
                const char *path)
{
    struct lsmb_share *share = connect_share(run, from);

    if (!share) {
        return;
    }
    struct lsmb_source *source = lsmb_source_share(share, from->path, run->opt->allow_growth);
    struct lsmb_sink *sink = open_sink(run, to, path);
    if (copy_run(run, source, sink, from)) {
        return;
    }
    if (run->err.nt_status == STATUS_FILE_IS_A_DIRECTORY) {
        run_fail_at(run, LSMB_E_STATUS, from, "is a directory (get -R is not built yet)");
    } else {
        run_fail(run);
    }
}

void cmd_get(struct run *run)
{
    struct location from = {.path = NULL}, to = {.path = NULL};
    char *path = NULL;

    if (!connect_parse(run, 0, true, &from) || !connect_parse_local(run, 1, &to)) {
        goto done;
    }
    if (from.path[0] == '\0') {
        run_fail_at(run, LSMB_E_STATUS, &from, "is a directory (get -R is not built yet)");
        goto done;
    }
    if (to.kind == LOCATION_LOCAL) {
        message_set(&run->err, LSMB_E_NOMEM, NULL, "out of memory");
        path = target_path(run, &from, &to);
        if (!path) {
            run_fail(run);
            goto done;
        }
    }
    get(run, &from, &to, path);
done:
    free(path);
    location_free(&from);
    location_free(&to);
}
