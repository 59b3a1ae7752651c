/* server_copy.c: copying within a server (FSCTL_SRV_REQUEST_RESUME_KEY, FSCTL_SRV_COPYCHUNK_WRITE). */
#include "fs/server_copy.h"

#include "base/ntstatus.h"
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
static enum op_next send_chunks(struct op *op);
static enum op_next take_chunks(struct op *op);

enum { ST_KEY, ST_KEY_REPLY, ST_CHUNKS, ST_CHUNKS_REPLY };

static const struct op_step copy_steps[] = {
    [ST_KEY] = {"copy within the server", ask_key, 0},
    [ST_KEY_REPLY] = {"copy within the server", take_key, 0},
    [ST_CHUNKS] = {"copy within the server", send_chunks, 0},
    [ST_CHUNKS_REPLY] = {"copy within the server", take_chunks, 0},
};

static struct server_copy_op *copy_of(struct op *op)
{
    return CONTAINER_OF(op, struct server_copy_op, op);
}

static void release(struct op *op)
{
    ioctl_drop(&copy_of(op)->ioctl);
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
    if (a->tree.session && a->tree.session == b->tree.session) {
        return true;
    }
    error_set(err, LSMB_E_STATUS,
              "[NtStatus STATUS_NOT_SUPPORTED] the shares are not of one session");
    err->nt_status = (uint32_t)STATUS_NOT_SUPPORTED;
    return false;
}

/* Its own step says what was being done. */
static enum op_next fail_as_ioctl(struct server_copy_op *c)
{
    struct lsmb_error err = c->ioctl.op.err;

    err.step[0] = '\0';
    return op_fail_as(&c->op, &err);
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
    ioctl_start(&c->ioctl, op, c->from, FSCTL_SRV_REQUEST_RESUME_KEY, (struct span){0},
                SRV_RESUME_KEY_REPLY_MAX);
    return op_go(op, ST_KEY_REPLY);
}

static enum op_next take_key(struct op *op)
{
    struct server_copy_op *c = copy_of(op);

    if (!op_finished(&c->ioctl.op)) {
        return OP_WAIT;
    }
    if (op_failed(&c->ioctl.op)) {
        return fail_as_ioctl(c);
    }
    if (c->ioctl.cut || !srv_resume_key_get(&c->key, c->ioctl.output)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed key for copying");
    }
    return op_go(op, ST_CHUNKS);
}

/* ---------------------------------------------------------------- chunks */

static uint32_t smaller(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

/* As much of what is left as goes into one request. */
static void next_chunks(const struct server_copy_op *c, struct srv_copychunk *copy)
{
    uint64_t at = c->done;
    uint32_t room = smaller(c->bytes - at, c->total_bytes_max);

    copy->source = c->key;
    copy->count = 0;
    while (room > 0 && copy->count < c->chunks_max) {
        uint32_t length = smaller(room, c->chunk_bytes_max);
        copy->chunks[copy->count++] =
            (struct srv_chunk){.source_offset = at, .target_offset = at, .length = length};
        at += length;
        room -= length;
    }
}

static enum op_next send_chunks(struct op *op)
{
    struct server_copy_op *c = copy_of(op);
    uint8_t input[SRV_COPYCHUNK_LEN + SRV_CHUNKS_MAX * SRV_CHUNK_LEN];
    struct wr w = wr_from(input, sizeof input);
    struct srv_copychunk copy;

    if (c->done == c->bytes) {
        return OP_DONE;
    }
    next_chunks(c, &copy);
    srv_copychunk_put(&w, &copy);
    const struct srv_chunk *last = &copy.chunks[copy.count - 1];
    c->asked = (uint32_t)(last->target_offset + last->length - c->done);
    c->asked_chunks = copy.count;
    ioctl_drop(&c->ioctl);
    ioctl_start(&c->ioctl, op, c->to, FSCTL_SRV_COPYCHUNK_WRITE, wr_written(&w),
                SRV_COPYCHUNK_REPLY_LEN);
    return op_go(op, ST_CHUNKS_REPLY);
}

/* MS-SMB2 3.2.5.14.3: with STATUS_INVALID_PARAMETER the server tells its limits.  They are learned once; one
 * that refuses what keeps to them means something else. */
static bool learn_limits(struct server_copy_op *c)
{
    struct srv_copychunk_reply limits;

    if (c->told || !nt_status_is(c->ioctl.op.err.nt_status, STATUS_INVALID_PARAMETER) ||
        !srv_copychunk_reply_get(&limits, c->ioctl.output) || limits.chunks_written == 0 ||
        limits.chunk_bytes_written == 0 || limits.total_bytes_written == 0) {
        return false;
    }
    c->told = true;
    c->chunks_max = smaller(limits.chunks_written, SRV_CHUNKS_MAX);
    c->chunk_bytes_max = limits.chunk_bytes_written;
    c->total_bytes_max = limits.total_bytes_written;
    return true;
}

/* MS-SMB2 3.2.5.14.3: how much was done; less than asked is no error as long as it is something. */
static enum op_next take_chunks(struct op *op)
{
    struct server_copy_op *c = copy_of(op);
    struct srv_copychunk_reply reply;

    if (!op_finished(&c->ioctl.op)) {
        return OP_WAIT;
    }
    if (op_failed(&c->ioctl.op)) {
        return learn_limits(c) ? op_go(op, ST_CHUNKS) : fail_as_ioctl(c);
    }
    if (c->ioctl.cut || !srv_copychunk_reply_get(&reply, c->ioctl.output)) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to a copy");
    }
    if (reply.total_bytes_written == 0 || reply.total_bytes_written > c->asked ||
        reply.chunks_written > c->asked_chunks) {
        return op_fail(op, LSMB_E_PROTOCOL, "the server was to copy %u bytes and says it copied %u",
                       (unsigned)c->asked, (unsigned)reply.total_bytes_written);
    }
    c->done += reply.total_bytes_written;
    return op_go(op, ST_CHUNKS);
}
