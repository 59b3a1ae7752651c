/* oplock_break.h: what the server takes back unasked, and giving it (MS-SMB2 3.2.5.19, 3.2.4.25).
 *
 * A conn knows no oplocks and no leases.  Whoever holds some sets conn->on_break and says for each
 * notification whether it was about his; he flushes and closes what has to be, and acknowledges. */
#ifndef LSMB_CONN_OPLOCK_BREAK_H
#define LSMB_CONN_OPLOCK_BREAK_H

#include "conn/conn.h"
#include "conn/request.h"
#include "proto/oplock_break.h"

/* A notification as it came. */
struct conn_break {
    struct smb2_break_notice notice;
    struct session *session; /* of the open; NULL for a lease, which belongs to our ClientGuid */
    bool sealed; /* it came sealed.  Where the open's tree seals, a plain one is nobody's word. */
};

/* Take an OPLOCK_BREAK notification.  False: it is about nothing that is held here.  A malformed one ends
 * the conn.  For conn/conn. */
bool break_take(struct conn *conn, const struct smb2_header *header, struct span message,
                struct session *sealed_by);

/* Does the server wait for an acknowledgment?  `level` is the oplock that was held; of a lease the
 * notification says it itself.  MS-SMB2 3.2.5.19.1, 3.2.5.19.2. */
bool break_needs_ack(const struct smb2_break_notice *notice, uint8_t level);

/* Give back what `notice` asks for, and keep what it leaves (MS-SMB2 3.2.4.25).  `spec` names channel and
 * tree of the open.  Whatever the server answers, it has taken what it wanted: the answer is not awaited. */
void break_ack(const struct request_spec *spec, const struct smb2_break_notice *notice);

#endif
