/* peer_auth.c: NEGOTIATE, logging on and off, and connecting to the share. */
#include <stdlib.h>

#include "auth/spnego_message.h"
#include "proto/ioctl.h"
#include "proto/misc.h"
#include "proto/multi_negotiate.h"
#include "proto/session.h"
#include "proto/tree.h"
#include "proto/utf16.h"
#include "test/peer/ntlm_server.h"
#include "test/peer/peer_core.h"

enum {
    REPLY_ROOM = 1024,
    SALT_LEN = 32,
    ALL_ACCESS = 0x001F01FF, /* MS-DTYP 2.4.3 */
};

#define STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP 0xC05D0000u

/* ---------------------------------------------------------------- NEGOTIATE */

static bool lists(const uint16_t *list, unsigned count, uint16_t value)
{
    for (unsigned i = 0; i < count; i++) {
        if (list[i] == value) {
            return true;
        }
    }
    return false;
}

static uint16_t choose_dialect(const struct peer_config *config,
                               const struct smb2_negotiate_request *q)
{
    uint16_t best = 0;

    for (unsigned i = 0; i < SMB2_DIALECTS_MAX && config->dialects[i]; i++) {
        if (config->dialects[i] > best &&
            lists(q->dialects, q->dialect_count, config->dialects[i])) {
            best = config->dialects[i];
        }
    }
    return best;
}

/* The first of ours that the client offers too, as a list of one; absent when there is none. */
static void choose(struct smb2_algorithms *out, const uint16_t *ours, unsigned count,
                   const struct smb2_algorithms *offered)
{
    for (unsigned i = 0; offered->present && i < count; i++) {
        if (lists(offered->id, offered->count, ours[i])) {
            *out = (struct smb2_algorithms){.present = true, .count = 1, .id = {ours[i]}};
            return;
        }
    }
}

static unsigned cipher_count(const struct peer_config *config)
{
    unsigned count = 0;

    while (count < sizeof config->ciphers / sizeof *config->ciphers && config->ciphers[count]) {
        count++;
    }
    return count;
}

/* MS-SMB2 3.3.5.4: what the contexts of 3.1.1 settle. */
static void choose_algorithms(struct peer_link *link, const struct smb2_negotiate_request *q,
                              struct smb2_negotiate_contexts *out)
{
    const struct peer_config *config = &link->peer->config;

    out->hash = (struct smb2_algorithms){.present = true, .count = 1, .id = {SMB2_HASH_SHA_512}};
    choose(&out->cipher, config->ciphers, cipher_count(config), &q->contexts.cipher);
    choose(&out->signing, config->signing_algs, config->signing_count, &q->contexts.signing);
    link->cipher = out->cipher.id[0];
    link->signing_alg = out->signing.present ? out->signing.id[0] : SIGN_AES_CMAC;
}

/* MS-SMB2 3.3.5.4: 3.0 and 3.0.2 have no contexts, and encryption if both sides say so. */
static void imply_algorithms(struct peer_link *link, const struct smb2_negotiate_request *q)
{
    const struct peer_config *config = &link->peer->config;

    link->signing_alg = SIGN_AES_CMAC;
    if ((q->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION) &&
        lists(config->ciphers, cipher_count(config), SMB2_CIPHER_AES_128_CCM)) {
        link->cipher = SMB2_CIPHER_AES_128_CCM;
        link->capabilities |= SMB2_GLOBAL_CAP_ENCRYPTION;
    }
}

/* What a client must not say (MS-SMB2 2.2.3, 3.2.4.2.2.2). */
static void check_offer(struct peer *peer, const struct smb2_negotiate_request *q)
{
    static const uint8_t nobody[16];
    uint16_t best = 0;

    for (uint16_t i = 0; i < q->dialect_count; i++) {
        best = q->dialects[i] > best ? q->dialects[i] : best;
    }
    if (best < SMB2_DIALECT_300 && q->capabilities != 0) {
        peer_complain(peer, "capabilities below 3.0");
    }
    if ((memcmp(q->client_guid, nobody, sizeof nobody) == 0) != (best == SMB2_DIALECT_202)) {
        peer_complain(peer, "a ClientGuid where none belongs, or none where one does");
    }
}

static void remember_client(struct peer_link *link, const struct smb2_negotiate_request *q)
{
    link->client.capabilities = q->capabilities;
    link->client.security_mode = q->security_mode;
    link->client.dialect_count = q->dialect_count;
    memcpy(link->client.guid, q->client_guid, sizeof link->client.guid);
    memcpy(link->client.dialects, q->dialects, sizeof link->client.dialects);
}

static uint16_t security_mode(const struct peer *peer)
{
    return SMB2_NEGOTIATE_SIGNING_ENABLED |
           (peer->config.signing_required ? SMB2_NEGOTIATE_SIGNING_REQUIRED : 0);
}

/* What does not depend on the dialect. */
static struct smb2_negotiate_reply what_we_are(const struct peer *peer, struct span hint)
{
    struct smb2_negotiate_reply reply = {
        .security_mode = security_mode(peer),
        .max_transact = peer->config.max_transact,
        .max_read = peer->config.max_read,
        .max_write = peer->config.max_write,
        .system_time = peer_now(peer),
        .token = peer->config.no_hint ? (struct span){0} : hint,
    };

    memcpy(reply.server_guid, peer->guid, sizeof reply.server_guid);
    return reply;
}

/* MS-SMB2 3.3.5.3.1, 3.3.5.3.2: of the client nothing is known then. */
void peer_multi_negotiate(struct peer_link *link, struct span frame)
{
    struct peer *peer = link->peer;
    struct smb2_negotiate_request as_smb2 = {.dialect_count = 1, .dialects = {SMB2_DIALECT_202}};
    struct smb2_header header = {
        .command = SMB2_NEGOTIATE, .flags = SMB2_FLAGS_SERVER_TO_REDIR, .credits = 1};
    struct multi_negotiate_request asked;
    uint8_t body[SMB2_NEGOTIATE_REPLY_LEN + 128], hint[128];
    struct span ntlm = OID_NTLMSSP;
    struct wr w = wr_from(body, sizeof body);
    bool more = false;

    if (link->dialect != 0 || link->asked_in_smb1 || !multi_negotiate_request_get(&asked, frame) ||
        asked.others > 0) {
        peer_refuse(link, "a multi-protocol NEGOTIATE is malformed, or came late, or offers SMB1");
        return;
    }
    link->asked_in_smb1 = true;
    link->next_message_id = 1;
    link->credits = 0;
    for (unsigned i = 0; i < SMB2_DIALECTS_MAX; i++) {
        more = more || peer->config.dialects[i] > SMB2_DIALECT_202;
    }
    struct smb2_negotiate_reply reply =
        what_we_are(peer, (struct span){hint, spnego_server_hint(hint, ntlm)});
    if (asked.smb_2_xxx && more) {
        reply.dialect = SMB2_DIALECT_WILDCARD;
    } else if (asked.smb_2_002 && choose_dialect(&peer->config, &as_smb2)) {
        reply.dialect = link->dialect = SMB2_DIALECT_202;
        reply.capabilities = link->capabilities = peer->config.capabilities & SMB2_GLOBAL_CAP_DFS;
        remember_client(link, &as_smb2);
    } else {
        peer_close(link);
        return;
    }
    struct peer_rule rule =
        peer_pick_rule(peer, &(struct peer_seen){.header = header, .len = frame.len}, frame);
    if (rule.fate == PEER_CLOSE) {
        peer_close(link);
        return;
    }
    if (rule.negotiate) {
        rule.negotiate(&reply);
    }
    header.status = rule.status;
    if (rule.status) {
        smb2_error_reply_put(&w, &rule.error);
    } else {
        smb2_negotiate_reply_put(&w, &reply);
    }
    peer_send(link, &header, wr_written(&w), &rule);
}

uint32_t peer_negotiate(struct peer_request *q)
{
    struct peer_link *link = q->link;
    struct peer *peer = link->peer;
    struct smb2_negotiate_request asked;
    uint8_t hint[128], salt[SALT_LEN];
    struct span ntlm = OID_NTLMSSP;

    if (peer->config.no_smb2_negotiate && !link->asked_in_smb1) {
        peer_close(link);
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (link->dialect != 0 || !smb2_negotiate_request_get(&asked, q->message)) {
        peer_refuse(link, "NEGOTIATE is malformed, or came twice"); /* MS-SMB2 3.3.5.3.1 */
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    struct smb2_negotiate_reply reply =
        what_we_are(peer, (struct span){hint, spnego_server_hint(hint, ntlm)});
    reply.dialect = choose_dialect(&peer->config, &asked);
    if (reply.dialect == 0) {
        return (uint32_t)STATUS_NOT_SUPPORTED;
    }
    check_offer(peer, &asked);
    remember_client(link, &asked);
    link->signing_alg = SIGN_HMAC_SHA256;
    link->capabilities = peer->config.capabilities;
    if (reply.dialect < SMB2_DIALECT_210) {
        link->capabilities &= SMB2_GLOBAL_CAP_DFS; /* MS-SMB2 2.2.4 */
    }
    if (reply.dialect >= SMB2_DIALECT_311) {
        if (!lists(asked.contexts.hash.id, asked.contexts.hash.count, SMB2_HASH_SHA_512)) {
            return STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP;
        }
        choose_algorithms(link, &asked, &reply.contexts);
        (void)peer->env->random->fill(peer->env->random, salt, sizeof salt);
        reply.contexts.salt = (struct span){salt, sizeof salt};
        (void)preauth_add(&link->preauth, q->message);
        q->transcript = &link->preauth;
    } else if (reply.dialect >= SMB2_DIALECT_300) {
        imply_algorithms(link, &asked);
    }
    link->dialect = reply.dialect;
    link->large_mtu = link->capabilities & SMB2_GLOBAL_CAP_LARGE_MTU;
    reply.capabilities = link->capabilities;
    if (q->rule.negotiate) {
        q->rule.negotiate(&reply);
    }
    smb2_negotiate_reply_put(peer_body(q, REPLY_ROOM), &reply);
    return STATUS_SUCCESS;
}

/* The dialects are those of NEGOTIATE, or at least lead to the same one where there was none. */
static bool same_choice(const struct peer_link *link,
                        const struct smb2_validate_negotiate_request *asked)
{
    struct smb2_negotiate_request again = {.dialect_count = asked->dialect_count};

    memcpy(again.dialects, asked->dialects, sizeof again.dialects);
    if (choose_dialect(&link->peer->config, &again) != link->dialect) {
        return false;
    }
    return link->asked_in_smb1 ||
           (asked->dialect_count == link->client.dialect_count &&
            memcmp(asked->dialects, link->client.dialects, sizeof asked->dialects) == 0);
}

/* MS-SMB2 3.3.5.15.12. */
uint32_t peer_validate(struct peer_request *q, struct span input, size_t max_output)
{
    struct peer_link *link = q->link;
    struct smb2_validate_negotiate_request asked;
    struct smb2_validate_negotiate_reply reply = {.capabilities = link->capabilities,
                                                  .security_mode = security_mode(link->peer),
                                                  .dialect = link->dialect};
    uint8_t output[SMB2_VALIDATE_NEGOTIATE_REPLY_LEN];
    struct wr w = wr_from(output, sizeof output);

    if (!q->verified || !smb2_validate_negotiate_request_get(&asked, input) ||
        max_output < sizeof output || asked.capabilities != link->client.capabilities ||
        asked.security_mode != link->client.security_mode ||
        memcmp(asked.client_guid, link->client.guid, sizeof asked.client_guid) != 0 ||
        !same_choice(link, &asked)) {
        peer_refuse(link, "VALIDATE_NEGOTIATE_INFO does not repeat what NEGOTIATE said");
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    memcpy(reply.server_guid, link->peer->guid, sizeof reply.server_guid);
    smb2_validate_negotiate_reply_put(&w, &reply);
    smb2_ioctl_reply_put(peer_body(q, REPLY_ROOM),
                         &(struct smb2_ioctl_reply){.ctl_code = FSCTL_VALIDATE_NEGOTIATE_INFO,
                                                    .file = SMB2_FILE_ID_NONE,
                                                    .output = wr_written(&w)});
    return STATUS_SUCCESS;
}

/* ---------------------------------------------------------------- sessions */

struct peer_session *peer_session_find(struct peer_link *link, uint64_t id)
{
    LIST_EACH(node, &link->sessions)
    {
        struct peer_session *session = CONTAINER_OF(node, struct peer_session, node);
        if (session->id == id) {
            return session;
        }
    }
    return NULL;
}

static struct peer_session *session_new(struct peer_link *link)
{
    struct peer_session *session = peer_alloc(sizeof *session);

    session->link = link;
    session->id = ++link->peer->last_id;
    session->preauth = link->preauth;
    list_init(&session->trees);
    list_init(&session->opens);
    list_push_back(&link->sessions, &session->node);
    return session;
}

static void close_all(struct peer_session *session)
{
    struct list *node;

    while (!list_empty(&session->opens)) {
        peer_open_free(&session->link->peer->store,
                       CONTAINER_OF(session->opens.next, struct peer_open, in_session));
    }
    while ((node = list_pop_front(&session->trees))) {
        free(CONTAINER_OF(node, struct peer_tree, node));
    }
}

static void drop_keys(struct peer_session *session)
{
    session_keys_wipe(&session->keys);
    signer_free(session->signer);
    sealer_free(session->from_client);
    sealer_free(session->to_client);
    session->signer = NULL;
    session->from_client = session->to_client = NULL;
}

void peer_session_free(struct peer_session *session)
{
    close_all(session);
    list_remove(&session->node);
    drop_keys(session);
    mech_free(session->mech);
    free(session);
}

static bool derive_keys(struct peer_session *session)
{
    const struct peer_link *link = session->link;
    struct secret key = {0};
    bool ok = session->mech->ops->session_key(session->mech, &key);

    drop_keys(session); /* of a logon that was answered, but not to the client's liking */

    if (!ok) {
        session->anonymous = true;
        return false;
    }
    ok = session_keys_derive(&session->keys, link->dialect, link->cipher, secret_span(&key),
                             &session->preauth);
    secret_wipe(&key);
    session->signer =
        ok ? signer_new((enum sign_alg)link->signing_alg, secret_span(&session->keys.signing))
           : NULL;
    if (ok && link->cipher) {
        session->from_client =
            sealer_new(link->cipher, secret_span(&session->keys.client_to_server));
        session->to_client = sealer_new(link->cipher, secret_span(&session->keys.server_to_client));
    }
    return ok && session->signer;
}

/* MS-SMB2 3.3.5.5.3. */
static uint32_t establish(struct peer_request *q, const struct smb2_session_setup_request *asked)
{
    struct peer_session *session = q->session;
    const struct peer_config *config = &q->link->peer->config;
    uint16_t flags = 0;

    session->expired = false;
    if (session->guest) {
        flags = SMB2_SESSION_FLAG_IS_GUEST;
    } else if (!session->established && derive_keys(session)) {
        session->signing_required =
            config->signing_required || (asked->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED);
        session->encrypt = config->encrypt_session && session->to_client;
    }
    if (session->encrypt) {
        flags |= SMB2_SESSION_FLAG_ENCRYPT_DATA;
    }
    session->established = true;
    q->transcript = NULL; /* MS-SMB2 3.3.5.5: the last reply is not part of it */
    smb2_session_setup_reply_put(
        peer_body(q, REPLY_ROOM),
        &(struct smb2_session_setup_reply){.session_flags = flags, .token = q->token});
    return STATUS_SUCCESS;
}

static struct mech *new_mech(struct peer *peer)
{
    struct ntlm_server_options options = {.user = peer->config.user,
                                          .password = peer->config.password,
                                          .allow_v1 = peer->config.allow_ntlmv1,
                                          .allow_anonymous = peer->config.allow_anonymous,
                                          .flags_removed = peer->config.ntlm_flags_removed};

    return spnego_server_new(ntlm_server_new(peer->env, &options), &peer->config.spnego);
}

/* MS-SMB2 3.3.5.5: the session that a client lost ends when he says so. */
static void end_previous(struct peer *peer, uint64_t id)
{
    LIST_EACH(node, &peer->links)
    {
        struct peer_session *old =
            peer_session_find(CONTAINER_OF(node, struct peer_link, node), id);
        if (old) {
            close_all(old);
            old->established = false;
        }
    }
}

static uint32_t ask_mech(struct peer_request *q, const struct smb2_session_setup_request *asked)
{
    struct peer_session *session = q->session;
    struct mech_out out = {0};
    enum mech_next next = session->mech->ops->step(session->mech, asked->token, &out);

    q->token = out.token;
    switch (next) {
    case MECH_SEND:
        smb2_session_setup_reply_put(peer_body(q, REPLY_ROOM),
                                     &(struct smb2_session_setup_reply){.token = out.token});
        return (uint32_t)STATUS_MORE_PROCESSING_REQUIRED;
    case MECH_DONE: return establish(q, asked);
    case MECH_FAIL:
        if (q->link->peer->config.map_to_guest) {
            session->guest = true;
            q->token = (struct span){0};
            return establish(q, asked);
        }
        break;
    case MECH_BUSY: break;
    }
    return (uint32_t)STATUS_LOGON_FAILURE;
}

uint32_t peer_session_setup(struct peer_request *q)
{
    struct smb2_session_setup_request asked;

    if (q->link->dialect == 0 || !smb2_session_setup_request_get(&asked, q->message)) {
        peer_refuse(q->link, "SESSION_SETUP is malformed, or came before NEGOTIATE");
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (q->header.session_id == 0) {
        q->session = session_new(q->link);
        end_previous(q->link->peer, asked.previous_session_id);
    } else if (!q->session) {
        return (uint32_t)STATUS_USER_SESSION_DELETED;
    }
    struct peer_session *session = q->session;
    if (!session->established) {
        (void)preauth_add(&session->preauth, q->message);
        q->transcript = &session->preauth;
    }
    if (!session->mech && !(session->mech = new_mech(q->link->peer))) {
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    }
    uint32_t status = ask_mech(q, &asked);
    if (!nt_status_is(status, STATUS_MORE_PROCESSING_REQUIRED)) {
        mech_free(session->mech);
        session->mech = NULL;
    }
    return status;
}

uint32_t peer_logoff(struct peer_request *q)
{
    if (!smb2_empty_get(q->message)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    close_all(q->session);
    q->tree = NULL;
    return STATUS_SUCCESS;
}

/* ---------------------------------------------------------------- trees */

struct peer_tree *peer_tree_find(struct peer_session *session, uint32_t id)
{
    LIST_EACH(node, &session->trees)
    {
        struct peer_tree *tree = CONTAINER_OF(node, struct peer_tree, node);
        if (tree->id == id) {
            return tree;
        }
    }
    return NULL;
}

static bool is_called(struct span name, const char *text)
{
    uint8_t utf16[256];
    struct wr w = wr_from(utf16, sizeof utf16);

    wr_utf16(&w, text);
    return peer_same_name(name, wr_written(&w));
}

uint32_t peer_tree_connect(struct peer_request *q)
{
    const struct peer_config *config = &q->link->peer->config;
    struct smb2_tree_connect_request asked;

    if (!smb2_tree_connect_request_get(&asked, q->message) || asked.path.len % 2 != 0) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    bool pipe = is_called(peer_leaf(asked.path), "IPC$");
    if (!pipe && !is_called(peer_leaf(asked.path), config->share)) {
        return (uint32_t)STATUS_BAD_NETWORK_NAME;
    }
    bool encrypt = config->encrypt_share && !pipe;
    if (encrypt && !q->session->to_client) {
        return (uint32_t)STATUS_ACCESS_DENIED; /* MS-SMB2 3.3.5.7 */
    }
    q->tree = peer_alloc(sizeof *q->tree);
    q->tree->id = (uint32_t)++q->link->peer->last_id;
    q->tree->pipe = pipe;
    q->tree->encrypt = encrypt;
    list_push_back(&q->session->trees, &q->tree->node);
    if (q->chain) {
        q->chain->connected = true;
    }
    smb2_tree_connect_reply_put(
        peer_body(q, REPLY_ROOM),
        &(struct smb2_tree_connect_reply){
            .share_type = pipe ? SMB2_SHARE_TYPE_PIPE : SMB2_SHARE_TYPE_DISK,
            .share_flags = encrypt ? SMB2_SHAREFLAG_ENCRYPT_DATA : 0,
            .maximal_access = ALL_ACCESS,
        });
    return STATUS_SUCCESS;
}

uint32_t peer_tree_disconnect(struct peer_request *q)
{
    if (!smb2_empty_get(q->message)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    LIST_EACH(node, &q->session->opens)
    {
        struct peer_open *open = CONTAINER_OF(node, struct peer_open, in_session);
        if (open->tree_id == q->tree->id) {
            peer_open_free(&q->link->peer->store, open);
        }
    }
    list_remove(&q->tree->node);
    free(q->tree);
    q->tree = NULL;
    return STATUS_SUCCESS;
}
