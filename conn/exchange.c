/* exchange.c: how a step of an operation waits for the answer to a request. */
#include "conn/exchange.h"

#include "base/ntstatus.h"
#include "proto/info.h"
#include "proto/misc.h"

enum op_next await_answer(struct op *op, const struct request *request)
{
    if (!request_done(request)) {
        return OP_WAIT;
    }
    return request->failure ? op_fail_as(op, request->failure) : OP_AGAIN;
}

/* MS-SMB2 2.2.18, 2.2.27, 2.2.29, 2.2.40. */
static bool says_nothing(const struct request *request)
{
    return request->spec.command == SMB2_SET_INFO ? smb2_set_info_reply_get(request->message)
                                                  : smb2_empty_get(request->message);
}

enum op_next await_success(struct op *op, const struct request *request)
{
    enum op_next next = await_answer(op, request);

    if (next != OP_AGAIN) {
        return next;
    }
    if (request->status != STATUS_SUCCESS) {
        return fail_refused(op, request);
    }
    return says_nothing(request)
               ? OP_AGAIN
               : op_fail(op, LSMB_E_PROTOCOL, "the server sent a malformed answer to %s",
                         smb2_command_name(request->spec.command));
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
