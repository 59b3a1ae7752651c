/* ea.c: extended attributes (FileFullEaInformation, MS-FSCC 2.4.16). */
#include "proto/ea.h"

#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "fs/names.h"
#include "proto/fscc.h"

enum { EA_ROOM = 16 }; /* of an entry beside its name and value */

/* ---------------------------------------------------------------- listing */

struct ea_list_job {
    struct name_job base; /* first */
    lsmb_ea_fn *each;
    void *each_arg;
};

static enum op_next ask(struct op *op);
static enum op_next take_list(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_ASKED, ST_CLOSED };

static const struct op_step list_steps[] = {
    [ST_OPEN] = {"list the extended attributes", name_open, 0},
    [ST_OPENED] = {"list the extended attributes", ask, 0},
    [ST_ASKED] = {"list the extended attributes", take_list, 0},
    [ST_CLOSED] = {"list the extended attributes", name_closed, 0},
};

static const struct op_kind list_kind = {"list attributes", list_steps, name_job_release};

static enum op_next ask(struct op *op)
{
    struct name_job *j = name_job_of(op);
    enum op_next next = op_await(op, &j->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    query_ea_start(&j->asking, op, &j->open);
    return op_go(op, ST_ASKED);
}

/* False: enough. */
static bool tell(const struct ea_list_job *j, const struct file_full_ea_information *ea)
{
    char name[EA_NAME_MAX + 1];

    memcpy(name, ea->name.ptr, ea->name.len);
    name[ea->name.len] = '\0';
    return j->each(j->each_arg, name, ea->value.ptr, ea->value.len);
}

static enum op_next take_list(struct op *op)
{
    struct name_job *j = name_job_of(op);
    const struct op *child = &j->asking.op;
    struct file_full_ea_information ea;

    if (op_finished(child) && op_failed(child) && child->err.code != LSMB_E_SECURITY &&
        nt_status_is(child->err.nt_status, STATUS_NO_EAS_ON_FILE)) {
        return name_close(op); /* MS-FSA 2.1.5.12.12 */
    }
    enum op_next next = name_await(op, child);
    if (next != OP_AGAIN) {
        return next;
    }
    if (j->asking.cut) {
        return op_fail(op, LSMB_E_PROTOCOL, "the list of extended attributes is too long");
    }
    struct walk list = walk_from(j->asking.data);
    while (file_full_ea_information_next(&list, &ea) &&
           tell(CONTAINER_OF(j, struct ea_list_job, base), &ea)) {
    }
    if (!walk_ok(&list)) {
        return op_fail(op, LSMB_E_PROTOCOL,
                       "the server sent a malformed list of extended attributes");
    }
    return name_close(op);
}

struct lsmb_job *lsmb_ea_list_start(struct lsmb_share *share, const char *path, lsmb_ea_fn *each,
                                    void *each_arg, lsmb_done_fn *done, void *arg)
{
    struct ea_list_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->each = each;
    j->each_arg = each_arg;
    j->base.want = name_want(FILE_READ_EA, "list the extended attributes");
    return job_begin(&j->base.job, &list_kind);
}

enum lsmb_code lsmb_ea_list(struct lsmb_share *share, const char *path, lsmb_ea_fn *each,
                            void *each_arg, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_ea_list_start(share, path, each, each_arg, job_wait_done, &wait), &wait,
                    err);
}

/* ---------------------------------------------------------------- setting */

struct ea_set_job {
    struct name_job base; /* first */
    char *name;           /* owned */
    uint8_t *value;       /* owned */
    size_t len;
};

static enum op_next begin(struct op *op);
static enum op_next set_ea(struct op *op);

enum { ST_BEGIN, ST_READY, ST_SET, ST_SET_CLOSED };

static const struct op_step set_steps[] = {
    [ST_BEGIN] = {"set an extended attribute", begin, 0},
    [ST_READY] = {"set an extended attribute", set_ea, 0},
    [ST_SET] = {"set an extended attribute", name_told, 0},
    [ST_SET_CLOSED] = {"set an extended attribute", name_closed, 0},
};

static struct ea_set_job *ea_set_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct ea_set_job, base);
}

static void release_set(struct op *op)
{
    struct ea_set_job *j = ea_set_of(op);

    free(j->name);
    free(j->value);
    j->name = NULL;
    j->value = NULL;
    name_job_release(op);
}

static const struct op_kind set_kind = {"set attribute", set_steps, release_set};

/* What else a name may not have in it (MS-FSCC 2.4.16.1) is the server's to say. */
static bool can_be_name(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++) {
        if (name[i] < 0x20 || name[i] > 0x7E) {
            return false;
        }
    }
    return len > 0 && len <= EA_NAME_MAX;
}

static enum op_next begin(struct op *op)
{
    const struct ea_set_job *j = ea_set_of(op);

    if (!j->name || !j->value) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the attribute");
    }
    if (!can_be_name(j->name)) {
        return op_fail(op, LSMB_E_USAGE, "an attribute's name is ASCII, of 1 to 255 characters");
    }
    if (j->len > EA_VALUE_MAX) {
        return op_fail(op, LSMB_E_USAGE, "an attribute's value has at most 65535 bytes");
    }
    return name_open(op);
}

static enum op_next set_ea(struct op *op)
{
    struct ea_set_job *j = ea_set_of(op);
    enum op_next next = op_await(op, &j->base.opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    size_t room = EA_ROOM + strlen(j->name) + j->len;
    uint8_t *bytes = malloc(room);
    if (!bytes) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the attribute");
    }
    struct wr w = wr_from(bytes, room);
    file_full_ea_information_put(&w, &(struct file_full_ea_information){
                                         .name = span_of(j->name), .value = {j->value, j->len}});
    set_info_start(&j->base.setting, op, &j->base.open, FILE_FULL_EA_INFORMATION, wr_written(&w));
    free(bytes);
    return op_go(op, ST_SET);
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_ea_set_start(struct lsmb_share *share, const char *path, const char *name,
                                   const void *value, size_t len, lsmb_done_fn *done, void *arg)
{
    struct ea_set_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->name = strdup(name);
    j->len = len;
    j->value = malloc(len <= EA_VALUE_MAX ? len + 1 : 1);
    if (j->value && len > 0 && len <= EA_VALUE_MAX) {
        memcpy(j->value, value, len);
    }
    j->base.want = name_want(FILE_WRITE_EA, "set an extended attribute");
    return job_begin(&j->base.job, &set_kind);
}

enum lsmb_code lsmb_ea_set(struct lsmb_share *share, const char *path, const char *name,
                           const void *value, size_t len, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_ea_set_start(share, path, name, value, len, job_wait_done, &wait), &wait,
                    err);
}
