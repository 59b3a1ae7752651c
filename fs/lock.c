/* lock.c: locking ranges of an open file (MS-SMB2 3.2.4.21).
 *
 * A lock that waits is answered when it is granted, however late.  Who gives up waiting asks the server to
 * cancel, and still awaits the answer: a lock that was granted at that very moment is taken back, so that
 * LSMB_E_CANCELLED always means that the range is not ours. */
#include "proto/lock.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "fs/file.h"

enum { LOCKS_MAX = 1024 }; /* in one request; servers have limits of their own */

struct lock_job {
    struct file_job base; /* first */
    const char *nonsense; /* what makes no sense in it; NULL: nothing */
    uint8_t *elements;    /* owned: in the wire's form */
    size_t elements_len;
    struct lsmb_error why; /* it was given up; LSMB_OK: it was not */
    struct request request;
};

static enum op_next send_locks(struct op *op);
static enum op_next take_locks(struct op *op);
static enum op_next give_up(struct op *op);
static enum op_next take_back(struct op *op);

enum { ST_SEND, ST_REPLY, ST_GIVE_UP, ST_TAKE_BACK };

static const struct op_step lock_steps[] = {
    [ST_SEND] = {"lock", send_locks, 0},
    [ST_REPLY] = {"lock", take_locks, 0},
    [ST_GIVE_UP] = {"give the lock up", give_up, OP_SILENCE},
    [ST_TAKE_BACK] = {"give the lock up", take_back, OP_SILENCE},
};

static const struct op_step unlock_steps[] = {
    [ST_SEND] = {"unlock", send_locks, 0},
    [ST_REPLY] = {"unlock", take_locks, 0},
};

static struct lock_job *lock_of(struct op *op)
{
    return CONTAINER_OF(file_job_of(op), struct lock_job, base);
}

static void release(struct op *op)
{
    struct lock_job *j = lock_of(op);

    request_drop(&j->request);
    free(j->elements);
    j->elements = NULL;
    file_job_release(op);
}

static const struct op_kind lock_kind = {"lock a file", lock_steps, release};
static const struct op_kind unlock_kind = {"unlock a file", unlock_steps, release};

/* ---------------------------------------------------------------- locking and unlocking */

/* False, and the operation has failed, when there is no connection or no memory. */
static bool send_elements(struct lock_job *j)
{
    struct op *op = &j->base.job.op;
    const struct lsmb_share *share = j->base.file->share;
    struct wr w;

    if (!share_up(share)) {
        (void)share_lost(op, share);
        return false;
    }
    if (!request_body(&j->request, op->env, SMB2_LOCK_REQUEST_LEN + j->elements_len, &w)) {
        (void)fail_no_buffer(op);
        return false;
    }
    smb2_lock_request_put(&w, &(struct smb2_lock_request){
                                  .file = j->base.file->open.id,
                                  .elements = {j->elements, j->elements_len},
                              });
    struct request_spec spec = share_spec(share, SMB2_LOCK, 0, false);
    request_send(&j->request, &w, &spec, &op->ready);
    return true;
}

static enum op_next send_locks(struct op *op)
{
    struct lock_job *j = lock_of(op);

    if (j->nonsense) {
        return op_fail(op, LSMB_E_USAGE, "%s", j->nonsense);
    }
    return send_elements(j) ? op_go(op, ST_REPLY) : OP_FAIL;
}

static enum op_next take_locks(struct op *op)
{
    struct lock_job *j = lock_of(op);

    if (j->why.code != LSMB_OK) {
        return op_go(op, ST_GIVE_UP);
    }
    enum op_next next = await_success(op, &j->request);
    if (next == OP_FAIL && nt_status_is(op->err.nt_status, STATUS_RANGE_NOT_LOCKED)) {
        error_advise(&op->err,
                     "unlock a range through the file that it was locked through, with the "
                     "same offset and length");
    }
    return next == OP_AGAIN ? OP_DONE : next;
}

/* ---------------------------------------------------------------- giving up */

/* What was to be locked is to be unlocked. */
static void turn_round(struct lock_job *j)
{
    struct smb2_lock_request q = {.elements = {j->elements, j->elements_len}};
    struct wr w = wr_from(j->elements, j->elements_len);
    struct smb2_lock_element element;

    for (size_t i = 0; smb2_lock_element_at(&q, i, &element); i++) {
        element.flags = SMB2_LOCKFLAG_UNLOCK;
        smb2_lock_element_put(&w, &element);
    }
}

/* The server is free to grant what it was asked to cancel (MS-SMB2 3.3.5.16). */
static enum op_next give_up(struct op *op)
{
    struct lock_job *j = lock_of(op);

    if (!request_done(&j->request)) {
        return OP_WAIT;
    }
    if (!j->request.failure && !j->request.believed) {
        return fail_refused(op, &j->request); /* who knows what the server did? */
    }
    if (j->request.failure || j->request.status != STATUS_SUCCESS) {
        return op_fail_as(op, &j->why);
    }
    turn_round(j);
    return send_elements(j) ? op_go(op, ST_TAKE_BACK) : OP_FAIL;
}

static enum op_next take_back(struct op *op)
{
    struct lock_job *j = lock_of(op);
    enum op_next next = await_success(op, &j->request);

    return next == OP_AGAIN ? op_fail_as(op, &j->why) : next;
}

static void cancel(struct lsmb_job *job, const struct lsmb_error *why)
{
    struct lock_job *j = lock_of(&job->op);

    if (j->why.code != LSMB_OK) {
        return; /* it is being given up */
    }
    if (j->request.state == REQUEST_IDLE || j->request.state == REQUEST_WAITING) {
        op_cancel(&job->op, why); /* the server does not know of it */
        return;
    }
    j->why = *why;
    request_cancel(&j->request);
    op_wake(&job->op);
}

/* ---------------------------------------------------------------- the call */

/* MS-SMB2 3.2.4.21, 3.3.5.14.  NULL: it makes sense. */
static const char *nonsense(const struct lsmb_lock *locks, size_t count, bool wait)
{
    size_t unlocks = 0;

    if (count == 0 || count > LOCKS_MAX) {
        return count == 0 ? "there is nothing to lock" : "these are too many ranges at once";
    }
    for (size_t i = 0; i < count; i++) {
        unlocks += locks[i].kind == LSMB_UNLOCK;
    }
    if (unlocks > 0 && unlocks < count) {
        return "ranges are locked or unlocked, not both at once";
    }
    if (wait && unlocks == 0 && count > 1) {
        return "only a single range can be waited for";
    }
    return NULL;
}

static uint32_t flags_of(enum lsmb_lock_kind kind, bool wait)
{
    uint32_t at_once = wait ? 0u : (uint32_t)SMB2_LOCKFLAG_FAIL_IMMEDIATELY;

    switch (kind) {
    case LSMB_LOCK_SHARED: return SMB2_LOCKFLAG_SHARED_LOCK | at_once;
    case LSMB_LOCK_EXCLUSIVE: return SMB2_LOCKFLAG_EXCLUSIVE_LOCK | at_once;
    case LSMB_UNLOCK: break;
    }
    return SMB2_LOCKFLAG_UNLOCK;
}

/* False without memory. */
static bool encode(struct lock_job *j, const struct lsmb_lock *locks, size_t count, bool wait)
{
    j->elements_len = count * SMB2_LOCK_ELEMENT_LEN;
    j->elements = malloc(j->elements_len);
    struct wr w = wr_from(j->elements, j->elements ? j->elements_len : 0);
    for (size_t i = 0; i < count; i++) {
        smb2_lock_element_put(&w, &(struct smb2_lock_element){
                                      .offset = locks[i].offset,
                                      .length = locks[i].bytes,
                                      .flags = flags_of(locks[i].kind, wait),
                                  });
    }
    return wr_ok(&w);
}

struct lsmb_job *lsmb_file_lock_start(struct lsmb_file *file, const struct lsmb_lock *locks,
                                      size_t count, bool wait, lsmb_done_fn *done, void *arg)
{
    struct lock_job *j = file_job_new(file, sizeof *j, done, arg);
    bool unlocks = count > 0 && locks[0].kind == LSMB_UNLOCK;

    if (!j) {
        return NULL;
    }
    j->nonsense = nonsense(locks, count, wait);
    if (!j->nonsense && !encode(j, locks, count, wait)) {
        file->jobs--;
        free(j);
        return NULL;
    }
    if (!unlocks) {
        j->base.job.cancel = cancel;
    }
    return job_begin(&j->base.job, unlocks ? &unlock_kind : &lock_kind);
}

enum lsmb_code lsmb_file_lock(struct lsmb_file *file, const struct lsmb_lock *locks, size_t count,
                              bool wait, struct lsmb_error *err)
{
    struct job_wait waiting = {0};

    return job_wait(share_context(file->share),
                    lsmb_file_lock_start(file, locks, count, wait, job_wait_done, &waiting),
                    &waiting, err);
}
