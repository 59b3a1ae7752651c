/* client.h: what all requests of one client share. */
#ifndef LSMB_AWS_CLIENT_H
#define LSMB_AWS_CLIENT_H

#include "aws/credentials.h"
#include "aws/host.h"
#include "aws/settings.h"
#include "lsmb_s3.h"

struct http;

struct lsmb_s3 {
    struct lsmb *smb; /* borrowed */
    struct host host;
    struct settings settings;
    struct credential_chain *credentials;
    struct http *http;
    struct lsmb_bond *bond; /* goes with the context */
    int64_t skew_s;         /* what the services' clock is ahead of ours, once one has said so */
    unsigned retry_tokens; /* how much trying again is left for all requests together (aws/retry) */
    unsigned connections;  /* most at a time */
    /* How many large requests at a time, one way: halved when S3 says SlowDown, grows again with what goes well. */
    unsigned concurrency, concurrency_max;
    unsigned went_well; /* answers since it last changed */
    uint64_t slowed_ns; /* when it was last halved */
    bool no_checksums;  /* an endpoint that is not AWS's said that it does not know them */
    bool heads_bare; /* a HEAD has brought no checksum, and no answer of that endpoint one since */
    bool reached;    /* some service has answered */
    bool said_again; /* that something is tried again has been logged for everybody to see */
    struct list buckets; /* where they were found to be (aws/region) */
};

/* S3 wants less; S3 has given what it was asked for. */
void s3_slow_down(struct lsmb_s3 *s3);
void s3_went_well(struct lsmb_s3 *s3);

/* lsmb_s3_new() in an environment of the test's own. */
struct lsmb_s3 *s3_new_in(struct lsmb *smb, const struct lsmb_s3_options *opt,
                          const struct environment *env, struct lsmb_error *err);

#endif
