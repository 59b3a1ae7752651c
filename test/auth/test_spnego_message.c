/* test_spnego_message.c: SPNEGO messages, both directions. */
#include "auth/spnego_message.h"
#include "test/auth/octets.h"
#include "test/auth/spnego_tokens.h"
#include "test/run.h"

static bool is_init(struct span token)
{
    struct spnego_init init;

    return spnego_init_get(&init, token);
}

static bool is_resp(struct span token)
{
    struct spnego_resp resp;

    return spnego_resp_get(&resp, token);
}

/* Sources: spnego_tokens.h.  RFC 4178 4.2.1, MS-SPNG 2.2.1. */
START_TEST(first_messages_of_windows_and_samba)
{
    for (size_t i = 0; i < sizeof init_tokens / sizeof init_tokens[0]; i++) {
        struct octets token, types;
        struct spnego_init init;
        struct span whole = octets(&token, init_tokens[i].token);
        ck_assert_msg(spnego_init_get(&init, whole), "%s is refused", init_tokens[i].name);
        ck_assert_span(init.mech_types, octets(&types, init_tokens[i].mech_types));
        ck_assert_uint_eq(init.mech_token.len, init_tokens[i].mech_token_len);
        ck_assert(!is_resp(whole));
        refuse_each_prefix(whole, is_init);
    }
}
END_TEST

/* Sources: spnego_tokens.h.  RFC 4178 4.2.2. */
START_TEST(later_messages_of_windows_and_samba)
{
    for (size_t i = 0; i < sizeof resp_tokens / sizeof resp_tokens[0]; i++) {
        const struct resp_token *want = &resp_tokens[i];
        struct octets token, room;
        struct spnego_resp resp;
        struct span whole = octets(&token, want->token);
        ck_assert_msg(spnego_resp_get(&resp, whole), "%s is refused", want->name);
        ck_assert_int_eq(resp.has_state ? (int)resp.state : -1, want->state);
        ck_assert_span(resp.supported_mech, octets(&room, want->mech));
        ck_assert_uint_eq(resp.response_token.len, want->response_token_len);
        struct span start = octets(&room, want->response_token_start);
        ck_assert_mem_eq(resp.response_token.ptr, start.ptr, start.len);
        ck_assert_span(resp.mech_list_mic, octets(&room, want->mic));
        ck_assert(!is_init(whole));
        refuse_each_prefix(whole, is_resp);
    }
}
END_TEST

START_TEST(messages_are_written_as_windows_and_samba_do)
{
    for (size_t i = 0; i < sizeof resp_tokens / sizeof resp_tokens[0]; i++) {
        struct octets token, out;
        struct spnego_resp resp;
        struct span whole = octets(&token, resp_tokens[i].token);
        ck_assert(spnego_resp_get(&resp, whole));
        struct der_wr w = der_to(out.bytes, sizeof out.bytes);
        spnego_resp_put(&w, &resp);
        ck_assert_span(der_written(&w), whole);
    }
    for (size_t i = 1; i < sizeof init_tokens / sizeof init_tokens[0]; i++) { /* 0 has negHints */
        struct octets token, out;
        struct spnego_init init;
        struct span whole = octets(&token, init_tokens[i].token);
        ck_assert(spnego_init_get(&init, whole));
        struct der_wr w = der_to(out.bytes, sizeof out.bytes);
        spnego_init_put(&w, &init);
        ck_assert_span(der_written(&w), whole);
        ck_assert_uint_le(der_written(&w).len,
                          init.mech_types.len + init.mech_token.len + SPNEGO_FRAME_MAX);
    }
}
END_TEST

START_TEST(malformed_messages_are_refused)
{
    static const char *const bad[] = {
        "",
        "604806062b0601050502a03e303ca00e300c060a2b", /* runs past the end */
        "6084ffffffff06062b0601050502",
        "a1073005a0030a0109",           /* negState 9 is none */
        "a1083006a0040a020001",         /* negState of two bytes */
        "a1063004a0020a00",             /* negState of none */
        "a109300700030a0100040100",     /* fields that are no fields */
        "a1093007a0050a01000a0100",     /* two values in a field */
        "a1073007a0030a01000400",       /* a sequence longer than what holds it */
        "a1093005a0030a01000400",       /* something behind the sequence */
        "600b06062b0601050503a0013000", /* another mechanism's message */
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct octets room;
        struct span token = octets(&room, bad[i]);
        ck_assert_msg(!is_init(token) && !is_resp(token), "%s is accepted", bad[i]);
    }
}
END_TEST

START_TEST(fields_of_extensions_are_passed_over)
{
    struct octets room;
    struct spnego_resp resp;

    ck_assert(spnego_resp_get(&resp, octets(&room, "a10c300aa0030a0100a4030a0105")));
    ck_assert(resp.has_state && resp.state == SPNEGO_ACCEPT_COMPLETED);
    ck_assert(!spnego_resp_get(&resp, octets(&room, "a10c300aa0030a0100a4040a0105")));
}
END_TEST

START_TEST(mechanisms_have_names)
{
    static const struct span ntlm = OID_NTLMSSP, kerberos = OID_KERBEROS, ms = OID_MS_KERBEROS;
    struct span rsa = OID_SPAN("\x2A\x86\x48\x86\xF7\x0D"), big = OID_SPAN("\x88\x37\x03");
    char room[64];

    ck_assert_str_eq(oid_name(ntlm, room, sizeof room), "NTLM");
    ck_assert_str_eq(oid_name(ms, room, sizeof room), "Kerberos");
    ck_assert_str_eq(oid_name(rsa, room, sizeof room), "1.2.840.113549");
    ck_assert_str_eq(oid_name(big, room, sizeof room), "2.999.3");
    ck_assert_str_eq(oid_name((struct span){0}, room, sizeof room), "an unnamed mechanism");
    ck_assert_str_eq(oid_name(rsa, room, 8), "1.2.840");
    ck_assert(oid_same_mech(ms, kerberos));
    ck_assert(!oid_same_mech(ms, ntlm));
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/spnego_message", first_messages_of_windows_and_samba,
                     later_messages_of_windows_and_samba,
                     messages_are_written_as_windows_and_samba_do, malformed_messages_are_refused,
                     fields_of_extensions_are_passed_over, mechanisms_have_names);
}
