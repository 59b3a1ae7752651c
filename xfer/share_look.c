/* share_look.c: what stands on a share where a file is to be published. */
#include "xfer/share_look.h"

#include <string.h>

#include "base/ntstatus.h"
#include "proto/fscc.h"
#include "proto/info.h"
#include "proto/security.h"
#include "proto/volume.h"
#include "xfer/share_access.h"

enum {
    STREAMS_ROOM = 4096, /* more streams than fit are more than one anyway */
    VOLUME_ROOM = 64,
};

static enum op_next open_it(struct op *op);
static enum op_next take_open(struct op *op);
static enum op_next take_answers(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_ANSWERED };

static const struct op_step look_steps[] = {
    [ST_OPEN] = {"look at the target", open_it, 0},
    [ST_OPENED] = {"look at the target", take_open, 0},
    [ST_ANSWERED] = {"look at the target", take_answers, 0},
};

static struct share_look *look_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_look, op);
}

static void release(struct op *op)
{
    struct share_look *l = look_of(op);

    query_info_drop(&l->streams);
    query_info_drop(&l->standard);
    query_info_drop(&l->volume);
    if (op_failed(op)) {
        share_look_drop(l);
    }
}

static const struct op_kind look_kind = {"look at a target", look_steps, release};

void share_look_start(struct share_look *l, struct op *parent, struct lsmb_share *share,
                      const char *path, unsigned linkless)
{
    *l = (struct share_look){.share = share, .path = path, .linkless = linkless};
    op_start_child(parent, &l->op, &look_kind);
}

void share_look_drop(struct share_look *l)
{
    query_info_drop(&l->security);
    l->access = (struct span){0};
    open_drop(&l->open);
}

/* ---------------------------------------------------------------- open */

static enum op_next open_it(struct op *op)
{
    struct share_look *l = look_of(op);
    const struct open_want want = {
        .access = FILE_READ_ATTRIBUTES | (l->blind ? 0u : (uint32_t)ACCESS_READ_CONTROL),
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT,
        .want_id = true,
        .linkless = l->linkless,
    };

    open_start(&l->opening, op, l->share, l->path, &want, &l->open);
    return op_go(op, ST_OPENED);
}

static bool status_is(const struct op *child, enum nt_status status)
{
    return nt_status_is(child->err.nt_status, status);
}

static enum op_next take_refusal(struct op *op, const struct op *child)
{
    struct share_look *l = look_of(op);

    if (share_forged(child)) {
        return op_fail_as(op, &child->err);
    }
    if (status_is(child, STATUS_OBJECT_NAME_NOT_FOUND) || status_is(child, STATUS_NO_SUCH_FILE)) {
        return OP_DONE;
    }
    if (status_is(child, STATUS_ACCESS_DENIED) && !l->blind) {
        l->blind = true;
        return op_go(op, ST_OPEN);
    }
    if (status_is(child, STATUS_ACCESS_DENIED) || status_is(child, STATUS_SHARING_VIOLATION)) {
        l->exists = true; /* what it is will show when it is to be replaced */
        return OP_DONE;
    }
    return op_fail_as(op, &child->err);
}

static enum op_next take_open(struct op *op)
{
    struct share_look *l = look_of(op);
    const struct op *child = &l->opening.op;

    if (!op_finished(child)) {
        return OP_WAIT;
    }
    if (op_failed(child)) {
        return take_refusal(op, child);
    }
    l->exists = true;
    query_info_start(&l->streams, op, &l->open, SMB2_0_INFO_FILE, FILE_STREAM_INFORMATION,
                     STREAMS_ROOM);
    query_standard_start(&l->standard, op, &l->open);
    share_volume_start(&l->volume, op, &l->open);
    query_security_start(&l->security, op, &l->open, DACL_SECURITY_INFORMATION);
    return op_go(op, ST_ANSWERED);
}

/* ---------------------------------------------------------------- judge */

static const struct op *forged_answer(const struct share_look *l)
{
    const struct op *children[] = {&l->streams.op, &l->standard.op, &l->volume.op, &l->security.op};

    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
        if (share_forged(children[i])) {
            return children[i];
        }
    }
    return NULL;
}

/* More than the one stream without a name.  Servers without streams do not know the question. */
static bool has_streams(const struct share_look *l)
{
    struct walk list = walk_from(l->streams.data);
    struct file_stream_information stream;
    unsigned count = 0;

    if (op_failed(&l->streams.op)) {
        return false;
    }
    while (file_stream_information_next(&list, &stream)) {
        count++;
    }
    return count > 1 || l->streams.cut;
}

static bool has_names(const struct share_look *l)
{
    struct file_standard_information info;

    return !op_failed(&l->standard.op) && file_standard_information_get(&info, l->standard.data) &&
           info.links > 1;
}

/* Not permitted, which is not the same as a server that has no descriptors. */
static bool hides_access(const struct share_look *l)
{
    return op_failed(&l->security.op) && status_is(&l->security.op, STATUS_ACCESS_DENIED);
}

void share_volume_start(struct query_info_op *volume, struct op *parent, struct open *open)
{
    query_info_start(volume, parent, open, SMB2_0_INFO_FILESYSTEM, FILE_FS_OBJECT_ID_INFORMATION,
                     VOLUME_ROOM);
}

/* It says so, and its version, where MS-FSCC 2.5.6 has nothing but zeros. */
bool share_is_samba(const struct query_info_op *volume)
{
    static const uint8_t magic[] = {0x61, 0x42, 0x6d, 0x53};
    struct fs_object_id_information info;

    return !op_failed(&volume->op) && fs_object_id_information_get(&info, volume->data) &&
           memcmp(info.extended_info, magic, sizeof magic) == 0;
}

static const char *reason(const struct share_look *l)
{
    if (l->open.stat.attributes & FILE_ATTRIBUTE_REPARSE_POINT) {
        return l->linkless > 0 ? NULL : "it is a link";
    }
    if (has_streams(l)) {
        return "it has alternate streams, which a new file would not have";
    }
    if (has_names(l)) {
        return "it has more than one name (hard links)";
    }
    return hides_access(l) ? "its access entries, which a new file might not have, may not be read"
                           : NULL;
}

static enum op_next take_answers(struct op *op)
{
    struct share_look *l = look_of(op);

    if (!op_finished(&l->streams.op) || !op_finished(&l->standard.op) ||
        !op_finished(&l->volume.op) || !op_finished(&l->security.op)) {
        return OP_WAIT;
    }
    const struct op *child = forged_answer(l);
    if (child) {
        return op_fail_as(op, &child->err);
    }
    l->why = reason(l);
    if (!op_failed(&l->security.op) && share_access_explicit(l->security.data)) {
        l->access = l->security.data;
    }
    if (l->why || !share_is_samba(&l->volume)) {
        open_drop(&l->open); /* an open file cannot be replaced */
    }
    return OP_DONE;
}
