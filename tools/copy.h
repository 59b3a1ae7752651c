/* copy.h: what get, put, cp and cat have in common: one copy from a location to another. */
#ifndef LSMB_TOOLS_COPY_H
#define LSMB_TOOLS_COPY_H

#include "tools/run.h"

struct copy {
    struct run *run;
    struct location from, to;                 /* owned */
    struct lsmb_share *from_share, *to_share; /* the run's; NULL: an end elsewhere */
};

/* A failure of the copy, as run->err has it, in the words of the end that it is of. */
void copy_phrase(struct copy *copy);

/* Copy what both ends of `copy` say: a file, what matches a pattern, or with -R a tree.  Failures are
 * reported. */
void copy_go(struct copy *copy);

void copy_free(struct copy *copy);

/* How the user wants a target to come to its name. */
enum lsmb_publish copy_publish(const struct options *opt);

/* The options of every copy.  `tree`: of one file of many, not of one alone. */
struct lsmb_copy_options copy_options(const struct options *opt, bool tree);

/* Copy one file with progress shown under the name of `named`, which is one of the two ends.  Source and
 * sink are consumed; either may be NULL (no memory).  False on failure: run->err. */
bool copy_run(struct run *run, struct lsmb_source *source, struct lsmb_sink *sink,
              const struct location *named);

#endif
