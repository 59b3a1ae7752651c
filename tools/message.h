/* message.h: what a failure is to whoever called lava-smb. */
#ifndef LSMB_TOOLS_MESSAGE_H
#define LSMB_TOOLS_MESSAGE_H

#include "lsmb.h"

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2, /* and SIGINT */
    EXIT_AUTH = 3,
    EXIT_NOT_FOUND = 4,
    EXIT_DENIED = 5,
    EXIT_NETWORK = 6,
    EXIT_POLICY = 7,
    EXIT_CHANGED = 8,
    EXIT_PARTLY = 9, /* some files of a tree failed */
};

/* The exit status for an error; `signal` is what ended the work, or 0. */
int message_exit_status(const struct lsmb_error *err, int signal);

/* Fill in an error that this program found itself.  `path` may be NULL. */
void message_set(struct lsmb_error *err, enum lsmb_code code, const char *path, const char *reason);

/* Likewise for a system call that failed, from errno.  `step` may be NULL. */
void message_set_errno(struct lsmb_error *err, int os_errno, const char *step, const char *path);

#endif
