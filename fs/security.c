/* security.c: reading and setting security descriptors (MS-SMB2 3.2.4.8, 3.2.4.9, MS-DTYP 2.4.6). */
#include "proto/security.h"

#include <stdlib.h>
#include <string.h>

#include "fs/names.h"

#define KNOWN_PARTS                                                                                \
    (LSMB_SECURITY_OWNER | LSMB_SECURITY_GROUP | LSMB_SECURITY_DACL | LSMB_SECURITY_SACL)

struct security_job {
    struct name_job base; /* first */
    uint32_t which;       /* enum security_information */
    void **bytes;         /* get: the caller's */
    size_t *len;
    uint8_t *descriptor; /* set: owned */
    size_t descriptor_len;
};

static struct security_job *security_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct security_job, base);
}

static enum op_next check_which(struct op *op)
{
    uint32_t which = security_of(op)->which;

    if (which == 0 || (which & ~KNOWN_PARTS) != 0) {
        return op_fail(op, LSMB_E_USAGE, "which parts of the descriptor are meant makes no sense");
    }
    return OP_AGAIN;
}

/* ---------------------------------------------------------------- get */

static enum op_next begin_get(struct op *op);
static enum op_next ask(struct op *op);
static enum op_next take_descriptor(struct op *op);

enum { ST_GET, ST_GET_OPENED, ST_ASKED, ST_GOT };

static const struct op_step get_steps[] = {
    [ST_GET] = {"read the security descriptor", begin_get, 0},
    [ST_GET_OPENED] = {"read the security descriptor", ask, 0},
    [ST_ASKED] = {"read the security descriptor", take_descriptor, 0},
    [ST_GOT] = {"read the security descriptor", name_closed, 0},
};

/* What was got before something failed is not the caller's. */
static void release_get(struct op *op)
{
    struct security_job *j = security_of(op);

    if (op_failed(op)) {
        free(*j->bytes);
        *j->bytes = NULL;
        *j->len = 0;
    }
    name_job_release(op);
}

static const struct op_kind get_kind = {"get security", get_steps, release_get};

static enum op_next begin_get(struct op *op)
{
    enum op_next next = check_which(op);

    return next == OP_AGAIN ? name_open(op) : next;
}

static enum op_next ask(struct op *op)
{
    struct security_job *j = security_of(op);
    enum op_next next = op_await(op, &j->base.opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    query_security_start(&j->base.asking, op, &j->base.open, j->which);
    return op_go(op, ST_ASKED);
}

static enum op_next take_descriptor(struct op *op)
{
    struct security_job *j = security_of(op);
    enum op_next next = name_await(op, &j->base.asking.op);
    struct span got = j->base.asking.data;
    struct security_descriptor sd;

    if (next != OP_AGAIN) {
        return next;
    }
    if (j->base.asking.cut || !security_descriptor_get(&sd, got)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed security descriptor");
    }
    *j->bytes = malloc(got.len);
    if (!*j->bytes) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the security descriptor");
    }
    memcpy(*j->bytes, got.ptr, got.len);
    *j->len = got.len;
    return name_close(op);
}

/* MS-SMB2 3.3.5.20.3. */
static uint32_t access_to_get(uint32_t which)
{
    return (which & ~LSMB_SECURITY_SACL ? (uint32_t)ACCESS_READ_CONTROL : 0u) |
           (which & LSMB_SECURITY_SACL ? (uint32_t)ACCESS_SYSTEM_SECURITY : 0u);
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_security_get_start(struct lsmb_share *share, const char *path, uint32_t which,
                                         void **bytes, size_t *len, lsmb_done_fn *done, void *arg)
{
    struct security_job *j = name_job_new(share, sizeof *j, path, done, arg);

    *bytes = NULL;
    *len = 0;
    if (!j) {
        return NULL;
    }
    j->which = which;
    j->bytes = bytes;
    j->len = len;
    j->base.want = name_want(access_to_get(which), "read the security descriptor");
    return job_begin(&j->base.job, &get_kind);
}

enum lsmb_code lsmb_security_get(struct lsmb_share *share, const char *path, uint32_t which,
                                 void **bytes, size_t *len, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_security_get_start(share, path, which, bytes, len, job_wait_done, &wait),
                    &wait, err);
}

/* ---------------------------------------------------------------- set */

static enum op_next begin_set(struct op *op);
static enum op_next set_descriptor(struct op *op);

enum { ST_SET, ST_SET_OPENED, ST_TOLD, ST_SET_CLOSED };

static const struct op_step set_steps[] = {
    [ST_SET] = {"set the security descriptor", begin_set, 0},
    [ST_SET_OPENED] = {"set the security descriptor", set_descriptor, 0},
    [ST_TOLD] = {"set the security descriptor", name_told, 0},
    [ST_SET_CLOSED] = {"set the security descriptor", name_closed, 0},
};

static void release_set(struct op *op)
{
    struct security_job *j = security_of(op);

    free(j->descriptor);
    j->descriptor = NULL;
    name_job_release(op);
}

static const struct op_kind set_kind = {"set security", set_steps, release_set};

static enum op_next begin_set(struct op *op)
{
    const struct security_job *j = security_of(op);
    enum op_next next = check_which(op);
    struct security_descriptor sd;

    if (next != OP_AGAIN) {
        return next;
    }
    if (!j->descriptor) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the security descriptor");
    }
    if (!security_descriptor_get(&sd, (struct span){j->descriptor, j->descriptor_len})) {
        return op_fail(op, LSMB_E_USAGE, "that is no security descriptor in self-relative form");
    }
    return name_open(op);
}

static enum op_next set_descriptor(struct op *op)
{
    struct security_job *j = security_of(op);
    enum op_next next = op_await(op, &j->base.opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    set_security_start(&j->base.setting, op, &j->base.open, j->which,
                       (struct span){j->descriptor, j->descriptor_len});
    return op_go(op, ST_TOLD);
}

/* MS-SMB2 3.3.5.21.3. */
static uint32_t access_to_set(uint32_t which)
{
    uint32_t access = 0;

    access |=
        which & (LSMB_SECURITY_OWNER | LSMB_SECURITY_GROUP) ? (uint32_t)ACCESS_WRITE_OWNER : 0;
    access |= which & LSMB_SECURITY_DACL ? (uint32_t)ACCESS_WRITE_DAC : 0;
    access |= which & LSMB_SECURITY_SACL ? (uint32_t)ACCESS_SYSTEM_SECURITY : 0;
    return access;
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_security_set_start(struct lsmb_share *share, const char *path, uint32_t which,
                                         const void *bytes, size_t len, lsmb_done_fn *done,
                                         void *arg)
{
    struct security_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->which = which;
    j->descriptor = malloc(len + 1);
    if (j->descriptor && len > 0) {
        memcpy(j->descriptor, bytes, len);
        j->descriptor_len = len;
    }
    j->base.want = name_want(access_to_set(which), "set the security descriptor");
    return job_begin(&j->base.job, &set_kind);
}

enum lsmb_code lsmb_security_set(struct lsmb_share *share, const char *path, uint32_t which,
                                 const void *bytes, size_t len, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_security_set_start(share, path, which, bytes, len, job_wait_done, &wait),
                    &wait, err);
}
