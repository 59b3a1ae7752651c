/* credentials.h: who we say we are. */
#ifndef LSMB_AUTH_CREDENTIALS_H
#define LSMB_AUTH_CREDENTIALS_H

#include "base/secret.h"

/* An empty one is all zeros. */
struct credentials {
    char *user;             /* owned; UTF-8, "" when anonymous; may be user@domain (UPN form) */
    char *domain;           /* owned; UTF-8, "" = none */
    char *workstation;      /* owned; UTF-8, "" = none */
    struct secret password; /* UTF-8 */
    struct secret nt_hash;  /* 16 bytes that stand in for the password, or empty */
    bool anonymous;
};

enum { NT_HASH_LEN = 16 };

/* Copy all three; NULL counts as "", and no user means an anonymous logon.  Replaces what `c`
 * holds, which is zeros the first time.  False when out of memory or when a text is not UTF-8 (the
 * credentials are empty then). */
bool credentials_set(struct credentials *c, const char *user, const char *domain,
                     const char *password);

/* Log on with the MD4 of a password (NTOWFv1, MS-NLMP 3.3.1) instead of the password, which is
 * forgotten.  False when out of memory. */
bool credentials_set_nt_hash(struct credentials *c, const uint8_t hash[static NT_HASH_LEN]);

/* What we call ourselves in the logon; NULL counts as "".  False when out of memory or not
 * UTF-8; the old name is then still there. */
bool credentials_set_workstation(struct credentials *c, const char *name);

/* Whether both would be let in alike; the secrets are compared in constant time. */
bool credentials_equal(const struct credentials *a, const struct credentials *b);

/* Wipe and release; the credentials are empty afterwards. */
void credentials_wipe(struct credentials *c);

#endif
