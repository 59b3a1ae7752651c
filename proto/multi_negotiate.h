/* multi_negotiate.h: the SMB1 NEGOTIATE that asks for SMB2 (MS-SMB2 3.2.4.2.2.1, 3.3.5.3; MS-CIFS
 * 2.2.4.52.1).
 *
 * Servers that close the connection on an SMB2 NEGOTIATE may answer this one.  Nothing of SMB1 itself is
 * offered.  The answer is an SMB2 NEGOTIATE reply with MessageId 0 (proto/negotiate.h): its dialect is
 * 2.0.2 and all is said, or SMB2_DIALECT_WILDCARD and an SMB2 NEGOTIATE follows. */
#ifndef LSMB_PROTO_MULTI_NEGOTIATE_H
#define LSMB_PROTO_MULTI_NEGOTIATE_H

#include "proto/header.h"

enum { SMB1_HEADER_LEN = 32, SMB1_NEGOTIATE_LEN_MAX = 64 };

struct multi_negotiate_request {
    bool smb_2_002;  /* "SMB 2.002": the dialect 2.0.2 */
    bool smb_2_xxx;  /* "SMB 2.???": whatever is above it */
    uint16_t others; /* get: how many other dialects are offered */
};

/* Unlike the codecs of SMB2 messages these speak of the whole message with its header. */
void multi_negotiate_request_put(struct wr *w, const struct multi_negotiate_request *q);
bool multi_negotiate_request_get(struct multi_negotiate_request *out, struct span msg);

#endif
