/* nbss.h: how messages are framed on a stream (MS-SMB2 2.1, RFC 1002 4.3) and NetBIOS names
 * (RFC 1001 14.1). */
#ifndef LSMB_PROTO_NBSS_H
#define LSMB_PROTO_NBSS_H

#include "proto/bytes.h"

enum {
    NBSS_PREFIX_LEN = 4,
    NBSS_DIRECT_MAX = 0xFFFFFF, /* most bytes in a frame over direct TCP */
    NBSS_SESSION_MAX = 0x1FFFF, /* and over a NetBIOS session */
    NBSS_NAME_LEN = 34,         /* an encoded name with its length and its final zero */
    NBSS_NAME_TEXT_MAX = 15,    /* bytes of a name, its suffix not counted */
    NBSS_REQUEST_LEN = 72,      /* a whole SESSION REQUEST */
};

/* RFC 1002 4.3.1. */
enum nbss_type {
    NBSS_MESSAGE = 0x00,
    NBSS_SESSION_REQUEST = 0x81,
    NBSS_POSITIVE_RESPONSE = 0x82,
    NBSS_NEGATIVE_RESPONSE = 0x83,
    NBSS_RETARGET_RESPONSE = 0x84,
    NBSS_KEEPALIVE = 0x85,
};

/* RFC 1002 4.3.4. */
enum nbss_error {
    NBSS_NOT_LISTENING_ON_CALLED_NAME = 0x80,
    NBSS_NOT_LISTENING_FOR_CALLING_NAME = 0x81,
    NBSS_CALLED_NAME_NOT_PRESENT = 0x82,
    NBSS_INSUFFICIENT_RESOURCES = 0x83,
    NBSS_UNSPECIFIED_ERROR = 0x8F,
};

/* Direct TCP: a zero byte and 24 bits of length, the prefix not counted.  `length` gets the bytes
 * that follow; put marks the writer bad when they are too many, get refuses a first byte that is
 * not zero.  MS-SMB2 2.1. */
void nbss_direct_put(struct wr *w, size_t length);
bool nbss_direct_get(size_t *length, struct span prefix);

/* NetBIOS session: type, 17 bits of length (RFC 1002 4.3.1).  get refuses unknown types, flags that
 * are reserved, and lengths that a type cannot have. */
void nbss_session_put(struct wr *w, enum nbss_type type, size_t length);
bool nbss_session_get(enum nbss_type *type, size_t *length, struct span prefix);

/* The last byte of a name: what it stands for. */
enum { NBSS_WORKSTATION = 0x00, NBSS_FILE_SERVER = 0x20 };

/* A NetBIOS name: 15 bytes and a suffix that tells the service. */
struct nbss_name {
    char text[NBSS_NAME_TEXT_MAX + 1]; /* NUL-terminated, without its padding */
    uint8_t suffix;
};

/* First-level encoding (RFC 1001 14.1) with the length before and the zero behind it, 34 bytes.
 * Lower-case ASCII is written as upper-case; text longer than 15 bytes marks the writer bad. */
void nbss_name_put(struct wr *w, const struct nbss_name *name);

/* Read one; the cursor is bad when it is not of that form or has a scope. */
struct nbss_name nbss_name_get(struct rd *r);

/* The 16 bytes of a name as they are, as a node status has them (RFC 1002 4.2.18). */
void nbss_name_raw_put(struct wr *w, const struct nbss_name *name);
struct nbss_name nbss_name_raw_get(struct rd *r);

/* Do both name the same service of the same host? */
bool nbss_name_equal(const struct nbss_name *a, const struct nbss_name *b);

/* A whole SESSION REQUEST, prefix included.  RFC 1002 4.3.2. */
void nbss_request_put(struct wr *w, const struct nbss_name *called,
                      const struct nbss_name *calling);

/* Read what follows the prefix of a SESSION REQUEST. */
bool nbss_request_get(struct nbss_name *called, struct nbss_name *calling, struct span body);

/* Write whole answers to it, prefix included, and read what follows their prefix.
 * RFC 1002 4.3.3, 4.3.4, 4.3.5. */
void nbss_positive_put(struct wr *w);
void nbss_negative_put(struct wr *w, uint8_t error);
bool nbss_negative_get(uint8_t *error, struct span body);

/* Where to try instead: IPv4 address and port in host byte order. */
struct nbss_retarget {
    uint32_t address;
    uint16_t port;
};
void nbss_retarget_put(struct wr *w, const struct nbss_retarget *to);
bool nbss_retarget_get(struct nbss_retarget *out, struct span body);

#endif
