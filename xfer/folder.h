/* folder.h: an open folder of this machine that several files are read from or written to. */
#ifndef LSMB_XFER_FOLDER_H
#define LSMB_XFER_FOLDER_H

#include "base/list.h"
#include "fs/lsmb.h"

struct folder {
    struct list node; /* of who keeps it */
    int fd;           /* owned */
    unsigned held;
    char path[]; /* relative to the root of its tree */
};

/* Take over `fd`, and be its first holder.  NULL when there is no memory: then `fd` is closed. */
struct folder *folder_new(int fd, const char *path);

/* Hold it once more; returns it. */
struct folder *folder_hold(struct folder *folder);

/* Let go: with its last holder it is closed.  NULL is fine. */
void folder_drop(struct folder *folder);

/* lsmb_source_file(), lsmb_sink_file() for the name `leaf` in `folder` (held by it): neither follows a
 * symbolic link, and both want a regular file.  A link in the sink's place is replaced.  `shown` (copied) is
 * its path in errors.  The sink does not see to it that the folder, with the new name, is on the disk: that is
 * done once for all its files.  NULL when there is no memory. */
struct lsmb_source *source_file_in(struct lsmb *smb, struct folder *folder, const char *leaf,
                                   const char *shown);
struct lsmb_sink *sink_file_in(struct lsmb *smb, struct folder *folder, const char *leaf,
                               const char *shown, enum lsmb_publish how);

#endif
