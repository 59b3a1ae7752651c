/* copy_tree.h: copying directories with all that is below them. */
#ifndef LSMB_TOOLS_COPY_TREE_H
#define LSMB_TOOLS_COPY_TREE_H

#include "tools/copy.h"

/* Copy a tree so that the target is its copy, or, with a pattern, what matches it at the top of the directory
 * that the source is in.  Failures are reported, those of single files as they happen. */
void copy_tree(struct copy *copy, const char *pattern);

#endif
