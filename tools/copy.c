#include "tools/copy.h"
#include "tools/connect.h"
#include "tools/copy_target.h"
#include "tools/copy_tree.h"
#include "tools/glob.h"
#include "tools/s3.h"
#include "tools/summary.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NTSTATUS of an open that wanted a file.  MS-ERREF 2.3.1. */
#define STATUS_FILE_IS_A_DIRECTORY 0xC00000BAu

static const char is_directory[] = "is a directory (-R copies it with all that is below it)";

enum lsmb_publish copy_publish(const struct options *opt)
{
    if (opt->in_place) {
        return LSMB_PUBLISH_IN_PLACE;
    }
    return opt->atomic ? LSMB_PUBLISH_ATOMIC : LSMB_PUBLISH_AUTO;
}

struct lsmb_copy_options copy_options(const struct options *opt, bool tree)
{
    uint64_t window = opt->window_bytes;

    return (struct lsmb_copy_options){
        .size = sizeof(struct lsmb_copy_options),
        .window_bytes = window > SIZE_MAX ? SIZE_MAX : (size_t)window,
        .keep_times = tree ? !opt->no_times : opt->times,
        .verify = opt->verify,
        .crc32 = opt->crc32,
    };
}

/* One try, between progress_begin() and progress_end(). */
static bool attempt(struct run *run, struct lsmb_source *source, struct lsmb_sink *sink,
                    struct lsmb_copy_result *result)
{
    struct lsmb_copy_options options = copy_options(run->opt, false);

    options.progress = progress_update;
    options.progress_arg = &run->progress;
    return run_wait(run, lsmb_copy_start(run->smb, source, sink, &options, result, run_done, run));
}

void copy_phrase(struct copy *copy)
{
    s3_phrase(&copy->run->err, &copy->from, &copy->to);
}

static void begin(struct run *run, const struct location *named)
{
    progress_begin(&run->progress, location_base(named->path));
}

static void end(struct run *run, bool ok, const struct location *named,
                const struct lsmb_copy_result *result)
{
    progress_end(&run->progress, ok);
    if (ok) {
        summary_file(run, named, result);
    } else if (run->err.path[0] == '\0') {
        (void)location_show(named, run->err.path, sizeof run->err.path);
    }
}

bool copy_run(struct run *run, struct lsmb_source *source, struct lsmb_sink *sink,
              const struct location *named)
{
    struct lsmb_copy_result result = {.bytes = 0};

    begin(run, named);
    bool ok = attempt(run, source, sink, &result);
    end(run, ok, named, &result);
    return ok;
}

/* ---------------------------------------------------------------- what cannot be */

static bool refuse_streams(const struct copy *c, struct refusal *why)
{
    const struct options *opt = c->run->opt;
    const char *file = opt->password_file;

    if (c->from.kind == LOCATION_STREAM && file && strcmp(file, "-") == 0) {
        return refuse(why, "standard input cannot be both the file and the password");
    }
    if (opt->recursive && (c->from.kind == LOCATION_STREAM || c->to.kind == LOCATION_STREAM)) {
        return refuse(why, "-R is for directories: '-' is none");
    }
    if (opt->verify && c->to.kind == LOCATION_STREAM) {
        return refuse(why, "--verify: what went to standard output cannot be read back");
    }
    return true;
}

static bool refuse_objects(const struct copy *c, struct refusal *why)
{
    const struct options *opt = c->run->opt;

    if (c->from.kind == LOCATION_S3 && c->from.path[0] == '\0' && !opt->recursive) {
        return refuse(why, "name an object: s3://%.100s/KEY (-R copies all of a bucket)",
                      c->from.share);
    }
    if (c->to.kind == LOCATION_S3 && opt->in_place) {
        return refuse(why, "--in-place: an object in S3 appears as a whole or not at all");
    }
    return true;
}

static bool refuse_patterns(const struct copy *c, struct refusal *why)
{
    const struct options *opt = c->run->opt;

    if (opt->filter.n > 0 && !opt->recursive && !c->from.pattern) {
        return refuse(why, "--include and --exclude choose from a tree (-R) or a pattern");
    }
    if (c->from.wild_above) {
        return refuse(why,
                      "wildcards may stand in the last name of a path only; in a URL, %%5B is a "
                      "'[' that is none");
    }
    if (c->from.pattern && opt->crc32) {
        return refuse(why, "--crc32 is of one file, not of a pattern; --verify checks each");
    }
    if (c->from.pattern && opt->allow_growth) {
        return refuse(why, "--allow-growth is for single files, not for a pattern");
    }
    if (c->from.pattern && c->to.kind == LOCATION_STREAM) {
        return refuse(why, "what matches a pattern goes into a directory: '-' is none");
    }
    return true;
}

static bool is_here(const struct location *where)
{
    return where->kind == LOCATION_LOCAL || where->kind == LOCATION_STREAM;
}

static void fail_folder(struct run *run, enum lsmb_code code, const struct location *where)
{
    char path[sizeof run->err.path];

    message_set(&run->err, code, location_spell(where, path, sizeof path), is_directory);
    run_fail(run);
}

/* What can be seen to be wrong before a server is asked.  False: reported. */
static bool check(struct copy *c)
{
    struct run *run = c->run;
    struct refusal why = {""};
    struct stat st;

    if (is_here(&c->from) && is_here(&c->to)) {
        (void)refuse(&why, "one of both must be on a share, smb://USER@HOST/SHARE/PATH, or in S3");
        run_refuse(run, &why);
        return false;
    }
    if (!refuse_streams(c, &why) || !refuse_patterns(c, &why) || !refuse_objects(c, &why)) {
        run_refuse(run, &why);
        return false;
    }
    if (c->from.kind == LOCATION_LOCAL && stat(c->from.path, &st) != 0) {
        message_set_errno(&run->err, errno, "open the source", c->from.path);
        run_fail(run);
        return false;
    }
    bool folder = c->from.kind == LOCATION_LOCAL ? S_ISDIR(st.st_mode)
                                                 : c->from.path && c->from.path[0] == '\0';
    if (folder && !run->opt->recursive) {
        fail_folder(run, c->from.kind == LOCATION_LOCAL ? LSMB_E_LOCAL : LSMB_E_STATUS, &c->from);
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- one file */

static struct lsmb_source *open_source(const struct copy *c)
{
    struct lsmb *smb = c->run->smb;
    bool growth = c->run->opt->allow_growth;

    switch (c->from.kind) {
    case LOCATION_STREAM: return lsmb_source_fd(smb, STDIN_FILENO);
    case LOCATION_LOCAL: return lsmb_source_file(smb, c->from.path, growth);
    case LOCATION_S3: return s3_source(c->run, &c->from);
    case LOCATION_SMB: break;
    }
    return lsmb_source_share(c->from_share, c->from.path, growth);
}

static struct lsmb_sink *open_sink(const struct copy *c)
{
    struct lsmb *smb = c->run->smb;
    enum lsmb_publish how = copy_publish(c->run->opt);

    switch (c->to.kind) {
    case LOCATION_STREAM: return lsmb_sink_fd(smb, STDOUT_FILENO);
    case LOCATION_LOCAL: return lsmb_sink_file(smb, c->to.path, how);
    case LOCATION_S3: return s3_sink(c->run, &c->to);
    case LOCATION_SMB: break;
    }
    return lsmb_sink_share(c->to_share, c->to.path, how);
}

/* The end on a share, else the one in S3; of two the source. */
static const struct location *named_end(const struct copy *c)
{
    if (c->from_share || c->to_share) {
        return c->from_share ? &c->from : &c->to;
    }
    return c->from.kind == LOCATION_S3 ? &c->from : &c->to;
}

static void report(struct copy *c)
{
    if (c->run->err.nt_status == STATUS_FILE_IS_A_DIRECTORY && c->from_share) {
        fail_folder(c->run, LSMB_E_STATUS, &c->from);
    } else {
        copy_target_fail(c);
    }
}

/* In S3 it would be fetched and stored again, without what others have said of it. */
static bool is_onto_itself(const struct copy *c)
{
    return s3_lies_in(&c->to, &c->from) && strcmp(c->to.path, c->from.path) == 0;
}

/* To a target that has been settled. */
static void copy_file(struct copy *c)
{
    if (is_onto_itself(c)) {
        run_fail_at(c->run, LSMB_E_STATUS, &c->to, "is the object that is to be copied");
    } else if (!copy_run(c->run, open_source(c), open_sink(c), named_end(c))) {
        report(c);
    }
}

static struct lsmb_job *look_at_source(const struct copy *c, struct lsmb_stat *st)
{
    struct run *run = c->run;

    return c->from_share
               ? lsmb_stat_start(c->from_share, c->from.path, st, run_done, run)
               : lsmb_s3_stat_start(run->s3, c->from.share, c->from.path, st, run_done, run);
}

/* Nothing is made for a source that is not there.  False: reported. */
static bool may_make_parents(struct copy *c)
{
    struct lsmb_stat st;

    if (!c->run->opt->make_parents || c->to.kind == LOCATION_S3 || is_here(&c->from) ||
        run_wait(c->run, look_at_source(c, &st))) {
        return true;
    }
    if (c->run->err.code == LSMB_E_NOT_FOUND || !run_may_go_on(c->run)) {
        copy_phrase(c);
        run_fail(c->run);
        return false;
    }
    return true; /* who may not look may still read: the copy will tell */
}

/* What the server said of the name as it was given may be for want of a look at it. */
static bool may_be_elsewhere(const struct run *run)
{
    return run->err.nt_status != 0 && run_may_go_on(run);
}

static enum copy_target settle(struct copy *c)
{
    return may_make_parents(c) ? copy_target_settle(c) : COPY_TARGET_FAILED;
}

/* To the very name that was given: most targets are not there, or files.  Only when that fails is the server
 * asked what is there: a directory, or nothing, not even the directory that it should be in. */
static void copy_boldly(struct copy *c)
{
    struct run *run = c->run;
    struct lsmb_copy_result result = {.bytes = 0};

    begin(run, named_end(c));
    bool ok = attempt(run, open_source(c), open_sink(c), &result);
    if (!ok && may_be_elsewhere(run)) {
        const struct lsmb_error err = run->err;
        switch (settle(c)) {
        case COPY_TARGET_CHANGED:
            begin(run, named_end(c)); /* it has another name now */
            ok = attempt(run, open_source(c), open_sink(c), &result);
            break;
        case COPY_TARGET_AS_NAMED: run->err = err; break;
        case COPY_TARGET_FAILED: progress_end(&run->progress, false); return;
        }
    }
    end(run, ok, named_end(c), &result);
    if (!ok) {
        report(c);
    }
}

/* ---------------------------------------------------------------- what it is */

/* A target without a user means that of the source.  False: reported. */
static bool connect_both(struct copy *c)
{
    if ((c->from.kind == LOCATION_S3 || c->to.kind == LOCATION_S3) && !s3_client(c->run)) {
        return false;
    }
    if (c->from.kind == LOCATION_SMB) {
        c->from_share = connect_share(c->run, &c->from);
        if (!c->from_share) {
            return false;
        }
        if (c->to.kind == LOCATION_SMB && !location_adopt_user(&c->to, &c->from)) {
            run_no_memory(c->run);
            return false;
        }
    }
    if (c->to.kind != LOCATION_SMB) {
        return true;
    }
    c->to_share = connect_target(c->run, &c->to);
    return c->to_share != NULL;
}

/* In S3 a key without an object is, as far as anybody can tell, the beginning of others. */
static bool is_prefix(const struct copy *c)
{
    struct run *run = c->run;
    struct lsmb_stat st = {.attributes = 0};

    if (c->from.slash || c->from.path[0] == '\0') {
        return true;
    }
    return !run_wait(
               run, lsmb_s3_stat_start(run->s3, c->from.share, c->from.path, &st, run_done, run)) &&
           (run->err.code == LSMB_E_NOT_FOUND || run->err.code == LSMB_E_DENIED);
}

/* Whether the source is a directory.  What cannot be told is taken for a file: its copy will say why. */
static bool source_is_folder(const struct copy *c)
{
    struct lsmb_stat st = {.attributes = 0};
    struct stat local;

    if (c->from.kind == LOCATION_S3) {
        return is_prefix(c);
    }
    if (c->from.kind == LOCATION_LOCAL) {
        return stat(c->from.path, &local) == 0 && S_ISDIR(local.st_mode);
    }
    return c->from.path[0] == '\0' ||
           (run_wait(c->run, lsmb_stat_start(c->from_share, c->from.path, &st, run_done, c->run)) &&
            (st.attributes & LSMB_ATTR_DIRECTORY));
}

/* A pipe cannot be read twice, and the other names say that they are directories. */
static bool may_be_bold(const struct copy *c)
{
    struct stat st;
    bool again =
        c->from.kind == LOCATION_S3 ||
        (c->from.kind == LOCATION_LOCAL && stat(c->from.path, &st) == 0 && S_ISREG(st.st_mode));

    return again && c->to.kind == LOCATION_SMB && !c->to.slash && c->to.path[0] != '\0';
}

/* One file that is named.  What the target is on this machine shows before any server is asked. */
static void go_one(struct copy *c)
{
    bool at_once = is_here(&c->to) && !c->run->opt->make_parents;

    if (at_once && settle(c) == COPY_TARGET_FAILED) {
        return;
    }
    if (!connect_both(c)) {
        return;
    }
    if (may_be_bold(c)) {
        copy_boldly(c);
    } else if (at_once || settle(c) != COPY_TARGET_FAILED) {
        copy_file(c);
    }
}

/* What a pattern is for, or with -R a tree: either may come to one file. */
static void go_many(struct copy *c)
{
    struct run *run = c->run;

    if (!connect_both(c)) {
        return;
    }
    if (c->from.pattern) {
        switch (glob_look(c)) {
        case GLOB_MANY: copy_tree(c, c->from.pattern); return;
        case GLOB_FAILED: return;
        case GLOB_ONE: break;
        }
    }
    if (run->opt->recursive && source_is_folder(c)) {
        copy_tree(c, NULL);
    } else if (!run_may_go_on(run)) {
        copy_phrase(c);
        run_fail(run);
    } else if (settle(c) != COPY_TARGET_FAILED) {
        copy_file(c);
    }
}

void copy_go(struct copy *copy)
{
    if (!check(copy)) {
        return;
    }
    if (copy->run->opt->recursive || copy->from.pattern) {
        go_many(copy);
    } else {
        go_one(copy);
    }
}

void copy_free(struct copy *copy)
{
    location_free(&copy->from);
    location_free(&copy->to);
}
