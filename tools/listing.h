/* listing.h: what ls prints: a list of names with what is known about them. */
#ifndef LSMB_TOOLS_LISTING_H
#define LSMB_TOOLS_LISTING_H

#include "lsmb.h"

#include <stdio.h>

struct listing_entry {
    char *name;
    struct lsmb_stat stat;
};

struct listing {
    struct listing_entry *entries;
    size_t n, room;
    bool no_memory; /* an entry could not be added */
};

/* Add an entry; the name is copied.  A lsmb_entry_fn, with the listing as its argument; false without
 * memory. */
bool listing_add(void *arg, const char *name, const struct lsmb_stat *stat);

/* Sort by the bytes of the names, whatever the locale. */
void listing_sort(struct listing *list);

/* One name a line; `lengthy` with attributes, size and time.  `safe`: for a terminal. */
void listing_print(const struct listing *list, FILE *to, bool lengthy, bool safe);

void listing_free(struct listing *list);

#endif
