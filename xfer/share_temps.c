/* share_temps.c: a folder for the temporaries of many files that are put into one folder of a share. */
#include "xfer/share_temps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/fscc.h"
#include "proto/info.h"
#include "proto/negotiate.h"
#include "proto/security.h"
#include "xfer/share_look.h"
#include "xfer/temp_name.h"

static enum op_next look(struct op *op);
static enum op_next ask(struct op *op);
static enum op_next make(struct op *op);
static enum op_next take_made(struct op *op);
static enum op_next start_close(struct op *op);
static enum op_next look_again(struct op *op);
static enum op_next judge(struct op *op);

enum { ST_LOOK, ST_ASK, ST_MAKE, ST_MADE };

static const struct op_step make_steps[] = {
    [ST_LOOK] = {"look at the directory", look, 0},
    [ST_ASK] = {"look at the directory", ask, 0},
    [ST_MAKE] = {"make a directory for temporary files", make, 0},
    [ST_MADE] = {"make a directory for temporary files", take_made, 0},
};

enum { ST_CLOSE, ST_CLOSED, ST_JUDGE };

static const struct op_step end_steps[] = {
    [ST_CLOSE] = {"remove the directory for temporary files", start_close, 0},
    [ST_CLOSED] = {"remove the directory for temporary files", look_again, 0},
    [ST_JUDGE] = {"remove the directory for temporary files", judge, 0},
};

static struct share_temps *temps_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_temps, op);
}

static void release(struct op *op)
{
    struct share_temps *t = temps_of(op);

    query_info_drop(&t->security);
    query_info_drop(&t->volume);
    open_drop(&t->look);
}

static const struct op_kind make_kind = {"make a folder for temporaries", make_steps, release};
static const struct op_kind end_kind = {"remove a folder for temporaries", end_steps, release};

/* ---------------------------------------------------------------- made */

/* `above` and a name in it, in the form in which temporaries are named. */
static bool name_it(struct share_temps *t, struct random *random)
{
    char name[TEMP_NAME_MAX + 1];
    struct lsmb_error err;
    struct path path;

    if (!path_set_to_make(&path, t->above, &err)) {
        return false;
    }
    char *folder = utf8_new(path_span(&path));
    path_free(&path);
    size_t room = folder ? strlen(folder) + sizeof name + 1 : 0;
    t->path = folder && temp_folder_name(name, random) ? malloc(room) : NULL;
    if (t->path) {
        (void)snprintf(t->path, room, "%s%s%s", folder, *folder ? "\\" : "", name);
    }
    free(folder);
    return t->path != NULL;
}

static void begin_end(struct share_temps *t)
{
    op_start(&t->op, &share_context(t->share)->env, &end_kind, t->ended);
}

static void made(struct op *op)
{
    struct share_temps *t = temps_of(op);

    if (t->ended) {
        begin_end(t);
    }
}

struct share_temps *share_temps_new(struct lsmb_share *share, const char *above, unsigned linkless)
{
    struct env *env = &share_context(share)->env;
    struct share_temps *t = calloc(1, sizeof *t);

    if (!t) {
        return NULL;
    }
    t->share = share;
    t->linkless = linkless;
    t->holders = 1;
    t->above = strdup(above);
    if (!t->above || !name_it(t, env->random)) {
        share_temps_drop(t);
        return NULL;
    }
    op_start(&t->op, env, &make_kind, made);
    return t;
}

static enum op_next look(struct op *op)
{
    struct share_temps *t = temps_of(op);
    const struct open_want want = {
        .access = FILE_READ_ATTRIBUTES | ACCESS_READ_CONTROL,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_DIRECTORY_FILE,
        .linkless = t->linkless,
    };

    if (share_dialect(t->share) == SMB2_DIALECT_202) {
        return OP_DONE; /* nothing is stored there, so nothing would use it */
    }
    open_start(&t->opening, op, t->share, t->above, &want, &t->look);
    return op_go(op, ST_ASK);
}

static enum op_next ask(struct op *op)
{
    struct share_temps *t = temps_of(op);
    enum op_next next = op_await(op, &t->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    query_security_start(&t->security, op, &t->look, DACL_SECURITY_INFORMATION);
    share_volume_start(&t->volume, op, &t->look);
    return op_go(op, ST_MAKE);
}

/* Whether files in a folder in it get what files in it get. */
static bool passes_on(const struct query_info_op *security)
{
    struct security_descriptor sd;
    struct ace ace;
    bool all = true;

    if (op_failed(&security->op) || !security_descriptor_get(&sd, security->data)) {
        return false;
    }
    struct acl_walk list = acl_from(sd.dacl);
    while (acl_next(&list, &ace)) {
        all = all && !(ace.flags & NO_PROPAGATE_INHERIT_ACE);
    }
    return all && acl_ok(&list);
}

static enum op_next make(struct op *op)
{
    struct share_temps *t = temps_of(op);
    const struct open_want want = {
        .access = FILE_READ_ATTRIBUTES | ACCESS_DELETE,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_CREATE,
        .options = FILE_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE,
        .attributes = FILE_ATTRIBUTE_DIRECTORY,
        .linkless = t->linkless > 0 ? t->linkless + 1 : 0,
        .led_to = &t->led_to,
    };

    if (!op_finished(&t->security.op) || !op_finished(&t->volume.op)) {
        return OP_WAIT;
    }
    if (!passes_on(&t->security) || op_failed(&t->volume.op) || !share_is_samba(t->volume.data)) {
        return OP_DONE;
    }
    open_start(&t->opening, op, t->share, t->path, &want, &t->folder);
    return op_go(op, ST_MADE);
}

/* A server stops at links in a new name: where there are any, a rename from there would not come to its target. */
static enum op_next take_made(struct op *op)
{
    struct share_temps *t = temps_of(op);
    enum op_next next = op_await(op, &t->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    t->ready = !t->led_to.utf16 && !t->ended;
    return OP_DONE;
}

/* ---------------------------------------------------------------- used */

const char *share_temps_path(const struct share_temps *t)
{
    return t->ready ? t->path : NULL;
}

struct share_temps *share_temps_hold(struct share_temps *t)
{
    t->holders++;
    return t;
}

void share_temps_refused(struct share_temps *t)
{
    t->ready = false;
}

void share_temps_unsettle(struct share_temps *t)
{
    t->unsettled = true;
}

/* ---------------------------------------------------------------- taken away */

void share_temps_end(struct share_temps *t, void (*done)(struct op *), void *arg)
{
    bool making = !op_finished(&t->op) && t->op.step == ST_MADE;

    t->ready = false;
    t->ended = done;
    t->op.arg = arg;
    if (making) {
        return; /* given up now it would come and go later, and change the time of the one that it is in */
    }
    op_abort(&t->op);
    begin_end(t);
}

static enum op_next start_close(struct op *op)
{
    struct share_temps *t = temps_of(op);

    if (!t->folder.share || !share_up(t->share)) {
        return OP_DONE;
    }
    close_start(&t->closing, op, &t->folder, NULL);
    return op_go(op, ST_CLOSED);
}

/* Servers say that CLOSE went well, whether or not there was something in it (MS-FSA 2.1.5.4). */
static enum op_next look_again(struct op *op)
{
    static const struct open_want want = {
        .access = FILE_READ_ATTRIBUTES,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_DIRECTORY_FILE,
    };
    struct share_temps *t = temps_of(op);

    if (!op_finished(&t->closing.op)) {
        return OP_WAIT;
    }
    open_start(&t->opening, op, t->share, t->path, &want, &t->look);
    return op_go(op, ST_JUDGE);
}

static enum op_next judge(struct op *op)
{
    struct share_temps *t = temps_of(op);
    char unc[512];

    if (!op_finished(&t->opening.op)) {
        return OP_WAIT;
    }
    if (!op_failed(&t->opening.op)) {
        share_path_text(t->share, t->path, unc, sizeof unc);
        log_line(&op->env->log, LSMB_LOG_WARNING,
                 "the directory for temporary files %s is left: the server did not delete it", unc);
    }
    return OP_DONE;
}

void share_temps_drop(struct share_temps *t)
{
    if (!t || --t->holders > 0) {
        return;
    }
    if (t->op.kind) {
        op_abort(&t->op);
    }
    if (!t->unsettled) {
        open_drop(&t->folder);
    }
    path_free(&t->led_to);
    free(t->above);
    free(t->path);
    free(t);
}
