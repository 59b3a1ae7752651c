/* open_chain.h: the frame that opens a file: a CREATE, and what is to happen to the file in the same round trip
 * (struct open_tail; MS-SMB2 3.2.4.1.4).
 *
 * A server that takes a frame apart in other ways than agreed gets its requests one by one: what failed because
 * of its company is repeated alone, and after some of those in a row the lane sends no more such frames. */
#ifndef LSMB_FS_OPEN_CHAIN_H
#define LSMB_FS_OPEN_CHAIN_H

#include "fs/open.h"

/* Send the CREATE whose body is laid in o->request with the writer `w`; with its tail, where it has one that can
 * go now. */
void open_chain_send(struct open_op *o, const struct wr *w, const struct request_spec *spec);

/* OP_AGAIN when all that left with the CREATE has been answered, whatever the statuses; OP_WAIT until then; the
 * failure of the operation when something will not be. */
enum op_next open_chain_await(struct open_op *o);

/* The CREATE was refused: is it to be sent once more, because that may have been for its company? */
bool open_chain_goes_again(struct open_op *o);

/* The CREATE opened the file and all is answered: say in the tail what came of it. */
void open_chain_settle(struct open_op *o);

/* Whether the tail has closed the file again. */
bool open_chain_closed(const struct open_op *o);

/* Let go of what the tail still asks for, and of its answers.  Harmless when there is none. */
void open_chain_drop(struct open_op *o);

#endif
