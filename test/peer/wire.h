/* wire.h: frames between a struct conn and a peer, without streams.
 *
 *     wire_run(&wire);    // until nobody has anything to say
 *
 * Whoever sits on the wire may look at each frame, change it in place, or lose it. */
#ifndef LSMB_TEST_PEER_WIRE_H
#define LSMB_TEST_PEER_WIRE_H

#include "conn/conn.h"
#include "test/peer/peer.h"
#include "test/script.h"

struct wire {
    struct script_env *script; /* borrowed, like the two ends */
    struct conn *conn;
    struct peer_link *link;
    /* Sees every frame without its length prefix; false loses it.  NULL: nobody is there. */
    bool (*to_server)(void *arg, uint8_t *frame, size_t len);
    bool (*to_client)(void *arg, uint8_t *frame, size_t len);
    void *arg;
    unsigned sent, received; /* frames that went to the server, and to the client */
};

/* Move what is there in one direction.  Returns how many frames moved. */
unsigned wire_to_server(struct wire *wire);
unsigned wire_to_client(struct wire *wire);

/* Move frames both ways and let the client work, until all is quiet.  A link that the server has closed
 * ends the conn with LSMB_E_NETWORK, once everything has been delivered. */
void wire_run(struct wire *wire);

#endif
