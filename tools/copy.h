/* copy.h: what get and put have in common. */
#ifndef LSMB_TOOLS_COPY_H
#define LSMB_TOOLS_COPY_H

#include "tools/run.h"

/* How the user wants a target to come to its name. */
enum lsmb_publish copy_publish(const struct options *opt);

/* Copy with progress shown under the name of `remote`, which is one of the two ends.  Source and sink
 * are consumed; either may be NULL (no memory).  False on failure: run->err. */
bool copy_run(struct run *run, struct lsmb_source *source, struct lsmb_sink *sink,
              const struct location *remote);

#endif
