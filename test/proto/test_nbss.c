/* test_nbss.c: framing (MS-SMB2 2.1, RFC 1002 4.3) and NetBIOS names (RFC 1001 14.1). */
#include "proto/nbss.h"
#include "test/proto/message.h"
#include "test/run.h"

START_TEST(direct_tcp_has_24_bits_of_length) /* MS-SMB2 2.1 */
{
    uint8_t out[NBSS_PREFIX_LEN];
    struct wr w = wr_from(out, sizeof out);
    size_t length;

    nbss_direct_put(&w, 0x123456);
    check_span(wr_written(&w), "00123456");
    ck_assert(nbss_direct_get(&length, wr_written(&w)));
    ck_assert_uint_eq(length, 0x123456);
    w = wr_from(out, sizeof out);
    nbss_direct_put(&w, NBSS_DIRECT_MAX);
    ck_assert(wr_ok(&w));
    w = wr_from(out, sizeof out);
    nbss_direct_put(&w, NBSS_DIRECT_MAX + 1);
    ck_assert(!wr_ok(&w));
}
END_TEST

START_TEST(direct_tcp_has_no_other_types)
{
    struct message m = message_of("81000044");
    size_t length;

    ck_assert(!nbss_direct_get(&length, message_span(&m)));
    m.bytes[0] = 0;
    ck_assert(nbss_direct_get(&length, message_span(&m)));
    for (size_t n = 0; n < NBSS_PREFIX_LEN; n++) {
        ck_assert(!nbss_direct_get(&length, (struct span){m.bytes, n}));
    }
}
END_TEST

START_TEST(session_packets_have_a_type_and_17_bits) /* RFC 1002 4.3.1 */
{
    static const struct {
        const char *prefix;
        enum nbss_type type;
        size_t length;
    } cases[] = {
        {"00000000", NBSS_MESSAGE, 0},           {"0001ffff", NBSS_MESSAGE, NBSS_SESSION_MAX},
        {"81000044", NBSS_SESSION_REQUEST, 68},  {"82000000", NBSS_POSITIVE_RESPONSE, 0},
        {"83000001", NBSS_NEGATIVE_RESPONSE, 1}, {"84000006", NBSS_RETARGET_RESPONSE, 6},
        {"85000000", NBSS_KEEPALIVE, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message m = message_of(cases[i].prefix);
        uint8_t out[NBSS_PREFIX_LEN];
        struct wr w = wr_from(out, sizeof out);
        enum nbss_type type;
        size_t length;
        ck_assert(nbss_session_get(&type, &length, message_span(&m)));
        ck_assert_int_eq(type, cases[i].type);
        ck_assert_uint_eq(length, cases[i].length);
        nbss_session_put(&w, type, length);
        ck_assert(span_equal(wr_written(&w), message_span(&m)));
        for (size_t n = 0; n < NBSS_PREFIX_LEN; n++) {
            ck_assert(!nbss_session_get(&type, &length, (struct span){m.bytes, n}));
        }
    }
}
END_TEST

START_TEST(session_packets_that_cannot_be_are_refused)
{
    static const char *const prefixes[] = {
        "86000000", /* no such type */
        "01000000", /* nor this */
        "00020000", /* a reserved flag */
        "85000001", /* a keepalive has no body */
        "82000001", /* nor has a positive response */
        "83000000", "84000005", "81000043",
    };

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        struct message m = message_of(prefixes[i]);
        enum nbss_type type;
        size_t length;
        ck_assert_msg(!nbss_session_get(&type, &length, message_span(&m)), "%s", prefixes[i]);
    }
    struct wr w = wr_from((uint8_t[NBSS_PREFIX_LEN]){0}, NBSS_PREFIX_LEN);
    nbss_session_put(&w, NBSS_MESSAGE, NBSS_SESSION_MAX + 1);
    ck_assert(!wr_ok(&w));
}
END_TEST

START_TEST(names_are_encoded_and_decoded)
{
    static const struct {
        struct nbss_name name;
        const char *letters;
    } cases[] = {
        {{"*", 0x00}, "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},          /* RFC 1002 4.2.17 */
        {{"*SMBSERVER", 0x20}, "CKFDENECFDEFFCFGEFFCCACACACACACA"}, /* well known */
        {{"VECSRV", 0x00}, "FGEFEDFDFCFGCACACACACACACACACAAA"},     /* captured from nmbd 4.17 */
        {{"ABCDEFGHIJKLMNO", 0x1b}, "EBECEDEEEFEGEHEIEJEKELEMENEOEPBL"}, /* exactly 15 */
        {{"ABCDEFGHIJKLMNO", 0x20}, "EBECEDEEEFEGEHEIEJEKELEMENEOEPCA"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t out[NBSS_NAME_LEN];
        struct wr w = wr_from(out, sizeof out);
        nbss_name_put(&w, &cases[i].name);
        ck_assert_uint_eq(wr_written(&w).len, NBSS_NAME_LEN);
        ck_assert_uint_eq(out[0], 0x20);
        ck_assert_mem_eq(out + 1, cases[i].letters, 32);
        ck_assert_uint_eq(out[33], 0);
        struct rd r = rd_from(wr_written(&w), 0);
        struct nbss_name got = nbss_name_get(&r);
        ck_assert(rd_ok(&r) && rd_left(&r) == 0);
        ck_assert_str_eq(got.text, cases[i].name.text);
        ck_assert_uint_eq(got.suffix, cases[i].name.suffix);
    }
}
END_TEST

START_TEST(a_name_longer_than_15_bytes_is_no_name)
{
    struct nbss_name name = {.suffix = 0x20};
    uint8_t out[NBSS_NAME_LEN];
    struct wr w = wr_from(out, sizeof out);

    memset(name.text, 'A', sizeof name.text);
    nbss_name_put(&w, &name);
    ck_assert(!wr_ok(&w));
    w = wr_from(out, sizeof out);
    nbss_name_raw_put(&w, &name);
    ck_assert(!wr_ok(&w));
}
END_TEST

static bool decode_request(struct span body)
{
    struct nbss_name called, calling;

    return nbss_request_get(&called, &calling, body);
}

START_TEST(a_session_request_names_both_ends) /* RFC 1002 4.3.2 */
{
    static const struct breach breaches[] = {
        {"the name is not 32 letters long", 0, "1f"},
        {"a letter below A", 1, "40"},
        {"a letter above P", 32, "51"},
        {"a scope", 33, "01"},
    };
    const struct nbss_name server = {"fileserver", 0x20}, client = {"me", 0x00};
    struct nbss_name called, calling;
    uint8_t out[NBSS_REQUEST_LEN] = {0};
    struct wr w = wr_from(out, sizeof out);

    nbss_request_put(&w, &server, &client);
    ck_assert_uint_eq(wr_written(&w).len, NBSS_REQUEST_LEN);
    ck_assert_hex(out, "81000044");
    struct span body = {out + NBSS_PREFIX_LEN, sizeof out - NBSS_PREFIX_LEN};
    ck_assert(nbss_request_get(&called, &calling, body));
    ck_assert_str_eq(called.text, "FILESERVER");
    ck_assert_uint_eq(called.suffix, 0x20);
    ck_assert_str_eq(calling.text, "ME");
    check_prefixes_refused(decode_request, body);
    check_breaches_refused(decode_request, body, breaches);
}
END_TEST

START_TEST(a_name_may_be_16_plain_bytes) /* RFC 1002 4.2.18 */
{
    const struct nbss_name name = {"VECSRV", 0x20};
    uint8_t out[16];
    struct wr w = wr_from(out, sizeof out);

    nbss_name_raw_put(&w, &name);
    check_span(wr_written(&w), "56454353525620202020202020202020");
    struct rd r = rd_from(wr_written(&w), 0);
    struct nbss_name got = nbss_name_raw_get(&r);
    ck_assert(rd_ok(&r) && nbss_name_equal(&got, &name));
    got.suffix = 0;
    ck_assert(!nbss_name_equal(&got, &name));
    out[6] = 0; /* some pad with zeros */
    out[9] = 'X';
    r = rd_from((struct span){out, sizeof out}, 0);
    got = nbss_name_raw_get(&r);
    ck_assert(nbss_name_equal(&got, &name));
    for (size_t n = 0; n < sizeof out; n++) {
        r = rd_from((struct span){out, n}, 0);
        (void)nbss_name_raw_get(&r);
        ck_assert(!rd_ok(&r));
    }
}
END_TEST

START_TEST(every_refusal_has_its_code) /* RFC 1002 4.3.4 */
{
    static const uint8_t errors[] = {0x80, 0x81, 0x82, 0x83, 0x8f};

    for (size_t i = 0; i < sizeof errors; i++) {
        uint8_t out[5], got;
        struct wr w = wr_from(out, sizeof out);
        nbss_negative_put(&w, errors[i]);
        ck_assert_hex(out, "83000001");
        ck_assert(nbss_negative_get(&got, (struct span){out + 4, 1}));
        ck_assert_uint_eq(got, errors[i]);
    }
}
END_TEST

START_TEST(the_answers_to_a_session_request) /* RFC 1002 4.3.3, 4.3.4, 4.3.5 */
{
    const struct nbss_retarget to = {0xc0000201, 139};
    struct nbss_retarget got;
    uint8_t out[16] = {0}, error;
    struct wr w = wr_from(out, sizeof out);

    nbss_positive_put(&w);
    check_span(wr_written(&w), "82000000");
    w = wr_from(out, sizeof out);
    nbss_negative_put(&w, NBSS_CALLED_NAME_NOT_PRESENT);
    check_span(wr_written(&w), "8300000182");
    ck_assert(nbss_negative_get(&error, (struct span){out + 4, 1}));
    ck_assert_uint_eq(error, NBSS_CALLED_NAME_NOT_PRESENT);
    ck_assert(!nbss_negative_get(&error, (struct span){0}));
    w = wr_from(out, sizeof out);
    nbss_retarget_put(&w, &to);
    check_span(wr_written(&w), "84000006c0000201008b");
    ck_assert(nbss_retarget_get(&got, (struct span){out + 4, 6}));
    ck_assert_uint_eq(got.address, to.address);
    ck_assert_uint_eq(got.port, 139);
    for (size_t n = 0; n < 6; n++) {
        ck_assert(!nbss_retarget_get(&got, (struct span){out + 4, n}));
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/nbss", direct_tcp_has_24_bits_of_length, direct_tcp_has_no_other_types,
                     session_packets_have_a_type_and_17_bits,
                     session_packets_that_cannot_be_are_refused, names_are_encoded_and_decoded,
                     a_name_longer_than_15_bytes_is_no_name, a_session_request_names_both_ends,
                     a_name_may_be_16_plain_bytes, every_refusal_has_its_code,
                     the_answers_to_a_session_request);
}
