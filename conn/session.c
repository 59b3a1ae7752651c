/* session.c: sessions, their channels and their gate. */
#include "conn/session.h"

#include <assert.h>

#include "proto/misc.h"

void session_init(struct session *session, struct env *env, const struct policy *policy)
{
    *session = (struct session){.env = env, .policy = policy, .gate = SESSION_CLOSED};
    list_init(&session->channels);
}

void session_free(struct session *session)
{
    LIST_EACH(node, &session->channels)
    {
        channel_leave(CONTAINER_OF(node, struct channel, in_session));
    }
    session_keys_wipe(&session->keys);
    sealer_free(session->to_server);
    sealer_free(session->from_server);
    session->to_server = session->from_server = NULL;
}

void channel_join(struct channel *channel, struct session *session, struct conn *conn)
{
    *channel = (struct channel){.session = session, .conn = conn, .preauth = conn->preauth};
    list_push_back(&session->channels, &channel->in_session);
    list_push_back(&conn->channels, &channel->in_conn);
}

void channel_leave(struct channel *channel)
{
    list_remove(&channel->in_session);
    list_remove(&channel->in_conn);
    signer_free(channel->signer);
    channel->signer = NULL;
}

struct channel *channel_find(struct conn *conn, uint64_t session_id)
{
    LIST_EACH(node, &conn->channels)
    {
        struct channel *channel = CONTAINER_OF(node, struct channel, in_conn);
        if (channel->session->id == session_id) {
            return channel;
        }
    }
    return NULL;
}

bool session_gate_passes(const struct session *session, uint16_t command)
{
    switch (session->gate) {
    case SESSION_OPEN: return true;
    case SESSION_DEAD: return false;
    case SESSION_CLOSED: break;
    }
    /* MS-SMB2 3.2.4.1: what a session can do while it is (re)authenticated. */
    return command == SMB2_SESSION_SETUP || command == SMB2_LOGOFF || command == SMB2_CLOSE;
}

void session_open_gate(struct session *session)
{
    assert(session->gate != SESSION_DEAD);
    session->gate = SESSION_OPEN;
    session->logons++;
    LIST_EACH(node, &session->channels)
    {
        requests_issue(CONTAINER_OF(node, struct channel, in_session)->conn);
    }
}

bool session_expire(struct session *session, unsigned logons)
{
    if (!session->expired || session->gate == SESSION_DEAD) {
        return false;
    }
    if (session->gate == SESSION_OPEN && session->logons == logons) {
        session->gate = SESSION_CLOSED;
        ready_wake(&session->env->ready, session->expired);
    }
    return true;
}

void session_die(struct session *session, const struct lsmb_error *err)
{
    if (session->gate == SESSION_DEAD) {
        return;
    }
    session->gate = SESSION_DEAD;
    session->err = *err;
    LIST_EACH(node, &session->channels)
    {
        struct channel *channel = CONTAINER_OF(node, struct channel, in_session);
        requests_fail_at_gate(channel->conn, session, &session->err);
    }
}

void session_logoff(struct session *session)
{
    uint8_t body[SMB2_EMPTY_LEN];
    struct wr w = wr_from(body, sizeof body);

    if (session->gate != SESSION_OPEN || list_empty(&session->channels)) {
        return;
    }
    smb2_empty_put(&w);
    request_post(
        &(struct request_spec){
            .channel = CONTAINER_OF(session->channels.next, struct channel, in_session),
            .command = SMB2_LOGOFF,
        },
        wr_written(&w));
}
