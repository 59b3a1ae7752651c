/* error.h: the ERROR response (MS-SMB2 2.2.2), and which replies are one. */
#ifndef LSMB_PROTO_ERROR_H
#define LSMB_PROTO_ERROR_H

#include "proto/header.h"

/* MS-SMB2 2.2.2.1. */
enum smb2_error_id {
    SMB2_ERROR_ID_DEFAULT = 0,
    SMB2_ERROR_ID_SHARE_REDIRECT = 0x72645253,
};

enum smb2_symlink_flags { SYMLINK_FLAG_RELATIVE = 0x00000001 }; /* MS-SMB2 2.2.2.2.1 */

/* Does a reply with this status carry the command's own body?  Every other one is an ERROR
 * response.  Only IOCTL's failures are told apart by the StructureSize in `msg`: the server answers
 * copy-chunk requests in either form (MS-SMB2 3.3.5.15.6). */
bool smb2_reply_has_body(uint16_t command, uint32_t status, struct span msg);

/* Whether the body says that it is an ERROR response's, by its StructureSize. */
bool smb2_is_error_body(struct span msg);

struct smb2_error_reply {
    uint8_t context_count; /* 3.1.1: `data` is a list of contexts; 0 = it is not */
    struct span data;
};

void smb2_error_reply_put(struct wr *w, const struct smb2_error_reply *a);

/* Reads the form with a byte of padding after an empty ErrorData and the one without; contexts are
 * checked. */
bool smb2_error_reply_get(struct smb2_error_reply *out, struct span msg);

/* One context of a 3.1.1 ERROR response.  MS-SMB2 2.2.2.1. */
struct smb2_error_context {
    uint32_t error_id; /* enum smb2_error_id */
    struct span data;
};

/* Context number `index`; false beyond the last. */
bool smb2_error_context_at(const struct smb2_error_reply *reply, unsigned index,
                           struct smb2_error_context *out);

/* Append a context to a list written from position 0 of `w`. */
void smb2_error_context_put(struct wr *w, const struct smb2_error_context *context);

/* What STATUS_STOPPED_ON_SYMLINK says.  MS-SMB2 2.2.2.2.1. */
struct smb2_symlink_error {
    uint16_t unparsed_bytes; /* of the tail of the request's name that lies behind the link */
    uint32_t flags;          /* enum smb2_symlink_flags */
    struct span substitute_name, print_name; /* where the link leads, UTF-16LE */
};

/* Find and read it, bare or wrapped in a context.  `name_bytes` is the length of the name that was
 * asked for, which the unparsed tail cannot exceed. */
bool smb2_symlink_error_get(struct smb2_symlink_error *out, const struct smb2_error_reply *reply,
                            size_t name_bytes);

/* Write it as ErrorData or as the data of a context. */
void smb2_symlink_error_put(struct wr *w, const struct smb2_symlink_error *link);

/* What STATUS_BAD_NETWORK_NAME to a TREE_CONNECT says on 3.1.1 when the share is to be reached on another
 * node of the cluster.  MS-SMB2 2.2.2.2.2. */
struct smb2_share_redirect {
    struct span resource_name; /* UTF-16LE */
    struct span addresses;     /* a list: smb2_share_redirect_address() */
};

/* MS-SMB2 2.2.2.2.2.1. */
enum smb2_move_address_type { MOVE_DST_IPADDR_V4 = 1, MOVE_DST_IPADDR_V6 = 2 };
struct smb2_move_address {
    uint32_t type;     /* enum smb2_move_address_type */
    uint8_t bytes[16]; /* the address as it is written, the first 4 of IPv4 */
};

/* Find and read it; false when the reply has none, or a malformed one. */
bool smb2_share_redirect_get(struct smb2_share_redirect *out, const struct smb2_error_reply *reply);

/* Address number `index`; false beyond the last. */
bool smb2_share_redirect_address(const struct smb2_share_redirect *redirect, size_t index,
                                 struct smb2_move_address *out);

/* Append an address to the list of one that is to be written. */
void smb2_move_address_put(struct wr *list, const struct smb2_move_address *address);

/* Write it as the data of a context. */
void smb2_share_redirect_put(struct wr *w, const struct smb2_share_redirect *redirect);

#endif
