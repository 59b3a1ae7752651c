/* spelling.h: how an existing name is really written.
 *
 * Names are found whatever their case, but a file that takes a name by a rename is then written as the
 * rename says.  Who replaces "Report.TXT" as "report.txt" expects the name to stay as it was. */
#ifndef LSMB_FS_SPELLING_H
#define LSMB_FS_SPELLING_H

#include "fs/open.h"

struct spelling_op {
    struct op op; /* first */
    struct lsmb_share *share;
    struct path *path; /* borrowed: gets the name as it is written */
    char *folder;      /* owned: where it is, UTF-8 */
    struct open open;
    struct open_op opening;
    struct close_op closing;
    struct request request;
};

/* Start as a child of `parent`: list the folder of `*path` (a share's path in the wire's form) for its
 * last component, and write that as the folder does.  When the server does not tell, `*path` stays as it
 * is, and that is no failure. */
void spelling_start(struct spelling_op *op, struct op *parent, struct lsmb_share *share,
                    struct path *path);

#endif
