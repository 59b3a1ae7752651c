/* notify.h: CHANGE_NOTIFY (MS-SMB2 2.2.35, 2.2.36) and what it lists (MS-FSCC 2.7.1). */
#ifndef LSMB_PROTO_NOTIFY_H
#define LSMB_PROTO_NOTIFY_H

#include "proto/header.h"
#include "proto/walk.h"

enum { SMB2_NOTIFY_REQUEST_LEN = 32, SMB2_NOTIFY_REPLY_LEN = 8 };

enum smb2_notify_flags { SMB2_WATCH_TREE = 0x0001 }; /* MS-SMB2 2.2.35 */

/* CompletionFilter.  MS-SMB2 2.2.35. */
enum smb2_notify_filter {
    FILE_NOTIFY_CHANGE_FILE_NAME = 0x00000001,
    FILE_NOTIFY_CHANGE_DIR_NAME = 0x00000002,
    FILE_NOTIFY_CHANGE_ATTRIBUTES = 0x00000004,
    FILE_NOTIFY_CHANGE_SIZE = 0x00000008,
    FILE_NOTIFY_CHANGE_LAST_WRITE = 0x00000010,
    FILE_NOTIFY_CHANGE_LAST_ACCESS = 0x00000020,
    FILE_NOTIFY_CHANGE_CREATION = 0x00000040,
    FILE_NOTIFY_CHANGE_EA = 0x00000080,
    FILE_NOTIFY_CHANGE_SECURITY = 0x00000100,
    FILE_NOTIFY_CHANGE_STREAM_NAME = 0x00000200,
    FILE_NOTIFY_CHANGE_STREAM_SIZE = 0x00000400,
    FILE_NOTIFY_CHANGE_STREAM_WRITE = 0x00000800,
    FILE_NOTIFY_CHANGE_ALL = 0x00000FFF,
};

struct smb2_notify_request {
    uint16_t flags;         /* enum smb2_notify_flags */
    uint32_t output_length; /* bytes of changes that may come back */
    struct smb2_file_id file;
    uint32_t filter; /* enum smb2_notify_filter */
};

struct smb2_notify_reply {
    struct span changes; /* a list; empty: there were more than fit */
};

void smb2_notify_request_put(struct wr *w, const struct smb2_notify_request *q);
bool smb2_notify_request_get(struct smb2_notify_request *out, struct span msg);
void smb2_notify_reply_put(struct wr *w, const struct smb2_notify_reply *a);

/* `asked` is the request's OutputBufferLength; a server that returns more is refused. */
bool smb2_notify_reply_get(struct smb2_notify_reply *out, struct span msg, uint32_t asked);

/* MS-FSCC 2.7.1; others are about streams and object ids. */
enum file_action {
    FILE_ACTION_ADDED = 0x00000001,
    FILE_ACTION_REMOVED = 0x00000002,
    FILE_ACTION_MODIFIED = 0x00000003,
    FILE_ACTION_RENAMED_OLD_NAME = 0x00000004,
    FILE_ACTION_RENAMED_NEW_NAME = 0x00000005,
};

/* One change. */
struct file_notify_information {
    uint32_t action;  /* enum file_action */
    struct span name; /* from the directory that is watched, UTF-16LE */
};

/* The next change of a list; false at its end or where it is malformed (walk_ok tells). */
bool file_notify_information_next(struct walk *list, struct file_notify_information *out);

/* Append a change to a list written from position 0 of `w`. */
void file_notify_information_put(struct wr *w, const struct file_notify_information *change);

#endif
