/* transform.h: the header of a sealed frame (MS-SMB2 2.2.41). */
#ifndef LSMB_PROTO_TRANSFORM_H
#define LSMB_PROTO_TRANSFORM_H

#include "proto/header.h"

enum {
    SMB2_TRANSFORM_LEN = 52,
    /* What is authenticated beside the message: Nonce to the end of the header, MS-SMB2 3.1.4.3. */
    SMB2_TRANSFORM_AAD_OFFSET = 20,
    SMB2_TRANSFORM_AAD_LEN = 32,
    SMB2_TRANSFORM_NONCE_LEN = 16, /* CCM uses 11 of them, GCM 12 */
    /* Flags; in 3.0 and 3.0.2 the same value means AES-128-CCM. */
    SMB2_TRANSFORM_ENCRYPTED = 0x0001,
};

struct smb2_transform {
    uint8_t signature[16];                   /* the tag */
    uint8_t nonce[SMB2_TRANSFORM_NONCE_LEN]; /* its unused end is authenticated too */
    uint32_t original_message_size;          /* bytes that follow this header */
    uint64_t session_id;
};

/* Write the 52 bytes. */
void smb2_transform_put(struct wr *w, const struct smb2_transform *t);

/* Read the header at the start of a frame.  False unless ProtocolId and Flags are right and
 * OriginalMessageSize is what follows, which is not nothing.  MS-SMB2 3.2.5.1.1.1. */
bool smb2_transform_get(struct smb2_transform *out, struct span frame);

#endif
