/* recorded_visit.h: going through recorded connections with nothing but the password.
 *
 * Everything in them follows from it and from what the client drew at random: the proof in AUTHENTICATE,
 * its MIC and both mechListMICs, the session's keys, each signature and each sealed byte.
 *
 *     struct recorded_visit v = {0};
 *
 *     recorded_collect(&v, &connection);     // each connection of a capture: the sessions made on it
 *     recorded_verify(&v, &connection);      // then each again: all that it carried
 *     recorded_leave(&v);
 */
#ifndef LSMB_TEST_CONN_RECORDED_VISIT_H
#define LSMB_TEST_CONN_RECORDED_VISIT_H

#include <check.h>
#include <stdlib.h>

#include "auth/keys.h"
#include "auth/ntlm_crypto.h"
#include "auth/seal.h"
#include "auth/sign.h"
#include "auth/spnego_message.h"
#include "base/ntstatus.h"
#include "proto/session.h"
#include "proto/transform.h"
#include "proto/utf16.h"
#include "test/hex.h"

enum { RECORDED_MESSAGE_MAX = 1536, RECORDED_SESSIONS_MAX = 8 };

/* The password of the account in every capture. */
#define RECORDED_PASSWORD "SecREt01pass"

struct recorded_connection {
    const char *name;                      /* of the capture */
    uint16_t dialect, cipher, signing_alg; /* as negotiated */
    unsigned bare; /* messages, from the first TREE_CONNECT on, that nothing protects */
    /* C (from the client) or S (from the server), then the message in hex without its length prefix; (N)
     * stands for N bytes of zeros.  NULL ends. */
    const char *const *messages;
};

struct recorded_message {
    bool from_client;
    uint8_t bytes[RECORDED_MESSAGE_MAX];
    size_t len;
};

static inline struct span recorded_span(const struct recorded_message *m)
{
    return (struct span){m->bytes, m->len};
}

static inline struct smb2_header recorded_header(struct span message)
{
    struct smb2_header header;

    ck_assert(smb2_header_get(&header, message));
    return header;
}

/* Take the next message; false at the end. */
static inline bool recorded_take(const char *const **at, struct recorded_message *m)
{
    const char *text = **at;

    if (!text) {
        return false;
    }
    (*at)++;
    m->from_client = *text++ == 'C';
    for (m->len = 0; *text;) {
        char *end = NULL;
        size_t zeros = *text == '(' ? strtoul(text + 1, &end, 10) : 0;
        ck_assert_uint_lt(m->len + zeros, sizeof m->bytes);
        if (end) {
            memset(m->bytes + m->len, 0, zeros);
            m->len += zeros;
            text = end + 1;
        } else {
            m->bytes[m->len++] = (uint8_t)(nibble(text[0]) << 4 | nibble(text[1]));
            text += 2;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- a logon */

/* The four messages of one, and what follows from them. */
struct recorded_logon {
    struct recorded_message m[4];
    uint64_t session_id;
    bool binds;             /* another connection to a session that is there (MS-SMB2 3.2.4.2.3) */
    bool again;             /* the same user once more, in his session */
    bool has_key;           /* not of guests and nobody, nor of whom is refused */
    struct preauth preauth; /* over all but the last reply */
    uint8_t key[NTLM_KEY_LEN]; /* exported session key */
};

static inline struct span recorded_token(const struct recorded_message *m)
{
    struct smb2_session_setup_request request;
    struct smb2_session_setup_reply reply;

    if (m->from_client) {
        ck_assert(smb2_session_setup_request_get(&request, recorded_span(m)));
        return request.token;
    }
    ck_assert(smb2_session_setup_reply_get(&reply, recorded_span(m)));
    return reply.token;
}

static inline struct span recorded_utf16(uint8_t room[static 64], const char *text)
{
    struct wr w = wr_from(room, 64);

    wr_utf16(&w, text);
    return wr_written(&w);
}

/* MS-NLMP 3.3.2, 3.1.5.1.2: from the password to the exported session key, with the proof on the way. */
static inline void recorded_key(uint8_t key[static NTLM_KEY_LEN], const struct ntlm_authenticate *a,
                                const struct ntlm_challenge *c)
{
    uint8_t password[64], ntowf[NTLM_KEY_LEN], proof[NTLM_PROOF_LEN];
    uint8_t nt_hash[NTLM_KEY_LEN], base[NTLM_KEY_LEN];

    ntlm_nt_hash(nt_hash, recorded_utf16(password, RECORDED_PASSWORD));
    ck_assert(ntlm_ntowf_v2(ntowf, nt_hash, a->user, a->domain));
    ck_assert_uint_gt(a->nt_response.len, NTLM_PROOF_LEN);
    struct span blob = {a->nt_response.ptr + NTLM_PROOF_LEN, a->nt_response.len - NTLM_PROOF_LEN};
    ck_assert(ntlm_proof(proof, ntowf, c->server_challenge, blob));
    ck_assert_mem_eq(proof, a->nt_response.ptr, NTLM_PROOF_LEN);
    ck_assert(ntlm_session_base_key(base, ntowf, proof));
    ck_assert_uint_eq(a->session_key.len, NTLM_KEY_LEN);
    memcpy(key, a->session_key.ptr, NTLM_KEY_LEN);
    ntlm_key_exchange(key, base);
}

/* All that NTLM and SPNEGO prove (MS-NLMP 3.1.5.1.2, RFC 4178 5). */
static inline void recorded_follow(struct recorded_logon *l)
{
    struct spnego_init init;
    struct spnego_resp challenge, authenticate, accept;
    struct ntlm_authenticate a;
    struct ntlm_challenge c;
    uint8_t mic[NTLM_MIC_LEN];

    ck_assert(spnego_init_get(&init, recorded_token(&l->m[0])));
    ck_assert(spnego_resp_get(&challenge, recorded_token(&l->m[1])));
    ck_assert(spnego_resp_get(&authenticate, recorded_token(&l->m[2])));
    ck_assert(spnego_resp_get(&accept, recorded_token(&l->m[3])));
    ck_assert(ntlm_challenge_get(&c, challenge.response_token));
    ck_assert(ntlm_authenticate_get(&a, authenticate.response_token));
    recorded_key(l->key, &a, &c);
    ck_assert(ntlm_mic(mic, l->key, init.mech_token, challenge.response_token,
                       authenticate.response_token));
    ck_assert_mem_eq(mic, authenticate.response_token.ptr + NTLM_MIC_OFFSET, NTLM_MIC_LEN);
    ck_assert(
        ntlm_mac_check(l->key, a.flags, NTLM_CLIENT, init.mech_types, authenticate.mech_list_mic));
    ck_assert(ntlm_mac_check(l->key, a.flags, NTLM_SERVER, init.mech_types, accept.mech_list_mic));
}

/* Take the logon that `first` begins.  `negotiated` is the transcript of its connection before it. */
static inline void recorded_logon_take(struct recorded_logon *l,
                                       const struct recorded_message *first, const char *const **at,
                                       const struct preauth *negotiated)
{
    struct smb2_session_setup_request request;
    struct smb2_header header;

    *l = (struct recorded_logon){.preauth = *negotiated};
    l->m[0] = *first;
    for (unsigned i = 0; i < 4; i++) {
        ck_assert(i == 0 || recorded_take(at, &l->m[i]));
        header = recorded_header(recorded_span(&l->m[i]));
        ck_assert_uint_eq(header.command, SMB2_SESSION_SETUP);
        ck_assert(l->m[i].from_client == (i % 2 == 0));
        ck_assert(i == 3 || preauth_add(&l->preauth, recorded_span(&l->m[i])));
    }
    l->session_id = header.session_id;
    l->has_key = header.status == STATUS_SUCCESS && (header.flags & SMB2_FLAGS_SIGNED);
    ck_assert(smb2_session_setup_request_get(&request, recorded_span(&l->m[0])));
    l->binds = request.flags & SMB2_SESSION_FLAG_BINDING;
    l->again = !l->binds && recorded_header(recorded_span(&l->m[0])).session_id != 0;
    if (l->has_key) {
        recorded_follow(l);
    }
}

/* ---------------------------------------------------------------- the sessions of a capture */

struct recorded_session {
    uint64_t id;
    struct session_keys keys;
    struct sealer *from_client, *from_server; /* NULL without cipher */
};

/* A session on one connection (MS-SMB2 3.2.1.8). */
struct recorded_channel {
    struct recorded_session *session;
    struct signer *signer;
};

struct recorded_visit {
    struct recorded_session sessions[RECORDED_SESSIONS_MAX];
    unsigned count;
    /* Of the connection that is verified: */
    struct recorded_channel channels[RECORDED_SESSIONS_MAX];
    unsigned channel_count, bare;
    uint8_t asked[SMB2_SIGNATURE_LEN];  /* the signature of the last request */
    unsigned signatures, seals, echoes; /* of all */
};

/* Add NEGOTIATE to the transcript; it cannot be mistaken for another message. */
static inline bool recorded_negotiate(const struct recorded_message *m, struct preauth *preauth)
{
    if (smb2_protocol_id(recorded_span(m)) != SMB2_PROTOCOL_ID ||
        recorded_header(recorded_span(m)).command != SMB2_NEGOTIATE) {
        return false;
    }
    ck_assert(preauth_add(preauth, recorded_span(m)));
    return true;
}

static inline bool recorded_begins_logon(const struct recorded_message *m)
{
    return smb2_protocol_id(recorded_span(m)) == SMB2_PROTOCOL_ID &&
           recorded_header(recorded_span(m)).command == SMB2_SESSION_SETUP;
}

static inline void recorded_session_add(struct recorded_visit *v,
                                        const struct recorded_connection *connection,
                                        const struct recorded_logon *l)
{
    ck_assert_uint_lt(v->count, RECORDED_SESSIONS_MAX);
    struct recorded_session *s = &v->sessions[v->count++];

    s->id = l->session_id;
    ck_assert(session_keys_derive(&s->keys, connection->dialect, connection->cipher,
                                  (struct span){l->key, sizeof l->key}, &l->preauth));
    if (connection->cipher) {
        s->from_client = sealer_new(connection->cipher, secret_span(&s->keys.client_to_server));
        s->from_server = sealer_new(connection->cipher, secret_span(&s->keys.server_to_client));
        ck_assert(s->from_client && s->from_server);
    }
}

static inline void recorded_collect(struct recorded_visit *v,
                                    const struct recorded_connection *connection)
{
    const char *const *at = connection->messages;
    struct preauth negotiated = {{0}};
    struct recorded_logon logon;
    struct recorded_message m;

    while (recorded_take(&at, &m)) {
        if (recorded_negotiate(&m, &negotiated) || !recorded_begins_logon(&m)) {
            continue;
        }
        recorded_logon_take(&logon, &m, &at, &negotiated);
        if (logon.has_key && !logon.binds && !logon.again) {
            recorded_session_add(v, connection, &logon);
        }
    }
}

static inline void recorded_leave(struct recorded_visit *v)
{
    for (unsigned i = 0; i < v->count; i++) {
        session_keys_wipe(&v->sessions[i].keys);
        sealer_free(v->sessions[i].from_client);
        sealer_free(v->sessions[i].from_server);
    }
}

/* ---------------------------------------------------------------- all that a connection carried */

static inline struct recorded_session *recorded_session_find(struct recorded_visit *v, uint64_t id)
{
    for (unsigned i = 0; i < v->count; i++) {
        if (v->sessions[i].id == id) {
            return &v->sessions[i];
        }
    }
    ck_abort_msg("nobody made this session");
    return &v->sessions[0];
}

static inline struct signer *recorded_signer(const struct recorded_connection *connection,
                                             const struct session_keys *keys)
{
    struct signer *signer =
        signer_new((enum sign_alg)connection->signing_alg, secret_span(&keys->signing));

    ck_assert_ptr_nonnull(signer);
    return signer;
}

static inline void recorded_ck_signed(struct recorded_visit *v, struct signer *signer,
                                      struct span message)
{
    ck_assert(recorded_header(message).flags & SMB2_FLAGS_SIGNED);
    ck_assert(signer_check(signer, message));
    v->signatures++;
}

/* MS-SMB2 3.2.5.3.3: the key of a further channel comes from its own logon; all but the last reply are
 * signed with that of the session. */
static inline void recorded_ck_binding(struct recorded_visit *v,
                                       const struct recorded_connection *connection,
                                       const struct recorded_logon *l)
{
    struct recorded_session *session = recorded_session_find(v, l->session_id);
    struct session_keys keys = {0};

    struct signer *first = recorded_signer(connection, &session->keys);
    for (unsigned i = 0; i < 3; i++) {
        recorded_ck_signed(v, first, recorded_span(&l->m[i]));
    }
    signer_free(first);
    ck_assert(session_keys_derive(&keys, connection->dialect, connection->cipher,
                                  (struct span){l->key, sizeof l->key}, &l->preauth));
    struct signer *own = recorded_signer(connection, &keys);
    session_keys_wipe(&keys);
    recorded_ck_signed(v, own, recorded_span(&l->m[3]));
    v->channels[v->channel_count++] = (struct recorded_channel){session, own};
}

static inline struct recorded_channel *recorded_channel_find(struct recorded_visit *v, uint64_t id)
{
    for (unsigned i = 0; i < v->channel_count; i++) {
        if (v->channels[i].session->id == id) {
            return &v->channels[i];
        }
    }
    return NULL;
}

/* A message that names a session which is not on its connection is signed with the key of the session, and
 * so is the answer that there is no such session. */
static inline void recorded_ck_element(struct recorded_visit *v,
                                       const struct recorded_connection *connection, uint64_t id,
                                       struct span message)
{
    struct recorded_channel *channel = recorded_channel_find(v, id);

    if (channel) {
        recorded_ck_signed(v, channel->signer, message);
        return;
    }
    struct signer *signer = recorded_signer(connection, &recorded_session_find(v, id)->keys);
    recorded_ck_signed(v, signer, message);
    signer_free(signer);
}

static inline void recorded_ck_logon(struct recorded_visit *v,
                                     const struct recorded_connection *connection,
                                     const struct recorded_logon *l)
{
    if (!l->has_key) {
        return;
    }
    ck_assert_uint_lt(v->channel_count, RECORDED_SESSIONS_MAX);
    if (l->binds) {
        recorded_ck_binding(v, connection, l);
        return;
    }
    if (!l->again) {
        struct recorded_session *session = recorded_session_find(v, l->session_id);
        v->channels[v->channel_count++] =
            (struct recorded_channel){session, recorded_signer(connection, &session->keys)};
    }
    for (unsigned i = l->again ? 0 : 3; i < 4; i++) {
        recorded_ck_element(v, connection, l->session_id, recorded_span(&l->m[i]));
    }
}

/* Open it, and seal it again to the byte (MS-SMB2 3.1.4.3).  What was inside stands behind its header. */
static inline void recorded_ck_sealed(struct recorded_visit *v, struct recorded_message *m)
{
    struct smb2_transform transform;
    uint8_t again[RECORDED_MESSAGE_MAX], tag[SEAL_TAG_LEN];
    struct wr w = wr_from(again, sizeof again);
    struct span aad = {m->bytes + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};
    size_t len = m->len - SMB2_TRANSFORM_LEN;

    ck_assert(smb2_transform_get(&transform, recorded_span(m)));
    smb2_transform_put(&w, &transform);
    ck_assert_mem_eq(again, m->bytes, SMB2_TRANSFORM_LEN);
    struct recorded_session *session = recorded_session_find(v, transform.session_id);
    struct sealer *sealer = m->from_client ? session->from_client : session->from_server;
    struct recorded_message sealed = *m;
    ck_assert(sealer_open(sealer, transform.nonce, aad, m->bytes + SMB2_TRANSFORM_LEN, len,
                          transform.signature));
    memcpy(again, m->bytes + SMB2_TRANSFORM_LEN, len);
    ck_assert(sealer_seal(sealer, transform.nonce, aad, again, len, tag));
    ck_assert_mem_eq(again, sealed.bytes + SMB2_TRANSFORM_LEN, len);
    ck_assert_mem_eq(tag, transform.signature, sizeof tag);
    v->seals++;
}

/* Samba signs no answer about a session that is not there: it gives back what it was sent. */
static inline bool recorded_ck_echo(struct recorded_visit *v, const struct smb2_header *header)
{
    if (!(header->flags & SMB2_FLAGS_SERVER_TO_REDIR)) {
        memcpy(v->asked, header->signature, sizeof v->asked);
        return false;
    }
    if (!nt_status_is(header->status, STATUS_USER_SESSION_DELETED)) {
        return false;
    }
    ck_assert_mem_eq(header->signature, v->asked, sizeof v->asked);
    v->echoes++;
    return true;
}

/* Each element of a compound is signed by itself, with its padding (MS-SMB2 3.1.4.1). */
static inline void recorded_ck_plain(struct recorded_visit *v,
                                     const struct recorded_connection *connection,
                                     const struct recorded_message *m)
{
    struct span chain = recorded_span(m), message;
    struct smb2_header header;

    while (chain.len > 0) {
        ck_assert(smb2_chain_take(&chain, &header, &message));
        ck_assert(!(header.flags & SMB2_FLAGS_SERVER_TO_REDIR) == m->from_client);
        if (!(header.flags & SMB2_FLAGS_SIGNED)) {
            v->bare++;
        } else if (!recorded_ck_echo(v, &header)) {
            ck_assert_uint_gt(v->channel_count, 0);
            /* A related element may name no session of its own: then it is the one there is. */
            uint64_t id =
                header.session_id == UINT64_MAX ? v->channels[0].session->id : header.session_id;
            recorded_ck_element(v, connection, id, message);
        }
    }
}

static inline void recorded_verify(struct recorded_visit *v,
                                   const struct recorded_connection *connection)
{
    const char *const *at = connection->messages;
    struct preauth negotiated = {{0}};
    struct recorded_logon logon;
    struct recorded_message m;

    v->channel_count = v->bare = 0;
    while (recorded_take(&at, &m)) {
        if (recorded_negotiate(&m, &negotiated)) {
            continue;
        }
        if (recorded_begins_logon(&m)) {
            recorded_logon_take(&logon, &m, &at, &negotiated);
            recorded_ck_logon(v, connection, &logon);
        } else if (smb2_protocol_id(recorded_span(&m)) == SMB2_TRANSFORM_PROTOCOL_ID) {
            recorded_ck_sealed(v, &m);
        } else {
            recorded_ck_plain(v, connection, &m);
        }
    }
    ck_assert_uint_eq(v->bare, connection->bare);
    for (unsigned i = 0; i < v->channel_count; i++) {
        signer_free(v->channels[i].signer);
    }
}

#endif
