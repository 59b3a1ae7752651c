/* parts.h: into which parts an object is cut that is stored.  Amazon S3 User Guide, "Amazon S3 multipart upload
 * limits": 10,000 parts of up to 5 GiB, all but the last of at least 5 MiB; they need not be of one size.  Pure. */
#ifndef LSMB_AWS_PARTS_H
#define LSMB_AWS_PARTS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PARTS_MAX = 10000,
    PARTS_KNOWN = 9500, /* that a known length is cut into at most, while parts may still grow */
    PARTS_OF_A_SIZE = 2500, /* of a length that is not known; then they double */
    PARTS_SIZES = 4,        /* 8, 16, 32 and 64 MiB: what a small memory can hold */
};

#define PART_LEAST UINT64_C(0x800000)    /* 8 MiB */
#define PART_MOST  UINT64_C(0x140000000) /* 5 GiB */

/* How an object is cut. */
struct parts {
    uint64_t length; /* bytes; LSMB_SIZE_UNKNOWN: nobody knows yet */
    uint64_t first;  /* bytes of the first part: one that is no longer is stored in one go */
};

/* Of a length, or LSMB_SIZE_UNKNOWN.  False: there can be no such object; parts_limit() says how long one can be. */
bool parts_plan(struct parts *out, uint64_t length);
uint64_t parts_limit(uint64_t length);

/* A part: from `begin` up to `end`, which is where the plan ends it; a length that was not known may do so before. */
struct part_place {
    unsigned number; /* from 1 */
    uint64_t begin, end;
};

/* The part in which the byte at `offset` is.  False: it is beyond the last one. */
bool parts_at(const struct parts *parts, uint64_t offset, struct part_place *out);

#endif
