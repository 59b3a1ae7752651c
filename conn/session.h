/* session.h: a logged-on user at a server (MS-SMB2 3.2.1.3) and the channels it is reached by
 * (MS-SMB2 3.2.1.8). */
#ifndef LSMB_CONN_SESSION_H
#define LSMB_CONN_SESSION_H

#include "auth/keys.h"
#include "auth/seal.h"
#include "auth/sign.h"
#include "conn/conn.h"
#include "conn/request.h"

/* Requests wait at a session's gate while it is not open; SESSION_SETUP, LOGOFF and CLOSE pass. */
enum session_gate { SESSION_CLOSED, SESSION_OPEN, SESSION_DEAD };

struct session {
    struct env *env;             /* borrowed */
    const struct policy *policy; /* borrowed */
    uint64_t id;                 /* 0 until the server gave one */
    enum session_gate gate;
    bool guest, anonymous; /* who we are to the server */
    bool sign, seal;       /* every request */
    struct session_keys keys;
    struct sealer *to_server, *from_server; /* NULL when no cipher */
    uint64_t next_nonce;                    /* never repeats under one key (MS-SMB2 3.1.4.3) */
    struct list channels;
    unsigned logons; /* how often the gate was opened */
    /* Borrowed: made ready when the logon has run out.  Whoever it is starts logon_again_start(), and lets the
     * session die if that cannot be.  NULL: nobody logs on again. */
    struct ready *expired;
    struct lsmb_error err; /* why the gate is SESSION_DEAD */
};

struct channel {
    struct session *session; /* borrowed */
    struct conn *conn;       /* borrowed */
    struct list in_session, in_conn;
    struct signer *signer;  /* NULL until there is a key */
    struct preauth preauth; /* the transcript of its logon */
};

/* The session that a request belongs to; NULL: outside any. */
static inline struct session *session_of(const struct request *request)
{
    return request->spec.channel ? request->spec.channel->session : NULL;
}

void session_init(struct session *session, struct env *env, const struct policy *policy);

/* Wipe the keys and leave every channel.  Channels must carry no requests. */
void session_free(struct session *session);

void channel_join(struct channel *channel, struct session *session, struct conn *conn);
void channel_leave(struct channel *channel); /* harmless when not joined */

/* The channel on `conn` of the session with this id, or NULL. */
struct channel *channel_find(struct conn *conn, uint64_t session_id);

/* Open it: what waits goes out.  Or end it: what waits, and all that comes, ends with `err` (copied). */
void session_open_gate(struct session *session);
void session_die(struct session *session, const struct lsmb_error *err);

/* The logon has run out (MS-SMB2 3.2.5.1.6), as the answer to a request says that left during logon number
 * `logons`: shut the gate, unless the user has logged on again since, and wake session->expired.  False:
 * nobody logs on again.  For conn/request. */
bool session_expire(struct session *session, unsigned logons);

/* Whether a request may pass the gate now. */
bool session_gate_passes(const struct session *session, uint16_t command);

/* Say goodbye without waiting (MS-SMB2 3.2.4.23). */
void session_logoff(struct session *session);

#endif
