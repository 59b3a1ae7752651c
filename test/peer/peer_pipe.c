/* peer_pipe.c: the pipe srvsvc and who serves it (MS-SMB2 3.3.5.9, 3.3.5.15.10; MS-SRVS 3.1.4.8). */
#include <stdlib.h>

#include "proto/ioctl.h"
#include "proto/read.h"
#include "proto/srvsvc.h"
#include "proto/utf16.h"
#include "test/peer/peer_core.h"

#define STATUS_PIPE_EMPTY 0xC00000D9u

enum { STUB_MAX = 1 << 16, NAME_ROOM = 512, RPC_OVERHEAD = 24, SHARES_MAX = 256 };

/* A PDU that the client has not read yet. */
struct pipe_message {
    struct list node;
    size_t len, taken;
    uint8_t bytes[];
};

struct peer_pipe {
    struct list messages;
    bool bound;
};

static void pipe_free(struct peer_pipe *pipe)
{
    struct list *node;

    while ((node = list_pop_front(&pipe->messages))) {
        free(CONTAINER_OF(node, struct pipe_message, node));
    }
    free(pipe);
}

/* ---------------------------------------------------------------- CREATE */

static bool is_srvsvc(struct span name)
{
    uint8_t room[NAME_ROOM];
    struct wr w = wr_from(room, sizeof room);

    wr_utf16(&w, "srvsvc");
    return peer_same_name(name, wr_written(&w));
}

uint32_t peer_pipe_create(struct peer_request *q, const struct smb2_create_request *asked)
{
    if (!is_srvsvc(asked->name)) {
        return (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND;
    }
    struct peer_store *store = &q->link->peer->store;
    struct peer_node *node = peer_store_add(store, asked->name, false, peer_now(q->link->peer));
    struct peer_open *open = peer_open_new(node, &q->session->opens);
    peer_store_remove(store, node); /* without a name it goes with the open */
    struct peer_pipe *pipe = peer_alloc(sizeof *pipe);
    list_init(&pipe->messages);
    open->id.persistent = open->id.vol = ++q->link->peer->last_id;
    open->tree_id = q->tree->id;
    open->access = asked->desired_access;
    open->pipe = pipe;
    open->pipe_free = pipe_free;
    smb2_create_reply_put(peer_body(q, 128),
                          &(struct smb2_create_reply){.action = FILE_OPENED,
                                                      .file_attributes = FILE_ATTRIBUTE_NORMAL,
                                                      .file = open->id});
    return STATUS_SUCCESS;
}

/* ---------------------------------------------------------------- the service */

static void say(struct peer *peer, struct peer_pipe *pipe, const struct wr *pdu)
{
    struct pipe_message *m = peer_alloc(sizeof *m + pdu->pos);

    m->len = pdu->pos;
    memcpy(m->bytes, pdu->ptr, pdu->pos);
    if (peer->rpc.edit) {
        peer->rpc.edit(m->bytes, m->len);
    }
    list_push_back(&pipe->messages, &m->node);
}

static void bind(struct peer *peer, struct peer_pipe *pipe, const struct rpc_bind *asked)
{
    uint8_t room[NAME_ROOM];
    struct wr w = wr_from(room, sizeof room);
    bool known = rpc_syntax_equal(&asked->interface, &srvsvc_interface) &&
                 rpc_syntax_equal(&asked->transfer, &rpc_ndr);

    pipe->bound = known && !peer->rpc.bind_result && !peer->rpc.nak;
    if (peer->rpc.nak) {
        rpc_bind_nak_put(&w, &(struct rpc_bind_nak){asked->call_id, peer->rpc.nak});
    } else {
        rpc_bind_ack_put(&w, &(struct rpc_bind_ack){
                                 .call_id = asked->call_id,
                                 .max_transmit = asked->max_transmit,
                                 .max_receive = asked->max_receive,
                                 .result = known ? peer->rpc.bind_result : 2,
                                 .transfer = rpc_ndr,
                             });
    }
    say(peer, pipe, &w);
}

/* An answer in as many PDUs as its length takes. */
static void respond(struct peer *peer, struct peer_pipe *pipe, uint32_t call_id, struct span stub)
{
    size_t most = peer->rpc.fragment ? peer->rpc.fragment : RPC_FRAGMENT_MAX - RPC_OVERHEAD;
    uint8_t *room = peer_alloc(most + RPC_OVERHEAD);
    uint8_t flags = RPC_FIRST_FRAG;

    do {
        struct wr w = wr_from(room, most + RPC_OVERHEAD);
        struct span part = {stub.ptr, stub.len < most ? stub.len : most};
        stub = (struct span){stub.ptr + part.len, stub.len - part.len};
        flags |= stub.len == 0 ? (uint8_t)RPC_LAST_FRAG : 0;
        rpc_response_put(&w,
                         &(struct rpc_response){.call_id = call_id, .flags = flags, .stub = part});
        say(peer, pipe, &w);
        flags = 0;
    } while (stub.len > 0);
    free(room);
}

/* Its share and IPC$, unless a test has others. */
static const struct peer_shared *shares_of(const struct peer *peer, uint32_t *count)
{
    static struct peer_shared own[2];

    if (peer->rpc.shares) {
        *count = peer->rpc.count;
        return peer->rpc.shares;
    }
    own[0] = (struct peer_shared){peer->config.share, "", 0};
    own[1] = (struct peer_shared){"IPC$", "remote calls", 0x80000003};
    *count = 2;
    return own;
}

/* The shares from the resume handle on, as many as go into one answer. */
static void list_shares(struct peer *peer, struct peer_pipe *pipe, uint32_t call_id,
                        const struct srvsvc_share_enum *asked)
{
    static uint8_t names[STUB_MAX], stub[STUB_MAX];
    struct srvsvc_share shares[SHARES_MAX];
    struct wr n = wr_from(names, sizeof names), w = wr_from(stub, sizeof stub);
    uint32_t count;
    const struct peer_shared *all = shares_of(peer, &count);
    uint32_t from = asked->resume <= count ? asked->resume : 0; /* a handle that nobody gave */
    struct srvsvc_share_enum_reply reply = {.total = count - from};

    for (; from < count && (!peer->rpc.page || reply.count < peer->rpc.page); from++) {
        size_t name = n.pos;
        wr_utf16(&n, all[from].name);
        size_t comment = n.pos;
        wr_utf16(&n, all[from].comment);
        shares[reply.count++] =
            (struct srvsvc_share){.name = {names + name, comment - name},
                                  .type = all[from].type,
                                  .comment = {names + comment, n.pos - comment}};
    }
    reply.status = from < count ? (uint32_t)SRVSVC_MORE_DATA : peer->rpc.werror;
    reply.resume = from < count && !peer->rpc.stuck ? from : 0;
    srvsvc_share_enum_reply_put(&w, &reply, shares);
    respond(peer, pipe, call_id, wr_written(&w));
}

static bool serve(struct peer *peer, struct peer_pipe *pipe, struct span message)
{
    uint8_t room[NAME_ROOM];
    struct wr w = wr_from(room, sizeof room);
    struct srvsvc_share_enum asked;
    struct rpc_request request;
    struct rpc_bind binding;
    struct rpc_pdu pdu;

    if (!rpc_pdu_get(&pdu, message)) {
        return false;
    }
    if (rpc_bind_get(&binding, &pdu)) {
        bind(peer, pipe, &binding);
        return true;
    }
    if (!pipe->bound || !rpc_request_get(&request, &pdu) ||
        request.opnum != SRVSVC_NETR_SHARE_ENUM || !srvsvc_share_enum_get(&asked, request.stub) ||
        asked.level != 1) {
        return false;
    }
    if (peer->rpc.fault) {
        rpc_fault_put(&w,
                      &(struct rpc_fault){.call_id = request.call_id, .status = peer->rpc.fault});
        say(peer, pipe, &w);
    } else {
        list_shares(peer, pipe, request.call_id, &asked);
    }
    return true;
}

/* ---------------------------------------------------------------- reading */

/* What is next of the first message, and the status that goes with it. */
static uint32_t take(struct peer_pipe *pipe, size_t most, struct span *out,
                     struct pipe_message **finished)
{
    *finished = NULL;
    if (list_empty(&pipe->messages)) {
        return STATUS_PIPE_EMPTY;
    }
    struct pipe_message *m = CONTAINER_OF(pipe->messages.next, struct pipe_message, node);
    size_t left = m->len - m->taken;
    *out = (struct span){m->bytes + m->taken, left < most ? left : most};
    m->taken += out->len;
    if (m->taken < m->len) {
        return (uint32_t)STATUS_BUFFER_OVERFLOW;
    }
    list_remove(&m->node);
    *finished = m;
    return STATUS_SUCCESS;
}

static size_t smaller(size_t a, size_t b)
{
    return b > 0 && b < a ? b : a;
}

uint32_t peer_pipe_transceive(struct peer_request *q, const struct smb2_ioctl_request *asked)
{
    struct peer *peer = q->link->peer;
    struct peer_open *open = peer_open_find(q, asked->file);
    struct pipe_message *finished;
    struct span output = {0};

    if (!open || !open->pipe) {
        return open ? (uint32_t)STATUS_INVALID_DEVICE_REQUEST : (uint32_t)STATUS_FILE_CLOSED;
    }
    if (!serve(peer, open->pipe, asked->input)) {
        peer_complain(peer, "what went through the pipe is no call");
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    uint32_t status =
        take(open->pipe, smaller(asked->max_output_response, peer->rpc.piece), &output, &finished);
    smb2_ioctl_reply_put(peer_body(q, 64 + output.len),
                         &(struct smb2_ioctl_reply){
                             .ctl_code = asked->ctl_code, .file = asked->file, .output = output});
    free(finished);
    return status;
}

uint32_t peer_pipe_read(struct peer_request *q, struct peer_open *open, uint32_t length)
{
    struct pipe_message *finished;
    struct span data = {0};
    uint32_t status = take(open->pipe, smaller(length, q->link->peer->rpc.piece), &data, &finished);

    if (status != STATUS_PIPE_EMPTY) {
        smb2_read_reply_put(peer_body(q, SMB2_READ_REPLY_LEN + data.len + 1),
                            &(struct smb2_read_reply){.data = data});
    }
    free(finished);
    return status;
}
