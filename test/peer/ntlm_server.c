#include "test/peer/ntlm_server.h"

#include "auth/ntlm_crypto.h"
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
        .flags = ((offered & SERVER_FLAGS) | NTLM_TARGET_INFO | NTLM_TARGET_TYPE_SERVER) &
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

static bool account_key(const struct ntlm_server *s, const struct ntlm_authenticate *a,
                        uint8_t ntowf[static NTLM_KEY_LEN])
{
    uint8_t password[NTLM_NAME_MAX];
    char user[NTLM_NAME_MAX];
    size_t need, password_len;

    return a->user.len <= NTLM_NAME_MAX && utf8_from_utf16(user, sizeof user, &need, a->user) &&
           strcmp(user, s->opt.user) == 0 &&
           utf16_from_utf8(password, sizeof password, &password_len, span_of(s->opt.password)) &&
           ntlm_ntowf_v2(ntowf, (struct span){password, password_len}, a->user, a->domain);
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

/* NTProofStr, session key, MIC; MS-NLMP 3.2.5.1.2. */
static bool verify(struct ntlm_server *s, const struct ntlm_authenticate *a, struct span message)
{
    uint8_t ntowf[NTLM_KEY_LEN], proof[NTLM_PROOF_LEN], base[NTLM_KEY_LEN], key[NTLM_KEY_LEN];
    struct ntlm_client_blob blob;

    if (a->nt_response.len <= NTLM_PROOF_LEN) {
        return false;
    }
    struct span rest = {a->nt_response.ptr + NTLM_PROOF_LEN, a->nt_response.len - NTLM_PROOF_LEN};
    if (!ntlm_client_blob_get(&blob, rest) || !account_key(s, a, ntowf) ||
        !ntlm_proof(proof, ntowf, s->server_challenge, rest) ||
        !secret_equal(proof, a->nt_response.ptr, sizeof proof) ||
        !ntlm_session_base_key(base, ntowf, proof)) {
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
    return mic_ok(s, a, &blob, message, key) && secret_set(&s->key, (struct span){key, sizeof key});
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

    return s->key.len > 0 && ntlm_mac(mic, s->key.ptr, NTLM_SERVER, message) ? NTLM_MAC_LEN : 0;
}

static bool server_check_mic(struct mech *mech, struct span message, struct span mic)
{
    struct ntlm_server *s = server_of(mech);
    uint8_t want[NTLM_MAC_LEN];

    return s->key.len > 0 && mic.len == sizeof want &&
           ntlm_mac(want, s->key.ptr, NTLM_CLIENT, message) &&
           secret_equal(want, mic.ptr, sizeof want);
}

static void server_free(struct mech *mech)
{
    struct ntlm_server *s = server_of(mech);

    secret_wipe(&s->key);
    free(s->negotiate);
    free(s);
}

static const struct mech_ops ntlm_server_ops = {
    .name = "NTLMv2",
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
