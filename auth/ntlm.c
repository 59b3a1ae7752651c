/* ntlm.c: NTLM, client side (MS-NLMP 3.1.5.1). */
#include "auth/ntlm.h"

#include "auth/des.h"
#include "auth/md5.h"
#include "auth/ntlm_v1.h"
#include "auth/spnego_message.h"
#include "proto/filetime.h"
#include "proto/utf16.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    OFFERED_FLAGS = NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_NTLM | NTLM_ALWAYS_SIGN |
                    NTLM_EXTENDED_SESSIONSECURITY | NTLM_VERSION | NTLM_128 | NTLM_KEY_EXCH,
    CHANNEL_BINDINGS_LEN = 16,
};

enum ntlm_state { NTLM_START, NTLM_NEGOTIATED, NTLM_AUTHENTICATED };

struct ntlm_client {
    struct mech mech; /* first */
    struct env *env;
    const struct credentials *who;
    char *target; /* owned: "cifs/<host>" */
    bool version_1;
    enum ntlm_state state;
    uint32_t flags; /* NegotiateFlags that both agreed on */
    uint8_t negotiate[NTLM_NEGOTIATE_LEN];
    uint8_t *authenticate; /* owned */
    struct secret key;     /* ExportedSessionKey; empty when anonymous */
    struct ntlm_server_names names;
};

/* A text as it goes onto the wire. */
struct wire_text {
    struct span utf16; /* points into `room` */
    uint8_t room[NTLM_NAME_MAX];
};

/* One AUTHENTICATE in the making. */
struct answer {
    struct span negotiate, challenge_message;
    struct ntlm_challenge challenge;
    uint32_t flags;
    struct wire_text user, domain, workstation, target;
    uint8_t nt_hash[NTLM_KEY_LEN], key_exchange_key[NTLM_KEY_LEN];
    uint8_t *nt_response; /* owned; with version 2 NTProofStr and the client's blob */
    size_t nt_response_len;
    uint8_t lm_response[NTLM_LM_RESPONSE_LEN];
    uint8_t exported_key[NTLM_KEY_LEN];
    uint8_t encrypted_key[NTLM_KEY_LEN]; /* ExportedSessionKey under the KeyExchangeKey */
};

static const struct mech_ops ntlm_v1_ess_ops; /* whose name tells more than ntlm_v1_ops does */

static struct ntlm_client *ntlm_of(struct mech *mech)
{
    return CONTAINER_OF(mech, struct ntlm_client, mech);
}

static bool crypto_failed(struct mech_out *out)
{
    return mech_refuse(out, LSMB_E_LOCAL, "the crypto library failed");
}

static bool draw(struct ntlm_client *c, void *bytes, size_t len, struct mech_out *out)
{
    return c->env->random->fill(c->env->random, bytes, len) ||
           mech_refuse(out, LSMB_E_LOCAL, "the system has no random numbers to give");
}

/* What this version has to do with is either there or not, whatever the server says. */
static bool check_machine(const struct ntlm_client *c, struct mech_out *out)
{
    const char *missing = !md5_allowed()                   ? "MD5, which NTLM needs"
                          : c->version_1 && !des_allowed() ? "triple DES, which NTLMv1 needs"
                                                           : NULL;

    if (!missing || c->who->anonymous) {
        return true;
    }
    (void)mech_refuse(out, LSMB_E_POLICY, "this machine's crypto policy (FIPS) does not allow %s",
                      missing);
    error_advise(&out->err, "use Kerberos, or a machine without that policy");
    return false;
}

static uint32_t offered_flags(const struct ntlm_client *c)
{
    return c->version_1 ? OFFERED_FLAGS | NTLM_56 : OFFERED_FLAGS;
}

/* MS-NLMP 3.1.5.1.1 */
static bool send_negotiate(struct ntlm_client *c, struct mech_out *out)
{
    struct ntlm_negotiate negotiate = {.flags = offered_flags(c)};
    struct wr w = wr_from(c->negotiate, sizeof c->negotiate);

    if (!check_machine(c, out)) {
        return false;
    }
    ntlm_negotiate_put(&w, &negotiate);
    assert(wr_ok(&w));
    out->token = wr_written(&w);
    c->state = NTLM_NEGOTIATED;
    return true;
}

/* Everything that keeps NTLMv2 from being weakened was offered and must come back.  An anonymous
 * logon has no keys to weaken, and NTLMv1 takes what it gets: plain DES responses, 56 or 40 bits
 * for the mechListMIC and no key of our own choice give away no more than its response does.
 * MS-NLMP 3.1.5.1.2. */
static bool check_flags(const struct ntlm_client *c, uint32_t flags, struct mech_out *out)
{
    static const struct {
        const char *what;
        uint32_t flag;
        bool for_keys;
    } needed[] = {
        {"Unicode", NTLM_UNICODE, false},
        {"extended session security", NTLM_EXTENDED_SESSIONSECURITY, true},
        {"128-bit keys", NTLM_128, true},
        {"key exchange", NTLM_KEY_EXCH, true},
    };

    bool keys_matter = !c->who->anonymous && !c->version_1;

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!(flags & needed[i].flag) && (keys_matter || !needed[i].for_keys)) {
            (void)mech_refuse(out, LSMB_E_SECURITY,
                              "the server's NTLM challenge does without %s, which is required",
                              needed[i].what);
            error_advise(&out->err, "use Kerberos, or find out who weakens the logon: the server, "
                                    "or something on the way to it");
            return false;
        }
    }
    return true;
}

/* The first of two names that is there and not empty. */
static void learn_name(char *out, size_t room, struct span target_info, uint16_t dns_id,
                       uint16_t netbios_id)
{
    struct span name;
    size_t need;

    if ((!ntlm_av_find(target_info, dns_id, &name) || name.len == 0) &&
        !ntlm_av_find(target_info, netbios_id, &name)) {
        return;
    }
    if (!utf8_from_utf16(out, room, &need, name)) {
        out[0] = '\0';
    }
}

static bool take_challenge(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    struct span info;

    if (!ntlm_challenge_get(&a->challenge, a->challenge_message)) {
        return mech_refuse(out, LSMB_E_PROTOCOL, "the server's NTLM challenge is malformed");
    }
    if (!check_flags(c, a->challenge.flags, out)) {
        return false;
    }
    info = a->challenge.target_info;
    learn_name(c->names.computer, sizeof c->names.computer, info, MSV_AV_DNS_COMPUTER_NAME,
               MSV_AV_NB_COMPUTER_NAME);
    learn_name(c->names.domain, sizeof c->names.domain, info, MSV_AV_DNS_DOMAIN_NAME,
               MSV_AV_NB_DOMAIN_NAME);
    a->flags = (a->challenge.flags & offered_flags(c)) | NTLM_VERSION;
    c->flags = a->flags;
    return true;
}

static bool to_wire(struct wire_text *out, struct span utf8)
{
    size_t need;

    if (!utf16_from_utf8(out->room, sizeof out->room, &need, utf8)) {
        return false;
    }
    out->utf16 = (struct span){out->room, need};
    return true;
}

static bool texts_to_wire(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    const struct credentials *who = c->who;

    return (to_wire(&a->user, span_of(who->user)) && to_wire(&a->domain, span_of(who->domain)) &&
            to_wire(&a->workstation, span_of(who->workstation)) &&
            to_wire(&a->target, span_of(c->target))) ||
           mech_refuse(out, LSMB_E_USAGE,
                       "the name of user, domain or server is too long for NTLM");
}

/* The hash of the password, which the credentials may hold in its place. */
static bool hash_password(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    struct wire_text password;

    if (c->who->nt_hash.len > 0) {
        memcpy(a->nt_hash, c->who->nt_hash.ptr, sizeof a->nt_hash);
        return true;
    }
    bool ok = to_wire(&password, secret_span(&c->who->password));
    if (ok) {
        ntlm_nt_hash(a->nt_hash, password.utf16);
    } else {
        (void)mech_refuse(out, LSMB_E_USAGE, "the password is too long for NTLM");
    }
    secret_erase(&password, sizeof password);
    return ok;
}

/* The server's AV pairs with our own added; MS-NLMP 3.1.5.1.2.  Channel bindings are TLS's. */
static void put_target_info(struct wr *w, const struct answer *a)
{
    static const uint8_t no_bindings[CHANNEL_BINDINGS_LEN];
    struct rd r = rd_from(a->challenge.target_info, 0);
    uint32_t flags = MSV_AV_FLAG_MIC;
    uint8_t flag_bytes[4];
    struct ntlm_av av;

    while (ntlm_av_get(&r, &av) && av.id != MSV_AV_EOL) {
        if (av.id == MSV_AV_FLAGS) {
            struct rd value = rd_from(av.value, 0);
            flags |= rd_u32(&value);
        } else if (av.id != MSV_AV_CHANNEL_BINDINGS && av.id != MSV_AV_TARGET_NAME) {
            ntlm_av_put(w, av.id, av.value);
        }
    }
    struct wr value = wr_from(flag_bytes, sizeof flag_bytes);
    wr_u32(&value, flags);
    ntlm_av_put(w, MSV_AV_FLAGS, wr_written(&value));
    ntlm_av_put(w, MSV_AV_CHANNEL_BINDINGS, (struct span){no_bindings, sizeof no_bindings});
    ntlm_av_put(w, MSV_AV_TARGET_NAME, a->target.utf16);
    ntlm_av_put(w, MSV_AV_EOL, (struct span){0});
}

/* Room for what put_target_info() writes. */
static size_t target_info_max(const struct answer *a)
{
    return a->challenge.target_info.len + (size_t)4 * NTLM_AV_HEADER_LEN + sizeof(uint32_t) +
           CHANNEL_BINDINGS_LEN + a->target.utf16.len;
}

/* The time of the blob: the server's if it said one (MS-NLMP 3.1.5.1.2), else ours. */
static bool blob_time(struct ntlm_client *c, const struct answer *a, uint64_t *time)
{
    struct span stamp;
    bool from_server = ntlm_av_find(a->challenge.target_info, MSV_AV_TIMESTAMP, &stamp);

    if (from_server) {
        struct rd r = rd_from(stamp, 0);
        *time = rd_u64(&r);
    } else {
        *time = filetime_from_ns((int64_t)c->env->clock->unix_ns(c->env->clock));
    }
    return from_server;
}

/* Everything behind NTProofStr: time, our challenge, and the server's AV pairs with our own. */
static bool make_blob(struct ntlm_client *c, struct answer *a, struct ntlm_client_blob *blob,
                      struct mech_out *out)
{
    size_t info_room = target_info_max(a);
    uint8_t *info = malloc(info_room);
    size_t room = NTLM_PROOF_LEN + NTLM_CLIENT_BLOB_FIXED_LEN + info_room;
    bool ok = false;

    a->nt_response = malloc(room);
    if (!info || !a->nt_response) {
        (void)mech_refuse(out, LSMB_E_NOMEM, "out of memory");
        goto done;
    }
    struct wr w = wr_from(info, info_room);
    put_target_info(&w, a);
    blob->target_info = wr_written(&w);
    assert(wr_ok(&w));
    if (!draw(c, blob->client_challenge, sizeof blob->client_challenge, out)) {
        goto done;
    }
    w = wr_from(a->nt_response + NTLM_PROOF_LEN, room - NTLM_PROOF_LEN);
    ntlm_client_blob_put(&w, blob);
    assert(wr_ok(&w));
    a->nt_response_len = NTLM_PROOF_LEN + w.pos;
    ok = true;
done:
    free(info);
    blob->target_info = (struct span){0};
    return ok;
}

/* MS-NLMP 3.3.2, 3.1.5.1.2: NTProofStr over the blob; LMv2 only where the server has no time.  A
 * user name in UPN form goes with an empty domain, both as they are. */
static bool respond_v2(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    const uint8_t *server_challenge = a->challenge.server_challenge;
    struct ntlm_client_blob blob = {0};
    uint8_t ntowf[NTLM_KEY_LEN];
    bool server_time = blob_time(c, a, &blob.time);

    if (!make_blob(c, a, &blob, out)) {
        return false;
    }
    struct span made = {a->nt_response + NTLM_PROOF_LEN, a->nt_response_len - NTLM_PROOF_LEN};
    bool ok = ntlm_ntowf_v2(ntowf, a->nt_hash, a->user.utf16, a->domain.utf16) &&
              ntlm_proof(a->nt_response, ntowf, server_challenge, made) &&
              (server_time || ntlm_lm_v2_response(a->lm_response, ntowf, server_challenge,
                                                  blob.client_challenge)) &&
              ntlm_session_base_key(a->key_exchange_key, ntowf, a->nt_response);

    secret_erase(ntowf, sizeof ntowf);
    return ok || crypto_failed(out);
}

/* MS-NLMP 3.3.1 */
static bool respond_v1(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    bool ess = a->flags & NTLM_EXTENDED_SESSIONSECURITY;
    uint8_t client_challenge[NTLM_CHALLENGE_LEN];
    struct ntlm_v1_answer answer;

    log_line(&c->env->log, LSMB_LOG_WARNING,
             "logging on with NTLMv1: who listens can work out the password's hash");
    a->nt_response = malloc(NTLM_V1_RESPONSE_LEN);
    if (!a->nt_response) {
        return mech_refuse(out, LSMB_E_NOMEM, "out of memory");
    }
    if (ess) {
        c->mech.ops = &ntlm_v1_ess_ops;
    }
    if (ess && !draw(c, client_challenge, sizeof client_challenge, out)) {
        return false;
    }
    bool ok = ntlm_v1_answer(&answer, a->nt_hash, a->challenge.server_challenge,
                             ess ? client_challenge : NULL);
    memcpy(a->nt_response, answer.nt_response, sizeof answer.nt_response);
    memcpy(a->lm_response, answer.lm_response, sizeof a->lm_response);
    memcpy(a->key_exchange_key, answer.key_exchange_key, sizeof a->key_exchange_key);
    a->nt_response_len = NTLM_V1_RESPONSE_LEN;
    secret_erase(&answer, sizeof answer);
    return ok || crypto_failed(out);
}

/* A session key of our own choice, sent under the one both sides can compute, or else that one
 * itself; MS-NLMP 3.1.5.1.2. */
static bool choose_key(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    if (!(a->flags & NTLM_KEY_EXCH)) {
        memcpy(a->exported_key, a->key_exchange_key, sizeof a->exported_key);
        return true;
    }
    if (!draw(c, a->exported_key, sizeof a->exported_key, out)) {
        return false;
    }
    memcpy(a->encrypted_key, a->exported_key, sizeof a->encrypted_key);
    ntlm_key_exchange(a->encrypted_key, a->key_exchange_key);
    return true;
}

static bool write_authenticate(struct ntlm_client *c, const struct ntlm_authenticate *message,
                               struct mech_out *out)
{
    size_t room = NTLM_AUTHENTICATE_FIXED_LEN + message->domain.len + message->user.len +
                  message->workstation.len + message->lm_response.len + message->nt_response.len +
                  message->session_key.len;

    c->authenticate = malloc(room);
    if (!c->authenticate) {
        return mech_refuse(out, LSMB_E_NOMEM, "out of memory");
    }
    struct wr w = wr_from(c->authenticate, room);
    ntlm_authenticate_put(&w, message);
    if (!wr_ok(&w)) { /* lengths have 16 bits, and the server fills most of the blob */
        return mech_refuse(out, LSMB_E_PROTOCOL, "the server's NTLM challenge is too long");
    }
    out->token = wr_written(&w);
    return true;
}

/* MS-NLMP 3.1.5.1.2; the MIC ties all three messages to the session key.  Version 1 has none: it
 * has no AV pairs to announce it with. */
static bool answer_as_user(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    if (!texts_to_wire(c, a, out) || !hash_password(c, a, out) ||
        !(c->version_1 ? respond_v1 : respond_v2)(c, a, out) || !choose_key(c, a, out)) {
        return false;
    }
    struct ntlm_authenticate message = {
        .flags = a->flags,
        .domain = a->domain.utf16,
        .user = a->user.utf16,
        .workstation = a->workstation.utf16,
        .lm_response = {a->lm_response, sizeof a->lm_response},
        .nt_response = {a->nt_response, a->nt_response_len},
        .session_key = {a->encrypted_key, a->flags & NTLM_KEY_EXCH ? sizeof a->encrypted_key : 0},
    };
    if (!write_authenticate(c, &message, out)) {
        return false;
    }
    if (!c->version_1 && !ntlm_mic(c->authenticate + NTLM_MIC_OFFSET, a->exported_key, a->negotiate,
                                   a->challenge_message, out->token)) {
        return crypto_failed(out);
    }
    return secret_set(&c->key, (struct span){a->exported_key, sizeof a->exported_key}) ||
           mech_refuse(out, LSMB_E_NOMEM, "out of memory");
}

/* Neither names nor responses, and no key to exchange; MS-NLMP 3.2.5.1.2. */
static bool answer_as_nobody(struct ntlm_client *c, struct answer *a, struct mech_out *out)
{
    struct ntlm_authenticate message = {
        .flags = (a->flags & ~(uint32_t)NTLM_KEY_EXCH) | NTLM_ANONYMOUS,
    };

    return write_authenticate(c, &message, out);
}

static bool send_authenticate(struct ntlm_client *c, struct span in, struct mech_out *out)
{
    struct answer *a = calloc(1, sizeof *a);

    if (!a) {
        return mech_refuse(out, LSMB_E_NOMEM, "out of memory");
    }
    a->negotiate = (struct span){c->negotiate, sizeof c->negotiate};
    a->challenge_message = in;
    bool ok = take_challenge(c, a, out) &&
              (c->who->anonymous ? answer_as_nobody(c, a, out) : answer_as_user(c, a, out));

    c->state = NTLM_AUTHENTICATED;
    free(a->nt_response);
    secret_erase(a, sizeof *a);
    free(a);
    return ok;
}

static enum mech_next ntlm_step(struct mech *mech, struct span in, struct mech_out *out)
{
    struct ntlm_client *c = ntlm_of(mech);

    *out = (struct mech_out){0};
    switch (c->state) {
    case NTLM_START: return send_negotiate(c, out) ? MECH_SEND : MECH_FAIL;
    case NTLM_NEGOTIATED: return send_authenticate(c, in, out) ? MECH_DONE : MECH_FAIL;
    case NTLM_AUTHENTICATED: break;
    }
    (void)mech_refuse(out, LSMB_E_PROTOCOL, "the server goes on with NTLM, which has ended");
    return MECH_FAIL;
}

static bool ntlm_session_key(struct mech *mech, struct secret *out)
{
    struct ntlm_client *c = ntlm_of(mech);

    return c->key.len > 0 && secret_set(out, secret_span(&c->key));
}

static size_t ntlm_get_mic(struct mech *mech, struct span message, uint8_t mic[static MECH_MIC_MAX])
{
    struct ntlm_client *c = ntlm_of(mech);

    return c->key.len > 0 && ntlm_mac(mic, c->key.ptr, c->flags, NTLM_CLIENT, message)
               ? NTLM_MAC_LEN
               : 0;
}

static bool ntlm_check_mic(struct mech *mech, struct span message, struct span mic)
{
    struct ntlm_client *c = ntlm_of(mech);

    return c->key.len > 0 && ntlm_mac_check(c->key.ptr, c->flags, NTLM_SERVER, message, mic);
}

static void ntlm_free(struct mech *mech)
{
    struct ntlm_client *c = ntlm_of(mech);

    secret_wipe(&c->key);
    free(c->authenticate);
    free(c->target);
    free(c);
}

/* One mechanism under the name of what it does. */
#define NTLM_OPS(title)                                                                            \
    {                                                                                              \
        .name = (title), .oid = OID_NTLMSSP, .step = ntlm_step, .session_key = ntlm_session_key,   \
        .get_mic = ntlm_get_mic, .check_mic = ntlm_check_mic, .free = ntlm_free,                   \
    }

static const struct mech_ops ntlm_v2_ops = NTLM_OPS("NTLMv2");
static const struct mech_ops ntlm_v1_ops = NTLM_OPS("NTLMv1");
static const struct mech_ops ntlm_v1_ess_ops = NTLM_OPS("NTLMv1 with ESS");

static struct mech *client_new(struct env *env, const struct credentials *who, const char *host,
                               bool version_1)
{
    struct ntlm_client *c = calloc(1, sizeof *c);

    if (!c) {
        return NULL;
    }
    if (asprintf(&c->target, "cifs/%s", host) < 0) {
        free(c);
        return NULL;
    }
    c->env = env;
    c->who = who;
    c->version_1 = version_1 && !who->anonymous; /* nobody has no password to give away */
    c->mech.ops = c->version_1 ? &ntlm_v1_ops : &ntlm_v2_ops;
    return &c->mech;
}

struct mech *ntlm_client_new(struct env *env, const struct credentials *who, const char *host)
{
    return client_new(env, who, host, false);
}

struct mech *ntlm_v1_client_new(struct env *env, const struct credentials *who, const char *host)
{
    return client_new(env, who, host, true);
}

const struct ntlm_server_names *ntlm_server_names(const struct mech *mech)
{
    assert(mech->ops->step == ntlm_step);
    return &((const struct ntlm_client *)(const void *)mech)
                ->names; /* `mech` is its first member */
}
