/* logon.h: logging on over a channel (MS-SMB2 3.2.4.2.3, 3.2.5.3). */
#ifndef LSMB_CONN_LOGON_H
#define LSMB_CONN_LOGON_H

#include "auth/mech.h"
#include "base/op.h"
#include "conn/session.h"

struct logon_op {
    struct op op; /* first */
    struct channel *channel;
    struct mech *mech; /* borrowed: SPNEGO */
    bool again;        /* the session is there already */
    bool mech_done;
    unsigned legs;
    struct span token; /* the server's latest, inside request.reply */
    struct job *job;   /* of the mechanism, under way; NULL otherwise */
    struct request request;
};

/* SESSION_SETUP until the server is content, as a child of `parent`.  On success the session's keys are
 * there and its gate is open.  Fails with LSMB_E_AUTH (refused, or guest unasked), LSMB_E_POLICY (what was
 * required cannot be had) or LSMB_E_SECURITY (the last reply is not signed by one who knows the password).
 * The mechanism is borrowed until the op has finished. */
void logon_start(struct logon_op *logon, struct op *parent, struct channel *channel,
                 struct mech *mech);

/* Log the same user on once more, because the server asks for it (session->expired): the session, its opens and
 * its keys stay as they are, and what waits at the gate goes on (MS-SMB2 3.2.5.1.6, 3.2.4.2.3).  If it fails,
 * the session is dead; if it is aborted, that is for the caller to say. */
void logon_again_start(struct logon_op *logon, struct op *parent, struct channel *channel,
                       struct mech *mech);

#endif
