/* share_frame.c: requests about one open file on a share, laid to leave in one frame. */
#include "xfer/share_frame.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "proto/close.h"
#include "proto/filetime.h"
#include "proto/flush.h"
#include "proto/fscc.h"
#include "proto/info.h"
#include "proto/misc.h"
#include "proto/read.h"
#include "proto/write.h"

enum { BODY_ROOM = 64, INFO_ROOM = 40 };

/* ---------------------------------------------------------------- laying */

/* The next part, and a writer for its body.  NULL: there is no memory. */
static struct wr *add(struct share_frame *frame, struct request *request, uint16_t command,
                      uint32_t payload, size_t room)
{
    struct compound_part *part = &frame->parts[frame->count];

    *part = (struct compound_part){
        .request = request,
        .spec = share_spec(frame->share, command, payload, false),
        .waiter = frame->waiter,
    };
    if (frame->no_memory ||
        !request_body(request, &share_context(frame->share)->env, room, &part->w)) {
        frame->no_memory = true;
        return NULL;
    }
    frame->count++;
    return &part->w;
}

/* What the request that was just added calls the file. */
static struct smb2_file_id name_file(const struct share_frame *frame)
{
    return frame->count == 1 ? frame->file : SMB2_FILE_ID_NONE;
}

void share_frame_set(struct share_frame *frame, struct request *request, uint8_t info_class,
                     struct span data)
{
    struct wr *w = add(frame, request, SMB2_SET_INFO, (uint32_t)data.len, BODY_ROOM + data.len);

    if (w) {
        smb2_set_info_request_put(w, &(struct smb2_set_info_request){
                                         .info_type = SMB2_0_INFO_FILE,
                                         .info_class = info_class,
                                         .file = name_file(frame),
                                         .data = data,
                                     });
    }
}

void share_frame_mark(struct share_frame *frame, struct request *request, bool delete_it)
{
    uint8_t room[INFO_ROOM];
    struct wr w = wr_from(room, sizeof room);

    file_disposition_information_put(
        &w, &(struct file_disposition_information){.delete_pending = delete_it});
    share_frame_set(frame, request, FILE_DISPOSITION_INFORMATION, wr_written(&w));
}

void share_frame_written(struct share_frame *frame, struct request *request, int64_t written)
{
    uint8_t room[INFO_ROOM];
    struct wr w = wr_from(room, sizeof room);

    file_basic_information_put(
        &w, &(struct file_basic_information){.written = filetime_from_ns(written)});
    share_frame_set(frame, request, FILE_BASIC_INFORMATION, wr_written(&w));
}

void share_frame_rename(struct share_frame *frame, struct request *request, const struct path *to)
{
    size_t room = INFO_ROOM + to->len;
    uint8_t *info = malloc(room);
    struct wr w = wr_from(info, info ? room : 0);

    if (!info) {
        frame->no_memory = true;
        return;
    }
    file_rename_information_put(&w, &(struct file_rename_information){.name = path_span(to)});
    share_frame_set(frame, request, FILE_RENAME_INFORMATION, wr_written(&w));
    free(info);
}

void share_frame_write(struct share_frame *frame, struct request *request, struct span bytes)
{
    uint32_t length = (uint32_t)bytes.len;
    struct wr *w = add(frame, request, SMB2_WRITE, length, SMB2_WRITE_REQUEST_LEN);

    if (w) {
        smb2_write_request_put(w, &(struct smb2_write_request){
                                      .length = length,
                                      .file = name_file(frame),
                                  });
        frame->parts[frame->count - 1].payload = bytes;
    }
}

void share_frame_read(struct share_frame *frame, struct request *request, uint32_t length)
{
    struct wr *w = add(frame, request, SMB2_READ, length, SMB2_READ_REQUEST_LEN);

    if (w) {
        smb2_read_request_put(
            w, &(struct smb2_read_request){.file = name_file(frame), .length = length});
    }
}

void share_frame_flush(struct share_frame *frame, struct request *request)
{
    struct wr *w = add(frame, request, SMB2_FLUSH, 0, BODY_ROOM);

    if (w) {
        smb2_flush_request_put(w, &(struct smb2_flush_request){.file = name_file(frame)});
    }
}

void share_frame_ask(struct share_frame *frame, struct request *request,
                     const struct share_question *question)
{
    struct wr *w = add(frame, request, SMB2_QUERY_INFO, question->room, BODY_ROOM);

    if (w) {
        smb2_query_info_request_put(w,
                                    &(struct smb2_query_info_request){
                                        .info_type = question->info_type,
                                        .info_class = question->info_class,
                                        .output_length = question->room,
                                        .additional_information = question->additional_information,
                                        .file = name_file(frame),
                                    });
    }
}

void share_frame_query(struct share_frame *frame, struct request *request)
{
    share_frame_ask(frame, request,
                    &(struct share_question){.info_type = SMB2_0_INFO_FILE,
                                             .info_class = FILE_STANDARD_INFORMATION,
                                             .room = SHARE_FRAME_STANDARD_ROOM});
}

static void add_close(struct share_frame *frame, struct request *request, uint16_t flags)
{
    struct wr *w = add(frame, request, SMB2_CLOSE, 0, BODY_ROOM);

    if (w) {
        smb2_close_request_put(
            w, &(struct smb2_close_request){.flags = flags, .file = name_file(frame)});
    }
}

void share_frame_close(struct share_frame *frame, struct request *request)
{
    add_close(frame, request, 0);
}

void share_frame_close_stat(struct share_frame *frame, struct request *request)
{
    add_close(frame, request, SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB);
}

/* ---------------------------------------------------------------- what was said */

static bool is_understood(const struct request *request)
{
    struct smb2_query_info_reply info;
    struct smb2_close_reply closed;
    struct smb2_write_reply written;
    struct span message = request->message;

    switch (request->spec.command) {
    case SMB2_SET_INFO: return smb2_set_info_reply_get(message);
    case SMB2_WRITE: return smb2_write_reply_get(&written, message, request->spec.payload);
    case SMB2_QUERY_INFO: return smb2_query_info_reply_get(&info, message, request->spec.payload);
    case SMB2_CLOSE: return smb2_close_reply_get(&closed, message);
    }
    return smb2_empty_get(message);
}

enum share_said share_said(const struct request *request)
{
    switch (request->state) {
    case REQUEST_IDLE: return SHARE_NOT_ASKED;
    case REQUEST_WAITING:
    case REQUEST_IN_FLIGHT: return SHARE_WAITS;
    case REQUEST_DONE: break;
    }
    if (request->failure || !request->believed) {
        return SHARE_UNSURE;
    }
    if (request->status != STATUS_SUCCESS) {
        return SHARE_REFUSED;
    }
    return is_understood(request) ? SHARE_DONE : SHARE_UNSURE;
}

bool share_done_if_asked(const struct request *request)
{
    enum share_said said = share_said(request);

    return said == SHARE_DONE || said == SHARE_NOT_ASKED;
}

void share_said_why(const struct request *request, struct lsmb_error *err)
{
    if (request->failure || request->status != STATUS_SUCCESS) {
        request_error(request, err);
    } else {
        error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed answer to %s",
                  smb2_command_name(request->spec.command));
    }
}
