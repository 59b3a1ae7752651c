/* nbns_query.h: asking the NetBIOS name service (RFC 1002 4.2, 5.1): which addresses has this name, and
 * what does this host call itself?
 *
 * Questions go out in single datagrams, are repeated a few times and given up after a second or two,
 * not after the 15 s of RFC 1002: who asks is waiting.  Answers count when they carry our transaction
 * id and the name we asked for; one host that is asked must be the one that answers. */
#ifndef LSMB_TRANSPORT_NBNS_QUERY_H
#define LSMB_TRANSPORT_NBNS_QUERY_H

#include "base/op.h"
#include "proto/nbns.h"
#include "transport/loop.h"

#include <sys/socket.h>

enum { NBNS_QUERY_ASKED_MAX = 8, NBNS_QUERY_ADDRESSES_MAX = 8 };

/* Whom to ask: one name server, or everybody in the networks with these broadcast addresses. */
struct nbns_query_asked {
    struct sockaddr_storage at[NBNS_QUERY_ASKED_MAX];
    unsigned count;
    bool broadcast;
};

/* Embedded in the operation that asks, zeroed before; its fields are transport/nbns_query.c's own but
 * for the answers. */
struct nbns_query_op {
    struct op op; /* first */
    struct loop *loop;
    struct watch watch;
    int fd; /* owned; -1: none */
    struct nbns_query_asked asked;
    struct nbns_packet question;
    struct timer again; /* armed: this try is still waited for */
    unsigned tries;

    /* The answers: of a query, addresses with port 0; of a node status, the name to call it by. */
    struct sockaddr_storage addresses[NBNS_QUERY_ADDRESSES_MAX];
    unsigned address_count;
    struct nbss_name learned;
};

/* Start as a child of `parent`: which addresses has the host with this name?  RFC 1002 4.2.12.
 * Fails with LSMB_E_NETWORK (nobody knows it, or no network to ask in), LSMB_E_LOCAL (no socket, no
 * random numbers). */
void nbns_query_start(struct nbns_query_op *query, struct op *parent, struct loop *loop,
                      const struct nbss_name *name, const struct nbns_query_asked *asked);

/* Start as a child of `parent`: what does the host at this address call its file service?
 * RFC 1002 4.2.17.  Fails likewise; LSMB_E_NETWORK, too, for an address that is not IPv4, which is all
 * that NetBIOS knows. */
void nbns_query_status_start(struct nbns_query_op *query, struct op *parent, struct loop *loop,
                             const struct sockaddr_storage *host);

/* The broadcast addresses of this machine's networks, with the name service's port. */
void nbns_query_broadcasts(struct nbns_query_asked *out);

/* Make a NetBIOS name of `text` as Windows does: upper case, cut off after 15 characters.  False when
 * it is empty or has characters beyond ASCII: how those are spelled only the server's code page
 * says. */
bool nbss_name_make(struct nbss_name *out, const char *text, uint8_t suffix);

#endif
