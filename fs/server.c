/* server.c: servers and lanes, and letting go of them. */
#include "fs/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/nbns_query.h"

enum {
    SMB_PORT = 445,
    NETBIOS_PORT = 139,
    IDLE_MS = 5000, /* time enough for a firewall or a server to forget us, or to go away */
};

/* ---------------------------------------------------------------- servers */

/* Member by member: what lies between them is undefined. */
static bool same_policy(const struct policy *a, const struct policy *b)
{
    return a->dialect_count == b->dialect_count && a->cipher_count == b->cipher_count &&
           a->signing_count == b->signing_count &&
           memcmp(a->dialects, b->dialects, sizeof a->dialects) == 0 &&
           memcmp(a->ciphers, b->ciphers, sizeof a->ciphers) == 0 &&
           memcmp(a->signing_algs, b->signing_algs, sizeof a->signing_algs) == 0 &&
           a->require_signing == b->require_signing && a->require_sealing == b->require_sealing &&
           a->allow_guest == b->allow_guest && a->anonymous == b->anonymous &&
           a->allow_ntlmv1 == b->allow_ntlmv1;
}

/* Who the target says we are; nobody has neither name nor password. */
static bool take_credentials(struct credentials *who, const struct lsmb_target *target,
                             const struct policy *policy, struct lsmb_error *err)
{
    bool ok;

    *who = (struct credentials){0};
    if (policy->anonymous) {
        ok = credentials_set(who, NULL, NULL, NULL);
    } else {
        ok = credentials_set(who, target->user, target->domain, target->password) &&
             credentials_set_workstation(who, target->my_name) &&
             (!target->nt_hash || credentials_set_nt_hash(who, target->nt_hash));
    }
    if (!ok) {
        credentials_wipe(who);
        error_set(err, LSMB_E_USAGE,
                  "user, domain, password or our own name is too long or not UTF-8");
    }
    return ok;
}

/* Where it is, and how it is spoken to. */
struct place {
    const char *host;
    uint16_t port;
    bool netbios;
    struct nbss_name called, calling;
};

/* A name that NetBIOS cannot spell is not one that a server insists on: do without it. */
static bool take_name(struct nbss_name *out, const char *text, uint8_t suffix, struct log *log)
{
    if (!text || !text[0]) {
        return false;
    }
    if (!nbss_name_make(out, text, suffix)) {
        log_line(log, LSMB_LOG_WARNING,
                 "%s is no NetBIOS name, since not all of it is ASCII: it is not used", text);
        return false;
    }
    if (strlen(text) > NBSS_NAME_TEXT_MAX) {
        log_line(log, LSMB_LOG_INFO, "%s is cut to the NetBIOS name %s", text, out->text);
    }
    return true;
}

static struct place place_of(const struct lsmb_target *target, struct log *log)
{
    struct place place = {.host = target->host, .netbios = target->netbios};

    if (target->netbios) {
        if (!take_name(&place.called, target->netbios_name, NBSS_FILE_SERVER, log)) {
            place.called = (struct nbss_name){0};
        }
        if (!take_name(&place.calling, target->my_name, NBSS_WORKSTATION, log)) {
            (void)nbss_name_make(&place.calling, "LAVA-SMB", NBSS_WORKSTATION);
        }
    }
    place.port = target->netbios ? NETBIOS_PORT : SMB_PORT;
    if (target->port) {
        place.port = target->port;
    }
    return place;
}

static bool same_place(const struct server *server, const struct place *place)
{
    return strcmp(server->host, place->host) == 0 && server->port == place->port &&
           server->netbios == place->netbios && nbss_name_equal(&server->called, &place->called) &&
           nbss_name_equal(&server->calling, &place->calling);
}

/* Two targets are one server if every answer it gave us holds for both. */
static bool matches(const struct server *server, const struct place *place,
                    const struct policy *policy, const struct credentials *who)
{
    return same_place(server, place) && same_policy(&server->policy, policy) &&
           credentials_equal(&server->who, who);
}

/* `who` is the server's from here on, unless there is no memory for it. */
static struct server *server_new(struct lsmb *smb, const struct place *place,
                                 const struct policy *policy, struct credentials *who,
                                 struct lsmb_error *err)
{
    struct server *server = calloc(1, sizeof *server);

    if (!server) {
        error_set(err, LSMB_E_NOMEM, "no memory for the server");
        return NULL;
    }
    server->smb = smb;
    server->port = place->port;
    server->netbios = place->netbios;
    server->called = place->called;
    server->calling = place->calling;
    server->policy = *policy;
    server->who = *who;
    *who = (struct credentials){0};
    list_init(&server->lanes);
    (void)snprintf(server->host, sizeof server->host, "%s", place->host);
    list_push_back(&smb->servers, &server->node);
    return server;
}

struct server *server_get(struct lsmb *smb, const struct lsmb_target *target,
                          struct lsmb_error *err)
{
    struct credentials who;
    struct policy policy;
    struct server *server = NULL;

    if (!target->host || !target->host[0] || strlen(target->host) >= sizeof server->host) {
        error_set(err, LSMB_E_USAGE, "the server's name is missing or too long");
        return NULL;
    }
    if (!policy_set(&policy, target->policy, err)) {
        return NULL;
    }
    if (!policy.anonymous && (!target->user || !target->user[0])) {
        /* Nobody becomes nobody by accident. */
        error_set(err, LSMB_E_USAGE, "no user to log on as");
        return NULL;
    }
    if (!take_credentials(&who, target, &policy, err)) {
        return NULL;
    }
    struct place place = place_of(target, &smb->env.log);
    LIST_EACH(node, &smb->servers)
    {
        struct server *known = CONTAINER_OF(node, struct server, node);
        if (!server && matches(known, &place, &policy, &who)) {
            server = known;
        }
    }
    if (!server) {
        server = server_new(smb, &place, &policy, &who, err);
    }
    credentials_wipe(&who);
    if (server) {
        server->refs++;
    }
    return server;
}

void server_put(struct server *server)
{
    if (!server || --server->refs > 0) {
        return;
    }
    list_remove(&server->node);
    credentials_wipe(&server->who);
    free(server);
}

/* ---------------------------------------------------------------- lanes */

struct lane *lane_new(struct server *server, struct lsmb_error *err)
{
    struct env *env = &server->smb->env;
    struct lane *lane = calloc(1, sizeof *lane);

    if (!lane) {
        error_set(err, LSMB_E_NOMEM, "no memory for a connection");
        return NULL;
    }
    /* A client's identity to the server; parallel connections have one each (MS-SMB2 3.2.1.1).  A Samba has
     * all that share one served by the same process. */
    if (!env->random->fill(env->random, lane->client_guid, sizeof lane->client_guid)) {
        error_set(err, LSMB_E_LOCAL, "the system gives no random numbers");
        free(lane);
        return NULL;
    }
    lane->server = server;
    lane->refs = 1;
    list_init(&lane->waiting);
    list_push_back(&server->lanes, &lane->node);
    session_init(&lane->session, env, &server->policy);
    return lane;
}

struct lane *lane_get(struct server *server, struct lsmb_error *err)
{
    LIST_EACH(node, &server->lanes)
    {
        struct lane *known = CONTAINER_OF(node, struct lane, node);
        bool usable = !known->was_up || (lane_up(known) && !known->doubted);
        if (usable && !known->cloned) {
            known->refs++;
            return known;
        }
    }
    return lane_new(server, err);
}

bool lane_idle(const struct lane *lane)
{
    const struct conn *conn = &lane->link->conn;

    return env_now(conn->env) - conn->progress_ns > IDLE_MS * NS_PER_MS;
}

void lane_hang_up(struct lane *lane)
{
    if (lane->link) {
        relogon_stop(&lane->relogon);
        session_logoff(&lane->session);
        link_close(lane->link);
        session_free(&lane->session);
        link_free(lane->link);
        free(lane->link);
        lane->link = NULL;
    }
}

void lane_put(struct lane *lane)
{
    if (!lane || --lane->refs > 0) {
        return;
    }
    lane_hang_up(lane);
    list_remove(&lane->node);
    free(lane->hint);
    free(lane);
}

void lane_why_lost(const struct lane *lane, struct lsmb_error *err)
{
    if (lane->link && conn_dead(&lane->link->conn)) {
        *err = lane->link->conn.err;
    } else if (lane->session.gate == SESSION_DEAD) {
        *err = lane->session.err;
    } else {
        error_set(err, LSMB_E_NETWORK, "the connection to the server was lost");
    }
}
