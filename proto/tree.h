/* tree.h: TREE_CONNECT (MS-SMB2 2.2.9, 2.2.10).  TREE_DISCONNECT has an empty body: see misc.h. */
#ifndef LSMB_PROTO_TREE_H
#define LSMB_PROTO_TREE_H

#include "proto/header.h"

/* MS-SMB2 2.2.10. */
enum smb2_share_type {
    SMB2_SHARE_TYPE_DISK = 0x01,
    SMB2_SHARE_TYPE_PIPE = 0x02,
    SMB2_SHARE_TYPE_PRINT = 0x03,
};

/* MS-SMB2 2.2.10; those that a client acts on. */
enum smb2_share_flags {
    SMB2_SHAREFLAG_DFS = 0x00000001,
    SMB2_SHAREFLAG_DFS_ROOT = 0x00000002,
    SMB2_SHAREFLAG_ENCRYPT_DATA = 0x00008000,
    SMB2_SHAREFLAG_COMPRESS_DATA = 0x00100000,
};

/* MS-SMB2 2.2.10. */
enum smb2_share_cap {
    SMB2_SHARE_CAP_DFS = 0x00000008,
    SMB2_SHARE_CAP_CONTINUOUS_AVAILABILITY = 0x00000010,
    SMB2_SHARE_CAP_SCALEOUT = 0x00000020,
    SMB2_SHARE_CAP_CLUSTER = 0x00000040,
    SMB2_SHARE_CAP_ASYMMETRIC = 0x00000080,
    SMB2_SHARE_CAP_REDIRECT_TO_OWNER = 0x00000100,
};

struct smb2_tree_connect_request {
    uint16_t flags;   /* 3.1.1 only; 0 */
    struct span path; /* "\\server\share", UTF-16LE without NUL */
};

struct smb2_tree_connect_reply {
    uint8_t share_type;    /* enum smb2_share_type */
    uint32_t share_flags;  /* enum smb2_share_flags */
    uint32_t capabilities; /* enum smb2_share_cap */
    uint32_t maximal_access;
};

void smb2_tree_connect_request_put(struct wr *w, const struct smb2_tree_connect_request *q);
bool smb2_tree_connect_request_get(struct smb2_tree_connect_request *out, struct span msg);
void smb2_tree_connect_reply_put(struct wr *w, const struct smb2_tree_connect_reply *a);
bool smb2_tree_connect_reply_get(struct smb2_tree_connect_reply *out, struct span msg);

#endif
