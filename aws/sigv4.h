/* sigv4.h: Signature Version 4: what proves to AWS who sends a request.  AWS General Reference, "Signature Version 4
 * signing process"; pure: no clock, no environment. */
#ifndef LSMB_AWS_SIGV4_H
#define LSMB_AWS_SIGV4_H

#include "aws/uri.h"
#include "base/secret.h"

enum {
    SIGV4_DATE_ROOM = 17, /* "20260131T120000Z" and a 0 */
    SIGV4_HASH_ROOM = 65, /* SHA-256 in hexadecimal and a 0 */
};

/* What is signed.  All borrowed. */
struct sigv4_request {
    const char *method;
    const char *path; /* as it is sent: encoded, beginning with '/' */
    bool normalize;   /* every service but S3: dot segments go, and the path is encoded once more */
    const char *query; /* as it is sent (uri_query()) */
    const struct pair
        *headers; /* that are signed, in any order and case; "host" must be among them */
    size_t header_count;
    const char *payload_hash; /* SHA-256 in hexadecimal, or "UNSIGNED-PAYLOAD" */
};

struct sigv4_scope {
    const char *access_key;
    struct span secret_key;
    const char *region, *service;
    char date
        [SIGV4_DATE_ROOM]; /* sigv4_date(); must be among the headers as x-amz-date, or as date */
};

/* The time as x-amz-date has it. */
void sigv4_date(char out[SIGV4_DATE_ROOM], int64_t unix_s);

/* SHA-256 in hexadecimal of pieces one after the other.  False when the system's cryptography fails. */
bool sigv4_hash(char out[SIGV4_HASH_ROOM], const struct span *pieces, size_t count);

/* The value of the Authorization header.  The caller's to free; NULL without memory. */
char *sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope);

/* What is hashed into what is signed; for tests and for the log at its most talkative.  The caller's to free. */
char *sigv4_canonical_request(const struct sigv4_request *request);

#endif
