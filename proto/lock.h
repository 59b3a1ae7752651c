/* lock.h: LOCK (MS-SMB2 2.2.26).  Its reply has an empty body: see misc.h (2.2.27). */
#ifndef LSMB_PROTO_LOCK_H
#define LSMB_PROTO_LOCK_H

#include "proto/header.h"

enum {
    SMB2_LOCK_REQUEST_LEN = 24, /* before the elements */
    SMB2_LOCK_ELEMENT_LEN = 24,
};

/* MS-SMB2 2.2.26.1. */
enum smb2_lock_flags {
    SMB2_LOCKFLAG_SHARED_LOCK = 0x00000001,
    SMB2_LOCKFLAG_EXCLUSIVE_LOCK = 0x00000002,
    SMB2_LOCKFLAG_UNLOCK = 0x00000004,
    SMB2_LOCKFLAG_FAIL_IMMEDIATELY = 0x00000010,
};

/* One range.  MS-SMB2 2.2.26.1. */
struct smb2_lock_element {
    uint64_t offset, length; /* bytes */
    uint32_t flags;          /* enum smb2_lock_flags */
};

struct smb2_lock_request {
    uint8_t sequence_number; /* 4 bits; for handles that survive the connection, else 0 */
    uint32_t sequence_index; /* 28 bits, likewise */
    struct smb2_file_id file;
    struct span elements; /* SMB2_LOCK_ELEMENT_LEN bytes each; at least one */
};

/* Append an element to what will be `elements`. */
void smb2_lock_element_put(struct wr *w, const struct smb2_lock_element *element);

/* Element number `index`; false beyond the last. */
bool smb2_lock_element_at(const struct smb2_lock_request *q, size_t index,
                          struct smb2_lock_element *out);

void smb2_lock_request_put(struct wr *w, const struct smb2_lock_request *q);

/* A request without an element, or with fewer than LockCount says, is refused. */
bool smb2_lock_request_get(struct smb2_lock_request *out, struct span msg);

#endif
