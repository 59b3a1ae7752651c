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
    bool anonymous;
};

/* Copy all three; NULL counts as "", and no user means an anonymous logon.  Replaces what `c`
 * holds, which is zeros the first time.  False when out of memory or when a text is not UTF-8 (the
 * credentials are empty then). */
bool credentials_set(struct credentials *c, const char *user, const char *domain,
                     const char *password);

/* Wipe and release; the credentials are empty afterwards. */
void credentials_wipe(struct credentials *c);

#endif
