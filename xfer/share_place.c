/* share_place.c: how a target on a share can come to its name, and the temporary beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "fs/stat.h"
#include "proto/fscc.h"
#include "proto/info.h"
#include "proto/security.h"
#include "xfer/share_access.h"
#include "xfer/share_sink.h"

enum {
    TEMP_TRIES = 8,
    ROOM_LEAST = 1 << 20, /* smaller files are not worth asking whether there is room for them */
    ROOM_INFO_LEN = 8,
};

static enum op_next start(struct op *op);
static enum op_next take_look(struct op *op);
static enum op_next make_temp(struct op *op);
static enum op_next take_temp(struct op *op);
static enum op_next take_access(struct op *op);
static enum op_next probe(struct op *op);
static enum op_next take_probe(struct op *op);
static enum op_next doom(struct op *op);
static enum op_next take_doom(struct op *op);
static enum op_next make_room(struct op *op);
static enum op_next take_room(struct op *op);
static enum op_next take_spelling(struct op *op);
static enum op_next open_target(struct op *op);
static enum op_next take_target(struct op *op);

/* In order; a step that has nothing to do goes on to the next one.  The look and the temporary are started together,
 * and ST_TEMP is for one more; how the target is spelt is found out beside all behind ST_TEMP_MADE.  ST_TARGET is where
 * a target is opened that is written itself. */
enum {
    ST_START,
    ST_LOOKED,
    ST_TEMP,
    ST_TEMP_MADE,
    ST_ACCESS,
    ST_PROBE,
    ST_PROBED,
    ST_DOOM,
    ST_DOOMED,
    ST_MAKE_ROOM,
    ST_ROOM,
    ST_SPELLED,
    ST_TARGET,
    ST_TARGET_OPENED,
};

static const struct op_step place_steps[] = {
    [ST_START] = {"look at the target", start, 0},
    [ST_LOOKED] = {"look at the target", take_look, 0},
    [ST_TEMP] = {"make a temporary file", make_temp, 0},
    [ST_TEMP_MADE] = {"make a temporary file", take_temp, 0},
    [ST_ACCESS] = {"compare with the target", take_access, 0},
    [ST_PROBE] = {"compare with the target", probe, 0},
    [ST_PROBED] = {"compare with the target", take_probe, 0},
    [ST_DOOM] = {"make a temporary file", doom, 0},
    [ST_DOOMED] = {"make a temporary file", take_doom, 0},
    [ST_MAKE_ROOM] = {"make room for the file", make_room, 0},
    [ST_ROOM] = {"make room for the file", take_room, 0},
    [ST_SPELLED] = {"look at the target", take_spelling, 0},
    [ST_TARGET] = {"open the target", open_target, 0},
    [ST_TARGET_OPENED] = {"open the target", take_target, 0},
};

static void release(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    query_info_drop(&s->general->query);
    request_drop(&s->general->mark);
    request_drop(&s->general->room);
}

const struct op_kind share_place_kind = {"open a target", place_steps, release};

struct open_want share_target_want(const struct share_sink *s)
{
    return (struct open_want){
        .access = FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | share_times_access(s),
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN_IF, /* overwriting would ask for the same attributes again */
        .options = FILE_NON_DIRECTORY_FILE,
        .want_id = true,
        .linkless = s->linkless,
    };
}

/* ---------------------------------------------------------------- making the temporary */

/* Nobody else has any business with it.  Reading is for SHARE_COPY, READ_CONTROL to compare it with the
 * target; a rename needs DELETE, which Windows insists on (MS-FSA 2.1.5.15.11) and Samba does not. */
struct open_want share_temp_want(struct share_sink *s)
{
    return (struct open_want){
        .step = "make a temporary file beside it",
        .access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | ACCESS_READ_CONTROL |
                  ACCESS_DELETE | share_times_access(s),
        .disposition = FILE_CREATE,
        .options = FILE_NON_DIRECTORY_FILE,
        .attributes = FILE_ATTRIBUTE_NORMAL,
        .linkless = share_temp_linkless(s),
        .led_to = &s->led_to,
    };
}

static bool wants_room(const struct share_sink *s)
{
    return s->bytes != LSMB_SIZE_UNKNOWN && s->bytes >= ROOM_LEAST;
}

static struct span room_info(const struct share_sink *s, uint8_t room[static ROOM_INFO_LEN])
{
    struct wr w = wr_from(room, ROOM_INFO_LEN);

    file_allocation_information_put(
        &w, &(struct file_allocation_information){.allocation_size = s->bytes});
    return wr_written(&w);
}

/* MS-SMB2 3.3.5.2.7.2: what fails may take what is behind it along: so what may be refused comes last. */
static bool lay_tail(void *arg, struct open_tail *tail)
{
    struct share_sink *s = arg;
    struct share_general *g = s->general;
    struct share_frame frame = {
        .share = s->end.share, .parts = tail->parts, .file = SMB2_FILE_ID_NONE};
    uint8_t room[ROOM_INFO_LEN];

    if (!share_cannot_unmark(s->end.share)) {
        share_frame_mark(&frame, &g->mark, true);
    }
    if (wants_room(s)) {
        share_frame_set(&frame, &g->room, FILE_ALLOCATION_INFORMATION, room_info(s, room));
    }
    tail->count = frame.count;
    return !frame.no_memory;
}

/* Harmless when store() has made one, and could not mark it. */
static bool start_temp(struct share_sink *s, struct lsmb_error *err)
{
    struct share_general *g = s->general;

    if (s->temp.share) {
        return true;
    }
    if (!share_name_temp(s, err)) {
        return false;
    }
    struct open_want want = share_temp_want(s);
    s->making_temp = true;
    g->tail = (struct open_tail){.lay = lay_tail, .arg = s};
    want.tail = &g->tail;
    open_start(&s->opening, &s->end.op, s->end.share, s->temp_text, &want, &s->temp);
    return true;
}

/* Whether the server has answered; then abort() knows what to take away. */
static bool has_made_temp(struct share_sink *s)
{
    if (!op_finished(&s->opening.op)) {
        return false;
    }
    s->making_temp = false;
    s->doomed = s->general->tail.sent && share_said(&s->general->mark) == SHARE_DONE;
    return true;
}

static enum op_next make_temp(struct op *op)
{
    struct lsmb_error err;

    return start_temp(share_sink_of(op), &err) ? op_go(op, ST_TEMP_MADE) : op_fail_as(op, &err);
}

/* ---------------------------------------------------------------- what is there */

/* It cannot be replaced atomically, as the user requires, because of s->why. */
static enum op_next refuse_atomic(struct share_sink *s)
{
    enum op_next next =
        op_fail(&s->end.op, LSMB_E_LOCAL, "it cannot be replaced atomically: %s", s->why);

    error_advise(&s->end.op.err, "leave --atomic away, or write into it with --in-place");
    return next;
}

/* It is to be copied into, because of s->why. */
static enum op_next copy_into(struct share_sink *s, unsigned next)
{
    s->way = SHARE_COPY;
    return s->how == LSMB_PUBLISH_ATOMIC ? refuse_atomic(s) : op_go(&s->end.op, next);
}

static enum op_next start(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    struct lsmb_error err;

    if (!share_name_target(s, &err)) {
        return op_fail_as(op, &err);
    }
    if (s->how == LSMB_PUBLISH_IN_PLACE) {
        return op_go(op, ST_TARGET);
    }
    if (share_names_stream(s)) {
        s->why = "it is an alternate stream";
        return copy_into(s, ST_TEMP);
    }
    if (!start_temp(s, &err)) {
        return op_fail_as(op, &err);
    }
    share_look_start(&s->general->look, op, s->end.share, s->target_text, s->linkless);
    return op_go(op, ST_LOOKED);
}

enum op_next share_refuse_source(struct op *op, const struct open *target)
{
    return stat_same_file(&share_sink_of(op)->source, &target->stat)
               ? op_fail(op, LSMB_E_USAGE, "it is the very file that is to be copied")
               : OP_AGAIN;
}

/* The temporary may be ready long before: from then on this may be cut off. */
static enum op_next take_look(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    bool made = has_made_temp(s);
    enum op_next next = made ? op_await(op, &s->general->look.op) : OP_WAIT;

    if (next == OP_AGAIN) {
        next = share_refuse_source(op, &s->general->look.open);
    }
    if (next != OP_AGAIN) {
        return next;
    }
    s->exists = s->general->look.exists;
    s->why = s->general->look.why;
    if (s->why) {
        return copy_into(s, ST_TEMP_MADE);
    }
    if (!s->exists) {
        share_seen(s->end.share)->occupied = 0;
    }
    return op_go(op, ST_TEMP_MADE);
}

/* ---------------------------------------------------------------- having the temporary */

static enum op_next temp_refused(struct op *op, const struct op *child)
{
    struct share_sink *s = share_sink_of(op);

    if (s->in_temps && child->err.nt_status != 0 && !share_forged(child)) {
        share_refuse_temps(s);
        return op_go(op, ST_TEMP);
    }
    if (nt_status_is(child->err.nt_status, STATUS_OBJECT_NAME_COLLISION) &&
        ++s->names_tried < TEMP_TRIES) {
        return op_go(op, ST_TEMP);
    }
    if (s->exists && nt_status_is(child->err.nt_status, STATUS_ACCESS_DENIED)) {
        s->why = "a temporary file cannot be made beside it (access denied)";
        return s->how == LSMB_PUBLISH_ATOMIC ? refuse_atomic(s) : op_go(op, ST_TARGET);
    }
    struct lsmb_error err = child->err;
    err.path[0] = '\0'; /* the user knows the target, not what is made beside it */
    return op_fail_as(op, &err);
}

/* It is to take the place of what is there, and its name as that is written. */
static void start_spelling(struct share_sink *s)
{
    if (s->exists && !s->why && s->name != SHARE_NAME_SPELT) {
        spelling_start(&s->general->spelling, &s->end.op, s->end.share, &s->target);
    }
}

static enum op_next take_temp(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->opening.op;
    struct lsmb_error err;

    if (!has_made_temp(s)) {
        return OP_WAIT;
    }
    if (op_failed(child)) {
        return temp_refused(op, child);
    }
    s->written = &s->temp;
    if (share_said(&s->general->mark) == SHARE_UNSURE) { /* marked, it would vanish when renamed */
        share_said_why(&s->general->mark, &err);
        return op_fail_as(op, &err);
    }
    if (s->led_to.utf16 && s->in_temps) {
        share_refuse_temps(s);
        return op_fail(op, LSMB_E_LOCAL, "its directory has become a link meanwhile");
    }
    if (s->led_to.utf16 && !share_names_follow(s, &err)) {
        return op_fail_as(op, &err);
    }
    start_spelling(s);
    if (s->why || !s->general->look.access.ptr) {
        return op_go(op, ST_PROBE);
    }
    query_security_start(&s->general->query, op, &s->temp, DACL_SECURITY_INFORMATION);
    return op_go(op, ST_ACCESS);
}

static enum op_next take_access(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->general->query.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (share_forged(child)) {
        return op_fail_as(op, &child->err);
    }
    if (op_failed(child) || share_access_lost(s->general->look.access, s->general->query.data)) {
        s->why = "it has access entries of its own, which a new file would not have";
        return copy_into(s, ST_DOOM);
    }
    return op_go(op, ST_PROBE);
}

/* Not in a tree, where a link is replaced.  The name for it is the temporary's and one character: who has that
 * would have to have this, too. */
static enum op_next probe(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    size_t len = strlen(s->temp_text);

    if (s->why || s->linkless > 0 || !s->general->look.open.share) {
        return op_go(op, ST_DOOM);
    }
    free(s->probe_text);
    s->probe_text = malloc(len + 2);
    if (!s->probe_text) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the name");
    }
    (void)snprintf(s->probe_text, len + 2, "%s~", s->temp_text);
    s->making_temp = true;
    s->doomed = false;
    share_probe_start(&s->general->probe, op, &s->general->look.open, &s->temp, s->probe_text);
    return op_go(op, ST_PROBED);
}

static enum op_next take_probe(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct share_probe *p = &s->general->probe;

    if (!op_finished(&p->op)) {
        return OP_WAIT;
    }
    if (p->name_left) {
        share_warn_left(s, s->probe_text, "is left: the server did not delete it");
    }
    if (p->temp_renamed) {
        free(s->temp_text);
        s->temp_text = s->probe_text;
        s->probe_text = NULL;
    }
    if (op_failed(&p->op)) {
        return op_fail_as(op, &p->op.err);
    }
    if (p->is_link) {
        s->why = "it is, or may be, a symbolic link";
        return copy_into(s, ST_DOOM);
    }
    return op_go(op, ST_DOOM);
}

/* Once more if it has been renamed: Samba forgets the mark of what is renamed. */
static enum op_next doom(struct op *op)
{
    struct share_sink *s = share_sink_of(op);

    share_look_drop(&s->general->look); /* an open file cannot be replaced */
    if (s->why) {
        share_warn(s);
    }
    if (s->doomed || share_cannot_unmark(s->end.share)) {
        s->making_temp = false;
        return op_go(op, ST_MAKE_ROOM);
    }
    s->making_temp = true;
    dispose_start(&s->setting, op, &s->temp, true);
    return op_go(op, ST_DOOMED);
}

/* A server that does not do this only keeps the temporary when we are killed. */
static enum op_next take_doom(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct op *child = &s->setting.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    s->making_temp = false;
    if (op_failed(child) && (child->err.nt_status == 0 || share_forged(child))) {
        s->doomed_unsure = true;
        return op_fail_as(op, &child->err); /* it may be marked, and vanish when renamed */
    }
    s->doomed = !op_failed(child);
    return op_go(op, ST_MAKE_ROOM);
}

static enum op_next make_room(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    uint8_t room[ROOM_INFO_LEN];

    if (!wants_room(s)) {
        return op_go(op, ST_SPELLED);
    }
    if (!s->general->tail.sent) {
        set_info_start(&s->setting, op, &s->temp, FILE_ALLOCATION_INFORMATION, room_info(s, room));
    }
    return op_go(op, ST_ROOM);
}

/* A disk that is too full is known before anything is sent; what else goes wrong here does not matter. */
static enum op_next take_room(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct request *asked = &s->general->room;
    const struct op *child = &s->setting.op;

    if (s->general->tail.sent) {
        return share_said(asked) == SHARE_REFUSED && nt_status_is(asked->status, STATUS_DISK_FULL)
                   ? op_fail_status(op, asked->status)
                   : op_go(op, ST_SPELLED);
    }
    if (!op_finished(child)) {
        return OP_WAIT;
    }
    return op_failed(child) && nt_status_is(child->err.nt_status, STATUS_DISK_FULL)
               ? op_fail_as(op, &child->err)
               : op_go(op, ST_SPELLED);
}

static enum op_next take_spelling(struct op *op)
{
    const struct spelling_op *spelling = &share_sink_of(op)->general->spelling;
    enum op_next next = spelling->path ? op_await(op, &spelling->op) : OP_AGAIN;

    return next == OP_AGAIN ? OP_DONE : next;
}

/* ---------------------------------------------------------------- the target itself */

static enum op_next open_target(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    const struct open_want want = share_target_want(s);

    s->way = SHARE_STRAIGHT;
    open_start(&s->opening, op, s->end.share, s->target_text, &want, &s->final);
    return op_go(op, ST_TARGET_OPENED);
}

static enum op_next take_target(struct op *op)
{
    struct share_sink *s = share_sink_of(op);
    enum op_next next = op_await(op, &s->opening.op);

    if (next == OP_AGAIN) {
        next = share_refuse_source(op, &s->final);
    }
    if (next != OP_AGAIN) {
        return next;
    }
    s->written = &s->final;
    if (s->why) {
        share_warn(s);
    }
    s->uncleared = s->final.stat.bytes > 0;
    return OP_DONE;
}
