/* open.c: the one door for names. */
#include "fs/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "fs/attach.h"
#include "fs/follow.h"
#include "fs/open_chain.h"
#include "fs/snapshot_find.h"
#include "fs/stat.h"
#include "proto/create_context.h"
#include "proto/error.h"
#include "proto/fscc.h"
#include "proto/tree.h"
#include "proto/utf16.h"

enum {
    CREATE_ROOM = 128,
    CONTEXTS_ROOM = 64, /* for QFid and TWrp */
    DFS_PREFIX_MAX = 2 * 520,
    HOPS_MAX = 40, /* as many as Linux follows on one path */
    /* What leaves a file as it is. */
    READING_ACCESS = FILE_READ_DATA | FILE_READ_EA | FILE_EXECUTE | FILE_READ_ATTRIBUTES |
                     ACCESS_READ_CONTROL | ACCESS_SYNCHRONIZE,
};

/* ---------------------------------------------------------------- CREATE */

static enum op_next prepare(struct op *op);
static enum op_next attach(struct op *op);
static enum op_next take_attach(struct op *op);
static enum op_next send_create(struct op *op);
static enum op_next take_create(struct op *op);
static enum op_next take_found(struct op *op);

enum {
    ST_PREPARE,
    ST_ATTACH,
    ST_ATTACHED,
    ST_CREATE,
    ST_CREATE_REPLY,
    ST_FOUND,
};

static const struct op_step open_steps[] = {
    [ST_PREPARE] = {"open", prepare, 0},
    [ST_ATTACH] = {"open", attach, 0},
    [ST_ATTACHED] = {"connect to the share", take_attach, 0},
    [ST_CREATE] = {"open", send_create, 0},
    [ST_CREATE_REPLY] = {"open", take_create, 0},
    [ST_FOUND] = {"look for the snapshot", take_found, 0},
};

static struct open_op *open_of(struct op *op)
{
    return CONTAINER_OF(op, struct open_op, op);
}

/* Where links have led to belongs to what happened: the path is the one that the user knows. */
static void name_place(struct open_op *o)
{
    struct lsmb_error err = o->op.err;
    char *led = utf8_new(path_span(&o->path));
    char unc[sizeof err.path];

    if (led) {
        share_path_text(o->share, led, unc, sizeof unc);
        error_set(&err, err.code, "%s (links lead to %s)", o->op.err.reason, unc);
        memcpy(o->op.err.reason, err.reason, sizeof err.reason);
    }
    free(led);
}

/* Say to what, and what it was wanted for: that it takes a CREATE is of no interest. */
static void name_error(struct open_op *o)
{
    char unc[sizeof o->op.err.path];

    if (o->at_share) {
        return;
    }
    if (o->hops > 0) {
        name_place(o);
    }
    if (o->want.step) {
        (void)snprintf(o->op.err.step, sizeof o->op.err.step, "%s", o->want.step);
    }
    share_path_text(o->share, o->text ? o->text : "", unc, sizeof unc);
    error_path(&o->op.err, unc);
}

/* Aborted after the answer came and before it was looked at: what the server opened is closed again. */
static void close_unseen(struct open_op *o)
{
    struct smb2_create_reply reply;

    if (!o->taken && share_attached(o->share) && !open_chain_closed(o) &&
        request_done(&o->request) && !o->request.failure && o->request.status == STATUS_SUCCESS &&
        smb2_create_reply_get(&reply, o->request.message)) {
        *o->open = (struct open){.share = o->share, .id = reply.file};
        open_drop(o->open);
    }
}

static void release_open(struct op *op)
{
    struct open_op *o = open_of(op);

    if (op_failed(op)) {
        name_error(o);
    }
    open_chain_adopt(o);
    if (!o->open->share) {
        close_unseen(o);
    } else if (o->finding) { /* nobody knows what was opened there */
        open_drop(o->open);
    }
    free(o->finding);
    free(o->attach);
    o->finding = NULL;
    o->attach = NULL;
    if (!o->taken) {
        open_chain_drop(o);
    }
    request_drop(&o->tree_request);
    request_drop(&o->request);
    path_free(&o->path);
    free(o->text);
    o->text = NULL;
}

static const struct op_kind open_kind = {"open", open_steps, release_open};

void open_start(struct open_op *op, struct op *parent, struct lsmb_share *share, const char *path,
                const struct open_want *want, struct open *open)
{
    *op = (struct open_op){.share = share, .text = strdup(path), .want = *want, .open = open};
    *open = (struct open){0};
    if (want->tail) {
        want->tail->sent = false;
    }
    op_start_child(parent, &op->op, &open_kind);
}

/* On a DFS share the server is told the whole path, without its leading '\' (MS-SMB2 2.2.13). */
static bool is_dfs(const struct lsmb_share *share)
{
    return (share->tree.capabilities & SMB2_SHARE_CAP_DFS) != 0;
}

static void put_name(struct wr *name, const struct open_op *o)
{
    if (is_dfs(o->share)) {
        wr_utf16(name, o->share->unc + 2);
        if (o->path.len > 0) {
            wr_utf16(name, "\\");
        }
    }
    wr_span(name, path_span(&o->path));
}

/* MS-SMB2 2.2.13.2: the caller's contexts, and ours behind them. */
static void put_contexts(struct wr *list, const struct open_op *o)
{
    uint8_t time[8];
    struct wr when = wr_from(time, sizeof time);

    wr_span(list, o->want.contexts);
    if (o->want.want_id) {
        smb2_create_context_put(list, SMB2_CREATE_QUERY_ON_DISK_ID, (struct span){0});
    }
    if (o->when != 0) {
        wr_u64(&when, o->when);
        smb2_create_context_put(list, SMB2_CREATE_TIMEWARP_TOKEN, wr_written(&when));
    }
}

static uint32_t access_of(const struct open_op *o)
{
    return o->want.access | (o->when != 0 ? (uint32_t)SNAPSHOT_LIST_ACCESS : 0);
}

/* The request for what is called `name`.  False when memory is short. */
static bool encode(struct open_op *o, struct span name, struct span contexts, struct wr *w)
{
    if (!request_body(&o->request, o->op.env, CREATE_ROOM + name.len + contexts.len, w)) {
        return false;
    }
    smb2_create_request_put(w, &(struct smb2_create_request){
                                   .oplock = o->want.oplock,
                                   .impersonation = SMB2_IMPERSONATION,
                                   .desired_access = access_of(o),
                                   .file_attributes = o->want.attributes,
                                   .share_access = o->want.share_access,
                                   .disposition = o->want.disposition,
                                   .options = o->want.options,
                                   .name = name,
                                   .contexts = contexts,
                               });
    return true;
}

/* OP_AGAIN: the request is ready to be sent. */
static enum op_next encode_named(struct open_op *o, struct wr *w)
{
    size_t name_max = o->path.len + DFS_PREFIX_MAX;
    size_t contexts_max = o->want.contexts.len + CONTEXTS_ROOM;
    uint8_t *room = malloc(name_max + contexts_max);
    enum op_next next = OP_AGAIN;

    if (!room) {
        return fail_no_buffer(&o->op);
    }
    struct wr name = wr_from(room, name_max);
    struct wr contexts = wr_from(room + name_max, contexts_max);
    put_name(&name, o);
    put_contexts(&contexts, o);
    o->name_bytes = name.pos;
    if (!encode(o, wr_written(&name), wr_written(&contexts), w)) {
        next = fail_no_buffer(&o->op);
    } else if (!wr_ok(&name) || !wr_ok(w)) {
        next = op_fail(&o->op, LSMB_E_USAGE, "the path is too long");
    }
    free(room);
    return next;
}

static const char *share_kind(uint8_t share_type)
{
    return share_type == SMB2_SHARE_TYPE_DISK   ? "disk"
           : share_type == SMB2_SHARE_TYPE_PIPE ? "pipe"
                                                : "printer";
}

bool open_only_reads(const struct open_want *want)
{
    return (want->access & ~(uint32_t)READING_ACCESS) == 0 && want->disposition == FILE_OPEN &&
           !(want->options & FILE_DELETE_ON_CLOSE);
}

/* Whether there is such a snapshot shows when it has been opened: too late for what would have happened to
 * the file as it is now. */
static bool changes_snapshot(const struct open_op *o)
{
    return o->when != 0 && !open_only_reads(&o->want);
}

static enum op_next prepare(struct op *op)
{
    struct open_op *o = open_of(op);
    struct lsmb_error err;

    if (!o->text) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the path");
    }
    if (!path_set_at(&o->path, &o->when, o->text, &err)) {
        return op_fail_as(op, &err);
    }
    if (changes_snapshot(o)) {
        return op_fail(op, LSMB_E_USAGE, "a snapshot can only be read");
    }
    if (!attach_possible(o->share)) {
        return share_lost(op, o->share);
    }
    return op_go(op, ST_ATTACH);
}

static enum op_next check_kind(struct open_op *o)
{
    uint8_t type = o->want.pipe ? SMB2_SHARE_TYPE_PIPE : SMB2_SHARE_TYPE_DISK;

    if (o->share->tree.share_type != type) {
        return op_fail(&o->op, LSMB_E_USAGE, "the share holds no %s: it is a %s share",
                       o->want.pipe ? "pipes" : "files", share_kind(o->share->tree.share_type));
    }
    return op_go(&o->op, ST_CREATE);
}

/* A share that is not connected to yet (struct lsmb_target, lazy) is now, before the CREATE or with it. */
static enum op_next attach(struct op *op)
{
    struct open_op *o = open_of(op);

    if (share_attached(o->share)) {
        return check_kind(o);
    }
    if (open_chain_may_attach(o)) {
        return op_go(op, ST_CREATE);
    }
    o->attach = malloc(sizeof *o->attach);
    if (!o->attach) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to connect to the share");
    }
    attach_start(o->attach, op, o->share);
    return op_go(op, ST_ATTACHED);
}

static enum op_next take_attach(struct op *op)
{
    struct open_op *o = open_of(op);
    enum op_next next = op_await(op, &o->attach->op);

    o->at_share = next == OP_FAIL;
    if (next != OP_AGAIN) {
        return next;
    }
    free(o->attach);
    o->attach = NULL;
    return op_go(op, ST_ATTACH);
}

static enum op_next send_create(struct op *op)
{
    struct open_op *o = open_of(op);
    struct wr w;

    if (!share_up(o->share)) {
        return share_lost(op, o->share);
    }
    struct request_spec spec = share_spec(o->share, SMB2_CREATE, 0, false);
    enum op_next next = encode_named(o, &w);
    if (next != OP_AGAIN) {
        return next;
    }
    spec.flags = is_dfs(o->share) ? SMB2_FLAGS_DFS_OPERATIONS : 0;
    return op_go(op, open_chain_send(o, &w, &spec) ? ST_CREATE_REPLY : ST_ATTACH);
}

/* ---------------------------------------------------------------- refusals */

/* What the server says of the link that it stopped at; false when it says nothing. */
static bool stopped_at(const struct open_op *o, struct smb2_symlink_error *link)
{
    struct smb2_error_reply reply;

    return smb2_error_reply_get(&reply, o->request.message) &&
           smb2_symlink_error_get(link, &reply, o->name_bytes);
}

/* MS-SMB2 3.2.5.7: ask again, for what the path means behind the link. */
static enum op_next take_link(struct op *op)
{
    struct open_op *o = open_of(op);
    struct smb2_symlink_error link;
    struct lsmb_error err;
    struct path to;

    if (!stopped_at(o, &link) ||
        (follow_is_last(&link) && (o->want.options & FILE_OPEN_REPARSE_POINT))) {
        enum op_next next = fail_refused(op, &o->request);
        error_advise(&op->err, "the path passes a symbolic link; name the place it leads to");
        return next;
    }
    if (follow_count_behind(path_span(&o->path), &link) < o->want.linkless) {
        return op_fail(op, LSMB_E_USAGE, "there is a link on its path, and trees follow none");
    }
    if (o->hops == HOPS_MAX) {
        enum op_next next = fail_refused(op, &o->request);
        error_advise(&op->err,
                     "there are more than %d symbolic links on the path; they probably "
                     "lead in a circle",
                     HOPS_MAX);
        return next;
    }
    if (!follow_link(&to, path_span(&o->path), &link, o->share->unc, &err)) {
        return op_fail_as(op, &err);
    }
    path_free(&o->path);
    o->path = to;
    o->hops++;
    return op_go(op, ST_CREATE);
}

/* A file may be refused for what it is. */
static bool wants_to_change_it(const struct open_op *o)
{
    return (o->want.access & FILE_WRITE_DATA) && o->want.disposition != FILE_CREATE &&
           !(o->want.options & FILE_DIRECTORY_FILE);
}

/* What a server says instead of opening: followed, or put in a way that a user can act on. */
static enum op_next take_refusal(struct op *op)
{
    struct open_op *o = open_of(op);

    /* A link whose target anybody may have written is not followed. */
    if (nt_status_is(o->request.status, STATUS_STOPPED_ON_SYMLINK) && o->request.believed) {
        return take_link(op);
    }
    enum op_next next = fail_refused(op, &o->request);
    if (nt_status_is(o->request.status, STATUS_PATH_NOT_COVERED)) {
        error_advise(&op->err,
                     "the path passes a DFS link, which leads to another server or share; "
                     "name the place it leads to");
    } else if (nt_status_is(o->request.status, STATUS_ACCESS_DENIED) && wants_to_change_it(o)) {
        error_advise(&op->err, "ask the owner for access to the file and to the share; both have "
                               "permissions of their own, and a read-only file refuses writing");
    }
    return next;
}

static void take_stat(struct open *open, const struct smb2_create_reply *reply)
{
    struct smb2_disk_id disk;
    struct span data;

    open->stat = STAT_FROM(reply);
    if (smb2_create_context_find(reply->contexts, SMB2_CREATE_QUERY_ON_DISK_ID, &data) &&
        smb2_disk_id_get(&disk, data)) {
        open->stat.file_id = disk.disk_file_id;
    }
}

/* What was opened is what was asked for, and a file that can be. */
static bool fits_want(const struct open_op *o, const struct smb2_create_reply *reply)
{
    bool directory = (reply->file_attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;

    return !(directory && (o->want.options & FILE_NON_DIRECTORY_FILE)) &&
           reply->end_of_file <= INT64_MAX;
}

static enum op_next end_open(struct open_op *o)
{
    if (o->want.led_to && o->hops > 0) {
        path_free(o->want.led_to);
        *o->want.led_to = o->path;
        o->path = (struct path){0};
    }
    return OP_DONE;
}

static enum op_next find_snapshot(struct op *op)
{
    struct open_op *o = open_of(op);

    o->finding = malloc(sizeof *o->finding);
    if (!o->finding) {
        open_drop(o->open);
        return op_fail(op, LSMB_E_NOMEM, "no memory to look for the snapshot");
    }
    snapshot_find_start(o->finding, op, o->open, o->when);
    return op_go(op, ST_FOUND);
}

static enum op_next take_found(struct op *op)
{
    struct open_op *o = open_of(op);
    enum op_next next = op_await(op, &o->finding->op);

    if (next != OP_AGAIN) {
        return next;
    }
    free(o->finding);
    o->finding = NULL;
    return end_open(o);
}

/* Something was opened that nobody can use. */
static enum op_next refuse_answer(struct open_op *o, const char *why)
{
    if (!open_chain_closed(o)) {
        open_drop(o->open);
    }
    *o->open = (struct open){0};
    open_chain_drop(o);
    return op_fail(&o->op, LSMB_E_PROTOCOL, "%s", why);
}

/* The server has opened something. */
static enum op_next take_open(struct open_op *o)
{
    struct smb2_create_reply reply;

    if (!smb2_create_reply_get(&reply, o->request.message)) {
        return op_fail(&o->op, LSMB_E_PROTOCOL, "the server sent a malformed answer to CREATE");
    }
    o->taken = true;
    o->open->share = o->share;
    o->open->id = reply.file;
    o->open->action = reply.action;
    take_stat(o->open, &reply);
    if (!fits_want(o, &reply)) {
        return refuse_answer(o, "the server opened something that cannot be a file");
    }
    if (o->want.take_reply && !o->want.take_reply(o->want.take_arg, &reply)) {
        return refuse_answer(o, "the server sent a malformed answer to CREATE");
    }
    if (open_chain_closed(o)) {
        o->open->share = NULL;
    }
    open_chain_settle(o);
    return o->when == 0 ? end_open(o) : find_snapshot(&o->op);
}

/* The share has neither a tree nor open files, so nothing hangs on its lane; whoever comes first connects. */
static enum op_next go_anew(struct open_op *o)
{
    struct lsmb_error err;

    if (!attach_anew(o->share, &err)) {
        return op_fail_as(&o->op, &err);
    }
    attach_settle(o->share, &o->op, NULL);
    return op_go(&o->op, ST_ATTACH);
}

static enum op_next take_create(struct op *op)
{
    struct open_op *o = open_of(op);

    if (open_chain_lost(o)) {
        return go_anew(o);
    }
    enum op_next next = open_chain_await(o);
    if (next != OP_AGAIN) {
        return next;
    }
    if (open_chain_goes_again(o)) {
        return op_go(op, ST_ATTACH);
    }
    if (o->request.status == STATUS_SUCCESS) {
        return take_open(o);
    }
    open_chain_drop(o);
    return take_refusal(op);
}
