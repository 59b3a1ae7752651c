/* create.h: CREATE and the list of its contexts (MS-SMB2 2.2.13, 2.2.14). */
#ifndef LSMB_PROTO_CREATE_H
#define LSMB_PROTO_CREATE_H

#include "proto/header.h"
#include "proto/walk.h"

/* MS-SMB2 2.2.13. */
enum smb2_oplock_level {
    SMB2_OPLOCK_LEVEL_NONE = 0x00,
    SMB2_OPLOCK_LEVEL_II = 0x01,
    SMB2_OPLOCK_LEVEL_EXCLUSIVE = 0x08,
    SMB2_OPLOCK_LEVEL_BATCH = 0x09,
    SMB2_OPLOCK_LEVEL_LEASE = 0xFF,
};

enum smb2_impersonation { SMB2_IMPERSONATION = 2 }; /* MS-SMB2 2.2.13: the level servers expect */

/* MS-SMB2 2.2.13.1. */
enum smb2_access {
    FILE_READ_DATA = 0x00000001, /* of a directory: list it */
    FILE_WRITE_DATA = 0x00000002,
    FILE_APPEND_DATA = 0x00000004,
    FILE_READ_EA = 0x00000008,
    FILE_WRITE_EA = 0x00000010,
    FILE_EXECUTE = 0x00000020,
    FILE_DELETE_CHILD = 0x00000040,
    FILE_READ_ATTRIBUTES = 0x00000080,
    FILE_WRITE_ATTRIBUTES = 0x00000100,
    ACCESS_DELETE = 0x00010000,
    ACCESS_READ_CONTROL = 0x00020000,
    ACCESS_WRITE_DAC = 0x00040000,
    ACCESS_WRITE_OWNER = 0x00080000,
    ACCESS_SYNCHRONIZE = 0x00100000,
    ACCESS_SYSTEM_SECURITY = 0x01000000, /* read and write the SACL */
    ACCESS_MAXIMUM_ALLOWED = 0x02000000,
};

/* MS-SMB2 2.2.13. */
enum smb2_share_access {
    FILE_SHARE_READ = 0x01,
    FILE_SHARE_WRITE = 0x02,
    FILE_SHARE_DELETE = 0x04,
};

/* MS-SMB2 2.2.13. */
enum smb2_create_disposition {
    FILE_SUPERSEDE = 0,
    FILE_OPEN = 1,
    FILE_CREATE = 2,
    FILE_OPEN_IF = 3,
    FILE_OVERWRITE = 4,
    FILE_OVERWRITE_IF = 5,
};

/* MS-SMB2 2.2.13; those that a client sets. */
enum smb2_create_options {
    FILE_DIRECTORY_FILE = 0x00000001,
    FILE_WRITE_THROUGH = 0x00000002,
    FILE_SEQUENTIAL_ONLY = 0x00000004,
    FILE_NON_DIRECTORY_FILE = 0x00000040,
    FILE_DELETE_ON_CLOSE = 0x00001000,
    FILE_OPEN_REPARSE_POINT = 0x00200000,
};

/* MS-SMB2 2.2.14. */
enum smb2_create_action {
    FILE_SUPERSEDED = 0,
    FILE_OPENED = 1,
    FILE_CREATED = 2,
    FILE_OVERWRITTEN = 3,
};

enum smb2_create_reply_flags { SMB2_CREATE_FLAG_REPARSEPOINT = 0x01 }; /* 3.x, MS-SMB2 2.2.14 */

/* Names of contexts, four letters each (MS-SMB2 2.2.13.2). */
#define SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST "MxAc"
#define SMB2_CREATE_QUERY_ON_DISK_ID             "QFid"

struct smb2_create_request {
    uint8_t oplock;         /* enum smb2_oplock_level */
    uint32_t impersonation; /* enum smb2_impersonation */
    uint32_t desired_access, file_attributes, share_access, disposition, options;
    struct span name;     /* UTF-16LE, '\' between components and none in front; empty = the root */
    struct span contexts; /* a list; empty = none */
};

struct smb2_create_reply {
    uint8_t oplock;  /* enum smb2_oplock_level; get: a level that does not exist is given as NONE */
    uint8_t flags;   /* enum smb2_create_reply_flags */
    uint32_t action; /* enum smb2_create_action */
    uint64_t created, accessed, written, changed; /* FILETIME */
    uint64_t allocation_size, end_of_file;        /* bytes */
    uint32_t file_attributes;
    struct smb2_file_id file;
    struct span contexts; /* a list, found well-formed by get; empty = none */
};

void smb2_create_request_put(struct wr *w, const struct smb2_create_request *q);
bool smb2_create_request_get(struct smb2_create_request *out, struct span msg);
void smb2_create_reply_put(struct wr *w, const struct smb2_create_reply *a);
bool smb2_create_reply_get(struct smb2_create_reply *out, struct span msg);

/* One context: a tag and what it carries; each may be empty.  MS-SMB2 2.2.13.2. */
struct smb2_create_context {
    struct span name, data;
};

/* The next context of a list; false at its end or where it is malformed (walk_ok tells). */
bool smb2_create_context_next(struct walk *list, struct smb2_create_context *out);

/* Find the first context of a name; false when the list has none.  `data` is borrowed. */
bool smb2_create_context_find(struct span list, const char *name, struct span *data);

/* Append a context to a list written from position 0 of `w`; wr_written(w) is the list. */
void smb2_create_context_put(struct wr *w, const char *name, struct span data);

/* The answer to MxAc, whose request carries nothing.  MS-SMB2 2.2.14.2.5. */
struct smb2_maximal_access {
    uint32_t query_status; /* NTSTATUS; the access is meaningful only when this is success */
    uint32_t maximal_access;
};
void smb2_maximal_access_put(struct wr *w, const struct smb2_maximal_access *a);
bool smb2_maximal_access_get(struct smb2_maximal_access *out, struct span data);

/* The answer to QFid, whose request carries nothing.  MS-SMB2 2.2.14.2.9. */
struct smb2_disk_id {
    uint64_t disk_file_id, volume_id;
};
void smb2_disk_id_put(struct wr *w, const struct smb2_disk_id *a);
bool smb2_disk_id_get(struct smb2_disk_id *out, struct span data);

#endif
