/* beneath.h: opening folders below another one, and nowhere else.
 *
 * Whatever names are in a path and whatever symbolic links are put in the way meanwhile: what is opened lies
 * beneath the root, and no link was followed to it. */
#ifndef LSMB_XFER_BENEATH_H
#define LSMB_XFER_BENEATH_H

#include <stdbool.h>

struct beneath {
    int root;     /* borrowed */
    bool by_hand; /* the system has no openat2(2), or keeps it from us */
};

/* Open the folder `path` ("" is the root), for reading it and for what is in it; one that may not be read is
 * opened as a place alone (O_PATH).  The descriptor, or -1 with errno: ELOOP where there is a link. */
int beneath_open(struct beneath *beneath, const char *path);

#endif
