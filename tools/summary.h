/* summary.h: the last line about what was copied. */
#ifndef LSMB_TOOLS_SUMMARY_H
#define LSMB_TOOLS_SUMMARY_H

#include "tools/run.h"

/* After a file: with --json an object on stderr; with --crc32 its checksum, there or in a line. */
void summary_file(struct run *run, const struct location *where,
                  const struct lsmb_copy_result *result);

/* After a tree, however it ended: a log line, or with --json an object on stderr. */
void summary_tree(struct run *run, const struct location *where,
                  const struct lsmb_tree_result *result);

#endif
