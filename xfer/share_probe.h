/* share_probe.h: whether a name on a Samba share is a symbolic link.
 *
 * Samba follows links inside a share by itself and, up to 4.2x, shows what they lead to as if it stood at
 * their place: attributes, file id and listing are those of the file, FILE_OPEN_REPARSE_POINT changes
 * nothing, and there is no reparse point to read.  A rename over the name would nevertheless replace the
 * link.  What tells the two apart is a second name (FileLinkInformation): the server gives it to what
 * stands at the name, so the file that was opened has two names afterwards, or still one when it was a link
 * that got the second.
 *
 * The second name is made out of the way: it is the one that the temporary gets next, by a rename that
 * replaces it.  Nothing is deleted for that, so nothing ends in a recycle bin, and since all requests go out
 * together a client that dies hardly ever leaves the second name behind.
 *
 * Linux lets nobody make a second name for another user's link (protected_hardlinks), but for any file that
 * he may read and write: so a refusal means a link, too. */
#ifndef LSMB_XFER_SHARE_PROBE_H
#define LSMB_XFER_SHARE_PROBE_H

#include "fs/info.h"
#include "fs/open.h"

struct share_probe {
    struct op op; /* first */
    struct open *there, *temp;
    const char *name;  /* borrowed */
    bool is_link;      /* or may be one */
    bool temp_renamed; /* the temporary is called `name` now */
    bool name_left;    /* the second name could not be taken away */

    struct path path;
    struct open again; /* the second name, to be deleted */
    struct set_info_op linking, renaming;
    struct query_info_op counting;
    struct close_op closing;
    struct open_op opening;
};

/* Start as a child of `parent`.
 *   there  what stands at the name, with one name; closed by this.
 *   temp   the temporary, opened with ACCESS_DELETE and not marked for deletion.
 *   name   UTF-8, in the same folder: nobody else's, and free. */
void share_probe_start(struct share_probe *probe, struct op *parent, struct open *there,
                       struct open *temp, const char *name);

#endif
