/* test_multi_negotiate.c: the SMB1 NEGOTIATE that asks for SMB2 (MS-SMB2 3.2.4.2.2.1, MS-CIFS
 * 2.2.4.52.1). */
#include "proto/multi_negotiate.h"
#include "test/proto/message.h"
#include "test/run.h"

static bool decode(struct span msg)
{
    struct multi_negotiate_request q;

    return multi_negotiate_request_get(&q, msg);
}

/* Laid out by hand from MS-CIFS 2.2.3.1 and 2.2.4.52.1. */
#define HEADER    "ff534d4272000000001801c8000000000000000000000000ffff000000000000"
#define SMB_2_002 "02534d4220322e30303200"
#define SMB_2_XXX "02534d4220322e3f3f3f00"
#define NT_LM_012 "024e54204c4d20302e313200"

START_TEST(only_dialects_of_smb2_are_offered)
{
    static const struct {
        struct multi_negotiate_request q;
        const char *bytes;
    } cases[] = {
        {{.smb_2_002 = true, .smb_2_xxx = true}, HEADER "001600" SMB_2_002 SMB_2_XXX},
        {{.smb_2_002 = true}, HEADER "000b00" SMB_2_002},
        {{.smb_2_xxx = true}, HEADER "000b00" SMB_2_XXX},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[SMB1_NEGOTIATE_LEN_MAX];
        struct message want = message_of(cases[i].bytes);
        struct multi_negotiate_request again;
        struct wr w = wr_from(bytes, sizeof bytes);
        multi_negotiate_request_put(&w, &cases[i].q);
        ck_assert(wr_ok(&w));
        ck_assert(span_equal(wr_written(&w), message_span(&want)));
        ck_assert(multi_negotiate_request_get(&again, wr_written(&w)));
        ck_assert(again.smb_2_002 == cases[i].q.smb_2_002);
        ck_assert(again.smb_2_xxx == cases[i].q.smb_2_xxx);
        ck_assert_uint_eq(again.others, 0);
        check_prefixes_refused(decode, wr_written(&w));
    }
}
END_TEST

START_TEST(other_dialects_are_counted)
{
    struct message m = message_of(HEADER "002200" NT_LM_012 SMB_2_002 SMB_2_XXX);
    struct multi_negotiate_request q;

    ck_assert(multi_negotiate_request_get(&q, message_span(&m)));
    ck_assert(q.smb_2_002 && q.smb_2_xxx);
    ck_assert_uint_eq(q.others, 1);
}
END_TEST

START_TEST(what_is_not_such_a_request_is_refused)
{
    static const char *const bad[] = {"fe"
                                      "534d42"
                                      "72"
                                      "00000000"
                                      "18"
                                      "01c8"
                                      "0000000000000000000000000000ffff000000000000"
                                      "000b00" SMB_2_XXX,        /* ProtocolId */
                                      HEADER "010b00" SMB_2_XXX, /* WordCount */
                                      HEADER "000a00" SMB_2_XXX, /* ByteCount */
                                      HEADER "000c00" SMB_2_XXX,
                                      HEADER "000b00"
                                             "01534d4220322e3f3f3f00", /* BufferFormat */
                                      HEADER "000b00"
                                             "02534d4220322e3f3f3f3f"}; /* no NUL */

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct message m = message_of(bad[i]);
        ck_assert_msg(!decode(message_span(&m)), "case %zu", i);
    }
    struct message m = message_of(HEADER "000b00" SMB_2_XXX);
    m.bytes[4] = 0x73; /* another command */
    ck_assert(!decode(message_span(&m)));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/multi_negotiate", only_dialects_of_smb2_are_offered,
                     other_dialects_are_counted, what_is_not_such_a_request_is_refused);
}
