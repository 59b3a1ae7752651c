/* negotiate.c: agreeing on a dialect and its algorithms. */
#include "conn/negotiate.h"

#include "auth/sign.h"
#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "proto/multi_negotiate.h"
#include "proto/utf16.h"

enum {
    SALT_LEN = 32,
    REQUEST_ROOM = 1024,
    SMALLEST_MAX_BYTES = 65536,  /* MS-SMB2 3.2.5.2: a server that allows less is not one */
    LARGEST_MAX_BYTES = 8 << 20, /* what we ever use of what a server allows */
};

static enum op_next begin(struct op *op);
static enum op_next take_multi(struct op *op);
static enum op_next send_negotiate(struct op *op);
static enum op_next take_negotiate(struct op *op);

enum { ST_BEGIN, ST_MULTI_REPLY, ST_SEND, ST_REPLY };

static const struct op_step negotiate_steps[] = {
    [ST_BEGIN] = {"send NEGOTIATE", begin, 0},
    [ST_MULTI_REPLY] = {"ask the server for SMB2", take_multi, 0},
    [ST_SEND] = {"send NEGOTIATE", send_negotiate, 0},
    [ST_REPLY] = {"negotiate with the server", take_negotiate, 0},
};

static void release(struct op *op)
{
    struct negotiate_op *n = CONTAINER_OF(op, struct negotiate_op, op);

    if (op_failed(op) || !op_finished(op)) {
        request_drop(&n->request);
    }
}

static const struct op_kind negotiate_kind = {"negotiate", negotiate_steps, release};

void negotiate_start(struct negotiate_op *negotiate, struct op *parent, struct conn *conn,
                     const char *server_name, enum negotiate_form form)
{
    negotiate->conn = conn;
    negotiate->form = form;
    negotiate->server_name = server_name;
    negotiate->request = (struct request){0};
    negotiate->blob = (struct span){0};
    op_start_child(parent, &negotiate->op, &negotiate_kind);
}

void negotiate_drop(struct negotiate_op *negotiate)
{
    request_drop(&negotiate->request);
    negotiate->blob = (struct span){0};
}

/* ---------------------------------------------------------------- what we offer */

uint16_t negotiate_security_mode(const struct conn *conn)
{
    return conn->policy->require_signing
               ? SMB2_NEGOTIATE_SIGNING_ENABLED | SMB2_NEGOTIATE_SIGNING_REQUIRED
               : SMB2_NEGOTIATE_SIGNING_ENABLED;
}

/* MS-SMB2 3.2.4.2.2.2: below 3.0 a client has no capabilities to declare. */
static uint32_t capabilities_of(const struct conn *conn)
{
    uint32_t capabilities = SMB2_GLOBAL_CAP_DFS;

    if (policy_max_dialect(conn->policy) < SMB2_DIALECT_300) {
        return 0;
    }
    if (!conn->netbios) {
        capabilities |= SMB2_GLOBAL_CAP_LARGE_MTU;
    }
    /* In 3.1.1 the context alone should count, but Samba 4.17 looks here as well. */
    if (conn->policy->cipher_count > 0) {
        capabilities |= SMB2_GLOBAL_CAP_ENCRYPTION;
    }
    return capabilities;
}

void negotiate_offer(const struct conn *conn, struct smb2_negotiate_request *out)
{
    const struct policy *policy = conn->policy;

    *out = (struct smb2_negotiate_request){.dialect_count = (uint16_t)policy->dialect_count};
    memcpy(out->dialects, policy->dialects, policy->dialect_count * sizeof *out->dialects);
    if (conn->got.by_smb1) {
        return;
    }
    out->security_mode = negotiate_security_mode(conn);
    out->capabilities = capabilities_of(conn);
    if (policy_max_dialect(policy) > SMB2_DIALECT_202) { /* MS-SMB2 2.2.3: 2.0.2 knows none */
        memcpy(out->client_guid, conn->client_guid, sizeof out->client_guid);
    }
}

static void list_algorithms(struct smb2_algorithms *out, const uint16_t *ids, unsigned count)
{
    out->present = count > 0;
    out->count = (uint16_t)count;
    memcpy(out->id, ids, count * sizeof *ids);
}

/* MS-SMB2 2.2.3.1: contexts go out only when 3.1.1 is offered. */
static void offer_contexts(struct smb2_negotiate_contexts *contexts, const struct policy *policy)
{
    static const uint16_t hashes[] = {SMB2_HASH_SHA_512};

    list_algorithms(&contexts->hash, hashes, 1);
    list_algorithms(&contexts->cipher, policy->ciphers, policy->cipher_count);
    list_algorithms(&contexts->signing, policy->signing_algs, policy->signing_count);
}

/* MS-SMB2 3.2.4.2.2.1: "SMB 2.???" stands for all that is above 2.0.2. */
static enum op_next begin(struct op *op)
{
    struct negotiate_op *n = CONTAINER_OF(op, struct negotiate_op, op);
    const struct policy *policy = n->conn->policy;
    struct multi_negotiate_request q = {
        .smb_2_002 = policy_offers_dialect(policy, SMB2_DIALECT_202),
        .smb_2_xxx = policy_max_dialect(policy) > SMB2_DIALECT_202,
    };
    struct wr w;

    if (n->form == NEGOTIATE_SMB2) {
        return op_go(op, ST_SEND);
    }
    if (!request_body(&n->request, op->env, SMB1_NEGOTIATE_LEN_MAX, &w)) {
        return fail_no_buffer(op);
    }
    multi_negotiate_request_put(&w, &q);
    request_send(&n->request, &w,
                 &(struct request_spec){.conn = n->conn, .command = SMB2_NEGOTIATE, .smb1 = true},
                 &op->ready);
    return op_go(op, ST_MULTI_REPLY);
}

static enum op_next send_negotiate(struct op *op)
{
    struct negotiate_op *n = CONTAINER_OF(op, struct negotiate_op, op);
    struct smb2_negotiate_request q;
    uint8_t salt[SALT_LEN], name[512];
    size_t name_bytes = 0;
    struct wr w;

    negotiate_offer(n->conn, &q);
    offer_contexts(&q.contexts, n->conn->policy);
    if (!op->env->random->fill(op->env->random, salt, sizeof salt)) {
        return op_fail(op, LSMB_E_LOCAL, "the system gives no random numbers");
    }
    q.contexts.salt = (struct span){salt, sizeof salt};
    if (utf16_from_utf8(name, sizeof name, &name_bytes, span_of(n->server_name))) {
        q.contexts.has_netname = true;
        q.contexts.netname = (struct span){name, name_bytes};
    }
    if (!request_body(&n->request, op->env, REQUEST_ROOM, &w)) {
        return fail_no_buffer(op);
    }
    smb2_negotiate_request_put(&w, &q);
    request_send(&n->request, &w,
                 &(struct request_spec){
                     .conn = n->conn, .command = SMB2_NEGOTIATE, .transcript = &n->conn->preauth},
                 &op->ready);
    return op_go(op, ST_REPLY);
}

/* ---------------------------------------------------------------- what we take */

/* End the connection, and with it the operation. */
static enum op_next refuse_as(struct op *op, const struct lsmb_error *err)
{
    conn_fail(CONTAINER_OF(op, struct negotiate_op, op)->conn, err);
    return op_fail_as(op, err);
}

static enum op_next refuse(struct op *op, enum lsmb_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static enum op_next refuse(struct op *op, enum lsmb_code code, const char *fmt, ...)
{
    struct lsmb_error err;
    va_list ap;

    va_start(ap, fmt);
    error_vset(&err, code, fmt, ap);
    va_end(ap);
    if (code == LSMB_E_SECURITY) {
        error_advise(&err, "look for a device that changes traffic between here and the server");
    }
    return refuse_as(op, &err);
}

/* The server has said no. */
static enum op_next refused(struct op *op, uint32_t status)
{
    const struct policy *policy = CONTAINER_OF(op, struct negotiate_op, op)->conn->policy;
    struct lsmb_error err;
    char room[11];

    if (nt_status_is(status, STATUS_NOT_SUPPORTED)) {
        error_set(&err, LSMB_E_POLICY, "the server speaks none of the dialects %s to %s",
                  dialect_name(policy->dialects[0]), dialect_name(policy_max_dialect(policy)));
        error_advise(&err, "--min-dialect and --max-dialect say which dialects are offered");
    } else {
        error_set(&err, LSMB_E_PROTOCOL, "the server refused to negotiate ([NtStatus %s])",
                  nt_status_name(status, room));
    }
    err.nt_status = status;
    return refuse_as(op, &err);
}

static bool is_list_of_none(const struct smb2_algorithms *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (list->id[i] != 0) {
            return false;
        }
    }
    return true;
}

/* MS-SMB2 3.2.5.2, "if the DialectRevision is 0x0311": OP_AGAIN when the contexts are acceptable. */
static enum op_next take_contexts(struct op *op, const struct smb2_negotiate_contexts *contexts)
{
    struct conn *conn = CONTAINER_OF(op, struct negotiate_op, op)->conn;

    if (contexts->duplicate) {
        return refuse(op, LSMB_E_PROTOCOL, "the server sent a negotiate context twice");
    }
    if (!contexts->hash.present || contexts->hash.id[0] != SMB2_HASH_SHA_512) {
        return refuse(op, LSMB_E_SECURITY,
                      "the server did not choose the integrity hash that was offered (SHA-512)");
    }
    if (contexts->cipher.present && contexts->cipher.id[0] != SMB2_CIPHER_NONE) {
        conn->got.cipher = contexts->cipher.id[0];
        if (!policy_offers_cipher(conn->policy, conn->got.cipher)) {
            return refuse(op, LSMB_E_SECURITY, "the server chose cipher %u, which was not offered",
                          (unsigned)conn->got.cipher);
        }
    }
    conn->got.signing_alg = SIGN_AES_CMAC; /* MS-SMB2 3.2.5.2: what holds without a context */
    if (contexts->signing.present) {
        conn->got.signing_alg = contexts->signing.id[0];
        if (!policy_offers_signing(conn->policy, conn->got.signing_alg)) {
            return refuse(op, LSMB_E_SECURITY,
                          "the server chose signing algorithm %u, which was not offered",
                          (unsigned)conn->got.signing_alg);
        }
    }
    if (contexts->compression.present && !is_list_of_none(&contexts->compression)) {
        return refuse(op, LSMB_E_SECURITY, "the server chose a compression that was not offered");
    }
    return OP_AGAIN;
}

/* MS-SMB2 3.2.5.2: 3.0 and 3.0.2 have one algorithm each, and encryption if both sides say so. */
static void imply_algorithms(struct conn *conn)
{
    conn->got.signing_alg = SIGN_AES_CMAC;
    if ((conn->got.capabilities & SMB2_GLOBAL_CAP_ENCRYPTION) &&
        policy_offers_cipher(conn->policy, SMB2_CIPHER_AES_128_CCM)) {
        conn->got.cipher = SMB2_CIPHER_AES_128_CCM;
    }
}

static uint32_t usable(const struct conn *conn, uint32_t max)
{
    uint32_t limit = conn->got.large_mtu ? LARGEST_MAX_BYTES : SMB2_CREDIT_BYTES;

    return max < limit ? max : limit;
}

static enum op_next take_sizes(struct op *op, const struct smb2_negotiate_reply *reply)
{
    struct conn *conn = CONTAINER_OF(op, struct negotiate_op, op)->conn;

    if (reply->max_transact < SMALLEST_MAX_BYTES || reply->max_read < SMALLEST_MAX_BYTES ||
        reply->max_write < SMALLEST_MAX_BYTES) {
        return refuse(op, LSMB_E_PROTOCOL,
                      "the server allows fewer than 65536 bytes in a message (%lu, %lu, %lu)",
                      (unsigned long)reply->max_transact, (unsigned long)reply->max_read,
                      (unsigned long)reply->max_write);
    }
    /* MS-SMB2 3.2.5.2: more than 64 KiB in a message only if both sides say so, and never in 2.0.2. */
    conn->got.large_mtu = !conn->netbios && reply->dialect >= SMB2_DIALECT_210 &&
                          (reply->capabilities & SMB2_GLOBAL_CAP_LARGE_MTU) != 0;
    conn->got.max_transact = usable(conn, reply->max_transact);
    conn->got.max_read = usable(conn, reply->max_read);
    conn->got.max_write = usable(conn, reply->max_write);
    return OP_AGAIN;
}

/* What the user required and this server does not have. */
static enum op_next hold_to_policy(struct op *op)
{
    struct conn *conn = CONTAINER_OF(op, struct negotiate_op, op)->conn;
    const struct policy *policy = conn->policy;

    if (policy->require_sealing && conn->got.cipher == SMB2_CIPHER_NONE) {
        return refuse(
            op, LSMB_E_POLICY,
            "encryption is required, but the server agreed to none of the ciphers offered");
    }
    if (!policy_offers_signing(policy, conn->got.signing_alg)) {
        return refuse(op, LSMB_E_POLICY,
                      "in dialect %s the server can only sign with %s, which is not allowed",
                      dialect_name(conn->got.dialect), signing_name(conn->got.signing_alg));
    }
    return OP_AGAIN;
}

static enum op_next take_reply(struct op *op, const struct smb2_negotiate_reply *reply)
{
    struct negotiate_op *n = CONTAINER_OF(op, struct negotiate_op, op);
    struct conn *conn = n->conn;
    enum op_next next;

    if (!policy_offers_dialect(conn->policy, reply->dialect)) {
        return refuse(op, LSMB_E_SECURITY, "the server chose dialect 0x%04x, which was not offered",
                      (unsigned)reply->dialect);
    }
    conn->got = (struct negotiated){
        .dialect = reply->dialect,
        .signing_alg = SIGN_HMAC_SHA256,
        .signing_required = conn->policy->require_signing ||
                            (reply->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED),
        .security_mode = reply->security_mode,
        .capabilities = reply->capabilities,
        .system_time = reply->system_time,
    };
    memcpy(conn->got.server_guid, reply->server_guid, sizeof conn->got.server_guid);
    if (reply->dialect >= SMB2_DIALECT_311) {
        if ((next = take_contexts(op, &reply->contexts)) != OP_AGAIN) {
            return next;
        }
    } else if (reply->dialect >= SMB2_DIALECT_300) {
        imply_algorithms(conn);
    }
    if ((next = take_sizes(op, reply)) != OP_AGAIN || (next = hold_to_policy(op)) != OP_AGAIN) {
        return next;
    }
    n->blob = reply->token;
    return OP_DONE;
}

static enum op_next await_reply(struct op *op, struct smb2_negotiate_reply *reply)
{
    struct negotiate_op *n = CONTAINER_OF(op, struct negotiate_op, op);

    enum op_next next = await_answer(op, &n->request);

    if (next != OP_AGAIN) {
        return next;
    }
    if (n->request.status != STATUS_SUCCESS) {
        return refused(op, n->request.status);
    }
    if (!smb2_negotiate_reply_get(reply, n->request.message)) {
        return refuse(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to NEGOTIATE");
    }
    return OP_AGAIN;
}

/* MS-SMB2 3.2.5.2: 2.0.2 is settled at once; anything else, by an SMB2 NEGOTIATE. */
static enum op_next take_multi(struct op *op)
{
    struct conn *conn = CONTAINER_OF(op, struct negotiate_op, op)->conn;
    struct smb2_negotiate_reply reply = {0};

    enum op_next next = await_reply(op, &reply);

    if (next != OP_AGAIN) {
        return next;
    }
    if (reply.dialect == SMB2_DIALECT_WILDCARD &&
        policy_max_dialect(conn->policy) > SMB2_DIALECT_202) {
        return op_go(op, ST_SEND);
    }
    if (reply.dialect != SMB2_DIALECT_202) {
        return refuse(op, LSMB_E_SECURITY, "the server chose dialect 0x%04x, which was not offered",
                      (unsigned)reply.dialect);
    }
    next = take_reply(op, &reply);
    conn->got.by_smb1 = true;
    return next;
}

static enum op_next take_negotiate(struct op *op)
{
    struct smb2_negotiate_reply reply = {0};

    enum op_next next = await_reply(op, &reply);

    return next == OP_AGAIN ? take_reply(op, &reply) : next;
}
