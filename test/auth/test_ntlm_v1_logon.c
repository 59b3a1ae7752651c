/* test_ntlm_v1_logon.c: NTLMv1 logons against the peer's server half. */
#include "auth/ntlm.h"
#include "auth/ntlm_crypto.h"
#include "test/auth/octets.h"
#include "test/peer/ntlm_server.h"
#include "test/run.h"
#include "test/script.h"

#include <openssl/evp.h>

#define ESS NTLM_EXTENDED_SESSIONSECURITY

static struct script_env script;
static struct credentials user;
static struct ntlm_server_options account;

static void setup(void)
{
    script_env_init(&script, 1 << 16, 1 << 16);
    ck_assert(credentials_set(&user, "User", "Domain", "Password"));
    account =
        (struct ntlm_server_options){.user = "User", .password = "Password", .allow_v1 = true};
}

static void teardown(void)
{
    credentials_wipe(&user);
    script_env_free(&script);
}

static enum mech_next step(struct mech *mech, struct span in, struct mech_out *out)
{
    return mech->ops->step(mech, in, out);
}

/* Both sides of one logon. */
struct pair {
    struct mech *client, *server;
    struct mech_out out; /* of the last step */
};

/* As far as the AUTHENTICATE, which is in p->out. */
static enum mech_next begin(struct pair *p)
{
    p->client = ntlm_v1_client_new(&script.env, &user, "server");
    p->server = ntlm_server_new(&script.env, &account);
    ck_assert_int_eq(step(p->client, (struct span){0}, &p->out), MECH_SEND);
    ck_assert_int_eq(step(p->server, p->out.token, &p->out), MECH_SEND);
    return step(p->client, p->out.token, &p->out);
}

static void end(struct pair *p)
{
    mech_free(p->client);
    mech_free(p->server);
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

static void ck_signatures(struct mech *signer, struct mech *checker)
{
    struct span list = span_of("a list of mechanisms");
    uint8_t mic[MECH_MIC_MAX];

    ck_assert_uint_eq(signer->ops->get_mic(signer, list, mic), NTLM_MAC_LEN);
    ck_assert(checker->ops->check_mic(checker, list, (struct span){mic, NTLM_MAC_LEN}));
    ck_assert(!checker->ops->check_mic(checker, span_of("another"), (struct span){mic, 16}));
    ck_assert(!signer->ops->check_mic(signer, list, (struct span){mic, NTLM_MAC_LEN}));
}

static void ck_logon(uint32_t flags_removed, const char *name)
{
    struct pair p;

    account.flags_removed = flags_removed;
    ck_assert_int_eq(begin(&p), MECH_DONE);
    ck_assert_int_eq(step(p.server, p.out.token, &p.out), MECH_DONE);
    ck_assert_str_eq(p.client->ops->name, name);
    ck_same_key(p.client, p.server);
    ck_signatures(p.client, p.server);
    ck_signatures(p.server, p.client);
    end(&p);
}

/* MS-NLMP 3.1.5.1.2, 3.4.4, 3.4.5: whatever the server does without. */
START_TEST(keys_and_signatures_agree_in_every_variant)
{
    static const uint32_t less[] = {0, NTLM_128, NTLM_128 | NTLM_56};

    setup();
    for (size_t i = 0; i < 3; i++) {
        ck_logon(less[i], "NTLMv1 with ESS");
        ck_logon(less[i] | NTLM_KEY_EXCH, "NTLMv1 with ESS");
        ck_logon(less[i] | ESS, "NTLMv1");
        ck_logon(less[i] | ESS | NTLM_KEY_EXCH, "NTLMv1");
    }
    teardown();
}
END_TEST

static void answer(struct pair *p, struct ntlm_authenticate *a)
{
    ck_assert_int_eq(begin(p), MECH_DONE);
    ck_assert(ntlm_authenticate_get(a, p->out.token));
}

/* MS-NLMP 3.3.1.  There is no MIC: nothing could announce it. */
START_TEST(the_answer_holds_what_the_specification_asks_for)
{
    static const uint8_t zeros[NTLM_MIC_LEN];
    struct ntlm_authenticate a;
    struct pair p;

    setup();
    answer(&p, &a);
    ck_assert_uint_eq(a.flags, 0xE2088215);
    ck_assert_uint_eq(a.nt_response.len, 24);
    ck_assert_uint_eq(a.lm_response.len, 24);
    ck_assert_mem_eq(a.lm_response.ptr + NTLM_CHALLENGE_LEN, zeros, 16);
    ck_assert_uint_eq(a.session_key.len, NTLM_KEY_LEN);
    ck_assert_mem_eq(p.out.token.ptr + NTLM_MIC_OFFSET, zeros, sizeof zeros);
    end(&p);

    account.flags_removed = ESS | NTLM_KEY_EXCH;
    answer(&p, &a);
    ck_assert_uint_eq(a.nt_response.len, 24);
    ck_assert_span(a.lm_response, a.nt_response); /* no LM hash is made */
    ck_assert_uint_eq(a.session_key.len, 0);
    ck_assert_mem_eq(p.out.token.ptr + NTLM_MIC_OFFSET, zeros, sizeof zeros);
    end(&p);
    teardown();
}
END_TEST

/* Source: MS-NLMP 4.2.2.3 (its challenge) and 4.2.2.2.1 (the response). */
START_TEST(the_challenge_of_the_specification_is_answered_as_there)
{
    static const char challenge[] =
        "4e544c4d53535000020000000c000c0038000000338202e20123456789abcdef00000000000000000000000000"
        "000000060070170000000f530065007200760065007200";
    struct ntlm_authenticate a;
    struct octets room, want;
    struct mech_out out;

    setup();
    struct mech *client = ntlm_v1_client_new(&script.env, &user, "server");
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(step(client, octets(&room, challenge), &out), MECH_DONE);
    ck_assert(ntlm_authenticate_get(&a, out.token));
    ck_assert_span(a.nt_response,
                   octets(&want, "67c43011f30298a2ad35ece64f16331c44bdbed927841f94"));
    ck_assert_str_eq(client->ops->name, "NTLMv1");
    mech_free(client);
    teardown();
}
END_TEST

/* MS-NLMP 2.2.2.5: NEGOTIATE_LM_KEY and REQUEST_NON_NT_SESSION_KEY. */
START_TEST(keys_of_lan_manager_are_never_agreed)
{
    enum { LM_KEY = 0x80, NON_NT_SESSION_KEY = 0x400000 };
    uint8_t challenge[NTLM_CHALLENGE_FIXED_LEN];
    struct wr w = wr_from(challenge, sizeof challenge);
    struct ntlm_authenticate a;
    struct mech_out out;

    setup();
    ntlm_challenge_put(&w, &(struct ntlm_challenge){.flags = NTLM_UNICODE | LM_KEY |
                                                             NON_NT_SESSION_KEY | NTLM_56});
    struct mech *client = ntlm_v1_client_new(&script.env, &user, "server");
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(step(client, wr_written(&w), &out), MECH_DONE);
    ck_assert(ntlm_authenticate_get(&a, out.token));
    ck_assert_uint_eq(a.flags & (LM_KEY | NON_NT_SESSION_KEY), 0);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(a_server_without_unicode_is_refused)
{
    struct pair p;

    setup();
    account.flags_removed = NTLM_UNICODE;
    ck_assert_int_eq(begin(&p), MECH_FAIL);
    ck_assert_int_eq(p.out.err.code, LSMB_E_SECURITY);
    end(&p);
    teardown();
}
END_TEST

START_TEST(a_warning_says_what_it_means)
{
    struct pair p;

    setup();
    ck_assert_int_eq(begin(&p), MECH_DONE);
    ck_assert(script_logged(&script, "NTLMv1"));
    ck_assert(script_logged(&script, "hash"));
    end(&p);
    teardown();
}
END_TEST

START_TEST(a_wrong_password_is_noticed)
{
    struct pair p;

    setup();
    account.password = "password";
    for (int i = 0; i < 2; i++) {
        account.flags_removed = i ? ESS : 0;
        ck_assert_int_eq(begin(&p), MECH_DONE);
        ck_assert_int_eq(step(p.server, p.out.token, &p.out), MECH_FAIL);
        ck_assert_int_eq(p.out.err.code, LSMB_E_AUTH);
        end(&p);
    }
    teardown();
}
END_TEST

/* Source of the hash: MS-NLMP 4.2.2.1.2. */
START_TEST(a_hash_does_for_a_password)
{
    uint8_t hash[NT_HASH_LEN];

    setup();
    hex(hash, "a4f49c406510bdcab6824ee7c30fd852");
    ck_assert(credentials_set_nt_hash(&user, hash));
    ck_logon(0, "NTLMv1 with ESS");
    ck_logon(ESS, "NTLMv1");
    account.nt_hash = hash;
    account.password = NULL;
    ck_logon(0, "NTLMv1 with ESS");
    teardown();
}
END_TEST

START_TEST(nobody_has_no_password_to_give_away)
{
    struct ntlm_authenticate a;
    struct pair p;

    setup();
    ck_assert(credentials_set(&user, NULL, NULL, NULL));
    account.allow_anonymous = true;
    answer(&p, &a);
    ck_assert(a.flags & NTLM_ANONYMOUS);
    ck_assert_uint_eq(a.nt_response.len + a.lm_response.len, 0);
    ck_assert_int_eq(step(p.server, p.out.token, &p.out), MECH_DONE);
    ck_assert(!script_logged(&script, "NTLMv1"));
    end(&p);
    teardown();
}
END_TEST

static bool client_takes(struct span challenge)
{
    struct mech *client = ntlm_v1_client_new(&script.env, &user, "server");
    struct mech_out out;

    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    bool taken = step(client, challenge, &out) == MECH_DONE;
    ck_assert(taken || out.err.code == LSMB_E_PROTOCOL);
    mech_free(client);
    return taken;
}

START_TEST(a_challenge_cut_short_is_refused)
{
    struct octets room;
    struct wr w = wr_from(room.bytes, sizeof room.bytes);

    setup();
    ntlm_challenge_put(&w, &(struct ntlm_challenge){.flags = NTLM_UNICODE | ESS,
                                                    .target_name = span_of("SERVER"),
                                                    .target_info = {room.bytes + 4000, 4}});
    memset(room.bytes + w.pos - 4, 0, 4); /* MsvAvEOL */
    refuse_each_prefix(wr_written(&w), client_takes);
    teardown();
}
END_TEST

START_TEST(without_randomness_there_is_no_logon)
{
    struct pair p;

    setup();
    p.client = ntlm_v1_client_new(&script.env, &user, "server");
    p.server = ntlm_server_new(&script.env, &account);
    ck_assert_int_eq(step(p.client, (struct span){0}, &p.out), MECH_SEND);
    ck_assert_int_eq(step(p.server, p.out.token, &p.out), MECH_SEND);
    script.random.fails = true;
    ck_assert_int_eq(step(p.client, p.out.token, &p.out), MECH_FAIL);
    ck_assert_int_eq(p.out.err.code, LSMB_E_LOCAL);
    script.random.fails = false;
    end(&p);
    teardown();
}
END_TEST

/* The policy of the machine may change under us; nothing half made goes out. */
START_TEST(a_crypto_library_that_stops_working_ends_the_logon)
{
    struct pair p;

    setup();
    p.client = ntlm_v1_client_new(&script.env, &user, "server");
    p.server = ntlm_server_new(&script.env, &account);
    ck_assert_int_eq(step(p.client, (struct span){0}, &p.out), MECH_SEND);
    ck_assert_int_eq(step(p.server, p.out.token, &p.out), MECH_SEND);
    ck_assert_int_eq(EVP_set_default_properties(NULL, "fips=yes"), 1);
    ck_assert_int_eq(step(p.client, p.out.token, &p.out), MECH_FAIL);
    ck_assert_int_eq(p.out.err.code, LSMB_E_LOCAL);
    ck_assert_uint_eq(p.out.token.len, 0);
    ck_assert_int_eq(EVP_set_default_properties(NULL, ""), 1);
    end(&p);
    teardown();
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/ntlm_v1_logon", keys_and_signatures_agree_in_every_variant,
                     the_answer_holds_what_the_specification_asks_for,
                     the_challenge_of_the_specification_is_answered_as_there,
                     keys_of_lan_manager_are_never_agreed, a_server_without_unicode_is_refused,
                     a_warning_says_what_it_means, a_wrong_password_is_noticed,
                     a_hash_does_for_a_password, nobody_has_no_password_to_give_away,
                     a_challenge_cut_short_is_refused, without_randomness_there_is_no_logon,
                     a_crypto_library_that_stops_working_ends_the_logon);
}
