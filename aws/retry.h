/* retry.h: whether a request that failed is tried again, and when.  The AWS SDKs' "standard" retry mode: backing off
 * at random, and a quota that all requests have together, so that who is in trouble is not asked ever more.
 * Pure: no clock, no randomness of its own.  AWS SDKs and Tools Reference Guide, "Retry behavior". */
#ifndef LSMB_AWS_RETRY_H
#define LSMB_AWS_RETRY_H

#include "aws/settings.h"

enum { RETRY_TOKENS = 500 }; /* what a client begins with, and has at most */

/* What a try came to. */
struct retry_look {
    unsigned status;          /* HTTP; 0: there was no answer, or not all of it */
    const char *code;         /* of the service's error; "" for none */
    enum lsmb_code transport; /* of the connection; LSMB_OK: the answer came as a whole */
    bool fresh;               /* the connection was a new one */
    bool answered;            /* some of the answer had come */
};

enum retry_why {
    RETRY_NEVER,
    RETRY_FREE,      /* the other side had closed an idle connection: nobody's fault */
    RETRY_TRANSIENT, /* the network, or the service's own trouble */
    RETRY_TIMEOUT,   /* silence: dearer, since it may be overload */
    RETRY_THROTTLED, /* we asked for too much */
    RETRY_EXPIRED,   /* with other credentials */
};

enum retry_why retry_judge(const struct retry_look *look);

/* Whether a refusal may be for a clock that is wrong. */
bool retry_may_be_skew(unsigned status, const char *code);

/* How many tries a service's requests have when nobody says. */
unsigned retry_attempts(enum service service);

/* Take what a retry costs from the quota; false: there is not enough left, do not retry.  `*cost` is what was taken. */
bool retry_take(unsigned *tokens, enum retry_why why, unsigned *cost);

/* A request went well after retries that cost `cost` (0: at once). */
void retry_give_back(unsigned *tokens, unsigned cost);

/* How long to wait before the next try, when `failed` (1 or more) have failed; `random` is any number.  `after` is the
 * Retry-After header (seconds) and `after_ms` x-amz-retry-after (milliseconds); both may be NULL. */
uint32_t retry_delay_ms(enum retry_why why, unsigned failed, uint32_t random, const char *after,
                        const char *after_ms);

#endif
