/* client.h: a whole client without a network, wired to a peer of its own.
 *
 *     struct client c;
 *
 *     client_init(&c, NULL, NULL);
 *     ck_assert(client_connect(&c));         // NEGOTIATE, logon, TREE_CONNECT
 *     ck_assert(client_open(&c, "a.txt"));
 *     client_read(&c, &request, 0, 100);
 *     wire_run(&c.wire);
 *     ck_assert(request_done(&request));
 *     request_drop(&request);
 *     client_free(&c);
 *
 * Each step returns whether it worked; if not, c.err says why. */
#ifndef LSMB_TEST_PEER_CLIENT_H
#define LSMB_TEST_PEER_CLIENT_H

#include "auth/credentials.h"
#include "conn/logon.h"
#include "conn/negotiate.h"
#include "conn/tree.h"
#include "test/peer/wire.h"

/* An op that only waits for a child. */
struct waiting_op {
    struct op op; /* first */
    struct op *child;
};

/* Begin one; start the child with it as parent, then name the child here. */
void waiting_op_start(struct waiting_op *waiting, struct env *env);

struct client {
    struct script_env script;
    struct env *env; /* of the script */
    struct policy policy;
    struct credentials who;
    struct peer peer;
    struct wire wire;
    struct conn conn;
    struct session session;
    struct channel channel;
    struct tree tree;
    struct smb2_file_id file; /* what client_open() opened */
    struct waiting_op parent;
    enum negotiate_form form; /* NEGOTIATE_SMB2 unless it is changed before */
    struct negotiate_op negotiate;
    struct logon_op logon;
    struct tree_op connect;
    struct mech *mech;
    struct ready expired;
    unsigned expirations; /* how often `expired` was woken */
    struct lsmb_error err;
    bool peer_may_complain; /* client_free() does not look at the peer's complaint */
};

/* `policy` and `config` may be NULL.  The file "a.txt" is there, with CLIENT_FILE_TEXT in it. */
void client_init(struct client *c, const struct lsmb_policy *policy,
                 const struct peer_config *config);

#define CLIENT_FILE_TEXT "The quick brown fox jumps over the lazy dog.\n"

/* End all.  Requests must have been dropped.  Fails the test if something was left behind, or if the
 * client did what a client must not do. */
void client_free(struct client *c);

/* Use this password, user or host instead ("user", "password", "server"). */
void client_log_on_as(struct client *c, const char *user, const char *password);

/* One step each; the wire is run until it has ended. */
bool client_negotiate(struct client *c);
bool client_logon(struct client *c);
bool client_tree(struct client *c);

/* Start a step without running the wire; client_finish() runs it and says how it ended. */
void client_negotiate_start(struct client *c);
void client_logon_start(struct client *c);
void client_tree_start(struct client *c);
bool client_finish(struct client *c);

/* Log on once more in the same session; c->expired says that the server has asked for it, once it is told
 * to whom: c->session.expired = &c->expired. */
void client_logon_again_start(struct client *c);

/* All three. */
bool client_connect(struct client *c);

/* Send a request of the session, in the tree, and leave it in flight. */
void client_send(struct client *c, struct request *request, uint16_t command, struct span body,
                 uint32_t payload);
void client_create(struct client *c, struct request *request, const char *path,
                   uint32_t disposition);
void client_read(struct client *c, struct request *request, uint64_t offset, uint32_t length);
void client_write(struct client *c, struct request *request, uint64_t offset, struct span data);
void client_close(struct client *c, struct request *request);
void client_echo(struct client *c, struct request *request);

/* CREATE "path" there and back: c->file. */
bool client_open(struct client *c, const char *path);

/* The data of a READ that was answered, empty if it is not that. */
struct span client_data(const struct request *request, uint32_t asked);

#endif
