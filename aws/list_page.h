/* list_page.h: one answer to ListObjectsV2. */
#ifndef LSMB_AWS_LIST_PAGE_H
#define LSMB_AWS_LIST_PAGE_H

#include "aws/grow.h"
#include "lsmb.h"

struct list_entry {
    size_t at,
        len; /* its key, or what keys have in common, in page->text; a 0 may be in it, and one follows */
    uint64_t bytes;
    int64_t written; /* ns since 1970; 0: not known */
    bool folder;     /* keys have it in common, up to a delimiter */
};

/* All zero: an empty one. */
struct list_page {
    struct list_entry *entries; /* owned, as all */
    size_t count, room;
    struct grow text;
    bool more;   /* there is another page: */
    char *token; /* by which to ask for it; NULL: none was said */
};

/* Read one into an empty page, which is to be freed in any case.  LSMB_E_NOMEM; LSMB_E_PROTOCOL: it is none. */
enum lsmb_code list_page_read(struct list_page *page, const char *xml, size_t len);

const char *list_page_key(const struct list_page *page, const struct list_entry *entry);

/* The page is empty then. */
void list_page_free(struct list_page *page);

#endif
