/* list.h: what keys begin with a prefix, up to the next '/': ListObjectsV2, page by page.  While one is read the next is on
 * its way. */
#ifndef LSMB_AWS_LIST_H
#define LSMB_AWS_LIST_H

#include "aws/call.h"
#include "aws/list_page.h"

struct listing {
    struct lsmb_s3 *s3;         /* borrowed */
    const char *bucket;         /* borrowed */
    char *prefix, *name, *sent; /* owned; for errors; the token that was sent last, or NULL */
    struct call call;
    bool asked, came; /* it is open; its answer has come and is not read */
    bool there;       /* `page` has been read and not been taken */
    bool wanted;      /* somebody waits for it */
    unsigned empty;   /* pages one after the other with nothing in them */
    struct list_page page;
    struct lsmb_error err; /* after the page that is there nothing more comes */
    struct ready ready;
    void (*tell)(
        struct listing *); /* the page is there, or `err`: what listing_next() has asked for */
};

/* Begin.  False without memory: nothing is to be freed. */
bool listing_init(struct listing *l, struct lsmb_s3 *s3, const char *bucket, const char *prefix,
                  void (*tell)(struct listing *));

/* Another page is wanted: `tell` is called, and never from inside this call.  The one before must not have been the last,
 * and is gone now. */
void listing_next(struct listing *l);

/* Nobody is told any more. */
void listing_free(struct listing *l);

#endif
