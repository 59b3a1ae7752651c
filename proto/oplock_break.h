/* oplock_break.h: OPLOCK_BREAK: the server takes caching back, and the client gives it (MS-SMB2 2.2.23 to
 * 2.2.25).  One command serves oplocks, which belong to an open, and leases, which belong to a key; they
 * differ in StructureSize. */
#ifndef LSMB_PROTO_OPLOCK_BREAK_H
#define LSMB_PROTO_OPLOCK_BREAK_H

#include "proto/create.h"
#include "proto/create_context.h"

enum { SMB2_OPLOCK_BREAK_LEN = 24, SMB2_LEASE_BREAK_LEN = 44, SMB2_LEASE_ACK_LEN = 36 };

enum smb2_lease_break_flags { /* MS-SMB2 2.2.23.2 */
                              SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED = 0x00000001,
};

/* The server says what is left of an oplock or lease.  MS-SMB2 2.2.23.1, 2.2.23.2. */
struct smb2_break_notice {
    bool lease;
    struct smb2_file_id file; /* oplock: of the open */
    uint8_t level;            /* oplock: SMB2_OPLOCK_LEVEL_NONE or _II */
    uint8_t key[SMB2_LEASE_KEY_LEN];
    uint16_t epoch;                    /* lease version 2: counts changes of the state */
    uint32_t flags;                    /* lease: enum smb2_lease_break_flags */
    uint32_t current_state, new_state; /* lease: enum smb2_lease_state */
};
void smb2_break_notice_put(struct wr *w, const struct smb2_break_notice *notice);

/* Beside its form this checks that nothing is given by it: a level is none or II, and a lease's new state is
 * part of the current one. */
bool smb2_break_notice_get(struct smb2_break_notice *out, struct span msg);

/* The client's acknowledgment, and the server's response to it, which has the same form.  MS-SMB2 2.2.24.1,
 * 2.2.24.2, 2.2.25.1, 2.2.25.2. */
struct smb2_break_ack {
    bool lease;
    struct smb2_file_id file;        /* oplock */
    uint8_t level;                   /* oplock: what is kept */
    uint8_t key[SMB2_LEASE_KEY_LEN]; /* lease */
    uint32_t state;                  /* lease: what is kept */
};
void smb2_break_ack_put(struct wr *w, const struct smb2_break_ack *ack);
bool smb2_break_ack_get(struct smb2_break_ack *out, struct span msg);

#endif
