/* client.c: a whole client without a network. */
#include "test/peer/client.h"

#include <check.h>

#include "auth/ntlm.h"
#include "auth/spnego.h"
#include "proto/close.h"
#include "proto/create.h"
#include "proto/misc.h"
#include "proto/read.h"
#include "proto/utf16.h"
#include "proto/write.h"

enum { POOL_LIMIT = 16 << 20, POOL_RESERVE = 1 << 20 };

/* ---------------------------------------------------------------- the op above */

static enum op_next wait_for_child(struct op *op)
{
    struct op *child = CONTAINER_OF(op, struct waiting_op, op)->child;

    if (!child || !op_finished(child)) {
        return OP_WAIT;
    }
    return op_failed(child) ? op_fail_as(op, &child->err) : OP_DONE;
}

static const struct op_step waiting_steps[] = {{"wait for a child", wait_for_child, 0}};
static const struct op_kind waiting_kind = {"waiting", waiting_steps, NULL};

void waiting_op_start(struct waiting_op *waiting, struct env *env)
{
    waiting->child = NULL;
    op_start(&waiting->op, env, &waiting_kind, NULL);
}

/* ---------------------------------------------------------------- beginning and end */

static void count_expiration(struct ready *ready)
{
    CONTAINER_OF(ready, struct client, expired)->expirations++;
}

void client_init(struct client *c, const struct lsmb_policy *policy,
                 const struct peer_config *config)
{
    static const uint8_t guid[16] = "a client's guid";

    memset(c, 0, sizeof *c);
    script_env_init(&c->script, POOL_LIMIT, POOL_RESERVE);
    c->env = &c->script.env;
    ck_assert_msg(policy_set(&c->policy, policy, &c->err), "%s", c->err.reason);
    peer_init(&c->peer, c->env, config);
    (void)peer_add_file(&c->peer, "a.txt", CLIENT_FILE_TEXT, strlen(CLIENT_FILE_TEXT));
    conn_init(&c->conn, c->env, &c->policy, guid);
    session_init(&c->session, c->env, &c->policy);
    c->wire = (struct wire){.script = &c->script, .conn = &c->conn, .link = peer_accept(&c->peer)};
    c->expired.run = count_expiration;
    client_log_on_as(c, c->policy.anonymous ? NULL : "user", "password");
}

void client_log_on_as(struct client *c, const char *user, const char *password)
{
    ck_assert(credentials_set(&c->who, user, "DOMAIN", password));
}

void client_free(struct client *c)
{
    op_abort(&c->parent.op);
    conn_fail_with(&c->conn, LSMB_E_CANCELLED, "the test is over");
    negotiate_drop(&c->negotiate);
    session_free(&c->session);
    conn_free(&c->conn);
    mech_free(c->mech);
    credentials_wipe(&c->who);
    if (!c->peer_may_complain) {
        ck_assert_str_eq(c->peer.complaint, "");
    }
    peer_free(&c->peer);
    script_settle(&c->script);
    script_env_free(&c->script);
}

/* ---------------------------------------------------------------- steps */

void client_negotiate_start(struct client *c)
{
    waiting_op_start(&c->parent, c->env);
    negotiate_start(&c->negotiate, &c->parent.op, &c->conn, "server", c->form);
    c->parent.child = &c->negotiate.op;
}

void client_logon_start(struct client *c)
{
    struct mech *ntlm = ntlm_client_new(c->env, &c->who, "server");

    mech_free(c->mech);
    c->mech = spnego_client_new(c->env, &ntlm, 1, c->negotiate.blob);
    ck_assert_ptr_nonnull(c->mech);
    negotiate_drop(&c->negotiate);
    if (!c->channel.session) {
        channel_join(&c->channel, &c->session, &c->conn);
    }
    waiting_op_start(&c->parent, c->env);
    logon_start(&c->logon, &c->parent.op, &c->channel, c->mech);
    c->parent.child = &c->logon.op;
}

void client_logon_again_start(struct client *c)
{
    struct mech *ntlm = ntlm_client_new(c->env, &c->who, "server");

    mech_free(c->mech);
    c->mech = spnego_client_new(c->env, &ntlm, 1, (struct span){0});
    ck_assert_ptr_nonnull(c->mech);
    waiting_op_start(&c->parent, c->env);
    logon_again_start(&c->logon, &c->parent.op, &c->channel, c->mech);
    c->parent.child = &c->logon.op;
}

void client_tree_start(struct client *c)
{
    waiting_op_start(&c->parent, c->env);
    tree_connect_start(&c->connect, &c->parent.op, &c->channel, &c->tree, "\\\\server\\share");
    c->parent.child = &c->connect.op;
}

bool client_finish(struct client *c)
{
    wire_run(&c->wire);
    c->err = c->parent.op.err;
    return op_finished(&c->parent.op) && !op_failed(&c->parent.op);
}

bool client_negotiate(struct client *c)
{
    client_negotiate_start(c);
    return client_finish(c);
}

bool client_logon(struct client *c)
{
    client_logon_start(c);
    return client_finish(c);
}

bool client_tree(struct client *c)
{
    client_tree_start(c);
    return client_finish(c);
}

bool client_connect(struct client *c)
{
    return client_negotiate(c) && client_logon(c) && client_tree(c);
}

/* ---------------------------------------------------------------- requests */

static struct request_spec spec_of(struct client *c, uint16_t command, uint32_t payload)
{
    return (struct request_spec){
        .channel = &c->channel,
        .tree_id = c->tree.id,
        .seal = c->tree.seal,
        .command = command,
        .data = command == SMB2_READ || command == SMB2_WRITE,
        .payload = payload,
    };
}

void client_send(struct client *c, struct request *request, uint16_t command, struct span body,
                 uint32_t payload)
{
    struct request_spec spec = spec_of(c, command, payload);
    struct wr w;

    ck_assert(request_body(request, c->env, body.len, &w));
    wr_span(&w, body);
    request_send(request, &w, &spec, NULL);
}

void client_create(struct client *c, struct request *request, const char *path,
                   uint32_t disposition)
{
    uint8_t body[512], name[256];
    struct wr w = wr_from(body, sizeof body), n = wr_from(name, sizeof name);

    wr_utf16(&n, path);
    smb2_create_request_put(
        &w, &(struct smb2_create_request){
                .impersonation = SMB2_IMPERSONATION,
                .desired_access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES,
                .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                .disposition = disposition,
                .name = wr_written(&n),
            });
    client_send(c, request, SMB2_CREATE, wr_written(&w), 0);
}

void client_read(struct client *c, struct request *request, uint64_t offset, uint32_t length)
{
    uint8_t body[64];
    struct wr w = wr_from(body, sizeof body);

    smb2_read_request_put(
        &w, &(struct smb2_read_request){.file = c->file, .offset = offset, .length = length});
    client_send(c, request, SMB2_READ, wr_written(&w), length);
}

void client_write(struct client *c, struct request *request, uint64_t offset, struct span data)
{
    struct request_spec spec = spec_of(c, SMB2_WRITE, (uint32_t)data.len);
    struct buf *payload = pool_take(&c->env->pool, data.len);
    struct wr w;

    ck_assert_ptr_nonnull(payload);
    memcpy(buf_data(payload), data.ptr, data.len);
    payload->len = data.len;
    request_body_before(request, payload, SMB2_WRITE_REQUEST_LEN, &w);
    smb2_write_request_put(&w, &(struct smb2_write_request){.length = (uint32_t)data.len,
                                                            .offset = offset,
                                                            .file = c->file});
    request_send(request, &w, &spec, NULL);
}

void client_close(struct client *c, struct request *request)
{
    uint8_t body[32];
    struct wr w = wr_from(body, sizeof body);

    smb2_close_request_put(&w, &(struct smb2_close_request){.file = c->file});
    client_send(c, request, SMB2_CLOSE, wr_written(&w), 0);
}

void client_echo(struct client *c, struct request *request)
{
    uint8_t body[SMB2_EMPTY_LEN];
    struct wr w = wr_from(body, sizeof body);

    smb2_empty_put(&w);
    client_send(c, request, SMB2_ECHO, wr_written(&w), 0);
}

bool client_open(struct client *c, const char *path)
{
    struct request request = {0};
    struct smb2_create_reply reply;

    client_create(c, &request, path, FILE_OPEN_IF);
    wire_run(&c->wire);
    bool ok = request_done(&request) && !request.failure && request.status == STATUS_SUCCESS &&
              smb2_create_reply_get(&reply, request.message);
    if (ok) {
        c->file = reply.file;
    } else if (request_done(&request)) {
        request_error(&request, &c->err);
    }
    request_drop(&request);
    return ok;
}

struct span client_data(const struct request *request, uint32_t asked)
{
    struct smb2_read_reply reply;

    if (!request_done(request) || request->failure || request->status != STATUS_SUCCESS ||
        !smb2_read_reply_get(&reply, request->message, asked)) {
        return (struct span){0};
    }
    return reply.data;
}
