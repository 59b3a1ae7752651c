/* test_ntlm_recorded.c: logons of a real client at a real server, gone through with the password.
 *
 * Source of all: ntlm_transcripts.h.  Everything in them follows from the password and what the
 * client drew at random: NTProofStr, MIC, session key, both mechListMICs and all keys of the SMB
 * session. */
#include "auth/keys.h"
#include "auth/ntlm.h"
#include "auth/ntlm_crypto.h"
#include "auth/spnego_message.h"
#include "proto/utf16.h"
#include "test/auth/ntlm_transcripts.h"
#include "test/auth/octets.h"
#include "test/peer/ntlm_server.h"
#include "test/run.h"
#include "test/script.h"

enum { TRANSCRIPTS = sizeof ntlm_transcripts / sizeof ntlm_transcripts[0] };

static const uint8_t zeros[NTLM_LM_RESPONSE_LEN];

/* One of them, taken apart. */
struct recording {
    struct octets room[4];
    struct spnego_init init;
    struct spnego_resp challenge_resp, authenticate_resp, accept_resp;
    struct ntlm_challenge challenge;
    struct ntlm_authenticate authenticate;
    struct span blob; /* behind NTProofStr; empty when anonymous */
    struct ntlm_client_blob blob_fields;
};

static void take_apart(struct recording *r, const struct ntlm_transcript *t)
{
    struct span accept = octets(&r->room[3], t->accept);

    ck_assert(spnego_init_get(&r->init, octets(&r->room[0], t->init)));
    ck_assert(spnego_resp_get(&r->challenge_resp, octets(&r->room[1], t->challenge)));
    ck_assert(spnego_resp_get(&r->authenticate_resp, octets(&r->room[2], t->authenticate)));
    r->accept_resp = (struct spnego_resp){0};
    ck_assert(accept.len == 0 || spnego_resp_get(&r->accept_resp, accept));
    ck_assert(ntlm_challenge_get(&r->challenge, r->challenge_resp.response_token));
    ck_assert(ntlm_authenticate_get(&r->authenticate, r->authenticate_resp.response_token));
    r->blob = (struct span){0};
    if (t->user[0]) {
        struct span nt = r->authenticate.nt_response;
        ck_assert_uint_gt(nt.len, NTLM_PROOF_LEN);
        r->blob = (struct span){nt.ptr + NTLM_PROOF_LEN, nt.len - NTLM_PROOF_LEN};
        ck_assert(ntlm_client_blob_get(&r->blob_fields, r->blob));
        r->blob_fields.target_info.len -= 4; /* the zeros behind the list */
    }
}

static struct span utf16(struct octets *room, const char *text)
{
    size_t need;

    ck_assert(utf16_from_utf8(room->bytes, sizeof room->bytes, &need, span_of(text)));
    return (struct span){room->bytes, need};
}

/* What follows from the password. */
struct keys {
    uint8_t proof[NTLM_PROOF_LEN], key_exchange_key[NTLM_KEY_LEN], exported[NTLM_KEY_LEN];
};

/* MS-NLMP 3.3.2; nobody exchanges his key under zeros. */
static void compute(struct keys *k, const struct ntlm_transcript *t, const struct recording *r)
{
    struct octets password, user, domain;
    uint8_t hash[NTLM_KEY_LEN], ntowf[NTLM_KEY_LEN];

    memset(k, 0, sizeof *k);
    if (r->blob.len > 0) {
        ntlm_nt_hash(hash, utf16(&password, t->password));
        ck_assert(ntlm_ntowf_v2(ntowf, hash, utf16(&user, t->user), utf16(&domain, t->domain)));
        ck_assert(ntlm_proof(k->proof, ntowf, r->challenge.server_challenge, r->blob));
        ck_assert(ntlm_session_base_key(k->key_exchange_key, ntowf, k->proof));
    }
    ck_assert_uint_eq(r->authenticate.session_key.len, sizeof k->exported);
    memcpy(k->exported, r->authenticate.session_key.ptr, sizeof k->exported);
    ntlm_key_exchange(k->exported, k->key_exchange_key);
}

static void ck_key(const char *name, struct span got, const char *want)
{
    struct octets room;

    ck_assert_msg(!want[0] || span_equal(got, octets(&room, want)), "%s: not %s", name, want);
}

START_TEST(proof_mic_and_keys_follow_from_the_password)
{
    for (size_t i = 0; i < TRANSCRIPTS; i++) {
        const struct ntlm_transcript *t = &ntlm_transcripts[i];
        struct recording r;
        struct keys k;
        uint8_t mic[NTLM_MIC_LEN];

        take_apart(&r, t);
        compute(&k, t, &r);
        if (r.blob.len > 0) {
            ck_assert_mem_eq(k.proof, r.authenticate.nt_response.ptr, sizeof k.proof);
        }
        ck_key(t->name, (struct span){k.key_exchange_key, NTLM_KEY_LEN}, t->key_exchange_key);
        ck_key(t->name, (struct span){k.exported, NTLM_KEY_LEN}, t->session_key);
        struct span sent = r.authenticate_resp.response_token;
        ck_assert(
            ntlm_mic(mic, k.exported, r.init.mech_token, r.challenge_resp.response_token, sent));
        ck_assert_mem_eq(mic, sent.ptr + NTLM_MIC_OFFSET, sizeof mic);
    }
}
END_TEST

/* MS-NLMP 3.4.4.2; RFC 4178 5.  Nobody signs nothing, and who is refused or a guest gets no
 * signature. */
START_TEST(both_signatures_over_the_mechanisms_follow)
{
    for (size_t i = 0; i < TRANSCRIPTS; i++) {
        const struct ntlm_transcript *t = &ntlm_transcripts[i];
        struct recording r;
        struct keys k;

        take_apart(&r, t);
        compute(&k, t, &r);
        uint32_t flags = r.authenticate.flags;
        ck_assert_uint_eq(r.authenticate_resp.mech_list_mic.len, t->user[0] ? NTLM_MAC_LEN : 0);
        ck_assert(!t->user[0] || ntlm_mac_check(k.exported, flags, NTLM_CLIENT, r.init.mech_types,
                                                r.authenticate_resp.mech_list_mic));
        ck_assert_uint_eq(r.accept_resp.mech_list_mic.len, t->session_key[0] ? NTLM_MAC_LEN : 0);
        ck_assert(!t->session_key[0] ||
                  ntlm_mac_check(k.exported, flags, NTLM_SERVER, r.init.mech_types,
                                 r.accept_resp.mech_list_mic));
    }
}
END_TEST

/* MS-SMB2 3.2.5.3.1 */
START_TEST(the_keys_of_the_session_follow)
{
    for (size_t i = 0; i < TRANSCRIPTS; i++) {
        const struct ntlm_transcript *t = &ntlm_transcripts[i];
        struct session_keys session = {0};
        struct preauth preauth = {{0}};
        struct recording r;
        struct octets hash;
        struct keys k;

        take_apart(&r, t);
        compute(&k, t, &r);
        struct span transcript = octets(&hash, t->preauth);
        ck_assert_uint_le(transcript.len, sizeof preauth.hash);
        memcpy(preauth.hash, hash.bytes, transcript.len);
        ck_assert(session_keys_derive(&session, t->dialect, t->cipher,
                                      (struct span){k.exported, NTLM_KEY_LEN}, &preauth));
        ck_key(t->name, secret_span(&session.signing), t->signing);
        ck_key(t->name, secret_span(&session.application), t->application);
        ck_key(t->name, secret_span(&session.client_to_server), t->client_to_server);
        ck_key(t->name, secret_span(&session.server_to_client), t->server_to_client);
        session_keys_wipe(&session);
    }
}
END_TEST

/* The AUTHENTICATE with the client's names, AV pairs and random numbers, from the password on. */
static void write_again(struct wr *w, const struct ntlm_transcript *t, const struct recording *r)
{
    uint8_t nt[1024], encrypted[NTLM_KEY_LEN];
    struct octets user, domain;
    struct wr blob = wr_from(nt + NTLM_PROOF_LEN, sizeof nt - NTLM_PROOF_LEN);
    struct ntlm_authenticate a = {
        .flags = r->authenticate.flags,
        .domain = utf16(&domain, t->domain),
        .user = utf16(&user, t->user),
        .workstation = r->authenticate.workstation,
        .session_key = {encrypted, sizeof encrypted},
    };
    struct keys k;

    compute(&k, t, r);
    if (r->blob.len > 0) {
        ntlm_client_blob_put(&blob, &r->blob_fields);
        ck_assert(wr_ok(&blob));
        memcpy(nt, k.proof, NTLM_PROOF_LEN);
        a.nt_response = (struct span){nt, NTLM_PROOF_LEN + blob.pos};
        a.lm_response = (struct span){zeros, sizeof zeros};
    }
    memcpy(encrypted, k.exported, sizeof encrypted);
    ntlm_key_exchange(encrypted, k.key_exchange_key);
    ntlm_authenticate_put(w, &a);
    ck_assert(wr_ok(w));
    struct span whole = wr_written(w);
    ck_assert(ntlm_mic(w->ptr + NTLM_MIC_OFFSET, k.exported, r->init.mech_token,
                       r->challenge_resp.response_token, whole));
}

START_TEST(the_authenticate_is_made_again_to_the_byte)
{
    for (size_t i = 0; i < TRANSCRIPTS; i++) {
        uint8_t room[1024];
        struct wr w = wr_from(room, sizeof room);
        struct recording r;

        take_apart(&r, &ntlm_transcripts[i]);
        write_again(&w, &ntlm_transcripts[i], &r);
        ck_assert_span(wr_written(&w), r.authenticate_resp.response_token);
    }
}
END_TEST

/* ---------------------------------------------------------------- the mechanisms themselves */

static enum mech_next step(struct mech *mech, struct span in, struct mech_out *out)
{
    return mech->ops->step(mech, in, out);
}

static void ck_session_key(struct mech *mech, const uint8_t *want)
{
    struct secret key = {0};

    ck_assert(mech->ops->session_key(mech, &key));
    ck_assert_span(secret_span(&key), (struct span){want, NTLM_KEY_LEN});
    secret_wipe(&key);
}

/* The peer's server half takes what the client said, and signs as the server did. */
START_TEST(our_server_half_believes_the_client)
{
    struct script_env script;

    script_env_init(&script, 1 << 16, 1 << 16);
    for (size_t i = 0; i < TRANSCRIPTS; i++) {
        const struct ntlm_transcript *t = &ntlm_transcripts[i];
        uint8_t mic[MECH_MIC_MAX];
        struct mech_out out;
        struct recording r;
        struct keys k;

        take_apart(&r, t);
        compute(&k, t, &r);
        struct ntlm_server_options account = {.user = t->user,
                                              .password = t->password,
                                              .allow_anonymous = true,
                                              .challenge = r.challenge_resp.response_token};
        struct mech *server = ntlm_server_new(&script.env, &account);
        ck_assert_int_eq(step(server, r.init.mech_token, &out), MECH_SEND);
        ck_assert_int_eq(step(server, r.authenticate_resp.response_token, &out), MECH_DONE);
        if (t->session_key[0]) {
            ck_session_key(server, k.exported);
            ck_assert_uint_eq(server->ops->get_mic(server, r.init.mech_types, mic), NTLM_MAC_LEN);
            ck_assert_span((struct span){mic, NTLM_MAC_LEN}, r.accept_resp.mech_list_mic);
        }
        mech_free(server);
    }
    script_env_free(&script);
}
END_TEST

/* Randomness of our own: the numbers that the captured client drew. */
struct replay {
    struct random random; /* first */
    uint8_t bytes[NTLM_CHALLENGE_LEN + NTLM_KEY_LEN];
    size_t at;
};

static bool replay_fill(struct random *random, void *out, size_t len)
{
    struct replay *r = CONTAINER_OF(random, struct replay, random);

    ck_assert_uint_le(r->at + len, sizeof r->bytes);
    memcpy(out, r->bytes + r->at, len);
    r->at += len;
    return true;
}

/* Where smbclient is going to seal it asks for that here, too. */
static void ck_same_negotiate(struct span ours, struct span theirs)
{
    enum { FLAGS_OFFSET = 12, SEAL = 0x20 };
    uint8_t copy[NTLM_NEGOTIATE_LEN];

    ck_assert_uint_eq(theirs.len, sizeof copy);
    memcpy(copy, theirs.ptr, sizeof copy);
    copy[FLAGS_OFFSET] &= (uint8_t)~SEAL;
    ck_assert_span(ours, (struct span){copy, sizeof copy});
}

/* Our AV pairs differ from Samba's (it sends MsvAvSingleHost), so our proof is checked by the
 * server half. */
static void replay_as_client(struct script_env *script, const struct ntlm_transcript *t,
                             const struct recording *r)
{
    struct replay replay = {.random = {replay_fill}};
    struct ntlm_server_options account = {
        .user = t->user, .password = t->password, .challenge = r->challenge_resp.response_token};
    struct credentials who = {0};
    struct mech_out out;
    struct keys k;

    compute(&k, t, r);
    memcpy(replay.bytes, r->blob_fields.client_challenge, NTLM_CHALLENGE_LEN);
    memcpy(replay.bytes + NTLM_CHALLENGE_LEN, k.exported, NTLM_KEY_LEN);
    script->env.random = &replay.random;
    ck_assert(credentials_set(&who, t->user, t->domain, t->password));
    struct mech *client = ntlm_client_new(&script->env, &who, "127.0.0.1");
    struct mech *server = ntlm_server_new(&script->env, &account);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_same_negotiate(out.token, r->init.mech_token);
    ck_assert_int_eq(step(server, out.token, &out), MECH_SEND);
    ck_assert_int_eq(step(client, account.challenge, &out), MECH_DONE);
    ck_assert_int_eq(step(server, out.token, &out), MECH_DONE);
    ck_session_key(client, k.exported);
    ck_session_key(server, k.exported);
    if (t->session_key[0]) {
        ck_assert(client->ops->check_mic(client, r->init.mech_types, r->accept_resp.mech_list_mic));
    }
    mech_free(client);
    mech_free(server);
    credentials_wipe(&who);
    script->env.random = &script->random.random;
}

START_TEST(with_the_same_random_numbers_we_have_the_same_key)
{
    struct script_env script;
    struct recording r;

    script_env_init(&script, 1 << 16, 1 << 16);
    for (size_t i = 0; i < TRANSCRIPTS; i++) {
        take_apart(&r, &ntlm_transcripts[i]);
        if (ntlm_transcripts[i].user[0]) {
            replay_as_client(&script, &ntlm_transcripts[i], &r);
        }
    }
    script_env_free(&script);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/ntlm_recorded", proof_mic_and_keys_follow_from_the_password,
                     both_signatures_over_the_mechanisms_follow, the_keys_of_the_session_follow,
                     the_authenticate_is_made_again_to_the_byte,
                     our_server_half_believes_the_client,
                     with_the_same_random_numbers_we_have_the_same_key);
}
