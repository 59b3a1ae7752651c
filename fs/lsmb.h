/* lsmb.h: the context: what a host creates first and everything hangs off. */
#ifndef LSMB_FS_LSMB_H
#define LSMB_FS_LSMB_H

#include "lsmb.h"

#include "base/rate.h"
#include "transport/loop.h"
#include "transport/stream.h"
#include "transport/work.h"

struct aside;
struct mover;

struct lsmb {
    struct env env;
    struct loop loop;
    struct work *work;   /* owned; NULL when a test brings its own job runner */
    struct list servers; /* struct server */
    struct list shares;  /* struct lsmb_share, what the host holds */
    struct list files;   /* struct lsmb_file, likewise */
    struct list jobs;    /* struct lsmb_job, running */
    struct list bonds;   /* struct lsmb_bond (fs/hooks), what a host has hung here */
    /* Copies (xfer/turns): */
    struct hook turns;
    struct list movers;    /* struct mover */
    struct mover *moving;  /* whose turn it is */
    unsigned pumps;        /* that move data now, and share the memory */
    struct aside *in_line; /* who is the next to have memory set aside; NULL: nobody waits */
    unsigned fetches;   /* of whole files, that hold memory now: they share it as one pump more */
    struct rate rate;   /* that all together keep to */
    struct timer paid;  /* when the next range may be started */
    struct ready go_on; /* what it wakes */
    unsigned pieces;    /* of ranges of files (fs/file_io) that hold memory now */
    struct list hungry; /* struct transfer, that wait for some */

    /* Tests: connect in their own way instead of dialling.  The stream is the caller's; NULL = refused. */
    struct stream *(*dial)(void *arg, const char *host, uint16_t port);
    void *dial_arg;
};

/* What a test brings in place of the system: a clock that does not wait, repeatable randomness, jobs that
 * run at once.  NULL members mean the system's. */
struct lsmb_world {
    struct clock *clock;
    struct random *random;
    struct job_runner *jobs;
};

/* lsmb_new() in a world of the test's own. */
struct lsmb *lsmb_new_in(const struct lsmb_world *world, const struct lsmb_options *opt,
                         struct lsmb_error *err);

/* Tell everybody who hangs off the context that it goes (lsmb_bind()). */
void bonds_break(struct lsmb *smb);

#endif
