/* attempt.h: what a call keeps while it tries: for call.c, which knows the order of things, and attempt.c, which
 * makes and signs what is sent. */
#ifndef LSMB_AWS_ATTEMPT_H
#define LSMB_AWS_ATTEMPT_H

#include <openssl/evp.h>

#include "aws/call.h"
#include "aws/region.h"
#include "aws/sigv4.h"

enum { ATTEMPT_HEADERS = CALL_HEADERS + 6 };

struct call_try {
    struct call *call;

    /* What goes out. */
    struct endpoint endpoint;
    char region[REGION_ROOM];
    char *path, *query, *url; /* owned: encoded */
    char *authorization;      /* owned */
    char *access_key,
        *token; /* owned: of the credentials that it was signed with; token NULL: none */
    char date[SIGV4_DATE_ROOM];
    char hash[SIGV4_HASH_ROOM]; /* of the body, when `hashed` */
    bool hashed;
    EVP_MD_CTX *digest; /* owned: while the body is being hashed */
    size_t piece, at;   /* how far */
    struct pair headers[ATTEMPT_HEADERS];
    size_t header_count;

    /* What comes. */
    size_t answer_room;
    bool too_long, no_memory;
    bool told; /* the reader has seen a head */

    /* How often, and what has been put right meanwhile: each but once. */
    unsigned tries;
    unsigned cost; /* of the last retry, in tokens */
    bool clock_set, renewed, moved, probed;
    bool bare;          /* without the checksums that may be left out */
    struct call *probe; /* owned: asks where the bucket is */
    struct timer pause;
    struct ready pause_over, sent, identified;
};

/* Where it goes, into `endpoint`, `path`, `query` and `url`.  False with `err` filled in. */
bool attempt_locate(struct call_try *t, struct lsmb_error *err);

/* Whether a checksum of S3's was sent with the last try. */
bool attempt_said_checksum(const struct call_try *t);

/* Whether the body is to be hashed before it can be signed. */
bool attempt_wants_hash(const struct call_try *t);

/* Hash some more of it, as much as does not hold up others; `*whole`: all has been.  False when the system's
 * cryptography fails. */
bool attempt_hash(struct call_try *t, bool *whole);

/* Make the headers and sign them at the time `unix_s`; who NULL: unsigned.  False without memory. */
bool attempt_sign(struct call_try *t, const struct credentials *who, int64_t unix_s);

/* Give back what is made for one try (but not the hash, which stays what it is). */
void attempt_clear(struct call_try *t);

#endif
