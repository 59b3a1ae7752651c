/* lookup.h: from a host's name to its addresses: the one job that dialling needs. */
#ifndef LSMB_TRANSPORT_LOOKUP_H
#define LSMB_TRANSPORT_LOOKUP_H

#include "base/error.h"
#include "base/job.h"

#include <sys/socket.h>

enum {
    LOOKUP_ADDRESSES_MAX = 16,
    LOOKUP_HOST_LEN = 256, /* room for a name: 253 bytes at most (RFC 1035 2.3.4), with its NUL */
};

struct lookup_job {
    struct job job; /* first */
    char host[LOOKUP_HOST_LEN];
    uint16_t port;
    /* The results, in the order in which they are to be tried; valid once job.finished. */
    struct sockaddr_storage addresses[LOOKUP_ADDRESSES_MAX];
    unsigned count;
    int gai_error; /* 0 or EAI_* */
    int os_errno;  /* when that is EAI_SYSTEM */
};

/* A job that asks the system's resolver for `host` (copied, shorter than LOOKUP_HOST_LEN), ready to be
 * submitted and to be given up with job_release().  NULL when there is no memory. */
struct lookup_job *lookup_new(const char *host, uint16_t port, struct ready *done);

/* After the job has finished: true if there are addresses, else `err` says why not. */
bool lookup_result(const struct lookup_job *lookup, struct lsmb_error *err);

/* If `host` is a numeric address, with or without brackets or a zone, put it into `out`; nobody needs
 * to be asked then, so this does not block. */
bool lookup_numeric(struct sockaddr_storage *out, const char *host, uint16_t port);

/* Put addresses of both families in turn, beginning with that of the first; within a family the order
 * stays (RFC 8305 4). */
void lookup_interleave(struct sockaddr_storage *addresses, unsigned count);

#endif
