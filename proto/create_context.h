/* create_context.h: what the contexts of CREATE carry (MS-SMB2 2.2.13.2, 2.2.14.2).
 *
 * A list is put together and taken apart in proto/create.h, which gives out name and data of every
 * context, known here or not.  These are the codecs of the data; QFid and the answer to MxAc are there.
 *
 *   ..._put()            write the data of one context
 *   ..._get(out, data)   read it; false unless it has exactly the size that it should have
 *
 * Where no structure is named, the data is a span of its own kind: ExtA holds FILE_FULL_EA_INFORMATION
 * (MS-FSCC 2.4.16), SecD a self-relative security descriptor (MS-DTYP 2.4.6). */
#ifndef LSMB_PROTO_CREATE_CONTEXT_H
#define LSMB_PROTO_CREATE_CONTEXT_H

#include "proto/header.h"

/* Names, four letters each but for two that are GUIDs (MS-SMB2 2.2.13.2). */
#define SMB2_CREATE_EA_BUFFER                   "ExtA"
#define SMB2_CREATE_SD_BUFFER                   "SecD"
#define SMB2_CREATE_DURABLE_HANDLE_REQUEST      "DHnQ"
#define SMB2_CREATE_DURABLE_HANDLE_RECONNECT    "DHnC"
#define SMB2_CREATE_ALLOCATION_SIZE             "AlSi"
#define SMB2_CREATE_TIMEWARP_TOKEN              "TWrp"
#define SMB2_CREATE_REQUEST_LEASE               "RqLs" /* both versions */
#define SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2   "DH2Q"
#define SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2 "DH2C"
#define SMB2_CREATE_APP_INSTANCE_ID                                                                \
    "\x45\xBC\xA6\x6A\xEF\xA7\xF7\x4A\x90\x08\xFA\x46\x2E\x14\x4D\x74"
#define SMB2_CREATE_APP_INSTANCE_VERSION                                                           \
    "\xB9\x82\xD0\xB7\x3B\x56\x07\x4F\xA0\x7B\x52\x4A\x81\x16\xA0\x10"

enum { SMB2_GUID_LEN = 16, SMB2_LEASE_KEY_LEN = 16 };

/* ---------------------------------------------------------------- durable handles, version 1 */

/* DHnQ: asks, and says nothing (MS-SMB2 2.2.13.2.3, 2.2.14.2.3). */
void smb2_durable_request_put(struct wr *w);
bool smb2_durable_request_get(struct span data);
void smb2_durable_reply_put(struct wr *w);
bool smb2_durable_reply_get(struct span data);

/* DHnC: the open as it was known before the connection was lost.  Answered without a context of its
 * own (MS-SMB2 2.2.13.2.4, 2.2.14.2.4). */
void smb2_durable_reconnect_put(struct wr *w, struct smb2_file_id file);
bool smb2_durable_reconnect_get(struct smb2_file_id *out, struct span data);

/* ---------------------------------------------------------------- version 2, 3.x */

/* MS-SMB2 2.2.13.2.11: survives the server's restart, too. */
enum smb2_durable_v2_flags { SMB2_DHANDLE_FLAG_PERSISTENT = 0x00000002 };

/* DH2Q.  The CreateGuid is the open's own: a CREATE that is replayed with it opens nothing twice. */
struct smb2_durable_v2_request {
    uint32_t timeout_ms; /* how long the server is to keep it; 0 = as long as it likes */
    uint32_t flags;      /* enum smb2_durable_v2_flags */
    uint8_t create_guid[SMB2_GUID_LEN];
};
void smb2_durable_v2_request_put(struct wr *w, const struct smb2_durable_v2_request *q);
bool smb2_durable_v2_request_get(struct smb2_durable_v2_request *out, struct span data);

/* The answer.  MS-SMB2 2.2.14.2.12. */
struct smb2_durable_v2_reply {
    uint32_t timeout_ms; /* how long it will keep it */
    uint32_t flags;      /* enum smb2_durable_v2_flags */
};
void smb2_durable_v2_reply_put(struct wr *w, const struct smb2_durable_v2_reply *a);
bool smb2_durable_v2_reply_get(struct smb2_durable_v2_reply *out, struct span data);

/* DH2C.  MS-SMB2 2.2.13.2.12. */
struct smb2_durable_v2_reconnect {
    struct smb2_file_id file;
    uint8_t create_guid[SMB2_GUID_LEN];
    uint32_t flags; /* enum smb2_durable_v2_flags */
};
void smb2_durable_v2_reconnect_put(struct wr *w, const struct smb2_durable_v2_reconnect *q);
bool smb2_durable_v2_reconnect_get(struct smb2_durable_v2_reconnect *out, struct span data);

/* ---------------------------------------------------------------- leases */

/* MS-SMB2 2.2.13.2.8. */
enum smb2_lease_state {
    SMB2_LEASE_READ_CACHING = 0x01,
    SMB2_LEASE_HANDLE_CACHING = 0x02,
    SMB2_LEASE_WRITE_CACHING = 0x04,
};

/* MS-SMB2 2.2.13.2.10, 2.2.14.2.11. */
enum smb2_lease_flags {
    SMB2_LEASE_FLAG_BREAK_IN_PROGRESS = 0x00000002,    /* in replies */
    SMB2_LEASE_FLAG_PARENT_LEASE_KEY_SET = 0x00000004, /* version 2 */
};

/* RqLs, the same in request and reply; a server answers in the version that it was asked in.
 * MS-SMB2 2.2.13.2.8, 2.2.13.2.10, 2.2.14.2.10, 2.2.14.2.11. */
struct smb2_lease {
    bool v2; /* get: known by its size */
    uint8_t key[SMB2_LEASE_KEY_LEN];
    uint32_t state;                         /* enum smb2_lease_state */
    uint32_t flags;                         /* enum smb2_lease_flags */
    uint8_t parent_key[SMB2_LEASE_KEY_LEN]; /* version 2: of the directory it is in */
    uint16_t epoch;                         /* version 2: counts changes of the state */
};
void smb2_lease_put(struct wr *w, const struct smb2_lease *lease);
bool smb2_lease_get(struct smb2_lease *out, struct span data);

/* ---------------------------------------------------------------- the others */

/* MxAc asks with a time, and then is answered only for a file written later, or with nothing.
 * `modified` is FILETIME; 0 = ask in any case.  MS-SMB2 2.2.13.2.5. */
void smb2_maximal_access_request_put(struct wr *w, uint64_t modified);
bool smb2_maximal_access_request_get(uint64_t *modified, struct span data);

/* AlSi: bytes to set aside.  MS-SMB2 2.2.13.2.6. */
void smb2_allocation_size_put(struct wr *w, uint64_t bytes);
bool smb2_allocation_size_get(uint64_t *bytes, struct span data);

/* TWrp: the snapshot to open the file in, by its time (FILETIME).  MS-SMB2 2.2.13.2.7. */
void smb2_timewarp_put(struct wr *w, uint64_t time);
bool smb2_timewarp_get(uint64_t *time, struct span data);

/* Which program opens: an open of the same one on another node is closed for it.
 * MS-SMB2 2.2.13.2.13. */
struct smb2_app_instance_id {
    uint8_t id[SMB2_GUID_LEN];
};
void smb2_app_instance_id_put(struct wr *w, const struct smb2_app_instance_id *q);
bool smb2_app_instance_id_get(struct smb2_app_instance_id *out, struct span data);

/* And in which incarnation: an older one does not close a newer one's open (3.1.1).
 * MS-SMB2 2.2.13.2.15. */
struct smb2_app_instance_version {
    uint64_t high, low;
};
void smb2_app_instance_version_put(struct wr *w, const struct smb2_app_instance_version *q);
bool smb2_app_instance_version_get(struct smb2_app_instance_version *out, struct span data);

#endif
