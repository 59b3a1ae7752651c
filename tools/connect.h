/* connect.h: from what the user wrote to an attached share. */
#ifndef LSMB_TOOLS_CONNECT_H
#define LSMB_TOOLS_CONNECT_H

#include "tools/run.h"

/* Parse argument `i` of the command as a location on a share: SHARE:PATH if there is a connection, which nobody
 * asks for yet, or one that names its server.  False if it is none, which has been reported; `out` is to be freed in any case.
 * Without `need_share` the URL may end after the host, and with a connection be left out. */
bool connect_parse(struct run *run, size_t i, bool need_share, struct location *out);

/* Likewise for a local path, "-" or an object in S3. */
bool connect_parse_local(struct run *run, size_t i, struct location *out);

/* Likewise for a location of any kind: with a connection, what has a ':' before the first '/' is SHARE:PATH. */
bool connect_parse_any(struct run *run, size_t i, struct location *out);

/* The share that a location is on, connected if it is not yet; `where` is completed by the connection, if it needs
 * that.  The share is the run's, and good until the next call.  NULL if it cannot be had, which has been reported. */
struct lsmb_share *connect_share(struct run *run, struct location *where);

/* Likewise while the share that connect_share() gave stays as it is; both may be one. */
struct lsmb_share *connect_target(struct run *run, struct location *where);

#endif
