/* uri.h: percent-encoding as signatures want it.  AWS General Reference, "Create a canonical request". */
#ifndef LSMB_AWS_URI_H
#define LSMB_AWS_URI_H

#include <stdbool.h>
#include <stddef.h>

/* Every byte but A-Z a-z 0-9 - _ . ~ becomes %XX; with `slashes` '/' stays, too.  The caller's to free; NULL without
 * memory. */
char *uri_encode(const char *text, bool slashes);

/* A name and its value, plain; "" for a name that has none. */
struct pair {
    const char *name, *value; /* borrowed */
};

/* The query of a request: encoded and sorted as it is signed, and as it is sent: "a=1&b=2"; "" for none.  The
 * caller's to free; NULL without memory. */
char *uri_query(const struct pair *pairs, size_t count);

#endif
