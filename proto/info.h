/* info.h: QUERY_INFO (MS-SMB2 2.2.37, 2.2.38) and SET_INFO (2.2.39, 2.2.40).
 *
 * What they carry is in proto/fscc, proto/volume, proto/ea and proto/security. */
#ifndef LSMB_PROTO_INFO_H
#define LSMB_PROTO_INFO_H

#include "proto/fscc.h"
#include "proto/header.h"
#include "proto/volume.h"

/* MS-SMB2 2.2.37. */
enum smb2_info_type {
    SMB2_0_INFO_FILE = 1,
    SMB2_0_INFO_FILESYSTEM = 2,
    SMB2_0_INFO_SECURITY = 3,
    SMB2_0_INFO_QUOTA = 4,
};

/* Of FileFullEaInformation alone.  MS-SMB2 2.2.37. */
enum smb2_query_info_flags {
    SL_RESTART_SCAN = 0x00000001,
    SL_RETURN_SINGLE_ENTRY = 0x00000002,
    SL_INDEX_SPECIFIED = 0x00000004,
};

struct smb2_query_info_request {
    uint8_t info_type;      /* enum smb2_info_type */
    uint8_t info_class;     /* enum file_information_class or enum fs_information_class */
    uint32_t output_length; /* bytes wanted */
    uint32_t additional_information;
    uint32_t flags; /* enum smb2_query_info_flags */
    struct smb2_file_id file;
    struct span input;
};

struct smb2_query_info_reply {
    struct span data;
};

struct smb2_set_info_request {
    uint8_t info_type;
    uint8_t info_class;
    uint32_t additional_information;
    struct smb2_file_id file;
    struct span data;
};

void smb2_query_info_request_put(struct wr *w, const struct smb2_query_info_request *q);
bool smb2_query_info_request_get(struct smb2_query_info_request *out, struct span msg);
void smb2_query_info_reply_put(struct wr *w, const struct smb2_query_info_reply *a);

/* `asked` is the OutputBufferLength of the request; more is refused. */
bool smb2_query_info_reply_get(struct smb2_query_info_reply *out, struct span msg, uint32_t asked);

/* How many bytes it takes, from an ERROR reply with STATUS_BUFFER_TOO_SMALL; bare or in a 3.1.1 error
 * context.  MS-SMB2 2.2.2. */
bool smb2_needed_length_get(uint32_t *out, struct span msg);

void smb2_set_info_request_put(struct wr *w, const struct smb2_set_info_request *q);
bool smb2_set_info_request_get(struct smb2_set_info_request *out, struct span msg);
void smb2_set_info_reply_put(struct wr *w);
bool smb2_set_info_reply_get(struct span msg);

#endif
