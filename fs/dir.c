/* dir.c: listing a directory page by page. */
#include "fs/dir.h"

#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "base/number.h"
#include "conn/exchange.h"
#include "fs/open_chain.h"
#include "fs/stat.h"
#include "proto/dir.h"
#include "proto/utf16.h"

enum {
    PAGE_MAX = 1 << 20, /* bytes of entries asked for at a time */
    PAGE_MIN = 1 << 16, /* what every server can give, and one credit pays for */
    PAGE_STEP = 4, /* by how much pages grow, and shrink for a server that does not like them */
    PAGES_MAX = 1 << 15, /* of one listing: a server that goes on for ever is not believed */
    QUERY_ROOM = 64,
};

static enum op_next begin(struct op *op);
static enum op_next take_open(struct op *op);
static enum op_next send_query(struct op *op);
static enum op_next take_page(struct op *op);
static enum op_next hold_page(struct op *op);
static enum op_next start_close(struct op *op);
static enum op_next take_close(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_QUERY, ST_PAGE, ST_HELD, ST_CLOSE, ST_CLOSED };

static const struct op_step dir_steps[] = {
    [ST_OPEN] = {"list", begin, 0},        [ST_OPENED] = {"list", take_open, 0},
    [ST_QUERY] = {"list", send_query, 0},  [ST_PAGE] = {"list", take_page, 0},
    [ST_HELD] = {"list", hold_page, 0},    [ST_CLOSE] = {"list", start_close, 0},
    [ST_CLOSED] = {"list", take_close, 0},
};

static struct dir_op *dir_of(struct op *op)
{
    return CONTAINER_OF(op, struct dir_op, op);
}

static void drop_page(struct dir_op *d)
{
    buf_free(d->page);
    d->page = NULL;
}

static void release(struct op *op)
{
    struct dir_op *d = dir_of(op);

    if (op_failed(op) && d->path) {
        share_error_path(d->share, d->path, &op->err);
    }
    request_drop(&d->requests[0]);
    request_drop(&d->requests[1]);
    drop_page(d);
    open_drop(&d->open);
    path_free(&d->pattern);
    free(d->pattern_text);
    free(d->path);
    d->pattern_text = d->path = NULL;
}

static const struct op_kind dir_kind = {"list", dir_steps, release};

/* A name that would be a path is none. */
static bool is_plain_name(const char *name)
{
    return name[0] && !strpbrk(name, "\\/");
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* ---------------------------------------------------------------- asking */

/* Lay the request for the next page of `file`.  False when memory is short.  The share is up. */
static bool lay(struct dir_op *d, unsigned which, struct smb2_file_id file, struct wr *w)
{
    struct request *request = &d->requests[which];

    if (!request_body(request, d->op.env, QUERY_ROOM + d->pattern.len, w)) {
        return false;
    }
    smb2_query_directory_request_put(w, &(struct smb2_query_directory_request){
                                            .info_class = FILE_ID_BOTH_DIRECTORY_INFORMATION,
                                            .flags = d->restart ? SMB2_RESTART_SCANS : 0,
                                            .file = file,
                                            .pattern = path_span(&d->pattern),
                                            .output_length = d->asked[which],
                                        });
    return true;
}

static bool ask(struct dir_op *d, unsigned which)
{
    uint32_t bytes =
        least32(d->page_bytes, least32(d->page_allowed, share_transact_limit(d->share)));
    struct wr w;

    d->asked[which] = bytes;
    if (!lay(d, which, d->open.id, &w)) {
        return false;
    }
    struct request_spec spec = share_spec(d->share, SMB2_QUERY_DIRECTORY, bytes, false);
    request_send(&d->requests[which], &w, &spec, &d->op.ready);
    return true;
}

/* The first two pages, which is where most directories end, in the frame of the CREATE. */
static bool lay_tail(void *arg, struct open_tail *tail)
{
    struct dir_op *d = arg;

    tail->count = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct compound_part *part = &tail->parts[i];
        d->asked[i] = PAGE_MIN;
        if (!lay(d, i, SMB2_FILE_ID_NONE, &part->w)) {
            return false;
        }
        part->request = &d->requests[i];
        part->spec = share_spec(d->share, SMB2_QUERY_DIRECTORY, PAGE_MIN, false);
        tail->count++;
    }
    return true;
}

/* ---------------------------------------------------------------- steps */

static enum op_next begin(struct op *op)
{
    struct dir_op *d = dir_of(op);
    struct lsmb_error err;

    if (!d->path || !d->pattern_text) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the path");
    }
    if (!is_plain_name(d->pattern_text) || is_dots(d->pattern_text)) {
        return op_fail(op, LSMB_E_USAGE, "a pattern is for names: it has no separators");
    }
    if (!path_set(&d->pattern, d->pattern_text, &err)) {
        return op_fail_as(op, &err);
    }
    open_start(&d->opening, op, d->share, d->path, &d->want, &d->open);
    return op_go(op, ST_OPENED);
}

static enum op_next take_open(struct op *op)
{
    struct dir_op *d = dir_of(op);
    enum op_next next = op_await(op, &d->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (d->stopped) {
        return op_go(op, ST_CLOSE);
    }
    if (d->tail.sent) {
        return op_go(op, ST_PAGE);
    }
    request_drop(&d->requests[0]);
    request_drop(&d->requests[1]);
    return op_go(op, ST_QUERY);
}

static enum op_next send_query(struct op *op)
{
    struct dir_op *d = dir_of(op);

    if (!share_up(d->share)) {
        return share_lost(op, d->share);
    }
    return ask(d, d->current) ? op_go(op, ST_PAGE) : fail_no_buffer(op);
}

/* A server that does not give so much at a time is asked for less. */
static bool shrink(struct dir_op *d)
{
    const struct request *request = &d->requests[d->current];
    uint32_t status = request->status, asked = d->asked[d->current];
    bool too_much = nt_status_is(status, STATUS_INVALID_PARAMETER) ||
                    nt_status_is(status, STATUS_INFO_LENGTH_MISMATCH) ||
                    nt_status_is(status, STATUS_INSUFFICIENT_RESOURCES);

    if (!request->believed || !too_much || asked <= PAGE_MIN) {
        return false;
    }
    d->page_max = asked / PAGE_STEP > PAGE_MIN ? asked / PAGE_STEP : PAGE_MIN;
    d->page_bytes = d->page_max;
    return true;
}

/* Pages grow in a directory that fills them. */
static void grow(struct dir_op *d)
{
    d->page_bytes =
        d->page_bytes < d->page_max / PAGE_STEP ? d->page_bytes * PAGE_STEP : d->page_max;
}

/* Keep the page that has come, and see to it that the next one is on its way.  It is handed out in the next
 * turn. */
static enum op_next keep_page(struct op *op, struct span entries)
{
    struct dir_op *d = dir_of(op);
    struct request *request = &d->requests[d->current];

    d->page = request->reply;
    d->entries = walk_from(entries);
    d->restart = false;
    request->reply = NULL;
    request_drop(request);
    d->current = 1 - d->current;
    if (d->requests[d->current].state == REQUEST_IDLE && share_up(d->share)) {
        grow(d);
        (void)ask(d, d->current); /* without a buffer it is asked for when this page is done with */
    }
    op_wake(op->parent);
    (void)op_go(op, ST_HELD);
    return OP_WAIT;
}

/* What company has spoiled in the frame of the CREATE is asked for alone.  When that was the first page, the one
 * behind it may have begun where that should have: the listing begins once more. */
static enum op_next ask_alone(struct dir_op *d)
{
    request_drop(&d->requests[d->current]);
    if (d->pages == 0) {
        request_drop(&d->requests[1 - d->current]);
        d->restart = true;
    }
    return op_go(&d->op, ST_QUERY);
}

static enum op_next take_page(struct op *op)
{
    struct dir_op *d = dir_of(op);
    struct request *request = &d->requests[d->current];
    struct smb2_query_directory_reply reply;

    if (d->stopped) {
        return op_go(op, ST_CLOSE);
    }
    enum op_next next = await_answer(op, request);
    if (next != OP_AGAIN) {
        return next;
    }
    /* The end; on the first page, that nothing matches. */
    if (nt_status_is(request->status, STATUS_NO_MORE_FILES) ||
        (d->pages == 0 && nt_status_is(request->status, STATUS_NO_SUCH_FILE))) {
        return op_go(op, ST_CLOSE);
    }
    if (shrink(d)) {
        return op_go(op, ST_QUERY);
    }
    if (open_chain_spoiled(request)) {
        return ask_alone(d);
    }
    if (request->status != STATUS_SUCCESS) {
        return fail_refused(op, request);
    }
    if (!smb2_query_directory_reply_get(&reply, request->message, d->asked[d->current]) ||
        reply.entries.len == 0) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed directory listing");
    }
    if (++d->pages > PAGES_MAX) {
        return op_fail(op, LSMB_E_PROTOCOL, "the listing is too long");
    }
    return keep_page(op, reply.entries);
}

static enum op_next hold_page(struct op *op)
{
    struct dir_op *d = dir_of(op);

    if (d->malformed) {
        return op_fail(op, LSMB_E_PROTOCOL, "%s", d->malformed);
    }
    if (d->stopped) {
        return op_go(op, ST_CLOSE);
    }
    if (d->page) {
        return OP_WAIT;
    }
    return op_go(op, d->requests[d->current].state == REQUEST_IDLE ? ST_QUERY : ST_PAGE);
}

static enum op_next start_close(struct op *op)
{
    struct dir_op *d = dir_of(op);

    request_drop(&d->requests[0]);
    request_drop(&d->requests[1]);
    d->at_end = true;
    op_wake(op->parent);
    close_start(&d->closing, op, &d->open, NULL);
    return op_go(op, ST_CLOSED);
}

static enum op_next take_close(struct op *op)
{
    enum op_next next = op_await(op, &dir_of(op)->closing.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

/* ---------------------------------------------------------------- handing out */

static void end_page(struct dir_op *d, const char *malformed)
{
    d->malformed = malformed;
    drop_page(d);
    op_wake(&d->op);
}

bool dir_next(struct dir_op *dir, struct dir_entry *out)
{
    struct file_directory_entry entry;
    size_t need = 0;

    if (!dir->page) {
        return false;
    }
    if (!file_directory_entry_next(&dir->entries, FILE_ID_BOTH_DIRECTORY_INFORMATION, &entry)) {
        end_page(dir,
                 walk_ok(&dir->entries) ? NULL : "the server sent a malformed directory listing");
        return false;
    }
    if (!utf8_from_utf16(out->name, sizeof out->name, &need, entry.name) ||
        !is_plain_name(out->name)) {
        end_page(dir, "the server lists a name that cannot be one");
        return false;
    }
    out->stat = STAT_FROM(&entry);
    out->stat.file_id = entry.file_id;
    out->reparse_tag = entry.ea_size; /* MS-FSCC 2.4.17: EaSize of a reparse point is its tag */
    return true;
}

bool dir_at_end(const struct dir_op *dir)
{
    return dir->at_end;
}

void dir_limit_pages(struct dir_op *dir, uint32_t bytes)
{
    dir->page_allowed = bytes > PAGE_MIN ? bytes : PAGE_MIN;
}

void dir_stop(struct dir_op *dir)
{
    dir->stopped = true;
    drop_page(dir);
    op_wake(&dir->op);
}

void dir_start(struct dir_op *dir, struct op *parent, struct lsmb_share *share, const char *path,
               const char *pattern)
{
    *dir = (struct dir_op){
        .share = share,
        .path = strdup(path),
        .pattern_text = strdup(pattern),
        .want = {.step = "list",
                 .access = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
                 .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                 .disposition = FILE_OPEN,
                 .options = FILE_DIRECTORY_FILE},
        .tail = {.lay = lay_tail},
        .page_bytes = PAGE_MIN,
        .page_max = PAGE_MAX,
        .page_allowed = PAGE_MAX,
    };
    dir->tail.arg = dir;
    dir->want.tail = &dir->tail;
    op_start_child(parent, &dir->op, &dir_kind);
}
