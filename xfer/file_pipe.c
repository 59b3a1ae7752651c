/* file_pipe.c: local files that prove to be no regular ones. */
#include "xfer/file_pipe.h"

#include "base/error.h"
#include "xfer/fd.h"

static void answer_no_memory(struct lsmb_wait *wait, const char *why)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NOMEM, "%s", why);
    lsmb_wait_done(wait, &err);
}

/* ---------------------------------------------------------------- a source */

static struct piped_source *source_of(struct lsmb_source *source)
{
    return CONTAINER_OF(source, struct piped_source, source);
}

static size_t source_chunk(struct lsmb_source *source)
{
    struct lsmb_source *pipe = source_of(source)->pipe;

    return pipe->ops->chunk(pipe);
}

static void source_read(struct lsmb_source *source, struct lsmb_range *range,
                        struct lsmb_wait *wait)
{
    struct lsmb_source *pipe = source_of(source)->pipe;

    pipe->ops->read(pipe, range, wait);
}

static void source_finish(struct lsmb_source *source, struct lsmb_wait *wait)
{
    struct lsmb_source *pipe = source_of(source)->pipe;

    pipe->ops->finish(pipe, wait);
}

static void source_close(struct lsmb_source *source)
{
    source_of(source)->of->close(source);
}

static void source_hurry(struct lsmb_source *source)
{
    source_cancel(source_of(source)->pipe);
}

static const struct lsmb_source_ops source_ops = {
    .size = sizeof source_ops,
    .chunk = source_chunk,
    .read = source_read,
    .finish = source_finish,
    .close = source_close,
    .sequential = true,
    .cancel = source_hurry,
};

void piped_source_open(struct piped_source *file, struct lsmb *smb, const char *path,
                       struct lsmb_stat *out, struct lsmb_wait *wait)
{
    file->pipe = source_fd_new(smb, -1, path);
    if (!file->pipe) {
        answer_no_memory(wait, "no memory to read it");
        return;
    }
    file->of = file->source.ops;
    file->source.ops = &source_ops;
    file->pipe->ops->open(file->pipe, out, wait);
}

void piped_source_close(struct piped_source *file)
{
    if (file->pipe) {
        file->pipe->ops->close(file->pipe);
    }
}

/* ---------------------------------------------------------------- a sink */

static struct piped_sink *sink_of(struct lsmb_sink *sink)
{
    return CONTAINER_OF(sink, struct piped_sink, sink);
}

static size_t sink_chunk(struct lsmb_sink *sink)
{
    struct lsmb_sink *pipe = sink_of(sink)->pipe;

    return pipe->ops->chunk(pipe);
}

static void sink_write(struct lsmb_sink *sink, const struct lsmb_range *range,
                       struct lsmb_wait *wait)
{
    struct lsmb_sink *pipe = sink_of(sink)->pipe;

    pipe->ops->write(pipe, range, wait);
}

static void sink_commit(struct lsmb_sink *sink, uint64_t bytes, struct lsmb_wait *wait)
{
    struct lsmb_sink *pipe = sink_of(sink)->pipe;

    pipe->ops->commit(pipe, bytes, wait);
}

static void sink_abort(struct lsmb_sink *sink, struct lsmb_wait *wait)
{
    struct lsmb_sink *pipe = sink_of(sink)->pipe;

    pipe->ops->abort(pipe, wait);
}

static void sink_close(struct lsmb_sink *sink)
{
    sink_of(sink)->of->close(sink);
}

static void sink_hurry(struct lsmb_sink *sink)
{
    sink_cancel(sink_of(sink)->pipe);
}

static const struct lsmb_sink_ops sink_ops = {
    .size = sizeof sink_ops,
    .chunk = sink_chunk,
    .write = sink_write,
    .commit = sink_commit,
    .abort = sink_abort,
    .close = sink_close,
    .in_order = true,
    .cancel = sink_hurry,
};

void piped_sink_open(struct piped_sink *file, struct lsmb *smb, const char *path,
                     const struct lsmb_stat *source, struct lsmb_wait *wait)
{
    file->pipe = sink_fd_new(smb, -1, path);
    if (!file->pipe) {
        answer_no_memory(wait, "no memory to write it");
        return;
    }
    file->of = file->sink.ops;
    file->sink.ops = &sink_ops;
    file->pipe->ops->open(file->pipe, source, wait);
}

void piped_sink_close(struct piped_sink *file)
{
    if (file->pipe) {
        file->pipe->ops->close(file->pipe);
    }
}
