/* share_look.h: what stands on a share where a file is to be published, and whether a rename over it loses
 * anything. */
#ifndef LSMB_XFER_SHARE_LOOK_H
#define LSMB_XFER_SHARE_LOOK_H

#include "fs/info.h"
#include "fs/open.h"

/* An error that anybody may have said: nothing is concluded from it (conn/request.h). */
static inline bool share_forged(const struct op *child)
{
    return child->err.code == LSMB_E_SECURITY;
}

struct share_look {
    struct op op; /* first */
    struct lsmb_share *share;
    const char *path; /* borrowed, UTF-8 */
    unsigned
        linkless; /* as in struct open_want; not 0: a link that stands there may be renamed over */
    bool exists;
    const char *why; /* it must not be renamed over; NULL: not known */
    /* Left open where that can be asked only later: a server that hides symbolic links (share_probe.h).  Its
     * stat stays anyway. */
    struct open open;
    struct span access; /* its security descriptor, if there is anything explicit in it */

    bool blind; /* the descriptor may not be read */
    struct open_op opening;
    struct query_info_op streams, standard, security, volume;
};

/* Start as a child of `parent`; share_look_drop() gives back what it found. */
void share_look_start(struct share_look *look, struct op *parent, struct lsmb_share *share,
                      const char *path, unsigned linkless);
void share_look_drop(struct share_look *look);

/* Ask an open file or folder what the server is (FileFsObjectIdInformation); once that has ended: whether it is Samba. */
void share_volume_start(struct query_info_op *volume, struct op *parent, struct open *open);
bool share_is_samba(const struct query_info_op *volume);

#endif
