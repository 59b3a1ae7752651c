/* share_look.h: what stands on a share where a file is to be published, and whether a rename over it loses
 * anything. */
#ifndef LSMB_XFER_SHARE_LOOK_H
#define LSMB_XFER_SHARE_LOOK_H

#include "fs/info.h"
#include "fs/open.h"
#include "xfer/share_frame.h"

/* An error that anybody may have said: nothing is concluded from it (conn/request.h). */
static inline bool share_forged(const struct op *child)
{
    return child->err.code == LSMB_E_SECURITY;
}

/* What is asked about a target. */
enum { SHARE_STREAMS, SHARE_STANDARD, SHARE_SECURITY, SHARE_VOLUME, SHARE_QUESTIONS };

struct share_answer {
    bool given, denied; /* neither: the server does not know the question */
    bool cut;           /* there would have been more */
    struct span data;
};

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
    bool alone; /* CREATE goes without the questions */
    struct open_op opening;
    struct open_tail tail;
    struct request asked[SHARE_QUESTIONS], closing; /* in the tail */
    struct query_info_op asking[SHARE_QUESTIONS];   /* or one by one */
    struct share_answer answers[SHARE_QUESTIONS];
};

/* Start as a child of `parent`; share_look_drop() gives back what it found. */
void share_look_start(struct share_look *look, struct op *parent, struct lsmb_share *share,
                      const char *path, unsigned linkless);
void share_look_drop(struct share_look *look);

/* Ask an open file or folder what the server is (FileFsObjectIdInformation); and whether the answer is that of Samba. */
void share_volume_start(struct query_info_op *volume, struct op *parent, struct open *open);
bool share_is_samba(struct span volume);

#endif
