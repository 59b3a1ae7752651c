/* share_finish.h: a temporary on a share comes to a name that is free, in one frame.
 *
 *   take the mark back, [ask whether it is gone], rename unless the name is taken, CLOSE
 *
 * The rename replaces nothing: so whatever goes wrong, to delete the file that is open brings back what was there
 * before.  A rename that replaces must not go before it is known that the mark is gone (share_keep). */
#ifndef LSMB_XFER_SHARE_FINISH_H
#define LSMB_XFER_SHARE_FINISH_H

#include "xfer/share_frame.h"

struct share_sink;

struct share_finish {
    struct request unmark, query, rename, close;
};

/* Send it for s->temp, all of which is written and flushed.  False: nothing was sent. */
bool share_finish_send(struct share_sink *s, struct share_finish *finish);

/* Whether answers are missing.  When none is, s->temp is not open any more if CLOSE was done. */
bool share_finish_waits(struct share_sink *s, const struct share_finish *finish);

/* Whether nothing of it has left, for want of credits; it is forgotten then, as if it had not been sent. */
bool share_finish_fell_apart(struct share_sink *s, struct share_finish *finish);

/* Of a rename that was done.  OP_AGAIN: the mark is known to be gone, as far as the server can say, and the file is in
 * its place.  OP_DONE: the server keeps it, and the file is gone.  OP_FAIL: so it does, but the file is open still, or
 * nobody can tell. */
enum op_next share_finish_judge(struct share_sink *s, struct share_finish *finish);

/* Fail a step, because of the answer to `request`: the file has, or may have, its name, but not for sure. */
enum op_next share_finish_unsure(struct share_sink *s, const struct request *request);

/* The operation ends, whatever is under way. */
void share_finish_drop(struct share_sink *s, struct share_finish *finish);

#endif
