/* test_nomem.c: logons, signatures and seals while memory runs out. */
#include "test/failmalloc.h"

#include "auth/keys.h"
#include "auth/ntlm.h"
#include "auth/seal.h"
#include "auth/sign.h"
#include "auth/spnego.h"
#include "auth/spnego_message.h"
#include "test/peer/ntlm_server.h"
#include "test/peer/spnego_server.h"
#include "test/run.h"
#include "test/script.h"

enum { ALLOCATIONS_MAX = 2000 };

/* Do `what` again and again, each time with another allocation that fails, until none does.  It
 * returns whether it succeeded, which it has to in the end; a failed allocation may also have
 * made no difference. */
static void with_each_allocation_failing(bool (*what)(void *), void *arg)
{
    bool failed = true, ok = what(arg); /* the crypto library sets itself up */

    for (unsigned skip = 0; failed && skip < ALLOCATIONS_MAX; skip++) {
        fail_malloc(skip, false);
        ok = what(arg);
        failed = fail_malloc_off();
    }
    ck_assert(ok && !failed);
}

/* ---------------------------------------------------------------- logging on */

typedef struct mech *new_ntlm(struct env *env, const struct credentials *who, const char *host);

struct logon {
    struct script_env script;
    new_ntlm *new_ntlm;
    bool raw; /* no hint: NTLM goes alone */
};

static struct mech *new_client(struct logon *l, const struct credentials *who)
{
    static const struct span ntlm_oid = OID_NTLMSSP;
    struct mech *ntlm = l->new_ntlm(&l->script.env, who, "server");
    uint8_t hint[128];

    if (!ntlm) {
        return NULL;
    }
    size_t len = l->raw ? 0 : spnego_server_hint(hint, ntlm_oid);
    return spnego_client_new(&l->script.env, &ntlm, 1, (struct span){hint, len});
}

/* What cannot be computed is not there (MD5), or wrong (a signature); never is it right. */
static bool is_honest(enum lsmb_code code)
{
    return code == LSMB_E_NOMEM || code == LSMB_E_LOCAL || code == LSMB_E_POLICY ||
           code == LSMB_E_SECURITY;
}

static bool talk(struct mech *client, struct mech *server)
{
    struct mech_out ours, theirs = {0};
    enum mech_next next = client->ops->step(client, (struct span){0}, &ours);

    while (next == MECH_SEND) {
        fail_malloc_pause(true);
        enum mech_next they = server->ops->step(server, ours.token, &theirs);
        ck_assert(they == MECH_SEND || they == MECH_DONE);
        fail_malloc_pause(false);
        next = client->ops->step(client, theirs.token, &ours);
    }
    fail_malloc_pause(true);
    ck_assert(next != MECH_FAIL || is_honest(ours.err.code));
    fail_malloc_pause(false);
    return next == MECH_DONE;
}

static bool log_on(void *arg)
{
    static const struct ntlm_server_options account = {
        .user = "user", .password = "password", .allow_v1 = true};
    struct logon *l = arg;
    struct credentials who = {0};
    bool ok = credentials_set(&who, "user", "DOMAIN", "password") &&
              credentials_set_workstation(&who, "HERE");
    struct mech *client = ok ? new_client(l, &who) : NULL;

    fail_malloc_pause(true);
    struct mech *server = spnego_server_new(ntlm_server_new(&l->script.env, &account), NULL);
    ck_assert_ptr_nonnull(server);
    fail_malloc_pause(false);
    ok = client && talk(client, server);
    mech_free(client);
    mech_free(server);
    credentials_wipe(&who);
    return ok;
}

START_TEST(a_logon_without_memory_fails_and_leaves_nothing)
{
    new_ntlm *const versions[] = {ntlm_client_new, ntlm_v1_client_new};

    for (size_t i = 0; i < 4; i++) {
        struct logon l = {.new_ntlm = versions[i / 2], .raw = i % 2};
        script_env_init(&l.script, 1 << 16, 1 << 16);
        with_each_allocation_failing(log_on, &l);
        script_env_free(&l.script);
    }
}
END_TEST

/* ---------------------------------------------------------------- keys, signatures, seals */

static bool derive(void *arg)
{
    static const uint8_t mech_key[16] = {1};
    struct session_keys keys = {0};
    const struct preauth *preauth = arg;
    bool ok =
        session_keys_derive(&keys, 0x0311, 2, (struct span){mech_key, sizeof mech_key}, preauth);

    fail_malloc_pause(true);
    ck_assert(ok || keys.signing.len + keys.client_to_server.len == 0);
    fail_malloc_pause(false);
    session_keys_wipe(&keys);
    return ok;
}

START_TEST(keys_without_memory_are_none)
{
    struct preauth preauth = {{0}};

    with_each_allocation_failing(derive, &preauth);
}
END_TEST

static bool sign(void *arg)
{
    const enum sign_alg *alg = arg;
    static const uint8_t key[16] = {1}, message[64] = {0xFE, 'S', 'M', 'B'};
    uint8_t signature[16];
    struct signer *signer = signer_new(*alg, (struct span){key, sizeof key});
    bool ok = signer && signer_compute(signer, (struct span){message, sizeof message}, signature);

    signer_free(signer);
    return ok;
}

START_TEST(signatures_without_memory_are_none)
{
    enum sign_alg algs[] = {SIGN_HMAC_SHA256, SIGN_AES_CMAC, SIGN_AES_GMAC};

    for (size_t i = 0; i < 3; i++) {
        with_each_allocation_failing(sign, &algs[i]);
    }
}
END_TEST

static bool seal(void *arg)
{
    const uint16_t *cipher = arg;
    static const uint8_t key[32] = {1}, nonce[16] = {2}, aad[32] = {3};
    uint8_t data[100] = {4}, tag[SEAL_TAG_LEN];
    struct sealer *sealer = sealer_new(*cipher, (struct span){key, *cipher > 2 ? 32 : 16});
    bool ok = sealer &&
              sealer_seal(sealer, nonce, (struct span){aad, sizeof aad}, data, sizeof data, tag);

    sealer_free(sealer);
    return ok;
}

START_TEST(seals_without_memory_are_none)
{
    uint16_t ciphers[] = {1, 2, 3, 4}; /* MS-SMB2 2.2.3.1.2 */

    for (size_t i = 0; i < 4; i++) {
        with_each_allocation_failing(seal, &ciphers[i]);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/nomem", a_logon_without_memory_fails_and_leaves_nothing,
                     keys_without_memory_are_none, signatures_without_memory_are_none,
                     seals_without_memory_are_none);
}
