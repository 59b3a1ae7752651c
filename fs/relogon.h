/* relogon.h: logging on once more on a lane whose logon has run out (MS-SMB2 3.2.5.1.6).  Nobody who uses the
 * lane notices: requests wait at the session's gate, and go on afterwards or fail with the reason why not. */
#ifndef LSMB_FS_RELOGON_H
#define LSMB_FS_RELOGON_H

#include "conn/logon.h"

struct lane;

/* In struct lane. */
struct relogon {
    struct op op; /* first; it runs under nobody */
    bool running;
    struct lane *lane;
    struct ready expired; /* session.expired */
    struct logon_op logon;
    struct mech *mech; /* owned while it runs */
};

/* Look after the lane's session from now on, which is logged on. */
void relogon_watch(struct relogon *relogon, struct lane *lane);

/* No more; what runs is aborted.  Harmless when nothing was watched. */
void relogon_stop(struct relogon *relogon);

#endif
