/* fd_call.h: what a source and a sink on a descriptor have in common: one call at a time, made by a helper
 * that keeps its descriptor and buffer until the system lets go of it. */
#ifndef LSMB_XFER_FD_CALL_H
#define LSMB_XFER_FD_CALL_H

#include "xfer/fdio.h"
#include "xfer/xfer.h"

struct fd_call {
    struct env *env;        /* borrowed */
    int fd;                 /* the host's; -1 = by name */
    char *path;             /* owned; NULL = not by name */
    const char *nameless;   /* borrowed: what errors call it then */
    struct fdio *io;        /* owned; NULL until fd_call_open() */
    struct ready done;      /* of the call that the helper makes */
    struct lsmb_wait *wait; /* who waits for it; NULL = nobody */
};

/* `path` is copied, and used if `fd` is -1.  `done` is called when a helper's call has ended.  False when
 * there is no memory. */
bool fd_call_init(struct fd_call *call, struct lsmb *smb, int fd, const char *path,
                  void (*done)(struct ready *));

/* Open on behalf of `wait`.  True: call->io stands for the descriptor, and `wait` is to be answered.
 * False: a helper opens it by name first, or that has failed and was answered. */
bool fd_call_open(struct fd_call *call, int flags, struct lsmb_wait *wait);

/* Who waits gets `err` (which gets the path), or NULL. */
void fd_call_answer(struct fd_call *call, struct lsmb_error *err);

/* Give up what is under way; who waits for it is told. */
void fd_call_cancel(struct fd_call *call);

void fd_call_free(struct fd_call *call);

#endif
