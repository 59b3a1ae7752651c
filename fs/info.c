/* info.c: asking and telling about an open file: SET_INFO, QUERY_INFO, FLUSH. */
#include "fs/info.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "proto/flush.h"
#include "proto/info.h"
#include "proto/misc.h"

enum {
    SET_ROOM = 64,
    QUERY_ROOM = 64,
    FLUSH_ROOM = 32,
    STANDARD_ROOM = 64,
    WHOLE_ROOM = 1 << 16, /* one credit pays for it */
    WHOLE_MAX = 1 << 20,
    END_ROOM = 8,
};

/* ---------------------------------------------------------------- SET_INFO */

static enum op_next send_set(struct op *op);
static enum op_next take_set(struct op *op);

enum { ST_SET, ST_SET_REPLY };

static const struct op_step set_steps[] = {
    [ST_SET] = {"set file information", send_set, 0},
    [ST_SET_REPLY] = {"set file information", take_set, 0},
};

static const struct op_step rename_steps[] = {
    [ST_SET] = {"rename", send_set, 0},
    [ST_SET_REPLY] = {"rename", take_set, 0},
};

static const struct op_step dispose_steps[] = {
    [ST_SET] = {"delete", send_set, 0},
    [ST_SET_REPLY] = {"delete", take_set, 0},
};

static struct set_info_op *set_of(struct op *op)
{
    return CONTAINER_OF(op, struct set_info_op, op);
}

static void release_set(struct op *op)
{
    request_drop(&set_of(op)->request);
    free(set_of(op)->data);
    set_of(op)->data = NULL;
}

static const struct op_kind set_kind = {"set info", set_steps, release_set};
static const struct op_kind rename_kind = {"rename", rename_steps, release_set};
static const struct op_kind dispose_kind = {"delete", dispose_steps, release_set};

static void begin_set(struct set_info_op *op, struct op *parent, struct open *open,
                      uint8_t info_class, const struct op_kind *kind)
{
    *op =
        (struct set_info_op){.open = open, .info_type = SMB2_0_INFO_FILE, .info_class = info_class};
    op_start_child(parent, &op->op, kind);
}

/* Room for `bytes` of data; the first step fails when there is none. */
static struct wr data_room(struct set_info_op *op, size_t bytes)
{
    op->data = malloc(bytes);
    return wr_from(op->data, op->data ? bytes : 0);
}

void set_info_start(struct set_info_op *op, struct op *parent, struct open *open,
                    uint8_t info_class, struct span data)
{
    begin_set(op, parent, open, info_class, &set_kind);
    struct wr w = data_room(op, data.len);
    wr_span(&w, data);
    op->data_len = w.pos;
}

void set_end_start(struct set_info_op *op, struct op *parent, struct open *open, uint64_t bytes)
{
    begin_set(op, parent, open, FILE_END_OF_FILE_INFORMATION, &set_kind);
    struct wr w = data_room(op, END_ROOM);
    file_end_of_file_information_put(&w,
                                     &(struct file_end_of_file_information){.end_of_file = bytes});
    op->data_len = w.pos;
}

void rename_start(struct set_info_op *op, struct op *parent, struct open *open,
                  const struct path *to, bool replace)
{
    begin_set(op, parent, open, FILE_RENAME_INFORMATION, &rename_kind);
    struct wr w = data_room(op, 32 + to->len);
    file_rename_information_put(
        &w, &(struct file_rename_information){.replace_if_exists = replace, .name = path_span(to)});
    op->data_len = w.pos;
}

void dispose_start(struct set_info_op *op, struct op *parent, struct open *open, bool delete_it)
{
    begin_set(op, parent, open, FILE_DISPOSITION_INFORMATION,
              delete_it ? &dispose_kind : &set_kind);
    struct wr w = data_room(op, 8);
    file_disposition_information_put(
        &w, &(struct file_disposition_information){.delete_pending = delete_it});
    op->data_len = w.pos;
}

void set_security_start(struct set_info_op *op, struct op *parent, struct open *open,
                        uint32_t which, struct span descriptor)
{
    set_info_start(op, parent, open, 0, descriptor);
    op->info_type = SMB2_0_INFO_SECURITY;
    op->additional_information = which;
}

static enum op_next send_set(struct op *op)
{
    struct set_info_op *s = set_of(op);
    struct wr w;

    if (!share_up(s->open->share)) {
        return share_lost(op, s->open->share);
    }
    if (s->data_len > share_transact_limit(s->open->share)) { /* MS-SMB2 3.3.5.21 */
        return op_fail(op, LSMB_E_USAGE, "it is more than the server takes at once");
    }
    struct request_spec spec =
        share_spec(s->open->share, SMB2_SET_INFO, (uint32_t)s->data_len, false);
    if (!s->data || !request_body(&s->request, op->env, SET_ROOM + s->data_len, &w)) {
        return fail_no_buffer(op);
    }
    smb2_set_info_request_put(&w, &(struct smb2_set_info_request){
                                      .info_type = s->info_type,
                                      .info_class = s->info_class,
                                      .additional_information = s->additional_information,
                                      .file = s->open->id,
                                      .data = {s->data, s->data_len},
                                  });
    request_send(&s->request, &w, &spec, &op->ready);
    return op_go(op, ST_SET_REPLY);
}

static enum op_next take_set(struct op *op)
{
    enum op_next next = await_success(op, &set_of(op)->request);

    return next == OP_AGAIN ? OP_DONE : next;
}

void dispose_post(struct open *open)
{
    uint8_t data[8], body[SET_ROOM];
    struct wr d = wr_from(data, sizeof data), w = wr_from(body, sizeof body);

    if (!share_up(open->share)) {
        return;
    }
    struct request_spec spec = share_spec(open->share, SMB2_SET_INFO, 1, false);
    file_disposition_information_put(&d, &(struct file_disposition_information){true});
    smb2_set_info_request_put(&w, &(struct smb2_set_info_request){
                                      .info_type = SMB2_0_INFO_FILE,
                                      .info_class = FILE_DISPOSITION_INFORMATION,
                                      .file = open->id,
                                      .data = wr_written(&d),
                                  });
    request_post(&spec, wr_written(&w));
}

/* ---------------------------------------------------------------- QUERY_INFO */

static enum op_next send_query(struct op *op);
static enum op_next take_query(struct op *op);

enum { ST_QUERY, ST_QUERY_REPLY };

#define QUERY_STEPS(name)                                                                          \
    {                                                                                              \
        [ST_QUERY] = {name, send_query, 0}, [ST_QUERY_REPLY] = { name, take_query, 0 }             \
    }

static const struct op_step query_steps[] = QUERY_STEPS("ask for file information");
static const struct op_step streams_steps[] = QUERY_STEPS("ask for the streams");
static const struct op_step security_steps[] = QUERY_STEPS("ask for the security descriptor");
static const struct op_step ea_steps[] = QUERY_STEPS("ask for the extended attributes");

static struct query_info_op *query_of(struct op *op)
{
    return CONTAINER_OF(op, struct query_info_op, op);
}

/* The answer is the user's to look at after success. */
static void release_query(struct op *op)
{
    if (!request_done(&query_of(op)->request) || op_failed(op)) {
        query_info_drop(query_of(op));
    }
}

static const struct op_kind query_kind = {"query info", query_steps, release_query};
static const struct op_kind streams_kind = {"query streams", streams_steps, release_query};
static const struct op_kind security_kind = {"query security", security_steps, release_query};
static const struct op_kind ea_kind = {"query attributes", ea_steps, release_query};

void query_info_start(struct query_info_op *op, struct op *parent, struct open *open,
                      uint8_t info_type, uint8_t info_class, uint32_t room)
{
    *op = (struct query_info_op){.open = open,
                                 .info_type = info_type,
                                 .info_class = info_class,
                                 .room = room,
                                 .room_max = room};
    op_start_child(parent, &op->op, &query_kind);
}

void query_standard_start(struct query_info_op *op, struct op *parent, struct open *open)
{
    query_info_start(op, parent, open, SMB2_0_INFO_FILE, FILE_STANDARD_INFORMATION, STANDARD_ROOM);
}

static void begin_whole(struct query_info_op *op, struct op *parent, struct open *open,
                        const struct op_kind *kind)
{
    *op = (struct query_info_op){
        .open = open, .info_type = SMB2_0_INFO_FILE, .room = WHOLE_ROOM, .room_max = WHOLE_MAX};
    op_start_child(parent, &op->op, kind);
}

void query_streams_start(struct query_info_op *op, struct op *parent, struct open *open)
{
    begin_whole(op, parent, open, &streams_kind);
    op->info_class = FILE_STREAM_INFORMATION;
}

void query_security_start(struct query_info_op *op, struct op *parent, struct open *open,
                          uint32_t which)
{
    begin_whole(op, parent, open, &security_kind);
    op->info_type = SMB2_0_INFO_SECURITY;
    op->additional_information = which;
}

void query_ea_start(struct query_info_op *op, struct op *parent, struct open *open)
{
    begin_whole(op, parent, open, &ea_kind);
    op->info_class = FILE_FULL_EA_INFORMATION;
    op->flags = SL_RESTART_SCAN; /* a second question would go on behind the first one's answer */
}

void query_info_drop(struct query_info_op *op)
{
    request_drop(&op->request);
    op->data = (struct span){0};
}

static enum op_next send_query(struct op *op)
{
    struct query_info_op *q = query_of(op);
    struct wr w;

    if (!share_up(q->open->share)) {
        return share_lost(op, q->open->share);
    }
    uint32_t limit = share_transact_limit(q->open->share);
    if (q->room > limit) {
        q->room = q->room_max = limit;
    }
    if (!request_body(&q->request, op->env, QUERY_ROOM, &w)) {
        return fail_no_buffer(op);
    }
    smb2_query_info_request_put(&w, &(struct smb2_query_info_request){
                                        .info_type = q->info_type,
                                        .info_class = q->info_class,
                                        .output_length = q->room,
                                        .additional_information = q->additional_information,
                                        .flags = q->flags,
                                        .file = q->open->id,
                                    });
    struct request_spec spec = share_spec(q->open->share, SMB2_QUERY_INFO, q->room, false);
    request_send(&q->request, &w, &spec, &op->ready);
    return op_go(op, ST_QUERY_REPLY);
}

/* More room, as much as the server says it takes; false: it has had all that it can get.  Once is enough for
 * an honest server, unless what is asked for grows meanwhile. */
static bool grow(struct query_info_op *q)
{
    uint32_t limit = share_transact_limit(q->open->share);
    uint32_t most = q->room_max < limit ? q->room_max : limit;
    uint32_t needed;

    if (!nt_status_is(q->request.status, STATUS_BUFFER_TOO_SMALL) ||
        !smb2_needed_length_get(&needed, q->request.message)) {
        needed = most;
    }
    if (needed <= q->room || needed > most) {
        return false;
    }
    q->room = q->room_max = needed;
    return true;
}

/* MS-SMB2 3.3.5.20.1, 3.3.5.20.3: BUFFER_OVERFLOW comes with what there was room for, BUFFER_TOO_SMALL with
 * the length that would do. */
static enum op_next take_query(struct op *op)
{
    struct query_info_op *q = query_of(op);
    const struct request *request = &q->request;
    struct smb2_query_info_reply reply;
    enum op_next next = await_answer(op, request);

    if (next != OP_AGAIN) {
        return next;
    }
    q->cut = request->believed && nt_status_is(request->status, STATUS_BUFFER_OVERFLOW);
    bool small = request->believed && nt_status_is(request->status, STATUS_BUFFER_TOO_SMALL);
    if ((q->cut || small) && share_up(q->open->share) && grow(q)) {
        return op_go(op, ST_QUERY);
    }
    if (request->status != STATUS_SUCCESS && !q->cut) {
        return fail_refused(op, request);
    }
    if (!smb2_query_info_reply_get(&reply, request->message, q->room)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to QUERY_INFO");
    }
    q->data = reply.data;
    return OP_DONE;
}

/* ---------------------------------------------------------------- FLUSH */

static enum op_next send_flush(struct op *op);
static enum op_next take_flush(struct op *op);

enum { ST_FLUSH, ST_FLUSH_REPLY };

static const struct op_step flush_steps[] = {
    [ST_FLUSH] = {"flush the file to disk", send_flush, 0},
    [ST_FLUSH_REPLY] = {"flush the file to disk", take_flush, 0},
};

static void release_flush(struct op *op)
{
    request_drop(&CONTAINER_OF(op, struct flush_op, op)->request);
}

static const struct op_kind flush_kind = {"flush", flush_steps, release_flush};

void flush_start(struct flush_op *op, struct op *parent, struct open *open)
{
    *op = (struct flush_op){.open = open};
    op_start_child(parent, &op->op, &flush_kind);
}

static enum op_next send_flush(struct op *op)
{
    struct flush_op *f = CONTAINER_OF(op, struct flush_op, op);
    struct request_spec spec = share_spec(f->open->share, SMB2_FLUSH, 0, false);
    struct wr w;

    if (!share_up(f->open->share)) {
        return share_lost(op, f->open->share);
    }
    if (!request_body(&f->request, op->env, FLUSH_ROOM, &w)) {
        return fail_no_buffer(op);
    }
    smb2_flush_request_put(&w, &(struct smb2_flush_request){.file = f->open->id});
    request_send(&f->request, &w, &spec, &op->ready);
    return op_go(op, ST_FLUSH_REPLY);
}

static enum op_next take_flush(struct op *op)
{
    enum op_next next = await_success(op, &CONTAINER_OF(op, struct flush_op, op)->request);

    return next == OP_AGAIN ? OP_DONE : next;
}
