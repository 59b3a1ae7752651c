/* connect.h: bringing a lane up: dial, NEGOTIATE, log on (MS-SMB2 3.2.4.2). */
#ifndef LSMB_FS_CONNECT_H
#define LSMB_FS_CONNECT_H

#include "conn/logon.h"
#include "conn/negotiate.h"
#include "fs/server.h"
#include "transport/dial.h"

struct connect_op {
    struct op op; /* first */
    struct lane *lane;
    struct dial_op dial;
    struct negotiate_op negotiate;
    struct logon_op logon;
    struct mech *mech; /* owned: SPNEGO with NTLM in it */
};

/* Start as a child of `parent`; done at once when the lane is up already.  On failure the lane has no
 * link. */
void connect_start(struct connect_op *connect, struct op *parent, struct lane *lane);

#endif
