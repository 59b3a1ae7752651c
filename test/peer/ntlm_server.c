#include "test/peer/ntlm_server.h"

#include "auth/ntlm_v1.h"
#include "auth/spnego_message.h"
#include "proto/filetime.h"
#include "proto/utf16.h"

#include <stdlib.h>

enum {
    SERVER_FLAGS = NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_NTLM | NTLM_ALWAYS_SIGN |
                   NTLM_EXTENDED_SESSIONSECURITY | NTLM_VERSION | NTLM_128 | NTLM_KEY_EXCH,
    CHALLENGE_ROOM = 1024,
};

struct ntlm_server {
    struct mech mech; /* first */
    struct env *env;
    struct ntlm_server_options opt;
    uint8_t *negotiate; /* owned copy: the MIC covers it */
    size_t negotiate_len;
    uint8_t room[CHALLENGE_ROOM];
    struct span challenge; /* as sent */
    uint8_t server_challenge[NTLM_CHALLENGE_LEN];
    uint32_t flags; /* as the client takes them */
    struct secret key;
};

static struct ntlm_server *server_of(struct mech *mech)
{
    return CONTAINER_OF(mech, struct ntlm_server, mech);
}

static void put_name(struct wr *w, uint16_t id, const char *name)
{
    uint8_t utf16[512];
    struct wr text = wr_from(utf16, sizeof utf16);

    wr_utf16(&text, name);
    ntlm_av_put(w, id, wr_written(&text));
}

static struct span target_info(struct ntlm_server *s, uint8_t *room, size_t room_len)
{
    const char *computer = s->opt.computer ? s->opt.computer : "PEER";
    uint8_t stamp[8];
    struct wr w = wr_from(room, room_len), time = wr_from(stamp, sizeof stamp);

    put_name(&w, MSV_AV_NB_DOMAIN_NAME, computer);
    put_name(&w, MSV_AV_NB_COMPUTER_NAME, computer);
    if (!s->opt.no_timestamp) {
        wr_u64(&time, filetime_from_ns((int64_t)s->env->clock->unix_ns(s->env->clock)));
        ntlm_av_put(&w, MSV_AV_TIMESTAMP, wr_written(&time));
    }
    ntlm_av_put(&w, MSV_AV_EOL, (struct span){0});
    return wr_written(&w);
}

static bool make_challenge(struct ntlm_server *s, uint32_t offered)
{
    uint8_t info[512], name[512];
    struct wr text = wr_from(name, sizeof name);
    struct ntlm_challenge challenge = {
        .flags =
            ((offered & (SERVER_FLAGS | NTLM_56)) | NTLM_TARGET_INFO | NTLM_TARGET_TYPE_SERVER) &
            ~s->opt.flags_removed,
        .target_info = target_info(s, info, sizeof info),
    };
    struct wr w = wr_from(s->room, sizeof s->room);

    if (!s->env->random->fill(s->env->random, challenge.server_challenge, NTLM_CHALLENGE_LEN)) {
        return false;
    }
    wr_utf16(&text, s->opt.computer ? s->opt.computer : "PEER");
    challenge.target_name = wr_written(&text);
    ntlm_challenge_put(&w, &challenge);
    s->challenge = wr_written(&w);
    return wr_ok(&w);
}

static bool take_negotiate(struct ntlm_server *s, struct span in, struct mech_out *out)
{
    struct ntlm_negotiate negotiate;
    struct ntlm_challenge sent;

    if (!ntlm_negotiate_get(&negotiate, in)) {
        return mech_refuse(out, LSMB_E_PROTOCOL, "the client's NTLM NEGOTIATE is malformed");
    }
    s->negotiate = malloc(in.len);
    if (!s->negotiate) {
        return mech_refuse(out, LSMB_E_NOMEM, "out of memory");
    }
    memcpy(s->negotiate, in.ptr, in.len);
    s->negotiate_len = in.len;
    if (s->opt.challenge.len > 0) {
        s->challenge = s->opt.challenge;
    } else if (!make_challenge(s, negotiate.flags)) {
        return mech_refuse(out, LSMB_E_LOCAL, "no CHALLENGE could be made");
    }
    if (!ntlm_challenge_get(&sent, s->challenge)) {
        return mech_refuse(out, LSMB_E_USAGE, "the CHALLENGE to be sent is malformed");
    }
    memcpy(s->server_challenge, sent.server_challenge, sizeof s->server_challenge);
    out->token = s->challenge;
    return true;
}

/* The hash of the account's password, if that is who the client says he is. */
static bool account_hash(const struct ntlm_server *s, const struct ntlm_authenticate *a,
                         uint8_t hash[static NTLM_KEY_LEN])
{
    uint8_t password[NTLM_NAME_MAX];
    char user[NTLM_NAME_MAX];
    size_t need, password_len;

    if (a->user.len > NTLM_NAME_MAX || !utf8_from_utf16(user, sizeof user, &need, a->user) ||
        strcmp(user, s->opt.user) != 0) {
        return false;
    }
    if (s->opt.nt_hash) {
        memcpy(hash, s->opt.nt_hash, NTLM_KEY_LEN);
        return true;
    }
    if (!utf16_from_utf8(password, sizeof password, &password_len, span_of(s->opt.password))) {
        return false;
    }
    ntlm_nt_hash(hash, (struct span){password, password_len});
    return true;
}

/* MS-NLMP 3.2.5.1.2: a MIC that the blob announces must be there and right. */
static bool mic_ok(const struct ntlm_server *s, const struct ntlm_authenticate *a,
                   const struct ntlm_client_blob *blob, struct span message, const uint8_t *key)
{
    uint8_t want[NTLM_MIC_LEN];
    struct span flags;

    if (!ntlm_av_find(blob->target_info, MSV_AV_FLAGS, &flags) ||
        !(flags.ptr[0] & MSV_AV_FLAG_MIC)) {
        return true;
    }
    return a->has_mic &&
           ntlm_mic(want, key, (struct span){s->negotiate, s->negotiate_len}, s->challenge,
                    message) &&
           secret_equal(want, message.ptr + NTLM_MIC_OFFSET, sizeof want);
}

/* What an NTLMv2 response holds behind its proof. */
static struct span blob_of(const struct ntlm_authenticate *a)
{
    return (struct span){a->nt_response.ptr + NTLM_PROOF_LEN, a->nt_response.len - NTLM_PROOF_LEN};
}

/* MS-NLMP 3.3.2 */
static bool proves_v2(const struct ntlm_server *s, const struct ntlm_authenticate *a,
                      const uint8_t *hash, uint8_t *key_exchange_key)
{
    uint8_t ntowf[NTLM_KEY_LEN], proof[NTLM_PROOF_LEN];
    struct ntlm_client_blob blob;

    return ntlm_client_blob_get(&blob, blob_of(a)) &&
           ntlm_ntowf_v2(ntowf, hash, a->user, a->domain) &&
           ntlm_proof(proof, ntowf, s->server_challenge, blob_of(a)) &&
           secret_equal(proof, a->nt_response.ptr, sizeof proof) &&
           ntlm_session_base_key(key_exchange_key, ntowf, proof);
}

/* MS-NLMP 3.3.1 */
static bool proves_v1(const struct ntlm_server *s, const struct ntlm_authenticate *a,
                      const uint8_t *hash, uint8_t *key_exchange_key)
{
    bool ess = a->flags & NTLM_EXTENDED_SESSIONSECURITY;
    struct ntlm_v1_answer want;

    if (!s->opt.allow_v1 || a->lm_response.len != sizeof want.lm_response ||
        !ntlm_v1_answer(&want, hash, s->server_challenge, ess ? a->lm_response.ptr : NULL)) {
        return false;
    }
    memcpy(key_exchange_key, want.key_exchange_key, NTLM_KEY_LEN);
    return secret_equal(want.nt_response, a->nt_response.ptr, sizeof want.nt_response) &&
           secret_equal(want.lm_response, a->lm_response.ptr, sizeof want.lm_response);
}

/* Response, session key, MIC; MS-NLMP 3.2.5.1.2. */
static bool verify(struct ntlm_server *s, const struct ntlm_authenticate *a, struct span message)
{
    uint8_t hash[NTLM_KEY_LEN], base[NTLM_KEY_LEN], key[NTLM_KEY_LEN];
    bool v1 = a->nt_response.len == NTLM_V1_RESPONSE_LEN;
    struct ntlm_client_blob blob;

    if (a->nt_response.len <= NTLM_PROOF_LEN || !account_hash(s, a, hash) ||
        !(v1 ? proves_v1 : proves_v2)(s, a, hash, base)) {
        return false;
    }
    memcpy(key, base, sizeof key);
    if (a->flags & NTLM_KEY_EXCH) {
        if (a->session_key.len != sizeof key) {
            return false;
        }
        memcpy(key, a->session_key.ptr, sizeof key);
        ntlm_key_exchange(key, base);
    }
    s->flags = a->flags;
    return (v1 || (ntlm_client_blob_get(&blob, blob_of(a)) && mic_ok(s, a, &blob, message, key))) &&
           secret_set(&s->key, (struct span){key, sizeof key});
}

static bool take_authenticate(struct ntlm_server *s, struct span in, struct mech_out *out)
{
    struct ntlm_authenticate a;

    if (!ntlm_authenticate_get(&a, in)) {
        return mech_refuse(out, LSMB_E_PROTOCOL, "the client's NTLM AUTHENTICATE is malformed");
    }
    if (s->opt.allow_anonymous && (a.flags & NTLM_ANONYMOUS) && a.user.len == 0 &&
        a.nt_response.len == 0) {
        return true;
    }
    return verify(s, &a, in) || mech_refuse(out, LSMB_E_AUTH, "wrong user, password or MIC");
}

static enum mech_next server_step(struct mech *mech, struct span in, struct mech_out *out)
{
    struct ntlm_server *s = server_of(mech);

    *out = (struct mech_out){0};
    if (!s->negotiate) {
        return take_negotiate(s, in, out) ? MECH_SEND : MECH_FAIL;
    }
    return take_authenticate(s, in, out) ? MECH_DONE : MECH_FAIL;
}

static bool server_session_key(struct mech *mech, struct secret *out)
{
    struct ntlm_server *s = server_of(mech);

    return s->key.len > 0 && secret_set(out, secret_span(&s->key));
}

static size_t server_get_mic(struct mech *mech, struct span message,
                             uint8_t mic[static MECH_MIC_MAX])
{
    struct ntlm_server *s = server_of(mech);

    return s->key.len > 0 && ntlm_mac(mic, s->key.ptr, s->flags, NTLM_SERVER, message)
               ? NTLM_MAC_LEN
               : 0;
}

static bool server_check_mic(struct mech *mech, struct span message, struct span mic)
{
    struct ntlm_server *s = server_of(mech);

    return s->key.len > 0 && ntlm_mac_check(s->key.ptr, s->flags, NTLM_CLIENT, message, mic);
}

static void server_free(struct mech *mech)
{
    struct ntlm_server *s = server_of(mech);

    secret_wipe(&s->key);
    free(s->negotiate);
    free(s);
}

static const struct mech_ops ntlm_server_ops = {
    .name = "NTLM",
    .oid = OID_NTLMSSP,
    .step = server_step,
    .session_key = server_session_key,
    .get_mic = server_get_mic,
    .check_mic = server_check_mic,
    .free = server_free,
};

struct mech *ntlm_server_new(struct env *env, const struct ntlm_server_options *opt)
{
    struct ntlm_server *s = calloc(1, sizeof *s);

    if (!s) {
        return NULL;
    }
    s->mech.ops = &ntlm_server_ops;
    s->env = env;
    s->opt = *opt;
    return &s->mech;
}
