/* exchange.c: how a step of an operation waits for the answer to a request. */
#include "conn/exchange.h"

#include "base/ntstatus.h"

enum op_next await_answer(struct op *op, const struct request *request)
{
    if (!request_done(request)) {
        return OP_WAIT;
    }
    return request->failure ? op_fail_as(op, request->failure) : OP_AGAIN;
}

enum op_next await_success(struct op *op, const struct request *request)
{
    enum op_next next = await_answer(op, request);

    return next == OP_AGAIN && request->status != STATUS_SUCCESS ? fail_refused(op, request) : next;
}

bool refused_error(const struct request *request, struct smb2_error_reply *out)
{
    return request_done(request) && !request->failure && request->believed &&
           !smb2_reply_has_body(request->spec.command, request->status, request->message) &&
           smb2_error_reply_get(out, request->message);
}

enum op_next fail_refused(struct op *op, const struct request *request)
{
    struct lsmb_error err;

    request_error(request, &err);
    return op_fail_as(op, &err);
}

enum op_next fail_no_buffer(struct op *op)
{
    return op_fail(op, LSMB_E_NOMEM, "no memory for the request");
}
