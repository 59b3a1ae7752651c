/* test_ntlm.c: NTLMv2 logons against the peer's server half.  Those of version 1 are in
 * test_ntlm_v1_logon.c, and what real clients and servers said to each other is in
 * test_ntlm_recorded.c. */
#include "auth/ntlm.h"
#include "auth/ntlm_crypto.h"
#include "auth/spnego_message.h"
#include "proto/utf16.h"
#include "test/auth/ntlm_transcripts.h"
#include "test/auth/octets.h"
#include "test/peer/ntlm_server.h"
#include "test/run.h"
#include "test/script.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static struct script_env script;
static struct credentials vecuser;
static struct ntlm_server_options account = {.user = "vecuser", .password = "SecREt01pass"};

static void setup_as(const char *user, const char *domain, const char *password)
{
    script_env_init(&script, 1 << 16, 1 << 16);
    ck_assert(credentials_set(&vecuser, user, domain, password));
    account = (struct ntlm_server_options){.user = user, .password = password};
}

static void setup(void)
{
    setup_as("vecuser", "VECTORS", "SecREt01pass");
}

static void teardown(void)
{
    credentials_wipe(&vecuser);
    script_env_free(&script);
}

static enum mech_next step(struct mech *mech, struct span in, struct mech_out *out)
{
    return mech->ops->step(mech, in, out);
}

/* NTLM's own token inside a SPNEGO one. */
static struct span inner_token(struct octets *room, const char *text)
{
    struct spnego_init init;
    struct spnego_resp resp;
    struct span token = octets(room, text);

    if (spnego_init_get(&init, token)) {
        return init.mech_token;
    }
    ck_assert(spnego_resp_get(&resp, token));
    return resp.response_token;
}

static void ck_same_key(struct mech *a, struct mech *b)
{
    struct secret ka = {0}, kb = {0};

    ck_assert(a->ops->session_key(a, &ka) && b->ops->session_key(b, &kb));
    ck_assert_span(secret_span(&ka), secret_span(&kb));
    ck_assert_uint_eq(ka.len, 16);
    secret_wipe(&ka);
    secret_wipe(&kb);
}

/* One whole logon; `mangle` may change the AUTHENTICATE on its way.  What each side says last. */
static void log_on(struct mech *client, struct mech *server, void (*mangle)(uint8_t *, size_t),
                   enum mech_next *client_says, enum mech_next *server_says)
{
    struct mech_out out;
    uint8_t copy[4096];

    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(step(server, out.token, &out), MECH_SEND);
    *server_says = MECH_SEND;
    *client_says = step(client, out.token, &out);
    if (*client_says == MECH_DONE) {
        ck_assert_uint_le(out.token.len, sizeof copy);
        memcpy(copy, out.token.ptr, out.token.len);
        if (mangle) {
            mangle(copy, out.token.len);
        }
        *server_says = step(server, (struct span){copy, out.token.len}, &out);
    }
}

static void ck_log_on(enum mech_next want_client, enum mech_next want_server,
                      void (*mangle)(uint8_t *, size_t))
{
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "server.example.com");
    struct mech *server = ntlm_server_new(&script.env, &account);
    enum mech_next client_says, server_says;

    log_on(client, server, mangle, &client_says, &server_says);
    ck_assert_int_eq(client_says, want_client);
    ck_assert_int_eq(server_says, want_server);
    if (server_says == MECH_DONE && !vecuser.anonymous) {
        ck_same_key(client, server);
    }
    mech_free(client);
    mech_free(server);
}

START_TEST(a_user_logs_on)
{
    setup();
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    account.no_timestamp = true; /* then it is our clock that counts, and LMv2 is sent */
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    teardown();
    setup_as("J\xC3\xBCrgen@example.com", "", "p\xC3\xA4ss \xF0\x9F\x94\x91");
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    teardown();
    setup_as("nopassword", "WORKGROUP", "");
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    teardown();
}
END_TEST

/* "The password" is not always short, nor ASCII; NTLM_NAME_MAX bytes of UTF-16 are the limit. */
START_TEST(passwords_may_be_long)
{
    static const size_t lengths[] = {127, 128, 129, 255, 256, 1000, NTLM_NAME_MAX / 2};
    static char password[NTLM_NAME_MAX + 1];

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memset(password, 'x', sizeof password);
        password[lengths[i]] = '\0';
        setup_as("user", "DOMAIN", password);
        ck_log_on(MECH_DONE, MECH_DONE, NULL);
        teardown();
    }
    password[NTLM_NAME_MAX / 2] = 'x';
    password[NTLM_NAME_MAX / 2 + 1] = '\0';
    setup_as("user", "DOMAIN", password);
    ck_log_on(MECH_FAIL, MECH_SEND, NULL);
    teardown();
    for (size_t i = 0; i < NTLM_NAME_MAX / 4; i++) { /* two units of UTF-16 each */
        memcpy(password + 4 * i, "\xF0\x9F\x94\x91", 4);
    }
    password[NTLM_NAME_MAX] = '\0';
    setup_as("user", "DOMAIN", password);
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    teardown();
}
END_TEST

/* Source of the hash: MS-NLMP 4.2.2.1.2. */
START_TEST(a_hash_does_for_a_password)
{
    uint8_t hash[NT_HASH_LEN];

    setup_as("User", "Domain", "Password");
    hex(hash, "a4f49c406510bdcab6824ee7c30fd852");
    ck_assert(credentials_set_nt_hash(&vecuser, hash));
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    account.nt_hash = hash;
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    ck_assert(credentials_set(&vecuser, "User", "Domain", "Password"));
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    hash[15] ^= 1;
    ck_log_on(MECH_DONE, MECH_FAIL, NULL);
    teardown();
}
END_TEST

START_TEST(a_wrong_password_or_user_is_noticed)
{
    setup();
    account.password = "SecREt01Pass";
    ck_log_on(MECH_DONE, MECH_FAIL, NULL);
    account.password = "SecREt01pass";
    account.user = "vecuser2";
    ck_log_on(MECH_DONE, MECH_FAIL, NULL);
    teardown();
}
END_TEST

static void flip_mic(uint8_t *message, size_t len)
{
    (void)len;
    message[NTLM_MIC_OFFSET + 3] ^= 1;
}

static void flip_flags(uint8_t *message, size_t len)
{
    (void)len;
    message[60] ^= NTLM_SIGN;
}

static void flip_last(uint8_t *message, size_t len)
{
    message[len - 1] ^= 1; /* of the encrypted session key */
}

START_TEST(a_tampered_authenticate_is_noticed)
{
    setup();
    ck_log_on(MECH_DONE, MECH_FAIL, flip_mic);
    ck_log_on(MECH_DONE, MECH_FAIL, flip_flags);
    ck_log_on(MECH_DONE, MECH_FAIL, flip_last);
    teardown();
}
END_TEST

/* MS-NLMP 3.1.5.1.2 */
START_TEST(a_server_that_weakens_the_logon_is_refused)
{
    static const uint32_t flags[] = {NTLM_UNICODE, NTLM_EXTENDED_SESSIONSECURITY, NTLM_128,
                                     NTLM_KEY_EXCH};

    setup();
    for (size_t i = 0; i < 4; i++) {
        struct mech *client = ntlm_client_new(&script.env, &vecuser, "server");
        struct mech_out out;
        account.flags_removed = flags[i];
        struct mech *server = ntlm_server_new(&script.env, &account);
        ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
        ck_assert_int_eq(step(server, out.token, &out), MECH_SEND);
        ck_assert_int_eq(step(client, out.token, &out), MECH_FAIL);
        ck_assert_int_eq(out.err.code, LSMB_E_SECURITY);
        ck_assert_ptr_nonnull(strstr(out.err.reason, "required"));
        mech_free(client);
        mech_free(server);
    }
    account.flags_removed = NTLM_SIGN; /* of no consequence for SMB's own keys */
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    teardown();
}
END_TEST

/* The AUTHENTICATE that answers the peer's own challenge. */
static void answer_of(struct mech *client, struct ntlm_authenticate *a,
                      struct ntlm_client_blob *blob)
{
    struct mech *server = ntlm_server_new(&script.env, &account);
    struct mech_out out;

    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(step(server, out.token, &out), MECH_SEND);
    ck_assert_int_eq(step(client, out.token, &out), MECH_DONE);
    ck_assert(ntlm_authenticate_get(a, out.token));
    if (a->nt_response.len > 0) {
        ck_assert(ntlm_client_blob_get(
            blob, (struct span){a->nt_response.ptr + 16, a->nt_response.len - 16}));
    }
    mech_free(server);
}

/* MS-NLMP 3.1.5.1.2 */
START_TEST(the_answer_holds_what_the_specification_asks_for)
{
    struct ntlm_authenticate a;
    struct ntlm_client_blob blob;
    struct octets room;
    struct span value;
    static const uint8_t zeros[24];

    setup();
    ck_assert(credentials_set_workstation(&vecuser, "PC"));
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    answer_of(client, &a, &blob);
    ck_assert_uint_eq(a.flags, 0x62088215);
    ck_assert_span(a.workstation, octets(&room, "50004300"));
    ck_assert(a.has_mic);
    ck_assert_uint_eq(a.session_key.len, 16);
    ck_assert_span(a.lm_response, (struct span){zeros, 24}); /* the server has a clock */
    ck_assert(ntlm_av_find(blob.target_info, MSV_AV_FLAGS, &value));
    ck_assert_span(value, octets(&room, "02000000"));
    ck_assert(ntlm_av_find(blob.target_info, MSV_AV_CHANNEL_BINDINGS, &value));
    ck_assert_span(value, (struct span){zeros, 16});
    ck_assert(ntlm_av_find(blob.target_info, MSV_AV_TARGET_NAME, &value));
    ck_assert_span(value, octets(&room, "63006900660073002f00730072007600")); /* cifs/srv */
    ck_assert(ntlm_av_find(blob.target_info, MSV_AV_NB_COMPUTER_NAME, &value));
    ck_assert_str_eq(ntlm_server_names(client)->computer, "PEER");
    ck_assert_str_eq(ntlm_server_names(client)->domain, "PEER");
    mech_free(client);
    teardown();
}
END_TEST

/* MS-NLMP 3.1.5.1.2: the server's MsvAvFlags are kept; what only a client may say is taken out. */
START_TEST(the_av_pairs_of_the_server_are_kept_but_for_ours)
{
    struct octets info, name;
    uint8_t room[512];
    struct wr w = wr_from(room, sizeof room);
    struct ntlm_authenticate a;
    struct ntlm_client_blob blob = {0};
    struct span value;

    setup();
    ntlm_challenge_put(&w,
                       &(struct ntlm_challenge){
                           .flags = 0x628A8215,
                           .target_info = octets(&info, "0600040001000000" /* MsvAvFlags */
                                                        "090004006600"     /* MsvAvTargetName */
                                                        "6f000a001000"     /* channel bindings */
                                                        "11111111111111111111111111111111"
                                                        "63000200abcd" /* nobody knows this one */
                                                        "00000000")});
    account.challenge = wr_written(&w);
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    answer_of(client, &a, &blob);
    ck_assert(ntlm_av_find(blob.target_info, MSV_AV_FLAGS, &value));
    ck_assert_span(value, octets(&name, "03000000"));
    ck_assert(ntlm_av_find(blob.target_info, MSV_AV_TARGET_NAME, &value));
    ck_assert_span(value, octets(&name, "63006900660073002f00730072007600"));
    ck_assert(ntlm_av_find(blob.target_info, MSV_AV_CHANNEL_BINDINGS, &value));
    ck_assert_span(value, octets(&name, "00000000000000000000000000000000"));
    ck_assert(ntlm_av_find(blob.target_info, 99, &value));
    ck_assert_span(value, octets(&name, "abcd"));
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(a_crypto_library_that_stops_working_ends_the_logon)
{
    struct octets room;
    struct mech_out out;

    setup();
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(EVP_set_default_properties(NULL, "fips=yes"), 1);
    ck_assert_int_eq(step(client, inner_token(&room, ntlm_transcripts[0].challenge), &out),
                     MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_LOCAL);
    ck_assert_int_eq(EVP_set_default_properties(NULL, ""), 1);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(without_a_server_time_lm_v2_is_sent)
{
    struct ntlm_authenticate a;
    struct ntlm_client_blob blob;
    static const uint8_t zeros[24];

    setup();
    account.no_timestamp = true;
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    answer_of(client, &a, &blob);
    ck_assert_uint_eq(a.lm_response.len, 24);
    ck_assert_mem_ne(a.lm_response.ptr, zeros, 16);
    ck_assert_mem_eq(a.lm_response.ptr + 16, blob.client_challenge, 8);
    ck_assert_uint_eq(blob.time, script.clock.unix_ns / 100 + 116444736000000000);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(nobody_logs_on_without_a_key)
{
    struct ntlm_authenticate a;
    struct ntlm_client_blob blob;
    struct secret key = {0};
    uint8_t mic[MECH_MIC_MAX];

    setup_as("", "", "");
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    answer_of(client, &a, &blob);
    ck_assert(a.flags & NTLM_ANONYMOUS);
    ck_assert(!(a.flags & NTLM_KEY_EXCH));
    ck_assert_uint_eq(a.user.len + a.domain.len + a.lm_response.len + a.nt_response.len, 0);
    ck_assert(!client->ops->session_key(client, &key));
    ck_assert_uint_eq(client->ops->get_mic(client, span_of("list"), mic), 0);
    ck_assert(!client->ops->check_mic(client, span_of("list"), (struct span){mic, 16}));
    mech_free(client);
    account.allow_anonymous = true;
    ck_log_on(MECH_DONE, MECH_DONE, NULL);
    teardown();
}
END_TEST

static bool client_takes(struct span challenge)
{
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    struct mech_out out;

    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    bool taken = step(client, challenge, &out) == MECH_DONE;
    ck_assert(taken || out.err.code == LSMB_E_PROTOCOL || out.err.code == LSMB_E_SECURITY);
    ck_assert(taken || out.err.reason[0] != '\0');
    mech_free(client);
    return taken;
}

START_TEST(a_challenge_cut_short_is_refused)
{
    struct octets room;

    setup();
    refuse_each_prefix(inner_token(&room, ntlm_transcripts[0].challenge), client_takes);
    teardown();
}
END_TEST

/* A challenge whose target information would make the answer longer than its 16-bit lengths. */
START_TEST(a_challenge_that_is_too_long_is_refused)
{
    static uint8_t info[65535], message[65535 + NTLM_CHALLENGE_FIXED_LEN];
    struct ntlm_challenge c = {.flags = 0x628A8215};
    struct wr w = wr_from(info, sizeof info);

    setup();
    ntlm_av_put(&w, MSV_AV_NB_COMPUTER_NAME, (struct span){message, 65500});
    ntlm_av_put(&w, MSV_AV_EOL, (struct span){0});
    c.target_info = wr_written(&w);
    w = wr_from(message, sizeof message);
    ntlm_challenge_put(&w, &c);
    ck_assert(wr_ok(&w));
    ck_assert(!client_takes(wr_written(&w)));
    teardown();
}
END_TEST

START_TEST(names_that_are_too_long_are_refused)
{
    static char name[4000];
    struct mech_out out;
    struct octets room;
    struct span challenge = inner_token(&room, ntlm_transcripts[0].challenge);

    memset(name, 'n', sizeof name - 1);
    for (int i = 0; i < 3; i++) {
        setup_as(i == 0 ? name : "user", "", i == 1 ? name : "password");
        struct mech *client = ntlm_client_new(&script.env, &vecuser, i == 2 ? name : "srv");
        ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
        ck_assert_int_eq(step(client, challenge, &out), MECH_FAIL);
        ck_assert_int_eq(out.err.code, LSMB_E_USAGE);
        mech_free(client);
        teardown();
    }
}
END_TEST

START_TEST(without_randomness_there_is_no_logon)
{
    struct octets room;
    struct mech_out out;

    setup();
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    script.random.fails = true;
    ck_assert_int_eq(step(client, inner_token(&room, ntlm_transcripts[0].challenge), &out),
                     MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_LOCAL);
    mech_free(client);
    script.random.fails = false;
    teardown();
}
END_TEST

/* A crypto library that is told to use approved algorithms alone has no MD5. */
START_TEST(a_fips_policy_is_named_as_the_reason)
{
    struct mech_out out;

    setup();
    ck_assert_int_eq(EVP_set_default_properties(NULL, "fips=yes"), 1);
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_POLICY);
    ck_assert_ptr_nonnull(strstr(out.err.reason, "FIPS"));
    ck_assert_ptr_nonnull(strstr(out.err.advice, "Kerberos"));
    ck_assert_uint_eq(ERR_peek_error(), 0); /* the host's error queue is left alone */
    mech_free(client);
    ck_assert_int_eq(EVP_set_default_properties(NULL, ""), 1);
    teardown();
}
END_TEST

START_TEST(a_token_after_the_end_is_refused)
{
    struct ntlm_authenticate a;
    struct ntlm_client_blob blob;
    struct mech_out out;

    setup();
    struct mech *client = ntlm_client_new(&script.env, &vecuser, "srv");
    answer_of(client, &a, &blob);
    ck_assert_int_eq(step(client, span_of("more"), &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    teardown();
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/ntlm", a_user_logs_on, passwords_may_be_long, a_hash_does_for_a_password,
                     a_wrong_password_or_user_is_noticed, a_tampered_authenticate_is_noticed,
                     a_server_that_weakens_the_logon_is_refused,
                     the_answer_holds_what_the_specification_asks_for,
                     the_av_pairs_of_the_server_are_kept_but_for_ours,
                     a_crypto_library_that_stops_working_ends_the_logon,
                     without_a_server_time_lm_v2_is_sent, nobody_logs_on_without_a_key,
                     a_challenge_cut_short_is_refused, a_challenge_that_is_too_long_is_refused,
                     names_that_are_too_long_are_refused, without_randomness_there_is_no_logon,
                     a_fips_policy_is_named_as_the_reason, a_token_after_the_end_is_refused);
}
