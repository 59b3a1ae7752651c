/* program.h: a program of the user's is run, and what it says is collected, on a helper.
 *
 * It gets none of our descriptors but /dev/null as its standard input (ours may be what is being copied) and pipes for
 * its output, and signals as a shell would give them.  Its environment is ours without LAVA_SMB_PASSWORD. */
#ifndef LSMB_AWS_PROGRAM_H
#define LSMB_AWS_PROGRAM_H

#include <stdatomic.h>

#include "base/env.h"
#include "lsmb.h"

enum { PROGRAM_SAYS_MAX = 65536, PROGRAM_COMPLAINT_ROOM = 400 };

struct program {
    struct job job; /* first */
    char **argv;    /* owned: one allocation, as words_split() gives it */
    uint32_t limit_ms;
    atomic_bool stop; /* nobody waits for it any more */

    char *says; /* owned: its standard output, ended by a 0; erased when it goes */
    size_t says_len;
    char complaint[PROGRAM_COMPLAINT_ROOM]; /* the beginning of its standard error */
    size_t complaint_len;
    int os_errno; /* not 0: it could not be run */
    bool too_long, timed_out;
    int status; /* as waitpid() has it; -1: somebody else in this process took it */
};

/* Begin: `done` is woken when it has ended, or could not be run.  `argv` is consumed.  NULL without memory or helper. */
struct program *program_start(struct env *env, char **argv, uint32_t limit_ms, struct ready *done);

/* False with `err` filled in: it could not be run, said too much, took too long or failed; with the first line of its
 * complaint. */
bool program_succeeded(const struct program *program, struct lsmb_error *err);

/* Free it; it is killed if it runs.  NULL is fine. */
void program_drop(struct program *program);

#endif
