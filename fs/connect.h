/* connect.h: bringing a lane up: dial, NEGOTIATE, log on (MS-SMB2 3.2.4.2). */
#ifndef LSMB_FS_CONNECT_H
#define LSMB_FS_CONNECT_H

#include "conn/logon.h"
#include "conn/negotiate.h"
#include "fs/server.h"
#include "transport/call.h"

struct connect_op {
    struct op op;     /* first */
    struct list node; /* in lane.waiting, while another one brings it up */
    struct lane *lane;
    struct lane **held;    /* borrowed: the starter's reference to it */
    struct request echo;   /* to a lane that has been idle */
    struct timer patience; /* with it */
    struct dial_op dial;
    struct call_op call; /* instead of it, over NetBIOS */
    enum negotiate_form form;
    struct negotiate_op negotiate;
    struct logon_op logon;
    struct mech *mech; /* owned: SPNEGO with NTLM in it */
};

/* Start as a child of `parent`; done at once when the lane is up already.  One that has been idle is asked
 * by ECHO first (MS-SMB2 3.2.4.18); when it says nothing, `*lane`, which is a reference of the caller's, is
 * exchanged for another lane to the same server.  Of those that are started together one connects, and
 * the others share its success or failure; when it is aborted, the next one takes over.  On failure the
 * lane has no link, unless it was up before and has been lost. */
void connect_start(struct connect_op *connect, struct op *parent, struct lane **lane);

/* A mechanism to log on with, for a lane that has negotiated.  NULL: no memory. */
struct mech *lane_mech(const struct lane *lane);

#endif
