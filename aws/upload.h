/* upload.h: an object on its way to S3.
 *
 *   upload.c         what it is, and into which part each range goes
 *   upload_parts.c   an upload in parts: begun when the first of them is needed, and each sent when it is whole
 *   upload_commit.c  commit() and store(): the object appears
 *   upload_abort.c   abort(): what was stored of it goes
 *
 * An object that fits into its first part is one request, PutObject, which is not sent before commit(): it appears by
 * it.  All bytes stay where the engine has them until they have been stored: then their calls are answered.
 * Amazon S3 User Guide, "Uploading and copying objects using multipart upload". */
#ifndef LSMB_AWS_UPLOAD_H
#define LSMB_AWS_UPLOAD_H

#include "aws/call.h"
#include "aws/chain.h"
#include "aws/crc.h"
#include "aws/parts.h"

enum {
    UPLOAD_NUMBER_ROOM = 24,    /* of any number in decimal */
    UPLOAD_MTIME_ROOM = 32,     /* "-9223372036.854775808" */
    UPLOAD_LAST_WORD_MS = 5000, /* for an answer that decides, when nobody wants to wait any more */
};

struct upload;

/* A part whose bytes are in memory. */
struct part {
    struct list node; /* in one of the upload's lists */
    struct upload *upload;
    struct part_place place;
    struct chain chain;
    struct call call;
    char number[UPLOAD_NUMBER_ROOM];
    char crc[CRC_TEXT_ROOM];
};

/* One that S3 has. */
struct stored_part {
    char *etag; /* owned; as S3 said it, with its quotes */
    uint64_t crc, bytes;
};

struct upload {
    struct lsmb_s3 *s3;              /* borrowed */
    char *bucket, *key, *kms_key_id; /* owned; kms_key_id NULL: S3's own encryption */
    char *name;                      /* owned: "s3://bucket/key" */
    bool keep_times;
    char mtime[UPLOAD_MTIME_ROOM]; /* when the source was written; "": nobody says */
    bool wants_sums;               /* checksums are computed, and compared where S3 says one */

    struct parts plan;
    uint64_t got;        /* bytes that were handed over */
    uint64_t length;     /* of all of it; LSMB_SIZE_UNKNOWN until that is known for sure */
    struct list filling; /* parts of which bytes are missing; the only one until commit() */
    struct list whole;   /* wait to be sent */
    struct list sending, idle;
    unsigned sending_count;
    bool in_parts;
    bool create_begun, create_lost; /* one that nobody knows of may be there */
    bool interrupted;               /* a part may yet be stored though nobody waits for it */
    bool hurried;                   /* nobody wants to wait any more */
    bool aborted_once;
    struct lsmb_error err; /* what went wrong first: nothing is taken or sent any more */

    struct call create;
    char *id;                   /* owned; NULL until S3 has said it */
    struct stored_part *stored; /* owned; by number, from 1 on */
    size_t stored_room, stored_count;

    struct op end; /* commit(), store(), abort(): one of them */
    struct lsmb_wait *wait;
    struct call end_call; /* its request */
    bool *taken;          /* store()'s; else NULL */
    struct part *only;    /* what PutObject sends; NULL: an empty object */
    char *body;           /* owned: what is to be completed, */
    struct span list;     /* and the same as it is sent */
    char crc[CRC_TEXT_ROOM], bytes[UPLOAD_NUMBER_ROOM];
    struct lsmb_error lost; /* why nobody knows whether it was completed */
    struct timer pause;
};

/* ---------------------------------------------------------------- upload.c */

/* Set up; strings are copied.  False without memory; upload_free() is due all the same. */
bool upload_init(struct upload *upload, struct lsmb_s3 *s3, const char *bucket, const char *key,
                 const char *kms_key_id);

/* Drop what runs, answer nothing, and give back all memory. */
void upload_free(struct upload *upload);

/* What will come.  False: upload->err says why it cannot. */
bool upload_open(struct upload *upload, const struct lsmb_stat *source);

/* What is kept of the bytes around `offset` before any of it is answered. */
void upload_hold(const struct upload *upload, uint64_t offset, struct lsmb_hold *hold);

/* Take a range; `wait` (NULL: nobody waits) is answered when it has been stored, or never will be. */
void upload_take(struct upload *upload, const struct lsmb_range *range, struct lsmb_wait *wait);

/* `bytes` are all there are. */
void upload_ended(struct upload *upload, uint64_t bytes);

/* Give it up: parts on their way are dropped, and all calls answered with the first error. */
void upload_fail(struct upload *upload, const struct lsmb_error *err);

/* A part whose bytes are needed no more: answer for them, and keep its memory for another. */
void upload_retire(struct upload *upload, struct part *part, const struct lsmb_error *err);

static inline bool upload_failed(const struct upload *upload)
{
    return upload->err.code != LSMB_OK;
}

/* Whether the service has said no to all tries so far, and no other one is on its way. */
static inline bool upload_was_refused(const struct call *call)
{
    return !call->lost && call->http.ended && call->http.err.code == LSMB_OK &&
           call->http.status >= 300;
}

/* Begin a request for the object. */
struct call_want upload_want(const struct upload *upload, const char *operation,
                             const char *method);
void upload_query(struct call_want *want, const char *name, const char *value);
void upload_header(struct call_want *want, const char *name, const char *value);

/* What an object is to be, said when it is begun: encryption, times. */
void upload_describe(const struct upload *upload, struct call_want *want);

/* Say the checksum, written into `text`, which is borrowed; unless nobody wants it. */
void upload_sum(const struct upload *upload, struct call_want *want, uint64_t crc,
                char text[CRC_TEXT_ROOM]);

/* Whether checksums are said: they are wanted, and the store knows them. */
bool upload_says_sums(const struct upload *upload);

/* Whether what S3 says of a checksum, if anything, is what was sent; if not, `err` says so. */
bool upload_same_crc(const struct call *call, uint64_t crc, struct lsmb_error *err);

/* ---------------------------------------------------------------- upload_parts.c */

/* Parts have become whole: begin the upload, unless that was done, and send what may be sent. */
void upload_send(struct upload *upload);

/* ---------------------------------------------------------------- upload_commit.c */

/* Make it appear; `wait` is answered.  After upload_ended(). */
void upload_commit(struct upload *upload, struct lsmb_wait *wait);

/* ---------------------------------------------------------------- upload_abort.c */

void upload_abort(struct upload *upload, struct lsmb_wait *wait);

#endif
