/* call.h: one request to a service of AWS as an operation: credentials, signature, sending, and trying again where
 * that may help: throttling, 5xx, lost connections, credentials that expired, a clock that is wrong, a bucket that is
 * elsewhere.  Each try is signed anew. */
#ifndef LSMB_AWS_CALL_H
#define LSMB_AWS_CALL_H

#include "aws/aws_error.h"
#include "aws/client.h"
#include "aws/http.h"
#include "base/op.h"

enum { CALL_HEADERS = 16, CALL_QUERY = 8 };

struct call;

/* For an answer that is not collected but read as it comes; only those of successes (2xx). */
struct call_reader {
    void (*head)(struct call *);                     /* call_status(), call_header() */
    size_t (*body)(struct call *, struct span data); /* as http_calls.body; call_resume() */
    /* It is to be tried once more after some of it was read: change what is asked for (`Range`).  False: it cannot. */
    bool (*again)(struct call *);
};

/* What is asked for.  All borrowed until the call has ended. */
struct call_want {
    enum service service;
    const char *operation; /* "UploadPart", for messages and logs */
    const char *method;
    const char *bucket, *key; /* S3's; NULL: none */
    struct pair query[CALL_QUERY];
    size_t query_count;
    struct pair headers[CALL_HEADERS]; /* signed where they have to be */
    size_t header_count;
    const struct span *body; /* pieces; the same bytes at every try */
    size_t body_count;
    const char *body_sha256;          /* known already; NULL: computed when it is needed */
    const struct call_reader *reader; /* NULL: the answer is collected, up to `answer_max` bytes */
    size_t answer_max;                /* 0: 1 MiB */
    bool may_hide;                    /* an <Error> may come with a 200 (CompleteMultipartUpload) */
    bool unsigned_call;               /* no credentials are needed (AssumeRoleWithWebIdentity) */
    const struct credentials *as;     /* those of another; NULL: the client's own */
    uint32_t silence_ms;              /* longest silence; 0: the context's way for all */
    unsigned attempts;                /* 0: as settings say, or the service's usual number */
    /* Its x-amz-checksum-* headers may be left out where an endpoint that is not AWS's does not know them (from then
     * on s3->no_checksums says so). */
    bool checksums_optional;
    bool stay; /* take a refusal for a bucket that is elsewhere as it is */
};

struct call {
    struct op op; /* first; a child's or a root's */
    struct lsmb_s3 *s3;
    struct call_want want;
    struct http_request http;
    struct aws_error refused; /* of the last try; status 0: no answer */
    char *answer;             /* owned: what was collected, ended by a 0 */
    size_t answer_len;
    bool lost; /* an earlier try may have been done by the service: its answer never came */
    struct call_try *attempt; /* call.c's */
};

/* Begin as a child of `parent`, or (NULL) by itself with op.on_done = on_done.  `call` is zeroed before, but for what
 * the last use of it left; it fails with an error in the words of the AWS tools, and `refused` has the details. */
void call_start(struct call *call, struct op *parent, struct lsmb_s3 *s3,
                const struct call_want *want, void (*on_done)(struct op *));

void call_resume(struct call *call);

unsigned call_status(const struct call *call);
const char *call_header(const struct call *call, const char *name); /* NULL: the answer has none */

/* Free what a call that has ended owns (its answer is wiped); harmless when it owns nothing. */
void call_free(struct call *call);

#endif
