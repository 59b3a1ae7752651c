/* object.h: what an answer to GetObject or HeadObject says of an object. */
#ifndef LSMB_AWS_OBJECT_H
#define LSMB_AWS_OBJECT_H

#include "aws/call.h"
#include "aws/crc.h"

struct object_head {
    uint64_t bytes;      /* of the whole object */
    uint64_t begin, end; /* the part of it that comes with the answer */
    int64_t
        written; /* ns since 1970: what its writer said (x-amz-meta-mtime), else when it was stored; 0: not known */
    enum crc_kind kind; /* what checksum of the whole it has; CRC_NONE: none is said */
    uint64_t crc;
    bool part;     /* a part was asked for: such an answer seldom says the checksum */
    bool of_parts; /* it has one, which was made of those of its parts, and cannot be compared */
};

/* Read a success.  False: its length or its place is missing, or makes no sense. */
bool object_head_get(struct object_head *out, const struct call *call);

/* For those who look for objects: its size, and when it was written. */
struct lsmb_stat object_stat(const struct object_head *head);

/* "bytes 0-99/1234", RFC 9110 14.4: the part, whose end is exclusive in `*end`, and the whole. */
bool object_range_get(const char *text, uint64_t *begin, uint64_t *end, uint64_t *bytes);

/* "1700000000.123456789", seconds since 1970, as ns. */
bool object_mtime_get(const char *text, int64_t *ns);

/* "s3://bucket/key", as errors show it.  The caller's to free; NULL without memory. */
char *object_name(const char *bucket, const char *key);

/* What went wrong with the object `name` (NULL: not known), as a call has told: with what can be done, where that is for
 * objects alone. */
void object_refused(struct lsmb_error *err, const struct call *call, const char *name);

#endif
