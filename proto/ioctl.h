/* ioctl.h: IOCTL (MS-SMB2 2.2.31, 2.2.32) and VALIDATE_NEGOTIATE_INFO (2.2.31.4, 2.2.32.6). */
#ifndef LSMB_PROTO_IOCTL_H
#define LSMB_PROTO_IOCTL_H

#include "proto/negotiate.h"

/* MS-SMB2 2.2.31, MS-FSCC 2.3. */
enum smb2_fsctl {
    FSCTL_DFS_GET_REFERRALS = 0x00060194,
    FSCTL_DFS_GET_REFERRALS_EX = 0x000601B0,
    FSCTL_SET_REPARSE_POINT = 0x000900A4,
    FSCTL_GET_REPARSE_POINT = 0x000900A8,
    FSCTL_SET_SPARSE = 0x000900C4,
    FSCTL_QUERY_ALLOCATED_RANGES = 0x000940CF,
    FSCTL_SET_ZERO_DATA = 0x000980C8,
    FSCTL_PIPE_WAIT = 0x00110018,
    FSCTL_PIPE_PEEK = 0x0011400C,
    FSCTL_PIPE_TRANSCEIVE = 0x0011C017,
    FSCTL_SRV_REQUEST_RESUME_KEY = 0x00140078,
    FSCTL_LMR_REQUEST_RESILIENCY = 0x001401D4,
    FSCTL_QUERY_NETWORK_INTERFACE_INFO = 0x001401FC,
    FSCTL_VALIDATE_NEGOTIATE_INFO = 0x00140204,
    FSCTL_SRV_ENUMERATE_SNAPSHOTS = 0x00144064,
    FSCTL_SRV_COPYCHUNK = 0x001440F2,
    FSCTL_SRV_COPYCHUNK_WRITE = 0x001480F2,
};

enum smb2_ioctl_flags { SMB2_0_IOCTL_IS_FSCTL = 0x00000001 };

struct smb2_ioctl_request {
    uint32_t ctl_code;        /* enum smb2_fsctl */
    struct smb2_file_id file; /* SMB2_FILE_ID_NONE for what concerns no file */
    struct span input;
    uint32_t max_input_response, max_output_response; /* bytes */
    uint32_t flags;                                   /* enum smb2_ioctl_flags */
};

struct smb2_ioctl_reply {
    uint32_t ctl_code;
    struct smb2_file_id file;
    struct span input; /* what the server echoes; mostly empty */
    struct span output;
};

void smb2_ioctl_request_put(struct wr *w, const struct smb2_ioctl_request *q);
bool smb2_ioctl_request_get(struct smb2_ioctl_request *out, struct span msg);
void smb2_ioctl_reply_put(struct wr *w, const struct smb2_ioctl_reply *a);

/* `max_output` is the MaxOutputResponse of the request; a longer output is refused.  Whether
 * CtlCode and FileId are the request's is for the caller to compare. */
bool smb2_ioctl_reply_get(struct smb2_ioctl_reply *out, struct span msg, uint32_t max_output);

enum { SMB2_VALIDATE_NEGOTIATE_REPLY_LEN = 24 };

/* Input of FSCTL_VALIDATE_NEGOTIATE_INFO: what the client said in NEGOTIATE. */
struct smb2_validate_negotiate_request {
    uint32_t capabilities;
    uint8_t client_guid[16];
    uint16_t security_mode;
    uint16_t dialect_count;
    uint16_t dialects[SMB2_DIALECTS_MAX];
};

/* Its output: what the server answered in NEGOTIATE. */
struct smb2_validate_negotiate_reply {
    uint32_t capabilities;
    uint8_t server_guid[16];
    uint16_t security_mode;
    uint16_t dialect;
};

/* These are the bytes of the IOCTL's input and output, not messages. */
void smb2_validate_negotiate_request_put(struct wr *w,
                                         const struct smb2_validate_negotiate_request *q);
bool smb2_validate_negotiate_request_get(struct smb2_validate_negotiate_request *out,
                                         struct span input);
void smb2_validate_negotiate_reply_put(struct wr *w, const struct smb2_validate_negotiate_reply *a);
bool smb2_validate_negotiate_reply_get(struct smb2_validate_negotiate_reply *out,
                                       struct span output);

#endif
