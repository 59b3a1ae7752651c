/* watch.c: what changes in a directory (MS-SMB2 3.2.4.19).
 *
 * The server lists what has changed since the answer before, on one handle (MS-SMB2 3.3.1.3): between two
 * requests it remembers, up to the size of the buffer that was asked with.  The next request goes out before
 * the host hears of what the last one brought, so that this time is short. */
#include "proto/notify.h"

#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "base/options.h"
#include "conn/exchange.h"
#include "fs/names.h"
#include "proto/utf16.h"

enum {
    CHANGES_MAX = 1 << 16, /* bytes: what a single credit pays for (MS-SMB2 3.1.5.2) */
    NAME_ROOM = CHANGES_MAX / 2 * 3 + 1, /* of the longest name that fits, as UTF-8 */
};

struct watch_job {
    struct name_job base; /* first */
    bool recursive;
    uint32_t filter;
    lsmb_change_fn *each;
    void *each_arg;
    bool stopped;
    char *name;                 /* owned: of one change */
    uint32_t asked;             /* bytes of changes that may come */
    unsigned turn;              /* which request is asking */
    struct request requests[2]; /* one asks, the other holds the answer that is being told */
};

static enum op_next begin(struct op *op);
static enum op_next take_open(struct op *op);
static enum op_next ask(struct op *op);
static enum op_next take_changes(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_ASK, ST_CHANGES, ST_CLOSE, ST_CLOSED };

static const struct op_step watch_steps[] = {
    [ST_OPEN] = {"watch", begin, 0},       [ST_OPENED] = {"watch", take_open, 0},
    [ST_ASK] = {"watch", ask, 0},          [ST_CHANGES] = {"watch", take_changes, 0},
    [ST_CLOSE] = {"watch", name_close, 0}, [ST_CLOSED] = {"watch", name_closed, 0},
};

static struct watch_job *watch_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct watch_job, base);
}

static void release(struct op *op)
{
    struct watch_job *j = watch_of(op);

    request_drop(&j->requests[0]); /* cancelled, when it waits */
    request_drop(&j->requests[1]);
    free(j->name);
    j->name = NULL;
    name_job_release(op);
}

static const struct op_kind watch_kind = {"watch a directory", watch_steps, release};

static enum op_next begin(struct op *op)
{
    if (!watch_of(op)->name) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for a name");
    }
    return name_open(op);
}

static enum op_next take_open(struct op *op)
{
    enum op_next next = op_await(op, &watch_of(op)->base.opening.op);

    return next == OP_AGAIN ? op_go(op, ST_ASK) : next;
}

/* ---------------------------------------------------------------- asking */

static enum op_next ask(struct op *op)
{
    struct watch_job *j = watch_of(op);
    struct request *request = &j->requests[j->turn];
    const struct lsmb_share *share = j->base.share;
    struct wr w;

    if (!share_up(share)) {
        return share_lost(op, share);
    }
    j->asked = share_transact_limit(share);
    if (j->asked > CHANGES_MAX) {
        j->asked = CHANGES_MAX;
    }
    if (!request_body(request, op->env, SMB2_NOTIFY_REQUEST_LEN, &w)) {
        return fail_no_buffer(op);
    }
    smb2_notify_request_put(&w, &(struct smb2_notify_request){
                                    .flags = j->recursive ? SMB2_WATCH_TREE : 0,
                                    .output_length = j->asked,
                                    .file = j->base.open.id,
                                    .filter = j->filter,
                                });
    struct request_spec spec = share_spec(share, SMB2_CHANGE_NOTIFY, j->asked, false);
    request_send(request, &w, &spec, &op->ready);
    return op_go(op, ST_CHANGES);
}

/* ---------------------------------------------------------------- telling */

/* Call the host, unless he does not want to hear any more. */
static void tell(struct watch_job *j, uint32_t change, const char *name)
{
    if (!j->stopped && !j->each(j->each_arg, change, name)) {
        j->stopped = true;
    }
}

/* Put '/' between components.  False for what cannot be the path of something inside the directory. */
static bool make_path(char *name)
{
    size_t len;

    if (strchr(name, '/')) {
        return false;
    }
    for (char *at = name;; at += len + 1) {
        len = strcspn(at, "\\");
        if (len == 0 || (len == 1 && at[0] == '.') || (len == 2 && memcmp(at, "..", 2) == 0)) {
            return false;
        }
        if (!at[len]) {
            return true;
        }
        at[len] = '/';
    }
}

static enum op_next tell_changes(struct op *op, struct span changes)
{
    struct watch_job *j = watch_of(op);
    struct walk list = walk_from(changes);
    struct file_notify_information change;
    size_t need;

    if (changes.len == 0) {
        tell(j, 0, NULL); /* MS-SMB2 3.3.4.4: more than fits */
    }
    while (file_notify_information_next(&list, &change)) {
        if (!utf8_from_utf16(j->name, NAME_ROOM, &need, change.name) || !make_path(j->name)) {
            return op_fail(op, LSMB_E_PROTOCOL, "the server tells of a name that cannot be one");
        }
        tell(j, change.action, j->name);
    }
    if (!walk_ok(&list)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed list of changes");
    }
    return OP_AGAIN;
}

/* It ends because the directory, or our hold on it, does. */
static enum op_next take_end(struct op *op, const struct request *request)
{
    enum op_next next = fail_refused(op, request);

    if (nt_status_is(request->status, STATUS_DELETE_PENDING) ||
        nt_status_is(request->status, STATUS_NOTIFY_CLEANUP)) {
        error_advise(&op->err, "see whether the directory is still there, and watch it anew");
    }
    return next;
}

static enum op_next take_changes(struct op *op)
{
    struct watch_job *j = watch_of(op);
    struct request *answered = &j->requests[j->turn];
    struct smb2_notify_reply reply;
    enum op_next next = await_answer(op, answered);

    if (next != OP_AGAIN) {
        return next;
    }
    if (answered->status != STATUS_SUCCESS &&
        !nt_status_is(answered->status, STATUS_NOTIFY_ENUM_DIR)) {
        return take_end(op, answered);
    }
    if (!smb2_notify_reply_get(&reply, answered->message, j->asked)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to CHANGE_NOTIFY");
    }
    j->turn = 1 - j->turn;
    enum op_next asked = ask(op);
    next = tell_changes(op, reply.changes);
    request_drop(answered);
    if (next == OP_AGAIN && j->stopped) {
        request_drop(&j->requests[j->turn]);
        return op_go(op, ST_CLOSE);
    }
    return next == OP_AGAIN ? asked : next;
}

/* ---------------------------------------------------------------- the call */

/* From inside a call, too, after which there are no more. */
static void cancel(struct lsmb_job *job, const struct lsmb_error *why)
{
    watch_of(&job->op)->stopped = true;
    op_cancel(&job->op, why);
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_watch_start(struct lsmb_share *share, const char *path,
                                  const struct lsmb_watch_options *opt, lsmb_change_fn *each,
                                  void *each_arg, lsmb_done_fn *done, void *arg)
{
    struct watch_job *j = name_job_new(share, sizeof *j, path, done, arg);
    struct lsmb_watch_options mine;

    if (!j) {
        return NULL;
    }
    options_take(&mine, sizeof mine, opt, opt ? opt->size : 0);
    j->recursive = mine.recursive;
    j->filter = mine.filter ? mine.filter : (uint32_t)FILE_NOTIFY_CHANGE_ALL;
    j->each = each;
    j->each_arg = each_arg;
    j->name = malloc(NAME_ROOM);
    j->base.job.cancel = cancel;
    j->base.want = name_want(FILE_READ_DATA | FILE_READ_ATTRIBUTES, "watch");
    j->base.want.options = FILE_DIRECTORY_FILE;
    return job_begin(&j->base.job, &watch_kind);
}

enum lsmb_code lsmb_watch(struct lsmb_share *share, const char *path,
                          const struct lsmb_watch_options *opt, lsmb_change_fn *each,
                          void *each_arg, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_watch_start(share, path, opt, each, each_arg, job_wait_done, &wait), &wait,
                    err);
}
