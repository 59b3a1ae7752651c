/* words.h: a command line is split into words as a shell would, without one. */
#ifndef LSMB_AWS_WORDS_H
#define LSMB_AWS_WORDS_H

#include "lsmb.h"

/* Split at white space; '...' and "..." keep it, and '\' takes the meaning from what follows it (within "..." from '"' and
 * '\' alone).  As Python's shlex.split(), which the AWS tools use.  A list of words ended by NULL, of one allocation: the
 * caller's to free.  NULL with `err` filled in: a quotation without an end, no word at all, no memory. */
char **words_split(const char *line, struct lsmb_error *err);

#endif
