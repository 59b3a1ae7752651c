/* negotiate.h: NEGOTIATE and its contexts (MS-SMB2 2.2.3, 2.2.4). */
#ifndef LSMB_PROTO_NEGOTIATE_H
#define LSMB_PROTO_NEGOTIATE_H

#include "proto/header.h"

/* MS-SMB2 2.2.3. */
enum smb2_dialect {
    SMB2_DIALECT_202 = 0x0202,
    SMB2_DIALECT_210 = 0x0210,
    SMB2_DIALECT_WILDCARD = 0x02FF, /* answer to a multi-protocol NEGOTIATE only */
    SMB2_DIALECT_300 = 0x0300,
    SMB2_DIALECT_302 = 0x0302,
    SMB2_DIALECT_311 = 0x0311,
};

/* MS-SMB2 2.2.3. */
enum smb2_security_mode {
    SMB2_NEGOTIATE_SIGNING_ENABLED = 0x01,
    SMB2_NEGOTIATE_SIGNING_REQUIRED = 0x02,
};

/* MS-SMB2 2.2.3. */
enum smb2_global_cap {
    SMB2_GLOBAL_CAP_DFS = 0x01,
    SMB2_GLOBAL_CAP_LEASING = 0x02,
    SMB2_GLOBAL_CAP_LARGE_MTU = 0x04,
    SMB2_GLOBAL_CAP_MULTI_CHANNEL = 0x08,
    SMB2_GLOBAL_CAP_PERSISTENT_HANDLES = 0x10,
    SMB2_GLOBAL_CAP_DIRECTORY_LEASING = 0x20,
    SMB2_GLOBAL_CAP_ENCRYPTION = 0x40, /* has a meaning in 3.0 and 3.0.2 only */
    SMB2_GLOBAL_CAP_NOTIFICATIONS = 0x80,
};

/* MS-SMB2 2.2.3.1. */
enum smb2_negotiate_context_type {
    SMB2_PREAUTH_INTEGRITY_CAPABILITIES = 0x0001,
    SMB2_ENCRYPTION_CAPABILITIES = 0x0002,
    SMB2_COMPRESSION_CAPABILITIES = 0x0003,
    SMB2_NETNAME_NEGOTIATE_CONTEXT_ID = 0x0005,
    SMB2_SIGNING_CAPABILITIES = 0x0008,
};

enum smb2_hash_algorithm { SMB2_HASH_SHA_512 = 1 }; /* MS-SMB2 2.2.3.1.1 */

/* MS-SMB2 2.2.3.1.2. */
enum smb2_cipher {
    SMB2_CIPHER_NONE = 0, /* in a reply: none of those offered */
    SMB2_CIPHER_AES_128_CCM = 1,
    SMB2_CIPHER_AES_128_GCM = 2,
    SMB2_CIPHER_AES_256_CCM = 3,
    SMB2_CIPHER_AES_256_GCM = 4,
};

/* MS-SMB2 2.2.3.1.7. */
enum smb2_signing_algorithm {
    SMB2_SIGNING_HMAC_SHA256 = 0,
    SMB2_SIGNING_AES_CMAC = 1,
    SMB2_SIGNING_AES_GMAC = 2,
};

/* MS-SMB2 2.2.3.1.3. */
enum smb2_compression_algorithm {
    SMB2_COMPRESSION_NONE = 0,
    SMB2_COMPRESSION_LZNT1 = 1,
    SMB2_COMPRESSION_LZ77 = 2,
    SMB2_COMPRESSION_LZ77_HUFFMAN = 3,
    SMB2_COMPRESSION_PATTERN_V1 = 4,
    SMB2_COMPRESSION_LZ4 = 5,
};

enum smb2_compression_flags { SMB2_COMPRESSION_CAPABILITIES_FLAG_CHAINED = 1 };

enum {
    SMB2_DIALECTS_MAX = 8,
    SMB2_ALGORITHMS_MAX = 16,
    SMB2_NEGOTIATE_REPLY_LEN = 64, /* the body before its buffers */
};

/* What one context lists, in order of preference. */
struct smb2_algorithms {
    bool present; /* there is such a context; put: write one */
    uint16_t count;
    uint16_t id[SMB2_ALGORITHMS_MAX];
};

/* The contexts of a 3.1.1 request or reply (MS-SMB2 2.2.3.1, 2.2.4.1). */
struct smb2_negotiate_contexts {
    struct smb2_algorithms hash, cipher, compression, signing;
    struct span salt;           /* of the hash */
    uint32_t compression_flags; /* enum smb2_compression_flags */
    bool has_netname;
    struct span netname; /* the server's name as the client knows it, UTF-16LE without NUL */
    uint16_t unknown;    /* get: contexts of other types, which are ignored */
    bool duplicate;      /* get: some type came twice; the first one is what is given here */
};

struct smb2_negotiate_request {
    uint16_t security_mode; /* enum smb2_security_mode */
    uint32_t capabilities;  /* enum smb2_global_cap */
    uint8_t client_guid[16];
    uint16_t dialect_count;
    uint16_t dialects[SMB2_DIALECTS_MAX];
    struct smb2_negotiate_contexts contexts; /* on the wire only when 3.1.1 is among the dialects */
};

struct smb2_negotiate_reply {
    uint16_t security_mode; /* enum smb2_security_mode */
    uint16_t dialect;       /* enum smb2_dialect */
    uint8_t server_guid[16];
    uint32_t capabilities;                      /* enum smb2_global_cap */
    uint32_t max_transact, max_read, max_write; /* bytes */
    uint64_t system_time, server_start_time;    /* FILETIME */
    struct span token;                          /* GSS; may be empty */
    struct smb2_negotiate_contexts contexts;    /* on the wire only when the dialect is 3.1.1 */
};

void smb2_negotiate_request_put(struct wr *w, const struct smb2_negotiate_request *q);
bool smb2_negotiate_request_get(struct smb2_negotiate_request *out, struct span msg);

void smb2_negotiate_reply_put(struct wr *w, const struct smb2_negotiate_reply *a);

/* Beside its form this checks what a reply may list: exactly one hash, cipher and signing algorithm
 * in a context that is present (MS-SMB2 3.2.5.2).  Whether they were offered, whether the hash is
 * present and what follows from `duplicate` is for the caller to judge. */
bool smb2_negotiate_reply_get(struct smb2_negotiate_reply *out, struct span msg);

#endif
