/* test_rpc.c: remote procedure calls over a connection (C706 12.6, MS-RPCE 2.2.2). */
#include "proto/rpc.h"
#include "proto/srvsvc.h"
#include "test/proto/message.h"
#include "test/proto/rpc_samples.h"
#include "test/run.h"

enum { ROOM = 1024 };

static struct rpc_pdu pdu_of(const struct message *m)
{
    struct rpc_pdu pdu;

    ck_assert(rpc_pdu_get(&pdu, message_span(m)));
    return pdu;
}

/* The header says how long a PDU is, so a shorter one is refused by it alone; here each decoder has to
 * find out for itself. */
static bool shortened(struct span message, struct rpc_pdu *pdu)
{
    static uint8_t copy[ROOM];

    if (message.len < RPC_HEADER_LEN) {
        return rpc_pdu_get(pdu, message);
    }
    memcpy(copy, message.ptr, message.len);
    copy[8] = (uint8_t)message.len;
    copy[9] = (uint8_t)(message.len >> 8);
    return rpc_pdu_get(pdu, (struct span){copy, message.len});
}

static bool decode_pdu(struct span message)
{
    struct rpc_pdu pdu;

    return rpc_pdu_get(&pdu, message);
}

static bool decode_bind(struct span message)
{
    struct rpc_pdu pdu;
    struct rpc_bind q;

    return shortened(message, &pdu) && rpc_bind_get(&q, &pdu);
}

static bool decode_bind_ack(struct span message)
{
    struct rpc_pdu pdu;
    struct rpc_bind_ack a;

    return shortened(message, &pdu) && rpc_bind_ack_get(&a, &pdu);
}

static bool decode_request(struct span message)
{
    struct rpc_pdu pdu;
    struct rpc_request q;

    return shortened(message, &pdu) && rpc_request_get(&q, &pdu);
}

static bool decode_response(struct span message)
{
    struct rpc_pdu pdu;
    struct rpc_response a;

    return shortened(message, &pdu) && rpc_response_get(&a, &pdu);
}

static bool decode_fault(struct span message)
{
    struct rpc_pdu pdu;
    struct rpc_fault a;

    return shortened(message, &pdu) && rpc_fault_get(&a, &pdu);
}

static bool decode_nak(struct span message)
{
    struct rpc_pdu pdu;
    struct rpc_bind_nak a;

    return shortened(message, &pdu) && rpc_bind_nak_get(&a, &pdu);
}

/* ---------------------------------------------------------------- the header */

START_TEST(a_pdu_is_one_message)
{
    static const struct breach breaches[] = {
        {"another version", 0, "04"},
        {"another minor version", 1, "02"},
        {"big-endian numbers", 4, "00"},
        {"EBCDIC characters", 4, "11"},
        {"longer than the message", 8, "4900"},
        {"shorter than the message", 8, "4700"},
        {"with a verifier that nobody asked for", 10, "1000"},
    };
    struct message m = message_of(rpc_sample_bind);
    struct rpc_pdu pdu = pdu_of(&m);

    ck_assert_uint_eq(pdu.type, RPC_BIND);
    ck_assert_uint_eq(pdu.flags, RPC_FIRST_FRAG | RPC_LAST_FRAG);
    ck_assert_uint_eq(pdu.call_id, 1);
    ck_assert_uint_eq(pdu.body.len, m.len - RPC_HEADER_LEN);
    check_prefixes_refused(decode_pdu, message_span(&m));
    check_breaches_refused(decode_pdu, message_span(&m), breaches);
}
END_TEST

/* ---------------------------------------------------------------- bind */

START_TEST(a_bind_names_interface_and_encoding) /* C706 12.6.4.3 */
{
    static const struct breach breaches[] = {
        {"two contexts", 24, "02"},
        {"two encodings", 30, "02"},
        {"another type", 2, "0c"},
    };
    struct message m = message_of(rpc_sample_bind);
    struct rpc_pdu pdu = pdu_of(&m);
    uint8_t room[ROOM];
    struct wr w = wr_from(room, sizeof room);
    struct rpc_bind q;

    ck_assert(rpc_bind_get(&q, &pdu));
    ck_assert_uint_eq(q.max_transmit, RPC_FRAGMENT_MAX);
    ck_assert_uint_eq(q.max_receive, RPC_FRAGMENT_MAX);
    ck_assert_uint_eq(q.context_id, 0);
    ck_assert(rpc_syntax_equal(&q.interface, &srvsvc_interface));
    ck_assert(rpc_syntax_equal(&q.transfer, &rpc_ndr));
    ck_assert(!rpc_syntax_equal(&q.interface, &q.transfer));
    q.interface.version++;
    ck_assert(!rpc_syntax_equal(&q.interface, &srvsvc_interface));
    q.interface.version--;
    rpc_bind_put(&w, &q);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode_bind, message_span(&m));
    check_breaches_refused(decode_bind, message_span(&m), breaches);
}
END_TEST

START_TEST(its_answer_accepts_or_not) /* C706 12.6.4.4 */
{
    static const struct breach breaches[] = {
        {"an address past the end", 24, "ff00"},
        {"no result", 40, "00"},
        {"more results than contexts", 40, "02"},
        {"another type", 2, "0b"},
    };
    struct message m = message_of(rpc_sample_bind_ack);
    struct rpc_pdu pdu = pdu_of(&m);
    struct rpc_bind_ack a;

    ck_assert(rpc_bind_ack_get(&a, &pdu));
    ck_assert_uint_eq(a.call_id, 1);
    ck_assert_uint_eq(a.max_transmit, 4280);
    ck_assert_uint_eq(a.max_receive, 4280);
    ck_assert_uint_eq(a.result, 0);
    ck_assert_uint_eq(a.reason, 0);
    ck_assert(rpc_syntax_equal(&a.transfer, &rpc_ndr));
    check_prefixes_refused(decode_bind_ack, message_span(&m));
    check_breaches_refused(decode_bind_ack, message_span(&m), breaches);
}
END_TEST

START_TEST(an_answer_to_bind_goes_both_ways)
{
    const struct rpc_bind_ack a = {.call_id = 7,
                                   .max_transmit = 1000,
                                   .max_receive = 2000,
                                   .result = 2,
                                   .reason = 1,
                                   .transfer = rpc_ndr};
    struct message m = {.len = 0};
    struct wr w = wr_from(m.bytes, sizeof m.bytes);
    struct rpc_bind_ack got;

    rpc_bind_ack_put(&w, &a);
    m.len = w.pos;
    struct rpc_pdu pdu = pdu_of(&m);
    ck_assert(rpc_bind_ack_get(&got, &pdu));
    ck_assert_uint_eq(got.call_id, 7);
    ck_assert_uint_eq(got.max_transmit, 1000);
    ck_assert_uint_eq(got.max_receive, 2000);
    ck_assert_uint_eq(got.result, 2);
    ck_assert_uint_eq(got.reason, 1);
    ck_assert(rpc_syntax_equal(&got.transfer, &rpc_ndr));
    check_prefixes_refused(decode_bind_ack, message_span(&m));
}
END_TEST

START_TEST(a_bind_may_be_refused_as_a_whole) /* C706 12.6.4.5 */
{
    struct message m = {.len = 0};
    struct wr w = wr_from(m.bytes, sizeof m.bytes);
    struct rpc_bind_nak a;

    rpc_bind_nak_put(&w, &(struct rpc_bind_nak){.call_id = 3, .reason = 4});
    m.len = w.pos;
    struct rpc_pdu pdu = pdu_of(&m);
    ck_assert(rpc_bind_nak_get(&a, &pdu));
    ck_assert_uint_eq(a.call_id, 3);
    ck_assert_uint_eq(a.reason, 4);
    check_prefixes_refused(decode_nak, (struct span){m.bytes, RPC_HEADER_LEN + 2});
}
END_TEST

/* ---------------------------------------------------------------- calls */

START_TEST(a_request_names_what_is_called) /* C706 12.6.4.9 */
{
    static const struct breach breaches[] = {
        {"the first of more fragments", 3, "01"},
        {"for an object", 3, "83"},
        {"another type", 2, "02"},
    };
    struct message m = message_of(rpc_sample_request);
    struct rpc_pdu pdu = pdu_of(&m);
    struct rpc_request q;
    uint8_t room[ROOM];
    struct wr w = wr_from(room, sizeof room);

    ck_assert(rpc_request_get(&q, &pdu));
    ck_assert_uint_eq(q.call_id, 2);
    ck_assert_uint_eq(q.opnum, SRVSVC_NETR_SHARE_ENUM);
    ck_assert_uint_eq(q.stub.len, m.len - 24);
    rpc_request_put(&w, &q);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode_request, (struct span){m.bytes, 24});
    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(a_response_is_a_fragment) /* C706 12.6.4.10 */
{
    struct message m = message_of(rpc_sample_response);
    struct rpc_pdu pdu = pdu_of(&m);
    struct rpc_response a;
    uint8_t room[ROOM];
    struct wr w = wr_from(room, sizeof room);

    ck_assert(rpc_response_get(&a, &pdu));
    ck_assert_uint_eq(a.call_id, 2);
    ck_assert_uint_eq(a.flags, RPC_FIRST_FRAG | RPC_LAST_FRAG);
    ck_assert_uint_eq(a.stub.len, m.len - 24);
    rpc_response_put(&w, &a);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode_response, (struct span){m.bytes, 24});
    m.bytes[2] = RPC_FAULT;
    ck_assert(!decode_response(message_span(&m)));
}
END_TEST

START_TEST(a_fault_has_a_status) /* C706 12.6.4.7 */
{
    struct message m = {.len = 0};
    struct wr w = wr_from(m.bytes, sizeof m.bytes);
    struct rpc_fault a;

    rpc_fault_put(&w, &(struct rpc_fault){.call_id = 9, .context_id = 1, .status = 0x1C010003});
    m.len = w.pos;
    struct rpc_pdu pdu = pdu_of(&m);
    ck_assert(rpc_fault_get(&a, &pdu));
    ck_assert_uint_eq(a.call_id, 9);
    ck_assert_uint_eq(a.context_id, 1);
    ck_assert_uint_eq(a.status, 0x1C010003);
    check_prefixes_refused(decode_fault, (struct span){m.bytes, m.len - 4});
    m.bytes[2] = RPC_RESPONSE;
    ck_assert(!decode_fault(message_span(&m)));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/rpc", a_pdu_is_one_message, a_bind_names_interface_and_encoding,
                     its_answer_accepts_or_not, an_answer_to_bind_goes_both_ways,
                     a_bind_may_be_refused_as_a_whole, a_request_names_what_is_called,
                     a_response_is_a_fragment, a_fault_has_a_status);
}
