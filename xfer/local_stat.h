/* local_stat.h: what a local file is, and whether it still is. */
#ifndef LSMB_XFER_LOCAL_STAT_H
#define LSMB_XFER_LOCAL_STAT_H

#include <sys/stat.h>

#include "lsmb.h"

/* Its inode is its id; it has no attributes. */
struct lsmb_stat local_stat(const struct stat *st);

/* A time in nanoseconds since 1970, for the system. */
struct timespec local_time(int64_t ns);

/* Whether a regular file is not what it was. */
bool local_changed(const struct stat *before, const struct stat *now);

#endif
