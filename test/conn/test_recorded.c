/* test_recorded.c: sessions that a real client and a real server had, gone through with the password.
 *
 * Everything in them follows from it: the proof in AUTHENTICATE, the session's keys, each signature and
 * each sealed message.  What the server said is then given to a conn that made the same requests. */
#include "test/conn/recorded_sessions.h"

#include <check.h>

#include "auth/ntlm_crypto.h"
#include "auth/spnego_message.h"
#include "conn/session.h"
#include "proto/misc.h"
#include "proto/session.h"
#include "proto/transform.h"
#include "proto/utf16.h"
#include "test/hex.h"
#include "test/run.h"
#include "test/script.h"

enum { MESSAGE_MAX = 1024, SESSIONS = sizeof recorded_sessions / sizeof *recorded_sessions };

struct message {
    bool from_client;
    uint8_t bytes[MESSAGE_MAX];
    size_t len;
};

/* Going through a recording. */
struct visit {
    const struct recorded_session *recorded;
    size_t next; /* message */
    struct preauth preauth;
    uint8_t negotiate[256], challenge[512]; /* NTLM's, for its MIC */
    size_t negotiate_len, challenge_len;
    uint8_t key[NTLM_KEY_LEN]; /* exported session key */
    struct session_keys keys;
    struct signer *signer;
    struct sealer *from_client, *from_server; /* NULL without cipher */
    uint64_t session_id;
};

static bool take(struct visit *v, struct message *out)
{
    const char *text = v->recorded->messages[v->next];

    if (!text) {
        return false;
    }
    v->next++;
    out->from_client = text[0] == 'C';
    out->len = strlen(text + 1) / 2;
    ck_assert_uint_le(out->len, sizeof out->bytes);
    hex(out->bytes, text + 1);
    return true;
}

static struct span span_of_message(const struct message *m)
{
    return (struct span){m->bytes, m->len};
}

/* ---------------------------------------------------------------- the logon */

/* The NTLM message inside a SESSION_SETUP. */
static struct span ntlm_message(const struct message *m)
{
    struct smb2_session_setup_request request;
    struct smb2_session_setup_reply reply;
    struct spnego_init init;
    struct spnego_resp resp;
    struct span token;

    if (m->from_client) {
        ck_assert(smb2_session_setup_request_get(&request, span_of_message(m)));
        token = request.token;
    } else {
        ck_assert(smb2_session_setup_reply_get(&reply, span_of_message(m)));
        token = reply.token;
    }
    if (spnego_init_get(&init, token)) {
        return init.mech_token;
    }
    ck_assert(spnego_resp_get(&resp, token));
    return resp.response_token;
}

static struct span utf16(uint8_t room[static 64], const char *text)
{
    struct wr w = wr_from(room, 64);

    wr_utf16(&w, text);
    return wr_written(&w);
}

/* MS-NLMP 3.3.2, 3.1.5.1.2: from the password to the exported session key, with the proof on the way. */
static void follow_authenticate(struct visit *v, struct span authenticate)
{
    uint8_t password[64], user[64], domain[64], ntowf[NTLM_KEY_LEN], proof[NTLM_PROOF_LEN];
    uint8_t nt_hash[NTLM_KEY_LEN], base[NTLM_KEY_LEN], mic[NTLM_MIC_LEN];
    struct ntlm_authenticate a;
    struct ntlm_challenge c;

    ck_assert(ntlm_authenticate_get(&a, authenticate));
    ck_assert(ntlm_challenge_get(&c, (struct span){v->challenge, v->challenge_len}));
    ntlm_nt_hash(nt_hash, utf16(password, "SecREt01pass"));
    ck_assert(ntlm_ntowf_v2(ntowf, nt_hash, utf16(user, "vecuser"), utf16(domain, "VECTORS")));
    ck_assert_uint_gt(a.nt_response.len, NTLM_PROOF_LEN);
    struct span blob = {a.nt_response.ptr + NTLM_PROOF_LEN, a.nt_response.len - NTLM_PROOF_LEN};
    ck_assert(ntlm_proof(proof, ntowf, c.server_challenge, blob));
    ck_assert_mem_eq(proof, a.nt_response.ptr, NTLM_PROOF_LEN);
    ck_assert(ntlm_session_base_key(base, ntowf, proof));
    ck_assert_uint_eq(a.session_key.len, NTLM_KEY_LEN);
    memcpy(v->key, a.session_key.ptr, NTLM_KEY_LEN);
    ntlm_key_exchange(v->key, base);
    ck_assert(ntlm_mic(mic, v->key, (struct span){v->negotiate, v->negotiate_len},
                       (struct span){v->challenge, v->challenge_len}, authenticate));
    ck_assert_mem_eq(mic, authenticate.ptr + NTLM_MIC_OFFSET, NTLM_MIC_LEN);
}

static size_t keep(uint8_t *out, size_t room, struct span bytes)
{
    ck_assert_uint_le(bytes.len, room);
    memcpy(out, bytes.ptr, bytes.len);
    return bytes.len;
}

static void derive(struct visit *v)
{
    const struct recorded_session *r = v->recorded;

    ck_assert(session_keys_derive(&v->keys, r->dialect, r->cipher,
                                  (struct span){v->key, sizeof v->key}, &v->preauth));
    v->signer = signer_new((enum sign_alg)r->signing_alg, secret_span(&v->keys.signing));
    ck_assert_ptr_nonnull(v->signer);
    if (r->cipher) {
        v->from_client = sealer_new(r->cipher, secret_span(&v->keys.client_to_server));
        v->from_server = sealer_new(r->cipher, secret_span(&v->keys.server_to_client));
        ck_assert(v->from_client && v->from_server);
    }
}

/* NEGOTIATE and SESSION_SETUP, up to and with the last reply, which must be signed. */
static void follow_logon(struct visit *v, const struct recorded_session *recorded)
{
    struct message m;
    struct smb2_header header;

    *v = (struct visit){.recorded = recorded};
    for (size_t i = 0; i < 6; i++) {
        ck_assert(take(v, &m));
        ck_assert(smb2_header_get(&header, span_of_message(&m)));
        ck_assert_uint_eq(header.command, i < 2 ? SMB2_NEGOTIATE : SMB2_SESSION_SETUP);
        if (i < 5) {
            ck_assert(preauth_add(&v->preauth, span_of_message(&m)));
        }
        if (i == 2) {
            v->negotiate_len = keep(v->negotiate, sizeof v->negotiate, ntlm_message(&m));
        } else if (i == 3) {
            v->challenge_len = keep(v->challenge, sizeof v->challenge, ntlm_message(&m));
        } else if (i == 4) {
            follow_authenticate(v, ntlm_message(&m));
        }
    }
    derive(v);
    v->session_id = header.session_id;
    ck_assert(header.flags & SMB2_FLAGS_SIGNED);
    ck_assert(signer_check(v->signer, span_of_message(&m)));
}

static void leave(struct visit *v)
{
    session_keys_wipe(&v->keys);
    signer_free(v->signer);
    sealer_free(v->from_client);
    sealer_free(v->from_server);
}

/* ---------------------------------------------------------------- what follows */

/* Open a sealed message in place; the SMB2 message inside. */
static struct span open_sealed(struct visit *v, struct message *m)
{
    struct smb2_transform transform;

    ck_assert(smb2_transform_get(&transform, span_of_message(m)));
    ck_assert_uint_eq(transform.session_id, v->session_id);
    ck_assert(sealer_open(
        m->from_client ? v->from_client : v->from_server, transform.nonce,
        (struct span){m->bytes + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN},
        m->bytes + SMB2_TRANSFORM_LEN, m->len - SMB2_TRANSFORM_LEN, transform.signature));
    return (struct span){m->bytes + SMB2_TRANSFORM_LEN, m->len - SMB2_TRANSFORM_LEN};
}

START_TEST(every_signature_and_seal_follows_from_the_password)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        unsigned proved = 0;
        struct smb2_header header;
        struct message m;
        struct visit v;
        follow_logon(&v, &recorded_sessions[i]);
        while (take(&v, &m)) {
            if (smb2_protocol_id(span_of_message(&m)) == SMB2_TRANSFORM_PROTOCOL_ID) {
                ck_assert(smb2_header_get(&header, open_sealed(&v, &m)));
            } else {
                ck_assert(smb2_header_get(&header, span_of_message(&m)));
                ck_assert(header.flags & SMB2_FLAGS_SIGNED);
                ck_assert(signer_check(v.signer, span_of_message(&m)));
            }
            ck_assert(!(header.flags & SMB2_FLAGS_SERVER_TO_REDIR) == m.from_client);
            proved++;
        }
        ck_assert_uint_ge(proved, 24);
        leave(&v);
    }
}
END_TEST

/* ---------------------------------------------------------------- a conn in the client's place */

struct stand_in {
    struct script_env script;
    struct policy policy;
    struct conn conn;
    struct session session;
    struct channel channel;
};

/* Make a conn that has gone through the visit's logon. */
static void stand_in_init(struct stand_in *s, struct visit *v)
{
    const struct recorded_session *r = v->recorded;
    static const uint8_t guid[16];
    struct lsmb_error err;

    script_env_init(&s->script, 1 << 20, 1 << 20);
    ck_assert(policy_set(&s->policy, NULL, &err));
    conn_init(&s->conn, &s->script.env, &s->policy, guid);
    s->conn.got = (struct negotiated){.dialect = r->dialect,
                                      .cipher = r->cipher,
                                      .signing_alg = r->signing_alg,
                                      .large_mtu = true};
    s->conn.credits = 100;
    session_init(&s->session, &s->script.env, &s->policy);
    channel_join(&s->channel, &s->session, &s->conn);
    s->channel.signer = v->signer;
    s->session.to_server = v->from_client;
    s->session.from_server = v->from_server;
    v->signer = NULL;
    v->from_client = v->from_server = NULL;
    s->session.id = v->session_id;
    s->session.sign = true;
    session_open_gate(&s->session);
}

static void stand_in_free(struct stand_in *s)
{
    conn_fail_with(&s->conn, LSMB_E_CANCELLED, "the test is over");
    session_free(&s->session);
    conn_free(&s->conn);
    script_settle(&s->script);
    script_env_free(&s->script);
}

/* Make the request that the recorded reply answers. */
static void ask_again(struct stand_in *s, struct request *request, const struct smb2_header *asked,
                      bool sealed)
{
    struct wr w;

    s->session.seal = sealed;
    s->conn.next_message_id = asked->message_id;
    ck_assert(request_body(request, &s->script.env, SMB2_EMPTY_LEN, &w));
    smb2_empty_put(&w);
    request_send(request, &w,
                 &(struct request_spec){.channel = &s->channel, .command = asked->command}, NULL);
    ck_assert_int_eq(request->state, REQUEST_IN_FLIGHT);
}

static void receive(struct stand_in *s, const struct message *m)
{
    struct buf *frame = pool_take(&s->script.env.pool, m->len);

    ck_assert_ptr_nonnull(frame);
    memcpy(buf_data(frame), m->bytes, m->len);
    frame->len = m->len;
    conn_receive(&s->conn, frame);
}

/* Go through a recording with a conn; `flip` is a bit of each reply's last byte to change. */
static void relive(const struct recorded_session *recorded, uint8_t flip)
{
    struct smb2_header header = {0};
    struct stand_in s;
    struct message m;
    struct visit v;

    follow_logon(&v, recorded);
    stand_in_init(&s, &v);
    while (!conn_dead(&s.conn) && take(&v, &m)) {
        struct request request = {0};
        bool sealed = smb2_protocol_id(span_of_message(&m)) == SMB2_TRANSFORM_PROTOCOL_ID;
        struct message asked = m;
        v.from_client = s.session.to_server; /* to look into the request */
        ck_assert(
            smb2_header_get(&header, sealed ? open_sealed(&v, &asked) : span_of_message(&asked)));
        v.from_client = NULL;
        ask_again(&s, &request, &header, sealed);
        ck_assert(take(&v, &m) && !m.from_client);
        m.bytes[m.len - 1] ^= flip;
        receive(&s, &m);
        ck_assert(conn_dead(&s.conn) == (flip != 0));
        ck_assert(request_done(&request));
        ck_assert(flip || request.believed);
        request_drop(&request);
    }
    ck_assert_int_eq(s.conn.err.code, flip ? LSMB_E_SECURITY : LSMB_OK);
    stand_in_free(&s);
    leave(&v);
}

START_TEST(a_conn_with_the_same_keys_believes_what_the_server_said)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        relive(&recorded_sessions[i], 0);
    }
}
END_TEST

START_TEST(and_does_not_when_a_bit_of_it_is_changed)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        relive(&recorded_sessions[i], 0x20);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/recorded", every_signature_and_seal_follows_from_the_password,
                     a_conn_with_the_same_keys_believes_what_the_server_said,
                     and_does_not_when_a_bit_of_it_is_changed);
}
