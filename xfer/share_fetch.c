/* share_fetch.c: a file on a share in one round trip. */
#include "xfer/share_fetch.h"

#include "base/ntstatus.h"
#include "fs/stat.h"
#include "proto/close.h"
#include "proto/read.h"

enum { CLOSE_ROOM = 32 };

/* ---------------------------------------------------------------- out */

static bool lay_read(struct share_fetch *f, struct compound_part *part)
{
    uint32_t most = share_read_limit(f->share);

    /* READ of nothing means different things to servers. */
    f->asked = f->limit == 0 ? 1 : f->limit < most ? f->limit : most;
    *part = (struct compound_part){.request = &f->read,
                                   .spec = share_spec(f->share, SMB2_READ, f->asked, false)};
    if (!request_body(&f->read, &share_context(f->share)->env, SMB2_READ_REQUEST_LEN, &part->w)) {
        return false;
    }
    smb2_read_request_put(
        &part->w, &(struct smb2_read_request){.file = SMB2_FILE_ID_NONE, .length = f->asked});
    return true;
}

static bool lay_close(struct share_fetch *f, struct compound_part *part)
{
    *part = (struct compound_part){.request = &f->close,
                                   .spec = share_spec(f->share, SMB2_CLOSE, 0, false)};
    if (!request_body(&f->close, &share_context(f->share)->env, CLOSE_ROOM, &part->w)) {
        return false;
    }
    smb2_close_request_put(&part->w,
                           &(struct smb2_close_request){.flags = SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB,
                                                        .file = SMB2_FILE_ID_NONE});
    return true;
}

static bool lay(void *arg, struct open_tail *tail)
{
    struct share_fetch *f = arg;

    if (!lay_read(f, &tail->parts[0])) {
        return false;
    }
    tail->count = 1;
    if (!lay_close(f, &tail->parts[1])) {
        return false;
    }
    tail->count = 2;
    return true;
}

void share_fetch_init(struct share_fetch *fetch, struct lsmb_share *share, size_t limit)
{
    *fetch = (struct share_fetch){.share = share,
                                  .limit = limit < UINT32_MAX ? (uint32_t)limit : UINT32_MAX,
                                  .tail = {.lay = lay, .arg = fetch}};
}

/* ---------------------------------------------------------------- back */

static enum fetched malformed(struct lsmb_error *err, const char *command)
{
    error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed answer to %s", command);
    return FETCHED_NEITHER;
}

/* Nobody knows whether it was the server who refused. */
static enum fetched refused(const struct request *request, struct lsmb_error *err)
{
    if (request->believed) {
        return FETCHED_NOT;
    }
    request_error(request, err);
    return FETCHED_NEITHER;
}

static enum fetched take_data(const struct share_fetch *f, struct span *data,
                              struct lsmb_error *err)
{
    struct smb2_read_reply reply;

    *data = (struct span){0};
    if (nt_status_is(f->read.status, STATUS_END_OF_FILE) && f->read.believed) {
        return FETCHED;
    }
    if (f->read.status != STATUS_SUCCESS) {
        return refused(&f->read, err);
    }
    if (!smb2_read_reply_get(&reply, f->read.message, f->asked)) {
        return malformed(err, "READ");
    }
    *data = reply.data;
    return FETCHED;
}

static enum fetched take_close(const struct share_fetch *f, struct lsmb_stat *at_close,
                               struct lsmb_error *err)
{
    struct smb2_close_reply reply;

    if (f->close.status != STATUS_SUCCESS) {
        return refused(&f->close, err);
    }
    if (!smb2_close_reply_get(&reply, f->close.message)) {
        return malformed(err, "CLOSE");
    }
    *at_close = STAT_FROM(&reply);
    if (!(reply.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB)) {
        *at_close = (struct lsmb_stat){.bytes = LSMB_SIZE_UNKNOWN}; /* MS-SMB2 2.2.16 */
    }
    return FETCHED;
}

enum fetched share_fetch_take(const struct share_fetch *fetch, struct span *data,
                              struct lsmb_stat *at_close, struct lsmb_error *err)
{
    enum fetched got = take_data(fetch, data, err);

    return got == FETCHED ? take_close(fetch, at_close, err) : got;
}

void share_fetch_drop(struct share_fetch *fetch)
{
    request_drop(&fetch->read);
    request_drop(&fetch->close);
    fetch->tail.count = 0;
}
