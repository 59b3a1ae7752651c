#include "xfer/share_folder.h"

#include <stdlib.h>
#include <string.h>

#include "proto/filetime.h"
#include "proto/fscc.h"
#include "xfer/share_frame.h"

enum { BASIC_INFORMATION_LEN = 40 }; /* MS-FSCC 2.4.7 */

static enum op_next start_open(struct op *op);
static enum op_next take_open(struct op *op);
static enum op_next take_set(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_SET };

static const struct op_step make_steps[] = {
    [ST_OPEN] = {"make the directory", start_open, 0},
    [ST_OPENED] = {"make the directory", take_open, 0},
};

static const struct op_step set_steps[] = {
    [ST_OPEN] = {"set the times of the directory", start_open, 0},
    [ST_OPENED] = {"set the times of the directory", take_open, 0},
    [ST_SET] = {"set the times of the directory", take_set, 0},
};

static struct share_folder_op *folder_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_folder_op, op);
}

static void release(struct op *op)
{
    struct share_folder_op *f = folder_of(op);

    if (op_failed(op) && f->path) {
        share_error_path(f->share, f->path, &op->err);
    }
    request_drop(&f->times);
    request_drop(&f->closing);
    open_drop(&f->open);
    free(f->path);
    f->path = NULL;
}

static const struct op_kind make_kind = {"make a directory", make_steps, release};
static const struct op_kind set_kind = {"set a directory's times", set_steps, release};

static bool wants_times(const struct share_folder_op *f)
{
    return f->created != 0 || f->written != 0;
}

static struct wr put_times(const struct share_folder_op *f,
                           uint8_t room[static BASIC_INFORMATION_LEN])
{
    struct wr w = wr_from(room, BASIC_INFORMATION_LEN);

    file_basic_information_put(
        &w, &(struct file_basic_information){.created = filetime_from_ns(f->created),
                                             .written = filetime_from_ns(f->written)});
    return w;
}

/* What happens to it, in the frame of the CREATE. */
static bool lay(void *arg, struct open_tail *tail)
{
    struct share_folder_op *f = arg;
    struct share_frame frame = {.share = f->share, .parts = tail->parts, .file = SMB2_FILE_ID_NONE};
    uint8_t room[BASIC_INFORMATION_LEN];

    if (wants_times(f)) {
        struct wr w = put_times(f, room);
        share_frame_set(&frame, &f->times, FILE_BASIC_INFORMATION, wr_written(&w));
    }
    share_frame_close(&frame, &f->closing);
    tail->count = frame.count;
    return !frame.no_memory;
}

static enum op_next start_open(struct op *op)
{
    struct share_folder_op *f = folder_of(op);

    if (!f->path) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the path");
    }
    open_start(&f->opening, op, f->share, f->path, &f->want, &f->open);
    return op_go(op, ST_OPENED);
}

/* One that was opened, and whose times were not asked for in the same frame. */
static enum op_next go_on(struct op *op)
{
    struct share_folder_op *f = folder_of(op);
    uint8_t room[BASIC_INFORMATION_LEN];

    if (!wants_times(f)) {
        return OP_DONE; /* nobody waits for the CLOSE */
    }
    struct wr w = put_times(f, room);
    set_info_start(&f->setting, op, &f->open, FILE_BASIC_INFORMATION, wr_written(&w));
    return op_go(op, ST_SET);
}

static enum op_next take_open(struct op *op)
{
    struct share_folder_op *f = folder_of(op);
    enum op_next next = op_await(op, &f->opening.op);
    struct lsmb_error err;

    if (next != OP_AGAIN) {
        return next;
    }
    if (f->want.linkless > 0 && (f->open.stat.attributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
        return op_fail(op, LSMB_E_USAGE, "it is a link, and trees follow none");
    }
    if (!f->tail.sent) {
        return go_on(op);
    }
    if (!wants_times(f) || share_said(&f->times) == SHARE_DONE) {
        return OP_DONE;
    }
    if (share_said(&f->times) == SHARE_REFUSED) { /* maybe for its company: once more, alone */
        request_drop(&f->times);
        request_drop(&f->closing);
        open_drop(&f->open);
        f->want.tail = NULL;
        f->tail.sent = false;
        return op_go(op, ST_OPEN);
    }
    share_said_why(&f->times, &err);
    return op_fail_as(op, &err);
}

static enum op_next take_set(struct op *op)
{
    enum op_next next = op_await(op, &folder_of(op)->setting.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

static void init(struct share_folder_op *f, struct lsmb_share *share, const char *path,
                 unsigned linkless)
{
    *f = (struct share_folder_op){
        .share = share,
        .path = strdup(path),
        .want = {.access = FILE_READ_ATTRIBUTES,
                 .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                 .disposition = FILE_OPEN,
                 .options = FILE_DIRECTORY_FILE,
                 .linkless = linkless},
        .tail = {.lay = lay},
    };
    if (linkless > 0) {
        f->want.options |= FILE_OPEN_REPARSE_POINT;
    }
    f->tail.arg = f;
    f->want.tail = &f->tail;
}

void share_folder_make(struct share_folder_op *op, struct lsmb_share *share, const char *path,
                       unsigned linkless, void (*done)(struct op *))
{
    init(op, share, path, linkless);
    op->want.step = "make the directory";
    /* One that is there already is opened, and proves to be a folder by that. */
    op->want.disposition = FILE_OPEN_IF;
    op->want.attributes = LSMB_ATTR_DIRECTORY;
    op_start(&op->op, &share_context(share)->env, &make_kind, done);
}

void share_folder_set_times(struct share_folder_op *op, struct lsmb_share *share, const char *path,
                            unsigned linkless, const struct lsmb_stat *times,
                            void (*done)(struct op *))
{
    init(op, share, path, linkless);
    op->created = times->created;
    op->written = times->written;
    op->want.step = "set the times of the directory";
    op->want.access = FILE_WRITE_ATTRIBUTES;
    op_start(&op->op, &share_context(share)->env, &set_kind, done);
}
