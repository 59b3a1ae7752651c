/* compound.c: several requests in one frame. */
#include "conn/compound.h"

#include <assert.h>

#include "conn/secure.h"

enum { NEXT_COMMAND_OFFSET = 20, ALIGNMENT = 8 }; /* MS-SMB2 2.2.1.2, 3.2.4.1.4 */

/* ---------------------------------------------------------------- to the queue */

static size_t padded(size_t len)
{
    return (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Bytes that the frame will hold. */
static size_t room_for(const struct compound_part *parts, unsigned count)
{
    size_t room = 0;

    for (unsigned i = 0; i < count; i++) {
        const struct buf *laid = parts[i].request->frame;
        size_t body = laid->len > 0 ? laid->len : parts[i].w.pos;
        room += padded(SMB2_HEADER_LEN + body + parts[i].payload.len);
    }
    return room;
}

/* As with READ and WRITE, half of the largest balance is what one frame may cost: what was granted once will
 * be granted again. */
static bool affordable(const struct conn *conn, const struct compound_part *parts, unsigned count)
{
    uint32_t cost = 0;

    for (unsigned i = 0; i < count; i++) {
        cost += request_cost(conn, parts[i].spec.payload);
    }
    return cost <= conn->credits_peak / 2;
}

/* The answers may come in one frame as well. */
static uint32_t payload_of_all(const struct compound_part *parts, unsigned count)
{
    uint32_t bytes = 0;

    for (unsigned i = 0; i < count; i++) {
        bytes += parts[i].spec.payload;
    }
    return bytes;
}

/* What carries a payload is paid for by whoever holds a ticket for that. */
static struct buf *take_frame(struct pool *pool, const struct compound_part *parts, unsigned count)
{
    size_t room = room_for(parts, count);

    for (unsigned i = 0; i < count; i++) {
        if (parts[i].payload.len > 0) {
            return pool_take_ticketed(pool, room);
        }
    }
    return pool_take(pool, room);
}

bool compound_send(const struct compound_part *parts, unsigned count, bool related)
{
    struct channel *channel = parts[0].spec.channel;
    struct conn *conn = channel->conn;
    struct request *lead = parts[0].request;
    bool alive = true;

    assert(count >= 2 && count <= COMPOUND_MAX);
    if (!affordable(conn, parts, count)) {
        return false;
    }
    struct buf *frame = take_frame(&conn->env->pool, parts, count);
    if (!frame) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        struct request_spec spec = parts[i].spec;
        assert(spec.channel == channel && !spec.data && !spec.transcript);
        if (related && i > 0) {
            spec.flags |= SMB2_FLAGS_RELATED_OPERATIONS;
        }
        alive = request_admit(parts[i].request, &parts[i].w, &spec, parts[i].waiter);
    }
    if (!alive) { /* conn or session is dead: each has been told */
        buf_free(frame);
        return true;
    }
    for (unsigned i = 0; i < count; i++) {
        parts[i].request->chain.lead = lead;
        parts[i].request->chain.payload = parts[i].payload;
        parts[i].request->chain.next = i + 1 < count ? parts[i + 1].request : NULL;
    }
    lead->chain.frame = frame;
    conn_expect(conn, payload_of_all(parts, count));
    request_wait(lead);
    return true;
}

/* ---------------------------------------------------------------- out */

/* Move a request's message into the frame, padded unless it is the last, and sign it there: on its own bytes
 * and their padding (MS-SMB2 3.1.4.1). */
static bool lay(struct buf *frame, struct request *request, bool last)
{
    struct buf *own = request->frame;
    struct span payload = request->chain.payload;
    size_t bytes = own->len + payload.len;
    size_t len = last ? bytes : padded(bytes);
    uint8_t *message = buf_data(frame) + frame->len;
    struct wr w = wr_from(message, buf_room(frame));

    wr_span(&w, buf_span(own));
    wr_span(&w, payload);
    wr_zero(&w, len - bytes);
    wr_patch(&w, NEXT_COMMAND_OFFSET, last ? 0 : len, 4);
    assert(wr_ok(&w));
    frame->len += len;
    buf_free(own);
    request->frame = NULL;
    request->chain.payload = (struct span){0};
    return request->sealed || !request->is_signed || secure_sign(request, message, len);
}

bool compound_issue(struct request *lead)
{
    struct request *parts[COMPOUND_MAX];
    struct buf *frame = lead->chain.frame;
    unsigned count = 0;

    lead->chain.frame = NULL;
    for (struct request *next, *part = lead; part; part = next) {
        next = part->chain.next;
        part->chain.lead = part->chain.next = NULL;
        parts[count++] = part;
        part->compounded = true;
        request_take_off(part);
        assert(part->sealed == lead->sealed);
    }
    for (unsigned i = 0; i < count; i++) {
        if (!lay(frame, parts[i], i + 1 == count)) {
            buf_free(frame);
            return false;
        }
    }
    lead->frame = frame;
    if (lead->sealed && !secure_outgoing(lead)) {
        return false;
    }
    lead->spec.conn->env->stats.sum.compounds++;
    request_frame_out(lead);
    return true;
}
