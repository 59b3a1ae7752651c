/* open_chain.h: the frame that opens a file: a CREATE, and what is to happen to the file in the same round trip
 * (struct open_tail; MS-SMB2 3.2.4.1.4), and before both, where the share is not connected to yet, TREE_CONNECT.
 *
 * A server that takes a frame apart in other ways than agreed gets its requests one by one: what failed because
 * of its company is repeated alone, and after some of those in a row the lane sends no more such frames. */
#ifndef LSMB_FS_OPEN_CHAIN_H
#define LSMB_FS_OPEN_CHAIN_H

#include "fs/open.h"

/* Whether TREE_CONNECT, too, may go in the frame, for a share that is not connected to yet: nothing is changed
 * on it before it is known how it wants to be treated, and nothing goes in plain that it might want encrypted. */
bool open_chain_may_attach(const struct open_op *o);

/* Send the CREATE whose body is laid in o->request with the writer `w`; with its tail, where it has one that can
 * go now.  False: it was not sent, because the share is not connected to and TREE_CONNECT has to go by itself. */
bool open_chain_send(struct open_op *o, const struct wr *w, const struct request_spec *spec);

/* Whether the connection has ended over a frame with TREE_CONNECT in it, as it does with servers that take that
 * amiss: a Samba 4.17 mangles its answer where a CREATE in the midst has to wait for an oplock.  Nothing was
 * done there, so all may go by another connection (attach_anew), unless somebody has changed what came.  Then
 * nothing is left of the frame, but the operation still is the one that connects (attach_claim). */
bool open_chain_lost(struct open_op *o);

/* OP_AGAIN when all that left with the CREATE has been answered, whatever the statuses, and the share is
 * connected to, or all of it is to be sent once more; OP_WAIT until then; the failure of the operation when something will not be. */
enum op_next open_chain_await(struct open_op *o);

/* Is all to be sent once more, because the answers may be for the company that each request was in, or are
 * worth nothing?  Then nothing of them is left. */
bool open_chain_goes_again(struct open_op *o);

/* Whether a server has refused a request of a frame, and may be believed, with what servers say to one that they
 * would do if it came alone; or has left us no credits to send the frame.  The request is done. */
bool open_chain_spoiled(const struct request *request);

/* Called when the CREATE has opened the file, and all that left with it is answered: say in the tail what came of
 * it. */
void open_chain_settle(struct open_op *o);

/* Whether the tail has closed the file again. */
bool open_chain_closed(const struct open_op *o);

/* Called when the operation is released, however it ended: where it ends in the middle, the share that the frame
 * has connected to stays connected. */
void open_chain_adopt(struct open_op *o);

/* Called when nothing of the frame is wanted any more: the CREATE was refused, or what it opened is, or nobody has
 * looked at it before the operation was released.  Lets go of what the others of the frame still ask for, and of
 * their answers.  Harmless when there are none. */
void open_chain_drop(struct open_op *o);

#endif
