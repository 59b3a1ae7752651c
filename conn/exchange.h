/* exchange.h: how a step of an operation waits for the answer to a request. */
#ifndef LSMB_CONN_EXCHANGE_H
#define LSMB_CONN_EXCHANGE_H

#include "base/op.h"
#include "conn/request.h"
#include "proto/error.h"

/* OP_AGAIN when the server has answered, whatever the status; OP_WAIT until then; the failure of `op` when
 * there will be no answer. */
enum op_next await_answer(struct op *op, const struct request *request);

/* Likewise for a command whose answer says nothing but that it was done (FLUSH, LOCK, SET_INFO, ECHO): any other
 * status, and any other answer, is the failure of `op`. */
enum op_next await_success(struct op *op, const struct request *request);

/* What the ERROR reply to a refused request says beside its status (a link in the way, a share that is
 * elsewhere); borrowed from the request.  False: nothing that may be believed, or nothing at all. */
bool refused_error(const struct request *request, struct smb2_error_reply *out);

/* Fail because the server has answered with an error (request_error). */
enum op_next fail_refused(struct op *op, const struct request *request);

/* Fail for want of a buffer for a request. */
enum op_next fail_no_buffer(struct op *op);

#endif
