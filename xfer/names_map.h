/* names_map.h: names as this machine has them, and as a share can take them (enum lsmb_names).
 *
 * What Windows reserves (MS-FSCC 2.1.5) lies in Unicode's private use area on a share: one character for one
 * character, so each name has one form there, and comes back as it went. */
#ifndef LSMB_XFER_NAMES_MAP_H
#define LSMB_XFER_NAMES_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "lsmb.h"

/* Write `path`, UTF-8 with '/' between names, as the share is to have it; it takes at most three times its
 * bytes.  Returns the length; a NUL follows. */
size_t names_to_share(char *out, const char *path, enum lsmb_names names);

/* Write a name of the share as this machine is to have it; never longer.  What would become "." or ".." stays
 * as it is. */
void name_from_share(char *out, const char *name, enum lsmb_names names);

/* Whether a share would take a name of `path` for something else than a name, written as it is: one with a '\'
 * or, for the stream of a file, with a ':'.  Never so where those are mapped. */
bool names_mislead(const char *path, enum lsmb_names names);

#endif
