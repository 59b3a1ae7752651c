/* test_ntlm_message.c: NTLM messages, both directions. */
#include "auth/ntlm_message.h"
#include "proto/utf16.h"
#include "test/auth/octets.h"
#include "test/run.h"

/* Source: MS-NLMP 4.2.4.3. */
#define CHALLENGE_V2                                                                               \
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef0000000000000000240024004400" \
    "0000060070170000000f53006500720076006500720002000c0044006f006d00610069006e0001000c0053006500" \
    "720076006500720000000000"

/* Source: MS-NLMP 4.2.2.3, without target information. */
#define CHALLENGE_V1                                                                               \
    "4e544c4d53535000020000000c000c0038000000338202e20123456789abcdef0000000000000000000000000000" \
    "0000060070170000000f530065007200760065007200"

/* Source: MS-NLMP 4.2.4.3; it has no MIC. */
#define AUTHENTICATE_V2                                                                            \
    "4e544c4d5353500003000000180018006c00000054005400840000000c000c004800000008000800540000001000" \
    "10005c00000010001000d8000000358288e20501280a0000000f44006f006d00610069006e005500730065007200" \
    "43004f004d0050005500540045005200"                                                             \
    "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa68cd0ab851e51c96aabc927bebef6a1c010100000000" \
    "00000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c0053006500" \
    "7200760065007200000000000000"                                                                 \
    "0000c5dad2544fc9799094ce1ce90bc9d03e"

/* Source: captured between smbclient 4.17.12 and smbd 4.17.12. */
#define NEGOTIATE "4e544c4d53535000010000001582086200000000280000000000000028000000060100000000000f"

static void ck_assert_text(struct span utf16, const char *want)
{
    char got[64];
    size_t need;

    ck_assert(utf8_from_utf16(got, sizeof got, &need, utf16));
    ck_assert_str_eq(got, want);
}

static bool is_negotiate(struct span message)
{
    struct ntlm_negotiate n;

    return ntlm_negotiate_get(&n, message);
}

static bool is_challenge(struct span message)
{
    struct ntlm_challenge c;

    return ntlm_challenge_get(&c, message);
}

static bool is_authenticate(struct span message)
{
    struct ntlm_authenticate a;

    return ntlm_authenticate_get(&a, message);
}

START_TEST(challenge_of_the_specification)
{
    struct octets room;
    struct ntlm_challenge c;
    struct span name;

    ck_assert(ntlm_challenge_get(&c, octets(&room, CHALLENGE_V2)));
    ck_assert_uint_eq(c.flags, 0xE28A8233);
    ck_assert_hex(c.server_challenge, "0123456789abcdef");
    ck_assert_text(c.target_name, "Server");
    ck_assert_uint_eq(c.target_info.len, 36);
    ck_assert(ntlm_av_find(c.target_info, MSV_AV_NB_DOMAIN_NAME, &name));
    ck_assert_text(name, "Domain");
    ck_assert(ntlm_av_find(c.target_info, MSV_AV_NB_COMPUTER_NAME, &name));
    ck_assert_text(name, "Server");
    ck_assert(!ntlm_av_find(c.target_info, MSV_AV_TIMESTAMP, &name));

    ck_assert(ntlm_challenge_get(&c, octets(&room, CHALLENGE_V1)));
    ck_assert_uint_eq(c.target_info.len, 0);
    ck_assert_text(c.target_name, "Server");
}
END_TEST

START_TEST(authenticate_of_the_specification)
{
    struct octets room;
    struct ntlm_authenticate a;

    ck_assert(ntlm_authenticate_get(&a, octets(&room, AUTHENTICATE_V2)));
    ck_assert_uint_eq(a.flags, 0xE2888235);
    ck_assert_text(a.domain, "Domain");
    ck_assert_text(a.user, "User");
    ck_assert_text(a.workstation, "COMPUTER");
    ck_assert_uint_eq(a.lm_response.len, 24);
    ck_assert_hex(a.lm_response.ptr, "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa");
    ck_assert_uint_eq(a.nt_response.len, 84);
    ck_assert_hex(a.nt_response.ptr, "68cd0ab851e51c96aabc927bebef6a1c");
    ck_assert_uint_eq(a.session_key.len, 16);
    ck_assert_hex(a.session_key.ptr, "c5dad2544fc9799094ce1ce90bc9d03e");
    ck_assert(!a.has_mic);
}
END_TEST

START_TEST(each_proper_prefix_is_refused)
{
    struct octets room;

    refuse_each_prefix(octets(&room, NEGOTIATE), is_negotiate);
    refuse_each_prefix(octets(&room, CHALLENGE_V1), is_challenge);
    refuse_each_prefix(octets(&room, CHALLENGE_V2), is_challenge);
    refuse_each_prefix(octets(&room, AUTHENTICATE_V2), is_authenticate);
}
END_TEST

START_TEST(another_type_or_signature_is_refused)
{
    struct octets room;
    struct span message = octets(&room, CHALLENGE_V2);

    ck_assert(!is_negotiate(message) && !is_authenticate(message));
    room.bytes[0] ^= 0x20; /* "nTLMSSP" */
    ck_assert(!is_challenge(message));
}
END_TEST

static bool inside(struct span part, struct span whole, size_t fixed)
{
    return part.len == 0 || (part.ptr >= whole.ptr + fixed && part.len <= whole.len &&
                             part.ptr + part.len <= whole.ptr + whole.len);
}

/* Whatever the lengths and offsets say, nothing outside the payload is taken. */
static void check_views(struct span message)
{
    struct ntlm_challenge c;
    struct ntlm_authenticate a;

    if (ntlm_challenge_get(&c, message)) {
        ck_assert(inside(c.target_name, message, 48) && inside(c.target_info, message, 48));
    }
    if (ntlm_authenticate_get(&a, message)) {
        ck_assert(inside(a.domain, message, 64) && inside(a.user, message, 64) &&
                  inside(a.workstation, message, 64) && inside(a.session_key, message, 64) &&
                  inside(a.lm_response, message, 64) && inside(a.nt_response, message, 64));
    }
    (void)is_negotiate(message);
}

START_TEST(hostile_lengths_and_offsets_stay_inside)
{
    static const char *const messages[] = {NEGOTIATE, CHALLENGE_V2, AUTHENTICATE_V2};

    for (size_t m = 0; m < 3; m++) {
        struct octets room;
        struct span whole = octets(&room, messages[m]);
        const uint32_t values[] = {0,
                                   1,
                                   0x7FFFFFFF,
                                   0x80000000,
                                   0xFFFFFFF0,
                                   0xFFFFFFFF,
                                   0xFFFF,
                                   (uint32_t)whole.len - 1,
                                   (uint32_t)whole.len,
                                   (uint32_t)whole.len + 1};
        for (size_t at = 12; at + 4 <= 72 && at + 4 <= whole.len; at += 2) {
            for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
                uint8_t *copy = malloc(whole.len);
                ck_assert_ptr_nonnull(copy);
                memcpy(copy, whole.ptr, whole.len);
                struct wr w = wr_from(copy + at, 4);
                wr_u32(&w, values[v]);
                check_views((struct span){copy, whole.len});
                free(copy);
            }
        }
    }
}
END_TEST

START_TEST(every_field_must_lie_in_the_payload)
{
    static const struct {
        const char *message;
        size_t field;
        bool (*accepts)(struct span);
    } cases[] = {
        {CHALLENGE_V2, 12, is_challenge},       {CHALLENGE_V2, 40, is_challenge},
        {AUTHENTICATE_V2, 12, is_authenticate}, {AUTHENTICATE_V2, 20, is_authenticate},
        {AUTHENTICATE_V2, 28, is_authenticate}, {AUTHENTICATE_V2, 36, is_authenticate},
        {AUTHENTICATE_V2, 44, is_authenticate}, {AUTHENTICATE_V2, 52, is_authenticate},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct octets room;
        struct span message = octets(&room, cases[i].message);
        static const uint32_t offsets[] = {0, 40, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFC};
        for (size_t o = 0; o < sizeof offsets / sizeof offsets[0]; o++) {
            struct wr w = wr_from(room.bytes + cases[i].field + 4, 4);
            wr_u32(&w, offsets[o]);
            ck_assert_msg(!cases[i].accepts(message), "field at %zu, offset %u is accepted",
                          cases[i].field, (unsigned)offsets[o]);
        }
        message = octets(&room, cases[i].message);
        struct wr w = wr_from(room.bytes + cases[i].field, 2);
        wr_u16(&w, 0xFFFF);
        ck_assert(!cases[i].accepts(message));
    }
}
END_TEST

static bool challenge_with(const char *target_info)
{
    struct octets info, out;
    struct ntlm_challenge c = {.flags = NTLM_UNICODE, .target_info = octets(&info, target_info)};
    struct wr w = wr_from(out.bytes, sizeof out.bytes);

    ntlm_challenge_put(&w, &c);
    ck_assert(wr_ok(&w));
    return is_challenge(wr_written(&w));
}

/* MS-NLMP 2.2.2.1 */
START_TEST(malformed_av_pairs_are_refused)
{
    ck_assert(challenge_with(""));
    ck_assert(challenge_with("00000000"));
    ck_assert(challenge_with("0000000000000000")); /* something behind the end */
    ck_assert(challenge_with("07000800010203040506070800000000"));
    ck_assert(challenge_with("63000100ff00000000"));    /* an unknown one of odd length */
    ck_assert(!challenge_with("0100020041"));           /* a value cut off */
    ck_assert(!challenge_with("010002004100"));         /* no MsvAvEOL */
    ck_assert(!challenge_with("000000"));               /* half a header */
    ck_assert(!challenge_with("0100ffff410000000000")); /* runs past the end */
    ck_assert(!challenge_with("07000700010203040506070000000000")); /* a time of 7 bytes */
    ck_assert(!challenge_with("060002000100"
                              "00000000"));                 /* flags of 2 bytes */
    ck_assert(!challenge_with("000004000000000000000000")); /* an end with a value */
}
END_TEST

START_TEST(what_is_written_can_be_read)
{
    struct octets out;
    struct wr w = wr_from(out.bytes, sizeof out.bytes);
    struct ntlm_authenticate in = {
        .flags = NTLM_UNICODE,
        .domain = span_of("D\0"),
        .user = span_of("user"),
        .workstation = {0},
        .lm_response = span_of("lm"),
        .nt_response = span_of("the response"),
        .session_key = span_of("0123456789abcdef"),
    };
    struct ntlm_authenticate back;

    ntlm_authenticate_put(&w, &in);
    ck_assert(ntlm_authenticate_get(&back, wr_written(&w)));
    ck_assert_uint_eq(back.flags, NTLM_UNICODE | NTLM_VERSION);
    ck_assert_span(back.domain, in.domain);
    ck_assert_span(back.user, in.user);
    ck_assert_uint_eq(back.workstation.len, 0);
    ck_assert_span(back.lm_response, in.lm_response);
    ck_assert_span(back.nt_response, in.nt_response);
    ck_assert_span(back.session_key, in.session_key);
    ck_assert(back.has_mic);
}
END_TEST

START_TEST(negotiate_is_that_of_samba)
{
    struct octets out, want;
    struct wr w = wr_from(out.bytes, sizeof out.bytes);
    struct ntlm_negotiate n = {.flags = 0x62088215};

    ntlm_negotiate_put(&w, &n);
    ck_assert_span(wr_written(&w), octets(&want, NEGOTIATE));
    ck_assert(ntlm_negotiate_get(&n, wr_written(&w)));
    ck_assert_uint_eq(n.flags, 0x62088215);
}
END_TEST

static bool is_blob(struct span bytes)
{
    struct ntlm_client_blob blob;

    return ntlm_client_blob_get(&blob, bytes);
}

/* Source: MS-NLMP 4.2.4.1.3 ("temp"). */
START_TEST(client_blob_of_the_specification)
{
    struct octets info, out, want;
    struct wr w = wr_from(out.bytes, sizeof out.bytes);
    struct ntlm_client_blob back,
        blob = {
            .target_info =
                octets(&info, "02000c0044006f006d00610069006e0001000c0053006500720076006500"
                              "720000000000"),
        };

    memset(blob.client_challenge, 0xAA, sizeof blob.client_challenge);
    ntlm_client_blob_put(&w, &blob);
    ck_assert_span(wr_written(&w),
                   octets(&want, "01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c00"
                                 "44006f006d00610069006e0001000c005300650072007600650072000000"
                                 "000000000000"));
    ck_assert(ntlm_client_blob_get(&back, wr_written(&w)));
    ck_assert_hex(back.client_challenge, "aaaaaaaaaaaaaaaa");
    ck_assert_uint_eq(back.time, 0);
    struct span whole = wr_written(&w);
    whole.len -= 4; /* the zeros at its end say nothing */
    refuse_each_prefix(whole, is_blob);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/ntlm_message", challenge_of_the_specification,
                     authenticate_of_the_specification, each_proper_prefix_is_refused,
                     another_type_or_signature_is_refused, hostile_lengths_and_offsets_stay_inside,
                     every_field_must_lie_in_the_payload, malformed_av_pairs_are_refused,
                     what_is_written_can_be_read, negotiate_is_that_of_samba,
                     client_blob_of_the_specification);
}
