/* place.h: how a local target can come to its name.
 *
 * Where it is a plain file, or nothing yet: by renaming a temporary beside it, which takes the place of
 * the target in one step.  Where that would replace a link by a file, or tear one of several names off
 * its file: by copying the finished temporary into it.  Where the folder takes no new names: straight
 * into it.  Pipes and devices have no place at all. */
#ifndef LSMB_XFER_PLACE_H
#define LSMB_XFER_PLACE_H

#include <sys/stat.h>

#include "base/env.h"
#include "base/error.h"
#include "xfer/temp_name.h"

enum place_way { PLACE_RENAME, PLACE_COPY, PLACE_STRAIGHT, PLACE_PIPE };

struct place {
    char *path; /* owned: the target, behind a symbolic link if it is one that leads somewhere */
    const char *why; /* it is not renamed; NULL = it is */
    enum place_way way;
    bool exists;                  /* as something that can be written to */
    struct stat before;           /* then */
    int dir;                      /* its folder */
    bool lent;                    /* which is somebody else's; else it is closed with the place */
    const char *leaf;             /* its name in there; in `path` */
    char temp[TEMP_NAME_MAX + 1]; /* "" = there is none */
};

/* Look at `path` and decide; what `how` does not allow is an error. */
bool place_find(struct place *place, const char *path, enum lsmb_publish how,
                struct lsmb_error *err);

/* The same for the name `leaf` (copied) in the folder `dir`, which is borrowed.  A symbolic link is never
 * followed: it is replaced, or an error where that is not allowed; so is what is no regular file. */
bool place_find_in(struct place *place, int dir, const char *leaf, enum lsmb_publish how,
                   struct lsmb_error *err);

/* Open what is to be written: the temporary, with the mode (and, where permitted, the owner) that the
 * target has, or the target.  The descriptor, or -1: LSMB_E_CHANGED when the target is not what it was when it was
 * looked at.  Not for PLACE_PIPE. */
int place_open(struct place *place, enum lsmb_publish how, struct env *env, struct lsmb_error *err);

/* Put the temporary in its place.  False with `err` filled in, and way == PLACE_COPY if that is what can
 * be tried instead. */
bool place_rename(struct place *place, enum lsmb_publish how, struct lsmb_error *err);

/* The same for who has tried the rename himself: with `failed_errno`, 0 if it went well. */
bool place_renamed(struct place *place, int failed_errno, enum lsmb_publish how,
                   struct lsmb_error *err);

/* Open the target for PLACE_COPY; -1 with `err` filled in, as place_open(). */
int place_open_target(struct place *place, struct lsmb_error *err);

/* Remove the temporary, if there is one, and forget all. */
void place_free(struct place *place);

#endif
