/* share_reread.c: what was written to a target on a share, read back from where it lies. */
#include "xfer/share_reread.h"

#include <stdlib.h>

#include "proto/fscc.h"
#include "xfer/share_sink.h"
#include "xfer/source_share.h"

struct share_reread {
    struct lsmb_source source; /* first */
    struct share_end end;
    struct share_sink *sink; /* borrowed */
    struct open own;         /* of a target that is written itself */
    struct open *open;       /* it, or the sink's */
    struct lsmb_stat *out;
    struct open_op opening;
    struct query_info_op query;
    struct lsmb_source *reader; /* owned: of `open`; NULL until that is open */
};

static enum op_next start(struct op *op);
static enum op_next take_open(struct op *op);
static enum op_next take_length(struct op *op);

enum { ST_START, ST_OPENED, ST_LENGTH };

static const struct op_step reread_steps[] = {
    [ST_START] = {"read the target back", start, 0},
    [ST_OPENED] = {"read the target back", take_open, 0},
    [ST_LENGTH] = {"read the target back", take_length, 0},
};

static struct share_reread *reread_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct share_reread, source);
}

static struct share_reread *op_reread(struct op *op)
{
    return CONTAINER_OF(op, struct share_reread, end.op);
}

static void release(struct op *op)
{
    query_info_drop(&op_reread(op)->query);
}

static const struct op_kind reread_kind = {"read a target back", reread_steps, release};

/* ---------------------------------------------------------------- open */

static enum op_next ask_length(struct share_reread *r)
{
    query_standard_start(&r->query, &r->end.op, r->open);
    return op_go(&r->end.op, ST_LENGTH);
}

static enum op_next start(struct op *op)
{
    struct share_reread *r = op_reread(op);
    const struct open_want want = {
        .access = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE,
        .want_id = true,
        .linkless = r->sink->linkless,
    };

    if (r->sink->way != SHARE_STRAIGHT) {
        r->open = &r->sink->temp;
        return ask_length(r);
    }
    r->open = &r->own;
    open_start(&r->opening, op, r->end.share, r->sink->target_text, &want, &r->own);
    return op_go(op, ST_OPENED);
}

/* The name may stand for another file by now.  Nobody knows where the server does not tell its number. */
static enum op_next take_open(struct op *op)
{
    struct share_reread *r = op_reread(op);
    enum op_next next = op_await(op, &r->opening.op);
    uint64_t written = r->sink->final.stat.file_id, found = r->own.stat.file_id;

    if (next != OP_AGAIN) {
        return next;
    }
    if (written != 0 && found != 0 && written != found) {
        return op_fail(op, LSMB_E_CHANGED,
                       "another file stands there than the one that was written");
    }
    return ask_length(r);
}

static enum op_next take_length(struct op *op)
{
    struct share_reread *r = op_reread(op);
    struct file_standard_information info;
    enum op_next next = op_await(op, &r->query.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!file_standard_information_get(&info, r->query.data) || info.end_of_file > INT64_MAX) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to QUERY_INFO");
    }
    r->open->stat.bytes = r->sink->uncleared ? 0 : info.end_of_file; /* what is there is old */
    r->reader = source_share_of(r->open, r->end.path);
    if (!r->reader) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to read it back");
    }
    *r->out = r->open->stat;
    return OP_DONE;
}

static void open_source(struct lsmb_source *source, struct lsmb_stat *out, struct lsmb_wait *wait)
{
    struct share_reread *r = reread_of(source);

    r->out = out;
    share_end_begin(&r->end, &reread_kind, wait, share_end_ended);
}

/* ---------------------------------------------------------------- the rest */

static size_t chunk(struct lsmb_source *source)
{
    struct lsmb_source *reader = reread_of(source)->reader;

    return reader->ops->chunk(reader);
}

static void read_range(struct lsmb_source *source, struct lsmb_range *range, struct lsmb_wait *wait)
{
    struct lsmb_source *reader = reread_of(source)->reader;

    reader->ops->read(reader, range, wait);
}

static void finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    (void)source;
    lsmb_wait_done(wait, NULL);
}

static void cancel(struct lsmb_source *source)
{
    struct share_reread *r = reread_of(source);
    struct lsmb_error err;

    error_set(&err, LSMB_E_CANCELLED, "cancelled");
    if (r->end.op_running) {
        op_cancel(&r->end.op, &err);
    }
    if (r->reader) {
        r->reader->ops->cancel(r->reader);
    }
}

static void close_source(struct lsmb_source *source)
{
    struct share_reread *r = reread_of(source);

    if (r->reader) {
        r->reader->ops->close(r->reader);
    }
    share_end_free(&r->end);
    open_drop(&r->own);
    free(r);
}

static const struct lsmb_source_ops ops = {
    .size = sizeof ops,
    .open = open_source,
    .chunk = chunk,
    .read = read_range,
    .finish = finish,
    .close = close_source,
    .brings_data = true,
    .cancel = cancel,
};

struct lsmb_source *share_reread(struct lsmb_sink *sink)
{
    struct share_sink *s = CONTAINER_OF(sink, struct share_sink, sink);
    struct share_reread *r = calloc(1, sizeof *r);

    if (!r) {
        return NULL;
    }
    if (!share_end_init(&r->end, s->end.share, s->end.path)) {
        free(r);
        return NULL;
    }
    r->source.ops = &ops;
    r->sink = s;
    return &r->source;
}
