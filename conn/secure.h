/* secure.h: what must be signed and sealed, both ways (MS-SMB2 3.2.4.1.1, 3.2.4.1.8, 3.2.5.1.1 to
 * 3.2.5.1.3).  The only place where it is decided whether a message is believed. */
#ifndef LSMB_CONN_SECURE_H
#define LSMB_CONN_SECURE_H

#include "conn/session.h"

struct conn_break;

/* Decide how a request goes out, before its header is written: request->sealed, request->is_signed. */
void secure_decide(struct request *request);

/* Write the signature into a message that stands elsewhere: an element of a compound with its padding.  False
 * when the crypto library fails: the conn has failed. */
bool secure_sign(struct request *request, uint8_t *message, size_t len);

/* Sign or seal its frame accordingly: it begins with the SMB2 header, and afterwards with whatever comes
 * first on the wire.  False when the crypto library fails or a key is used up: the conn has failed. */
bool secure_outgoing(struct request *request);

/* Undo it for a request that goes again: its frame begins with the SMB2 header afterwards.  False when the crypto
 * library fails. */
bool secure_reopen(struct request *request);

/* Take a received frame out of its transform, if it is in one.  On return `frame` holds SMB2 messages and
 * `*sealed_by` the session that sealed it (NULL: plain).  False: not to be believed; the conn has failed. */
bool secure_open_frame(struct conn *conn, struct buf *frame, struct session **sealed_by);

enum secure_verdict {
    SECURE_BELIEVE,    /* signed or sealed by the server, or nothing protects this message */
    SECURE_ERROR_ONLY, /* not protected: its status ends the request, nothing else is believed */
    SECURE_REJECT,     /* the conn has failed */
};

/* Judge one message that answers `request`.  Interim replies are judged by secure_interim_ok(). */
enum secure_verdict secure_judge(const struct request *request, const struct smb2_header *header,
                                 struct span message, const struct session *sealed_by);

/* May an interim STATUS_PENDING be taken for its AsyncId and credits?  Servers never sign it; only
 * inside a sealed session it must be sealed like everything else (MS-SMB2 3.2.5.1.5). */
bool secure_interim_ok(const struct request *request, const struct session *sealed_by);

/* May an OPLOCK_BREAK notification be taken for what it says?  Servers never sign it.  That of an oplock
 * comes sealed where everything is; that of a lease names no session, and Samba sends it plain to sealed
 * sessions as well: all that whoever forges one gets is that we cache less.  MS-SMB2 3.2.5.1.3, 3.2.5.19. */
bool secure_break_ok(const struct conn_break *broken, const struct session *sealed_by);

#endif
