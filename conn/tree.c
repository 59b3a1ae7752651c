/* tree.c: connecting to a share, and making sure that NEGOTIATE was not changed on the way. */
#include "conn/tree.h"

#include <arpa/inet.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "conn/negotiate.h"
#include "proto/ioctl.h"
#include "proto/misc.h"
#include "proto/tree.h"
#include "proto/utf16.h"

enum { UNC_BYTES_MAX = 2 * 600, CONNECT_ROOM = 16 + UNC_BYTES_MAX, VALIDATE_ROOM = 128 };

static enum op_next send_connect(struct op *op);
static enum op_next take_connect(struct op *op);
static enum op_next send_validate(struct op *op);
static enum op_next take_validate(struct op *op);

enum { ST_CONNECT, ST_CONNECT_REPLY, ST_VALIDATE, ST_VALIDATE_REPLY };

static const struct op_step tree_steps[] = {
    [ST_CONNECT] = {"connect to the share", send_connect, 0},
    [ST_CONNECT_REPLY] = {"connect to the share", take_connect, 0},
    [ST_VALIDATE] = {"validate the negotiation", send_validate, 0},
    [ST_VALIDATE_REPLY] = {"validate the negotiation", take_validate, 0},
};

static struct tree_op *tree_op_of(struct op *op)
{
    return CONTAINER_OF(op, struct tree_op, op);
}

static void release(struct op *op)
{
    request_drop(&tree_op_of(op)->request);
}

static const struct op_kind tree_kind = {"tree connect", tree_steps, release};

void tree_connect_start(struct tree_op *connect, struct op *parent, struct channel *channel,
                        struct tree *tree, const char *unc)
{
    connect->channel = channel;
    connect->tree = tree;
    connect->unc = unc;
    connect->request = (struct request){0};
    op_start_child(parent, &connect->op, &tree_kind);
}

/* ---------------------------------------------------------------- TREE_CONNECT */

/* Where the final logon reply does not already prove it, the answer to NEGOTIATE is asked for once more, signed.
 * Guests and nobody have no key to sign with. */
static bool needs_validation(const struct channel *channel)
{
    const struct conn *conn = channel->conn;

    return !conn->validated && channel->signer && conn->got.dialect < SMB2_DIALECT_311 &&
           policy_max_dialect(conn->policy) >= SMB2_DIALECT_300;
}

bool tree_connect_put(struct compound_part *part, struct channel *channel, const char *unc,
                      struct lsmb_error *err)
{
    uint8_t path[UNC_BYTES_MAX];
    size_t path_bytes = 0;

    if (!utf16_from_utf8(path, sizeof path, &path_bytes, span_of(unc))) {
        error_set(err, LSMB_E_USAGE, "the name of the server or share is too long or not UTF-8");
        return false;
    }
    if (!request_body(part->request, channel->conn->env, CONNECT_ROOM, &part->w)) {
        error_set(err, LSMB_E_NOMEM, "no memory for the request");
        return false;
    }
    smb2_tree_connect_request_put(&part->w,
                                  &(struct smb2_tree_connect_request){.path = {path, path_bytes}});
    /* MS-SMB2 3.2.4.1.1: in 3.1.1 signed even if the session does not sign.  Before that, too, where the
     * negotiation is validated behind it: a server whose demand for signatures was taken out of NEGOTIATE
     * would only deny access, and nobody would ask it why. */
    part->spec = (struct request_spec){
        .channel = channel,
        .command = SMB2_TREE_CONNECT,
        .must_sign = channel->conn->got.dialect >= SMB2_DIALECT_311 || needs_validation(channel),
    };
    return true;
}

static enum op_next send_connect(struct op *op)
{
    struct tree_op *t = tree_op_of(op);
    struct compound_part part = {.request = &t->request};
    struct lsmb_error err;

    if (!tree_connect_put(&part, t->channel, t->unc, &err)) {
        return op_fail_as(op, &err);
    }
    request_send(&t->request, &part.w, &part.spec, &op->ready);
    return op_go(op, ST_CONNECT_REPLY);
}

/* A cluster may say which of its nodes has the share (MS-SMB2 3.2.5.5, 2.2.2.2.2). */
static void advise_other_node(const struct request *request, struct lsmb_error *err)
{
    struct smb2_error_reply reply;
    struct smb2_share_redirect redirect;
    struct smb2_move_address to;
    char text[INET6_ADDRSTRLEN];

    if (refused_error(request, &reply) && smb2_share_redirect_get(&redirect, &reply) &&
        smb2_share_redirect_address(&redirect, 0, &to) &&
        inet_ntop(to.type == MOVE_DST_IPADDR_V4 ? AF_INET : AF_INET6, to.bytes, text,
                  sizeof text)) {
        error_advise(err, "the share is on another node of the cluster now: ask %s", text);
    }
}

static bool connect_refused(const struct request *request, struct lsmb_error *err)
{
    const struct channel *channel = request->spec.channel;

    request_error(request, err);
    if (nt_status_is(request->status, STATUS_ACCESS_DENIED) && !channel->session->to_server) {
        error_advise(err,
                     "the user may not use this share, or it demands encryption, which was "
                     "not agreed in dialect %s",
                     dialect_name(channel->conn->got.dialect));
    }
    advise_other_node(request, err);
    return false;
}

bool tree_connect_get(const struct request *request, struct tree *tree, struct lsmb_error *err)
{
    struct channel *channel = request->spec.channel;
    struct smb2_tree_connect_reply reply;
    struct smb2_header header;

    if (request->status != STATUS_SUCCESS) {
        return connect_refused(request, err);
    }
    if (!smb2_tree_connect_reply_get(&reply, request->message) ||
        !smb2_header_get(&header, request->message) || header.tree_id == 0) {
        error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed answer to TREE_CONNECT");
        return false;
    }
    *tree = (struct tree){
        .session = channel->session,
        .id = header.tree_id,
        .share_type = reply.share_type,
        .share_flags = reply.share_flags,
        .capabilities = reply.capabilities,
        .maximal_access = reply.maximal_access,
        .seal = (reply.share_flags & SMB2_SHAREFLAG_ENCRYPT_DATA) != 0,
    };
    if (tree->seal && !channel->session->to_server) {
        tree_disconnect(tree, channel);
        error_set(err, LSMB_E_POLICY,
                  "the share demands encryption, which was not agreed in dialect %s",
                  dialect_name(channel->conn->got.dialect));
        return false;
    }
    return true;
}

static enum op_next take_connect(struct op *op)
{
    struct tree_op *t = tree_op_of(op);
    struct lsmb_error err;

    enum op_next next = await_answer(op, &t->request);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!tree_connect_get(&t->request, t->tree, &err)) {
        return op_fail_as(op, &err);
    }
    return needs_validation(t->channel) ? op_go(op, ST_VALIDATE) : OP_DONE;
}

void tree_disconnect(struct tree *tree, struct channel *channel)
{
    uint8_t body[SMB2_EMPTY_LEN];
    struct wr w = wr_from(body, sizeof body);

    if (tree->session && tree->session->gate == SESSION_OPEN) {
        smb2_empty_put(&w);
        request_post(&(struct request_spec){.channel = channel,
                                            .tree_id = tree->id,
                                            .seal = tree->seal,
                                            .command = SMB2_TREE_DISCONNECT},
                     wr_written(&w));
    }
    tree->session = NULL;
}

/* ---------------------------------------------------------------- FSCTL_VALIDATE_NEGOTIATE_INFO */

static enum op_next send_validate(struct op *op)
{
    struct tree_op *t = tree_op_of(op);
    const struct conn *conn = t->channel->conn;
    struct smb2_validate_negotiate_request q;
    struct smb2_negotiate_request offer;
    uint8_t input[64];
    struct wr in = wr_from(input, sizeof input), w;

    negotiate_offer(conn, &offer);
    q = (struct smb2_validate_negotiate_request){.capabilities = offer.capabilities,
                                                 .security_mode = offer.security_mode,
                                                 .dialect_count = offer.dialect_count};
    memcpy(q.client_guid, offer.client_guid, sizeof q.client_guid);
    memcpy(q.dialects, offer.dialects, sizeof q.dialects);
    smb2_validate_negotiate_request_put(&in, &q);
    if (!request_body(&t->request, op->env, VALIDATE_ROOM, &w)) {
        return fail_no_buffer(op);
    }
    smb2_ioctl_request_put(&w, &(struct smb2_ioctl_request){
                                   .ctl_code = FSCTL_VALIDATE_NEGOTIATE_INFO,
                                   .file = SMB2_FILE_ID_NONE,
                                   .input = wr_written(&in),
                                   .max_output_response = SMB2_VALIDATE_NEGOTIATE_REPLY_LEN,
                                   .flags = SMB2_0_IOCTL_IS_FSCTL,
                               });
    request_send(&t->request, &w,
                 &(struct request_spec){.channel = t->channel,
                                        .tree_id = t->tree->id,
                                        .seal = t->tree->seal,
                                        .command = SMB2_IOCTL,
                                        .must_sign = true},
                 &op->ready);
    return op_go(op, ST_VALIDATE_REPLY);
}

/* End the connection: somebody between us and the server plays his own game. */
static enum op_next tampered(struct op *op, const char *reason)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_SECURITY, "%s", reason);
    error_advise(&err, "look for a device that changes traffic between here and the server, or set "
                       "the server's highest dialect with --max-dialect");
    conn_fail(tree_op_of(op)->channel->conn, &err);
    return op_fail_as(op, &err);
}

/* Servers older than the question refuse it; signed, the refusal is an answer (MS-SMB2 3.2.5.5). */
static bool too_old_to_know(uint32_t status)
{
    return nt_status_is(status, STATUS_NOT_SUPPORTED) ||
           nt_status_is(status, STATUS_INVALID_DEVICE_REQUEST) ||
           nt_status_is(status, STATUS_FILE_CLOSED);
}

static bool same_as_negotiated(const struct conn *conn, struct span message)
{
    struct smb2_ioctl_reply ioctl;
    struct smb2_validate_negotiate_reply said;

    return smb2_ioctl_reply_get(&ioctl, message, SMB2_VALIDATE_NEGOTIATE_REPLY_LEN) &&
           smb2_validate_negotiate_reply_get(&said, ioctl.output) &&
           said.capabilities == conn->got.capabilities &&
           said.security_mode == conn->got.security_mode && said.dialect == conn->got.dialect &&
           memcmp(said.server_guid, conn->got.server_guid, sizeof said.server_guid) == 0;
}

static enum op_next take_validate(struct op *op)
{
    struct tree_op *t = tree_op_of(op);
    struct conn *conn = t->channel->conn;

    if (!request_done(&t->request)) {
        return OP_WAIT;
    }
    if (t->request.failure) {
        /* A server that finds a difference ends the connection (MS-SMB2 3.3.5.15.12). */
        return t->request.failure->code == LSMB_E_NETWORK
                   ? tampered(op, "the server ended the connection when the negotiation was "
                                  "validated: it was changed on the way")
                   : op_fail_as(op, t->request.failure);
    }
    if (!t->request.believed) {
        return tampered(op, "the validation of the negotiation was answered without a signature");
    }
    bool same = t->request.status == STATUS_SUCCESS ? same_as_negotiated(conn, t->request.message)
                                                    : too_old_to_know(t->request.status);
    if (!same) {
        return tampered(op, "the server remembers another negotiation: it was changed on the way");
    }
    conn->validated = true;
    return OP_DONE;
}
