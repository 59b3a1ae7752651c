/* fd_call.c: what a source and a sink on a descriptor have in common. */
#include "xfer/fd_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool fd_call_init(struct fd_call *call, struct lsmb *smb, int fd, const char *path,
                  void (*done)(struct ready *))
{
    call->env = &smb->env;
    call->fd = fd;
    call->done.run = done;
    if (fd >= 0) {
        return true;
    }
    call->path = strdup(path);
    return call->path != NULL;
}

bool fd_call_open(struct fd_call *call, int flags, struct lsmb_wait *wait)
{
    struct lsmb_error err;

    call->wait = wait;
    call->io = fdio_new(call->fd, call->path, flags);
    if (!call->io) {
        error_errno(&err, errno, "open");
        fd_call_answer(call, &err);
        return false;
    }
    if (call->path) {
        fdio_open(call->io, call->env, &call->done); /* a FIFO opens when its other end has come */
        return false;
    }
    return true;
}

void fd_call_answer(struct fd_call *call, struct lsmb_error *err)
{
    struct lsmb_wait *wait = call->wait;

    call->wait = NULL;
    if (err) {
        error_path(err, call->path ? call->path : call->nameless);
    }
    lsmb_wait_done(wait, err);
}

void fd_call_cancel(struct fd_call *call)
{
    struct lsmb_error err;

    if (call->wait) {
        fdio_free(call->io);
        call->io = NULL;
        ready_forget(&call->done);
        error_set(&err, LSMB_E_CANCELLED, "cancelled");
        fd_call_answer(call, &err);
    }
}

void fd_call_free(struct fd_call *call)
{
    ready_forget(&call->done);
    fdio_free(call->io);
    free(call->path);
}
