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
    SECURITY_ROOM = 4096,
    VOLUME_ROOM = 64,
};

static const struct share_question questions[SHARE_QUESTIONS] = {
    [SHARE_STREAMS] = {SMB2_0_INFO_FILE, FILE_STREAM_INFORMATION, 0, STREAMS_ROOM},
    [SHARE_STANDARD] = {SMB2_0_INFO_FILE, FILE_STANDARD_INFORMATION, 0, SHARE_FRAME_STANDARD_ROOM},
    [SHARE_SECURITY] = {SMB2_0_INFO_SECURITY, 0, DACL_SECURITY_INFORMATION, SECURITY_ROOM},
    [SHARE_VOLUME] = {SMB2_0_INFO_FILESYSTEM, FILE_FS_OBJECT_ID_INFORMATION, 0, VOLUME_ROOM},
};

static enum op_next open_it(struct op *op);
static enum op_next take_open(struct op *op);
static enum op_next take_answers(struct op *op);
static enum op_next take_tail(struct share_look *l);
static enum op_next judge(struct share_look *l);

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

    for (unsigned i = 0; i < SHARE_QUESTIONS; i++) {
        if (i != SHARE_SECURITY) {
            query_info_drop(&l->asking[i]);
            request_drop(&l->asked[i]);
        }
    }
    request_drop(&l->closing);
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
    query_info_drop(&l->asking[SHARE_SECURITY]);
    request_drop(&l->asked[SHARE_SECURITY]);
    l->access = (struct span){0};
    open_drop(&l->open);
}

/* ---------------------------------------------------------------- open */

/* In a tree links are replaced, and need not be told from what they lead to. */
static unsigned questions_of(const struct share_look *l)
{
    return l->linkless > 0 ? (unsigned)SHARE_VOLUME : (unsigned)SHARE_QUESTIONS;
}

static bool lay_questions(void *arg, struct open_tail *tail)
{
    struct share_look *l = arg;
    struct share_frame frame = {.share = l->share, .parts = tail->parts, .file = SMB2_FILE_ID_NONE};

    for (unsigned i = 0; i < questions_of(l); i++) {
        share_frame_ask(&frame, &l->asked[i], &questions[i]);
    }
    if (l->linkless > 0) {
        share_frame_close(&frame, &l->closing);
    }
    tail->count = frame.count;
    return !frame.no_memory;
}

static enum op_next open_it(struct op *op)
{
    struct share_look *l = look_of(op);
    bool alone = l->alone || l->blind || share_seen(l->share)->looks_alone;
    const struct open_want want = {
        .access = FILE_READ_ATTRIBUTES | (l->blind ? 0u : (uint32_t)ACCESS_READ_CONTROL),
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT,
        .want_id = true,
        .linkless = l->linkless,
        .tail = alone ? NULL : &l->tail,
    };

    l->tail = (struct open_tail){.lay = lay_questions, .arg = l};
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

static enum op_next ask_singly(struct share_look *l)
{
    for (unsigned i = 0; i < questions_of(l); i++) {
        if (i == SHARE_SECURITY) {
            query_security_start(&l->asking[i], &l->op, &l->open, DACL_SECURITY_INFORMATION);
        } else {
            query_info_start(&l->asking[i], &l->op, &l->open, questions[i].info_type,
                             questions[i].info_class, questions[i].room);
        }
    }
    return op_go(&l->op, ST_ANSWERED);
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
    return l->tail.sent ? take_tail(l) : ask_singly(l);
}

/* ---------------------------------------------------------------- answers */

static bool is_forged(const struct request *request)
{
    return share_said(request) == SHARE_UNSURE && (request->failure || !request->believed);
}

/* Behind one question that is refused the answers mean nothing (MS-SMB2 3.3.5.2.7.2): then all go one by one. */
static enum op_next take_tail(struct share_look *l)
{
    struct lsmb_error err;

    for (unsigned i = 0; i < questions_of(l); i++) {
        const struct request *request = &l->asked[i];
        struct smb2_query_info_reply reply;

        if (is_forged(request)) {
            share_said_why(request, &err);
            return op_fail_as(&l->op, &err);
        }
        if (share_said(request) != SHARE_DONE ||
            !smb2_query_info_reply_get(&reply, request->message, questions[i].room)) {
            share_seen(l->share)->looks_alone |= i != SHARE_SECURITY;
            l->alone = true;
            return l->open.share ? ask_singly(l) : op_go(&l->op, ST_OPEN);
        }
        l->answers[i] = (struct share_answer){.given = true, .data = reply.data};
    }
    return judge(l);
}

static enum op_next take_answers(struct op *op)
{
    struct share_look *l = look_of(op);

    for (unsigned i = 0; i < questions_of(l); i++) {
        if (!op_finished(&l->asking[i].op)) {
            return OP_WAIT;
        }
    }
    for (unsigned i = 0; i < questions_of(l); i++) {
        const struct query_info_op *asking = &l->asking[i];
        if (share_forged(&asking->op)) {
            return op_fail_as(op, &asking->op.err);
        }
        l->answers[i] = (struct share_answer){
            .given = !op_failed(&asking->op),
            .denied = status_is(&asking->op, STATUS_ACCESS_DENIED),
            .cut = asking->cut,
            .data = asking->data,
        };
    }
    return judge(l);
}

/* ---------------------------------------------------------------- judge */

/* More than the one stream without a name.  Servers without streams do not know the question. */
static bool has_streams(const struct share_look *l)
{
    const struct share_answer *streams = &l->answers[SHARE_STREAMS];
    struct walk list = walk_from(streams->data);
    struct file_stream_information stream;
    unsigned count = 0;

    if (!streams->given) {
        return false;
    }
    while (file_stream_information_next(&list, &stream)) {
        count++;
    }
    return count > 1 || streams->cut;
}

static bool has_names(const struct share_look *l)
{
    const struct share_answer *standard = &l->answers[SHARE_STANDARD];
    struct file_standard_information info;

    return standard->given && file_standard_information_get(&info, standard->data) &&
           info.links > 1;
}

void share_volume_start(struct query_info_op *volume, struct op *parent, struct open *open)
{
    query_info_start(volume, parent, open, SMB2_0_INFO_FILESYSTEM, FILE_FS_OBJECT_ID_INFORMATION,
                     VOLUME_ROOM);
}

/* It says so, and its version, where MS-FSCC 2.5.6 has nothing but zeros. */
bool share_is_samba(struct span volume)
{
    static const uint8_t magic[] = {0x61, 0x42, 0x6d, 0x53};
    struct fs_object_id_information info;

    return fs_object_id_information_get(&info, volume) &&
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
    /* Not permitted, which is not the same as a server that has no descriptors. */
    return l->answers[SHARE_SECURITY].denied
               ? "its access entries, which a new file might not have, may not be read"
               : NULL;
}

static enum op_next judge(struct share_look *l)
{
    const struct share_answer *security = &l->answers[SHARE_SECURITY];
    const struct share_answer *volume = &l->answers[SHARE_VOLUME];

    l->why = reason(l);
    if (security->given && share_access_explicit(security->data)) {
        l->access = security->data;
    }
    if (l->why || !volume->given || !share_is_samba(volume->data)) {
        open_drop(&l->open); /* an open file cannot be replaced */
    }
    return OP_DONE;
}
