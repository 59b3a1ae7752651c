/* secure.c: what must be signed and sealed, and what is believed. */
#include "conn/secure.h"

#include <assert.h>

#include "base/ntstatus.h"
#include "base/secret.h"
#include "conn/oplock_break.h"
#include "proto/transform.h"

/* ---------------------------------------------------------------- going out */

/* MS-SMB2 3.2.4.1.8: everything is sealed when the session or its tree asks; before the first logon is
 * complete neither does. */
static bool must_seal(const struct request *request)
{
    const struct session *session = session_of(request);

    return session && session->to_server && (session->seal || request->spec.seal);
}

/* MS-SMB2 3.2.4.1.1: without a key (guest, anonymous, the logon itself) nothing can be signed. */
static bool must_sign(const struct request *request)
{
    const struct channel *channel = request->spec.channel;

    return channel && channel->signer && (channel->session->sign || request->spec.must_sign);
}

static bool cipher_failed(struct conn *conn)
{
    conn_fail_with(conn, LSMB_E_LOCAL, "the crypto library cannot sign or encrypt a message");
    return false;
}

void secure_decide(struct request *request)
{
    request->sealed = must_seal(request);
    request->is_signed = !request->sealed && must_sign(request);
}

/* MS-SMB2 3.1.4.3.  One counter serves all channels of the session, so no nonce comes twice under a
 * key. */
static bool seal(struct request *request)
{
    struct session *session = request->spec.channel->session;
    struct buf *frame = request->frame;
    uint8_t *message = buf_data(frame);
    size_t len = frame->len;
    struct smb2_transform transform = {.original_message_size = (uint32_t)len,
                                       .session_id = session->id};
    struct wr nonce = wr_from(transform.nonce, sizeof transform.nonce);

    if (session->next_nonce == UINT64_MAX) {
        conn_fail_with(request->spec.conn, LSMB_E_SECURITY, "the session's key is used up");
        return false;
    }
    wr_u64(&nonce, session->next_nonce++);
    struct wr w = buf_wr_before(frame, SMB2_TRANSFORM_LEN);
    smb2_transform_put(&w, &transform);
    struct span aad = {buf_data(frame) + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};
    if (!sealer_seal(session->to_server, transform.nonce, aad, message, len, transform.signature)) {
        return cipher_failed(request->spec.conn);
    }
    w.pos = 0; /* once more, with the tag */
    smb2_transform_put(&w, &transform);
    assert(wr_ok(&w));
    return true;
}

bool secure_sign(struct request *request, uint8_t *message, size_t len)
{
    struct span bytes = {message, len};

    if (!signer_compute(request->spec.channel->signer, bytes, request->signature)) {
        return cipher_failed(request->spec.conn);
    }
    memcpy(message + SMB2_SIGNATURE_OFFSET, request->signature, sizeof request->signature);
    return true;
}

bool secure_outgoing(struct request *request)
{
    if (request->sealed) {
        return seal(request);
    }
    return !request->is_signed ||
           secure_sign(request, buf_data(request->frame), request->frame->len);
}

bool secure_reopen(struct request *request)
{
    struct smb2_transform transform;
    struct buf *frame = request->frame;
    struct span aad = {buf_data(frame) + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};

    if (!request->sealed) {
        return true;
    }
    bool ours = smb2_transform_get(&transform, buf_span(frame));
    assert(ours);
    (void)ours;
    buf_consume(frame, SMB2_TRANSFORM_LEN);
    return sealer_open(request->spec.channel->session->to_server, transform.nonce, aad,
                       buf_data(frame), frame->len, transform.signature);
}

/* ---------------------------------------------------------------- coming in */

static bool refuse(struct conn *conn, enum lsmb_code code, const char *why)
{
    conn_fail_with(conn, code, "%s", why);
    if (code == LSMB_E_SECURITY) {
        error_advise(&conn->err, "nothing was taken from it; if this happens again, look for a "
                                 "device that changes traffic between here and the server");
    }
    return false;
}

/* MS-SMB2 3.2.5.1.1.1. */
static bool unseal(struct conn *conn, struct buf *frame, struct session **sealed_by)
{
    struct smb2_transform transform;
    uint8_t *head = buf_data(frame);

    if (!smb2_transform_get(&transform, buf_span(frame))) {
        return refuse(conn, LSMB_E_PROTOCOL, "the server sent a malformed encrypted message");
    }
    struct channel *channel = channel_find(conn, transform.session_id);
    if (!channel || !channel->session->from_server) {
        return refuse(conn, LSMB_E_SECURITY,
                      "the server encrypted a message for a session that does not exist");
    }
    buf_consume(frame, SMB2_TRANSFORM_LEN);
    struct span aad = {head + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};
    if (!sealer_open(channel->session->from_server, transform.nonce, aad, buf_data(frame),
                     frame->len, transform.signature)) {
        return refuse(conn, LSMB_E_SECURITY,
                      "an encrypted message was changed on its way, or its key is wrong");
    }
    *sealed_by = channel->session;
    return true;
}

bool secure_open_frame(struct conn *conn, struct buf *frame, struct session **sealed_by)
{
    *sealed_by = NULL;
    if (smb2_protocol_id(buf_span(frame)) == SMB2_TRANSFORM_PROTOCOL_ID &&
        !unseal(conn, frame, sealed_by)) {
        return false;
    }
    switch (smb2_protocol_id(buf_span(frame))) {
    case SMB2_PROTOCOL_ID: return true;
    case SMB2_TRANSFORM_PROTOCOL_ID:
        return refuse(conn, LSMB_E_PROTOCOL, "the server encrypted a message twice");
    case SMB2_COMPRESSION_PROTOCOL_ID:
        return refuse(conn, LSMB_E_PROTOCOL,
                      "the server compressed a message although that was not agreed");
    case SMB1_PROTOCOL_ID:
        conn_fail_with(conn, LSMB_E_POLICY, "the server answered in SMB1");
        error_advise(&conn->err, "SMB1 is not spoken here; enable SMB 2 or 3 on the server");
        return false;
    default: return refuse(conn, LSMB_E_PROTOCOL, "the server sent something that is not SMB");
    }
}

bool secure_interim_ok(const struct request *request, const struct session *sealed_by)
{
    return request->sealed ? sealed_by == session_of(request) : true;
}

bool secure_break_ok(const struct conn_break *broken, const struct session *sealed_by)
{
    if (broken->notice.lease) {
        return true;
    }
    return broken->session && (sealed_by ? sealed_by == broken->session : !broken->session->seal);
}

static enum secure_verdict reject(const struct request *request, const char *how)
{
    struct conn *conn = request->spec.conn;

    conn_fail_with(conn, LSMB_E_SECURITY, "the server's answer to %s %s",
                   smb2_command_name(request->spec.command), how);
    error_advise(&conn->err, "nothing was taken from it; if this happens again, look for a device "
                             "that changes traffic between here and the server");
    return SECURE_REJECT;
}

/* Errors that real servers send without protection from a session that has it: taken as "this request
 * failed", for nothing else. */
static bool plain_error_known(uint32_t status)
{
    return nt_status_is(status, STATUS_USER_SESSION_DELETED) ||
           nt_status_is(status, STATUS_INVALID_PARAMETER);
}

static bool unsigned_error_known(uint16_t command, uint32_t status)
{
    return nt_status_is(status, STATUS_USER_SESSION_DELETED) ||
           (command == SMB2_SESSION_SETUP &&
            (nt_status_is(status, STATUS_REQUEST_OUT_OF_SEQUENCE) ||
             nt_status_is(status, STATUS_NOT_SUPPORTED) ||
             nt_status_is(status, STATUS_ACCESS_DENIED)));
}

/* Some servers fill the field with zeros, or give back what we sent. */
static bool is_no_signature(const struct request *request, const struct smb2_header *header)
{
    static const uint8_t zeros[SMB2_SIGNATURE_LEN];

    return memcmp(header->signature, zeros, sizeof zeros) == 0 ||
           memcmp(header->signature, request->signature, sizeof zeros) == 0;
}

/* Samba answers USER_SESSION_DELETED with the request's own flags and signature. */
static bool missigned_error_known(const struct request *request, const struct smb2_header *header)
{
    return (nt_status_is(header->status, STATUS_USER_SESSION_DELETED) ||
            nt_status_is(header->status, STATUS_NETWORK_NAME_DELETED) ||
            nt_status_is(header->status, STATUS_FILE_CLOSED) ||
            nt_status_is(header->status, STATUS_INVALID_PARAMETER)) &&
           is_no_signature(request, header);
}

static enum secure_verdict judge_sealed(const struct request *request,
                                        const struct smb2_header *header,
                                        const struct session *sealed_by)
{
    const struct session *session = session_of(request);

    if (session != sealed_by ||
        (header->session_id != session->id && header->session_id != UINT64_MAX)) {
        return reject(request, "was encrypted for another session");
    }
    return SECURE_BELIEVE;
}

/* MS-SMB2 3.2.5.1.3. */
static enum secure_verdict judge_signature(const struct request *request,
                                           const struct smb2_header *header, struct span message)
{
    struct channel *channel = request->spec.channel;
    bool flag = header->flags & SMB2_FLAGS_SIGNED;

    if (!request->is_signed && (!flag || !channel || !channel->signer)) {
        return SECURE_BELIEVE; /* nothing protects this exchange */
    }
    if (flag && signer_check(channel->signer, message)) {
        return SECURE_BELIEVE;
    }
    if (missigned_error_known(request, header) ||
        (!flag && unsigned_error_known(header->command, header->status))) {
        return SECURE_ERROR_ONLY;
    }
    return reject(request,
                  flag ? "has a wrong signature" : "is not signed, which this session requires");
}

enum secure_verdict secure_judge(const struct request *request, const struct smb2_header *header,
                                 struct span message, const struct session *sealed_by)
{
    if (sealed_by) {
        return judge_sealed(request, header, sealed_by);
    }
    if (request->sealed) {
        return plain_error_known(header->status)
                   ? SECURE_ERROR_ONLY
                   : reject(request, "is not encrypted, which this session requires");
    }
    return judge_signature(request, header, message);
}
