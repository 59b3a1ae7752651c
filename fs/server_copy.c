/* server_copy.c: copying within a server (FSCTL_SRV_REQUEST_RESUME_KEY, FSCTL_SRV_COPYCHUNK_WRITE). */
#include "fs/server_copy.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "base/number.h"
#include "fs/holding.h"
#include "proto/ioctl.h"

enum {
    /* MS-SMB2 3.3.3: what servers take unless somebody has set them otherwise. */
    USUAL_CHUNKS = SRV_CHUNKS_MAX,
    USUAL_CHUNK_BYTES = 1 << 20,
    USUAL_TOTAL_BYTES = 16 << 20,
};

static enum op_next ask_key(struct op *op);
static enum op_next take_key(struct op *op);
static enum op_next move(struct op *op);

enum { ST_KEY, ST_KEY_REPLY, ST_MOVE };

static const struct op_step copy_steps[] = {
    [ST_KEY] = {"copy within the server", ask_key, 0},
    [ST_KEY_REPLY] = {"copy within the server", take_key, 0},
    [ST_MOVE] = {"copy within the server", move, 0},
};

static struct server_copy_op *copy_of(struct op *op)
{
    return CONTAINER_OF(op, struct server_copy_op, op);
}

static void release(struct op *op)
{
    struct server_copy_op *c = copy_of(op);

    ioctl_drop(&c->asking);
    for (unsigned i = 0; c->parts && i < SERVER_COPY_PARTS; i++) {
        ioctl_drop(&c->parts[i].ioctl);
    }
    free(c->parts);
    c->parts = NULL;
}

static const struct op_kind copy_kind = {"server copy", copy_steps, release};

void server_copy_start(struct server_copy_op *op, struct op *parent, struct open *from,
                       struct open *to, uint64_t bytes)
{
    *op = (struct server_copy_op){.from = from,
                                  .to = to,
                                  .bytes = bytes,
                                  .chunks_max = USUAL_CHUNKS,
                                  .chunk_bytes_max = USUAL_CHUNK_BYTES,
                                  .total_bytes_max = USUAL_TOTAL_BYTES};
    op_start_child(parent, &op->op, &copy_kind);
}

bool server_copy_between(const struct lsmb_share *a, const struct lsmb_share *b,
                         struct lsmb_error *err)
{
    if (a->lane == b->lane) { /* one lane has one session, whichever trees are connected to */
        return true;
    }
    error_set(err, LSMB_E_STATUS,
              "[NtStatus STATUS_NOT_SUPPORTED] the shares are not of one session");
    err->nt_status = (uint32_t)STATUS_NOT_SUPPORTED;
    return false;
}

/* ---------------------------------------------------------------- the key of the source */

static enum op_next ask_key(struct op *op)
{
    struct server_copy_op *c = copy_of(op);
    struct lsmb_error err;

    if (!server_copy_between(c->from->share, c->to->share, &err)) {
        return op_fail_as(op, &err);
    }
    if (c->bytes == 0) {
        return OP_DONE;
    }
    c->parts = calloc(SERVER_COPY_PARTS, sizeof *c->parts);
    if (!c->parts) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to copy");
    }
    ioctl_start(&c->asking, op, c->from, FSCTL_SRV_REQUEST_RESUME_KEY, (struct span){0},
                SRV_RESUME_KEY_REPLY_MAX);
    return op_go(op, ST_KEY_REPLY);
}

/* What an IOCTL of ours failed of; our own step says what was being done. */
static void note_failure(struct server_copy_op *c, const struct ioctl_op *ioctl)
{
    if (c->failure.code == LSMB_OK) {
        c->failure = ioctl->op.err;
        c->failure.step[0] = '\0';
    }
}

static enum op_next take_key(struct op *op)
{
    struct server_copy_op *c = copy_of(op);

    if (!op_finished(&c->asking.op)) {
        return OP_WAIT;
    }
    if (op_failed(&c->asking.op)) {
        note_failure(c, &c->asking);
        return op_fail_as(op, &c->failure);
    }
    if (c->asking.cut || !srv_resume_key_get(&c->key, c->asking.output)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed key for copying");
    }
    return op_go(op, ST_MOVE);
}

/* ---------------------------------------------------------------- a part */

/* Bytes that go into one request. */
static uint32_t request_bytes(const struct server_copy_op *c)
{
    return least32((uint64_t)c->chunks_max * c->chunk_bytes_max, c->total_bytes_max);
}

/* As much of a part as goes into one request. */
static void lay_chunks(const struct server_copy_op *c, const struct server_copy_part *part,
                       struct srv_copychunk *copy)
{
    uint64_t at = part->at;
    uint32_t room = least32(part->end - at, c->total_bytes_max);

    copy->source = c->key;
    copy->count = 0;
    while (room > 0 && copy->count < c->chunks_max) {
        uint32_t length = least32(room, c->chunk_bytes_max);
        copy->chunks[copy->count++] =
            (struct srv_chunk){.source_offset = at, .target_offset = at, .length = length};
        at += length;
        room -= length;
    }
}

static void send_part(struct server_copy_op *c, struct server_copy_part *part)
{
    uint8_t input[SRV_COPYCHUNK_LEN + SRV_CHUNKS_MAX * SRV_CHUNK_LEN];
    struct wr w = wr_from(input, sizeof input);
    struct srv_copychunk copy;

    lay_chunks(c, part, &copy);
    srv_copychunk_put(&w, &copy);
    const struct srv_chunk *last = &copy.chunks[copy.count - 1];
    part->asked = (uint32_t)(last->target_offset + last->length - part->at);
    part->asked_chunks = copy.count;
    part->knew = c->told;
    ioctl_drop(&part->ioctl);
    ioctl_start(&part->ioctl, &c->op, c->to, FSCTL_SRV_COPYCHUNK_WRITE, wr_written(&w),
                SRV_COPYCHUNK_REPLY_LEN);
}

/* MS-SMB2 3.2.5.14.3: with STATUS_INVALID_PARAMETER the server tells its limits.  They are learned once; one
 * that refuses what keeps to them means something else. */
static bool learn_limits(struct server_copy_op *c, const struct server_copy_part *part)
{
    struct srv_copychunk_reply limits;

    if (part->knew || !nt_status_is(part->ioctl.op.err.nt_status, STATUS_INVALID_PARAMETER) ||
        !srv_copychunk_reply_get(&limits, part->ioctl.output) || limits.chunks_written == 0 ||
        limits.chunk_bytes_written == 0 || limits.total_bytes_written == 0) {
        return false;
    }
    if (!c->told) { /* else it was on its way when another one was told */
        c->told = true;
        c->chunks_max = least32(limits.chunks_written, SRV_CHUNKS_MAX);
        c->chunk_bytes_max = limits.chunk_bytes_written;
        c->total_bytes_max = limits.total_bytes_written;
    }
    return true;
}

/* MS-SMB2 3.2.5.14.3: how much was done; less than asked is no error as long as it is something. */
static void take_written(struct server_copy_op *c, struct server_copy_part *part)
{
    struct srv_copychunk_reply reply;

    if (part->ioctl.cut || !srv_copychunk_reply_get(&reply, part->ioctl.output)) {
        error_set(&c->failure, LSMB_E_PROTOCOL, "the server sent a malformed answer to a copy");
    } else if (reply.total_bytes_written == 0 || reply.total_bytes_written > part->asked ||
               reply.chunks_written > part->asked_chunks) {
        error_set(&c->failure, LSMB_E_PROTOCOL,
                  "the server was to copy %u bytes and says it copied %u", (unsigned)part->asked,
                  (unsigned)reply.total_bytes_written);
    } else {
        c->proven = true;
        c->done += reply.total_bytes_written;
        part->at += reply.total_bytes_written;
    }
}

/* What a part has beyond one request, others can take: if nothing behind it is under way yet. */
static void give_back(struct server_copy_op *c, struct server_copy_part *part)
{
    if (part->end == c->next) {
        part->end = c->next = part->at + least32(part->end - part->at, request_bytes(c));
    }
}

/* A part's request has ended: it goes on with the rest of its range, or is free for another one. */
static void take_part(struct server_copy_op *c, struct server_copy_part *part)
{
    if (!op_failed(&part->ioctl.op)) {
        take_written(c, part);
    } else if (learn_limits(c, part)) {
        give_back(c, part);
    } else {
        note_failure(c, &part->ioctl);
    }
    if (c->failure.code == LSMB_OK && part->at < part->end) {
        send_part(c, part);
    } else {
        part->busy = false;
        c->busy--;
    }
}

/* ---------------------------------------------------------------- all of them */

static void start_part(struct server_copy_op *c, struct server_copy_part *part)
{
    part->at = c->next;
    part->end = c->next += least32(c->bytes - c->next, request_bytes(c));
    part->busy = true;
    c->busy++;
    send_part(c, part);
}

/* The first request goes alone: nobody knows yet whether the server can, and what it takes. */
static bool may_start(const struct server_copy_op *c)
{
    return c->failure.code == LSMB_OK && c->next < c->bytes && (c->proven || c->busy == 0);
}

/* Some may have been answered.  After a failure the rest is waited for: what the server still copies would
 * run into what somebody else writes there. */
static enum op_next move(struct op *op)
{
    struct server_copy_op *c = copy_of(op);

    for (unsigned i = 0; i < SERVER_COPY_PARTS; i++) {
        struct server_copy_part *part = &c->parts[i];
        if (part->busy && op_finished(&part->ioctl.op)) {
            take_part(c, part);
        }
    }
    for (unsigned i = 0; i < SERVER_COPY_PARTS && may_start(c); i++) {
        if (!c->parts[i].busy) {
            start_part(c, &c->parts[i]);
        }
    }
    if (c->busy > 0) {
        return OP_WAIT;
    }
    return c->failure.code != LSMB_OK ? op_fail_as(op, &c->failure) : OP_DONE;
}
