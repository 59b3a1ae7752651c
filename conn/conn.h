/* conn.h: the protocol state of one connection to a server (MS-SMB2 3.2.1.2).
 *
 * A conn has no I/O and no clock of its own.  It is fed received frames and lays out frames to send:
 *
 *   conn_receive()     one frame in          conn/conn.c
 *   conn->output       frames to send; conn_sent() says how many bytes of them went
 *   request_send()     what is to be asked   conn/request.c
 *
 * Requests wait in two queues for credits (control before data), get their MessageId, are signed or
 * sealed and leave; they are found again by MessageId when the answer comes.  A breach of the protocol
 * or of its security ends the connection: conn_fail() says why once, and every request on it ends with
 * that error. */
#ifndef LSMB_CONN_CONN_H
#define LSMB_CONN_CONN_H

#include "auth/preauth.h"
#include "base/env.h"
#include "base/error.h"
#include "conn/policy.h"

enum {
    CONN_BUCKETS = 64,         /* of the table of requests in flight */
    CONN_CREDITS_WANTED = 512, /* what we ask to hold at least, in flight included */
    CONN_CREDITS_SPARE = 64,   /* and beyond what data can use, for control requests */
    CONN_CREDITS_MOST = 8192,  /* no server gives more: Windows and Samba stop there */
    CONN_STRAY_MAX =
        64, /* messages to nobody that are discarded in a row before the link is given up */
    CONN_OVERHEAD = 8192,      /* headers, error bodies and padding around a payload in one frame */
    SMB2_CREDIT_BYTES = 65536, /* payload that one credit pays for (MS-SMB2 3.1.5.2) */
    SMB2_CREDITS_MAX = 65535,  /* what over-granting saturates at */
};

struct conn_break;

/* What NEGOTIATE settled (MS-SMB2 3.2.5.2). */
struct negotiated {
    uint16_t dialect; /* 0 until then */
    bool by_smb1;     /* by the multi-protocol NEGOTIATE alone, which says nothing of us */
    uint16_t cipher;  /* 0 = none */
    uint16_t signing_alg;
    bool signing_required; /* by us or by the server */
    bool large_mtu;
    uint16_t security_mode; /* the server's, as received */
    uint32_t capabilities;  /* likewise */
    uint32_t max_transact, max_read, max_write;
    uint8_t server_guid[16];
    uint64_t system_time; /* FILETIME, 0 = not said */
};

struct conn {
    struct env *env;             /* borrowed */
    const struct policy *policy; /* borrowed */
    uint8_t client_guid[16];
    bool netbios;   /* carried by a NetBIOS session: no large MTU (MS-SMB2 3.3.5.4) */
    bool validated; /* NEGOTIATE is known to be unchanged (MS-SMB2 3.2.5.5) */
    struct negotiated got;
    struct preauth preauth; /* the connection's transcript */

    uint64_t next_message_id;
    uint32_t credits;                           /* granted and unused, at most 65535 */
    uint32_t credits_used;                      /* paid for requests in flight */
    uint32_t credits_peak;                      /* the largest balance so far */
    struct list waiting_control, waiting_data;  /* requests for want of credits */
    struct list in_flight[CONN_BUCKETS];        /* requests by MessageId */
    unsigned in_flight_count, unanswered_count; /* unanswered: in flight and not PENDING, or ECHO */
    struct list channels;                       /* sessions on this connection */

    uint32_t asked_peak;          /* the largest payload ever asked for, in bytes */
    struct list output;           /* bufs to send, in order */
    size_t output_sent;           /* bytes of the first one that have gone */
    void (*on_output)(void *arg); /* there is something to send, or the conn has failed */
    /* An oplock or a lease breaks (conn/oplock_break).  Called while a frame is taken: it may note, wake and
     * send, not wait.  False: nothing that is held.  NULL: nothing is held at all. */
    bool (*on_break)(void *arg, const struct conn_break *broken);
    void *owner; /* the argument of both */

    struct timer silence;
    struct ready silence_over;
    uint64_t progress_ns;   /* when the last byte moved */
    bool unprobed;          /* it has been silent, and could not be asked whether it is alive */
    unsigned strays;        /* answers and notifications discarded since the last good answer */
    uint64_t round_trip_ns; /* smallest seen; 0 = none yet */
    struct lsmb_error err;  /* why it is dead; LSMB_OK while it lives */
};

/* Prepare for a fresh link.  client_guid: 16 bytes. */
void conn_init(struct conn *conn, struct env *env, const struct policy *policy,
               const uint8_t *client_guid);

/* Forget everything.  Requests must have ended; their owners are not told. */
void conn_free(struct conn *conn);

/* Take one received frame, without its length prefix; `frame` is consumed. */
void conn_receive(struct conn *conn, struct buf *frame);

/* The longest frame that may come now, in bytes: no answer is longer than what was asked for. */
size_t conn_frame_limit(const struct conn *conn);

/* The frames to send, in order, as bufs on `conn->output`.  The link says how many bytes went out; a
 * buf that is sent completely goes back to its request, or is freed. */
void conn_sent(struct conn *conn, size_t bytes);

/* Bytes came in: the silence starts anew. */
void conn_progress(struct conn *conn);

/* So many bytes of payload may come in one frame.  For conn/request. */
static inline void conn_expect(struct conn *conn, uint32_t payload)
{
    if (payload > conn->asked_peak) {
        conn->asked_peak = payload;
    }
}

/* Put a finished frame behind what is to be sent.  For conn/request. */
void conn_queue(struct conn *conn, struct buf *frame);

/* See to it that the silence is watched while somebody waits for the server.  For conn/request. */
void conn_watch(struct conn *conn);

/* End it: `err` is copied, every request ends with it.  Only the first call counts. */
void conn_fail(struct conn *conn, const struct lsmb_error *err);
void conn_fail_with(struct conn *conn, enum lsmb_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static inline bool conn_dead(const struct conn *conn)
{
    return conn->err.code != LSMB_OK;
}

/* Whether a data request could be issued at once: credits are left and nothing waits for them. */
bool conn_wants_data(const struct conn *conn);

/* The largest payload for a READ or WRITE now, given what the server allows for it: never more than half
 * of the largest balance can pay for, so that one request cannot starve the rest. */
uint32_t conn_payload_limit(const struct conn *conn, uint32_t server_limit);

#endif
