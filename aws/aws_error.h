/* aws_error.h: what a service says when it refuses: XML of S3 and STS, JSON of the others, or a bare status. */
#ifndef LSMB_AWS_AWS_ERROR_H
#define LSMB_AWS_AWS_ERROR_H

#include "lsmb.h"

struct aws_error {
    unsigned status; /* HTTP; 0: there was no answer */
    char code[96];   /* "NoSuchKey"; without namespace; the status as text where nothing is said */
    char message[256]; /* as the service has it, fit to be shown */
    char region[32];   /* of the bucket, where it says so; [a-z0-9-] only */
};

/* Read the body of a refusal; `type` is the x-amzn-ErrorType header or NULL.  Always gives something. */
void aws_error_read(struct aws_error *out, unsigned status, const char *type, const char *body,
                    size_t len);

/* Whether a body that came with a success is a refusal nevertheless: its root is <Error>. */
bool aws_error_hidden(const char *body, size_t len);

/* What it means to the caller, in the words that the AWS tools use: "An error occurred (NoSuchKey) when calling the
 * GetObject operation: ..."; with what the user can do, where that is known (an expired token, a missing permission, a
 * wrong region, a bucket that is not there, a clock that is wrong). */
void aws_error_set(struct lsmb_error *err, const struct aws_error *e, const char *operation);

#endif
