/* der.h: the little ASN.1 that SPNEGO needs (X.690), read as views and written backwards.
 *
 * Reading takes definite lengths only, but need not be minimal: some servers send 82 00 0B.  A
 * reader is sticky like `rd`: after the first malformed element it gives nothing more, and der_ok()
 * says so at the end.  Depth is bounded because every level is one der_enter() in the code. */
#ifndef LSMB_AUTH_DER_H
#define LSMB_AUTH_DER_H

#include "proto/bytes.h"

enum der_tag {
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0A,
    DER_SEQUENCE = 0x30,
    DER_APPLICATION_0 = 0x60, /* constructed */
    DER_CONTEXT_0 = 0xA0,     /* constructed; + 1, + 2 ... for the others */
};

struct der_rd {
    struct span left; /* the elements not read yet */
    bool bad;
};

struct der_rd der_from(struct span bytes);

/* Whether the next element is there and has this tag. */
bool der_at(const struct der_rd *r, unsigned tag);

/* The contents of the next element, which must have this tag. */
struct span der_take(struct der_rd *r, unsigned tag);

/* A reader for the elements inside the next element; bad from the start if that is not there. */
struct der_rd der_enter(struct der_rd *r, unsigned tag);

/* The next element with its tag and length, as it stands. */
struct span der_take_whole(struct der_rd *r, unsigned tag);

/* Pass over all elements that are left: extensions that are newer than this code. */
void der_skip_rest(struct der_rd *r);

static inline bool der_more(const struct der_rd *r)
{
    return !r->bad && r->left.len > 0;
}

static inline bool der_ok(const struct der_rd *r)
{
    return !r->bad;
}

/* Writes from the end of `mem` towards its beginning, so every length is known when it is written.
 * Sticky: what does not fit is dropped and der_written() is empty. */
struct der_wr {
    uint8_t *mem; /* borrowed */
    size_t start; /* mem[start .. cap) is written */
    size_t cap;
    bool bad;
};

/* The most bytes der_put_header() writes. */
enum { DER_HEADER_MAX = 6 };

struct der_wr der_to(uint8_t *mem, size_t cap);

/* How much is written; to be remembered before the contents of an element are. */
size_t der_mark(const struct der_wr *w);

/* Lay `bytes` before what is written. */
void der_put(struct der_wr *w, struct span bytes);

/* Make one element of all that was written since `mark`. */
void der_put_header(struct der_wr *w, unsigned tag, size_t mark);

/* A whole element. */
void der_put_element(struct der_wr *w, unsigned tag, struct span contents);

/* What is written, or an empty span if it did not fit. */
struct span der_written(const struct der_wr *w);

#endif
