/* share_probe.c: whether a name on a Samba share is a symbolic link. */
#include "xfer/share_probe.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "proto/fscc.h"
#include "xfer/share_look.h"

enum { LINK_ROOM = 32 }; /* of FileLinkInformation before the name */

static enum op_next ask(struct op *op);
static enum op_next judge(struct op *op);
static enum op_next close_again(struct op *op);
static enum op_next end(struct op *op);

enum { ST_ASK, ST_JUDGE, ST_REMOVE, ST_END };

static const struct op_step probe_steps[] = {
    [ST_ASK] = {"look for a symbolic link", ask, 0},
    [ST_JUDGE] = {"look for a symbolic link", judge, 0},
    [ST_REMOVE] = {"look for a symbolic link", close_again, 0},
    [ST_END] = {"look for a symbolic link", end, 0},
};

static struct share_probe *probe_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_probe, op);
}

static void release(struct op *op)
{
    struct share_probe *p = probe_of(op);

    query_info_drop(&p->counting);
    open_drop(&p->again);
    path_free(&p->path);
}

static const struct op_kind probe_kind = {"probe a target", probe_steps, release};

void share_probe_start(struct share_probe *p, struct op *parent, struct open *there,
                       struct open *temp, const char *name)
{
    *p = (struct share_probe){.there = there, .temp = temp, .name = name};
    op_start_child(parent, &p->op, &probe_kind);
}

/* MS-FSCC 2.4.21.2. */
static bool start_link(struct share_probe *p)
{
    size_t room = LINK_ROOM + p->path.len;
    uint8_t *bytes = malloc(room);
    struct wr w = wr_from(bytes, bytes ? room : 0);

    if (!bytes) {
        return false;
    }
    file_rename_information_put(&w, &(struct file_rename_information){.name = path_span(&p->path)});
    set_info_start(&p->linking, &p->op, p->there, FILE_LINK_INFORMATION, wr_written(&w));
    free(bytes);
    return true;
}

/* The server does them in the order in which they are sent; it would not replace what is still open. */
static enum op_next ask(struct op *op)
{
    struct share_probe *p = probe_of(op);
    struct lsmb_error err;

    if (!path_set(&p->path, p->name, &err)) {
        return op_fail_as(op, &err);
    }
    if (!start_link(p)) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the name");
    }
    query_standard_start(&p->counting, op, p->there);
    close_start(&p->closing, op, p->there, NULL);
    rename_start(&p->renaming, op, p->temp, &p->path, true);
    return op_go(op, ST_JUDGE);
}

/* No answer, or one that nobody need have given: what the server did is not known. */
static const struct op *unknown(const struct share_probe *p)
{
    const struct op *children[] = {&p->linking.op, &p->counting.op, &p->renaming.op};

    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
        if (op_failed(children[i]) &&
            (share_forged(children[i]) || children[i]->err.nt_status == 0)) {
            return children[i];
        }
    }
    return NULL;
}

/* A server that has no second names has no links either, and says so in some other way. */
static bool looks_like_link(const struct share_probe *p)
{
    struct file_standard_information info;

    if (op_failed(&p->linking.op)) {
        return nt_status_is(p->linking.op.err.nt_status, STATUS_ACCESS_DENIED);
    }
    return op_failed(&p->counting.op) || !file_standard_information_get(&info, p->counting.data) ||
           info.links < 2;
}

static enum op_next judge(struct op *op)
{
    static const struct open_want want = {
        .access = ACCESS_DELETE,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT | FILE_DELETE_ON_CLOSE,
    };
    struct share_probe *p = probe_of(op);

    if (!op_finished(&p->linking.op) || !op_finished(&p->counting.op) ||
        !op_finished(&p->closing.op) || !op_finished(&p->renaming.op)) {
        return OP_WAIT;
    }
    p->temp_renamed = !op_failed(&p->renaming.op);
    p->name_left = !op_failed(&p->linking.op) && !p->temp_renamed;
    const struct op *child = unknown(p);
    if (child) {
        return op_fail_as(op, &child->err);
    }
    p->is_link = looks_like_link(p);
    if (!p->name_left) {
        return OP_DONE;
    }
    open_start(&p->opening, op, p->temp->share, p->name, &want, &p->again);
    return op_go(op, ST_REMOVE);
}

static enum op_next close_again(struct op *op)
{
    struct share_probe *p = probe_of(op);

    if (!op_finished(&p->opening.op)) {
        return OP_WAIT;
    }
    if (op_failed(&p->opening.op)) {
        return OP_DONE;
    }
    close_start(&p->closing, op, &p->again, NULL);
    return op_go(op, ST_END);
}

static enum op_next end(struct op *op)
{
    struct share_probe *p = probe_of(op);

    if (!op_finished(&p->closing.op)) {
        return OP_WAIT;
    }
    p->name_left = op_failed(&p->closing.op);
    return OP_DONE;
}
