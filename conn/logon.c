/* logon.c: SESSION_SETUP until the server is content. */
#include "conn/logon.h"

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "conn/negotiate.h"
#include "proto/negotiate.h"
#include "proto/session.h"

enum { LEGS_MAX = 16 }; /* of the exchange; real mechanisms need two */

static enum op_next ask_mech(struct op *op);
static enum op_next take_setup(struct op *op);

enum { ST_MECH, ST_REPLY };

static const struct op_step logon_steps[] = {
    [ST_MECH] = {"log on", ask_mech, OP_SILENCE},
    [ST_REPLY] = {"log on", take_setup, 0},
};

static struct logon_op *logon_of(struct op *op)
{
    return CONTAINER_OF(op, struct logon_op, op);
}

static void release(struct op *op)
{
    struct logon_op *l = logon_of(op);

    request_drop(&l->request);
    job_release(l->job);
    l->job = NULL;
    if (l->again && op_failed(op)) {
        session_die(l->channel->session, &op->err);
    }
}

static const struct op_kind logon_kind = {"logon", logon_steps, release};

static void begin(struct logon_op *logon, struct op *parent, struct channel *channel,
                  struct mech *mech, bool again)
{
    logon->channel = channel;
    logon->mech = mech;
    logon->again = again;
    logon->mech_done = false;
    logon->legs = 0;
    logon->token = (struct span){0};
    logon->job = NULL;
    logon->request = (struct request){0};
    op_start_child(parent, &logon->op, &logon_kind);
}

void logon_start(struct logon_op *logon, struct op *parent, struct channel *channel,
                 struct mech *mech)
{
    begin(logon, parent, channel, mech, false);
}

void logon_again_start(struct logon_op *logon, struct op *parent, struct channel *channel,
                       struct mech *mech)
{
    begin(logon, parent, channel, mech, true);
}

/* End the connection, and with it the logon: what the server did is not to be trusted. */
static enum op_next refuse(struct op *op, enum lsmb_code code, const char *reason)
{
    struct lsmb_error err;

    error_set(&err, code, "%s", reason);
    conn_fail(logon_of(op)->channel->conn, &err);
    return op_fail_as(op, &err);
}

static enum op_next all_was_said(struct op *op)
{
    return refuse(op, LSMB_E_PROTOCOL, "the server asks for more although all was said");
}

/* ---------------------------------------------------------------- out */

static enum op_next send_setup(struct op *op, struct span token)
{
    struct logon_op *l = logon_of(op);
    struct smb2_session_setup_request q = {
        .security_mode = (uint8_t)negotiate_security_mode(l->channel->conn),
        .capabilities = SMB2_GLOBAL_CAP_DFS,
        .token = token,
    };
    struct wr w;

    if (++l->legs > LEGS_MAX) {
        return refuse(op, LSMB_E_PROTOCOL, "the server keeps asking for more");
    }
    if (token.len > UINT16_MAX) { /* SecurityBufferLength, MS-SMB2 2.2.5 */
        return refuse(op, LSMB_E_PROTOCOL, "the server said so much that no answer can hold it");
    }
    if (!request_body(&l->request, op->env, SMB2_SESSION_SETUP_REQUEST_LEN + token.len, &w)) {
        return fail_no_buffer(op);
    }
    smb2_session_setup_request_put(&w, &q);
    /* MS-SMB2 3.2.4.1.1, 3.2.5.3.1: once there are keys they sign, and no new ones are made. */
    request_send(&l->request, &w,
                 &(struct request_spec){.channel = l->channel,
                                        .command = SMB2_SESSION_SETUP,
                                        .must_sign = l->again,
                                        .transcript = l->again ? NULL : &l->channel->preauth},
                 &op->ready);
    return op_go(op, ST_REPLY);
}

static enum op_next run_job(struct op *op, struct job *job)
{
    struct logon_op *l = logon_of(op);

    l->job = job;
    job->done = &op->ready;
    if (!op->env->jobs->submit(op->env->jobs, job)) {
        return op_fail(op, LSMB_E_NOMEM, "no thread for the logon mechanism");
    }
    return OP_WAIT;
}

static enum op_next ask_mech(struct op *op)
{
    struct logon_op *l = logon_of(op);
    struct mech_out out = {0};

    if (l->job && !l->job->finished) {
        return OP_WAIT;
    }
    l->job = NULL; /* the mechanism takes the answer out of it */
    switch (l->mech->ops->step(l->mech, l->token, &out)) {
    case MECH_BUSY: return run_job(op, out.job);
    case MECH_FAIL: return op_fail_as(op, &out.err);
    case MECH_DONE:
        l->mech_done = true;
        if (out.token.len == 0) {
            return all_was_said(op);
        }
        break;
    case MECH_SEND: break;
    }
    return send_setup(op, out.token);
}

/* ---------------------------------------------------------------- the keys */

/* MS-SMB2 3.2.5.3.1: nothing can be signed or sealed for guests and nobody. */
static bool has_keys(const struct session *session)
{
    return !session->guest && !session->anonymous;
}

static bool derive_keys(struct logon_op *l)
{
    struct session *session = l->channel->session;
    const struct negotiated *got = &l->channel->conn->got;
    struct secret key = {0};
    bool ok = l->mech->ops->session_key(l->mech, &key) &&
              session_keys_derive(&session->keys, got->dialect, got->cipher, secret_span(&key),
                                  &l->channel->preauth);

    secret_wipe(&key);
    if (!ok) {
        return false;
    }
    l->channel->signer =
        signer_new((enum sign_alg)got->signing_alg, secret_span(&session->keys.signing));
    if (got->cipher != SMB2_CIPHER_NONE) {
        session->to_server = sealer_new(got->cipher, secret_span(&session->keys.client_to_server));
        session->from_server =
            sealer_new(got->cipher, secret_span(&session->keys.server_to_client));
    }
    return l->channel->signer &&
           (got->cipher == SMB2_CIPHER_NONE || (session->to_server && session->from_server));
}

/* MS-SMB2 3.2.5.3.1: the last reply of a 3.x logon is signed with the new key, whatever the session asks
 * of other messages.  This is what proves that NEGOTIATE was not changed on the way. */
static bool signature_proves(const struct logon_op *l)
{
    const struct conn *conn = l->channel->conn;
    struct smb2_header header;

    if (!smb2_header_get(&header, l->request.message)) {
        return false;
    }
    if (!(header.flags & SMB2_FLAGS_SIGNED)) {
        return conn->got.dialect < SMB2_DIALECT_300 && !conn->got.signing_required;
    }
    return signer_check(l->channel->signer, l->request.message);
}

/* ---------------------------------------------------------------- in */

static enum op_next hold_to_policy(struct op *op, uint16_t session_flags)
{
    struct logon_op *l = logon_of(op);
    struct session *session = l->channel->session;
    const struct conn *conn = l->channel->conn;

    bool server_wants_seal = session_flags & SMB2_SESSION_FLAG_ENCRYPT_DATA;

    if (!has_keys(session)) {
        if (server_wants_seal || session->policy->require_sealing ||
            session->policy->require_signing) {
            return op_fail(
                op, LSMB_E_POLICY,
                "signing or encryption is required, but who logs on as %s has no keys for it",
                session->guest ? "guest" : "nobody");
        }
        return OP_AGAIN;
    }
    if (server_wants_seal && !session->to_server) {
        return op_fail(op, LSMB_E_POLICY,
                       "the server demands encryption, which was not agreed in dialect %s",
                       dialect_name(conn->got.dialect));
    }
    session->seal = server_wants_seal || session->policy->require_sealing;
    session->sign = conn->got.signing_required;
    return OP_AGAIN;
}

/* The server maps whom it does not know to guest, or says that nobody logged on. */
static enum op_next take_identity(struct op *op, uint16_t session_flags)
{
    struct session *session = logon_of(op)->channel->session;

    session->anonymous = session->policy->anonymous;
    session->guest =
        (session_flags & (SMB2_SESSION_FLAG_IS_GUEST | SMB2_SESSION_FLAG_IS_NULL)) != 0 &&
        !session->anonymous;
    if (session->guest && !session->policy->allow_guest) {
        enum op_next next = op_fail(op, LSMB_E_AUTH,
                                    "the server does not know this user and password and would "
                                    "let us in as guest");
        error_advise(&op->err,
                     "check user, domain and password; --allow-guest accepts being guest");
        return next;
    }
    return OP_AGAIN;
}

/* The mechanism has the last word: whether the server is who it should be. */
static enum op_next finish_mech(struct op *op, struct span token)
{
    struct logon_op *l = logon_of(op);
    struct mech_out out = {0};
    enum mech_next next = l->mech->ops->step(l->mech, token, &out);

    if (next == MECH_FAIL) {
        conn_fail(l->channel->conn, &out.err);
        return op_fail_as(op, &out.err);
    }
    if (next != MECH_DONE || out.token.len > 0) {
        return refuse(op, LSMB_E_SECURITY, "the server let us in before it had proved who it is");
    }
    return OP_AGAIN;
}

static enum op_next make_keys(struct op *op)
{
    struct logon_op *l = logon_of(op);

    if (!derive_keys(l)) {
        return op_fail(op, LSMB_E_LOCAL, "the session's keys cannot be made");
    }
    if (!signature_proves(l)) {
        return refuse(op, LSMB_E_SECURITY,
                      "the server's answer to the logon is not signed with the session's key: "
                      "the negotiation was changed on the way, or this is not the server");
    }
    return OP_AGAIN;
}

static enum op_next open_gate(struct op *op)
{
    struct session *session = logon_of(op)->channel->session;

    if (session->gate == SESSION_DEAD) { /* another answer has said so in the meantime */
        return op_fail_as(op, &session->err);
    }
    session_open_gate(session);
    return OP_DONE;
}

static enum op_next complete(struct op *op, const struct smb2_session_setup_reply *reply)
{
    struct session *session = logon_of(op)->channel->session;
    enum op_next next = take_identity(op, reply->session_flags);

    if (next != OP_AGAIN) {
        return next;
    }
    if (has_keys(session) && ((next = finish_mech(op, reply->token)) != OP_AGAIN ||
                              (next = make_keys(op)) != OP_AGAIN)) {
        return next;
    }
    next = hold_to_policy(op, reply->session_flags);
    return next == OP_AGAIN ? open_gate(op) : next;
}

/* Its keys have vouched for the answer (conn/secure). */
static enum op_next complete_again(struct op *op, const struct smb2_session_setup_reply *reply)
{
    const struct session *session = logon_of(op)->channel->session;
    bool guest = reply->session_flags & (SMB2_SESSION_FLAG_IS_GUEST | SMB2_SESSION_FLAG_IS_NULL);

    if (!has_keys(session)) {
        return open_gate(op);
    }
    if (guest) {
        return refuse(op, LSMB_E_SECURITY, "the server took us for somebody else the second time");
    }
    enum op_next next = finish_mech(op, reply->token);
    return next == OP_AGAIN ? open_gate(op) : next;
}

/* Whatever the status says in other places: here it is the logon that was refused. */
static enum op_next refused(struct op *op)
{
    struct logon_op *l = logon_of(op);
    uint32_t status = l->request.status;
    enum op_next next = op_fail_status(op, status);

    bool of_logons = op->err.code == LSMB_E_AUTH; /* the table's advice is about them */

    op->err.code = LSMB_E_AUTH;
    if (nt_status_is(status, STATUS_NOT_SUPPORTED)) {
        error_advise(&op->err, "the server does not accept this way of logging on; NTLM may be "
                               "switched off there");
    } else if (nt_status_is(status, STATUS_ACCESS_DENIED)) {
        error_advise(&op->err,
                     l->channel->conn->got.cipher == SMB2_CIPHER_NONE
                         ? "the server may demand encryption, for which no cipher was agreed"
                         : "the user may not log on over the network, or the server checks under "
                           "which name it was called (SPN): use its real name");
    } else if (!of_logons) { /* Samba: STATUS_NOT_FOUND for user@domain */
        error_advise(&op->err, "check user, domain and password");
    }
    return next;
}

static enum op_next take_setup(struct op *op)
{
    struct logon_op *l = logon_of(op);
    struct smb2_session_setup_reply reply;
    struct smb2_header header;

    enum op_next next = await_answer(op, &l->request);

    if (next != OP_AGAIN) {
        return next;
    }
    if (l->request.status != STATUS_SUCCESS &&
        !nt_status_is(l->request.status, STATUS_MORE_PROCESSING_REQUIRED)) {
        return refused(op);
    }
    if (!smb2_session_setup_reply_get(&reply, l->request.message) ||
        !smb2_header_get(&header, l->request.message) || header.session_id == 0) {
        return refuse(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to SESSION_SETUP");
    }
    if ((l->again || l->legs > 1) && header.session_id != l->channel->session->id) {
        return refuse(op, LSMB_E_PROTOCOL, "the server changed the SessionId during the logon");
    }
    l->channel->session->id =
        header.session_id; /* MS-SMB2 3.2.5.3: it comes with the first reply */
    if (l->request.status == STATUS_SUCCESS) {
        return l->again ? complete_again(op, &reply) : complete(op, &reply);
    }
    if (l->mech_done) {
        return all_was_said(op);
    }
    l->token = reply.token;
    return op_go(op, ST_MECH);
}
