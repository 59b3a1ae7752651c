/* fuzz_netbios.c: what a hostile NetBIOS says: names, answers to a session request, frames in a session.
 *
 * Target functions: nbns_packet_get, nbns_address_get, nbns_node_name_get, nbss_session_get, nbss_request_get,
 * nbss_name_get, the steps of nbss_session_start(), and link_open()'s framing.
 *
 * The first byte of the input selects an entry of `targets`.  The seeds in corpus/netbios are the packets of
 * test/proto/nbns_samples.h, and honest and dishonest answers to a session request. */
#include <stdlib.h>

#include "fs/link.h"
#include "fuzz/without_check.h"
#include "proto/nbns.h"
#include "test/script.h"
#include "transport/nbss_session.h"
#include "transport/pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { POOL_BYTES = 1 << 20, INPUT_MAX = 1 << 16, TURNS = 64 };

static struct script_env script;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* ---------------------------------------------------------------- the name service */

static void require_upper(const struct nbss_name *name, const struct nbss_name *again)
{
    struct nbss_name upper = *name;

    for (char *c = upper.text; *c; c++) {
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
    require(nbss_name_equal(&upper, again));
}

static void read_data(struct span data)
{
    struct rd r = rd_from(data, 0);
    struct nbns_address address;

    while (nbns_address_get(&r, &address)) {
        require(rd_ok(&r));
    }
    r = rd_from(data, 0);
    for (unsigned left = nbns_status_count_get(&r); left > 0; left--) {
        struct nbns_node_name node = nbns_node_name_get(&r);
        require(strnlen(node.name.text, sizeof node.name.text) <= NBSS_NAME_TEXT_MAX);
    }
}

/* What was read and is written again reads the same. */
static void fuzz_packet(struct span input)
{
    static uint8_t room[INPUT_MAX + 1024];
    struct wr w = wr_from(room, sizeof room);
    struct nbns_packet got, again;

    if (!nbns_packet_get(&got, input)) {
        return;
    }
    read_data(got.record.data);
    nbns_packet_put(&w, &got);
    require(nbns_packet_get(&again, wr_written(&w)));
    require(again.id == got.id && again.flags == got.flags && again.section == got.section &&
            again.has_question == got.has_question);
    require(span_equal(again.record.data, got.record.data));
    if (got.has_question) {
        require_upper(&got.question.name, &again.question.name);
    } else if (got.section != NBNS_NO_RECORD) {
        require_upper(&got.record.name, &again.record.name);
    }
}

/* ---------------------------------------------------------------- the session service */

static void fuzz_prefix(struct span input)
{
    struct nbss_name called, calling;
    struct nbss_retarget to;
    enum nbss_type type;
    uint8_t error, out[NBSS_PREFIX_LEN];
    size_t length;

    if (nbss_session_get(&type, &length, input)) {
        struct wr w = wr_from(out, sizeof out);
        require(length <= NBSS_SESSION_MAX);
        nbss_session_put(&w, type, length);
        require(memcmp(out, input.ptr, sizeof out) == 0);
    }
    (void)nbss_request_get(&called, &calling, input);
    (void)nbss_negative_get(&error, input);
    (void)nbss_retarget_get(&to, input);
}

/* Who asks for a session. */
struct asker {
    struct op op; /* first */
    struct nbss_session_op session;
    struct stream *stream;
    struct loop *loop;
};

static enum op_next ask(struct op *op)
{
    static const struct nbss_name called = {"*SMBSERVER", NBSS_FILE_SERVER}, calling = {"ME", 0};
    struct asker *a = CONTAINER_OF(op, struct asker, op);

    nbss_session_start(&a->session, op, a->loop, a->stream, &called, &calling);
    return op_go(op, 1);
}

static enum op_next take(struct op *op)
{
    enum op_next next = op_await(op, &CONTAINER_OF(op, struct asker, op)->session.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

static const struct op_step steps[] = {{"ask", ask, 0}, {"take", take, 0}};
static const struct op_kind kind = {"asker", steps, NULL};

/* Two ends, of which ours receives so many bytes at a time as the input's first byte says. */
static void connect_ends(struct stream *ends[2], struct loop *loop, struct span *input)
{
    size_t chop = input->len > 0 && input->ptr[0] > 0 ? input->ptr[0] : SIZE_MAX;

    require(loop_init(loop, &script.env));
    require(pair_new(ends, INPUT_MAX + 1024));
    pair_chop(ends[0], chop, SIZE_MAX);
    if (input->len > 0) {
        *input = (struct span){input->ptr + 1, input->len - 1};
    }
}

static void say(struct stream *far, struct span input)
{
    static uint8_t copy[INPUT_MAX];
    struct iovec iov = {copy, input.len};

    if (input.len > 0) {
        memcpy(copy, input.ptr, input.len);
        require(far->ops->send(far, &iov, 1) == (ssize_t)input.len);
    }
}

/* The server says it all, and then nothing any more: the session has been opened or refused by then. */
static void fuzz_session(struct span input)
{
    struct stream *ends[2];
    struct asker a = {0};
    struct loop loop;

    connect_ends(ends, &loop, &input);
    a.stream = ends[0];
    a.loop = &loop;
    op_start(&a.op, &script.env, &kind, NULL);
    say(ends[1], input);
    for (int i = 0; i < TURNS && !op_finished(&a.op); i++) {
        require(loop_turn(&loop, -1));
    }
    require(op_finished(&a.op));
    require(op_failed(&a.op) || ends[0]->framing == FRAMING_NETBIOS);
    require(op_failed(&a.op) || (!a.session.refusal && !a.session.retargeted));
    require(a.session.keepalives <= 5);
    stream_close(ends[0]);
    stream_close(ends[1]);
    loop_free(&loop);
}

/* In a session: whatever comes is a frame, a keepalive, or the end of it. */
static void fuzz_frames(struct span input)
{
    static const uint8_t guid[16] = {1};
    static struct link link;
    struct stream *ends[2];
    struct policy policy;
    struct loop loop;

    require(policy_set(&policy, NULL, NULL));
    connect_ends(ends, &loop, &input);
    ends[0]->framing = FRAMING_NETBIOS;
    link_open(&link, &loop, ends[0], &policy, guid);
    say(ends[1], input);
    for (int i = 0; i < TURNS && !conn_dead(&link.conn); i++) {
        require(loop_turn(&loop, 0));
        require(!link.frame || link.frame->len <= link.frame_bytes);
        require(link.stage_start + link.stage_len <= sizeof link.stage);
    }
    link_close(&link);
    link_free(&link);
    stream_close(ends[1]);
    loop_free(&loop);
}

static void (*const targets[])(struct span) = {fuzz_packet, fuzz_prefix, fuzz_session, fuzz_frames};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_MAX) {
        return 0;
    }
    script_env_init(&script, POOL_BYTES, POOL_BYTES);
    targets[data[0] % (sizeof targets / sizeof targets[0])]((struct span){data + 1, size - 1});
    pool_free(&script.env.pool); /* script_env_free() is for tests: it reports to libcheck */
    return 0;
}
