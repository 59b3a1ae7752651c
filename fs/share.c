/* share.c: holding a share. */
#include "fs/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "conn/exchange.h"
#include "fs/attach.h"
#include "fs/connect.h"
#include "fs/job.h"
#include "proto/filetime.h"
#include "proto/misc.h"
#include "proto/tree.h"

/* ---------------------------------------------------------------- addressing */

struct lsmb *share_context(const struct lsmb_share *share)
{
    return share->smb;
}

struct share_seen *share_seen(struct lsmb_share *share)
{
    return &share->seen;
}

uint16_t share_dialect(const struct lsmb_share *share)
{
    return share->lane->link ? share->lane->link->conn.got.dialect : 0;
}

bool share_up(const struct lsmb_share *share)
{
    return lane_up(share->lane);
}

void share_why_lost(const struct lsmb_share *share, struct lsmb_error *err)
{
    lane_why_lost(share->lane, err);
}

enum op_next share_lost(struct op *op, const struct lsmb_share *share)
{
    struct lsmb_error err;

    share_why_lost(share, &err);
    return op_fail_as(op, &err);
}

static const struct conn *conn_of(const struct lsmb_share *share)
{
    return &share->lane->link->conn;
}

uint32_t share_read_limit(const struct lsmb_share *share)
{
    return conn_payload_limit(conn_of(share), conn_of(share)->got.max_read);
}

uint32_t share_write_limit(const struct lsmb_share *share)
{
    return conn_payload_limit(conn_of(share), conn_of(share)->got.max_write);
}

uint32_t share_transact_limit(const struct lsmb_share *share)
{
    return conn_payload_limit(conn_of(share), conn_of(share)->got.max_transact);
}

uint64_t share_round_trip_ns(const struct lsmb_share *share)
{
    return conn_of(share)->round_trip_ns;
}

bool share_wants_data(const struct lsmb_share *share)
{
    return conn_wants_data(conn_of(share));
}

bool share_stuck(const struct lsmb_share *share)
{
    return share->lane->link->stuck;
}

struct request_spec share_spec(const struct lsmb_share *share, uint16_t command, uint32_t payload,
                               bool data)
{
    return (struct request_spec){
        .channel = &share->lane->channel,
        .tree_id = share->tree.id,
        .seal = share->tree.seal,
        .command = command,
        .data = data,
        .payload = payload,
    };
}

void share_path_text(const struct lsmb_share *share, const char *path, char *out, size_t out_len)
{
    while (*path == '/' || *path == '\\') {
        path++;
    }
    (void)snprintf(out, out_len, "%s%s%s", share->unc, *path ? "\\" : "", path);
    for (char *c = out; *c; c++) {
        if (*c == '/') {
            *c = '\\';
        }
    }
}

void share_error_path(const struct lsmb_share *share, const char *path, struct lsmb_error *err)
{
    char unc[sizeof err->path];

    share_path_text(share, path, unc, sizeof unc);
    error_path(err, unc);
}

/* ---------------------------------------------------------------- opening */

struct share_open_job {
    struct lsmb_job job;      /* first */
    struct lsmb_share *share; /* owned until it is the caller's */
    struct lsmb_share **out;
    bool lazy;
    struct lsmb_error early; /* what was wrong before anything began */
    struct connect_op connect;
    struct attach_op attach;
};

static enum op_next start_connect(struct op *op);
static enum op_next start_attach(struct op *op);
static enum op_next take_attach(struct op *op);

enum { ST_CONNECT, ST_ATTACH, ST_ATTACHED };

static const struct op_step share_open_steps[] = {
    [ST_CONNECT] = {"connect", start_connect, 0},
    [ST_ATTACH] = {"connect to the share", start_attach, 0},
    [ST_ATTACHED] = {"connect to the share", take_attach, 0},
};

static struct share_open_job *open_job_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_open_job, job.op);
}

/* Let go of a share that is not, or no longer, in the host's hands. */
static void share_free(struct lsmb_share *share)
{
    struct server *server = share->server;

    list_remove(&share->node);
    if (share->lane && share_up(share)) {
        tree_disconnect(&share->tree, &share->lane->channel);
    }
    lane_put(share->lane);
    lane_put(share->lost);
    server_put(server);
    free(share);
}

static void release(struct op *op)
{
    struct share_open_job *j = open_job_of(op);

    if (j->share) {
        error_path(&op->err, j->share->unc);
        share_free(j->share);
        j->share = NULL;
    }
}

static const struct op_kind share_open_kind = {"open a share", share_open_steps, release};

/* Everything that can be refused without a server. */
static bool prepare(struct share_open_job *j, const struct lsmb_target *target)
{
    struct lsmb_share *share = j->share;
    bool has_name = target->share && target->share[0] &&
                    strlen(target->share) < sizeof share->name && !strpbrk(target->share, "\\/");

    share->smb = j->job.smb;
    share->server = server_get(share->smb, target, &j->early);
    if (!share->server) {
        return false;
    }
    if (!has_name) {
        error_set(&j->early, LSMB_E_USAGE,
                  "the share's name is missing, too long or has a separator");
        return false;
    }
    (void)snprintf(share->name, sizeof share->name, "%s", target->share);
    (void)snprintf(share->unc, sizeof share->unc, "\\\\%s\\%s", target->host, target->share);
    share->lane = lane_get(share->server, &j->early);
    return share->lane != NULL;
}

struct lsmb_job *lsmb_share_open_start(struct lsmb *smb, const struct lsmb_target *target,
                                       struct lsmb_share **share, lsmb_done_fn *done, void *arg)
{
    struct share_open_job *j = job_new(smb, sizeof *j, done, arg);
    struct lsmb_target mine;

    if (!j) {
        return NULL;
    }
    options_take(&mine, sizeof mine, target, target->size);
    j->out = share;
    j->lazy = mine.lazy;
    j->share = calloc(1, sizeof *j->share);
    if (!j->share) {
        free(j);
        return NULL;
    }
    (void)prepare(j, &mine); /* a failure comes out of the first step */
    return job_begin(&j->job, &share_open_kind);
}

static enum op_next start_connect(struct op *op)
{
    struct share_open_job *j = open_job_of(op);

    if (j->early.code != LSMB_OK) {
        return op_fail_as(op, &j->early);
    }
    connect_start(&j->connect, op, &j->share->lane);
    return op_go(op, ST_ATTACH);
}

static enum op_next hand_over(struct share_open_job *j)
{
    list_push_back(&j->job.smb->shares, &j->share->node);
    *j->out = j->share;
    j->share = NULL;
    return OP_DONE;
}

static enum op_next start_attach(struct op *op)
{
    struct share_open_job *j = open_job_of(op);

    enum op_next next = op_await(op, &j->connect.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (j->lazy) {
        return hand_over(j);
    }
    attach_start(&j->attach, op, j->share);
    return op_go(op, ST_ATTACHED);
}

static enum op_next take_attach(struct op *op)
{
    struct share_open_job *j = open_job_of(op);

    enum op_next next = op_await(op, &j->attach.op);

    return next == OP_AGAIN ? hand_over(j) : next;
}

enum lsmb_code lsmb_share_open(struct lsmb *smb, const struct lsmb_target *target,
                               struct lsmb_share **share, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(smb, lsmb_share_open_start(smb, target, share, job_wait_done, &wait), &wait,
                    err);
}

void lsmb_share_close(struct lsmb_share *share)
{
    if (share) {
        share_free(share);
    }
}

/* ---------------------------------------------------------------- what was negotiated */

static void describe(const struct lsmb_share *share, struct lsmb_share_info *info)
{
    const struct lane *lane = share->lane;
    const struct session *session = &lane->session;
    bool keys = lane->channel.signer != NULL;

    *info = (struct lsmb_share_info){
        .size = sizeof *info,
        .sealing = session->seal || share->tree.seal,
        .signing = keys && session->sign,
        .guest = session->guest,
        .anonymous = session->anonymous,
        .netbios = lane->server->netbios,
        .share_flags = share->tree.share_flags,
        .share_capabilities = share->tree.capabilities,
        .share_type = share->tree.share_type,
    };
    (void)snprintf(info->mechanism, sizeof info->mechanism, "%s", lane->mechanism);
    (void)snprintf(info->netbios_name, sizeof info->netbios_name, "%s", lane->netbios_name);
    (void)snprintf(info->server_name, sizeof info->server_name, "%s", lane->server_name);
    (void)snprintf(info->server_domain, sizeof info->server_domain, "%s", lane->server_domain);
    if (!lane->link) {
        return;
    }
    const struct conn *conn = &lane->link->conn;
    info->dialect = conn->got.dialect;
    info->capabilities = conn->got.capabilities;
    info->signing_alg = keys ? (uint8_t)(conn->got.signing_alg + 1) : 0;
    info->cipher = (uint8_t)conn->got.cipher;
    info->max_transact = conn->got.max_transact;
    info->max_read = conn->got.max_read;
    info->max_write = conn->got.max_write;
    info->credits = conn->credits;
    info->round_trip_ns = conn->round_trip_ns;
    info->server_time = filetime_to_ns(conn->got.system_time);
    memcpy(info->server_guid, conn->got.server_guid, sizeof info->server_guid);
    if (lane->link->stream) {
        (void)snprintf(info->address, sizeof info->address, "%s", lane->link->stream->peer);
    }
}

void lsmb_share_info(struct lsmb_share *share, struct lsmb_share_info *info)
{
    struct lsmb_share_info mine;
    size_t size = info->size;

    describe(share, &mine);
    mine.size = size;
    options_give(info, size, &mine, sizeof mine);
}

/* ---------------------------------------------------------------- ECHO */

struct echo_job {
    struct lsmb_job job; /* first */
    struct lsmb_share *share;
    struct request request;
};

static enum op_next send_echo(struct op *op);
static enum op_next take_echo(struct op *op);

enum { ST_ECHO, ST_ECHO_REPLY };

static const struct op_step echo_steps[] = {
    [ST_ECHO] = {"ask for an echo", send_echo, 0},
    [ST_ECHO_REPLY] = {"ask for an echo", take_echo, 0},
};

static void release_echo(struct op *op)
{
    request_drop(&CONTAINER_OF(op, struct echo_job, job.op)->request);
}

static const struct op_kind echo_kind = {"echo", echo_steps, release_echo};

static enum op_next send_echo(struct op *op)
{
    struct echo_job *j = CONTAINER_OF(op, struct echo_job, job.op);
    struct request_spec spec = share_spec(j->share, SMB2_ECHO, 0, false);
    struct wr w;

    spec.tree_id = 0;
    if (!share_up(j->share)) {
        return share_lost(op, j->share);
    }
    if (!request_body(&j->request, op->env, SMB2_EMPTY_LEN, &w)) {
        return fail_no_buffer(op);
    }
    smb2_empty_put(&w);
    request_send(&j->request, &w, &spec, &op->ready);
    return op_go(op, ST_ECHO_REPLY);
}

static enum op_next take_echo(struct op *op)
{
    struct echo_job *j = CONTAINER_OF(op, struct echo_job, job.op);
    enum op_next next = await_success(op, &j->request);

    return next == OP_AGAIN ? OP_DONE : next;
}

struct lsmb_job *lsmb_share_echo_start(struct lsmb_share *share, lsmb_done_fn *done, void *arg)
{
    struct echo_job *j = job_new(share->smb, sizeof *j, done, arg);

    if (!j) {
        return NULL;
    }
    j->share = share;
    return job_begin(&j->job, &echo_kind);
}

enum lsmb_code lsmb_share_echo(struct lsmb_share *share, struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share->smb, lsmb_share_echo_start(share, job_wait_done, &wait), &wait, err);
}
