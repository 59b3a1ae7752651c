/* server.h: a server as we know it, and the lanes by which we reach it. */
#ifndef LSMB_FS_SERVER_H
#define LSMB_FS_SERVER_H

#include <sys/socket.h>

#include "auth/credentials.h"
#include "conn/session.h"
#include "fs/link.h"
#include "fs/lsmb.h"
#include "fs/relogon.h"
#include "proto/nbss.h"

struct server {
    struct list node; /* in lsmb.servers */
    struct lsmb *smb;
    char host[256];
    uint16_t port;
    bool netbios; /* reached by a NetBIOS session, in which it and we are called so: */
    struct nbss_name called, calling; /* called: "" = by a name that it takes (transport/call.h) */
    struct policy policy;
    struct credentials who;
    struct list lanes;
    bool
        attach_apart; /* it takes TREE_CONNECT and what follows it in one frame amiss (fs/open_chain) */
    unsigned refs; /* shares that name it */
};

struct connect_op;

/* One parallel connection: our ClientGuid, a session and the channel it is reached by.  It is brought up
 * once.  When it is lost it stays as it is until the last share on it is let go: TreeIds and FileIds mean
 * nothing in another session, so what is new goes to a new lane. */
struct lane {
    struct list node; /* in server.lanes */
    struct server *server;
    uint8_t client_guid[16];
    struct link *link; /* owned; NULL while not connected */
    /* Of the server's addresses the one that it is, or is to be, connected to; AF_UNSPEC: any.  Not over NetBIOS. */
    struct sockaddr_storage address;
    bool was_up;                   /* and may be still: lane_up() */
    bool doubted;                  /* was asked whether it lives, and said nothing */
    bool cloned;                   /* a clone's own: nobody else is put on it (lsmb_share_clone) */
    struct connect_op *connecting; /* borrowed: brings it up now; NULL: nobody does */
    struct list waiting;           /* connect_op, for that */
    struct session session;
    struct channel channel;
    struct relogon relogon;
    unsigned chains_failed; /* in a row: compounds that the server took apart (fs/open_chain) */
    uint8_t *hint; /* owned: the mechanisms that NEGOTIATE named (MS-SMB2 2.2.4), for every logon */
    size_t hint_len;    /* bytes; 0: it left that to us */
    char mechanism[16]; /* how we logged on: "NTLMv2" */
    /* What the server was called; "" = not over NetBIOS. */
    char netbios_name[NBSS_NAME_TEXT_MAX + 1];
    char server_name[256], server_domain[256]; /* as the server names itself */
    unsigned refs;
};

/* The server for a target, with one reference for the caller: an existing one with the same host, port,
 * transport, user and policy, or a new one.  NULL with `err` filled in. */
struct server *server_get(struct lsmb *smb, const struct lsmb_target *target,
                          struct lsmb_error *err);

/* Let go; the last one frees it.  Lanes must have gone before.  NULL is fine. */
void server_put(struct server *server);

/* A lane with one reference: one that is up and not in doubt, or is being brought up, or a new one; never a
 * clone's.  NULL with `err` filled in. */
struct lane *lane_get(struct server *server, struct lsmb_error *err);

/* A new lane with one reference, whatever others there are.  NULL with `err` filled in. */
struct lane *lane_new(struct server *server, struct lsmb_error *err);

/* Whether nothing has come by a lane for so long that nobody knows whether it lives. */
bool lane_idle(const struct lane *lane);

/* Let go; the last one says goodbye (LOGOFF is sent, not awaited) and frees it.  NULL is fine. */
void lane_put(struct lane *lane);

/* Close and free the link, if there is one.  Nothing may run on it. */
void lane_hang_up(struct lane *lane);

/* Why a lane that was up is not any more. */
void lane_why_lost(const struct lane *lane, struct lsmb_error *err);

/* Whether it can be used: requests may have to wait until the user has logged on again (fs/relogon). */
static inline bool lane_up(const struct lane *lane)
{
    return lane->was_up && lane->link && !conn_dead(&lane->link->conn) &&
           lane->session.gate != SESSION_DEAD;
}

#endif
