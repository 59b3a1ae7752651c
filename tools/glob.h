/* glob.h: a pattern in the last name of a source. */
#ifndef LSMB_TOOLS_GLOB_H
#define LSMB_TOOLS_GLOB_H

#include "tools/copy.h"

enum glob_found {
    GLOB_MANY, /* what matches is to go into the target, which is a directory */
    GLOB_ONE,  /* copy->from is the one name that is meant */
    GLOB_FAILED,
};

/* Look what the pattern of the source matches: files, and with -R directories.  A name that is there as the
 * pattern is spelt is meant by it alone.  Failures are reported: that nothing matches, and that the
 * target is no directory for more than one. */
enum glob_found glob_look(struct copy *copy);

#endif
