/* wire.c: frames between a struct conn and a peer. */
#include "test/peer/wire.h"

#include <stdlib.h>

#include "proto/nbss.h"
#include "test/peer/peer_core.h"

static void carry_to_server(struct wire *wire, struct span sent)
{
    size_t len = 0;
    struct span prefix = {sent.ptr, NBSS_PREFIX_LEN};

    if (sent.len < NBSS_PREFIX_LEN || !nbss_direct_get(&len, prefix) ||
        len != sent.len - NBSS_PREFIX_LEN) {
        peer_refuse(wire->link, "a frame has a wrong length prefix");
        return;
    }
    struct span frame = {sent.ptr + NBSS_PREFIX_LEN, len};
    uint8_t *copy = peer_copy(frame);
    frame.ptr = copy;
    if (!wire->to_server || wire->to_server(wire->arg, copy, len)) {
        peer_receive(wire->link, frame);
    }
    free(copy);
}

unsigned wire_to_server(struct wire *wire)
{
    struct conn *conn = wire->conn;
    unsigned moved = 0;

    while (!conn_dead(conn) && !list_empty(&conn->output)) {
        struct buf *first = CONTAINER_OF(conn->output.next, struct buf, node);
        uint8_t *copy = peer_copy(buf_span(first));
        struct span sent = {copy, first->len};
        conn_sent(conn, first->len);
        carry_to_server(wire, sent);
        free(copy);
        wire->sent++;
        moved++;
    }
    return moved;
}

static void carry_to_client(struct wire *wire, struct peer_frame *frame)
{
    struct conn *conn = wire->conn;

    if (wire->to_client && !wire->to_client(wire->arg, frame->bytes, frame->len)) {
        return;
    }
    if (frame->len > conn_frame_limit(conn)) {
        conn_fail_with(conn, LSMB_E_PROTOCOL, "the server sent a message of %zu bytes", frame->len);
        return;
    }
    struct buf *buf = pool_take(&conn->env->pool, frame->len);
    if (!buf) {
        conn_fail_with(conn, LSMB_E_NOMEM, "no memory to receive a message");
        return;
    }
    memcpy(buf_data(buf), frame->bytes, frame->len);
    buf->len = frame->len;
    conn_progress(conn);
    conn_receive(conn, buf);
}

unsigned wire_to_client(struct wire *wire)
{
    struct peer_frame *frame;
    unsigned moved = 0;

    while ((frame = peer_next_frame(wire->link))) {
        if (!conn_dead(wire->conn)) {
            carry_to_client(wire, frame);
            wire->received++;
            moved++;
        }
        free(frame);
    }
    if (wire->link->closed && !conn_dead(wire->conn)) {
        conn_fail_with(wire->conn, LSMB_E_NETWORK, "the server closed the connection");
        moved++;
    }
    return moved;
}

void wire_run(struct wire *wire)
{
    unsigned moved;

    do {
        script_settle(wire->script);
        moved = wire_to_server(wire);
        moved += wire_to_client(wire);
        script_settle(wire->script);
    } while (moved > 0);
}
