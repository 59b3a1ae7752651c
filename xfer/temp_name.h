/* temp_name.h: what a target is called while it is not whole. */
#ifndef LSMB_XFER_TEMP_NAME_H
#define LSMB_XFER_TEMP_NAME_H

#include "base/random.h"

enum { TEMP_NAME_MAX = 255 }; /* bytes, and so UTF-16 units, that a component may have anywhere */

/* ".NAME.lava-XXXXXXXX" for the component `name` (UTF-8), which is cut where that is too long: hidden
 * among POSIX names, valid among Windows names, and nobody else's.  There is room for one more character.
 * False when there is no randomness. */
bool temp_name(char out[static TEMP_NAME_MAX + 1], const char *name, struct random *random);

/* ".lava-XXXXXXXX", for a folder of them. */
bool temp_folder_name(char out[static TEMP_NAME_MAX + 1], struct random *random);

#endif
