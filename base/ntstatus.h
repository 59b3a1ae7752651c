/* ntstatus.h: NTSTATUS values by name, meaning and what the user can do (MS-ERREF 2.3). */
#ifndef LSMB_BASE_NTSTATUS_H
#define LSMB_BASE_NTSTATUS_H

#include "lsmb.h"

/* The values that the code itself looks at; the table has many more. */
enum nt_status {
    STATUS_SUCCESS = 0x00000000,
    STATUS_PENDING = 0x00000103,
    STATUS_NOTIFY_CLEANUP = 0x0000010B,
    STATUS_NOTIFY_ENUM_DIR = 0x0000010C,
    STATUS_BUFFER_OVERFLOW = (int)0x80000005,
    STATUS_NO_MORE_FILES = (int)0x80000006,
    STATUS_STOPPED_ON_SYMLINK = (int)0x8000002D,
    STATUS_NOT_IMPLEMENTED = (int)0xC0000002,
    STATUS_INVALID_INFO_CLASS = (int)0xC0000003,
    STATUS_INFO_LENGTH_MISMATCH = (int)0xC0000004,
    STATUS_INVALID_PARAMETER = (int)0xC000000D,
    STATUS_NO_SUCH_FILE = (int)0xC000000F,
    STATUS_INVALID_DEVICE_REQUEST = (int)0xC0000010,
    STATUS_END_OF_FILE = (int)0xC0000011,
    STATUS_MORE_PROCESSING_REQUIRED = (int)0xC0000016,
    STATUS_ACCESS_DENIED = (int)0xC0000022,
    STATUS_BUFFER_TOO_SMALL = (int)0xC0000023,
    STATUS_OBJECT_NAME_INVALID = (int)0xC0000033,
    STATUS_OBJECT_NAME_NOT_FOUND = (int)0xC0000034,
    STATUS_OBJECT_NAME_COLLISION = (int)0xC0000035,
    STATUS_OBJECT_PATH_NOT_FOUND = (int)0xC000003A,
    STATUS_SHARING_VIOLATION = (int)0xC0000043,
    STATUS_NO_EAS_ON_FILE = (int)0xC0000052,
    STATUS_FILE_LOCK_CONFLICT = (int)0xC0000054,
    STATUS_LOCK_NOT_GRANTED = (int)0xC0000055,
    STATUS_DELETE_PENDING = (int)0xC0000056,
    STATUS_LOGON_FAILURE = (int)0xC000006D,
    STATUS_RANGE_NOT_LOCKED = (int)0xC000007E,
    STATUS_DISK_FULL = (int)0xC000007F,
    STATUS_INSUFFICIENT_RESOURCES = (int)0xC000009A,
    STATUS_FILE_IS_A_DIRECTORY = (int)0xC00000BA,
    STATUS_NOT_SUPPORTED = (int)0xC00000BB,
    STATUS_INVALID_NETWORK_RESPONSE = (int)0xC00000C3,
    STATUS_NETWORK_NAME_DELETED = (int)0xC00000C9,
    STATUS_BAD_NETWORK_NAME = (int)0xC00000CC,
    STATUS_REQUEST_NOT_ACCEPTED = (int)0xC00000D0,
    STATUS_INTERNAL_ERROR = (int)0xC00000E5,
    STATUS_DIRECTORY_NOT_EMPTY = (int)0xC0000101,
    STATUS_NOT_A_DIRECTORY = (int)0xC0000103,
    STATUS_CANCELLED = (int)0xC0000120,
    STATUS_CANNOT_DELETE = (int)0xC0000121,
    STATUS_FILE_CLOSED = (int)0xC0000128,
    STATUS_USER_SESSION_DELETED = (int)0xC0000203,
    STATUS_INSUFF_SERVER_RESOURCES = (int)0xC0000205,
    STATUS_PATH_NOT_COVERED = (int)0xC0000257,
    STATUS_NETWORK_SESSION_EXPIRED = (int)0xC000035C,
    STATUS_REQUEST_OUT_OF_SEQUENCE = (int)0xC000042A,
};

struct nt_status_info {
    uint32_t status;
    enum lsmb_code code; /* how it counts for a caller */
    const char *name;    /* "STATUS_..." */
    const char *meaning; /* plain English */
    const char *advice;  /* what the user can do; "" where nothing general can be said */
};

const struct nt_status_info *nt_status_find(uint32_t status); /* NULL when unknown */

/* "STATUS_ACCESS_DENIED", or "0xC0001234" written into `room` when the table does not know it. */
const char *nt_status_name(uint32_t status, char room[static 11]);

static inline bool nt_status_is(uint32_t status, enum nt_status which)
{
    return status == (uint32_t)which;
}

#endif
