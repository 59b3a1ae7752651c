#include "transport/stream.h"

#include <assert.h>

void stream_attach(struct stream *stream, struct loop *loop, struct hook *receive,
                   struct hook *flush)
{
    assert(!stream->loop || stream->loop == loop);
    stream_detach(stream);
    stream->loop = loop;
    stream->receive = receive;
    stream->flush = flush;
    stream_may_receive(stream);
    stream_may_send(stream);
}

void stream_detach(struct stream *stream)
{
    if (stream->receive) {
        loop_leave(stream->loop, stream->receive);
    }
    if (stream->flush) {
        loop_leave(stream->loop, stream->flush);
    }
    stream->receive = NULL;
    stream->flush = NULL;
}

void stream_close(struct stream *stream)
{
    if (stream) {
        stream_detach(stream);
        stream->ops->close(stream);
    }
}

void stream_may_receive(struct stream *stream)
{
    if (stream->receive) {
        loop_join(stream->loop, LOOP_RECEIVE, stream->receive);
    }
}

void stream_may_send(struct stream *stream)
{
    if (stream->flush) {
        loop_join(stream->loop, LOOP_FLUSH, stream->flush);
    }
}
