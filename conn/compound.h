/* compound.h: several requests in one frame (MS-SMB2 3.2.4.1.4).
 *
 * Every element stays a request of its own, with its MessageId, its credits and its answer; the server may
 * answer them together, apart, or one of them later. */
#ifndef LSMB_CONN_COMPOUND_H
#define LSMB_CONN_COMPOUND_H

#include "conn/request.h"

enum { COMPOUND_MAX = 8 };

/* TreeId of a related request: that of the request before it, where TREE_CONNECT is among them. */
#define SMB2_TREE_ID_RELATED UINT32_MAX

struct compound_part {
    struct request *request; /* its body laid out, not sent; outlives its answer as always */
    struct wr w;             /* the body's writer */
    struct request_spec spec;
    struct ready *waiter; /* borrowed; may be NULL */
    /* Behind the body, of a WRITE: borrowed until the request has left or is dropped, and counted in
     * spec.payload. */
    struct span payload;
};

/* Send `count` (2 to COMPOUND_MAX) requests as one frame, in this order.  All belong to one channel, are
 * sealed or not alike, and none waits with the data.  `related`: each builds on the one before, whose file it names by
 * SMB2_FILE_ID_NONE; else nobody depends on anybody.
 *
 * False: they were not sent, because the server never granted twice what they cost, or memory is short.
 * They are as they were, and the caller asks one by one; what was laid for a related one has to be laid
 * anew.  While a compound waits its elements fall together: dropping one ends the others with
 * LSMB_E_CANCELLED, and credits that will not come end all of them (request_fell_apart). */
bool compound_send(const struct compound_part *parts, unsigned count, bool related);

/* For conn/request: send the compound that `lead` has waited with.  False when the conn has failed. */
bool compound_issue(struct request *lead);

#endif
