/* dir.c: listing a directory (MS-SMB2 3.2.4.17).
 *
 * The server's answers are pages of entries.  While one page is handed out the next one is being asked
 * for, so a listing holds two pages at most, however long it is. */
#include "proto/dir.h"

#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "base/options.h"
#include "conn/exchange.h"
#include "fs/names.h"
#include "fs/stat.h"
#include "proto/utf16.h"

enum {
    PAGE_MAX = 1 << 20,  /* bytes of entries asked for at a time */
    PAGE_MIN = 1 << 16,  /* what every server can give, and one credit pays for */
    PAGE_SHRINK = 4,     /* by how much a page is made smaller that a server does not like */
    PAGES_MAX = 1 << 13, /* of one listing: a server that goes on for ever is not believed */
    NAME_BYTES = 1024,   /* of a name as UTF-8: 255 UTF-16 units need 766 */
    QUERY_ROOM = 64,
};

struct list_job {
    struct name_job base; /* first */
    struct path pattern;
    char *pattern_text; /* owned */
    bool dots;          /* are handed out */
    lsmb_entry_fn *each;
    void *each_arg;
    bool stopped;
    unsigned pages;      /* that have come */
    uint32_t page_max;   /* bytes: what the server may be asked for */
    uint32_t page_bytes; /* asked for by `request` */
    struct request request;
    struct buf *page; /* owned: holds `entries`, which are being handed out */
    struct span entries;
};

static enum op_next begin(struct op *op);
static enum op_next take_open(struct op *op);
static enum op_next send_query(struct op *op);
static enum op_next take_page(struct op *op);
static enum op_next hand_out(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_QUERY, ST_PAGE, ST_ENTRIES, ST_CLOSE, ST_CLOSED };

static const struct op_step list_steps[] = {
    [ST_OPEN] = {"list", begin, 0},         [ST_OPENED] = {"list", take_open, 0},
    [ST_QUERY] = {"list", send_query, 0},   [ST_PAGE] = {"list", take_page, 0},
    [ST_ENTRIES] = {"list", hand_out, 0},   [ST_CLOSE] = {"list", name_close, 0},
    [ST_CLOSED] = {"list", name_closed, 0},
};

static struct list_job *list_of(struct op *op)
{
    return CONTAINER_OF(name_job_of(op), struct list_job, base);
}

static void release(struct op *op)
{
    struct list_job *j = list_of(op);

    request_drop(&j->request);
    buf_free(j->page);
    j->page = NULL;
    path_free(&j->pattern);
    free(j->pattern_text);
    j->pattern_text = NULL;
    name_job_release(op);
}

static const struct op_kind list_kind = {"list", list_steps, release};

/* A name that would be a path is none. */
static bool is_plain_name(const char *name)
{
    return name[0] && !strpbrk(name, "\\/");
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum op_next begin(struct op *op)
{
    struct list_job *j = list_of(op);
    struct lsmb_error err;

    if (!j->pattern_text) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the pattern");
    }
    if (!is_plain_name(j->pattern_text) || is_dots(j->pattern_text)) {
        return op_fail(op, LSMB_E_USAGE, "a pattern is for names: it has no separators");
    }
    if (!path_set(&j->pattern, j->pattern_text, &err)) {
        return op_fail_as(op, &err);
    }
    return name_open(op);
}

static enum op_next take_open(struct op *op)
{
    enum op_next next = op_await(op, &list_of(op)->base.opening.op);

    return next == OP_AGAIN ? op_go(op, ST_QUERY) : next;
}

/* Ask for the next page; false when there is no buffer to ask with.  The share is up. */
static bool ask(struct list_job *j)
{
    struct op *op = &j->base.job.op;
    uint32_t limit = share_transact_limit(j->base.share);
    struct wr w;

    if (!request_body(&j->request, op->env, QUERY_ROOM + j->pattern.len, &w)) {
        return false;
    }
    j->page_bytes = j->page_max < limit ? j->page_max : limit;
    smb2_query_directory_request_put(&w, &(struct smb2_query_directory_request){
                                             .info_class = FILE_ID_BOTH_DIRECTORY_INFORMATION,
                                             .file = j->base.open.id,
                                             .pattern = path_span(&j->pattern),
                                             .output_length = j->page_bytes,
                                         });
    struct request_spec spec =
        share_spec(j->base.share, SMB2_QUERY_DIRECTORY, j->page_bytes, false);
    request_send(&j->request, &w, &spec, &op->ready);
    return true;
}

static enum op_next send_query(struct op *op)
{
    struct list_job *j = list_of(op);

    if (!share_up(j->base.share)) {
        return share_lost(op, j->base.share);
    }
    return ask(j) ? op_go(op, ST_PAGE) : fail_no_buffer(op);
}

/* False when the name makes no sense. */
static bool tell(struct list_job *j, const struct file_directory_entry *entry)
{
    struct lsmb_stat stat = STAT_FROM(entry);
    char room[NAME_BYTES];
    size_t need = 0;

    stat.file_id = entry->file_id;
    if (!utf8_from_utf16(room, sizeof room, &need, entry->name) || !is_plain_name(room)) {
        return false;
    }
    if ((j->dots || !is_dots(room)) && !j->each(j->each_arg, room, &stat)) {
        j->stopped = true;
    }
    return true;
}

/* A server that does not give so much at a time is asked for less. */
static bool shrink(struct list_job *j)
{
    uint32_t status = j->request.status;
    bool too_much = nt_status_is(status, STATUS_INVALID_PARAMETER) ||
                    nt_status_is(status, STATUS_INFO_LENGTH_MISMATCH) ||
                    nt_status_is(status, STATUS_INSUFFICIENT_RESOURCES);

    if (!j->request.believed || !too_much || j->page_bytes <= PAGE_MIN) {
        return false;
    }
    j->page_max = j->page_bytes / PAGE_SHRINK > PAGE_MIN ? j->page_bytes / PAGE_SHRINK : PAGE_MIN;
    return true;
}

/* Keep the page that has come, and ask for the next one.  It is handed out in the next turn, when the
 * question is on its way. */
static enum op_next keep_page(struct op *op, struct span entries)
{
    struct list_job *j = list_of(op);

    j->page = j->request.reply;
    j->entries = entries;
    j->request.reply = NULL;
    request_drop(&j->request);
    if (share_up(j->base.share)) {
        (void)ask(j); /* without a buffer it is asked for when this page is done with */
    }
    (void)op_go(op, ST_ENTRIES);
    op_wake(op);
    return OP_WAIT;
}

static enum op_next take_page(struct op *op)
{
    struct list_job *j = list_of(op);
    struct smb2_query_directory_reply reply;
    enum op_next next = await_answer(op, &j->request);

    if (next != OP_AGAIN) {
        return next;
    }
    /* The end; on the first page, that nothing matches. */
    if (nt_status_is(j->request.status, STATUS_NO_MORE_FILES) ||
        (j->pages == 0 && nt_status_is(j->request.status, STATUS_NO_SUCH_FILE))) {
        return op_go(op, ST_CLOSE);
    }
    if (shrink(j)) {
        return op_go(op, ST_QUERY);
    }
    if (j->request.status != STATUS_SUCCESS) {
        return fail_refused(op, &j->request);
    }
    if (!smb2_query_directory_reply_get(&reply, j->request.message, j->page_bytes) ||
        reply.entries.len == 0) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed directory listing");
    }
    if (++j->pages > PAGES_MAX) {
        return op_fail(op, LSMB_E_PROTOCOL, "the listing is too long");
    }
    return keep_page(op, reply.entries);
}

static enum op_next hand_out(struct op *op)
{
    struct list_job *j = list_of(op);
    struct walk list = walk_from(j->entries);
    struct file_directory_entry entry;

    while (!j->stopped &&
           file_directory_entry_next(&list, FILE_ID_BOTH_DIRECTORY_INFORMATION, &entry)) {
        if (!tell(j, &entry)) {
            return op_fail(op, LSMB_E_PROTOCOL, "the server lists a name that cannot be one");
        }
    }
    if (!walk_ok(&list)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed directory listing");
    }
    buf_free(j->page);
    j->page = NULL;
    if (j->stopped) {
        request_drop(&j->request);
        return op_go(op, ST_CLOSE);
    }
    return op_go(op, j->request.state == REQUEST_IDLE ? ST_QUERY : ST_PAGE);
}

/* NOLINTNEXTLINE(readability-function-size): one parameter more, as the public form has it */
struct lsmb_job *lsmb_list_start(struct lsmb_share *share, const char *path,
                                 const struct lsmb_list_options *opt, lsmb_entry_fn *each,
                                 void *each_arg, lsmb_done_fn *done, void *arg)
{
    struct list_job *j = name_job_new(share, sizeof *j, path, done, arg);
    struct lsmb_list_options mine = {.size = sizeof mine};

    if (!j) {
        return NULL;
    }
    if (opt) {
        options_take(&mine, sizeof mine, opt, opt->size);
    }
    j->pattern_text = strdup(mine.pattern ? mine.pattern : "*");
    j->dots = mine.dots;
    j->each = each;
    j->each_arg = each_arg;
    j->page_max = PAGE_MAX;
    j->base.want = name_want(FILE_READ_DATA | FILE_READ_ATTRIBUTES, "list");
    j->base.want.options = FILE_DIRECTORY_FILE;
    return job_begin(&j->base.job, &list_kind);
}

enum lsmb_code lsmb_list(struct lsmb_share *share, const char *path,
                         const struct lsmb_list_options *opt, lsmb_entry_fn *each, void *each_arg,
                         struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_list_start(share, path, opt, each, each_arg, job_wait_done, &wait), &wait,
                    err);
}
