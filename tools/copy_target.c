#include "tools/copy_target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NTSTATUS of a name that is taken, and of a directory on the way that is not there.  MS-ERREF 2.3.1. */
#define STATUS_OBJECT_NAME_COLLISION 0xC0000035u
#define STATUS_OBJECT_PATH_NOT_FOUND 0xC000003Au

/* Whether run->err is of the target, and says that there is no directory for it. */
static bool lacks_parent(const struct copy *c)
{
    const struct lsmb_error *err = &c->run->err;
    char shown[sizeof err->path];

    if (c->to.kind == LOCATION_S3) {
        return false;
    }
    if (c->to.kind == LOCATION_SMB ? err->nt_status != STATUS_OBJECT_PATH_NOT_FOUND
                                   : err->os_errno != ENOENT) {
        return false;
    }
    return strcmp(err->path, location_show(&c->to, shown, sizeof shown)) == 0;
}

void copy_target_fail(struct copy *copy)
{
    struct run *run = copy->run;
    bool has_option = (run->opt->command->id & (CMD_PUT | CMD_CP)) != 0;

    if (lacks_parent(copy)) {
        (void)snprintf(run->err.advice, sizeof run->err.advice, "%s",
                       has_option ? "-m makes the missing directories above it"
                                  : "make the directories above it first");
    }
    copy_phrase(copy);
    run_fail(run);
}

/* Standard input has no name to keep, and that of an object may be none of a file. */
static enum copy_target keep_name(struct copy *c)
{
    struct refusal why = {""};
    const char *name = c->from.kind == LOCATION_STREAM ? "" : location_base(c->from.path);

    if (c->from.kind == LOCATION_STREAM) {
        (void)refuse(&why, "give the target a name: what comes from standard input has none");
    } else if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strchr(name, '\\')) {
        (void)refuse(&why, "give the target a name: '%.100s' cannot be that of a file", name);
    }
    if (why.text[0] != '\0') {
        run_refuse(c->run, &why);
        return COPY_TARGET_FAILED;
    }
    char *path = location_join(c->to.path, name);
    if (!path) {
        run_no_memory(c->run);
        return COPY_TARGET_FAILED;
    }
    free(c->to.path);
    c->to.path = path;
    return COPY_TARGET_CHANGED;
}

/* Make a local directory and all above it; what is there already is fine.  False: errno. */
static bool make_local(char *path)
{
    for (char *s = path + 1; *s; s++) {
        if (*s == '/') {
            *s = '\0';
            (void)mkdir(path, 0777); /* what is wrong shows at the last one */
            *s = '/';
        }
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

/* Make the directory `path` of the target's side.  False on failure: reported. */
static bool make_folder(struct copy *c, char *path)
{
    if (path[0] == '\0') {
        return true;
    }
    if (c->to.kind == LOCATION_LOCAL) {
        if (make_local(path)) {
            return true;
        }
        message_set_errno(&c->run->err, errno, "make the directory", path);
    } else if (run_wait(c->run, lsmb_mkdir_start(c->to_share, path, true, run_done, c->run))) {
        return true;
    }
    run_fail(c->run);
    return false;
}

/* Make all that is missing above the target. */
static bool make_parents(struct copy *c)
{
    char *parent = location_parent(c->to.path);

    if (!parent) {
        run_no_memory(c->run);
        return false;
    }
    bool ok = make_folder(c, parent);
    free(parent);
    return ok;
}

bool copy_target_make(struct copy *copy, bool *made)
{
    struct run *run = copy->run;
    const char *path = copy->to.path;

    *made = false;
    if (copy->to.kind == LOCATION_S3) {
        return true; /* what has no objects is not there, and needs not be */
    }
    if (run->opt->make_parents || path[0] == '\0') {
        return make_folder(copy, copy->to.path);
    }
    if (copy->to.kind == LOCATION_LOCAL) {
        *made = mkdir(path, 0777) == 0;
        if (*made || errno == EEXIST) {
            return true;
        }
        message_set_errno(&run->err, errno, "make the directory", path);
    } else {
        *made = run_wait(run, lsmb_mkdir_start(copy->to_share, path, false, run_done, run));
        if (*made || run->err.nt_status == STATUS_OBJECT_NAME_COLLISION) {
            return true;
        }
    }
    copy_target_fail(copy);
    return false;
}

void copy_target_unmake(struct copy *copy)
{
    struct run *run = copy->run;
    const struct lsmb_error err = run->err;

    if (copy->to.kind == LOCATION_LOCAL) {
        (void)rmdir(copy->to.path); /* what cannot be taken away stays */
    } else {
        (void)run_wait(run, lsmb_remove_start(copy->to_share, copy->to.path, run_done, run));
    }
    run->err = err;
}

/* Where there is nothing yet: with -m, a name that ends in '/' is a directory to be made. */
static enum copy_target make_way(struct copy *c)
{
    if (c->to.slash) {
        return make_folder(c, c->to.path) ? keep_name(c) : COPY_TARGET_FAILED;
    }
    return make_parents(c) ? COPY_TARGET_CHANGED : COPY_TARGET_FAILED;
}

static enum copy_target settle_local(struct copy *c)
{
    struct stat st;
    bool there = stat(c->to.path, &st) == 0;

    if (there && S_ISDIR(st.st_mode)) {
        return keep_name(c);
    }
    if (!there && errno == ENOENT && c->run->opt->make_parents) {
        return make_way(c);
    }
    if (c->to.slash) {
        message_set_errno(&c->run->err, there ? ENOTDIR : errno, "open the directory", c->to.path);
        copy_target_fail(c);
        return COPY_TARGET_FAILED;
    }
    return COPY_TARGET_AS_NAMED;
}

bool copy_target_is_folder(struct copy *copy, struct lsmb_stat *stat_out)
{
    struct lsmb_stat st = {.attributes = 0};
    struct stat local;
    bool folder = false;

    copy->run->err.code = LSMB_OK;
    if (copy->to.kind == LOCATION_S3) {
        folder = true; /* any key may be the beginning of others */
    } else if (copy->to.kind == LOCATION_LOCAL) {
        bool there = stat(copy->to.path, &local) == 0;
        folder = there && S_ISDIR(local.st_mode);
        if (!there && errno == ENOENT) {
            copy->run->err.code = LSMB_E_NOT_FOUND;
        }
    } else if (run_wait(copy->run,
                        lsmb_stat_start(copy->to_share, copy->to.path, &st, run_done, copy->run))) {
        folder = (st.attributes & LSMB_ATTR_DIRECTORY) != 0;
    }
    if (stat_out) {
        *stat_out = st;
    }
    return folder;
}

static enum copy_target settle_share(struct copy *c)
{
    if (c->to.path[0] == '\0' || copy_target_is_folder(c, NULL)) {
        return keep_name(c);
    }
    if (!run_may_go_on(c->run)) {
        run_fail(c->run);
        return COPY_TARGET_FAILED;
    }
    /* Who may not look may still write: the copy will tell.  A name that ends in '/' and is not there
     * is the file's own without -m, as the Python tool has it. */
    bool missing = c->run->err.code == LSMB_E_NOT_FOUND;
    return missing && c->run->opt->make_parents ? make_way(c) : COPY_TARGET_AS_NAMED;
}

enum copy_target copy_target_settle(struct copy *copy)
{
    switch (copy->to.kind) {
    case LOCATION_STREAM: break;
    case LOCATION_LOCAL: return settle_local(copy);
    case LOCATION_SMB: return settle_share(copy);
    case LOCATION_S3:
        if (copy->to.path[0] == '\0') { /* only a bucket was named */
            return keep_name(copy);
        }
        break;
    }
    return COPY_TARGET_AS_NAMED;
}
