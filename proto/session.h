/* session.h: SESSION_SETUP (MS-SMB2 2.2.5, 2.2.6).  LOGOFF has an empty body: see misc.h. */
#ifndef LSMB_PROTO_SESSION_H
#define LSMB_PROTO_SESSION_H

#include "proto/header.h"

enum smb2_session_setup_flags { SMB2_SESSION_FLAG_BINDING = 0x01 }; /* request, MS-SMB2 2.2.5 */

/* reply, MS-SMB2 2.2.6. */
enum smb2_session_flags {
    SMB2_SESSION_FLAG_IS_GUEST = 0x0001,
    SMB2_SESSION_FLAG_IS_NULL = 0x0002,
    SMB2_SESSION_FLAG_ENCRYPT_DATA = 0x0004,
};

enum {
    SMB2_SESSION_SETUP_REQUEST_LEN = 24,
    SMB2_SESSION_SETUP_REPLY_LEN = 8
}; /* before the token */

struct smb2_session_setup_request {
    uint8_t flags;                /* enum smb2_session_setup_flags */
    uint8_t security_mode;        /* enum smb2_security_mode */
    uint32_t capabilities;        /* only SMB2_GLOBAL_CAP_DFS has a meaning */
    uint64_t previous_session_id; /* a lost session whose opens the server shall free; 0 = none */
    struct span token;            /* GSS */
};

struct smb2_session_setup_reply {
    uint16_t session_flags; /* enum smb2_session_flags */
    struct span token;      /* GSS; may be empty */
};

void smb2_session_setup_request_put(struct wr *w, const struct smb2_session_setup_request *q);
bool smb2_session_setup_request_get(struct smb2_session_setup_request *out, struct span msg);
void smb2_session_setup_reply_put(struct wr *w, const struct smb2_session_setup_reply *a);
bool smb2_session_setup_reply_get(struct smb2_session_setup_reply *out, struct span msg);

#endif
