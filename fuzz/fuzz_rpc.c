/* fuzz_rpc.c: what comes through a named pipe.
 *
 * Target functions: rpc_pdu_get, rpc_bind_get, rpc_bind_ack_get, rpc_bind_nak_get, rpc_request_get,
 * rpc_response_get, rpc_fault_get, srvsvc_share_enum_get, srvsvc_share_enum_reply_get,
 * srvsvc_share_next, srv_resume_key_get, srv_copychunk_get, srv_copychunk_reply_get.
 *
 * The first byte of the input selects an entry of `targets`, the rest is the message.  The seeds in
 * corpus/rpc are the PDUs of test/proto/rpc_samples.h and their stubs. */
#include "proto/copychunk.h"
#include "proto/srvsvc.h"
#include "proto/utf16.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name that was accepted has no NUL in it, and can be converted. */
static void convert(struct span utf16)
{
    size_t need = 0;

    (void)utf8_from_utf16(NULL, 0, &need, utf16);
    char *text = malloc(need);
    if (need == 0 || (text && !utf8_from_utf16(text, need, &need, utf16))) {
        abort();
    }
    free(text);
}

static void fuzz_call(struct span stub)
{
    struct srvsvc_share_enum q;

    (void)srvsvc_share_enum_get(&q, stub);
}

static void fuzz_answer(struct span stub)
{
    struct srvsvc_share_enum_reply a;
    struct srvsvc_share share;

    if (!srvsvc_share_enum_reply_get(&a, stub)) {
        return;
    }
    uint32_t count = a.count;
    for (; srvsvc_share_next(&a, &share); count--) {
        convert(share.name);
        convert(share.comment);
    }
    if (count != 0) {
        abort(); /* the answer was accepted with as many as that */
    }
}

static void fuzz_pdu(struct span message)
{
    struct rpc_response response;
    struct rpc_request request;
    struct rpc_bind_ack ack;
    struct rpc_bind_nak nak;
    struct rpc_fault fault;
    struct rpc_bind bind;
    struct rpc_pdu pdu;

    if (!rpc_pdu_get(&pdu, message)) {
        return;
    }
    (void)rpc_bind_get(&bind, &pdu);
    (void)rpc_bind_ack_get(&ack, &pdu);
    (void)rpc_bind_nak_get(&nak, &pdu);
    (void)rpc_fault_get(&fault, &pdu);
    if (rpc_request_get(&request, &pdu)) {
        fuzz_call(request.stub);
    }
    if (rpc_response_get(&response, &pdu)) {
        fuzz_answer(response.stub);
    }
}

static void fuzz_copychunk(struct span bytes)
{
    static struct srv_copychunk q;
    struct srv_copychunk_reply a;
    struct srv_resume_key key;

    (void)srv_resume_key_get(&key, bytes);
    (void)srv_copychunk_reply_get(&a, bytes);
    (void)srv_copychunk_get(&q, bytes);
}

static void (*const targets[])(struct span) = {fuzz_pdu, fuzz_call, fuzz_answer, fuzz_copychunk};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) {
        targets[data[0] % (sizeof targets / sizeof targets[0])]((struct span){data + 1, size - 1});
    }
    return 0;
}
