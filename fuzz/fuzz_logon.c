/* fuzz_logon.c: what a hostile server says while we log on.
 *
 * Target functions: spnego_init_get, spnego_resp_get, spnego_mech_list, oid_name,
 * ntlm_challenge_get, ntlm_negotiate_get, ntlm_authenticate_get, ntlm_client_blob_get, ntlm_av_get,
 * and the steps of ntlm_client_new(), ntlm_v1_client_new() and spnego_client_new().
 *
 * The first byte of the input selects an entry of `targets`.  The seeds in corpus/logon are the
 * tokens of test/auth/spnego_tokens.h and test/auth/ntlm_transcripts.h. */
#include "auth/ntlm.h"
#include "auth/ntlm_message.h"
#include "auth/spnego.h"
#include "auth/spnego_message.h"
#include "test/peer/ntlm_server.h"
#include "test/peer/spnego_server.h"
#include "test/script.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LEGS = 8, POOL_BYTES = 1 << 16, TOKEN_MAX = 1 << 16 };

static struct script_env script;
static struct credentials who;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Read both ends of what a decoder gave out, so that the sanitizer sees a span that is too long. */
static void touch(struct span s)
{
    if (s.len > 0) {
        volatile uint8_t first = s.ptr[0];
        volatile uint8_t last = s.ptr[s.len - 1];
        (void)first;
        (void)last;
    }
}

/* ---------------------------------------------------------------- the decoders */

static void fuzz_init(struct span token)
{
    struct spnego_init init;
    char room[64];

    if (!spnego_init_get(&init, token)) {
        return;
    }
    touch(init.mech_token);
    struct der_rd list = spnego_mech_list(init.mech_types);
    while (der_more(&list)) {
        touch(span_of(oid_name(der_take(&list, DER_OID), room, sizeof room)));
    }
}

/* What was read and is written again reads the same. */
static void fuzz_resp(struct span token)
{
    struct spnego_resp got, again;
    static uint8_t room[TOKEN_MAX + SPNEGO_FRAME_MAX];
    struct der_wr w = der_to(room, sizeof room);

    if (!spnego_resp_get(&got, token)) {
        return;
    }
    spnego_resp_put(&w, &got);
    require(spnego_resp_get(&again, der_written(&w)));
    require(got.has_state == again.has_state && (!got.has_state || got.state == again.state));
    require(span_equal(got.supported_mech, again.supported_mech));
    require(span_equal(got.response_token, again.response_token));
    require(span_equal(got.mech_list_mic, again.mech_list_mic));
}

static void fuzz_pairs(struct span target_info)
{
    struct rd r = rd_from(target_info, 0);
    struct ntlm_av pair;

    while (ntlm_av_get(&r, &pair)) {
        touch(pair.value);
    }
    if (ntlm_av_find(target_info, MSV_AV_TIMESTAMP, &pair.value)) {
        touch(pair.value);
    }
}

static void fuzz_messages(struct span message)
{
    struct ntlm_negotiate n;
    struct ntlm_challenge c;
    struct ntlm_authenticate a;
    struct ntlm_client_blob blob;

    (void)ntlm_negotiate_get(&n, message);
    if (ntlm_challenge_get(&c, message)) {
        touch(c.target_name);
        fuzz_pairs(c.target_info);
    }
    if (ntlm_authenticate_get(&a, message)) {
        touch(a.domain);
        touch(a.user);
        touch(a.workstation);
        touch(a.lm_response);
        touch(a.nt_response);
        touch(a.session_key);
    }
    if (ntlm_client_blob_get(&blob, message)) {
        fuzz_pairs(blob.target_info);
    }
}

/* ---------------------------------------------------------------- the client */

static struct mech *ntlm_client(void)
{
    struct mech *ntlm = ntlm_client_new(&script.env, &who, "server");

    require(ntlm);
    return ntlm;
}

static struct mech *ntlm_v1_client(void)
{
    struct mech *ntlm = ntlm_v1_client_new(&script.env, &who, "server");

    require(ntlm);
    return ntlm;
}

/* A CHALLENGE: what the client answers to it is an AUTHENTICATE, and then it can sign. */
static void answer_challenge(struct mech *ntlm, struct span challenge)
{
    uint8_t mic[MECH_MIC_MAX];
    struct ntlm_authenticate a;
    struct mech_out out;

    require(ntlm->ops->step(ntlm, (struct span){0}, &out) == MECH_SEND);
    if (ntlm->ops->step(ntlm, challenge, &out) != MECH_FAIL) {
        require(ntlm_authenticate_get(&a, out.token) && a.has_mic);
        touch(span_of(ntlm_server_names(ntlm)->computer));
        touch(span_of(ntlm_server_names(ntlm)->domain));
        require(ntlm->ops->get_mic(ntlm, challenge, mic) == NTLM_MIC_LEN);
        require(!ntlm->ops->check_mic(ntlm, challenge, (struct span){mic, NTLM_MIC_LEN}));
    }
    mech_free(ntlm);
}

static void fuzz_challenge(struct span challenge)
{
    answer_challenge(ntlm_client(), challenge);
}

static void fuzz_v1_challenge(struct span challenge)
{
    answer_challenge(ntlm_v1_client(), challenge);
}

/* The next of the parts of an input: two bytes of length before each. */
static struct span next_part(struct span *left)
{
    struct rd r = rd_from(*left, 0);
    size_t len = rd_u16(&r);
    struct span part = {0};

    if (!rd_ok(&r)) {
        *left = part;
        return part;
    }
    *left = (struct span){left->ptr + 2, left->len - 2};
    part = (struct span){left->ptr, len < left->len ? len : left->len};
    *left = (struct span){left->ptr + part.len, left->len - part.len};
    return part;
}

/* A hint, and then one token after the other. */
static void fuzz_server(struct span input)
{
    struct mech *ntlm = ntlm_client();
    struct mech *client = spnego_client_new(&script.env, &ntlm, 1, next_part(&input));
    struct secret key = {0};
    struct mech_out out;

    require(client);
    enum mech_next next = client->ops->step(client, (struct span){0}, &out);
    while (next == MECH_SEND) {
        touch(out.token);
        bool last = input.len == 0;
        next = client->ops->step(client, next_part(&input), &out);
        require(!last || next != MECH_SEND); /* to silence there is nothing to say */
    }
    if (next == MECH_DONE) {
        require(client->ops->session_key(client, &key));
        secret_wipe(&key);
    }
    mech_free(client);
}

/* ---------------------------------------------------------------- somebody in between */

/* Change bytes of a token: pairs of a place and what is flipped there. */
static struct span meddle(struct span token, struct span changes, uint8_t room[static TOKEN_MAX])
{
    require(token.len <= TOKEN_MAX && (changes.len == 0 || changes.ptr));
    if (token.len > 0) {
        memcpy(room, token.ptr, token.len);
    }
    for (size_t i = 0; i + 2 < changes.len && token.len > 0; i += 3) {
        size_t place = (size_t)changes.ptr[i] << 8 | changes.ptr[i + 1];
        room[place % token.len] ^= changes.ptr[i + 2];
    }
    return (struct span){room, token.len};
}

static void require_same_key(struct mech *a, struct mech *b)
{
    struct secret ours = {0}, theirs = {0};

    require(a->ops->session_key(a, &ours) && b->ops->session_key(b, &theirs));
    require(span_equal(secret_span(&ours), secret_span(&theirs)));
    secret_wipe(&ours);
    secret_wipe(&theirs);
}

/* An honest server behind somebody who changes what both say: a logon that both sides believe in
 * has one key. */
static void fuzz_meddler(struct span input)
{
    static const struct ntlm_server_options account = {.user = "user", .password = "password"};
    static uint8_t room[TOKEN_MAX];
    struct mech *ntlm = ntlm_client();
    struct mech *client = spnego_client_new(&script.env, &ntlm, 1, next_part(&input));
    struct mech *server = spnego_server_new(ntlm_server_new(&script.env, &account), NULL);
    struct mech_out ours, theirs;
    enum mech_next we = MECH_SEND, they = MECH_SEND;

    require(client && server);
    we = client->ops->step(client, (struct span){0}, &ours);
    for (int leg = 0; leg < LEGS && we == MECH_SEND && they == MECH_SEND; leg++) {
        they = server->ops->step(server, meddle(ours.token, next_part(&input), room), &theirs);
        if (they != MECH_FAIL) {
            we = client->ops->step(client, meddle(theirs.token, next_part(&input), room), &ours);
        }
    }
    if (we == MECH_DONE && they == MECH_DONE) {
        require_same_key(client, server);
    }
    mech_free(client);
    mech_free(server);
}

/* An honest server that does without something: with version 1 too, a logon that succeeds has
 * one key and signatures that each side makes and the other takes. */
static void fuzz_v1_logon(struct span input)
{
    struct rd r = rd_from(input, 0);
    const struct ntlm_server_options account = {.user = "user",
                                                .password = "password",
                                                .allow_v1 = true,
                                                .no_timestamp = rd_u8(&r) & 1,
                                                .flags_removed = rd_u32(&r)};
    struct mech *client = ntlm_v1_client(), *server = ntlm_server_new(&script.env, &account);
    uint8_t mic[MECH_MIC_MAX];
    struct mech_out ours, theirs;

    require(server && client->ops->step(client, (struct span){0}, &ours) == MECH_SEND);
    require(server->ops->step(server, ours.token, &theirs) == MECH_SEND);
    if (client->ops->step(client, theirs.token, &ours) == MECH_DONE) {
        require(server->ops->step(server, ours.token, &theirs) == MECH_DONE);
        require_same_key(client, server);
        require(client->ops->get_mic(client, input, mic) == NTLM_MIC_LEN);
        require(server->ops->check_mic(server, input, (struct span){mic, NTLM_MIC_LEN}));
        require(server->ops->get_mic(server, input, mic) == NTLM_MIC_LEN);
        require(client->ops->check_mic(client, input, (struct span){mic, NTLM_MIC_LEN}));
    }
    mech_free(client);
    mech_free(server);
}

static void (*const targets[])(struct span) = {
    fuzz_init,   fuzz_resp,    fuzz_messages,     fuzz_challenge,
    fuzz_server, fuzz_meddler, fuzz_v1_challenge, fuzz_v1_logon,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > TOKEN_MAX) {
        return 0;
    }
    script_env_init(&script, POOL_BYTES, POOL_BYTES);
    require(credentials_set(&who, "user", "DOMAIN", "password"));
    targets[data[0] % (sizeof targets / sizeof targets[0])]((struct span){data + 1, size - 1});
    credentials_wipe(&who);
    pool_free(&script.env.pool); /* script_env_free() is for tests: it reports to libcheck */
    return 0;
}
