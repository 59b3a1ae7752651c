/* streams.c: the alternate data streams of a file (FileStreamInformation, MS-FSCC 2.4.49). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fs/names.h"
#include "proto/fscc.h"

struct streams_job {
    struct name_job base; /* first */
    lsmb_stream_fn *each;
    void *each_arg;
};

static enum op_next ask(struct op *op);
static enum op_next take_streams(struct op *op);

enum { ST_OPEN, ST_OPENED, ST_ASKED, ST_CLOSED };

static const struct op_step streams_steps[] = {
    [ST_OPEN] = {"list the streams", name_open, 0},
    [ST_OPENED] = {"list the streams", ask, 0},
    [ST_ASKED] = {"list the streams", take_streams, 0},
    [ST_CLOSED] = {"list the streams", name_closed, 0},
};

static const struct op_kind streams_kind = {"streams", streams_steps, name_job_release};

static enum op_next ask(struct op *op)
{
    struct name_job *j = name_job_of(op);
    enum op_next next = op_await(op, &j->opening.op);

    if (next != OP_AGAIN) {
        return next;
    }
    query_streams_start(&j->asking, op, &j->open);
    return op_go(op, ST_ASKED);
}

/* From ":name:$DATA" to "name", in place; NULL when it has another form.  `*alternate`: it is a data stream,
 * and not the one without a name (MS-FSCC 2.1.4). */
static char *stream_name(char *text, bool *alternate)
{
    char *type = text[0] == ':' ? strchr(text + 1, ':') : NULL;

    if (!type || strpbrk(text, "\\/") || strchr(type + 1, ':')) {
        return NULL;
    }
    *alternate = type > text + 1 && strcasecmp(type, ":$DATA") == 0;
    *type = '\0';
    return text + 1;
}

/* OP_AGAIN: go on with the next one. */
static enum op_next tell(struct op *op, const struct file_stream_information *stream)
{
    struct streams_job *j = CONTAINER_OF(name_job_of(op), struct streams_job, base);
    char *text = utf8_new(stream->name);
    enum op_next next = OP_AGAIN;
    bool alternate;

    if (!text) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the name of a stream");
    }
    const char *name = stream_name(text, &alternate);
    if (!name) {
        next = op_fail(op, LSMB_E_PROTOCOL, "the server lists a stream whose name cannot be one");
    } else if (alternate && !j->each(j->each_arg, name, stream->size)) {
        next = OP_DONE;
    }
    free(text);
    return next;
}

static enum op_next take_streams(struct op *op)
{
    struct name_job *j = name_job_of(op);
    enum op_next next = name_await(op, &j->asking.op);
    struct file_stream_information stream;

    if (next != OP_AGAIN) {
        return next;
    }
    if (j->asking.cut) {
        return op_fail(op, LSMB_E_PROTOCOL, "the list of streams is too long");
    }
    struct walk list = walk_from(j->asking.data);
    while (next == OP_AGAIN && file_stream_information_next(&list, &stream)) {
        next = tell(op, &stream);
    }
    if (next == OP_FAIL) {
        return next;
    }
    if (!walk_ok(&list)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed list of streams");
    }
    return name_close(op);
}

struct lsmb_job *lsmb_streams_start(struct lsmb_share *share, const char *path,
                                    lsmb_stream_fn *each, void *each_arg, lsmb_done_fn *done,
                                    void *arg)
{
    struct streams_job *j = name_job_new(share, sizeof *j, path, done, arg);

    if (!j) {
        return NULL;
    }
    j->each = each;
    j->each_arg = each_arg;
    j->base.want = name_want(FILE_READ_ATTRIBUTES, "list the streams");
    return job_begin(&j->base.job, &streams_kind);
}

enum lsmb_code lsmb_streams(struct lsmb_share *share, const char *path, lsmb_stream_fn *each,
                            void *each_arg, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_streams_start(share, path, each, each_arg, job_wait_done, &wait), &wait,
                    err);
}
