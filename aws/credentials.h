/* credentials.h: who we are to AWS.
 *
 * Found in the order of the AWS tools: environment, the profile's role, web identity, shared credentials file,
 * credential process, config file, container, instance.  What expires is fetched anew before it does, while
 * transfers run. */
#ifndef LSMB_AWS_CREDENTIALS_H
#define LSMB_AWS_CREDENTIALS_H

#include "aws/settings.h"
#include "base/op.h"
#include "base/secret.h"

struct credentials {
    char *access_key;         /* owned */
    struct secret secret_key; /* owned */
    char *token;              /* owned; NULL: none goes with it */
    int64_t expires_s;        /* unix time; 0: never */
};

/* Copy what is said; `token` may be NULL.  False without memory: nothing is there then. */
bool credentials_copy(struct credentials *credentials, const char *access_key,
                      const char *secret_key, const char *token);

/* Take them over: what `to` had is freed, `from` has nothing afterwards. */
void credentials_move(struct credentials *to, struct credentials *from);

void credentials_free(struct credentials *credentials); /* wipes */

struct lsmb_s3;
struct credential_chain;

/* The chain of a client, whose settings it borrows; NULL without memory. */
struct credential_chain *credential_chain_new(struct lsmb_s3 *s3);
void credential_chain_free(struct credential_chain *chain); /* NULL is fine */

enum credentials_state {
    CREDENTIALS_READY,  /* credentials_now() has them */
    CREDENTIALS_COMING, /* `when` is woken when that has changed */
    CREDENTIALS_FAILED, /* credentials_error() says why; asking makes it try again a second later */
};

/* Ask for credentials that are good for some time yet.  What nears its end is fetched anew meanwhile; what is about to
 * end is waited for.  Where no region is said (settings.region), the instance's has been filled in, if it has one.
 *   when  of the caller's own, and for this alone: it hangs in a list of the chain's until it is woken, so an operation's
 *         `ready`, which others wake, will not do.  Forgotten (ready_forget) by whoever goes away. */
enum credentials_state credentials_ask(struct credential_chain *chain, struct ready *when);

/* Good until the loop goes on. */
const struct credentials *credentials_now(const struct credential_chain *chain);
const struct lsmb_error *credentials_error(const struct credential_chain *chain);

/* A service says that those which had `access_key` and were used have expired: the next one who asks waits for new ones. */
void credentials_spoil(struct credential_chain *chain, const char *access_key);

#endif
