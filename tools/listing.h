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
    size_t most;    /* entries that it may have; 0: 4,000,000 */
    size_t *held;   /* borrowed: by several listings, which count as one; NULL: it counts alone */
    bool no_memory; /* an entry could not be added */
    bool too_long;  /* an entry too many came */
};

/* Add an entry; the name is copied.  A lsmb_entry_fn, with the listing as its argument; false without
 * memory, and when it has become too long. */
bool listing_add(void *arg, const char *name, const struct lsmb_stat *stat);

/* Sort by the bytes of the names, whatever the locale. */
void listing_sort(struct listing *list);

/* One name a line; `lengthy` with attributes, size and time.  `safe`: for a terminal. */
void listing_print(const struct listing *list, FILE *to, bool lengthy, bool safe);

void listing_free(struct listing *list);

#endif
