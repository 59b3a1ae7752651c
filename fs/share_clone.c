/* share_clone.c: a share once more, by another connection. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/connect.h"
#include "fs/holding.h"
#include "fs/job.h"

struct clone_job {
    struct lsmb_job job;      /* first */
    struct lsmb_share *clone; /* owned until it is the caller's */
    struct lsmb_share **out;
    uint8_t server_guid[16]; /* of the share that is cloned */
    struct lsmb_error early; /* what was wrong before anything began */
    struct connect_op connect;
    struct tree_op tree;
};

static enum op_next start_connect(struct op *op);
static enum op_next start_tree(struct op *op);
static enum op_next take_tree(struct op *op);

enum { ST_CONNECT, ST_TREE, ST_ATTACHED };

static const struct op_step clone_steps[] = {
    [ST_CONNECT] = {"connect once more", start_connect, 0},
    [ST_TREE] = {"connect to the share once more", start_tree, 0},
    [ST_ATTACHED] = {"connect to the share once more", take_tree, 0},
};

static struct clone_job *clone_job_of(struct op *op)
{
    return CONTAINER_OF(op, struct clone_job, job.op);
}

/* Its lane goes with it, so that there is no tree to say goodbye to. */
static void release(struct op *op)
{
    struct clone_job *j = clone_job_of(op);

    if (j->clone) {
        error_path(&op->err, j->clone->unc);
        lane_put(j->clone->lane);
        server_put(j->clone->server);
        free(j->clone);
        j->clone = NULL;
    }
}

static const struct op_kind clone_kind = {"clone a share", clone_steps, release};

static enum op_next start_connect(struct op *op)
{
    struct clone_job *j = clone_job_of(op);

    if (j->early.code != LSMB_OK) {
        return op_fail_as(op, &j->early);
    }
    connect_start(&j->connect, op, &j->clone->lane);
    return op_go(op, ST_TREE);
}

/* Behind one name there may be several servers, and behind one address, too (MS-SMB2 2.2.4, ServerGuid). */
static bool is_same_server(const struct clone_job *j)
{
    const struct conn *conn = &j->clone->lane->link->conn;

    return memcmp(conn->got.server_guid, j->server_guid, sizeof j->server_guid) == 0;
}

static enum op_next start_tree(struct op *op)
{
    struct clone_job *j = clone_job_of(op);
    struct lsmb_share *clone = j->clone;
    enum op_next next = op_await(op, &j->connect.op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!is_same_server(j)) {
        return op_fail(op, LSMB_E_NETWORK, "another server has answered to its name");
    }
    tree_connect_start(&j->tree, op, &clone->lane->channel, &clone->tree, clone->unc);
    return op_go(op, ST_ATTACHED);
}

static enum op_next take_tree(struct op *op)
{
    struct clone_job *j = clone_job_of(op);
    enum op_next next = op_await(op, &j->tree.op);

    if (next != OP_AGAIN) {
        return next;
    }
    list_push_back(&j->job.smb->shares, &j->clone->node);
    *j->out = j->clone;
    j->clone = NULL;
    return OP_DONE;
}

/* The server object has the credentials, so a clone is of the same user even where he has closed the share
 * by then.  NULL: no memory. */
static struct lsmb_share *clone_of(const struct lsmb_share *share, struct lsmb_error *err)
{
    struct lsmb_share *clone = calloc(1, sizeof *clone);

    if (!clone) {
        return NULL;
    }
    clone->smb = share->smb;
    clone->server = share->server;
    clone->server->refs++;
    (void)snprintf(clone->name, sizeof clone->name, "%s", share->name);
    (void)snprintf(clone->unc, sizeof clone->unc, "%s", share->unc);
    clone->lane = lane_new(clone->server, err);
    if (clone->lane) {
        clone->lane->cloned = true;
        clone->lane->address = share->lane->address;
    }
    return clone;
}

/* By which the clone is known to be of the same server.  Early failures come out of the first step. */
static void take_guid(struct clone_job *j, const struct lsmb_share *share)
{
    const struct link *link = share->lane->link;

    if (link) {
        memcpy(j->server_guid, link->conn.got.server_guid, sizeof j->server_guid);
    } else {
        share_why_lost(share, &j->early);
    }
}

struct lsmb_job *lsmb_share_clone_start(struct lsmb_share *share, struct lsmb_share **clone,
                                        lsmb_done_fn *done, void *arg)
{
    struct clone_job *j = job_new(share_context(share), sizeof *j, done, arg);

    if (!j) {
        return NULL;
    }
    j->out = clone;
    j->clone = clone_of(share, &j->early); /* a lane that fails comes out of the first step */
    if (!j->clone) {
        free(j);
        return NULL;
    }
    take_guid(j, share);
    return job_begin(&j->job, &clone_kind);
}

enum lsmb_code lsmb_share_clone(struct lsmb_share *share, struct lsmb_share **clone,
                                struct lsmb_error *err)
{
    struct job_wait wait = {0};

    return job_wait(share_context(share),
                    lsmb_share_clone_start(share, clone, job_wait_done, &wait), &wait, err);
}
