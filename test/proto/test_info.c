/* test_info.c: QUERY_INFO (MS-SMB2 2.2.37, 2.2.38) and SET_INFO (2.2.39, 2.2.40). */
#include "proto/error.h"
#include "proto/info.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_query(struct span msg)
{
    struct smb2_query_info_request q;

    return smb2_query_info_request_get(&q, msg);
}

static bool decode_query_reply(struct span msg)
{
    struct smb2_query_info_reply a;

    return smb2_query_info_reply_get(&a, msg, 0x10000);
}

static bool decode_set(struct span msg)
{
    struct smb2_set_info_request q;

    return smb2_set_info_request_get(&q, msg);
}

START_TEST(a_query_names_a_class)
{
    struct message m = message_of(pkt_query_info_request);
    struct message again;
    struct smb2_query_info_request q;

    ck_assert(smb2_query_info_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.info_type, SMB2_0_INFO_FILE);
    ck_assert_uint_eq(q.info_class, FILE_STANDARD_INFORMATION);
    ck_assert_uint_eq(q.output_length, 65535);
    ck_assert_uint_eq(q.additional_information, 0);
    ck_assert_uint_eq(q.flags, 0);
    ck_assert_uint_eq(q.file.persistent, 0xd944c75d);
    ck_assert_uint_eq(q.file.vol, 0x4237769b);
    ck_assert_uint_eq(q.input.len, 0);
    struct wr w = body_begin(&again);
    smb2_query_info_request_put(&w, &q);
    check_body(&w, pkt_query_info_request);
    check_prefixes_refused(decode_query, (struct span){m.bytes, SMB2_HEADER_LEN + 40});
}
END_TEST

START_TEST(a_query_with_input_goes_both_ways)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 41", 64, "28"},
        {"the input is past the end", 76, "05000000"},
        {"the input lies in the fixed part", 72, "5000"},
    };
    const struct smb2_query_info_request q = {.info_type = SMB2_0_INFO_SECURITY,
                                              .additional_information = 7,
                                              .flags = 2,
                                              .input = span_of("quux")};
    struct smb2_query_info_request got;
    struct message m;
    struct wr w = body_begin(&m);

    smb2_query_info_request_put(&w, &q);
    struct span msg = body_end(&m, &w);
    ck_assert(smb2_query_info_request_get(&got, msg));
    ck_assert_uint_eq(got.info_type, SMB2_0_INFO_SECURITY);
    ck_assert_uint_eq(got.additional_information, 7);
    ck_assert_uint_eq(got.flags, 2);
    ck_assert(span_equal(got.input, q.input));
    check_breaches_refused(decode_query, msg, breaches);
}
END_TEST

START_TEST(a_reply_is_not_longer_than_asked)
{
    struct message m = message_of(pkt_query_info_reply_standard);
    struct message again;
    struct smb2_query_info_reply a;

    ck_assert(smb2_query_info_reply_get(&a, message_span(&m), 24));
    check_span(a.data, "001000000000000000000000000000000100000000000000");
    ck_assert(!smb2_query_info_reply_get(&a, message_span(&m), 23));
    ck_assert(smb2_query_info_reply_get(&a, message_span(&m), 24));
    struct wr w = body_begin(&again);
    smb2_query_info_reply_put(&w, &a);
    check_body(&w, pkt_query_info_reply_standard);
    check_prefixes_refused(decode_query_reply, message_span(&m));
}
END_TEST

START_TEST(an_empty_reply_may_have_any_offset)
{
    struct message m = message_of(pkt_query_info_reply_empty);
    struct smb2_query_info_reply a;

    ck_assert_uint_eq(m.bytes[66], 0); /* OutputBufferOffset, from Samba */
    ck_assert(smb2_query_info_reply_get(&a, message_span(&m), 0));
    ck_assert_uint_eq(a.data.len, 0);
}
END_TEST

START_TEST(a_reply_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 9", 64, "08"},
        {"the output is past the end", 68, "19000000"},
        {"the output wraps with its offset", 68, "c0ffffff"},
        {"the output begins past the end", 66, "00f0"},
        {"the output lies in the fixed part", 66, "4000"},
    };
    struct message m = message_of(pkt_query_info_reply_standard);

    check_breaches_refused(decode_query_reply, message_span(&m), breaches);
}
END_TEST

START_TEST(a_set_carries_a_structure)
{
    static const struct {
        const char *packet;
        uint8_t info_class;
        size_t len;
    } cases[] = {
        {pkt_set_info_rename, FILE_RENAME_INFORMATION, 40},
        {pkt_set_info_disposition, FILE_DISPOSITION_INFORMATION, 1},
        {pkt_set_info_allocation, FILE_ALLOCATION_INFORMATION, 8},
        {pkt_set_info_basic, FILE_BASIC_INFORMATION, 40},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message m = message_of(cases[i].packet);
        struct message again;
        struct smb2_set_info_request q;
        ck_assert(smb2_set_info_request_get(&q, message_span(&m)));
        ck_assert_uint_eq(q.info_type, SMB2_0_INFO_FILE);
        ck_assert_uint_eq(q.info_class, cases[i].info_class);
        ck_assert_uint_eq(q.additional_information, 0);
        ck_assert_uint_eq(q.data.len, cases[i].len);
        struct wr w = body_begin(&again);
        smb2_set_info_request_put(&w, &q);
        check_body(&w, cases[i].packet);
        check_prefixes_refused(decode_set, message_span(&m));
    }
}
END_TEST

START_TEST(a_set_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 33", 64, "20"},
        {"the buffer is past the end", 68, "29000000"},
        {"the buffer lies in the fixed part", 72, "5000"},
    };
    struct message m = message_of(pkt_set_info_rename);

    check_breaches_refused(decode_set, message_span(&m), breaches);
}
END_TEST

START_TEST(the_reply_to_a_set_says_nothing)
{
    static const struct breach breaches[] = {{"StructureSize is ERROR's", 64, "0900"}};
    struct message m = message_of(pkt_set_info_reply);
    struct message again;
    struct wr w = body_begin(&again);

    smb2_set_info_reply_put(&w);
    check_body(&w, pkt_set_info_reply);
    check_prefixes_refused(smb2_set_info_reply_get, message_span(&m));
    check_breaches_refused(smb2_set_info_reply_get, message_span(&m), breaches);
}
END_TEST

static bool decode_needed_length(struct span msg)
{
    uint32_t needed;

    return smb2_needed_length_get(&needed, msg);
}

START_TEST(a_refusal_says_how_much_it_takes) /* MS-SMB2 2.2.2.1: bare, and in a context */
{
    uint8_t list[64];
    struct message m;
    uint32_t needed = 0;
    const uint8_t length[] = {0x34, 0x12, 0, 0};
    const struct smb2_error_context context = {.data = {length, sizeof length}};
    struct wr contexts = wr_from(list, sizeof list);

    smb2_error_context_put(&contexts, &context);
    for (uint8_t count = 0; count < 2; count++) {
        struct wr w = body_begin(&m);
        smb2_error_reply_put(&w, &(struct smb2_error_reply){
                                     .context_count = count,
                                     .data = count > 0 ? wr_written(&contexts) : context.data,
                                 });
        struct span msg = body_end(&m, &w);
        ck_assert(smb2_needed_length_get(&needed, msg));
        ck_assert_uint_eq(needed, 0x1234);
        check_prefixes_refused(decode_needed_length, msg);
    }
    struct wr w = body_begin(&m);
    smb2_error_reply_put(&w, &(struct smb2_error_reply){0});
    ck_assert(!smb2_needed_length_get(&needed, body_end(&m, &w)));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/info", a_query_names_a_class, a_query_with_input_goes_both_ways,
                     a_reply_is_not_longer_than_asked, an_empty_reply_may_have_any_offset,
                     a_reply_that_breaks_a_rule_is_refused, a_set_carries_a_structure,
                     a_set_that_breaks_a_rule_is_refused, the_reply_to_a_set_says_nothing,
                     a_refusal_says_how_much_it_takes);
}
