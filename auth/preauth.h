/* preauth.h: the transcript that ties a session's keys to every message before them
 * (pre-authentication integrity with SHA-512, MS-SMB2 3.2.5.2, 3.2.5.3). */
#ifndef LSMB_AUTH_PREAUTH_H
#define LSMB_AUTH_PREAUTH_H

#include "proto/bytes.h"

enum { PREAUTH_HASH_LEN = 64 };

struct preauth {
    uint8_t hash[PREAUTH_HASH_LEN]; /* starts as zeros */
};

/* Append one whole SMB2 message, as it was on the wire without its length prefix.  False only if
 * the crypto library fails. */
bool preauth_add(struct preauth *preauth, struct span message);

#endif
